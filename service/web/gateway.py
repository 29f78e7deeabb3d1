"""From ASGI to the WSGI application: a request's head as WSGI has it, and the application's answer as bytes."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any, BinaryIO

from service.web.pace import Headers, kept, raw

Answer = tuple[int, Headers, int, BinaryIO]


def environ_of(scope: Mapping[str, Any]) -> dict[str, Any]:
    """A request's head as WSGI has it (PEP 3333); a header with `_` in its name is dropped, as it could pose as one."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path_of(scope),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": _Silence(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").upper()
        if "_" in name:
            continue
        key = name.replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        value = raw_value.decode("latin-1")
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{value}" if key in environ else value
    return environ


def path_of(scope: Mapping[str, Any]) -> str:
    """A request's path as WSGI has it (PEP 3333)."""
    path: str = scope["path"]
    return path if path.isascii() else path.encode("utf-8", "replace").decode("latin-1")


class _Silence:
    """Where an application may complain; ours has its log."""

    def write(self, _: str) -> None:
        """Take no notice."""

    def flush(self) -> None:
        """There is nothing to flush."""


def run(app: Any, environ: dict[str, Any], handed: Callable[[Any], None]) -> Answer | None:
    """The application's answer; None where it is a stream, which is handed out piece by piece as it is made."""
    begun: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
        begun[:] = int(status.split(" ", 1)[0]), raw(headers)
        return lambda _: None

    pieces: Iterable[bytes] = app(environ, start)
    try:
        status, headers = begun
        if status in (204, 304) or any(name == b"content-length" for name, _ in headers):
            return status, headers, *kept(pieces)
        with contextlib.suppress(OSError, TimeoutError, RuntimeError):  # the client went away, or does not read
            handed({"type": "http.response.start", "status": status, "headers": headers})
            for piece in pieces:
                handed({"type": "http.response.body", "body": piece, "more_body": True})
            handed({"type": "http.response.body", "body": b"", "more_body": False})
        return None
    finally:
        getattr(pieces, "close", lambda: None)()
