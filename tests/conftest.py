"""Fixtures: a chronology on each database, a chronicle that is recorded in it, a client of its API."""

import gc
from collections.abc import Generator, Iterator
from itertools import chain, count
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from xdist.scheduler import LoadScopeScheduling

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.applications import app_on, compile_once
from tests.fixtures.databases import HURRY, NAMED, fresh, hurry
from tests.fixtures.histories import Hurrying
from tests.fixtures.samples import sample_desk
from tests.fixtures.stories import Chronicle, Ticking

SHARED = Path(__file__).parents[2] / "shared"

SORTS = ["postgres"] if NAMED.startswith("postgres") else ["sqlite", "postgres"]

ON_ONE_DATABASE = pytest.mark.parametrize("database", SORTS[:1], indirect=True)
"""For refusals of what is read before a database is asked."""

SLOWEST = (
    "test_at_scale",
    "test_properties",
    "test_erasure_from_disk",
    "test_redaction",
    "test_values",
    "test_evolution_properties",
    "test_recent_histories",
    "test_followers",
    "test_documents",
    "test_trust_of_browsers",
    "test_hundred_facts",
    "test_reading_desk",
    "test_acts_in_browser",
    "test_table_in_browser",
    "test_timeline",
    "test_command_line",
)
"""Modules with tests that take seconds, beside those of `TOGETHER`, which are handed out first."""

TOGETHER = (
    "test_browser",
    "test_tasks",
    "test_elements",
    "test_survival",
    "test_replicas",
    "test_serving",
    "test_client",
    "test_generated_client",
    "test_official_client",
)
"""Those whose tests share a browser or servers of their own, and so run in one process."""


class Together(LoadScopeScheduling):
    """Hands out tests one by one, but those of some modules at once. (The group of a test is lost with pytest 9.2.)"""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if Path(module).stem in TOGETHER else nodeid


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Two more than processors, as much of their time tests wait: for browsers, for servers, for time to pass."""
    return (yield) + 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def pytest_configure() -> None:
    hurry()
    compile_once()


def pytest_collection_finish() -> None:
    """What is imported and collected stays: it need not be walked over again and again for what can be freed.

    Nor is the rest as often as Python would, which takes a tenth of the tests' time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest first, so that no worker is left with them at the end."""
    items.sort(key=lambda item: SLOWEST.index(item.path.stem) if item.path.stem in SLOWEST else len(SLOWEST))


def on(sort: str, folder: Path) -> str:
    """The address of an empty database of that type."""
    return f"sqlite:///{folder}/chronology.db" if sort == "sqlite" else fresh()


@pytest.fixture(params=SORTS)
def database(request: Any, tmp_path: Path) -> str:
    return on(request.param, tmp_path)


@pytest.fixture
def chronology(database: str, tmp_path: Path) -> Iterator[Chronology]:
    settings = Settings(database=database, signing_key=str(tmp_path / "signing-key"), hook_hosts="hooks.example")
    chronology = Chronology(settings, now=Ticking(), follows=True)
    yield chronology
    chronology.close()


@pytest.fixture
def chronologies(tmp_path: Path) -> Iterator[list[Chronology]]:
    """A chronology on each database, for all examples of a property; each example has ids of its own."""
    chronologies = [Chronology(Settings(database=on(sort, tmp_path)), now=Hurrying(), follows=True) for sort in SORTS]
    yield chronologies
    for chronology in chronologies:
        chronology.close()


@pytest.fixture
def unhurried() -> Iterator[None]:
    """SQLite as it comes."""
    HURRY.undo()
    yield
    hurry()


@pytest.fixture
def chronicle(chronology: Chronology) -> Chronicle:
    return Chronicle(chronology)


@pytest.fixture
def sqlite_chronology(tmp_path: Path) -> Iterator[Chronology]:
    """For tests of what is the same on every database."""
    chronology = Chronology(Settings(database=on("sqlite", tmp_path)), now=Ticking(), follows=True)
    yield chronology
    chronology.close()


class Api:
    """A client with a token of a role."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query_string=query, headers=self.headers, buffered=True)

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers)

    def posted(self, path: str, body: Any) -> Any:
        """The answer to a call that must succeed."""
        answer = self.post(path, body)
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)
        return answer.get_json()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronology]:
    """The sample chronology, as it was recorded."""
    chronology = sample_desk(tmp_path_factory.mktemp("sample"))
    yield chronology
    chronology.close()


@pytest.fixture
def api(chronology: Chronology) -> Api:
    return api_of(chronology, "editor")


def api_of(chronology: Chronology, role: str | None) -> Api:
    taken = {each["name"] for each in chronology.keyring.issued()}
    names = chain([f"the {role}"], (f"the {role} {n}" for n in count(2)))
    name = next(each for each in names if each not in taken)  # another's name is refused
    token = chronology.keyring.issue(name, role, "test")[1] if role else None
    return Api(app_on(chronology).test_client(), token)


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the folder shared/ with the seed reports is not here")
    return SHARED
