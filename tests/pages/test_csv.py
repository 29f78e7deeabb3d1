"""Tables as CSV: the rows that the page shows, in the form of RFC 4180, harmless in a spreadsheet."""

import csv
import re
from html.parser import HTMLParser
from io import StringIO
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from events.kinds.any_subject import SubjectDescribed
from events.kinds.swap import SwapAgreed
from service.formats.tables.csv_writing import harmless, written
from tests.fixtures.stories import Chronicle

SWAP = "swap-1000-for-1000"
CLOCKS = (
    "",
    "at=2025-05-20&reported_until=2025-05-21",
    "position=150",
    "at=2025-07-10&reading=ukraine&zone=Europe%2FKyiv",
)
SHARED = {
    "matters": ("/", "table.matters", 0, "Matter"),
    "chronology": ("/chronology", "table.happened", 0, "Happened"),
    "sources": ("/sources", "table.stack", 0, "Title"),
    "actors": ("/actors", "table.stack", 0, "Name"),
}


class Tables(HTMLParser):
    """The tables of a page: for each row of a body its cells as text, and the links named CSV."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[tuple[str, list[str]]] = []
        self.links: list[str] = []
        self._table, self._in_cell, self._in_body = "", False, False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self._table = f"table.{(given.get('class') or '').split()[0]}" if given.get("class") else "table"
        elif tag == "tbody":
            self._in_body = True
        elif tag == "tr" and self._in_body:
            self.rows.append((self._table, []))
        elif tag in ("td", "th") and self._in_body:
            self.rows[-1][1].append("")
            self._in_cell = True
        elif tag == "a" and str(given.get("href")).startswith("/csv/"):
            self.links.append(str(given["href"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False
        elif tag == "tbody":
            self._in_body = False

    def handle_data(self, data: str) -> None:
        if self._in_cell and self.rows[-1][1]:
            self.rows[-1][1][-1] += data


def cells(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """The rows of a table, by a strict reader."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return [*csv.DictReader(StringIO(answer.data.decode("utf-8"), newline=""), strict=True)]


def in_one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("clocks", CLOCKS)
@pytest.mark.parametrize("table", SHARED)
def test_a_table_has_the_rows_of_its_page_in_the_same_order(site: FlaskClient, table: str, clocks: str) -> None:
    path, shown_in, place, column = SHARED[table]
    page = Tables(site.get(f"{path}?{clocks}").get_data(as_text=True))

    shown = [in_one_line(row[place]) for name, row in page.rows if name == shown_in]
    (link,) = page.links or [f"/csv/{table}?{clocks}"]
    told = [in_one_line(row[column]) for row in cells(site, link)]

    shown = [each for each in shown if each != "Nothing was recorded by then."]
    assert len(told) >= len(shown)  # a page has 50 rows, its table all that follow too
    assert all(one.startswith(other) for one, other in zip(shown, told[: len(shown)], strict=True)), (
        shown[:3],
        told[:3],
    )


@pytest.mark.parametrize("clocks", CLOCKS)
def test_the_tables_of_a_matter_have_the_rows_of_its_page(site: FlaskClient, clocks: str) -> None:
    page = site.get(f"/subjects/{SWAP}?{clocks}").get_data(as_text=True)
    links = {re.match(r"/csv/(\w+)", link)[1]: link for link in Tables(page).links}  # type: ignore[index]

    findings = cells(site, links["findings"])
    assert [row["Finding"] for row in findings] == [
        in_one_line(row[0]) for name, row in Tables(page).rows if name == "table.findings"
    ]
    versions = cells(site, links["versions"])
    assert len(versions) == len(re.findall(r"<tr><td><b>[A-Z]\d*</b>", page))
    steps = cells(site, links["understanding"])
    whole = re.findall(r'<p class="what">([^:<]+):', page)
    assert {row["Finding"] for row in steps} >= {in_one_line(each) for each in whole}


def test_a_comparison_as_csv_has_every_difference_of_its_page(site: FlaskClient) -> None:
    query = urlencode({"from_reported_until": "2025-05-24", "to_reported_until": "2025-06-05"})
    page = Tables(site.get(f"/compare?{query}").get_data(as_text=True))

    (link,) = page.links
    rows = cells(site, link)

    assert [row["Finding"] for row in rows] == [row[0] for name, row in page.rows if name == "table.diff"]
    assert all(row["Causes"] for row in rows)


def test_a_matter_of_many_steps_goes_on_by_the_place_in_order(chronicle: Chronicle, pages: FlaskClient) -> None:
    for day in range(1, 4):
        chronicle.given(SwapAgreed, occurred=f"2024-01-0{day}")

    rows = cells(pages, "/csv/chronology?subject=it")

    assert [row["Happened (EDTF)"] for row in rows] == ["2024-01-03", "2024-01-02", "2024-01-01"]
    assert all(row["Sources"] == "Gazette, 1 January 2024" for row in rows)
    assert cells(pages, "/csv/chronology?subject=other") == []


@pytest.mark.parametrize("title", ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(1)", " \t=1+1", "\uff1d1"])
def test_a_title_that_looks_like_a_formula_is_text_in_a_spreadsheet(
    chronicle: Chronicle, pages: FlaskClient, title: str
) -> None:
    chronicle.given(SubjectDescribed, subject="it", subject_kind="swap", title=title)

    (row,) = cells(pages, "/csv/matters")

    assert row["Matter"] == f"'{title}"


@settings(deadline=None)
@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=4))
def test_any_cells_come_back_from_csv_but_for_the_apostrophe(rows: list[list[str]]) -> None:
    text = b"".join(written(("A", "B"), rows)).decode()

    read = [*csv.reader(StringIO(text, newline=""), strict=True)]

    assert read == [["A", "B"], *([harmless(cell) for cell in row] for row in rows)]
    assert all(not cell.lstrip().startswith(("=", "+", "-", "@")) for row in read for cell in row)
    assert text.endswith("\r\n")


@pytest.mark.parametrize(("path", "status", "names"), [("everything", 404, "everything"), ("findings", 422, "subject")])
def test_a_table_that_there_is_not_is_refused_by_name(pages: FlaskClient, path: str, status: int, names: str) -> None:
    answer = pages.get(f"/csv/{path}")

    assert answer.status_code == status
    assert names in answer.get_data(as_text=True)
