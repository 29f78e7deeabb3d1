"""Answers that are kept: the same to the byte as made anew, for as long as they hold, and to nobody else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from events.commands.redact import redact
from events.kinds.swap import SwapAgreed, SwapCompleted
from service.auth import verified
from service.databases.chronology import Chronology
from service.settings import Settings
from service.web import lane, recall
from service.web.recall import Found, Recall
from tests.conftest import on
from tests.fixtures.fronts import Fronted
from tests.fixtures.stories import Chronicle, Ticking

API = "/api/v1"
PINNED = f"{API}/subjects/swap?at=2024-01-05&position=6"
CURRENT = f"{API}/subjects/swap"
PAGE = f"{API}/facts?limit=1"
ADDRESSES = (
    PINNED,
    CURRENT,
    PAGE,
    f"{API}/subjects?limit=1",
    f"{API}/subjects/swap?position=4&zone=Asia%2FTokyo&at=2024-01-02T10:00:00%2B02:00",
    f"{API}/subjects/swap?recorded_until=2026-01-02&reported_until=2024-02-02",
    f"{API}/subjects/swap/understanding?by=reported",
    f"{API}/facts/agreed?position=4",
    f"{API}/facts?q=%C3%BCber",
    f"{API}/sources/report-1/text",
    f"{API}/diff?from_position=1&to_position=6",
    f"{API}/audit/swap/status",
    "/chronology.json",
    "/moments.json?position=4",
)
STATES = (
    "",
    "?at=2024-01-04",
    "?at=2024-01-04&position=5",
    "?zone=Europe/Kyiv&reported_until=2024-01-05",
    "?recorded_until=2026-01-02T12:00:00%2B00:00",
    "?reading=ada",
    "?at=",
)
PAGES = (
    "",
    "?limit=2",
    "?limit=02&position=7&zone=Europe/Kyiv",
    "?limit=1000&from=2024-01-01&to=2024-01-02",
    "?from=2024-01-03T00:00:00Z&to=2024-01-04",
    "?to=2023-12-31",
    "?from=",
    "?limit=2&reported_until=2024-01-05",
    "?recorded_until=2026-01-02T12:00:00%2B00:00&at=2024-01-01",
    "?kind=SwapAgreed&limit=1",
)
REFUSED = (
    f"{API}/subjects/nobody",
    f"{CURRENT}?at=never",
    f"{CURRENT}?position=",
    f"{CURRENT}?position=7000",
    f"{CURRENT}?position=1&recorded_until=2024-01-01",
    f"{CURRENT}?position=x",
    f"{CURRENT}?zone=Mars",
    f"{CURRENT}?reading=nobody",
    f"{CURRENT}?made_up=1",
    f"{CURRENT}?at=a%00b",
    f"{API}/subjects/%ff",
    f"{API}/facts?limit=0",
    f"{API}/facts?limit=1001",
    f"{API}/facts?limit=-1",
    f"{API}/facts?limit=",
    f"{API}/facts?to=never",
    f"{API}/facts?from=2024-02-30",
    f"{API}/facts?cursor=made-up",
    f"{API}/facts?reading=ada",
    f"{API}/facts?position=7000",
)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, half a second is not over, and no reading was slow."""
    monkeypatch.setattr(verified, "FRESH_SECONDS", 1e6)
    monkeypatch.setattr(recall, "RECENT_SECONDS", 1e6)
    monkeypatch.setattr(lane, "SLOW_SECONDS", 1e6)


@pytest.fixture
def told(chronicle: Chronicle) -> Chronicle:
    for number in range(2):
        chronicle.given(SwapAgreed, "swap" if number else "other-swap", ("first", "agreed")[number], count_each=5)
    chronicle.given(SwapCompleted, "swap", "done", occurred="[2024-01-03..2024-01-05]", reported="2024-01-06")
    return chronicle


@pytest.fixture
def front(chronology: Chronology, told: Chronicle) -> Fronted:
    return Fronted(chronology)


@pytest.fixture
def token(chronology: Chronology) -> str:
    return chronology.keyring.issue("reader", "reader", "test")[1]


@pytest.fixture
def beside(chronology: Chronology) -> Iterator[Chronology]:
    """A desk of another process on the same database."""
    other = Chronology(
        Settings(database=chronology.settings.database), now=Ticking(1_767_300_000_000_000), follows=True
    )
    yield other
    other.close()


