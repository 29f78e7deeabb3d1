"""PROV-O: what a value rests on as RDF, in Turtle."""

from collections.abc import Iterator

from service.formats.offer.lists import ExportedList
from service.formats.offer.manifest import Format
from service.formats.offer.provenance import written
from service.formats.prov import LOSES


def document(taken: ExportedList) -> Iterator[bytes]:
    """The document of each value, which is one."""
    return (written(found, taken.address, format="rdf", rdf_format="turtle") for found in taken.items)


FORMAT = Format(
    name="prov-o",
    title="PROV-O",
    media_type="text/turtle",
    suffix="ttl",
    follows="W3C PROV-O, RDF 1.1 Turtle",
    loses=LOSES,
    writes={"chain": document},
)
