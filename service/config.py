"""Settings, read from the environment; a name that is not known is an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from events.calendar import zone_named
from events.errors import ChronologyError

PREFIX = "CHRONOLOGY_"
FOR_TESTS = f"{PREFIX}TEST_DATABASE"


class SettingError(ChronologyError):
    """A setting that the service cannot start with."""

    problem = "setting"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service is told by its environment.

    Attributes:
        database: `CHRONOLOGY_DATABASE`: `sqlite:///FILE` or `postgresql://...`.
        zone: `CHRONOLOGY_ZONE`: the IANA zone of sources that name none.
        host: `CHRONOLOGY_HOST`: the address to listen on.
        port: `PORT`.
        workers: `CHRONOLOGY_WORKERS`: web processes; SQLite has one.
        threads: `CHRONOLOGY_THREADS`: requests served at once in each.
        public_reading: `CHRONOLOGY_PUBLIC_READING`: whether anybody may read; else only loopback and tokens.
        wait_seconds: `CHRONOLOGY_WAIT_SECONDS`: how long an answer waits for the views.
        request_seconds: `CHRONOLOGY_REQUEST_SECONDS`: how long the database may be asked for one answer.
        largest_body: `CHRONOLOGY_LARGEST_BODY`: bytes that a request may send.
    """

    database: str = "sqlite:///chronology.db"
    zone: str = "UTC"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 24
    public_reading: bool = False
    wait_seconds: float = 5.0
    request_seconds: float = 20.0
    largest_body: int = 16 * 1024 * 1024

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded one: one process, with the follower inside."""
        return self.database.startswith("sqlite")


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings that the environment gives.

    Raises:
        SettingError: a `CHRONOLOGY_` name is not known, or a value cannot be read.
    """
    names = {f"{PREFIX}{name.upper()}": name for name in Settings.__dataclass_fields__ if name != "port"}
    given: dict[str, Any] = {}
    for name, text in environment.items():
        if name.startswith(PREFIX) and name not in names and name != FOR_TESTS:
            raise SettingError(f"{name} is not a setting; known are {', '.join(sorted(names))} and PORT")
        if name in names and text != "":
            given[names[name]] = _read(name, names[name], text)
    if environment.get("PORT"):
        given["port"] = _read("PORT", "port", environment["PORT"])
    return Settings(**given)


def _read(name: str, field: str, text: str) -> Any:
    default = getattr(Settings(), field)
    try:
        if field == "zone":
            return zone_named(text).key
        if isinstance(default, bool):
            return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[text.lower()]
        if isinstance(default, int | float):
            number = type(default)(text)
            if number < 0:
                raise ValueError(text)
            return number
    except (ValueError, KeyError):
        raise SettingError(
            f"{name}={text!r} cannot be read as {type(default).__name__ if field != 'zone' else 'a zone'}"
        ) from None
    return text
