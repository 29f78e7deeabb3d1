"""The command line, one file for each group of commands."""

import gc

_COLLECTED_AFTER = 50_000, 20, 20
"""Importing, reading and folding make many objects without cycles: to walk over them more often took a sixth of the
start of each command, and a seventh of a rebuild."""

gc.set_threshold(*_COLLECTED_AFTER)
