"""Each format is read by a program that is not ours, and says what the chronology does."""

import json
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from projections.clocks import Asked
from service.databases.chronology import Chronology
from service.formats.offer.known_formats import FORMATS
from service.formats.offer.lists import Address, taken_out
from service.formats.offer.provenance import document_of
from tests.fixtures.browsers import browser
from tests.fixtures.packages_of_node import ICAL, TIMELINEJS, node_package
from tests.fixtures.samples import sample_desk

CONTEXTS = Path(__file__).parent / "contexts"
ADDRESS = Address("http://here")
BEFORE_TALKS = Asked(at="2025-06-01")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronology]:
    chronology = sample_desk(tmp_path_factory.mktemp("sample"))
    yield chronology
    chronology.close()


def items(chronology: Chronology, of: str, asked: Asked = Asked(), **filters: str) -> list[Any]:  # noqa: B008
    return [*taken_out(partial(chronology.ask, patiently=True), of, asked, filters, ADDRESS).items]


def written(chronology: Chronology, name: str, of: str, asked: Asked = Asked(), **filters: str) -> bytes:  # noqa: B008
    taken = taken_out(partial(chronology.ask, patiently=True), of, asked, filters, ADDRESS)
    return b"".join(FORMATS[name].writes[of](taken))


@pytest.mark.parametrize("of", ["facts", "values", "agenda", "spans"])
def test_a_table_is_valid_by_its_metadata(sample: Chronology, tmp_path: Path, of: str) -> None:
    from csvw import CSVW

    (tmp_path / f"{of}.csv").write_bytes(written(sample, "csv", of))
    metadata = tmp_path / f"{of}.csv-metadata.json"
    metadata.write_bytes(written(sample, "csvw", of))

    read = CSVW(str(metadata), validate=True)

    assert read.is_valid, read.warnings
    assert len([*read.tables[0]]) == len(items(sample, of))


def test_the_calendar_is_read_strictly_and_an_uncertain_date_is_a_range_of_days_with_its_words(
    sample: Chronology,
) -> None:
    import icalendar

    calendar = icalendar.Calendar.from_ical(written(sample, "ics", "agenda", BEFORE_TALKS))

    events = [*calendar.walk("VEVENT")]
    assert [each.errors for each in (calendar, *events) if each.errors] == []
    assert len(events) == len(items(sample, "agenda", BEFORE_TALKS)) > 3
    by_fact = {str(each["uid"]).rpartition("/")[2]: each for each in events}
    answer = by_fact["russian-memorandum-answer-expected"]
    assert (answer.decoded("dtstart"), answer.decoded("dtend")) == (date(2025, 6, 2), date(2025, 6, 10))
    assert str(answer["summary"]).endswith("(one of the days 2 to 9 June 2025)")
    assert (str(answer["status"]), str(answer["x-edtf"])) == ("TENTATIVE", "[2025-06-02..2025-06-09]")
    assert str(by_fact["round-2-scheduled"]["status"]) == "CONFIRMED"


