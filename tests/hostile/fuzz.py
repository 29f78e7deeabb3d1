"""Fuzz the API as its own document describes it: `python -m tests.hostile.fuzz`, for FUZZ_MINUTES (30) in all.

The service runs as it is run, on SQLite and PostgreSQL at once, and schemathesis asks as each role in turn. Each run
draws a new seed and prints it; FUZZ_SEED repeats one. FUZZ_EXAMPLES bounds a run by the examples of each call instead
of by time, so that with a seed the same is asked whatever the machine.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.databases import postgres
from tests.fixtures.servers import Served, serving
from tests.hostile.fuzz_checks import ORDER

DATABASES = ("sqlite", "postgres")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "role_is_kept",
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LEAST_SECONDS = 5


@dataclass
class Met:
    """What one run, or all of them, met."""

    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    routes: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    def add(self, other: "Met") -> None:
        """Add what another run met."""
        self.requests += other.requests
        self.statuses += other.statuses
        self.routes |= other.routes
        self.failures += other.failures


def needs() -> dict[str, str]:
    """The role that each call of the API's document needs: `POST /api/v1/facts` to `recorder`."""
    with tempfile.TemporaryDirectory() as folder:
        chronology = Chronology(Settings(database=f"sqlite:///{folder}/none.db"))
        app = create_app(chronology)
        document = app.test_client().get("/api/v1/openapi.json").get_json()
        with app.test_request_context():
            adapter = app.create_url_adapter(None) or app.url_map.bind("here")
            found = {}
            for path, methods in document["paths"].items():
                for method in set(methods) & {each.lower() for each in METHODS}:
                    endpoint, _ = adapter.match(path.replace("{n}", "1"), method=method.upper())
                    role = getattr(app.view_functions[endpoint], "needs", "reader")
                    found[f"{method.upper()} {path}"] = role
        chronology.close()
    return found


def run(served: Served, role: str, bounds: tuple[str, ...], wanted: dict[str, str], met: Met) -> None:
    """Let schemathesis ask as the role, within its options that bound how much and with which seed."""
    token = served.tokens.get(role)
    bearer = f"Bearer {token}" if token else ""
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.hostile.fuzz_checks",
        "FUZZ_ROLE": role,
        "FUZZ_NEEDS": json.dumps(wanted),
        "FUZZ_BEARER": bearer,
        "FUZZ_OWN_TOKEN": token.split("_")[1] if token else "none",
    }
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.ndjson"
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{served.address}/api/v1/openapi.json"),
            *(*bounds, "--checks", ",".join(CHECKS), "--request-timeout", "20", "--generation-database", "none"),
            *("--report", "ndjson", "--report-ndjson-path", str(report), "--output-sanitize", "false"),
            *("--continue-on-failure", "--warnings", "off", "--no-color", "--suppress-health-check", "all"),
            *(("--header", f"Authorization: {bearer}") if bearer else ()),
        ]
        asked = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=Path(__file__).parents[2])
        count(report, role, met)
    if asked.returncode not in (0, 1) or (asked.returncode == 1 and not met.failures):
        met.failures.append(f"{role}: schemathesis ended with {asked.returncode}: {asked.stdout[-1500:]}")


def count(report: Path, role: str, met: Met) -> None:
    """Add what a report of schemathesis (one event a line) holds."""
    for line in report.read_text().splitlines() if report.exists() else ():
        scenario = json.loads(line).get("ScenarioFinished")
        if scenario is None:
            continue
        recorder = scenario["recorder"]
        for name, interaction in recorder.get("interactions", {}).items():
            status = (interaction.get("response") or {}).get("status_code", "none")
            met.requests += 1
            met.statuses[str(status)] += 1
            for check in recorder.get("checks", {}).get(name, ()):
                if check["status"] == "failure":
                    met.failures.append(f"{role}: {_told(check, interaction, status)}")
        if recorder["label"].startswith(tuple(METHODS)):
            met.routes.add(f"{role} {recorder['label']}")


def _told(check: dict[str, Any], interaction: dict[str, Any], status: Any) -> str:
    request = interaction["request"]
    why = " ".join(str(check.get("failure_info") or check).split())[:400]
    body = b64decode((request.get("body") or {}).get("$base64", ""))[:200]
    return f"{check['name']}: {request['method']} {request['uri']} {body!r}: {status}: {why}"


def _bounds() -> tuple[str, ...]:
    """How much each role asks on each database: so many examples of each call where they are given, else so long."""
    examples = os.environ.get("FUZZ_EXAMPLES")
    if examples:
        return ("--phases", "fuzzing,stateful", "--max-examples", examples)
    minutes = float(os.environ.get("FUZZ_MINUTES", "30"))
    return ("--max-time", str(max(_LEAST_SECONDS, round(minutes * 60 / len(ORDER)))))


def each_role(sort: str, bounds: tuple[str, ...], wanted: dict[str, str]) -> Met:
    """What all roles met, one after the other, on a database of the type."""
    met = Met()
    with serving(sort) as served:
        for role in ORDER:
            begun = met.requests
            run(served, role, bounds, wanted, met)
            print(f"{sort}, {role}: {met.requests - begun} requests", flush=True)
    return met


def main() -> None:
    """Print what was asked and what was at fault; exit with 1 where anything was."""
    seed = os.environ.get("FUZZ_SEED") or str(random.randrange(2**32))
    bounds = (*_bounds(), "--seed", seed)
    again = "".join(f" {name}={os.environ[name]}" for name in ("FUZZ_MINUTES", "FUZZ_EXAMPLES") if name in os.environ)
    print(f"seed {seed}; again with FUZZ_SEED={seed}{again} make fuzz", flush=True)
    wanted, met = needs(), Met()
    postgres()  # whose start moves the folder for temporary files for a moment
    with ThreadPoolExecutor(len(DATABASES)) as threads:
        for one in threads.map(partial(each_role, bounds=bounds, wanted=wanted), DATABASES):
            met.add(one)
    for failure in dict.fromkeys(met.failures):
        print(f"AT FAULT {failure}")
    statuses = ", ".join(f"{status}: {times}" for status, times in sorted(met.statuses.items()))
    print(f"{met.requests} requests ({statuses})")
    print(f"{len(met.routes)} of {len(wanted) * len(ORDER)} routes x roles; {len(met.failures)} failures")
    sys.exit(1 if met.failures or not met.requests else 0)


if __name__ == "__main__":
    main()
