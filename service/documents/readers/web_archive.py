"""Web archives: WARC (ISO 28500) and WACZ, of which the page is read that was archived first."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from service.documents import formats
from service.documents.document import LARGEST_UNPACKED, Document, Unreadable
from service.documents.readers.archives import opened

_MOST_RECORDS = 5_000
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.I)
_READABLE = ("text/html", "application/xhtml+xml", "application/pdf", "text/plain")


def read_warc(content: bytes) -> Document:
    """A WARC, compressed or not."""
    return _read(_pages(content), None)


def read_wacz(content: bytes) -> Document:
    """A WACZ: a ZIP file of WARCs; the page is the first that its list of pages names."""
    with opened(content, "WACZ") as archive:
        names = archive.namelist()
        listed = archive.read("pages/pages.jsonl") if "pages/pages.jsonl" in names else b""
        warcs = [archive.read(each) for each in names if each.startswith("archive/")]
    return _read((page for warc in warcs for page in _pages(warc)), _first_listed(listed))


def _read(pages: Iterator[Any], wanted: str | None) -> Document:
    found = next((page for page in pages if wanted in (None, page[0])), None)
    if found is None:
        what = "page" if wanted is None else f"page {wanted:.200}, the first of its list,"
        raise Unreadable(f"the web archive holds no {what} that was answered with text")
    url, moment, kind, body = found
    inner = formats.format_of(body, "", kind.partition(";")[0].strip())
    charset = _CHARSET.search(kind)
    document = inner.read(body, charset[1]) if charset and inner.takes_charset else inner.read(body)
    return {**document, "url": url, "retrieved_at": moment}


def _pages(content: bytes) -> Iterator[tuple[str, str | None, str, bytes]]:
    """The responses that hold text: address, moment, media type with its parameters, and body."""
    left = LARGEST_UNPACKED
    try:
        for number, record in enumerate(ArchiveIterator(BytesIO(content)), start=1):
            if number > _MOST_RECORDS:
                raise Unreadable(f"the web archive holds more than {_MOST_RECORDS:,} records")
            answer = record.http_headers if record.rec_type == "response" else None
            kind = answer.get_header("Content-Type", "") if answer else ""
            is_page = answer is not None and answer.get_statuscode() == "200" and kind.startswith(_READABLE)
            stream = record.content_stream() if is_page else record.raw_stream
            body = stream.read(left + 1)
            left -= len(body)
            if left < 0:
                raise Unreadable(f"the web archive unpacks to more than {LARGEST_UNPACKED:,} bytes")
            if is_page:
                headers = record.rec_headers
                yield headers.get_header("WARC-Target-URI") or "", headers.get_header("WARC-Date"), kind, body
    except ArchiveLoadFailed as error:
        raise Unreadable(f"the web archive is broken: {error!s:.200}") from None


def _first_listed(lines: bytes) -> str | None:
    for line in lines.splitlines()[:2]:
        try:
            page = json.loads(line)
        except (ValueError, RecursionError):
            continue
        url = page.get("url") if isinstance(page, dict) else None
        if isinstance(url, str):
            return url
    return None
