"""Lawful erasure: words are gone for good, and everything else stays provable and in its shape."""

import os
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event, Thread
from typing import Any

import orjson
import pytest
from sqlalchemy import inspect, text

from events.commands.quotes import searchable
from events.commands.redact import redact
from events.errors import Invalid
from events.kinds.actor import ActorNamed
from events.kinds.swap import SwapAgreed
from events.log.proofs.verification import verify
from projections.follow import rebuild as rebuilding
from projections.follow.follower import Follower
from projections.follow.leader_lock import Lead
from projections.queries.history import replay as replaying
from service.app import create_app
from service.databases import chronology as joined
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, api_of
from tests.fixtures.recording import record_facts
from tests.fixtures.stories import Chronicle
from tests.running.test_followers import rows, rows_after_rebuild

NAME, DEED = "Zyxomma Quillfeather", "was carried home by Zyxomma"
SOURCE = {
    "id": "report",
    "title": "Who came home",
    "publisher": "Gazette",
    "published": "2024-01-02",
    "text": f"On Monday {NAME} {DEED}.",
}
NAMED = {"id": "named", "kind": "ActorNamed", "subject": "person-1", "name": NAME, "aliases": ["Zyxomma the Elder"]}
SAID = {
    "id": "said",
    "kind": "StatementMade",
    "subject": "person-1",
    "by": "eve",
    "occurred": "2024-01-01",
    "gist": f"says that {NAME} came home",
    "note": "heard of Zyxomma twice",
}
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("/subjects/person-1", {"position": 6}),
    ("/subjects/person-1", {"at": "2024-01-01", "reported_until": "2024-02-01", "position": 4}),
    ("/subjects", {}),
    ("/facts", {"position": 6}),
    ("/facts/named", {"position": 6}),
    ("/facts/said", {}),
    ("/sources/report", {"position": 1}),
    ("/sources/report/text", {"position": 1}),
    ("/sources", {}),
    ("/subjects/person-1/understanding", {}),
    ("/audit/person-1/name", {"position": 6}),
    ("/diff", {"from_position": 1, "to_position": 6}),
    ("/replay", {}),
    ("/events", {"limit": 6}),
    ("/proofs/inclusion", {"position": 3, "size": 6}),
]


@pytest.fixture
def admin(chronology: Chronology) -> Api:
    api = api_of(chronology, "admin")
    api.posted("/sources", SOURCE)
    api.posted("/facts", {**NAMED, "citations": [{"source": "report", "exact": NAME, "suffix": " was"}]})
    api.posted("/facts", {**SAID, "citations": [{"source": "report", "exact": DEED}]})
    correction = {"kind": "reassessment", "reason": "Zyxomma said so", "changes": {"gist": f"{NAME} is home"}}
    api.posted("/facts/said/corrections", correction)
    api.posted("/subjects", {"id": "person-1", "kind": "actor", "title": NAME})
    api.posted("/sources/report/revisions", {"text": f"{NAME} {DEED}.", "retrieved_at": "2024-02-01T00:00:00Z"})
    return api


def answers(api: Api) -> list[bytes]:
    found = [api.get(path, **query) for path, query in QUESTIONS]
    assert {each.status_code for each in found} == {200}
    return [each.data for each in found]


ERASED = (("source", "report"), ("fact", "named"), ("fact", "said"), ("fact", "subject:person-1"))


def erase_all(api: Api, seconds: float = 0) -> None:
    """Redact all, and wait so long each time for words to leave the disk: what that takes is told in the tests of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joined, "_SCRUBBING_SECONDS", seconds)
        for of, name in ERASED:
            answer = api.post(f"/{of}s/{name}/redactions", {"reason": "asked by the person, article 17"})
            assert answer.status_code in (201, 202), answer.text


def shape(value: Any) -> Any:
    """What a JSON value is made of: names, and how many members; not the values, nor names that are words."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items() if name not in ("redacted", "redaction", "each")}
    return [shape(each) for each in value] if isinstance(value, list) else type(value) if value is None else "value"


