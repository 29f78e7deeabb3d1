"""Loads every kind of `events.kinds`, so that a kind added there is known everywhere."""

from importlib import import_module
from pkgutil import iter_modules

import events.kinds
from events.facts import KINDS
from events.subject_kinds import SUBJECT_KINDS

for _module in iter_modules(events.kinds.__path__):  # this one among them, which is being imported
    import_module(f"events.kinds.{_module.name}")

__all__ = ["KINDS", "SUBJECT_KINDS"]
