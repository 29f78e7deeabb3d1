"""A document is taken in on the page: a text or a file, what is guessed of it put right, and the source registered."""

import html
import re
from io import BytesIO
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import api_of, on
from tests.fixtures import document_files as files
from tests.trust.test_sign_in import signed_in

PASTED = (
    "Talks end without a date\n\nBoth sides agreed on Friday to free one thousand prisoners each, officials said. " * 2
)


def fields(page: str) -> dict[str, str]:
    """What the form of a page would send."""
    found = re.findall(r'<input(?=[^>]*? name="([\w]+)")(?=[^>]*? value="([^"]*)")(?![^>]*checkbox)[^>]*>', page)
    text = re.search(r'<textarea[^>]* name="text"[^>]*>(.*?)</textarea>', page, re.S)
    assert text is not None
    return {name: html.unescape(value) for name, value in [*found, ("text", text[1])]}


def sent(client: FlaskClient, path: str, **form: Any) -> Any:
    proof = fields(client.get("/desk").text)["csrf_token"]
    return client.post(path, data={"csrf_token": proof, **form}, content_type="multipart/form-data")


def test_a_pasted_text_is_shown_with_what_is_guessed_and_becomes_a_source(sqlite_chronology: Chronology) -> None:
    client, _ = signed_in(sqlite_chronology, "recorder")

    looked = sent(client, "/desk", text=PASTED)
    typed = fields(looked.text) | {"publisher": "Gazette", "published": "16 May 2025"}
    registered = sent(client, "/desk/sources", **typed)

    assert looked.status_code == 200
    assert (typed["title"], typed["language"]) == ("Talks end without a date", "en")
    assert sqlite_chronology.record.head() == 1
    assert (registered.status_code, registered.headers["Location"]) == (303, f"/desk/sources/{typed['id']}")
    noted = api_of(sqlite_chronology, "reader").get(f"/sources/{typed['id']}").get_json()
    assert (noted["publisher"], noted["published"], noted["language"]) == ("Gazette", "2025-05-16", "en")
    assert "original" not in noted["versions"][0]


def test_another_text_with_the_same_first_lines_is_suggested_an_id_of_its_own(sqlite_chronology: Chronology) -> None:
    client, _ = signed_in(sqlite_chronology, "recorder")
    dated = "wire 2025-06-02 ROME\nTalks end\n\nBoth sides agreed on Friday to free one thousand prisoners each."

    first = fields(sent(client, "/desk", text=dated).text)
    sent(client, "/desk/sources", **{**first, "publisher": "Wire"})
    again, other = (fields(sent(client, "/desk", text=text).text) for text in (dated, f"{dated} Officials said so."))

    assert (first["title"], first["published"], first["id"]) == ("Talks end", "2025-06-02", "2025-06-02-talks-end")
    assert (again["id"], other["id"]) == (first["id"], f"{first['id']}-2")


def test_a_file_is_kept_beside_its_text_and_linked_from_the_page_of_the_source(sqlite_chronology: Chronology) -> None:
    client, _ = signed_in(sqlite_chronology, "recorder")

    looked = sent(client, "/desk", file=(BytesIO(files.MAIL), "note.eml"), text="")
    registered = sent(client, "/desk/sources", **fields(looked.text))
    page = client.get(registered.headers["Location"].removeprefix("/desk")).text

    address = re.search(r'href="(/api/v1/sources/[^"]+/original\?version=1)"', page)
    assert address is not None
    assert client.get(address[1]).data == files.MAIL


def test_what_repeats_a_source_is_named_before_it_is_registered(sqlite_chronology: Chronology) -> None:
    client, _ = signed_in(sqlite_chronology, "recorder")
    words = " ".join(f"word{n}" for n in range(80))
    api_of(sqlite_chronology, "recorder").posted(
        "/sources", {"id": "first", "title": "First", "publisher": "P", "text": words}
    )

    looked = sent(client, "/desk", text=f"Another head\n{words}")
    typed = fields(looked.text) | {"publisher": "Q", "derived_from": "first"}
    sent(client, "/desk/sources", **typed)

    assert "It repeats what is recorded already" in looked.text
    assert api_of(sqlite_chronology, "reader").get(f"/sources/{typed['id']}").get_json()["derived_from"] == ["first"]