def test_what_is_redacted_is_found_in_no_answer_and_no_row_and_every_permalink_keeps_its_shape(
    admin: Api, chronology: Chronology
) -> None:
    before = answers(admin)
    assert all(b"Zyxomma" in each for each in before[:4])
    erase_all(admin)
    after = answers(admin)

    assert [each for each in after if b"Zyxomma" in each] == []
    whole = [0, 1, 4, 5, 6, 7, 10]
    assert [shape(orjson.loads(after[at])) for at in whole] == [shape(orjson.loads(before[at])) for at in whole]
    assert orjson.loads(after[0])["fields"]["name"]["value"] == "redacted"
    assert orjson.loads(after[7])["text"] == "redacted"
    assert rows_holding(chronology, "Zyxomma") == []


def at_many_clocks(api: Api, position: int) -> list[bytes]:
    """What is kept where it was asked before: states at many clocks, pages, moments, differences."""
    days = ("2023-12-31", "2024-01-01", "2024-01-02", "2024-02-02")
    clocks: list[dict[str, Any]] = [{"at": day} for day in days] + [{"reported_until": day} for day in days]
    clocks += [{"position": each} for each in range(3, position + 1)] + [{"at": days[1], "reading": "person-1"}]
    paths = ("/api/v1/subjects/person-1", "/api/v1/subjects", "/", "/chronology", "/chronology.json", "/moments.json")
    asked: list[tuple[str, Any]] = [(path, each | {"position": position} | each) for path in paths for each in clocks]
    asked += [("/api/v1/diff", {"from_position": 2, "to_position": each}) for each in range(4, position + 1)]
    found = [api.client.get(path, query_string=query, headers=api.headers) for path, query in asked]
    assert {each.status_code for each in found} == {200}
    return [each.data for each in found]


def test_what_was_kept_of_answers_at_many_clocks_is_asked_for_anew_behind_a_redaction(
    admin: Api, chronology: Chronology
) -> None:
    told = [each for _ in range(2) for each in at_many_clocks(admin, 6)]
    assert sum(b"Zyxomma" in each for each in told) > 50
    assert chronology.store._cache._objects
    erase_all(admin)

    assert [each for each in at_many_clocks(admin, 6) if b"Zyxomma" in each] == []
    assert "Zyxomma" not in repr([value._history for _, _, value in chronology.store._cache._objects.values()])


def test_what_another_process_keeps_ends_with_a_redaction_too(admin: Api, chronology: Chronology) -> None:
    chronology.follower.catch_up()
    other = Chronology(chronology.settings, now=chronology.now)
    try:
        assert any(b"Zyxomma" in each for each in at_many_clocks(api_of(other, "admin"), 6))
        erase_all(admin)
        chronology.follower.catch_up()
        after = at_many_clocks(api_of(other, "admin"), 6)
    finally:
        other.close()

    assert [each for each in after if b"Zyxomma" in each] == []


REDACTIONS, REDACTORS, READERS = (200 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 50), 3, 8


def test_no_erased_word_is_answered_once_its_redaction_is_acknowledged(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, "_SCRUBBING_SECONDS", 0)
    chronology = Chronology(Settings(database=database, rate=0))
    stop, woken = Event(), Event()
    lead = Lead("" if chronology.settings.is_sqlite else database)
    follower = Thread(target=chronology.follower.run, args=(stop, woken, 0.005, lead))
    follower.start()
    try:
        addresses = secrets_recorded(chronology)
        leaks = leaks_while_redacting(chronology, addresses)
        after = b"".join(api_of(chronology, None).client.get(each).data for each in addresses)
    finally:
        stop.set()
        follower.join()
        chronology.close()

    assert leaks == []
    assert after.count(b"redacted") >= REDACTIONS
    assert b"secret-" not in after


