"""E-mail (RFC 5322, MIME): the text of its body, and what its header says."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import cast

from service.documents.document import Document, Unreadable, guess

_MOST_PARTS = 200
_MULTIPART = re.compile(rb"^content-type:\s*(multipart/|message/)", re.I | re.M)
_DEEPEST = 20


def read(content: bytes) -> Document:
    """A message; attachments are left out.

    Raises:
        Unreadable: its parts are too many or nested too deep, it is encrypted, or it has no text.
    """
    nested = len(_MULTIPART.findall(content))
    if nested > _MOST_PARTS:
        raise Unreadable(f"the mail is made of {nested:,} parts that hold parts (at most {_MOST_PARTS:,})")
    message = message_from_bytes(content, policy=policy.default)
    _refuse_nested(message, 0)
    if message.get_content_type() in ("multipart/encrypted", "application/pkcs7-mime"):
        raise Unreadable("the mail is encrypted")
    body = message.get_body(("plain", "html"))
    if body is None:
        raise Unreadable("the mail has no text: what it holds are attachments")
    document: Document = {"text": _text(cast(EmailMessage, body))}
    if body.get_content_type() == "text/html":
        from service.documents.readers import html  # a large library, which few mails need

        document = html.read(document["text"].encode())
    name, address = parseaddr(str(message["From"] or ""))
    date = getattr(message["Date"], "datetime", None)
    return {
        "text": document["text"],
        "title": guess(message["Subject"]) or document.get("title"),
        "publisher": guess(name or address.rpartition("@")[2]),
        "published": date.isoformat(timespec="seconds") if date and date.tzinfo else None,
        "language": guess(message["Content-Language"]) or document.get("language"),
    }


def _text(body: EmailMessage) -> str:
    try:
        return str(body.get_content())
    except (LookupError, UnicodeError):  # of a character set that nobody knows
        return cast(bytes, body.get_payload(decode=True)).decode("utf-8", "replace")


def _refuse_nested(message: EmailMessage, depth: int) -> None:
    if depth > _DEEPEST:
        raise Unreadable(f"the parts of the mail are nested deeper than {_DEEPEST} levels")
    for part in message.iter_parts() if message.is_multipart() else ():
        _refuse_nested(cast(EmailMessage, part), depth + 1)