def test_what_is_refused_comes_back_with_all_that_was_typed(sqlite_chronology: Chronology) -> None:
    client, _ = signed_in(sqlite_chronology, "recorder")

    typed = fields(sent(client, "/desk", text=PASTED).text) | {"publisher": "", "published": "the other day"}
    refused = sent(client, "/desk/sources", **typed)
    nothing = sent(client, "/desk", text=" ")
    bomb = sent(client, "/desk", file=(BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99)), "a.doc"), text="")

    assert (refused.status_code, nothing.status_code, bomb.status_code) == (422, 422, 422)
    assert fields(refused.text)["published"] == "the other day"
    assert fields(refused.text)["text"].split() == PASTED.split()
    assert 'id="e-published"' in refused.text
    assert "Paste a text, or choose a file." in nothing.text
    assert "cannot be taken in: it is an Office file of before 2007" in html.unescape(bomb.text)
    assert sqlite_chronology.record.head() == 0


def test_only_recorders_take_documents_in_and_only_from_the_page_itself(sqlite_chronology: Chronology) -> None:
    reader, _ = signed_in(sqlite_chronology, "reader", "Bob")
    recorder, _ = signed_in(sqlite_chronology, "recorder")

    assert [reader.get("/desk").status_code, reader.post("/desk", data={"text": "So."}).status_code] == [403, 403]
    assert recorder.post("/desk/sources", data={"text": "So."}).status_code == 403
    assert api_of(sqlite_chronology, "reader").post("/documents", {}).status_code == 403


@pytest.mark.parametrize("form", [True, False])
def test_a_document_is_read_by_the_api_without_a_trace(sqlite_chronology: Chronology, form: bool) -> None:
    api = api_of(sqlite_chronology, "recorder")
    body: dict[str, Any] = {"data": files.MAIL, "content_type": "message/rfc822", "query_string": {"name": "note.eml"}}
    if form:
        body = {"data": {"file": (BytesIO(files.MAIL), "mail/note.eml")}}

    answer = api.client.post("/api/v1/documents", headers=api.headers, **body)

    assert answer.status_code == 200
    found = answer.get_json()
    assert (found["name"], found["format"], found["suggested_id"]) == (
        "note.eml",
        "e-mail",
        "press-office-2025-05-16-the-talks-began",
    )
    assert (found["bytes"], found["repeats"], sqlite_chronology.record.head()) == (len(files.MAIL), [], 0)


def test_the_command_line_takes_a_file_in_and_says_what_it_guessed(tmp_path: Any) -> None:
    database = on("sqlite", tmp_path)
    (tmp_path / "note.eml").write_bytes(files.MAIL)

    def run(*arguments: str) -> Any:
        return CliRunner(env={"CHRONOLOGY_DATABASE": database}).invoke(main, ["source", "add", *arguments])

    added = run(str(tmp_path / "note.eml"), "--publisher", "Office")
    again = run(str(tmp_path / "note.eml"), "--publisher", "Office")
    wrong = run(str(tmp_path / "note.eml"), "--published", "Friday")

    assert added.exit_code == again.exit_code == 0, added.output
    assert "title      The talks began (guessed)" in added.output
    assert "publisher  Office\n" in added.output
    assert "id         office-2025-05-16-the-talks-began, recorded at position 1" in added.output
    assert "recorded before at position 1" in again.output
    assert wrong.exit_code == 2
    assert "'Friday'" in wrong.output
    chronology = Chronology(Settings(database=database), follows=True)
    source = "/sources/office-2025-05-16-the-talks-began/original"
    assert api_of(chronology, "reader").get(source).data == files.MAIL
    chronology.close()
