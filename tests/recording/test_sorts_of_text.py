"""What the text of a source is, and translations of words that are cited: told, shown, repeated, refused, erased."""

import html
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from service.chronicle.exporting import Export
from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, api_of

PAPER = {"id": "paper", "title": "Paper", "publisher": "Gazette", "published": "2024-01-02", "language": "uk"}
PAPER |= {"text": "Вони домовилися обміняти по п'ять."}
TRANSLATION = {"language": "en", "text": "They agreed to swap five each."}
QUOTE = {"source": "paper", "exact": "домовилися обміняти", "translation": TRANSLATION}
AGREED = {"id": "agreed", "kind": "SwapAgreed", "subject": "swap", "occurred": "2024-01-01", "count_each": 5}
OURS = {"kind": "transcription_error", "reason": "misread"}


@pytest.fixture
def admin(chronology: Chronology) -> Api:
    return api_of(chronology, "admin")


def told(api: Api, **source: Any) -> None:
    api.posted("/sources", PAPER | source)
    api.posted("/facts", {**AGREED, "citations": [QUOTE]})


def test_a_source_says_what_its_text_is_and_is_original_where_nothing_is_said(api: Api) -> None:
    for name, said in (("one", {}), ("two", {"text_is": "original"}), ("three", {"text_is": "excerpt"})):
        api.posted("/sources", PAPER | {"id": name} | said)

    found = {name: api.get(f"/sources/{name}").get_json()["text_is"] for name in ("one", "two", "three")}
    listed = {each["id"]: each["text_is"] for each in api.get("/sources").get_json()["sources"]}

    assert found == listed == {"one": "original", "two": "original", "three": "excerpt"}
    assert api.post("/sources", PAPER | {"id": "one", "text_is": "original"}).status_code == 200
    assert api.post("/sources", PAPER | {"id": "one", "text_is": "digest"}).status_code == 409


def test_a_correction_says_what_a_text_is_from_its_position_on(api: Api) -> None:
    told(api)
    before = api.get("/facts/agreed").get_json()["citations"][0]
    at = api.posted("/sources/paper/corrections", {**OURS, "changes": {"text_is": "digest"}})["position"]

    assert "text_is" not in before
    assert api.get("/facts/agreed").get_json()["citations"][0]["text_is"] == "digest"
    assert api.get("/sources/paper").get_json()["text_is"] == "digest"
    assert api.get("/sources/paper", position=at - 1).get_json()["text_is"] == "original"
    api.posted("/sources/paper/corrections", {**OURS, "changes": {"text_is": "original"}})
    assert "text_is" not in api.get("/facts/agreed").get_json()["citations"][0]


def test_a_translation_stands_beside_its_words_wherever_they_are_evidence(api: Api) -> None:
    told(api)

    fact = api.get("/facts/agreed").get_json()
    audit = api.get("/audit/swap/count_each").get_json()
    listed = api.get("/facts", q="agreed to swap").get_json()["facts"]

    shown = [fact["citations"], fact["stream"][0]["citations"], audit["words"][0]["citations"], listed[0]["citations"]]
    assert [each[0]["translation"] for each in shown] == [TRANSLATION] * 4
    assert api.post("/facts", {**AGREED, "citations": [QUOTE]}).status_code == 200
    other = QUOTE | {"translation": TRANSLATION | {"text": "They swap."}}
    assert api.post("/facts", {**AGREED, "citations": [other]}).status_code == 409
    assert api.post("/facts", {**AGREED, "citations": [QUOTE | {"translation": None}]}).status_code == 409


def test_words_of_a_translation_are_never_looked_for_in_the_source(api: Api) -> None:
    told(api)
    sought = {"source": "paper", "exact": TRANSLATION["text"]}

    assert api.post("/facts", {**AGREED, "id": "other", "citations": [sought]}).status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "pointer", "named"),
    [
        ("/sources", PAPER | {"id": "other", "text_is": "summary"}, "/text_is", "summary"),
        ("/sources", PAPER | {"id": "other", "text_is": ["digest"]}, "/text_is", "digest"),
        ("/sources/paper/corrections", {**OURS, "changes": {"text_is": None}}, "/changes/text_is", "text_is"),
        ("/sources/paper/corrections", {**OURS, "changes": {"text_is": "ours"}}, "/changes/text_is", "ours"),
        *[
            ("/facts", {**AGREED, "id": "other", "citations": [QUOTE | {"translation": given}]}, at, named)
            for given, at, named in (
                ("They agreed.", "/citations/0/translation", "language and text"),
                ({"text": "They agreed."}, "/citations/0/translation/language", "None"),
                ({"language": "English language", "text": "So."}, "/citations/0/translation/language", "English"),
                ({"language": "en"}, "/citations/0/translation/text", "None"),
                ({"language": "en", "text": " "}, "/citations/0/translation/text", "empty"),
                ({**TRANSLATION, "by": "me"}, "/citations/0/translation/by", "by"),
            )
        ],
    ],
)
def test_what_no_text_is_and_half_a_translation_are_refused_by_name_and_nothing_is_written(
    api: Api, chronology: Chronology, path: str, body: dict[str, Any], pointer: str, named: str
) -> None:
    told(api)
    head = chronology.record.head()
    answer = api.post(path, body)
    problem = answer.get_json()

    assert answer.status_code == 422
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert named in problem["errors"][0]["detail"]
    assert chronology.record.head() == head


