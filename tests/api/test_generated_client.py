"""A client that a generator makes of the API's document, at work on the running service."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from types import ModuleType
from typing import Any

import pytest

from tests.fixtures.servers import Served, serving

SETTINGS = "post_hooks: []\npackage_name_override: chronology_client\n"
GENERATE = (sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none")
TEXT = "Kiev said that 1,000 prisoners each would be handed over."


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as service:
        yield service


@pytest.fixture(scope="module")
def generated(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = tmp_path_factory.mktemp("client")
    (folder / "settings.yaml").write_text(SETTINGS)
    address = ("--url", f"{served.address}/api/v1/openapi.json", "--config", str(folder / "settings.yaml"))
    made = subprocess.run(
        [*GENERATE, *address, "--output-path", str(folder / "chronology_client")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout
    assert "Unable to" not in made.stdout, made.stdout
    sys.path.insert(0, str(folder))
    yield importlib.import_module("chronology_client")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "chronology_client"]:
        del sys.modules[name]


class Client:
    """The generated client with a token; operations by their names."""

    def __init__(self, served: Served) -> None:
        made = importlib.import_module("chronology_client")
        self._client = made.AuthenticatedClient(served.address, served.tokens["editor"])

    def __call__(self, part: str, operation: str, *path: str, **given: Any) -> Any:
        """What the answer reads as; one that cannot be read is an exception."""
        called = importlib.import_module(f"chronology_client.api.{part}.{operation}")
        answer = called.sync_detailed(*path, client=self._client, **given)
        assert HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES, answer.content
        assert type(answer.parsed).__module__.startswith("chronology_client.models."), type(answer.parsed)
        return answer.parsed


def model(name: str) -> Any:
    return getattr(importlib.import_module("chronology_client.models"), name)


def test_a_generated_client_records_a_source_and_a_fact_and_reads_a_state_a_list_and_a_diff(
    served: Served, generated: ModuleType
) -> None:
    ask = Client(served)
    source = {"id": "gazette", "title": "Gazette", "publisher": "Gazette", "published": "2024-01-03", "text": TEXT}
    fact = {
        "id": "agreed",
        "kind": "SwapAgreed",
        "subject": "swap",
        "occurred": "2024-01",
        "count_each": {"best": 1000},
    }
    cited = {"citations": [{"source": "gazette", "exact": "1,000 prisoners each"}]}

    registered = ask("sources", "register_source", body=model("Source").from_dict(source))
    recorded = ask("facts", "record_fact", body=model("SwapAgreed").from_dict(fact | cited))
    served.caught_up()
    state = ask("subjects", "show_state", "swap", at="2024-01-02")
    page = ask("subjects", "list_states", limit=10)
    facts = ask("facts", "list_facts", subject="swap")
    shown = ask("facts", "show_fact", "agreed")
    diff = ask("history", "show_diff", from_position=registered.position, to_position=recorded.position)

    assert (registered.version, recorded.id, recorded.position) == (1, "agreed", 2)
    assert state.status.value is None
    assert [(each.value, each.because) for each in state.possibly["status"]] == [("agreed", ["agreed"])]
    assert [claim.fact for claim in state.possible] == ["agreed"]
    assert [each.status.value for each in page.subjects] == ["agreed"]
    assert page.subjects[0].fields["count_each"].value == {"best": 1000}
    assert [each.citations[0].exact for each in facts.facts] == ["1,000 prisoners each"]
    assert (shown.visible, shown.stream[0].said["count_each"]) == (True, {"best": 1000})
    assert {(each.finding, each.cause) for each in diff.differences} >= {("status", "new_fact")}


def test_a_generated_client_reads_a_refusal(served: Served, generated: ModuleType) -> None:
    called = importlib.import_module("chronology_client.api.subjects.show_state")
    answer = called.sync_detailed("nothing", client=generated.Client(served.address))

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert json.loads(answer.content)["title"] == answer.parsed.title
