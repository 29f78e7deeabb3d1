"""Web pages: the article without the menus around it (trafilatura), and what its head says."""

import re
from typing import Any

import lxml.html
import trafilatura
from lxml import etree

from service.documents.document import LONGEST_TEXT, Document, Unreadable, guess
from service.documents.readers.plain_text import charset_in, decoded

_DEEPEST = 250
_MOST_ELEMENTS = 200_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read(content: bytes, charset: str | None = None) -> Document:
    """A page; of one without an article all that it shows.

    Raises:
        Unreadable: its elements are too many, or nested too deep.
    """
    page = decoded(content, charset or charset_in(content))
    if page.count("<") > _MOST_ELEMENTS * 2:
        raise Unreadable(f"the page holds more than {_MOST_ELEMENTS:,} elements")
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8")
    tree = lxml.html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    _refuse_deep(tree, parser)
    found: Any = trafilatura.bare_extraction(
        page, include_comments=False, favor_recall=True, with_metadata=True, deduplicate=False
    )
    text = found.text if found and found.text else "\n".join(trafilatura.html2txt(page).split("\n"))
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"its text of {len(text):,} characters is too long (at most {LONGEST_TEXT:,})")
    noted: dict[str, Any] = found.as_dict() if found else {}
    return {
        "text": text,
        "title": guess(noted.get("title") or tree.findtext(".//title")),
        "publisher": guess(noted.get("sitename") or noted.get("hostname")),
        "published": _day(noted.get("date")),
        "language": _language(tree),
        "url": _address(noted.get("url")),
    }


def _refuse_deep(tree: Any, parser: Any) -> None:
    deepest = depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST or any("depth" in each.message.lower() for each in parser.error_log):
        raise Unreadable(f"the page's elements are nested deeper than {_DEEPEST} levels")


def _day(value: object) -> str | None:
    day = str(value or "")[:10]
    return day if _DAY.fullmatch(day) else None


def _language(tree: Any) -> str | None:
    said = [tree.get("lang"), tree.get("{http://www.w3.org/XML/1998/namespace}lang")]
    said += tree.xpath("//meta[translate(@http-equiv, 'CLANGU', 'clangu') = 'content-language']/@content")
    return next((each.replace("_", "-") for each in said if each and _LANGUAGE.fullmatch(each)), None)


def _address(value: object) -> str | None:
    address = str(value or "")
    return address if address.startswith(("https://", "http://")) and not re.search(r"\s", address) else None
