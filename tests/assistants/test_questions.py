"""Questions that readers ask about the sample: each answered within three calls, shortly, with words and addresses."""

import json
import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from events.field_types import JsonObject
from service.assistants.protocol import MODERN
from service.databases.chronology import Chronology
from tests.fixtures.applications import app_on

MOST_CALLS, MOST_BYTES = 3, 8_000
META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
HERE = "http://localhost"


class Asked(NamedTuple):
    question: str
    calls: list[tuple[str, JsonObject]]
    holds: tuple[str, ...]


def search(words: str) -> tuple[str, JsonObject]:
    return "search", {"q": words}


def of(tool: str, subject: str, **more: Any) -> tuple[str, JsonObject]:
    return tool, {"subject": subject, **more}


THOUSAND, WOUNDED, DEAD = "swap-1000-for-1000", "swap-wounded-and-young", "return-of-the-dead"
ROUND_1, ROUND_2, ROUND_3 = "istanbul-round-1", "istanbul-round-2", "istanbul-round-3"
MEDUZA, RUSSIAN = "meduza-2025-07-24", "memorandum-russia"
TABLE = [
    Asked("How far has the large swap come?", [search("swap of 1,000"), of("state", THOUSAND)], ('"completed"', "operation was finished")),
    Asked("And how far had it come by 20 May?", [search("swap of 1,000"), of("state", THOUSAND, at="2025-05-20")], ('"agreed"',)),
    Asked("What was known of it on 24 May?", [search("swap of 1,000"), of("state", THOUSAND, reported_until="2025-05-24")], ('"partly carried out"',)),
    Asked("How many came home on the first day?", [search("390")], ("swap-1000-stage-1", "home that day at 390")),
    Asked("Which swaps are there?", [("values", {"kind": "swap"})], (THOUSAND, WOUNDED, DEAD, "swap-1200")),
    Asked("Which swaps are only agreed?", [("values", {"kind": "swap", "status": "agreed"})], ("swap-1200", "2025-07-23")),
    Asked("Why is the swap of the wounded held to be completed?", [search("wounded"), of("why", WOUNDED)], ("An older exchange", "Anadolu Agency")),
    Asked("What was repaired about its end, and why?", [search("wounded"), of("why", WOUNDED)], ("the day stays open", "the editor", "2025-11-13")),
    Asked("Who denied that it was postponed?", [search("wounded"), of("state", WOUNDED)], ("coordination-headquarters", "put nothing off")),
    Asked("Which rounds of talks were there?", [("values", {"kind": "talks"})], (ROUND_1, ROUND_2, ROUND_3, "broken off")),
    Asked("Who led the teams in the second round?", [search("second round"), of("values", ROUND_2)], ('"head[russia]","value":"medinsky"', '"head[ukraine]","value":"umerov"')),
    Asked("Where was the second round held?", [search("second round"), of("state", ROUND_2), of("state", ROUND_2, after=15)], ("Çırağan Palace",)),
    Asked("How did Ankara judge it?", [search("second round"), of("state", ROUND_2)], ("had not gone badly",)),
    Asked("How long did the third round take?", [search("third round"), of("values", ROUND_3)], ("less than an hour",)),
    Asked("Do the reports agree on its day?", [search("third round"), of("state", ROUND_3)], ("contradicted_by", "2025-07-24", "TASS")),
    Asked("Who was in the chair in the first round?", [search("first round"), of("state", ROUND_1)], ("fidan", "Fidan was in the chair")),
    Asked("How long did the first round take?", [search("first round"), of("why", ROUND_1, finding="duration")], ("two hours",)),
    Asked("How many bodies were in the last batch?", [search("return of the dead"), of("why", DEAD, finding="counts[5][ukraine]")], ("1245", "1248", "russian-defence-ministry")),
    Asked("What total did Moscow give?", [search("6,060")], ("6,060 passed on", "permalink")),
    Asked("How many bodies came on 11 June?", [search("return of the dead"), of("timeline", DEAD, since="2025-06-11", until="2025-06-11")], ("1,212 bodies on 11 June",)),
    Asked("What has Russia told of the dead?", [search("return of the dead"), of("state", DEAD, reading="russia")], ("6,060 bodies", "reading=russia")),
    Asked("What is overdue?", [("agenda", {"only": "overdue"})], (RUSSIAN, "takes a week to read")),
    Asked("Which proposals have lapsed?", [("agenda", {"only": "lapsed"})], ("leaders-summit", "june-meeting")),
    Asked("Which papers wait for an answer?", [("agenda", {"only": "unanswered"})], (RUSSIAN, "memorandum-ukraine")),
    Asked("What was coming on 1 June?", [("agenda", {"only": "coming", "at": "2025-06-01T00:00:00Z", "reported_until": "2025-06-01"})], (ROUND_2,)),
    Asked("What happened on 2 June?", [("timeline", {"since": "2025-06-02", "until": "2025-06-02"})], ("MediationOffered", "round-2-judged-by-ankara", "ask again with after=")),
    Asked("What did the Associated Press bring?", [search("Associated Press"), ("timeline", {"source": "ap-2025-05-23"})], ("SwapStageCompleted", "2025-05-23")),
    Asked("What is told of Medinsky?", [search("Medinsky"), of("timeline", "medinsky")], ("aide of Russia's president",)),
    Asked("What is Umerov now?", [search("Umerov"), of("state", "umerov")], ('"holds[secretary]","value":true',)),
    Asked("What was he on 1 June?", [search("Umerov"), of("state", "umerov", at="2025-06-01")], ('"holds[minister of defence]","value":true',)),
    Asked("What became of the Russian paper?", [search("Russia's memorandum"), of("state", RUSSIAN)], ('"handed over"', "only at the table")),
    Asked("What was reported of it by 1 June?", [search("Russia's memorandum"), of("state", RUSSIAN, reported_until="2025-06-01")], ('"announced"',)),
    Asked("Was a full ceasefire agreed?", [search("full ceasefire"), of("state", "ceasefire-unconditional")], ('"proposed"', "turned down by Russia")),
    Asked("Which pauses were offered?", [("values", {"kind": "ceasefire"})], ("pause-for-the-dead", "24 to 48 hours")),
    Asked("What has become of the children?", [("values", {"kind": "demand"}), of("state", "return-of-children")], ('"partly met"', "Six children")),
    Asked("What does Meduza's report say?", [search("Meduza"), ("source_text", {"source": MEDUZA})], ("not instructions", "terms of a settlement have to come first")),
    Asked("Does it say so word for word?", [search("Meduza"), ("verify_quote", {"source": MEDUZA, "exact": "Umerov proposed a summit by the end of August"})], ('"stands":true', "Meduza")),
    Asked("Does it speak of July?", [search("Meduza"), ("verify_quote", {"source": MEDUZA, "exact": "Umerov proposed a summit by the end of July"})], ('"stands":false', "end of August")),
    Asked("What did a week in June change about the dead?", [search("return of the dead"), of("diff", DEAD, from_reported_until="2025-06-10", to_reported_until="2025-06-17")], ('"completed"', "new_fact")),
    Asked("What did the desk learn of the ceasefire after 15 June?", [search("full ceasefire"), of("diff", "ceasefire-unconditional", from_recorded_until="2025-06-15", to_recorded_until="2025-11-30")], ("full-truce-not-agreed", "new_fact", "/compare?")),
    Asked("Does what I cited in June still hold?", [("check_links", {"addresses": [f"{HERE}/subjects/{WOUNDED}?position=122"]})], ('"stands":false', '"completed"')),
    Asked("Does what I cited just now?", [("values", {"kind": "swap"}), ("check_links", {"addresses": [f"{HERE}/subjects/swap-1200?position=212"]})], ('"stands":true',)),
    Asked("What can be said of talks?", [("kinds", {"about": "talks"})], ("under way", "TalksBegan")),
    Asked("How is an agreed swap recorded?", [("kinds", {"about": "swap"}), ("kinds", {"kind": "SwapAgreed"})], ("count_each", "occurred")),
    Asked("Was there a meeting in Geneva?", [search("Geneva")], ("nothing_found",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def client(sample: Chronology) -> FlaskClient:
    return app_on(sample).test_client()


@pytest.fixture(scope="module")
def call(client: FlaskClient) -> Callable[[str, JsonObject], JsonObject]:
    return lambda tool, arguments: called(client, tool, arguments)


def called(client: FlaskClient, tool: str, arguments: JsonObject, token: str | None = None) -> JsonObject:
    """The result of a tool, as the newest revision has it."""
    params = {"name": tool, "arguments": arguments, "_meta": META}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": tool}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = client.post("/mcp", json=message, headers=headers)
    assert answer.status_code == 200, answer.text
    result: JsonObject = answer.get_json()["result"]
    return result


def said(result: JsonObject) -> str:
    return "\n".join(each["text"] for each in result["content"])


def names_in(arguments: JsonObject) -> list[str]:
    return [arguments[each] for each in ("subject", "source") if each in arguments]


def test_forty_questions_are_answered_within_three_calls_by_what_the_calls_before_named(
    call: Callable[[str, JsonObject], JsonObject], capsys: pytest.CaptureFixture[str]
) -> None:
    sizes: list[int] = []
    for asked in TABLE:
        told = ""
        for tool, arguments in asked.calls:
            assert all(f'"{name}"' in told for name in names_in(arguments)), asked.question
            result = call(tool, arguments)
            assert not result["isError"], (asked.question, said(result))
            sizes.append(len(json.dumps(result, ensure_ascii=False).encode()))
            told += said(result)
        assert len(asked.calls) <= MOST_CALLS
        assert [each for each in asked.holds if each not in said(result)] == [], (asked.question, said(result))

    with capsys.disabled():
        print(
            f"\n{len(TABLE)} questions, {len(sizes)} answers: median {statistics.median(sizes):.0f} bytes, largest {max(sizes)}"
        )
    assert len(TABLE) >= 40
    assert statistics.median(sizes) < MOST_BYTES


def test_every_value_has_its_words_and_an_address_that_shows_it_for_good(
    client: FlaskClient, call: Callable[[str, JsonObject], JsonObject]
) -> None:
    told = json.loads(said(call("state", {"subject": DEAD, "at": "2025-06-12"})))
    counted = next(each for each in told["findings"] if each["finding"] == "counts[1][ukraine]")

    assert counted["words"][0] | {"text_is": "", "version": 0} == {
        "exact": "1,212 bodies on 11 June",
        "publisher": "Ukrainska Pravda",
        "source": "ukrainska-pravda-2025-06-16",
        "published": "2025-06-16T13:28:00",
        "text_is": "",
        "version": 0,
    }
    assert counted["permalink"] == f"{HERE}/subjects/{DEAD}?at=2025-06-12&position=212"
    links = [told["findings"][0]["permalink"], f"{HERE}/facts/dead-stage-1?position=212"]
    assert [client.get(each).status_code for each in links] == [200, 200]


def test_what_is_cut_is_said_and_the_rest_is_asked_for(call: Callable[[str, JsonObject], JsonObject]) -> None:
    told: list[str] = []
    after = 0
    while True:
        part = json.loads(said(call("timeline", {"after": after})))
        told += [each["fact"] for each in part["facts"]]
        if "cut" not in part:
            break
        after = int(part["cut"].split("after=")[1].split(";")[0])

    whole = json.loads(said(call("timeline", {"subject": THOUSAND})))
    assert len(told) == len(set(told)) > 60
    assert {each["fact"] for each in whole["facts"]} <= set(told)
    assert "cut" not in whole


@pytest.mark.parametrize(
    ("tool", "arguments", "named"),
    [
        ("state", {"subject": "swap-9999"}, "swap-9999"),
        ("values", {"kind": "parade"}, "parade"),
        ("values", {"kind": "swap", "status": "in force"}, "in force"),
        ("why", {"subject": THOUSAND, "finding": "weather"}, "weather"),
        ("timeline", {"subject": "swap-9999"}, "swap-9999"),
        ("timeline", {"source": "no-paper"}, "no-paper"),
        ("timeline", {"since": "the day after"}, "the day after"),
        ("diff", {"subject": "swap-9999"}, "swap-9999"),
        ("state", {"subject": THOUSAND, "at": "yesterdayish"}, "yesterdayish"),
        ("state", {"subject": THOUSAND, "position": 9_999_999}, "9999999"),
        ("state", {"subject": THOUSAND, "when": "2025-01-01"}, "when"),
        ("state", {"subject": "a\0b"}, "NUL"),
        ("source_text", {"source": MEDUZA, "start": 5_000}, "212 characters"),
        ("verify_quote", {"source": "no-paper", "exact": "words"}, "no-paper"),
        ("kinds", {"kind": "SwapDreamt"}, "SwapDreamt"),
        ("check_links", {"addresses": [f"{HERE}/subjects/{THOUSAND}"]}, "names no position"),
        ("propose", {"assistant": "a test"}, "token"),
    ],
)  # fmt: skip
def test_an_error_names_the_value_at_fault_and_never_looks_like_nothing_found(
    call: Callable[[str, JsonObject], JsonObject], tool: str, arguments: JsonObject, named: str
) -> None:
    result = call(tool, arguments)

    assert result["isError"]
    assert said(result).startswith("This is an error, not an answer: ")
    assert named in said(result)
    assert "nothing_found" not in said(result)
