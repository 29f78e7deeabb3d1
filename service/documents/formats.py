"""The formats that are read, told apart by their content: a name or a media type alone proves nothing."""

import re
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from service.documents.document import Document, Unreadable

_HTML = re.compile(
    rb"^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|article|main|div|p|h1|title|meta)\b",
    re.I | re.S,
)
_HEADER = re.compile(rb"^(?:From [^\n]*\n)?(?:[!-9;-~]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)+")
_OF_MAIL = re.compile(rb"^(from|date|subject|received|mime-version|message-id|return-path):", re.I | re.M)
_OF_HTML = ("text/html", "application/xhtml+xml")
_HEAD = 64 * 1024
_SNIFFED = 4096


class Format(NamedTuple):
    """A format: its name, its media type, how its content begins, and the module and function that read it."""

    name: str
    media_type: str
    begins: Callable[[bytes], bool]
    room: str
    reader: str = "read"
    takes_charset: bool = False

    def read(self, *given: bytes | str) -> Document:
        """What a document of this format holds; its libraries are loaded when it is first needed."""
        document: Document = getattr(self.module, self.reader)(*given)
        return {**document, "format": self.name, "media_type": self.media_type}

    @property
    def module(self) -> object:
        """The module that reads it."""
        return import_module(f"service.documents.readers.{self.room}")


def _is_warc(content: bytes) -> bool:
    if content.startswith(b"\x1f\x8b"):
        try:
            return zlib.decompressobj(31).decompress(content, 5) == b"WARC/"
        except zlib.error:
            return False
    return content.startswith(b"WARC/")


def _is_mail(content: bytes) -> bool:
    header = _HEADER.match(content[:_HEAD])
    return header is not None and len(_OF_MAIL.findall(header[0])) > 1


def _zip_with(name: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(b"PK\x03\x04") and name in content


FORMATS = (
    Format("PDF", "application/pdf", lambda content: content[:1024].lstrip().startswith(b"%PDF-"), "pdf"),
    Format(
        "DOCX",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _zip_with(b"word/document.xml"),
        "docx",
    ),
    Format("WACZ", "application/wacz", _zip_with(b"datapackage.json"), "web_archive", "read_wacz"),
    Format("WARC", "application/warc", _is_warc, "web_archive", "read_warc"),
    Format("HTML", "text/html", lambda content: bool(_HTML.match(_text_head(content))), "html", takes_charset=True),
    Format("e-mail", "message/rfc822", _is_mail, "mail"),
    Format("plain text", "text/plain", lambda content: not _is_binary(content), "plain_text", takes_charset=True),
)
_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML_FORMAT, _TEXT_FORMAT = FORMATS[4], FORMATS[6]


def format_of(content: bytes, name: str = "", media_type: str = "") -> Format:
    """The format of a document. Of texts alone, the name or media type may say that one is HTML.

    Raises:
        Unreadable: it is none of those read here.
    """
    if not content:
        raise Unreadable("the file is empty")
    if content.startswith(_ENCRYPTED):
        raise Unreadable("it is an Office file of before 2007, or encrypted; save it as DOCX without a password")
    found = next((each for each in FORMATS if each.begins(content)), None)
    if found is None:
        raise Unreadable(f"it is none of the formats read here: {', '.join(each.name for each in FORMATS)}")
    says_html = name.lower().endswith((".html", ".htm", ".xhtml")) or media_type in _OF_HTML
    return _HTML_FORMAT if found is _TEXT_FORMAT and says_html else found


def _text_head(content: bytes) -> bytes:
    """The beginning, of UTF-16 without its zeros."""
    head = content[:_SNIFFED].removeprefix(b"\xef\xbb\xbf")
    return head[2:].replace(b"\0", b"") if head.startswith((b"\xff\xfe", b"\xfe\xff")) else head


def _is_binary(content: bytes) -> bool:
    head = content[:_SNIFFED]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    odd = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return b"\0" in head or odd > len(head) // 100 or head.startswith((b"{\\rtf", b"PK\x03\x04", b"\x89PNG"))
