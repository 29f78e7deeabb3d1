"""The process that reads one document: `python -m service.documents.extract`.

In: a line of JSON, `{name, media_type}`, and the bytes. Out: what was read as JSON, or `{refused: why}`. It allows
itself so much memory and time of a core as a hostile document may take, and no file to write.
"""

import json
import signal
import sys
from pathlib import Path
from typing import Any, cast

from service.documents.document import Document, Unreadable, cleaned
from service.documents.formats import format_of
from service.documents.guesses import agency_in, language_of

MEGABYTES, SECONDS = 200, 3
_TOO_LARGE = f"it takes more than {MEGABYTES} MB of memory to read"


def main() -> None:
    """Read the document on standard input."""
    header, content = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    try:
        answer: Any = _read(content, **header)
    except Unreadable as error:
        answer = {"refused": error.sentence}
    except MemoryError:
        answer = {"refused": _TOO_LARGE}
    except RecursionError:
        answer = {"refused": "its parts are nested too deep to be read"}
    except Exception as error:  # whatever a library makes of a document made to break it
        is_memory = "memory" in str(error).lower() or "alloc" in str(error).lower()
        answer = {"refused": _TOO_LARGE if is_memory else f"it cannot be read ({type(error).__name__})"}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _read(content: bytes, name: str, media_type: str) -> Document:
    found = format_of(content, name, media_type)
    _ = found.module  # its libraries count as what the process needs anyway
    _limit()
    document = found.read(content)
    text = cleaned(document["text"])
    said = {key: value for key, value in document.items() if value is not None}
    guessed = {"title": Path(name).stem or None, "agency": agency_in(text), "language": language_of(text)}
    return cast(Document, {**guessed, **said, "text": text})


def _limit() -> None:
    """Let the system end this process when it takes more than a document may."""
    try:
        import resource
    except ImportError:  # Windows has none; whoever started the process ends it
        return
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of its work: that others work is not its fault
    statm = Path("/proc/self/statm")
    if statm.exists():
        size = int(statm.read_text().split()[0]) * resource.getpagesize() + MEGABYTES * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
