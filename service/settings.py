"""Settings from the environment; an unknown name is an error."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from events.dates.calendar import zone_named
from events.errors import ChronologyError
from events.log.postgres import POOLER, UnreadableAddress, asked_for, asking_for, is_postgres, several_hosts

PREFIX = "CHRONOLOGY_"
_POOLERS = ("none", "transaction")
_FOUR_EYES = {"no": "", "yes": "facts", "all": "facts,sources,editors"}
_NAMED = {
    "zone": "a zone",
    "hosts": "names of hosts, apart by commas, without ports",
    "address": "an address as https://desk.example, without a path",
    "hook_hosts": "names of hosts and literal addresses, apart by commas, without ports",
    "readers": "origins as https://desk.example, apart by commas, or *",
    "origin": "a name without spaces and +",
    "four_eyes": "no, yes, all, or some of facts, sources and editors, apart by commas",
    "pooler": " or ".join(_POOLERS),
    "read_database": "addresses of PostgreSQL, apart by spaces",
}
_NAMES = re.compile(r"\s*[\w.-]+\s*(,\s*[\w.-]+\s*)*", re.ASCII)
_ORIGINS = re.compile(r"\*|\s*https?://[\w.-]+(:\d+)?\s*(,\s*https?://[\w.-]+(:\d+)?\s*)*", re.ASCII)
_HOOK_HOSTS = re.compile(r"\s*[\w.:\[\]-]+\s*(,\s*[\w.:\[\]-]+\s*)*", re.ASCII)
_ADDRESS = re.compile(r"https?://[\w.\[\]:-]+", re.ASCII)
_PATTERNS = {"hosts": _NAMES, "readers": _ORIGINS, "hook_hosts": _HOOK_HOSTS, "address": _ADDRESS}
_OF_KUBERNETES = re.compile(rf"{PREFIX}(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)")
"""What it tells each pod of a Service whose name begins with `chronology`, beside `..._PORT=tcp://...`."""
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_WHICH = "target_session_attrs"
FOR_TESTS = f"{PREFIX}TEST_DATABASE"


class SettingError(ChronologyError):
    """A setting that the service cannot start with."""

    problem = "setting"


@dataclass(frozen=True)
class Settings:
    """What the environment says: each in `CHRONOLOGY_` and its name in capitals, but for `PORT`."""

    database: str = field(default="sqlite:///chronology.db", repr=False)  # or `postgresql://...`; may hold a password
    read_database: str = field(default="", repr=False)  # replicas that questions are asked of
    pooler: str = "none"  # `transaction` where a pooler hands each transaction to any of its connections
    zone: str = "UTC"  # the IANA zone of sources that name none
    host: str = "127.0.0.1"
    port: int = 8000
    hosts: str = ""  # the names under which requests reach the service, beside those of this machine's loopback
    readers: str = ""  # the origins of pages of other hosts that may read, or `*`
    workers: int = 2  # web processes; SQLite has one
    threads: int = 24  # requests worked on at once in each, without streams
    public_reading: bool = False  # whether anybody may read; else only loopback and tokens
    wait_seconds: float = 5.0  # how long an answer waits for the views
    request_seconds: float = 20.0  # how long one answer may take, or looking for the quotes of one call
    largest_body: int = 16 * 1024 * 1024  # bytes that a request may send
    largest_original: int = 10 * 1024 * 1024  # bytes of a document that are kept beside its text
    four_eyes: str = "no"  # what waits until an editor accepts it: `facts`, `sources`, and `editors` for theirs too
    origin: str = "chronology"  # the name under which checkpoints of the log are signed
    signing_key: str = ""  # the file of the key that signs them; beside the database if not given
    rate: float = 1000.0  # requests a second that a token, or an address without one, may make; 0: any number
    proxies: int = 0  # how many proxies in front are believed to say who asks, and over which scheme
    address: str = ""  # where people reach the service, as https://desk.example: what links in messages begin with
    hook_hosts: str = ""  # the hosts that hooks may lead to: names, and private addresses by their literal address
    secure_cookies: bool = False  # send cookies over https only, whatever scheme is seen here
    session_hours: float = 12.0
    oidc_issuer: str = ""  # the OpenID provider to sign in with
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_scope: str = "openid profile"
    oidc_name_claim: str = "preferred_username"  # the claim that names who signs in
    oidc_role_claim: str = "groups"  # the claim that holds their groups
    oidc_roles: str = ""  # which group has which role, as `editors=editor,desk=recorder`

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded one: one process, with the follower inside."""
        return self.database.startswith("sqlite")

    @cached_property
    def waiting(self) -> frozenset[str]:
        """What waits until somebody else accepts it: `facts`, `sources`, and those of `editors` as those of recorders.

        Facts are also descriptions of subjects, and what is done to either; sources are also what is done to them.
        """
        said = _FOUR_EYES.get(self.four_eyes, self.four_eyes)
        return frozenset(each.strip() for each in said.split(",") if each.strip())

    @property
    def names(self) -> list[str]:
        """The names under which a request may reach the service, in small letters; none where any will do."""
        if not self.hosts and not self.is_on_loopback:
            return []
        listening = [self.host.lower()] if self.is_on_loopback else []
        return [*_LOOPBACK, *listening, *(each.strip().lower() for each in self.hosts.split(",") if each)]

    @property
    def origins_of_readers(self) -> list[str]:
        """The origins of pages that may read, beside our own; `*` is all."""
        return [each.strip().lower() for each in self.readers.split(",") if each.strip()]

    @property
    def is_on_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def primary(self) -> str:
        """The address of the database that is written: of several hosts, the one that takes writes."""
        return self._address(self.database, "read-write")

    @property
    def read_addresses(self) -> str:
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
        """The file of the key that signs checkpoints, made on first use."""
        beside = self.database.removeprefix("sqlite:///") if self.is_sqlite else "chronology"
        return Path(self.signing_key or f"{beside}.signing-key")


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings that the environment gives.

    Raises:
        SettingError: a `CHRONOLOGY_` name is not known, or a value cannot be read.
    """
    names = {f"{PREFIX}{name.upper()}": name for name in Settings.__dataclass_fields__ if name != "port"}
    for name, value in environment.items():
        if name.startswith(PREFIX) and name not in names and name != FOR_TESTS and not _is_of_kubernetes(name, value):
            raise SettingError(f"{name} is not a setting; known are {', '.join(sorted(names))} and PORT")
    names["PORT"] = "port"
    given = {
        setting: _read(name, setting, environment[name]) for name, setting in names.items() if environment.get(name)
    }
    settings = Settings(**given)
    try:
        settings.read_addresses  # noqa: B018  (each address is read)
    except UnreadableAddress as error:
        raise SettingError(f"the address of a database cannot be read: {' '.join(str(error).split())}") from None
    if settings.read_database and settings.is_sqlite:
        raise SettingError("CHRONOLOGY_READ_DATABASE needs a CHRONOLOGY_DATABASE on PostgreSQL")
    return settings


def _is_of_kubernetes(name: str, value: str) -> bool:
    is_port = name.endswith("_PORT") and value.startswith(("tcp://", "udp://", "sctp://"))
    return is_port or _OF_KUBERNETES.fullmatch(name) is not None


def _read_four_eyes(text: str) -> None:
    said = {each.strip() for each in text.split(",")}
    if text not in _FOUR_EYES and not ({"facts", "sources"} & said and said <= {"facts", "sources", "editors"}):
        raise ValueError(text)


def _read(name: str, setting: str, text: str) -> Any:
    default = getattr(Settings(), setting)
    try:
        if setting == "zone":
            return zone_named(text).key
        if setting == "pooler" and text not in _POOLERS:
            raise ValueError(text)
        if setting == "four_eyes":
            _read_four_eyes(text)
        if setting in _PATTERNS and not _PATTERNS[setting].fullmatch(text):
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
