"""PDF (ISO 32000): the text of its pages (PDFium), with lines joined to paragraphs, and its information dictionary."""

import re

import pypdfium2 as pdfium

from service.documents.document import LONGEST_TEXT, Document, Unreadable, guess
from service.documents.readers.lines import paragraphs

_MOST_PAGES = 2_000
_DIVISION = re.compile(r"[\x02\ufffe](\r?\n)?")
"""What PDFium writes for a hyphen at the end of a line, with which it joins the lines."""
_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


def read(content: bytes) -> Document:
    """A PDF.

    Raises:
        Unreadable: it is encrypted, broken, too long, or holds pictures of text alone.
    """
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Unreadable("the PDF is encrypted: it opens with a password alone") from None
        raise Unreadable("the PDF is broken: its objects cannot be read") from None
    if not 0 < len(document) <= _MOST_PAGES:
        raise Unreadable(f"the PDF has {len(document):,} pages (at least one, at most {_MOST_PAGES:,})")
    text = paragraphs(_lines(document))
    if not text.strip():
        raise Unreadable("the PDF holds no text: its pages may be pictures of text")
    noted = document.get_metadata_dict(skip_empty=True)
    made = _DATE.match(noted.get("CreationDate", ""))
    return {"text": text, "title": guess(noted.get("Title")), "published": "-".join(made.groups()) if made else None}


def _lines(document: pdfium.PdfDocument) -> list[list[str]]:
    pages: list[list[str]] = []
    size = 0
    for index in range(len(document)):
        try:
            page = document[index]
            text = page.get_textpage().get_text_range()
            page.close()
        except pdfium.PdfiumError:
            raise Unreadable(f"page {index + 1} of the PDF is broken") from None
        size += len(text)
        if size > LONGEST_TEXT:
            raise Unreadable(f"its text is too long (at most {LONGEST_TEXT:,} characters)")
        pages.append(_DIVISION.sub("-\n", text).splitlines())
    return pages