def kept_at_once(chronology: Chronology, address: str) -> bool:
    """Whether the event loop may answer it: on PostgreSQL only at a position, as it does not tell of changes."""
    return chronology.settings.is_sqlite or "position=" in address


@pytest.mark.parametrize("is_named", [True, False], ids=["with a token", "without"])
def test_an_answer_is_the_same_to_the_byte_whichever_way_it_takes(
    chronology: Chronology, front: Fronted, token: str, is_named: bool
) -> None:
    asking: dict[str, Any] = {"token": token} if is_named else {}
    for address in ADDRESSES:
        anew = front.past_the_lane(address, **asking)
        again = {**asking, "known": f'"nothing", {anew.tag}'}
        known = front.past_the_lane(address, **again)
        assert (anew.status, known.status, known.body) == (200, 304, b""), address

        assert [front.ask(address, **asking) for _ in range(3)] == [anew] * 3
        assert front.ask(address, **again) == known
        if kept_at_once(chronology, address):
            assert front.at_once(address, **asking) == anew
            assert front.at_once(address, **again) == known


def test_a_state_is_the_same_whichever_way_it_is_first_asked(front: Fronted, told: Chronicle, token: str) -> None:
    told.given(SwapCompleted, "other-swap", announced_by=["ada"], attributed_to="ada")
    front.ask(PAGE, token=token)  # the token is known now

    for asked in STATES:
        address = f"{CURRENT}{asked}"
        assert front.ask(address, token=token) == front.past_the_lane(address, token=token)
        assert front.ask(address) == front.past_the_lane(address)


def test_a_state_that_was_folded_for_another_question_is_the_same(
    chronology: Chronology, front: Fronted, token: str
) -> None:
    front.ask(PAGE, token=token)
    folded = ["?at=2024-01-04&position=5", "?reported_until=2024-01-06", "?zone=UTC"]
    alike = ["?at=2024-01-04T12:00:00Z&position=5", "?reported_until=2024-01-06&zone=UTC", "?zone=Asia/Tokyo"]

    for first, second in zip(folded, alike, strict=True):
        front.ask(f"{CURRENT}{first}", token=token)
        anew = front.past_the_lane(f"{CURRENT}{second}", token=token)
        if chronology.settings.is_sqlite:
            assert front.ready_at_once(f"{CURRENT}{second}", token=token) == anew
        assert front.ask(f"{CURRENT}{second}", token=token) == anew
    assert front.ready_at_once(f"{CURRENT}?at=2024-01-01&position=4", token=token) is None


