"""CSV: lists as tables; facts are read again, and tables with any headings by a mapping."""

from collections.abc import Iterator
from functools import cache

from events.errors import Invalid
from service.chronicle.importing import Item
from service.formats.offer.columns import BETWEEN, columns_of
from service.formats.offer.lists import ExportedList
from service.formats.offer.manifest import Format, Incoming
from service.formats.tables.csv_writing import written
from service.formats.tables.mapping import TableMapping, mapping_in
from service.formats.tables.rows import Rows
from service.formats.tables.table import Table


def rows(taken: ExportedList) -> Iterator[bytes]:
    """The items as rows below the names of their columns."""
    columns = columns_of(taken.of, taken.filters)
    cells = ([each.cell(item, taken.address) for each in columns] for item in taken.items)
    return written((each.name for each in columns), cells)


@cache
def own_mapping() -> TableMapping:
    """How a table of facts is read that was written here."""
    fields = {each.name: each.field for each in columns_of("facts", {}) if each.field}
    return TableMapping(columns=fields, between=BETWEEN)


def items(incoming: Incoming) -> Iterator[Item]:
    """The items of a table, by the mapping given or by our own.

    Raises:
        Invalid: no mapping is given, and the table was not written here.
    """
    table = Table(incoming.content)
    if incoming.mapping is not None:
        mapping = mapping_in(incoming.mapping)
    else:
        own = own_mapping()
        here = {name: field for name, field in own.columns.items() if name in table.headings}
        if not {"id", "kind", "subject", "exact", "source"} <= here.keys():
            raise Invalid(f"{incoming.path} was not written here: say by --map what its columns are")
        mapping = TableMapping(columns=here, between=own.between)
    return Rows(table, mapping, incoming.known, incoming.today).items()


FORMAT = Format(
    name="csv",
    title="CSV table",
    media_type="text/csv",
    suffix="csv",
    follows="CSV, RFC 4180",
    loses=(
        "all quotes of a fact but the first",
        "texts of sources, and what these are made from",
        "amendments: facts are as they stand, and read again they are not retracted",
        "who recorded what when",
    ),
    writes={"facts": rows, "values": rows, "agenda": rows, "spans": rows},
    reads=items,
    described_by="csvw",
)