@pytest.mark.parametrize("erased", ["/sources/paper", "/facts/agreed"])
def test_a_translation_is_sealed_and_erased_like_the_words_it_translates(
    admin: Api, chronology: Chronology, erased: str
) -> None:
    told(admin, text_is="excerpt")
    stored = chronology.record.recorder.select_notifications(start=1, limit=10)
    assert not any(b"swap five" in each.state for each in stored)
    assert "swap five" in admin.get("/events").text
    assert admin.post(f"{erased}/redactions", {"reason": "asked"}).status_code in (201, 202)
    chronology.follower.catch_up()

    fact = admin.get("/facts/agreed")
    citation = fact.get_json()["citations"][0]
    assert citation["translation"] == {"language": "en", "text": "redacted"}
    assert citation["text_is"] == admin.get("/sources/paper").get_json()["text_is"] == "excerpt"
    assert "swap five" not in fact.text + admin.get("/events").text + admin.get("/audit/swap/count_each").text
    assert admin.post("/facts", {**AGREED, "citations": [QUOTE]}).status_code == 200


def test_an_export_has_what_texts_are_and_translations(api: Api, chronology: Chronology) -> None:
    told(api, text_is="translation")
    api.posted("/sources/paper/corrections", {**OURS, "id": "so", "changes": {"text_is": "digest"}})
    lines = [orjson.loads(line) for line in Export(chronology.record).lines() if line.strip()]

    assert lines[0]["source"]["text_is"] == "translation"
    assert lines[1]["fact"]["citations"][0] == QUOTE | {"version": 1}
    assert lines[2]["amendment"]["changes"] == {"text_is": "digest"}


ADDRESSES = ("/facts/agreed", "/subjects/swap", "/sources/paper", "/compare?from_position=1", "/chronology", "/sources")
QUOTED = re.compile(r"<q[ >].*?</q>|“[^”]*”", re.DOTALL)


@pytest.mark.parametrize("text", [PAPER["text"], None])
def test_pages_never_set_our_digest_in_quotation_marks_and_say_that_it_is_ours(
    api: Api, text: str | None, chronology: Chronology
) -> None:
    told(api, text=text)
    api.posted("/facts/agreed/disputes", {"citations": [QUOTE], "changes": {"count_each": 6}})

    def pages() -> dict[str, str]:
        return {path: html.unescape(api.client.get(path).get_data(as_text=True)) for path in ADDRESSES}

    quoted = {path for path, page in pages().items() if any("домовилися" in each for each in QUOTED.findall(page))}
    api.posted("/sources/paper/corrections", {**OURS, "changes": {"text_is": "digest"}})
    after = pages()

    assert {"/subjects/swap", "/facts/agreed", "/compare?from_position=1"} <= quoted
    for path, page in after.items():
        assert not any("домовилися" in each for each in QUOTED.findall(page)), path
        assert path == "/chronology" or "our digest" in page, path
        assert (
            path in ("/chronology", "/sources")
            or f'Our translation: <span lang="en">{TRANSLATION["text"]}' in page
            or (f'our translation: <span lang="en">{TRANSLATION["text"]}' in page)
        ), path


def test_the_page_of_proposals_sets_no_digest_in_quotation_marks(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/chronology.db", four_eyes="yes")
    chronology = Chronology(settings, follows=True)
    editor, recorder = api_of(chronology, "editor"), api_of(chronology, "recorder")
    recorder.posted("/sources", PAPER | {"text_is": "digest"})
    assert recorder.post("/facts", {**AGREED, "citations": [QUOTE]}).status_code == 202
    page = html.unescape(editor.client.get("/proposals", headers=editor.headers).get_data(as_text=True))
    chronology.close()

    assert "домовилися обміняти" in page
    assert QUOTED.findall(page) == []
    assert "our digest" in page
    assert TRANSLATION["text"] in page


def test_the_command_line_sets_no_digest_in_quotation_marks(
    api: Api, chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(api)
    chronology.follower.catch_up()
    monkeypatch.setenv("CHRONOLOGY_DATABASE", chronology.settings.database)
    monkeypatch.setenv("COLUMNS", "400")
    commands = (["fact", "agreed"], ["audit", "swap", "count_each"])
    before = [CliRunner().invoke(main, each).output for each in commands]
    api.posted("/sources/paper/corrections", {**OURS, "changes": {"text_is": "digest"}})
    chronology.follower.catch_up()
    after = [CliRunner().invoke(main, each).output for each in commands]

    assert all("“домовилися обміняти” [en, our translation: They agreed" in each for each in before)
    assert all("домовилися обміняти [our digest] [en, our translation: They agreed" in each for each in after)
    assert not any("“" in each for each in after)
