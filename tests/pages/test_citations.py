"""Citations of what a page shows: each format is read back, and its address shows what was cited."""

import json
import re
from base64 import b64encode
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from events.kinds.any_subject import SubjectDescribed
from events.kinds.swap import SwapAgreed, SwapCompleted
from projections.clocks import Asked
from projections.read_models.merkle_tiles import root
from service.databases.chronology import Chronology
from service.pages.sharing.citation import Citation, bibtex, csl_json, plain_text
from tests.fixtures.stories import Chronicle

CITED = ("subject/swap-1000-for-1000", "fact/second-swap-completed", "source/liga-2025-06-02", "actor/medinsky")
TEX = {
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciitilde": "~",
    "textasciicircum": "^",
}


def read_bibtex(text: str) -> dict[str, str]:
    """The fields of the one entry in the text, by a reader that takes only what BibTeX takes: balanced braces."""
    head = re.match(r"@(\w+)\{([^\s,{}\"#%~\\]+)", text)
    assert head is not None, text
    fields, rest = {"type": head[1], "key": head[2]}, text[head.end() :]
    while field := re.match(r",\s*(\w+) = \{", rest):
        depth, end = 1, field.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(rest[end], 0)
            end += 1
        fields[field[1]], rest = rest[field.end() : end - 1], rest[end:]
    assert rest == "\n}\n"
    return fields


def from_tex(text: str) -> str:
    """What TeX prints for the text; no command and no special character may be left in it."""
    parts = re.split(r"\\(text[a-z]+)\{\}|\\([&%$#_])", text)
    assert not set("".join(parts[::3])) & set("\\{}~^&%$#_"), text
    return "".join(TEX.get(part, part or "") for place, part in enumerate(parts) if part or place % 3 == 0)


def csl_item(content: bytes) -> dict[str, object]:
    """The one item of CSL-JSON, whose required fields are there and whose dates are dates (CSL data schema)."""
    (item,) = json.loads(content)
    assert {"id", "type"} <= item.keys()
    assert item["type"] == "webpage"
    assert item.keys() <= {"id", "type", "title", "container-title", "URL", "accessed", "issued", "note"}
    for name in ("accessed", "issued"):
        ((year, month, day),) = item[name]["date-parts"]
        assert year > 2000
        assert 1 <= month <= 12
        assert 1 <= day <= 31
    return item


@pytest.mark.parametrize("cited", CITED)
@pytest.mark.parametrize("clocks", ["", "&at=2025-07-10&reported_until=2025-07-08"])
def test_every_format_cites_the_same_address_and_that_address_shows_the_page(
    site: FlaskClient, sample: Chronology, cited: str, clocks: str
) -> None:
    with sample.ask(Asked()) as (snapshot, at):
        head = b64encode(root(snapshot, at.position)).decode()

    answers = {form: site.get(f"/cite/{cited}?format={form}{clocks}") for form in ("text", "bibtex", "csl")}

    assert [answer.status_code for answer in answers.values()] == [200, 200, 200]
    text, entry = answers["text"].get_data(as_text=True), read_bibtex(answers["bibtex"].get_data(as_text=True))
    item = csl_item(answers["csl"].data)
    assert from_tex(entry["title"][1:-1]) == item["title"]
    assert str(item["title"]) in text
    addresses = [urlsplit(each) for each in (entry["url"], str(item["URL"]), str(re.search(r"http\S+", text)[0]))]
    for address in addresses:
        query = parse_qs(address.query)
        assert query["position"] == [str(sample.record.head())]
        assert query["at"] != ["now"]
        assert address.path == f"/{cited.partition('/')[0]}s/{cited.partition('/')[2]}"
        assert site.get(address._replace(scheme="", netloc="").geturl()).status_code == 200
    assert all(head in each for each in (text, entry["note"], str(item["note"])))
    assert entry["year"] == "2025"
    assert entry["urldate"].startswith("2026-01-01")


@pytest.mark.parametrize(
    "path", ["/subjects/swap-1000-for-1000", "/facts/second-swap-completed", "/sources/liga-2025-06-02"]
)
def test_a_page_says_how_it_is_cited_and_its_links_cite_it_at_its_own_position(site: FlaskClient, path: str) -> None:
    page = site.get(f"{path}?at=2025-07-10&position=200").get_data(as_text=True)

    links = [each.replace("&amp;", "&") for each in re.findall(r'href="(/cite/[^"]+)"', page)]
    assert [parse_qs(urlsplit(each).query)["format"] for each in links] == [["text"], ["bibtex"], ["csl"]]
    assert all("position=200" in each and "at=2025-07-10" in each for each in links)
    assert "our records up to entry 200" in site.get(links[0]).get_data(as_text=True)


def test_what_was_cited_still_reads_so_after_more_was_recorded(chronicle: Chronicle, pages: FlaskClient) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-01")
    cited = csl_item(pages.get("/cite/subject/it?format=csl").data)
    chronicle.given(SwapCompleted, occurred="2024-01-05", reported="2024-01-05")

    shown = pages.get(urlsplit(str(cited["URL"]))._replace(scheme="", netloc="").geturl()).get_data(as_text=True)

    assert "<strong>agreed</strong>" in shown
    assert "<strong>completed</strong>" in pages.get("/subjects/it").get_data(as_text=True)


def test_a_title_of_special_characters_is_cited_as_it_is(chronicle: Chronicle, pages: FlaskClient) -> None:
    title = '100% of {A} & B_C: \\input{x} ~ #1 ^ $5 } "q"'
    chronicle.given(SubjectDescribed, subject="it", subject_kind="swap", title=title)

    entry = read_bibtex(pages.get("/cite/subject/it?format=bibtex").get_data(as_text=True))

    assert from_tex(entry["title"][1:-1]) == title
    assert csl_item(pages.get("/cite/subject/it?format=csl").data)["title"] == title


@given(st.text())
@settings(deadline=None)
def test_any_title_comes_back_from_bibtex_and_json(title: str) -> None:
    cited = Citation("k", title, "http://h/x?a=1&b=2", "2025-01-02", "2026-01-01", title)

    assert from_tex(read_bibtex(bibtex(cited))["title"][1:-1]) == cited.title
    assert csl_item(csl_json(cited))["note"] == title
    assert cited.address in plain_text(cited)


@pytest.mark.parametrize(
    ("path", "status"), [("matter/it", 404), ("subject/nobody", 404), ("subject/it?format=ris", 422)]
)
def test_what_cannot_be_cited_is_refused_by_name(
    chronicle: Chronicle, pages: FlaskClient, path: str, status: int
) -> None:
    chronicle.given(SwapAgreed)

    answer = pages.get(f"/cite/{path}")

    assert answer.status_code == status
    assert re.search(r"matter|nobody|ris", answer.get_data(as_text=True))