def test_a_second_parser_reads_the_same_calendar(sample: Chronology, tmp_path: Path) -> None:
    module = node_package(ICAL, tmp_path) / "dist" / "ical.js"
    (tmp_path / "agenda.ics").write_bytes(written(sample, "ics", "agenda", BEFORE_TALKS))
    (tmp_path / "read.mjs").write_text(
        f"import ICAL from {json.dumps(str(module))}; import fs from 'fs';\n"
        "ICAL.design.strict = true;\n"
        "const read = new ICAL.Component(ICAL.parse(fs.readFileSync('agenda.ics', 'utf8')));\n"
        "const events = read.getAllSubcomponents('vevent').map(each => new ICAL.Event(each));\n"
        "console.log(JSON.stringify(events.map(each => [each.summary, each.startDate.toString(), each.endDate.toString()])));\n"
    )

    told = subprocess.run(["node", "read.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    import icalendar

    ours = icalendar.Calendar.from_ical((tmp_path / "agenda.ics").read_bytes()).walk("VEVENT")
    expected = [
        [str(each["summary"]), *(each.decoded(end).isoformat() for end in ("dtstart", "dtend"))] for each in ours
    ]
    assert json.loads(told) == expected


def load(url: str, _: Any) -> dict[str, Any]:
    """The contexts beside this test, and no others."""
    name = {"https://schema.org": "schema.json", "http://www.w3.org/ns/anno.jsonld": "anno.json"}[url]
    document = json.loads((CONTEXTS / name).read_text(encoding="utf-8"))
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}


def expanded(content: bytes) -> list[Any]:
    from pyld import jsonld

    return jsonld.expand(json.loads(content), {"documentLoader": load})  # type: ignore[no-any-return]


def terms_in(value: Any) -> Iterator[str]:
    """The IRIs of all properties and types."""
    if isinstance(value, dict):
        yield from (name for name in value if not name.startswith("@"))
        yield from value.get("@type", []) if isinstance(value.get("@type"), list) else []
        for each in value.values():
            yield from terms_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from terms_in(each)


def test_linked_data_has_only_terms_of_schema_org_and_a_claim_for_each_fact(sample: Chronology) -> None:
    from rdflib.namespace import SDO

    nodes = expanded(written(sample, "jsonld", "facts"))

    assert {term for term in terms_in(nodes) if term not in SDO} == set()
    claims = [each for each in nodes if each["@type"] == [str(SDO.Claim)]]
    assert {each["@id"] for each in claims} == {ADDRESS.of("facts", each.view["id"]) for each in items(sample, "facts")}
    corrected = [each for each in claims if str(SDO.correction) in each]
    assert len(corrected) == sum(
        "corrected_by" in each.view or each.view["retracted"] for each in items(sample, "facts")
    )
    events = {each["@id"] for each in nodes if each["@type"] == [str(SDO.Event)]}
    about = {link["@id"] for each in claims for link in each[str(SDO.about)] if link["@id"].endswith("#event")}
    assert events == about


def test_annotations_are_of_the_vocabulary_and_find_their_words(sample: Chronology) -> None:
    content = written(sample, "webannotation", "facts")
    (page,) = expanded(content)

    plain = json.loads(content)["items"]
    names = {
        name for each in plain for target in each["target"] for selector in target["selector"] for name in selector
    }
    oa = "http://www.w3.org/ns/oa#"
    listed = page["http://www.w3.org/ns/activitystreams#items"][0]["@list"]
    assert len(listed) == sum(len(each.view["citations"]) for each in items(sample, "facts")) > 100
    assert {f"{oa}{each}" for each in ("exact", "start", "end", "hasSource", "hasSelector", "hasBody")} <= {
        *terms_in(listed)
    }
    assert names <= {"type", "exact", "prefix", "suffix", "start", "end"}
    assert [each for each in listed if not each[f"{oa}hasTarget"]] == []
    for each in plain:
        words, place = each["target"][-1]["selector"]
        assert text_at(sample, each["target"][-1]["source"])[place["start"] : place["end"]] == words["exact"]


def text_at(sample: Chronology, address: str) -> str:
    from tests.conftest import api_of

    answer = api_of(sample, None).client.get(address.removeprefix(ADDRESS.base))
    return str(answer.get_json()["text"])


@pytest.mark.parametrize(
    ("name", "how"), [("prov", {"format": "json"}), ("prov-o", {"format": "rdf", "rdf_format": "turtle"})]
)
def test_the_chain_of_a_value_comes_back_from_prov_as_it_was(
    sample: Chronology, name: str, how: dict[str, str]
) -> None:
    from prov.model import ProvDocument

    asked = {"subject": "return-of-children", "finding": "count"}
    content = written(sample, name, "chain", **asked)

    (audit,) = items(sample, "chain", **asked)
    read = ProvDocument.deserialize(content=content.decode(), **how)
    assert read == document_of(audit, ADDRESS)
    told = {each.identifier.uri for each in read.get_records() if each.identifier is not None}
    facts = {f"{ADDRESS.base}/facts/{each['id']}" for each in audit["facts"]}
    assert facts | {f"{ADDRESS.base}/sources/{each['id']}" for each in audit["sources"]} <= told


def test_parquet_says_at_every_point_what_the_values_are(sample: Chronology) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    rows = parquet.read_table(BytesIO(written(sample, "parquet", "spans"))).to_pylist()

    for asked in (
        Asked(at="2025-05-20", position=60),
        Asked(at="2025-06-10", position=200),
        Asked(at="2025-05-24", reported_until="2025-05-25"),
    ):
        values = {each.id: (each.status, each.fields) for each in items(sample, "values", asked)}
        found = {
            row["subject"]: (row["status"], json.loads(row["fields"]))
            for row in rows
            if row["is_known"] and holds(sample, row, asked)
        }
        known = {row["subject"] for row in rows if row["is_known"]}
        assert found == {name: each for name, each in values.items() if name in known}
        assert len(found) > 5


def holds(sample: Chronology, row: dict[str, Any], asked: Asked) -> bool:
    """Whether a row says what is so at the clocks."""
    with sample.ask(asked) as (_, clocks):
        pass
    at = instant(clocks.at)
    ends = (row["at_from"], row["at_until"])
    other = (
        (row["position_from"], row["position_until"])
        if row["plane"] == "recorded"
        else (row["reported_from"], row["reported_until"])
    )
    turn: Any = clocks.position if row["plane"] == "recorded" else instant(clocks.reported)
    if (row["plane"] == "recorded") == (clocks.reported is not None) or row["without_day"]:
        return False
    return all(
        (lo is None or lo <= point) and (hi is None or point < hi) for (lo, hi), point in ((ends, at), (other, turn))
    )


def instant(at: int | None) -> datetime | None:
    from datetime import timedelta

    from events.dates.calendar import EPOCH

    return None if at is None else EPOCH + timedelta(microseconds=at)


def test_timelinejs_shows_a_slide_for_each_dated_fact_without_an_error(sample: Chronology, tmp_path: Path) -> None:
    package = node_package(TIMELINEJS, tmp_path) / "dist"
    data = json.loads(written(sample, "timelinejs", "facts"))
    (tmp_path / "page.html").write_text(
        f"<link rel=stylesheet href='{package / 'css' / 'timeline.css'}'><script src='{package / 'js' / 'timeline.js'}'></script>"
        f"<div id=t style='width:1200px;height:600px'></div><script>window.timeline = new TL.Timeline('t', {json.dumps(data).replace('<', chr(92) + 'u003c')}, {{}});</script>"
    )
    dated = [each for each in items(sample, "facts") if each.view["occurred"] is not None]
    errors: list[str] = []

    with browser() as running:
        page = running.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_selector(".tl-timemarker", state="attached", timeout=60_000)
        slides = page.evaluate("document.querySelectorAll('.tl-slide').length")
        messages = page.evaluate(
            "[...document.querySelectorAll('.tl-message-full, .tl-message')].map(each => each.innerText)"
        )

    assert (errors, slides, len(data["events"])) == ([], len(dated) + 1, len(dated))
    assert not any("rror" in each for each in messages)
