"""The Meta adapter's request bytes, and its handling of whole answers."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.secrecy import everything_said_by
from tests.contract.wire import Handler, Reply, Wire, hangs, patience_for, resets, says, sends
from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import (
    Gone,
    LimitScope,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    Transient,
    Unauthorised,
)
from weathertrigger.http.client import Bounds
from weathertrigger.platforms.meta_ads.capabilities import PARAMETERS
from weathertrigger.platforms.meta_ads.client import MetaAds
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials
from weathertrigger.platforms.meta_ads.usage import USE_CASE
from weathertrigger.platforms.port import AdAccount, Observed, Write
from weathertrigger.platforms.usage import Usage

TOKEN, SECRET = "EAAB0123456789abcdef", "app-secret-0123456789"
PROOF = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
ACCOUNT = AdAccount("meta-acme", "act_1001", "USD")
STATUS, BUDGET = FieldName.STATUS, FieldName.DAILY_BUDGET
LIFETIME, BID = FieldName.LIFETIME_BUDGET, FieldName.BID


def platform(wire: Wire, app_secret: str | None = SECRET, bounds: Bounds | None = None) -> MetaAds:
    return MetaAds(MetaCredentials(TOKEN, app_secret), base_url=wire.url, bounds=bounds)


def ad_set(number: int, **more: object) -> dict[str, object]:
    node = {"account_id": "1001", "campaign_id": "9", "status": "ACTIVE", "daily_budget": "5000"}
    return {**node, "id": str(number), **more}


MISSING = {"error": {"message": "Unsupported get request.", "code": 100, "error_subcode": 33}}


def graph(nodes: dict[str, dict[str, object]]) -> Reply:
    """Answers `?ids=` and batches of reads as the Graph does: one id that is not there fails a whole `?ids=`."""

    def entry(node_id: str) -> dict[str, object]:
        return {"code": 200 if node_id in nodes else 400, "body": json.dumps(nodes.get(node_id, MISSING))}

    def reply(handler: Handler) -> None:
        if handler.command == "POST":
            calls = json.loads(handler.wire.seen[-1].form["batch"])
            says([entry(urlsplit(call["relative_url"]).path.strip("/")) for call in calls])(handler)
            return
        ids = parse_qs(urlsplit(handler.path).query)["ids"][0].split(",")
        whole = set(ids) <= nodes.keys()
        says({each: nodes[each] for each in ids} if whole else MISSING, 200 if whole else 400)(handler)

    return reply


def error(code: int, **more: object) -> Any:  # Any: JSON
    return {"error": {"message": f"No: {TOKEN} {PROOF}", "code": code, "fbtrace_id": "AbC", **more}}


def test_a_read_is_one_call_per_kind_with_the_token_in_the_header(wire: Wire) -> None:
    """`ids` and `fields` in the query, and no token in any address."""
    campaign = {"account_id": "1001", "status": "PAUSED", "daily_budget": "7500", "id": "9"}
    wire.script(says({"5": ad_set(5), "6": ad_set(6, status="PAUSED")}), says({"9": campaign}))
    five, budget, six = Carrier("ad_set/5", STATUS), Carrier("ad_set/5", BUDGET), Carrier("ad_set/6", STATUS)
    nine = Carrier("campaign/9", BUDGET)
    answer = platform(wire).read(ACCOUNT, [five, budget, six, nine])
    assert answer.results == {
        five: Observed("enabled", "9"),
        budget: Observed("5000", "9"),
        six: Observed("paused", "9"),
        nine: Observed("7500"),
    }
    assert answer.calls == 3
    ad_sets, campaigns = wire.seen
    assert (ad_sets.method, ad_sets.path) == ("GET", "/v26.0/")
    fields = "account_id,campaign_id,status,effective_status,daily_budget,lifetime_budget,bid_amount"
    assert ad_sets.query == {"ids": "5,6", "fields": fields, "appsecret_proof": PROOF}
    assert campaigns.query["fields"] == "account_id,status,effective_status,daily_budget,lifetime_budget"
    assert ad_sets.headers["authorization"] == f"Bearer {TOKEN}"


def test_without_an_app_secret_no_proof_is_sent(wire: Wire) -> None:
    """The proof is optional."""
    wire.script(says({"5": ad_set(5)}))
    platform(wire, None).read(ACCOUNT, [Carrier("ad_set/5", STATUS)])
    assert "appsecret_proof" not in wire.seen[0].query


def test_every_field_of_every_level_is_read(wire: Wire) -> None:
    """Both kinds of budget, and bids of ad sets and ads, in Meta's own integers."""
    lifetime = {"account_id": "1001", "status": "ACTIVE", "daily_budget": "0", "lifetime_budget": "900000"}
    ad = {"account_id": "1001", "adset_id": "5", "status": "PAUSED", "bid_amount": 12}
    wire.script(says({"9": lifetime}), says({"5": ad_set(5, bid_amount=175)}), says({"3": ad}))
    values = {
        Carrier("campaign/9", STATUS): "enabled",
        Carrier("campaign/9", LIFETIME): "900000",
        Carrier("ad_set/5", BUDGET): "5000",
        Carrier("ad_set/5", BID): "175",
        Carrier("ad/3", STATUS): "paused",
        Carrier("ad/3", BID): "12",
    }
    answer = platform(wire).read(ACCOUNT, list(values))
    assert {carrier: seen.value for carrier, seen in answer.results.items() if isinstance(seen, Observed)} == values
    assert wire.seen[2].query["fields"] == "account_id,adset_id,status,effective_status,bid_amount"


