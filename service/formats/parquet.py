"""Parquet: lists as typed columns, for researchers; values over time above all."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from events.dates.calendar import instant_written
from service.formats.offer.columns import Column, columns_of
from service.formats.offer.lists import ExportedList
from service.formats.offer.manifest import Format

if TYPE_CHECKING:
    import pyarrow

_ROWS_AT_ONCE = 5_000
_LARGEST = 2**63


class _Pieces:
    """A file of which what was written is taken away piece by piece."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, content: Any) -> int:
        """Add content."""
        self._written.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Do nothing, as nothing is held back."""

    def close(self) -> None:
        """Do nothing, as what was written is still to be taken."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        content = b"".join(self._written)
        self._written.clear()
        return content


def table(taken: ExportedList) -> Iterator[bytes]:
    """The items as rows of typed columns, in groups of 5,000."""
    import pyarrow
    from pyarrow import parquet

    columns = columns_of(taken.of, taken.filters)
    schema = _schema(columns)
    pieces = _Pieces()
    with parquet.ParquetWriter(pyarrow.PythonFile(pieces, mode="w"), schema) as writer:
        while some := [*islice(taken.items, _ROWS_AT_ONCE)]:
            rows = [{each.name: _cell(each, item, taken) for each in columns} for item in some]
            writer.write_table(pyarrow.Table.from_pylist(rows, schema))
            yield pieces.taken()
    yield pieces.taken()


def _schema(columns: Sequence[Column]) -> "pyarrow.Schema":
    import pyarrow

    types = {"integer": pyarrow.int64(), "boolean": pyarrow.bool_(), "dateTime": pyarrow.timestamp("us", "UTC")}
    fields = ((each.name, types.get(each.datatype, pyarrow.string()), {"about": each.about}) for each in columns)
    return pyarrow.schema([pyarrow.field(name, of, metadata=about) for name, of, about in fields])


def _cell(column: Column, item: Any, taken: ExportedList) -> Any:
    cell = column.cell(item, taken.address)
    if cell in (None, ""):
        return None
    if column.datatype == "dateTime":
        at = instant_written(cell)
        return at if abs(at) < _LARGEST else None
    if column.datatype == "integer":
        return int(cell)
    return cell == "yes" if column.datatype == "boolean" else str(cell)


FORMAT = Format(
    name="parquet",
    title="Parquet",
    media_type="application/vnd.apache.parquet",
    suffix="parquet",
    follows="Apache Parquet",
    loses=(
        "all quotes of a fact but the first, and texts of sources",
        "values over time of subjects that were merged, split or judged, which are named without",
        "instants beyond 290,000 years",
        "amendments: values are as they stand within each span",
    ),
    writes=dict.fromkeys(("spans", "facts", "values", "agenda"), table),
    extra="parquet",
    needs="pyarrow",
)
