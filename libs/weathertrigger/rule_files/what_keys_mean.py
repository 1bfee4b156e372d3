"""What an editor shows beside a key: the sentences of docs/rules.md, in short."""

from collections.abc import Mapping
from types import MappingProxyType

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "owner": "Whose rules these are. A file has one owner.",
        "rules": "1 to 10,000 rules, those that templates make counted.",
        "id": "Letters, digits, '.', '_' and '-'; at most 100, and once in a file.",
        "name": "A line of text for people; the id unless it is said.",
        "place": 'Where the weather is looked at: "40.69,-74.17", or latitude and longitude.',
        "places": "Several places, by names of yours; `quorum` says how many of them must have the weather.",
        "quorum": "`any`, `all`, or how many of the places.",
        "every": "How often it is checked: 30 min, 12 h; 5 min to 24 h.",
        "at": 'A local time of day, "06:00", in the place of a grid of intervals.',
        "catch_up": "How late a check may still be made after an outage; one interval unless it is said.",
        "when": "The condition: a comparison, or all, any or not.",
        "cases": "Conditions with what each of them sets; the first that is true wins.",
        "hold": "How long the condition must have been true, and how long the rule stays active after its end.",
        "active": "Days and hours, local to the place, outside of which the rule is inactive.",
        "dates": "First and last day, and exceptions.",
        "on_no_data": "What to do when the weather cannot be told: hold (the default) keeps what is set.",
        "caps": "How far the rule may go at most, whatever else it says.",
        "targets": "What to change: 1 to 100.",
        "priority": "On one field the active rule with the highest number wins; 0 unless it is said.",
        "mode": "live, or dry_run (the default), which says what it would do.",
        "enabled": "false ends what the rule did.",
        "for_each": "One rule for each row of a CSV file or of a list; {column} stands for what the row says.",
        "csv": "A CSV file beside the rules file; its first line names the columns.",
        "metric": "What of the weather is compared.",
        "unit": "The unit of the numbers.",
        "above": "More than this.",
        "at_least": "This or more.",
        "below": "Less than this.",
        "at_most": "This or less.",
        "release": "The second threshold: on at the first, off only beyond this one.",
        "if_missing": "What the comparison is when there is no value: true, false or unknown.",
        "over": "A window instead of the present: hours around now, or local days.",
        "rises_by": "How much it has risen `within` some hours.",
        "falls_by": "How much it has fallen `within` some hours.",
        "account": "The ad account, as `automation-cli accounts list` names it.",
        "set": "What is set while the rule is active.",
        "otherwise": "What happens when it ends: baseline, leave, or a status.",
        "shared_budget": "allow: also where several campaigns share the budget.",
        "change": "A percentage of the baseline, with its sign: +20 %.",
        "timezone": "An IANA time zone; that of the coordinates unless it is said.",
    }
)
"""Key to what it means, wherever it stands."""