def secrets_recorded(chronology: Chronology) -> list[str]:
    """Record facts with a secret each; returns where each is read, pinned to a position."""
    citation = {"source": "paper", "exact": "It was said."}
    bodies: list[dict[str, Any]] = [
        {"id": f"said-{n}", "kind": "StatementMade", "subject": f"person-{n}", "subject_kind": "actor"}
        | {"occurred": "2024-01-01", "by": "eve", "gist": f"secret-{n:03}", "citations": [citation]}
        for n in range(REDACTIONS)
    ]
    api = api_of(chronology, "editor")
    api.posted("/sources", {"id": "paper", "title": "P", "publisher": "P", "text": "It was said."})
    head = max(each["position"] for each in api.posted("/facts", bodies))
    return [f"/api/v1/{('facts/said', 'subjects/person')[n % 2]}-{n}?position={head}" for n in range(REDACTIONS)]


def leaks_while_redacting(chronology: Chronology, addresses: list[str]) -> list[int]:
    """Which secrets were answered though their redaction had been acknowledged when the question was asked."""
    admin, app = api_of(chronology, "admin"), create_app(chronology)
    erased: list[int] = []
    secrets_read: set[int] = set()
    leaks: list[int] = []
    over = Event()

    def redact_some(start: int) -> None:
        for n in range(start, REDACTIONS, REDACTORS):
            path = f"/api/v1/facts/said-{n}/redactions"
            answer = app.test_client().post(path, json={"reason": "asked"}, headers=admin.headers)
            assert answer.status_code == 201 or "views and disk" not in answer.get_json()["left"], answer.text
            erased.append(n)

    def read(reader: int) -> None:
        """Whenever something was erased read it, and in turn something that is yet to be."""
        known = 0
        while not over.is_set():
            if known == (known := len(erased)):
                time.sleep(0.005)
                continue
            acknowledged = erased[-1:]
            ahead = [(len(erased) + REDACTORS) % REDACTIONS] if len(erased) % READERS == reader else []
            for n in (*ahead, *acknowledged):
                answer = app.test_client().get(addresses[n])
                assert answer.status_code == 200, answer.text
                if f"secret-{n:03}" in answer.text:
                    (leaks.append if n in acknowledged else secrets_read.add)(n)

    with ThreadPoolExecutor(READERS + REDACTORS) as threads:
        readers = [threads.submit(read, n) for n in range(READERS)]
        redactors = [threads.submit(redact_some, n) for n in range(REDACTORS)]
        wait(redactors)
        over.set()
        for each in (*redactors, *readers):
            each.result()
    assert len(erased) == REDACTIONS
    assert secrets_read
    return leaks


def test_each_redaction_by_itself_ends_what_was_kept(admin: Api, chronology: Chronology) -> None:
    before = at_many_clocks(admin, 6)
    admin.posted("/sources/report/redactions", {"reason": "asked"})
    of_source = at_many_clocks(admin, 6)
    admin.posted("/facts/said/redactions", {"reason": "asked"})
    of_fact = at_many_clocks(admin, 6)

    chronology.follower.rebuild()
    assert len({tuple(before), tuple(of_source), tuple(of_fact)}) >= 2
    assert at_many_clocks(admin, 6) == of_fact
    assert [each for each in of_fact if DEED.encode() in each] == []


def test_who_follows_far_behind_erases_as_who_followed_step_by_step(admin: Api, chronology: Chronology) -> None:
    chronology.follower.rebuild()
    chronology.follower.catch_up()
    erase_all(admin)
    Follower(chronology.record, chronology.store, batch=3).catch_up()

    assert rows_holding(chronology, "Zyxomma") == []
    assert rows(chronology) == rows_after_rebuild(chronology)


