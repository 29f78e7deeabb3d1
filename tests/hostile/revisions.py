"""A list of 4,000 lines, cited by as many subjects, is revised: `python -m tests.hostile.revisions [sqlite|postgres]`.

Meanwhile a writer and a reader go on. What a correction of the list and its withdrawal cost is printed too.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import orjson

from tests.fixtures.servers import Served, serving
from tests.hostile.dear import Asked, answered, head

LINES = 4_000
WANTED_SECONDS = 2.0
WANTED_OF_WRITERS_SECONDS = 1.0
WANTED_OF_READERS_SECONDS = 5.5
"""`CHRONOLOGY_WAIT_SECONDS`, and a little for the answer."""
_AT_ONCE = 1_000
_numbers = count()


def _lines(last: int) -> str:
    return "\n".join(f"Member {number} of the delegation sits for district {number}." for number in range(last))


async def _post(served: Served, path: str, body: Any) -> tuple[float, int]:
    return await answered(served, head(f"/api/v1{path}", served.tokens["editor"], "POST", orjson.dumps(body)), 120)


async def _write(served: Served) -> tuple[float, int]:
    return await _post(served, "/sources", {"id": f"other-{next(_numbers)}", "title": "Other", "publisher": "P"})


async def _read(served: Served) -> tuple[float, int]:
    return await answered(served, head("/api/v1/subjects/swap-7", served.tokens["reader"]), 120)


async def _again(ask: Callable[[Served], Awaitable[tuple[float, int]]], served: Served, over: asyncio.Event) -> Asked:
    found: Asked = []
    while not over.is_set():
        found.append(await ask(served))
        await asyncio.sleep(0.05)
    return found


async def _record(served: Served) -> None:
    source = {"id": "list", "title": "List", "publisher": "Gazette", "published": "2024-01-01", "text": _lines(LINES)}
    assert (await _post(served, "/sources", source))[1] == 201
    for first in range(0, LINES, _AT_ONCE):
        bodies = [
            {
                "id": f"fact-{number}",
                "kind": "SwapAgreed",
                "subject": f"swap-{number}",
                "occurred": "2024-01-01",
                "citations": [{"source": "list", "exact": f"Member {number} of the delegation"}],
            }
            for number in range(first, first + _AT_ONCE)
        ]
        assert (await _post(served, "/facts", bodies))[1] == 201
    served.caught_up()


async def _during(served: Served, name: str, path: str, body: Any, *, is_held_to: bool) -> bool:
    over = asyncio.Event()
    others = [asyncio.create_task(_again(ask, served, over)) for ask in (_write, _read)]
    await asyncio.sleep(0.5)
    worked = served.worked()
    seconds, status = await _post(served, path, body)
    await asyncio.to_thread(served.caught_up)
    over.set()
    writes, reads = await asyncio.gather(*others)
    slowest = {other: max(waited for waited, _ in each) for other, each in (("writer", writes), ("reader", reads))}
    statuses = {status for each in (writes, reads) for _, status in each} - {200, 201}
    held = (
        seconds <= WANTED_SECONDS
        and slowest["writer"] <= WANTED_OF_WRITERS_SECONDS
        and slowest["reader"] <= WANTED_OF_READERS_SECONDS
        and status == 201
        and not statuses
    )
    waits = ", ".join(f"{other} waited {waited:.2f} s at most" for other, waited in slowest.items())
    said = ("held" if held else "NOT HELD") if is_held_to else "for information"
    print(
        f"{name}: answered {status} after {seconds:.2f} s, {served.worked() - worked:.1f} s of work; {waits}"
        f"{f', met {statuses}' if statuses else ''}: {said}",
        flush=True,
    )
    return held or not is_held_to


async def _all(served: Served) -> bool:
    await _record(served)
    ours = {"kind": "transcription_error", "reason": "misread"}
    longer = {"text": _lines(LINES + 1), "retrieved_at": "2024-02-01T00:00:00Z", "published": "2024-02-01"}
    shorter = {"text": _lines(LINES - 10), "retrieved_at": "2024-03-01T00:00:00Z", "published": "2024-03-01"}
    path = "/sources/list"
    return all(
        [
            await _during(served, "a line added", f"{path}/revisions", longer, is_held_to=True),
            await _during(served, "ten lines lost", f"{path}/revisions", shorter, is_held_to=True),
            await _during(
                served, "its title corrected", f"{path}/corrections", {**ours, "changes": {"title": "The list"}},
                is_held_to=False,
            ),
            await _during(
                served, "its date corrected", f"{path}/corrections", {**ours, "changes": {"published": "2024-01-02"}},
                is_held_to=False,
            ),
            await _during(served, "withdrawn", f"{path}/withdrawals", {"reason": "taken back"}, is_held_to=False),
        ]
    )  # fmt: skip


def main() -> None:
    """Print what was met; exit with 1 where it is not as wanted."""
    sort = next((word for word in sys.argv[1:] if word in ("sqlite", "postgres")), "sqlite")
    with serving(sort) as served:
        held = asyncio.run(_all(served))
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
