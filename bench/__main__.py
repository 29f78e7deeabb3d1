"""Run every measurement, or those named: `python -m bench [dates importing latency states page]`."""

import sys
from importlib import import_module

MEASUREMENTS = ("dates", "importing", "latency", "states", "page")

for name in sys.argv[1:] or MEASUREMENTS:
    print(f"== {name}", flush=True)
    import_module(f"bench.{name}").measure()
