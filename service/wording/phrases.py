"""Facts and findings in words, as pieces that a template prints: text, or text that links to what it names."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from events.facts import ENVELOPE, KINDS, Fact, fields_of_all_kinds, own_fields
from events.field_types import FieldType, named_by
from events.kinds.descriptions import field_in_words
from projections.fold.claims import ANSWERS
from projections.fold.progress import PROGRESS
from service.wording.date_wording import in_words


class Piece(NamedTuple):
    """A run of words; `subject` names what it links to."""

    text: str
    subject: str | None = None


Named = Callable[[str], str]
"""What a subject is called."""

_OFFICE = {True: "in office", False: "no longer in office"}
"""Whether somebody holds an office, in words."""

_PART = re.compile(r"\[([^\[\]]*)\]|([^\[\]]+)")
_FIELD = re.compile(r"\{(\w+)\}")
_FINDING = re.compile(r"(?:(?P<kind>\w+)\.)?(?P<field>\w+)(?P<keys>(?:\[.*\])?)", re.DOTALL)
_CLAIM = re.compile(r"(?P<sort>denied|planned|alleged)\[(?P<fact>.*)\]", re.DOTALL)
_POSSIBLY = re.compile(r"possibly\[(?P<name>.*)\]", re.DOTALL)


def sentence(kind: type[Fact], values: dict[str, Any], named: Named) -> list[Piece]:
    """The fact in words by the template of its kind; a part in brackets is left out where its field is not set."""
    types = own_fields(kind)
    pieces: list[Piece] = []
    for optional, fixed in _PART.findall(kind.sentence or str(kind.__doc__)):
        text = optional or fixed
        if optional and any(values.get(name) is None for name in _FIELD.findall(optional)):
            continue
        pieces += _filled(text, types, values, named)
    joined = _joined(pieces)
    return [Piece(piece.text[:1].upper() + piece.text[1:], piece.subject) for piece in joined[:1]] + joined[1:]


def _filled(text: str, types: dict[str, FieldType], values: dict[str, Any], named: Named) -> Iterable[Piece]:
    for index, part in enumerate(_FIELD.split(text)):
        if index % 2 == 0:
            yield Piece(part)
        elif values.get(part) is None:
            yield Piece("somebody" if types[part].names else "something")
        else:
            yield from phrase(types[part], values[part], named)


class Blank(NamedTuple):
    """A run of words in the sentence of a kind: plain words, or those of a field, set or not."""

    text: str
    field: str | None = None
    is_set: bool = False


def sentence_with_blanks(
    kind: type[Fact], values: dict[str, Any], named: Named, labels: Mapping[str, str]
) -> list[Blank]:
    """The sentence of a kind whose blanks are its fields: what is not set is called by its label."""
    types, blanks = own_fields(kind), []
    for optional, fixed in _PART.findall(kind.sentence or str(kind.__doc__)):
        for index, part in enumerate(_FIELD.split(optional or fixed)):
            if index % 2 == 0:
                blanks.append(Blank(part))
            elif values.get(part) is None:
                blanks.append(Blank(labels[part], part))
            else:
                blanks.append(Blank(plain(phrase(types[part], values[part], named)), part, is_set=True))
    first = next(iter(blanks))
    return [first._replace(text=first.text[:1].upper() + first.text[1:]), *blanks[1:]] if first.text else blanks


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring plain pieces become one."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and piece.subject is None and joined[-1].subject is None:
            joined[-1] = Piece(joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return joined


def plain(pieces: Iterable[Piece]) -> str:
    """The pieces as text."""
    return "".join(piece.text for piece in pieces)


def phrase(of: FieldType, value: Any, named: Named) -> list[Piece]:
    """A value in words."""
    if of.title == "count":
        return [Piece(count_in_words(value))]
    if of.title == "counts":
        counts = [(actor, count_in_words(each)) for actor, each in value.items()]
        return _listed([[Piece(named(actor), actor), Piece(f": {count}")] for actor, count in counts])
    if isinstance(value, list):
        return _listed([[Piece(named(each), each) if of.names else Piece(str(each))] for each in value])
    if of.names:
        return [Piece(named(value), value)]
    if of.title == "date":
        return [Piece(in_words(value))]
    if isinstance(value, bool):
        return [Piece("yes" if value else "no")]
    return [Piece(str(value))]


def _listed(items: list[list[Piece]]) -> list[Piece]:
    """Items with commas and an "and" before the last."""
    if not items:
        return [Piece("nobody")]
    listed = list(items[0])
    for place, item in enumerate(items[1:], start=2):
        listed += [Piece(" and " if place == len(items) else ", "), *item]
    return listed


def count_in_words(count: dict[str, int]) -> str:
    """A count: "1,000", "390 to 400", "at least 1,200", "about 15 (12 to 18)"."""
    best, low, high = count.get("best"), count.get("low"), count.get("high")
    if low is not None and high is not None:
        between = f"{low:,} to {high:,}"
    elif low is not None:
        between = f"at least {low:,}"
    else:
        between = "" if high is None else f"at most {high:,}"
    if best is None:
        return between or "a number not said"
    return f"{best:,} ({between})" if between else f"{best:,}"


def reports_in_words(reports: int, origins: int) -> str:
    """How many reports carry something, where that says more than its quote: "5 reports, 2 origins"."""
    return f"{reports} reports, {origins} {'origin' if origins == 1 else 'origins'}" if reports > 1 else ""


def finding_field(name: str) -> str:
    """The field that a finding is of: that of `head[russia]`, and of `possibly[head[russia]]`, is `head`."""
    if other := _POSSIBLY.fullmatch(name):
        return finding_field(other["name"])
    found = _FINDING.fullmatch(name)
    return found["field"] if found else name


def named_by_finding(name: str, value: Any) -> list[str]:
    """The subjects that a finding's value names; of a count in a map, the actor is in the finding's name."""
    if other := _POSSIBLY.fullmatch(name):
        return [each for rival in value for each in named_by_finding(other["name"], rival["value"])]
    if name == PROGRESS:
        return list(value or ())
    if _CLAIM.fullmatch(name):
        types = own_fields(KINDS[value["kind"]]) if value else {}
        return [each for field, type_ in types.items() for each in named_by(type_, value["values"].get(field))]
    field_type = fields_of_all_kinds().get(finding_field(name), ENVELOPE["note"])
    return [name[:-1].rpartition("[")[2]] if field_type.keyed else named_by(field_type, value)


def finding_value(name: str, value: Any, named: Named) -> list[Piece]:
    """A finding's value in words; of a claim its sentence and what answers it, of what else may be every value."""
    if value is None:
        return [Piece("nothing known")]
    if name == PROGRESS:
        return _listed([[Piece(named(actor), actor), Piece(f": {_far(each)}")] for actor, each in value.items()])
    if _CLAIM.fullmatch(name):
        return _joined([*sentence(KINDS[value["kind"]], value["values"], named), Piece(_answers(value))])
    if other := _POSSIBLY.fullmatch(name):
        values = [finding_value(other["name"], each["value"], named) for each in value]
        return [piece for each in values for piece in (Piece(" or "), *each)][1:]
    field_type = fields_of_all_kinds().get(finding_field(name), ENVELOPE["note"])
    if field_type.keyed and name.endswith("]"):
        return [Piece(count_in_words(value))]
    if finding_field(name) == "holds":
        return [Piece(_OFFICE[value])]
    return [Piece(str(value))] if name == "status" else phrase(field_type, value, named)


