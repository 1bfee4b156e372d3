"""Which writes travel together."""

from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
from weathertrigger.platforms.google_ads import writes as google
from weathertrigger.platforms.meta_ads import writes as meta
from weathertrigger.platforms.port import Write

STATUS, BUDGET = FieldName.STATUS, FieldName.DAILY_BUDGET


def write(resource: str, field: FieldName = STATUS, sibling_key: str | None = None) -> Write:
    return Write(Carrier(resource, field), "paused" if field is STATUS else "5000", sibling_key)


writes = st.lists(
    st.builds(
        write,
        st.sampled_from(["campaign", "ad_set", "ad"]).flatmap(
            lambda kind: st.integers(1, 30).map(lambda number: f"{kind}/{number}")
        ),
        st.sampled_from(FieldName),
        st.sampled_from([None, "1", "2", "3"]),
    ),
    max_size=150,
)


def test_two_ad_sets_of_one_campaign_never_share_a_batch() -> None:
    """Meta refuses such a batch as a whole."""
    batches = meta.batches_of([write("ad_set/1", sibling_key="9"), write("ad_set/2", sibling_key="9")])
    assert [len(batch) for batch in batches] == [1, 1]


def test_cousins_fill_the_same_batches() -> None:
    """Two ad sets of each of 25 campaigns need two calls, not 25."""
    family = [write(f"ad_set/{campaign}{n}", sibling_key=str(campaign)) for campaign in range(25) for n in "12"]
    assert [len(batch) for batch in meta.batches_of(family)] == [25, 25]


def test_a_hundred_ad_sets_of_a_hundred_campaigns_are_two_calls() -> None:
    """Full batches, whatever the order."""
    strangers = [write(f"ad_set/{number}", sibling_key=f"9{number}") for number in range(100)]
    assert [len(batch) for batch in meta.batches_of(strangers)] == [50, 50]


def test_ad_sets_of_unknown_campaigns_travel_one_by_one() -> None:
    """They might be siblings of each other or of any other ad set."""
    lonely = [write("ad_set/1"), write("ad_set/2"), write("ad/3"), write("ad_set/4", sibling_key="9")]
    assert [len(batch) for batch in meta.batches_of(lonely)] == [2, 1, 1]


def test_51_writes_are_two_batches() -> None:
    """Meta takes 50."""
    assert [len(batch) for batch in meta.batches_of([write(f"ad/{n}") for n in range(51)])] == [50, 1]


@given(writes)
def test_metas_batches_lose_nothing_and_keep_families_apart(given_writes: list[Write]) -> None:
    """Every write is in one batch, and in none are two of one entity or of one campaign."""
    batches = meta.batches_of(given_writes)
    assert sorted(map(repr, given_writes)) == sorted(repr(each) for batch in batches for each in batch)
    assert all(0 < len(batch) <= 50 for batch in batches)
    for batch in batches:
        keys = [each.sibling_key for each in batch if each.carrier.resource.startswith("ad_set")]
        resources = [each.carrier.resource for each in batch]
        assert len(set(keys)) == len(keys)
        assert None not in keys or len(keys) == 1
        assert len(set(resources)) == len(resources)


@given(writes)
def test_the_writes_of_one_entity_keep_their_order(given_writes: list[Write]) -> None:
    """A later write never overtakes an earlier one of the same entity."""
    for splits in (meta.batches_of(given_writes), google.batches_of(given_writes)):
        sent = [each for batch in splits for each in batch]
        for resource in {each.carrier.resource for each in given_writes}:
            mine = [each for each in given_writes if each.carrier.resource == resource]
            assert [each for each in sent if each.carrier.resource == resource] == mine


@given(writes)
def test_googles_batches_set_a_field_once_and_name_a_resource_once(given_writes: list[Write]) -> None:
    """Google refuses a mutate that names one resource twice: its fields travel together, in their order."""
    batches = google.batches_of(given_writes)
    assert [each for batch in batches for each in batch] == given_writes
    for batch in batches:
        operations = google.operations_of(batch)
        assert len({each.carrier for each in batch}) == len(batch)
        assert len({operation[0].carrier.resource for operation in operations}) == len(operations)
        assert all(len({each.carrier.resource for each in operation}) == 1 for operation in operations)
        assert sorted(map(id, batch)) == sorted(id(each) for operation in operations for each in operation)


def test_ten_thousand_resources_are_one_mutate() -> None:
    """Google takes 10,000 operations; a second field of a resource that is in already is no further one."""
    many = [write(f"ad_group/{n}") for n in range(10_000)]
    second = Write(Carrier("ad_group/7", FieldName.BID), "1500000")
    assert [len(batch) for batch in google.batches_of([*many, second])] == [10_001]
    assert [len(batch) for batch in google.batches_of([*many, write("ad_group/10000"), second])] == [10_000, 2]