def test_a_state_that_was_folded_takes_no_transaction_of_postgresql_until_an_event_touches_it(
    chronology: Chronology, front: Fronted, told: Chronicle, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []

    def watched() -> Any:
        looks.append(True)
        return chronology.glance()

    front.ask(f"{CURRENT}?at=2024-01-04&position=5", token=token)
    monkeypatch.setattr(front.app.extensions["recall"], "_glance", watched)

    alike = front.ask(f"{CURRENT}?at=2024-01-04T12:00:00Z&position=5", token=token)
    at_hand = [True] if chronology.settings.is_sqlite else [False]
    assert (looks, alike.status) == (at_hand, 200)
    told.amend("agreed", "corrections", changes={"count_each": 7})
    again = f"{CURRENT}?at=2024-01-04T13:00:00Z&position=5"
    assert front.ask(again, token=token) == front.past_the_lane(again, token=token)
    assert looks[1:3] == [*at_hand, True]


def test_a_page_of_facts_is_the_same_whichever_way_it_is_first_asked(
    chronology: Chronology, front: Fronted, told: Chronicle, token: str
) -> None:
    told.amend("agreed", "retractions")
    front.ask(CURRENT, token=token)

    for asked in PAGES:
        address = f"{API}/facts{asked}"
        anew = front.past_the_lane(address, token=token)
        if chronology.settings.is_sqlite and asked in ("", "?limit=2"):
            assert front.ready_at_once(address, token=token) == anew
        assert front.ask(address, token=token) == anew
        assert front.ask(address) == front.past_the_lane(address)


def test_the_pages_of_a_list_are_the_same_whichever_way_they_are_asked(
    front: Fronted, told: Chronicle, token: str
) -> None:
    front.ask(CURRENT, token=token)
    address: str | None = f"{API}/facts?limit=1&to=2024-01-04"
    seen = []
    while address is not None:
        answer = front.ask(address, token=token)
        assert answer == front.past_the_lane(address, token=token)
        page = orjson.loads(answer.body)
        seen += [each["id"] for each in page["facts"]]
        told.given(SwapAgreed, "swap")
        address = page["next"] and f"{API}/facts?limit=1&to=2024-01-04&cursor={page['next']}"

    assert seen == ["first", "agreed", "done"]
    assert front.ask(f"{API}/facts?cursor=W10", token=token).status == 422


def test_while_the_event_loop_finds_reading_slow_threads_read(
    chronology: Chronology, front: Fronted, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "SLOW_SECONDS", 0.0)
    told = [front.ask(f"{CURRENT}?zone={zone}", token=token) for zone in ("UTC", "Asia/Tokyo", "Europe/Kyiv")]

    assert {each.status for each in told} == {200}
    assert front.ready_at_once(f"{CURRENT}?zone=Europe/Paris", token=token) is None


def test_a_refusal_is_the_same_whichever_way_it_takes(front: Fronted, token: str) -> None:
    front.ask(PAGE, token=token)

    for address in REFUSED:
        for asking in ({"token": token}, {}):
            assert front.ask(address, **asking) == front.past_the_lane(address, **asking)
            assert front.ask(address, **asking).status in (404, 422)


def test_what_is_asked_by_head_or_on_a_condition_is_answered_as_ever(front: Fronted, token: str) -> None:
    for address in (PINNED, CURRENT, PAGE):
        front.ask(address, token=token)

        for asking in ({"method": "HEAD"}, {"range": "bytes=0-3"}, {"if_match": '"other"'}, {"if_none_match": "*"}):
            given: dict[str, Any] = {"token": token, **asking}
            assert front.ask(address, **given) == front.past_the_lane(address, **given), asking


def value(front: Fronted, address: str, token: str) -> Any:
    return orjson.loads(front.ask(address, token=token).body)["fields"]["count_each"]["value"]


def test_who_has_written_or_amended_reads_it_at_once_and_what_is_pinned_stays(
    front: Fronted, told: Chronicle, token: str
) -> None:
    pinned = [front.ask(PINNED, token=token) for _ in range(2)]
    for count in range(6, 12):
        told.amend("agreed", "corrections", changes={"count_each": count})
        assert [value(front, CURRENT, token) for _ in range(3)] == [{"best": count}] * 3
    told.given(SwapAgreed, "third-swap", "third")

    assert orjson.loads(front.ask(f"{API}/facts", token=token).body)["facts"][-1]["id"] == "third"
    assert [*pinned, front.ask(PINNED, token=token)] == [pinned[0]] * 3


def test_what_another_process_has_written_is_read_at_once(
    front: Fronted, beside: Chronology, told: Chronicle, token: str
) -> None:
    elsewhere = Chronicle(beside)
    for count in range(6, 12):
        elsewhere.amend("agreed", "corrections", changes={"count_each": count})
        assert [value(front, CURRENT, token) for _ in range(3)] == [{"best": count}] * 3


def test_a_correction_of_a_source_is_read_at_once(front: Fronted, told: Chronicle, token: str) -> None:
    address = f"{API}/facts/agreed"
    before = [front.ask(address, token=token) for _ in range(2)]
    told.correct_source("report-2", publisher="Courier")

    assert orjson.loads(before[1].body)["by"] == "Gazette"
    assert orjson.loads(front.ask(address, token=token).body)["by"] == "Courier"


def erased(chronology: Chronology) -> None:
    for source in ("report-1", "report-2", "report-3"):
        chronology.write("admin", lambda call, source=source: redact(call, "source", source, {"reason": "asked for"}))


def test_words_that_were_erased_are_in_no_kept_answer_whoever_erased_them(
    chronology: Chronology, front: Fronted, beside: Chronology, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = [each for each in ADDRESSES if "facts" in each or "text" in each] + [f"{API}/facts?position=6"]
    assert sum(b"What report" in front.ask(address, token=token).body for address in addresses * 2) >= 6
    erased(beside)
    monkeypatch.setattr(recall, "monotonic", lambda: 1e12)  # half a second later, on PostgreSQL

    assert [each for each in addresses if b"What report" in front.ask(each, token=token).body] == []
    assert "What report" not in repr(vars(front.app.extensions["recall"]))


def test_words_erased_through_this_process_are_in_no_kept_answer_from_then_on(
    chronology: Chronology, front: Fronted
) -> None:
    admin = chronology.keyring.issue("admin", "admin", "test")[1]
    address = f"{API}/facts?position=6"
    assert all(b"What report" in front.ask(address, token=admin).body for _ in range(2))

    headers = {"Authorization": f"Bearer {admin}"}
    for source in ("report-1", "report-2", "report-3"):
        path = f"{API}/sources/{source}/redactions"
        answer = front.app.test_client().post(path, json={"reason": "asked for"}, headers=headers)
        assert answer.status_code == 201

    assert b"What report" not in front.ask(address, token=admin).body


def test_what_is_kept_is_given_to_nobody_who_may_not_read(chronology: Chronology, front: Fronted, token: str) -> None:
    for address in (PINNED, CURRENT, PAGE):
        assert front.ask(address, token=token) == front.ask(address, token=token)

        assert front.ask(address, client="203.0.113.5").status == 401
        assert front.ask(address, x_forwarded_for="203.0.113.5").status == 401
        assert front.ask(address, authorization="Bearer made-up").status == 401


def test_a_token_that_was_revoked_here_is_refused_at_once(chronology: Chronology, front: Fronted, token: str) -> None:
    assert [front.ask(PINNED, token=token).status for _ in range(2)] == [200, 200]

    chronology.keyring.revoke(token.split("_")[1], "test")

    assert front.ask(PINNED, token=token).status == 401


def test_a_token_that_was_revoked_elsewhere_is_refused_half_a_second_later(
    front: Fronted, beside: Chronology, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [front.ask(PINNED, token=token).status for _ in range(2)] == [200, 200]
    beside.keyring.revoke(token.split("_")[1], "test")
    later = verified.time.monotonic() + verified.FRESH_SECONDS
    monkeypatch.setattr(verified.time, "monotonic", lambda: later)

    assert front.ask(PINNED, token=token).status == 401


def test_kept_answers_count_against_the_rate(tmp_path: Path) -> None:
    chronology = Chronology(Settings(database=on("sqlite", tmp_path), rate=2.0), now=Ticking(), follows=True)
    Chronicle(chronology).given(SwapAgreed, "swap", "agreed")
    front, token = Fronted(chronology), chronology.keyring.issue("reader", "reader", "test")[1]
    address = f"{CURRENT}?position=2"

    found = [front.ask(address, token=token).status for _ in range(12)]

    assert found == [200] * 10 + [429] * 2
    chronology.close()


def test_what_the_quick_lane_leaves_to_the_application_is_counted_once(tmp_path: Path) -> None:
    chronology = Chronology(Settings(database=on("sqlite", tmp_path), rate=2.0), now=Ticking(), follows=True)
    front, token = Fronted(chronology), chronology.keyring.issue("reader", "reader", "test")[1]

    found = [front.ask(f"{API}/subjects/nobody", token=token).status for _ in range(12)]

    assert found == [404] * 10 + [429] * 2
    chronology.close()


def test_an_answer_that_speaks_of_now_is_made_anew(front: Fronted, token: str) -> None:
    for address in (f"{CURRENT}?at=now", f"{PINNED}&reported_until=NOW", "/moments.json?at=Now"):
        told = [front.ask(address, token=token) for _ in range(2)]
        assert front.at_once(address, token=token) is None
        assert all(b"immutable" not in dict(each.headers).get(b"cache-control", b"") for each in told)


def test_no_more_is_kept_than_there_is_room_for(chronology: Chronology, front: Fronted) -> None:
    kept = Recall(chronology.glance, front.app.extensions["recall"].changes, room=10_000)
    for number in range(100):
        kept.keep(f"/{number}", Found(b"x" * 1_000, "tag", False, True, 6))
    kept.keep("/large", Found(b"x" * (recall.LARGEST + 1), "tag", False, True, 6))

    assert [number for number in range(100) if kept.get(f"/{number}")] == list(range(94, 100))
    assert kept.get("/large") is None


def test_an_answer_made_before_a_redaction_is_not_kept_after_it(
    chronology: Chronology, told: Chronicle, front: Fronted
) -> None:
    kept: Recall = front.app.extensions["recall"]
    late = Found(b"What report 1 says.", "tag", False, True, chronology.record.head())
    erased(chronology)
    with kept.looking():
        pass

    kept.keep("/late", late)

    assert kept.get("/late") is None
