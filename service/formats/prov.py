"""PROV-JSON: what a value rests on, down to quotes and recorders."""

from collections.abc import Iterator

from service.formats.offer.lists import ExportedList
from service.formats.offer.manifest import Format
from service.formats.offer.provenance import written

LOSES = ("clocks of the question", "places of quotes in their texts", "marks on citations that do not stand")


def document(taken: ExportedList) -> Iterator[bytes]:
    """The document of each value, which is one."""
    return (written(found, taken.address, format="json") for found in taken.items)


FORMAT = Format(
    name="prov",
    title="PROV-JSON",
    media_type='application/json;profile="http://www.w3.org/ns/prov"',
    suffix="prov.json",
    follows="W3C PROV-DM, PROV-JSON submission",
    loses=LOSES,
    writes={"chain": document},
)
