"""All measurements, or those named: `python -m benchmarks [dates importing latency states page peers http sizes]`."""

import argparse
import signal
import sys
from importlib import import_module
from pathlib import Path

PLAIN = ("dates", "latency", "page")
SIZED = {
    "importing": "benchmarks.importing",
    "states": "benchmarks.states",
    "peers": "benchmarks.comparison",
    "http": "benchmarks.serving",
    "sizes": "benchmarks.sizes",
}

parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
parser.add_argument("names", nargs="*", help=f"{', '.join((*PLAIN, *SIZED))}; all if none is named")
parser.add_argument("--facts", type=int, default=100_000, help="how many facts the sized ones work with")
parser.add_argument("--only", default="", help="which peers, separated by commas; all if not given")
parser.add_argument(
    "--keep", type=Path, help="a folder where what peers without a server load stays, to be asked again"
)
parser.add_argument("--write", action="store_true", help="put the tables of peers and http into docs/performance.md")
options = parser.parse_args()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers started here end too

for name in options.names or (*PLAIN, *SIZED):
    if name not in (*PLAIN, *SIZED):
        parser.error(f"{name} is not measured; there are {', '.join((*PLAIN, *SIZED))}")
for name in options.names or (*PLAIN, *SIZED):
    print(f"== {name}", flush=True)
    if name in SIZED:
        import_module(SIZED[name]).measure(options.facts, only=options.only, write=options.write, keep=options.keep)
    else:
        import_module(f"benchmarks.{name}").measure()
