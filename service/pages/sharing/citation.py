"""Citations of a matter, an actor, a fact or a source as it is shown: plain text, BibTeX and CSL-JSON."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from events.dates.calendar import instant_text
from events.errors import Invalid, NotFound
from projections.clocks import recorded_at
from projections.queries.evidence import facts, sources
from projections.queries.subjects.states import state
from projections.read_models.merkle_tiles import root
from service.pages.request import PageRequest, today
from service.pages.wording.fact_wording import fact_in_words, has_come
from service.web.addresses.permalinks import NO_LIMIT
from service.web.responses import whole
from service.wording.clock_wording import clocks_in_words
from service.wording.date_wording import in_words
from service.wording.phrases import plain

_CONTAINER = "Chronology"


@dataclass(frozen=True)
class Citation:
    """What a citation says: the title, the address for good, when the log was so and when it was read, and the log.

    `recorded` and `accessed` are days in UTC, `2026-01-31`.
    """

    key: str
    title: str
    address: str
    recorded: str | None
    accessed: str
    note: str


def citation_of(page: PageRequest, kind: str, name: str, version: int | None = None) -> Citation:
    """The citation of what the page of that kind shows; NotFound where there is no such page."""
    about, more = _CITED[kind](page, name, version)
    head = head_of(page)
    position = page.clocks.position
    return Citation(
        key=f"{kind}-{re.sub('[^A-Za-z0-9]+', '-', name).strip('-')}-{position}",
        title=_in_one_line(about),
        address=whole(page.link(kind, name=name, **more, **fixed(page))),
        recorded=head.recorded and head.recorded[:10],
        accessed=today().isoformat(),
        note=clocks_for_good(page) + (f"; root of the log {head.root}" if head.root else ""),
    )


def _matter(page: PageRequest, name: str, _: int | None) -> tuple[str, dict[str, Any]]:
    state(page.snapshot, name, page.clocks)
    return page.named(name), {}


def _fact(page: PageRequest, name: str, _: int | None) -> tuple[str, dict[str, Any]]:
    view = facts.fact(page.snapshot, name, page.clocks)
    if "kind" not in view or not has_come(view["modality"], view["certainty"]):
        return name, {}
    page.know([view])
    said = fact_in_words(page, view)
    held = "retracted" if view["retracted"] else view["modality"]
    prefix = "" if held == "actual" else f"{held.capitalize()}: "
    return f"{prefix}{plain(said['said'])} ({said['about']}, {said['when']})", {}


def _source(page: PageRequest, name: str, version: int | None) -> tuple[str, dict[str, Any]]:
    noted = sources.source(page.snapshot, name, page.clocks)
    shown = sources.version_of(noted, version)["version"]
    published = f", {in_words(noted['published'])}" if noted["published"] else ""
    of_several = f", version {shown}" if len(noted["versions"]) > 1 else ""
    return f"{noted['title']} ({noted['publisher']}{published}{of_several})", {"version": shown}


_CITED: dict[str, Callable[[PageRequest, str, int | None], tuple[str, dict[str, Any]]]] = {
    "subject": _matter,
    "actor": _matter,
    "fact": _fact,
    "source": _source,
}


def plain_text(citation: Citation) -> str:
    """The citation as a sentence for a footnote."""
    recorded = f"as recorded {in_words(citation.recorded)}, " if citation.recorded else ""
    read = f"read {in_words(citation.accessed)}"
    return f"“{citation.title}”. {_CONTAINER}, {recorded}{read}. {citation.address} ({citation.note}).\n"


_BIBTEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: f"\\{letter}" for letter in "&%$#_"},
}


def _for_bibtex(text: str) -> str:
    """The text within a BibTeX value: what TeX takes for commands is spelled out, and braces stay balanced."""
    return "".join(_BIBTEX.get(letter, letter) for letter in text)


def bibtex(citation: Citation) -> str:
    """The citation as a BibTeX entry (`@misc`, with `url` and `urldate` as biblatex has them)."""
    year, month = (citation.recorded or citation.accessed).split("-")[:2]
    fields = {
        "title": "{" + _for_bibtex(citation.title) + "}",
        "howpublished": _CONTAINER,
        "year": year,
        "month": str(int(month)),
        "url": citation.address,
        "urldate": citation.accessed,
        "note": _for_bibtex(citation.note),
    }
    lines = "".join(f",\n  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{citation.key}{lines}\n}}\n"


def csl_json(citation: Citation) -> bytes:
    """The citation as CSL-JSON: a list of one item of type `webpage` (Citation Style Language, data schema 1.0)."""
    item = {
        "id": citation.key,
        "type": "webpage",
        "title": citation.title,
        "container-title": _CONTAINER,
        "URL": citation.address,
        "accessed": _date(citation.accessed),
        **({"issued": _date(citation.recorded)} if citation.recorded else {}),
        "note": citation.note,
    }
    return orjson.dumps([item], option=orjson.OPT_INDENT_2)


def _date(day: str) -> dict[str, Any]:
    return {"date-parts": [[int(part) for part in day.split("-")]]}


def _in_one_line(text: str) -> str:
    """The text without line breaks and control characters, which no citation holds."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


class Format(NamedTuple):
    """A format of citations: its media type, the ending of its files, and how it is written."""

    media_type: str
    ending: str
    written: Callable[[Citation], str | bytes]


FORMATS = {
    "text": Format("text/plain; charset=utf-8", "txt", plain_text),
    "bibtex": Format("application/x-bibtex; charset=utf-8", "bib", bibtex),
    "csl": Format("application/vnd.citationstyles.csl+json", "json", csl_json),
}


def format_named(name: str) -> Format:
    """The format of that name; plain text where none is named.

    Raises:
        Invalid: there is none of that name.
    """
    found = FORMATS.get(name or "text")
    if found is None:
        raise Invalid.at("/format", f"{name!r:.80} is no format of citations; there are {', '.join(FORMATS)}")
    return found


def kind_named(kind: str) -> str:
    """The kind of page that is cited; NotFound if it is none that can be."""
    if kind not in _CITED:
        raise NotFound(f"{kind!r:.80} is nothing that is cited; there are {', '.join(_CITED)}")
    return kind


class Head(NamedTuple):
    """The last entry of the log that a view counts: how many there are, the root of their tree, when it was recorded.

    Root and instant are None where the log is empty.
    """

    position: int
    root: str | None
    recorded: str | None


def head_of(page: PageRequest) -> Head:
    """The head of the log at the page's position (root: RFC 9162, SHA-256 in base64, as checkpoints have it)."""
    position = page.clocks.position
    if position == 0:
        return Head(0, None, None)
    recorded = recorded_at(page.snapshot, position)
    instant = None if recorded is None else instant_text(recorded)
    return Head(position, b64encode(root(page.snapshot, position)).decode(), instant)


def fixed(page: PageRequest) -> dict[str, Any]:
    """The clocks of a page as parameters that show the same for good: the third is fixed by the position."""
    asked = page.clocks.asked
    dates = {"at": asked.at or NO_LIMIT, "reported_until": asked.reported_until, "recorded_until": None}
    return {**page.kept, **dates, "position": page.clocks.position}


def clocks_for_good(page: PageRequest) -> str:
    """What the clocks stood at, in words that stay true: with an entry of the log in place of now."""
    asked, position = page.clocks.asked, page.clocks.position
    fixed = {"reported_until": asked.reported_until or "", "position": str(position), "zone": page.kept.get("zone", "")}
    return "".join(each.text for each in clocks_in_words(page.clocks, fixed, asked.at, page.named))
