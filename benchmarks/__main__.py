"""All measurements, or those named: `python -m benchmarks [importing roads slider peers page sizes ...]`."""

import argparse
import signal
import sys
from importlib import import_module
from pathlib import Path

MEASUREMENTS = {
    "importing": "benchmarks.importing",
    "roads": "benchmarks.roads",
    "slider": "benchmarks.slider",
    "peers": "benchmarks.comparison",
    "page": "benchmarks.page",
    "pages": "benchmarks.pages",
    "sizes": "benchmarks.sizes",
    "origins": "benchmarks.origins",
    "reading": "benchmarks.reading",
}


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"{', '.join(MEASUREMENTS)}; all if none is named")
    parser.add_argument("--facts", type=int, default=100_000, help="how many facts to work with")
    parser.add_argument("--only", default="", help="which peers, separated by commas; all if not given")
    parser.add_argument(
        "--keep", type=Path, help="a folder where what peers without a server load stays, to be asked again"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into their places in docs/performance.md")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers started here end too

    names = options.names or [*MEASUREMENTS]
    for name in names:
        if name not in MEASUREMENTS:
            parser.error(f"{name} is not measured; there are {', '.join(MEASUREMENTS)}")
    for name in names:
        print(f"== {name}", flush=True)
        measure = import_module(MEASUREMENTS[name]).measure
        measure(options.facts, only=options.only, write=options.write, keep=options.keep)


if __name__ == "__main__":
    main()
