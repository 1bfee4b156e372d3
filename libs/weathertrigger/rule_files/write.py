"""Rules to the text of a rules file, in YAML that every reader of YAML takes as ours does."""

from collections.abc import Sequence

import yaml

from weathertrigger.domain.rule import Rule
from weathertrigger.rule_files.read import plain
from weathertrigger.rule_files.spelling import spelled

# The C emitter is some ten times faster; it is missing only where PyYAML was built without libyaml.
_Fastest = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Fastest):  # type: ignore[misc,valid-type]  # which of the two is known only here
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Aliases are refused in rules files."""
        return True

    def quoted(self, text: str) -> yaml.ScalarNode:
        """PyYAML quotes what its own reader would not take for text; ours reads 1e3 as a number, too."""
        node: yaml.ScalarNode = self.represent_scalar(
            "tag:yaml.org,2002:str", text, style=None if plain(text) == text else "'"
        )
        return node


_Dumper.add_representer(str, _Dumper.quoted)


def file_document(owner: str, rules: Sequence[Rule]) -> dict[str, object]:
    """The rules of one owner as JSON that `load_rules` takes."""
    return {"owner": owner, "rules": [spelled(rule) for rule in rules]}


def file_text(owner: str, rules: Sequence[Rule]) -> str:
    """The rules of one owner as YAML that `load_rules` takes: what has nothing inside it stands on one line."""
    document = file_document(owner, rules)
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text
