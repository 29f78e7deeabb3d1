"""CSVW: what the columns of our CSV tables are (metadata beside the table, as a program finds them)."""

from collections.abc import Iterator
from typing import Any

import orjson

from service.formats.offer.columns import columns_of
from service.formats.offer.lists import LISTS, ExportedList
from service.formats.offer.manifest import Format


def metadata(taken: ExportedList) -> Iterator[bytes]:
    """The metadata of the table of the list, which lies beside it."""
    columns = [_column(each.name, each.about, each.datatype) for each in columns_of(taken.of, taken.filters)]
    query = f"?{taken.address.query}" if taken.address.query else ""
    document = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{taken.of}.csv{query}",
        "dc:title": LISTS[taken.of].about,
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "doubleQuote": True},
        "tableSchema": {"columns": columns, **({"primaryKey": "id"} if taken.of == "facts" else {})},
    }
    yield orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _column(name: str, about: str, datatype: str) -> dict[str, Any]:
    of: Any = {"base": "boolean", "format": "yes|no"} if datatype == "boolean" else datatype
    return {"name": name, "titles": [name], "dc:description": about, "datatype": of}


FORMAT = Format(
    name="csvw",
    title="CSVW metadata",
    media_type="application/csvm+json",
    suffix="csv-metadata.json",
    follows="W3C Metadata Vocabulary for Tabular Data",
    loses=("all rows: it tells of the columns of the CSV beside it",),
    writes={"facts": metadata, "values": metadata, "agenda": metadata, "spans": metadata},
)