def test_a_generation_that_is_ahead_in_a_rebuild_loses_no_state_to_a_redaction_followed_later(
    admin: Api, chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase = chronology.record.write
    chronology.follower.catch_up()
    erase("the admin", lambda call: redact(call, "fact", "said", {"reason": "asked"}))
    swap = chronology.store.swap

    def swap_late(position: int) -> bool:
        chronology.follower.catch_up()
        return swap(position)

    monkeypatch.setattr(chronology.store, "swap", swap_late)
    chronology.follower.rebuild()

    assert "person-1" in {row[0] for row in rows(chronology)["current"]}
    assert rows(chronology) == rows_after_rebuild(chronology)


def test_words_redacted_while_views_are_rebuilt_are_in_neither_generation(admin: Api, chronology: Chronology) -> None:
    def redact_midway(position: int) -> None:
        erase_all(admin)

    chronology.follower.catch_up()
    chronology.follower.rebuild(redact_midway)

    assert rows_holding(chronology, "Zyxomma") == []
    assert rows(chronology) == rows_after_rebuild(chronology)


def test_words_redacted_while_a_rebuild_breaks_off_are_in_neither_generation(
    admin: Api, chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    def redact_midway(position: int) -> None:
        if position == 3:
            for each in ERASED:
                chronology.record.write("the admin", lambda call, each=each: redact(call, *each, {"reason": "asked"}))

    def breaks_off(*_: Any) -> None:
        raise KeyboardInterrupt

    chronology.follower.catch_up()
    monkeypatch.setattr(rebuilding, "BATCH", 3)
    monkeypatch.setattr(rebuilding, "_index", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        chronology.follower.rebuild(redact_midway)
    chronology.follower.catch_up()

    assert rows_holding(chronology, "Zyxomma") == []


def rows_holding(chronology: Chronology, word: str) -> list[str]:
    """The tables that hold the word in any column, sealed or not."""
    found = []
    with chronology.store.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                values = [bytes(value) if isinstance(value, memoryview) else value for value in row]
                if any(word.encode() in value if isinstance(value, bytes) else word in str(value) for value in values):
                    found.append(table)
    return found


def test_no_byte_of_a_redacted_word_is_left_in_the_files_of_an_embedded_database(
    tmp_path: Path, chronology: Chronology
) -> None:
    if not chronology.settings.is_sqlite:
        pytest.skip("the files of a server are its own; docs/operate.md says what its keeper does")
    admin_of(chronology)
    chronology.follower.rebuild()
    chronology.follower.catch_up()
    assert any(b"Zyxomma" in path.read_bytes() for path in tmp_path.iterdir())
    erase_all(api_of(chronology, "admin"), seconds=3)
    chronology.follower.catch_up()

    assert [path.name for path in tmp_path.iterdir() if b"Zyxomma" in path.read_bytes()] == []


def test_a_text_that_was_searched_for_quotes_is_kept_folded_until_it_is_redacted(chronology: Chronology) -> None:
    chronicle = Chronicle(chronology)
    chronicle.report(id="report", text=SOURCE["text"])
    citation = {"source": "report", "exact": NAME}
    chronicle.given(ActorNamed, "person-1", "subject:person-1", name=NAME, citations=[citation])
    assert [text.given for text in searchable.cache.values()].count(SOURCE["text"]) == 1

    chronology.write("admin", lambda unit: redact(unit, "source", "report", {"reason": "asked to"}))

    assert list(searchable.cache) == []
    with pytest.raises(Invalid, match="is redacted: no words of it can be cited"):
        chronicle.given(ActorNamed, "person-2", "subject:person-2", name=NAME, citations=[citation])


def admin_of(chronology: Chronology) -> None:
    chronicle = Chronicle(chronology)
    citation = chronicle.report(id="report", text=SOURCE["text"])
    citation = {"source": "report", "exact": NAME}
    for body in (NAMED, SAID):
        chronology.write("clerk", lambda call, body=body: record_facts(call, [{**body, "citations": [citation]}], [""]))
    chronicle.given(ActorNamed, "person-1", "subject:person-1", name=NAME, citations=[citation])


def test_the_log_verifies_as_before_and_counts_what_was_redacted(admin: Api, chronology: Chronology) -> None:
    root = verify(chronology.record, {}).root
    erase_all(admin)
    verdict = verify(chronology.record, {6: root})

    assert verdict.flaws == []
    assert (verdict.size, verdict.redacted) == (10, 6)


def test_views_that_followed_are_those_of_a_rebuild(admin: Api, chronology: Chronology) -> None:
    erase_all(admin)
    chronology.follower.catch_up()

    assert rows(chronology) == rows_after_rebuild(chronology)


def test_who_redacted_when_and_why_is_kept(admin: Api) -> None:
    admin.posted("/facts/named/redactions", {"reason": "a child"})
    fact = admin.get("/facts/named").get_json()

    assert fact["redaction"] == {
        "position": 7,
        "recorded": "2026-01-01T12:00:11Z",
        "recorded_by": "the admin",
        "reason": "a child",
    }
    assert fact["stream"][0]["redacted"] is True
    assert admin.get("/facts/said").get_json().get("redaction") is None


def test_a_source_takes_with_it_what_others_quote_of_it_and_nothing_else(admin: Api) -> None:
    admin.posted("/sources/report/redactions", {"reason": "an order of the court"})
    fact = admin.get("/facts/said").get_json()

    assert [each["exact"] for each in fact["citations"]] == ["redacted"]
    assert fact["note"] == "heard of Zyxomma twice"
    assert fact["citations"][0]["start"] > 0
    assert fact["citations"][0]["source"] == "report"


def test_redacting_again_changes_nothing_and_an_unknown_one_is_not_found(admin: Api) -> None:
    first = admin.post("/facts/said/redactions", {"reason": "asked"})
    again = admin.post("/facts/said/redactions", {"reason": "asked once more"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert admin.post("/facts/nothing/redactions", {"reason": "asked"}).status_code == 404
    assert admin.post("/sources/nothing/redactions", {"reason": "asked"}).status_code == 404
    assert admin.post("/facts/named/redactions", {}).status_code == 422


def test_pages_say_that_words_were_erased_and_why(admin: Api) -> None:
    erase_all(admin)
    pages = [admin.client.get(path, headers=admin.headers).text for path in ("/sources/report", "/facts/said")]

    assert all("asked by the person, article 17" in page and "Zyxomma" not in page for page in pages)


def test_only_an_admin_erases(admin: Api, chronology: Chronology) -> None:
    for role in ("reader", "recorder", "editor"):
        assert api_of(chronology, role).post("/facts/named/redactions", {"reason": "asked"}).status_code == 403


def test_sending_what_was_redacted_again_does_not_bring_it_back(admin: Api, chronology: Chronology) -> None:
    erase_all(admin)
    head = chronology.record.head()

    assert admin.post("/sources", SOURCE).status_code == 200
    repeated = {**SAID, "citations": [{"source": "report", "exact": DEED}]}
    assert admin.post("/facts", repeated).status_code == 200
    quoting = {**SAID, "id": "anew", "citations": [{"source": "report", "exact": DEED}]}
    answer = admin.post("/facts", quoting)
    assert answer.status_code == 422
    assert "is redacted: no words of it can be cited" in answer.get_json()["detail"]
    assert chronology.record.head() == head


def test_a_redacted_fact_can_still_be_amended_and_the_new_words_are_read(admin: Api, chronology: Chronology) -> None:
    erase_all(admin)
    admin.posted("/facts/said/corrections", {"kind": "reassessment", "reason": "plain", "changes": {"gist": "is home"}})

    assert admin.get("/facts/said").get_json()["fields"]["gist"] == "is home"
    assert verify(chronology.record, {}).flaws == []
    assert admin.post("/facts/said/redactions", {"reason": "this too"}).status_code == 201
    assert admin.get("/facts/said").get_json()["fields"]["gist"] == "redacted"


def test_what_sources_retracted_stays_so_when_their_publishers_names_are_erased(admin: Api) -> None:
    """Two documents of one publisher, one of another: who retracted is known by pseudonyms."""
    for name, publisher in (("first", "Herald"), ("second", "Herald"), ("third", "Zyxomma Post")):
        source = {"id": name, "title": name, "publisher": publisher, "published": "2024-01-02", "text": "They agreed."}
        admin.posted("/sources", source)
    for name, cited in (("by-herald", "first"), ("by-post", "third")):
        fact = {"id": name, "kind": "SwapAgreed", "subject": name, "occurred": "2024-01-01"}
        admin.posted("/facts", {**fact, "citations": [{"source": cited, "exact": "They agreed."}]})
        body = {"citations": [{"source": "second", "exact": "They agreed."}]}
        admin.posted(f"/facts/{name}/retractions", body)

    def stands() -> list[bool]:
        return [admin.get(f"/facts/{name}").get_json()["retracted"] for name in ("by-herald", "by-post")]

    assert stands() == [True, False]
    for erased in ("second", "third", "first"):
        admin.posted(f"/sources/{erased}/redactions", {"reason": "asked"})
        assert stands() == [True, False]
    assert admin.get("/sources/third").get_json()["publisher"] == "redacted"


def test_a_source_loses_all_that_was_noted_of_it_at_every_position_and_is_corrected_anew(admin: Api) -> None:
    changes = {"title": "Who came", "publisher": "The Gazette", "url": "https://example.org/quillfeather"}
    admin.posted(
        "/sources/report/corrections", {"kind": "misattribution", "reason": "Quillfeather", "changes": changes}
    )
    admin.posted("/sources/report/redactions", {"reason": "asked"})

    for position in (1, 7, 8):
        noted = admin.get("/sources/report", position=position).get_json()
        assert {noted[name] for name in ("title", "publisher", "sha256")} == {"redacted"}
        assert [each["reason"] for each in noted["corrections"]] == ["redacted"] * (position > 6)
    assert (noted["url"], noted["published"], noted["zone"]) == ("redacted", "2024-01-02", "UTC")
    anew = {"kind": "reassessment", "reason": "without names", "changes": {"title": "A report"}}
    admin.posted("/sources/report/corrections", anew)
    assert admin.get("/sources/report").get_json()["title"] == "A report"


def test_a_subject_loses_its_title_and_why_it_was_merged(admin: Api, chronology: Chronology) -> None:
    admin.posted("/subjects", {"id": "person-2", "kind": "actor", "title": "Another"})
    merge = {"kind": "reassessment", "reason": "Zyxomma too", "into": "person-2"}
    admin.posted("/subjects/person-1/merges", merge)
    admin.posted("/subjects/person-1/redactions", {"reason": "asked"})

    assert "Zyxomma too" not in admin.get("/events").text
    assert admin.get("/facts/subject:person-1").get_json()["fields"]["title"] == "redacted"
    assert admin.post("/subjects/person-1/redactions", {"reason": "asked"}).status_code == 200
    assert admin.post("/subjects/nobody/redactions", {"reason": "asked"}).status_code == 404
    assert verify(chronology.record, {}).flaws == []


def test_a_subject_loses_why_it_was_judged(api: Api, chronicle: Chronicle, chronology: Chronology) -> None:
    chronicle.given(SwapAgreed, "swap", "thousand", count_each=1000)
    chronicle.given(SwapAgreed, "swap", "nine", count_each=900, publisher="Herald")
    judged = {"finding": "count_each", "prefers": "thousand", "reason": "Zyxomma wrote it"}
    api.posted("/subjects/swap/verdicts", judged)
    before = chronology.record.head()
    api_of(chronology, "admin").posted("/subjects/swap/redactions", {"reason": "asked"})

    for clocks in ({}, {"position": before}):
        for path in ("/events", "/audit/swap/count_each", "/subjects/swap/understanding", "/subjects/swap"):
            assert "Zyxomma" not in api.get(path, **({} if path == "/events" else clocks)).text
    verdict = api.get("/subjects/swap", position=before).get_json()["fields"]["count_each"]["verdict"]
    assert (verdict["prefers"], verdict["reason"]) == ("thousand", "redacted")
    assert verify(chronology.record, {}).flaws == []


@pytest.mark.parametrize("by", ["recorded", "reported"])
def test_a_replay_is_the_same_in_pages_of_any_size_and_what_is_redacted_meanwhile_is_redacted_in_what_follows(
    admin: Api, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    whole = admin.get("/replay", by=by).text
    monkeypatch.setattr(replaying, "_PAGE", 1)
    assert admin.get("/replay", by=by).text == whole

    stream = admin.client.get("/api/v1/replay", query_string={"by": by}, headers=admin.headers).iter_encoded()
    first = next(stream)
    erase_all(admin)
    rest = b"".join(stream)

    assert b"Zyxomma" in first
    assert b"Zyxomma" not in rest
    assert rest.splitlines() == admin.get("/replay", by=by).data.splitlines()[1:]
