"""Web Annotation: marked passages, also as Hypothesis exports them."""

from service.formats.incoming.annotations import items
from service.formats.offer.manifest import Format

FORMAT = Format(
    name="webannotation",
    title="Web Annotation",
    media_type='application/ld+json;profile="http://www.w3.org/ns/anno.jsonld"',
    suffix="annotations.jsonld",
    follows="W3C Web Annotation Data Model",
    loses=("nothing is written",),
    reads=items,
)
