"""The page of the API: whole, without a loose link, and with examples that are taken as they stand."""

import gzip
import json
import re
import shlex
from html import unescape
from urllib.parse import urlsplit

from service.databases.chronology import Chronology
from tests.conftest import Api, api_of

_SOURCES, _SUBJECTS, _FACTS, _PROPOSALS = (f"/api/v1/{name}" for name in ("sources", "subjects", "facts", "proposals"))
_SOURCE, _SUBJECT = f"{_SOURCES}/gazette-2025-06-02", f"{_SUBJECTS}/the-bridge"
_FACT, _PROPOSAL = f"{_FACTS}/bridge-closed", f"{_PROPOSALS}/none"
PATHS = {
    _SOURCES: "",
    _FACTS: "",
    "/api/v1/checks": "",
    "/api/v1/tokens": "",
    "/api/v1/hooks": "",
    f"{_SUBJECTS}": "",
    "/api/v1/suggestions": "",
    **{f"{_FACTS}/{{fact_id}}/{act}": f"{_FACT}/{act}" for act in ("corroborations", "disputes")},
    f"{_SUBJECTS}/{{subject}}/verdicts": f"{_SUBJECT}/verdicts",
    f"{_SUBJECTS}/{{subject}}/verdicts/{{n}}/withdrawal": f"{_SUBJECT}/verdicts/1/withdrawal",
    f"{_FACTS}/{{fact_id}}/corrections": f"{_FACT}/corrections",
    f"{_FACTS}/{{fact_id}}/amendments/{{n}}/withdrawal": f"{_FACT}/amendments/2/withdrawal",
    **{f"{_FACTS}/{{fact_id}}/{act}": f"{_FACT}/{act}" for act in ("retractions", "reinstatements")},
    f"{_SUBJECTS}/{{subject}}/splits": f"{_SUBJECT}/splits",
    f"{_SUBJECTS}/{{subject}}/regroupings/{{n}}/withdrawal": f"{_SUBJECT}/regroupings/3/withdrawal",
    f"{_SUBJECTS}/{{subject}}/merges": "/api/v1/subjects/the-other-bridge/merges",
    **{f"{_SOURCES}/{{source}}/{act}": f"{_SOURCE}/{act}" for act in ("revisions", "corrections", "withdrawals")},
    f"{_SOURCES}/{{source}}/withdrawals/{{n}}/withdrawal": f"{_SOURCE}/withdrawals/3/withdrawal",
    **{f"{_PROPOSALS}/{{proposal}}/{act}": f"{_PROPOSAL}/{act}" for act in ("rejection", "redactions", "words")},
    _PROPOSALS: "",
    f"{_FACTS}/{{fact_id}}/redactions": f"{_FACT}/redactions",
    f"{_SUBJECTS}/{{subject}}/redactions": f"{_SUBJECT}/redactions",
    f"{_SOURCES}/{{source}}/redactions": f"{_SOURCE}/redactions",
}


def test_the_page_of_the_api_has_every_operation_and_schema_of_the_document_and_no_loose_link(api: Api) -> None:
    page = api.client.get("/docs").get_data(as_text=True)

    document = api.client.get("/api/v1/openapi.json").get_json()
    names = set(re.findall(r'id="([^"]+)"', page))
    operations = [each for item in document["paths"].values() for each in item.values() if isinstance(each, dict)]
    assert {each["operationId"] for each in operations} <= names
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= names
    assert set(re.findall(r'href="#([^"]+)"', page)) <= names
    assert len(names) == len(re.findall(r' id="([^"]+)"', page))


def test_every_example_of_the_page_of_the_api_is_taken_as_it_stands(chronology: Chronology) -> None:
    api, made = api_of(chronology, "admin"), {}
    for line in re.findall("<pre[^>]*><code>(.*?)</code>", api.client.get("/docs").get_data(as_text=True), re.DOTALL):
        _, *words = shlex.split(unescape(line))
        if "-d" in words:
            made[urlsplit(words[-1]).path] = json.loads(words[words.index("-d") + 1])

    assert set(PATHS) == set(made)
    for path, place in PATHS.items():
        answer = api.client.post(place or path, json=made[path], headers=api.headers)
        expected = {404} if "{proposal}" in path else {201, 202} if "redactions" in path else {200, 201}
        assert answer.status_code in expected, (path, answer.get_json())


def test_scripts_are_sent_compressed_to_those_who_accept_it(api: Api) -> None:
    plain = api.client.get("/static/js/page.js")
    pressed = api.client.get("/static/js/page.js", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    assert pressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(pressed.data) == plain.data
    again = {"Accept-Encoding": "gzip", "If-None-Match": pressed.headers["ETag"]}
    assert api.client.get("/static/js/page.js", headers=again).status_code == 304
