"""Show what survives: `python -m tests.survival crashes|faults|races|failover|deliveries [--scale N]`; without a name, all of it.

`--scale` is the share of the whole work, 1 if not given. The exit status is 1 where anything was lost.
"""

import argparse
import sys
from importlib import import_module

SHOWN = ("crashes", "faults", "races", "failover", "deliveries")


def main() -> int:
    """Run what is named, and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.survival", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="|".join(SHOWN))
    parser.add_argument("--scale", type=float, default=1.0)
    given = parser.parse_args()
    unknown = set(given.names) - set(SHOWN)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: not one of {', '.join(SHOWN)}")
    failed = 0
    for name in given.names or SHOWN:
        print(f"== {name}", flush=True)
        failed += import_module(f"tests.survival.{name}").show(given.scale)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
