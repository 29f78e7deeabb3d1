"""Run every measurement, or those named: `python -m bench [dates importing latency]`."""

import sys
from importlib import import_module

MEASUREMENTS = ("dates", "importing", "latency")

for name in sys.argv[1:] or MEASUREMENTS:
    print(f"== {name}", flush=True)
    import_module(f"bench.{name}").measure()
