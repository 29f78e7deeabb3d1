"""Tables as text, the machine they were measured on, and their places in docs/performance.md."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shown(milliseconds: float) -> str:
    """Milliseconds with three digits or so."""
    digits = 3 if milliseconds < 1 else 2 if milliseconds < 100 else 0
    return f"{milliseconds:,.{digits}f}"


def circumstances(command: str, packages: Mapping[str, str]) -> str:
    """When, on what machine, with which versions, by which command."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(
        f"{name} {version}" for name, version in sorted(packages.items(), key=lambda each: each[0].lower())
    )
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `{command}`: {os.cpu_count()} cores ({_processor()}), "
        f"{memory:.0f} GiB of memory, load {os.getloadavg()[2]:.1f}, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        lines = ""
    named = re.search(r"^model name\s*:\s*(.+)$", lines, re.MULTILINE)
    return named[1].strip() if named else platform.machine()


def put(section: str, text: str) -> None:
    """Replace what stands between the marks of a section in docs/performance.md."""
    begin, end = f"<!-- written by: python -m benchmarks {section} -->", f"<!-- end of {section} -->"
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    assert found, f"docs/performance.md has no place for {section}"
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
    print(f"written to {PAGE.name}")
