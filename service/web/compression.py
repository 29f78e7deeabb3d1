"""Scripts and styles are sent compressed (gzip, RFC 1952) to those who accept it.

Pages are not: they may hold a secret beside words of the address, which their length would then give away (BREACH).
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_TYPES = ("text/javascript", "text/css")


def compress_static_files(app: Flask) -> None:
    """Answer requests of scripts and styles with less."""
    app.after_request(_compressed)


def _compressed(answer: Response) -> Response:
    if request.endpoint != "static" or answer.mimetype not in _TYPES:
        return answer
    answer.vary.add("Accept-Encoding")
    etag, _ = answer.get_etag()
    if etag:
        answer.set_etag(etag, weak=True)  # of what it says, in either form
    if answer.status_code == 200 and request.accept_encodings["gzip"] and request.method == "GET":
        answer.direct_passthrough = False
        answer.set_data(_gzip(answer.get_data()))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@lru_cache(maxsize=64)
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
