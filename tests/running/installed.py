"""Builds the wheel and the sdist, and tries each as others will: installed outside the checkout, `chronology demo`.

`python -m tests.running.installed` ends with 0 where both answer their page and their API, and end at once at Ctrl-C
while a page is open. What they need is installed once, the files that constraints-image.txt names.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

from tests.fixtures.servers import free_port

HERE = Path(__file__).parents[2]
_START_SECONDS, _STOP_SECONDS = 60, 9
_PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")


def main() -> None:
    """Build both and try both."""
    with tempfile.TemporaryDirectory(prefix="chronology installed ") as folder:
        made = Path(folder)
        subprocess.run([sys.executable, "-m", "build", "--outdir", made, HERE], check=True, stdout=subprocess.DEVNULL)
        wheel = _environment(made / "wheel")
        _run(wheel, "install", "--require-hashes", "--requirement", HERE / "constraints-image.txt")
        _try(wheel, next(made.glob("*.whl")))
        sdist = _environment(made / "sdist")
        _site(sdist).joinpath("needed.pth").write_text(str(_site(wheel)))
        _try(sdist, next(made.glob("*.tar.gz")))


def _environment(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    return folder


def _site(environment: Path) -> Path:
    return next(environment.glob("lib/python3*/site-packages"))


def _run(environment: Path, *words: str | Path) -> None:
    subprocess.run([environment / "bin" / "python", *_PIP, *words], check=True)


def _try(environment: Path, package: Path) -> None:
    """Install the package there and watch its demonstration."""
    _run(environment, "install", "--no-deps", package)
    _run(environment, "check")
    chronology = [str(environment / "bin" / "python"), str(environment / "bin" / "chronology")]
    said = subprocess.run([*chronology, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    elsewhere = environment / "some where"
    elsewhere.mkdir()
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("CHRONOLOGY_", "PYTHON"))}
    address = f"http://127.0.0.1:{(port := free_port())}"
    begun = time.monotonic()
    shown = subprocess.Popen([*chronology, "demo", "--port", str(port)], cwd=elsewhere, env=plain)
    try:
        state = json.loads(_answered(f"{address}/api/v1/subjects/swap-1000-for-1000", shown))
        assert state["status"]["value"] == "completed", state
        assert b"swap-1000-for-1000" in _answered(f"{address}/", shown)
        after, opened = time.monotonic() - begun, urllib.request.urlopen(f"{address}/news", timeout=10)  # noqa: S310
        with opened:
            shown.send_signal(signal.SIGINT)
            stopped = time.monotonic()
            status = shown.wait(_STOP_SECONDS)
        assert status == 0, status
    finally:
        shown.kill()
    print(f"{package.name}: {said}, answers after {after:.1f} s, ends {time.monotonic() - stopped:.1f} s after Ctrl-C")


def _answered(address: str, by: "subprocess.Popen[bytes]") -> bytes:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > deadline or by.poll() is not None:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main()
