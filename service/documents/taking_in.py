"""Takes a document in: starts the process that reads it, and ends it when it takes too long."""

import json
import signal
import subprocess
import sys
from threading import BoundedSemaphore
from typing import Any

from events.errors import NotYet
from service.documents.document import Document, Unreadable

_AT_ONCE = BoundedSemaphore(2)
"""Each may take a core, and 200 MB."""
_WAIT_SECONDS = 5.0
_SECONDS = 20.0
"""After which the process is ended from outside; before that, its own clock ends it once its libraries are loaded."""
_LATE = -getattr(signal, "SIGPROF", 0)


def read_document(content: bytes, name: str = "", media_type: str = "") -> Document:
    """The text of a document and what can be guessed of it; nothing is fetched, and nothing recorded.

    Raises:
        Unreadable: it is in no format read here, or broken, encrypted, or made to take time or memory.
        NotYet: others are being read.
    """
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise NotYet("other documents are being read")
    try:
        answer = _answer(content, json.dumps({"name": name, "media_type": media_type}).encode() + b"\n")
    finally:
        _AT_ONCE.release()
    if "refused" in answer:
        what = repr(name) if name else "the document"
        raise Unreadable.at("", f"{what} cannot be taken in: {answer['refused']}")
    return answer  # type: ignore[no-any-return]


def _answer(content: bytes, header: bytes) -> Any:
    command = [sys.executable, "-I", "-m", "service.documents.extract"]
    try:
        done = subprocess.run(  # noqa: S603  (no part of it comes from outside)
            command, input=header + content, capture_output=True, timeout=_SECONDS, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        return {"refused": "it takes too long to read"}
    if done.returncode and done.returncode == _LATE:
        return {"refused": "it takes too long to read"}
    if done.returncode:
        return {"refused": "it breaks what reads it, as a document does that is damaged or takes too much memory"}
    return json.loads(done.stdout)