def _answers(claim: Mapping[str, Any]) -> str:
    """What became of a claim, to follow its sentence; nothing where nothing did."""
    ways = dict.fromkeys(ANSWERS[answer["how"]] for answer in claim["answered_by"])
    return "".join(f", {way} another fact" for way in ways) + (", overdue" if claim.get("overdue") else "")


def _far(progress: dict[str, dict[str, int]]) -> str:
    """How far one actor's part has come: "697 of 1,000"."""
    done = count_in_words(progress["done"])
    return f"{done} of {count_in_words(progress['of'])}" if "of" in progress else done


def finding_name(name: str, named: Named, kind: str | None = None) -> str:
    """A finding's name in words: `head[russia]` is "Head of delegation, Russia".

    `kind` is that of the subject, or of the fact whose field it is.
    """
    if claim := _CLAIM.fullmatch(name):
        return claim["sort"].capitalize()
    if other := _POSSIBLY.fullmatch(name):
        return f"{finding_name(other['name'], named, kind)}, possibly"
    found = _FINDING.fullmatch(name)
    if found is None:
        return name
    words = field_in_words(found["field"], found["kind"] or kind) or found["field"].replace("_", " ").capitalize()
    keys = found["keys"][1:-1].split("][") if found["keys"] else []
    return words + "".join(f", stage {key}" if key.isdigit() else f", {named(key)}" for key in keys)


def anchor(name: str) -> str:
    """The id of a finding's place on the page of its subject."""
    return "finding-" + "".join(letter if letter.isalnum() else "-" for letter in name)
