"""TimelineJS: slides, from JSON or from the spreadsheet that it is filled in from."""

from service.formats.incoming.slides import items
from service.formats.offer.manifest import Format

FORMAT = Format(
    name="timelinejs",
    title="TimelineJS",
    media_type='application/json;profile="https://timeline.knightlab.com/docs/json-format.html"',
    suffix="timeline.json",
    follows="JSON of TimelineJS 3",
    loses=("nothing is written",),
    reads=items,
)
