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


def bar(what: str, found: float, least: float) -> str:
    """Whether a bar is met, as a line of a list."""
    return f"- {'met' if found >= least else 'NOT met'}: {what}: {found:.2f}, at least {least:g}"


def circumstances(command: str, packages: Mapping[str, str]) -> str:
    """When, on what machine, with which versions, by which command."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    named = sorted({"Python": platform.python_version(), **packages}.items(), key=lambda each: each[0].lower())
    versions = ", ".join(f"{name} {version}" for name, version in named)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `{command}`: {os.cpu_count()} cores ({_processor()}), "
        f"{memory:.0f} GiB of memory, load {os.getloadavg()[2]:.1f}, {platform.system()}, {versions}."
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
