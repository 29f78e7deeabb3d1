"""Settings, read from the environment; a name that is not known is an error."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from events.dates.calendar import zone_named
from events.errors import ChronologyError
from events.log.postgres import POOLER, UnreadableAddress, asked_for, asking_for, is_postgres, several_hosts

PREFIX = "CHRONOLOGY_"
_POOLERS = ("none", "transaction")
_NAMED = {
    "zone": "a zone",
    "origin": "a name without spaces and +",
    "pooler": " or ".join(_POOLERS),
    "read_database": "addresses of PostgreSQL, apart by spaces",
}
_WHICH = "target_session_attrs"
FOR_TESTS = f"{PREFIX}TEST_DATABASE"


class SettingError(ChronologyError):
    """A setting that the service cannot start with."""

    problem = "setting"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service is told by its environment.

    Attributes:
        database: `CHRONOLOGY_DATABASE`: `sqlite:///FILE` or `postgresql://...`.
        read_database: `CHRONOLOGY_READ_DATABASE`: replicas that questions are asked of; the database if not given.
        pooler: `CHRONOLOGY_POOLER`: `transaction` where a pooler hands each transaction to any of its connections.
        zone: `CHRONOLOGY_ZONE`: the IANA zone of sources that name none.
        host: `CHRONOLOGY_HOST`: the address to listen on.
        port: `PORT`.
        workers: `CHRONOLOGY_WORKERS`: web processes; SQLite has one.
        threads: `CHRONOLOGY_THREADS`: requests worked on at once in each, streams apart.
        public_reading: `CHRONOLOGY_PUBLIC_READING`: whether anybody may read; else only loopback and tokens.
        wait_seconds: `CHRONOLOGY_WAIT_SECONDS`: how long an answer waits for the views.
        request_seconds: `CHRONOLOGY_REQUEST_SECONDS`: how long the database may be asked for one answer.
        largest_body: `CHRONOLOGY_LARGEST_BODY`: bytes that a request may send.
        four_eyes: `CHRONOLOGY_FOUR_EYES`: whether what a recorder sends waits until an editor accepts it.
        origin: `CHRONOLOGY_ORIGIN`: the name under which checkpoints of the log are signed.
        signing_key: `CHRONOLOGY_SIGNING_KEY`: the file of the key that signs them; beside the database if not given.
        rate: `CHRONOLOGY_RATE`: requests a second that a token, or an address without one, may make; 0: any number.
        proxies: `CHRONOLOGY_PROXIES`: how many proxies in front are believed to say who asks, and over which scheme.
        secure_cookies: `CHRONOLOGY_SECURE_COOKIES`: send cookies over https only, whatever scheme is seen here.
        session_hours: `CHRONOLOGY_SESSION_HOURS`: how long a sign-in lasts.
        oidc_issuer: `CHRONOLOGY_OIDC_ISSUER`: the OpenID provider to sign in with.
        oidc_client_id: `CHRONOLOGY_OIDC_CLIENT_ID`: this service's name there.
        oidc_client_secret: `CHRONOLOGY_OIDC_CLIENT_SECRET`: and its secret.
        oidc_scope: `CHRONOLOGY_OIDC_SCOPE`: what is asked of the provider.
        oidc_name_claim: `CHRONOLOGY_OIDC_NAME_CLAIM`: the claim that names who signs in.
        oidc_role_claim: `CHRONOLOGY_OIDC_ROLE_CLAIM`: the claim that holds their groups.
        oidc_roles: `CHRONOLOGY_OIDC_ROLES`: which group has which role, as `editors=editor,desk=recorder`.
    """

    database: str = field(default="sqlite:///chronology.db", repr=False)  # it may hold a password
    read_database: str = field(default="", repr=False)
    pooler: str = "none"
    zone: str = "UTC"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 24
    public_reading: bool = False
    wait_seconds: float = 5.0
    request_seconds: float = 20.0
    largest_body: int = 16 * 1024 * 1024
    four_eyes: bool = False
    origin: str = "chronology"
    signing_key: str = ""
    rate: float = 1000.0
    proxies: int = 0
    secure_cookies: bool = False
    session_hours: float = 12.0
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_scope: str = "openid profile"
    oidc_name_claim: str = "preferred_username"
    oidc_role_claim: str = "groups"
    oidc_roles: str = ""

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded one: one process, with the follower inside."""
        return self.database.startswith("sqlite")

    @property
    def primary(self) -> str:
        """The address of the database that is written: of several hosts, the one that may be."""
        return self._address(self.database, "read-write")

    @property
    def readers(self) -> str:
        """The addresses of the databases that questions are asked of, in this order; the last is the one written."""
        if not self.read_database:
            return self.primary
        last = asking_for(self.database, _WHICH, None)
        return " ".join(self._address(each, "prefer-standby") for each in (*self.read_database.split(), last))

    def _address(self, address: str, which: str) -> str:
        if not is_postgres(address):
            return address
        if asked_for(address, _WHICH) is None and several_hosts(address):
            address = asking_for(address, _WHICH, which)
        return address if self.pooler == "none" else asking_for(address, POOLER, self.pooler)

    @property
    def signing_key_file(self) -> Path:
        """Where the key lies that signs checkpoints; it is made on first use."""
        beside = self.database.removeprefix("sqlite:///") if self.is_sqlite else "chronology"
        return Path(self.signing_key or f"{beside}.signing-key")


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
    settings = Settings(**given)
    try:
        settings.readers  # noqa: B018  (each address is read)
    except UnreadableAddress as error:
        raise SettingError(f"the address of a database cannot be read: {' '.join(str(error).split())}") from None
    if settings.read_database and settings.is_sqlite:
        raise SettingError("CHRONOLOGY_READ_DATABASE needs a CHRONOLOGY_DATABASE on PostgreSQL")
    return settings


def _read(name: str, setting: str, text: str) -> Any:
    default = getattr(Settings(), setting)
    try:
        if setting == "zone":
            return zone_named(text).key
        if setting == "pooler" and text not in _POOLERS:
            raise ValueError(text)
        if setting == "read_database" and not all(map(is_postgres, text.split())):
            text = "..."  # it may hold a password
            raise ValueError(text)
        if setting == "origin" and (not text.isprintable() or set(text) & set("+ ")):
            raise ValueError(text)
        if isinstance(default, bool):
            return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[text.lower()]
        if isinstance(default, int | float):
            number = type(default)(text)
            if not 0 <= number < float("inf"):
                raise ValueError(text)
            return number
    except (ValueError, KeyError):
        raise SettingError(f"{name}={text!r} cannot be read as {_NAMED.get(setting, type(default).__name__)}") from None
    return text