@pytest.mark.parametrize(("entities", "calls"), [(1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_a_read_costs_one_call_for_50_entities_of_a_kind(wire: Wire, entities: int, calls: int) -> None:
    """However many fields of each are wanted."""
    wire.script(graph({str(n): ad_set(n, bid_amount=1) for n in range(entities)}))
    carriers = [Carrier(f"ad_set/{n}", field) for n in range(entities) for field in PARAMETERS]
    platform(wire).read(ACCOUNT, carriers)
    assert len(wire.seen) == calls


def test_more_than_50_ids_take_another_call(wire: Wire) -> None:
    """And every id counts."""
    wire.script(graph({str(n): ad_set(n) for n in range(101)}))
    answer = platform(wire).read(ACCOUNT, [Carrier(f"ad_set/{n}", STATUS) for n in range(101)])
    assert [len(seen.query["ids"].split(",")) for seen in wire.seen] == [50, 50, 1]
    assert answer.calls == 101


def test_one_missing_id_does_not_spoil_its_neighbours(wire: Wire) -> None:
    """Meta fails the whole call; in a batch each entity then gets its own answer, which costs one call more."""
    wire.script(graph({str(n): ad_set(n) for n in range(50) if n not in {7, 33}}))
    carriers = [Carrier(f"ad_set/{n}", STATUS) for n in range(50)]
    answer = platform(wire).read(ACCOUNT, carriers)
    results = answer.results
    gone = {carrier.resource for carrier, result in results.items() if isinstance(result, NotFound)}
    assert gone == {"ad_set/7", "ad_set/33"}
    assert sum(isinstance(result, Observed) for result in results.values()) == 48
    _, batch = wire.seen
    assert (batch.method, batch.query, batch.form["access_token"]) == ("POST", {}, TOKEN)
    assert answer.calls == 100


def test_a_read_that_did_not_complete_is_no_missing_entity(wire: Wire) -> None:
    """`null` in a batch of reads: that one is to be read again, the others were read."""
    node = {"code": 200, "body": json.dumps(ad_set(5))}
    wire.script(says(MISSING, 400), says([node, None]))
    five, six = Carrier("ad_set/5", STATUS), Carrier("ad_set/6", STATUS)
    results = platform(wire).read(ACCOUNT, [five, six]).results
    assert results[five] == Observed("enabled", "9")
    assert isinstance(results[six], Transient)


def test_a_batch_of_reads_that_fails_is_not_tried_again(wire: Wire) -> None:
    """What it should have found out shares its error, and so does what was not asked yet."""
    wire.script(says(MISSING, 400), says(error(80004), 400))
    carriers = [Carrier("ad_set/5", STATUS), Carrier("ad_set/6", STATUS), Carrier("campaign/9", STATUS)]
    answer = platform(wire).read(ACCOUNT, carriers)
    assert {type(result) for result in answer.results.values()} == {RateLimited}
    assert (len(wire.seen), answer.calls) == (2, 4)


def test_a_fault_in_the_middle_keeps_what_was_read(wire: Wire) -> None:
    """The rest shares the fault, and Meta is not asked again while it throttles."""
    wire.script(says({"5": ad_set(5)}), says(error(80004), 400), says({}))
    carriers = [Carrier("ad_set/5", STATUS), Carrier("campaign/9", STATUS), Carrier("ad/3", STATUS)]
    results = platform(wire).read(ACCOUNT, carriers).results
    assert isinstance(results[carriers[0]], Observed)
    assert isinstance(results[carriers[1]], RateLimited)
    assert isinstance(results[carriers[2]], RateLimited)
    assert len(wire.seen) == 2


@pytest.mark.parametrize(
    ("field", "node", "kind", "words"),
    [
        (STATUS, ad_set(5, status="ARCHIVED"), Gone, "archived"),
        (BUDGET, ad_set(5, status="ARCHIVED"), Gone, "archived"),
        (BUDGET, ad_set(5, status="DELETED"), Gone, "deleted"),
        (BUDGET, ad_set(5, status="IN_SPACE"), Transient, "not known"),
        (BUDGET, ad_set(5, account_id="2002"), Rejected, "belongs to the ad account act_2002"),
        (BUDGET, ad_set(5, daily_budget=None), Rejected, "its campaign 9 holds it, so name that campaign"),
        (LIFETIME, ad_set(5, daily_budget=None), Rejected, "its campaign 9 holds it, so name that campaign"),
        (BUDGET, ad_set(5, daily_budget="0", lifetime_budget="90000"), Rejected, "a lifetime budget, not a daily one"),
        (LIFETIME, ad_set(5, lifetime_budget="0"), Rejected, "a daily budget, not a lifetime one"),
        (BUDGET, ad_set(5, daily_budget="12.50"), Rejected, "no budget of its own"),
        (BID, ad_set(5), Rejected, "no bid to change"),
        (BID, ad_set(5, bid_amount=0), Rejected, "no bid to change"),
        (BID, ad_set(5, bid_amount=1.5), Rejected, "no bid to change"),
    ],
)
def test_a_field_that_cannot_be_read_says_why(
    wire: Wire, field: FieldName, node: dict[str, object], kind: type[ServiceError], words: str
) -> None:
    """Gone, of another account, without a field of its own: who has it is named (semantics 15)."""
    wire.script(says({"5": node}))
    wanted = Wanted(Level.AD_SET, "5", field)
    resolved = platform(wire).resolve(ACCOUNT, [wanted]).results[wanted]
    assert type(resolved) is kind
    assert words in str(resolved)


@pytest.mark.parametrize("entity_id", ["me", "", "5,6", "../5", "5?fields=x", "act_1001", "\u0665"])
def test_an_id_that_is_no_number_never_leaves(wire: Wire, entity_id: str) -> None:
    """Neither `me` nor a path gets into a request."""
    wire.script(says({}))
    wanted = Wanted(Level.AD_SET, entity_id, STATUS)
    assert isinstance(platform(wire).resolve(ACCOUNT, [wanted]).results[wanted], Rejected)
    assert wire.seen == []


def test_a_write_is_one_batch_with_the_token_in_the_form(wire: Wire) -> None:
    """The address holds nothing; the trace id comes back as the request's id."""
    good = {"code": 200, "body": '{"success":true}'}
    wire.script(says([good, None], x_fb_trace_id="T1"))
    pause = Write(Carrier("ad_set/5", STATUS), "paused", "9")
    raised = Write(Carrier("campaign/8", BUDGET), "7500")
    answer = platform(wire).write(ACCOUNT, [pause, raised])
    assert answer.results[pause.carrier] is None
    assert isinstance(answer.results[raised.carrier], Transient)
    assert (answer.calls, answer.request_id) == (2, "T1")
    (seen,) = wire.seen
    assert (seen.method, seen.path, seen.query) == ("POST", "/v26.0/", {})
    assert (seen.form["access_token"], seen.form["appsecret_proof"]) == (TOKEN, PROOF)
    assert json.loads(seen.form["batch"])[0] == {"method": "POST", "relative_url": "5/", "body": "status=PAUSED"}


def test_the_usage_of_a_read_is_the_highest_of_its_calls(wire: Wire) -> None:
    """Two kinds, two calls, two headers."""
    wire.script(
        says({"5": ad_set(5)}, x_app_usage='{"call_count": 80}'),
        says({"9": {"account_id": "1001", "status": "ACTIVE"}}, x_ad_account_usage='{"acc_id_util_pct": 12.5}'),
    )
    answer = platform(wire).read(ACCOUNT, [Carrier("ad_set/5", STATUS), Carrier("campaign/9", STATUS)])
    assert answer.usage == Usage(80)


def test_the_usage_of_a_write_is_that_of_the_whole_and_of_every_entry(wire: Wire) -> None:
    """And broken headers do not break a good answer."""
    regain = '{"1001":[{"call_count":100,"estimated_time_to_regain_access":9}]}'
    entry = {"code": 200, "body": '{"success":true}', "headers": [{"name": USE_CASE, "value": regain}]}
    pause = Write(Carrier("ad_set/5", STATUS), "paused", "9")
    wire.script(says([entry], x_app_usage='{"call_count": 80}', x_ad_account_usage="not json"))
    answer = platform(wire).write(ACCOUNT, [pause])
    assert answer.results == {pause.carrier: None}
    assert answer.usage == Usage(100, timedelta(minutes=9))


@pytest.mark.parametrize(("status", "code"), [(400, 80004), (200, 17), (403, 4)])
def test_a_limit_says_how_long_it_lasts(wire: Wire, status: int, code: int) -> None:
    """The minutes of the header are what the caller waits."""
    regain = '{"1001":[{"type":"ads_management","call_count":100,"estimated_time_to_regain_access":23}]}'
    for call in (READ, WRITE):
        wire.script(says(error(code), status, x_business_use_case_usage=regain))
        with pytest.raises(RateLimited) as caught:
            call(platform(wire))
        assert caught.value.retry_after == timedelta(minutes=23)
        assert caught.value.scope is (LimitScope.SERVICE if code == 4 else LimitScope.ACCOUNT)


def test_nothing_of_an_amount_never_leaves(wire: Wire) -> None:
    """Refused here; what else is in the batch is sent and counted, and a batch of nothing is no call at all."""
    nothing, raised = Write(Carrier("ad_set/5", BID), "0", "9"), Write(Carrier("campaign/8", BUDGET), "7500")
    wire.script(says([{"code": 200, "body": '{"success":true}'}]))
    answer = platform(wire).write(ACCOUNT, [nothing, raised])
    assert isinstance(answer.results[nothing.carrier], Rejected)
    assert answer.results[raised.carrier] is None
    assert answer.calls == len(json.loads(wire.seen[0].form["batch"])) == 1
    assert platform(wire).write(ACCOUNT, [nothing]).calls == 0
    assert len(wire.seen) == 1


READ: Callable[[MetaAds], object] = lambda meta: meta.read(ACCOUNT, [Carrier("ad_set/5", STATUS)])  # noqa: E731 - a table's column
WRITE: Callable[[MetaAds], object] = lambda meta: meta.write(ACCOUNT, [Write(Carrier("ad_set/5", STATUS), "paused")])  # noqa: E731 - idem


@pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (says(error(190, error_subcode=463), 401), Unauthorised),
        (says(error(190), 200), Unauthorised),
        (says(error(80004), 400), RateLimited),
        (says(error(2, is_transient=True), 500), Transient),
        (sends(b"<html>busy</html>", 502), Transient),
        (sends(b"<html>welcome</html>", 200), Transient),
        (hangs, Transient),
        (resets, Transient),
    ],
)
def test_a_call_that_fails_as_a_whole_is_raised_without_secrets(
    wire: Wire, call: Callable[[MetaAds], object], reply: Reply, kind: type[ServiceError]
) -> None:
    """Once, with the account, and neither token nor proof in it."""
    wire.script(reply)
    with pytest.raises(ServiceError) as caught:
        call(platform(wire, bounds=patience_for(reply)))
    assert type(caught.value) is kind
    assert (caught.value.service, caught.value.account) == ("meta_ads", "meta-acme")
    assert len(wire.seen) == 1
    said = everything_said_by(caught.value)
    assert not [secret for secret in (TOKEN, SECRET, PROOF) if secret in said]
