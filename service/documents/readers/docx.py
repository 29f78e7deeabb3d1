"""DOCX (ISO/IEC 29500): paragraphs and tables in their order, and the core properties."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table

from service.documents.document import Document, Unreadable, guess
from service.documents.readers.archives import opened

_DEEPEST = 20
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def read(content: bytes) -> Document:
    """A document of a word processor.

    Raises:
        Unreadable: it is encrypted, broken, too large unpacked, or holds entities.
    """
    with opened(content, "DOCX") as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(name):
                raise Unreadable(f"the DOCX declares entities in {name:.80}, which no word processor does")
    try:
        document = docx.Document(BytesIO(content))
        noted = document.core_properties
        language = str(noted.language or "")
        return {
            "text": "\n\n".join(_blocks(document.iter_inner_content(), 0)),
            "title": guess(noted.title),
            "published": noted.created.date().isoformat() if noted.created else None,
            "language": language if _LANGUAGE.fullmatch(language) else None,
        }
    except (PackageNotFoundError, KeyError, ValueError, AttributeError, SyntaxError) as error:
        raise Unreadable(f"the DOCX is broken ({type(error).__name__})") from None


def _blocks(inside: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise Unreadable(f"the tables of the DOCX are nested deeper than {_DEEPEST} levels")
    for block in inside:
        if not isinstance(block, Table):
            yield block.text
            continue
        for row in block.rows:
            yield "\t".join(" ".join(_blocks(cell.iter_inner_content(), depth + 1)) for cell in row.cells)
