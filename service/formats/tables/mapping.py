"""What the columns of a table are: which field each one gives, and which of its values mean which of ours.

A mapping is a YAML file. `columns` names for each heading a field of facts (`kind`, `subject`, `occurred`, `exact`),
of the document that a row cites (`source.title`) or of its matter (`subject.title`), or a part of one (`parts`).
`values` says, field by field, what the words of a column stand for; `always` gives fields that no column has, to every
row. For tables of which there are releases a column may also be `words`: it stands in what is cited, and is no field.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import msgspec
import yaml

from events.dates.calendar import zone_named
from events.errors import Fault, Invalid
from events.facts import ENVELOPE, fields_of_all_kinds
from events.field_types import FieldType
from service.chronicle.json_limits import check_shape, yaml_in
from service.chronicle.schemas import SourceSchema
from service.formats.tables.parts import parts_of

SOURCE = "source."
SUBJECT = "subject."
OF_SUBJECTS = ("title", "part_of")
OF_FACTS = ("id", "kind", "subject_kind", "exact", "prefix", "suffix", "source")
IGNORED = ""
"""What a column is that is left out."""
WORDS = "words"
"""What a column of a release is that gives no field, and stands in the words of its row."""
SHIPPED = Path(__file__).parent / "shipped"


class TableMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the columns of a table are.

    `language` is that in which dates and numbers are written (BCP 47), `months_first` how `3/4/2025` is meant, `zone`
    that of its days, `between` what stands between the members of a list.
    """

    columns: dict[str, str]
    values: dict[str, dict[str, str]] = {}
    always: dict[str, str] = {}
    language: str = "en"
    months_first: bool = False
    zone: str | None = None
    between: str = ";"

    def meaning(self, field: str, words: str) -> str:
        """What the words of a cell of that field stand for: themselves, where nothing else is said."""
        meanings = {said.casefold(): meaning for said, meaning in self.values.get(field, {}).items()}
        return meanings.get(words.casefold(), words)


@cache
def targets() -> Mapping[str, FieldType | None]:
    """Every field that a column can give, with its type; None where it is plain text."""
    own: dict[str, FieldType | None] = dict.fromkeys(OF_FACTS)
    own |= {f"{SUBJECT}{name}": None for name in OF_SUBJECTS}
    own |= {f"{SOURCE}{name}": ENVELOPE["occurred"] if name == "published" else None for name in SourceSchema().fields}
    fields = fields_of_all_kinds()
    return own | dict(fields) | {part: of for name, of in fields.items() for part in parts_of(name, of)}


def mapping_content(named: Path) -> bytes:
    """The YAML of a mapping: of a file, or of one that comes with the program, by its name: `acled`, `ucdp-ged`.

    Raises:
        Invalid: there is neither.
    """
    shipped = {each.stem: each for each in SHIPPED.glob("*.yaml")}
    try:
        return (named if named.exists() else shipped.get(str(named), named)).read_bytes()
    except OSError as error:
        names = ", ".join(sorted(shipped))
        raise Invalid(f"{named}: {error.strerror}; mappings that come with the program are {names}") from None


def mapping_in(content: bytes) -> TableMapping:
    """The mapping that a YAML text describes.

    Raises:
        Invalid: it is none, or names fields that there are not.
    """
    try:
        document = yaml_in(content.decode())
        check_shape(document)
        mapping = msgspec.convert(document, TableMapping)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, msgspec.ValidationError) as error:
        raise Invalid(f"the mapping cannot be read: {' '.join(str(error).split())[:300]}") from None
    check_mapping(mapping)
    return mapping


def written(mapping: TableMapping, headings: Iterable[str]) -> str:
    """The mapping as YAML, with every heading of the table."""
    columns = dict.fromkeys(headings, IGNORED) | mapping.columns
    shown = msgspec.to_builtins(msgspec.structs.replace(mapping, columns=columns))
    if mapping.zone is None:
        del shown["zone"]
    return msgspec.yaml.encode(shown, order="deterministic").decode()


def check_mapping(mapping: TableMapping) -> None:
    """Refuse a mapping to fields that there are not, or of two columns to a field that takes one value."""
    faults = [
        _unknown("columns", each) for each in mapping.columns.values() if each not in (*targets(), IGNORED, WORDS)
    ]
    faults += [_unknown("values", each) for each in mapping.values if each not in targets()]
    faults += [_unknown("always", each) for each in mapping.always if each not in targets()]
    given = [each for each in mapping.columns.values() if each not in (IGNORED, WORDS)]
    for field in sorted({each for each in given if given.count(each) > 1}):
        if not is_list(targets().get(field)):
            faults.append(Fault("/columns", f"two columns are {field!r}, which takes one value"))
    if mapping.zone is not None:
        try:
            zone_named(mapping.zone)
        except ValueError as error:
            faults.append(Fault("/zone", str(error)))
    if faults:
        raise Invalid.together(faults)


def is_list(of: FieldType | None) -> bool:
    """Whether values of the type are lists."""
    return of is not None and of.schema.get("type") == "array"


def _unknown(part: str, field: str) -> Fault:
    near = get_close_matches(field, targets(), 1)
    hint = f" (the nearest is {near[0]!r})" if near else ""
    return Fault(f"/{part}", f"there is no field {field!r:.80} that a column could give{hint}")


def without_columns(mapping: TableMapping, headings: Iterable[str]) -> list[str]:
    """The columns that give fields and that the table has not."""
    had = set(headings)
    return [heading for heading, field in mapping.columns.items() if field != WORDS and heading not in had]
