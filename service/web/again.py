"""Readings that meet a database just as it goes: they are asked once more, of another where there is one."""

from typing import Any

from flask import Flask, g, request

from service.databases.errors import AWAY, is_trouble, trouble_of
from service.web.access import COUNTED, chronology

_READINGS = ("GET", "HEAD")


class AskingAgain(Flask):
    """An application that answers a reading anew where the connection was lost, or a replica had to give it up."""

    def handle_user_exception(self, error: Exception) -> Any:
        """Answer anew, or say what was wrong."""
        if _may_be_asked_again(error):
            g.asked_again = True
            request.environ[COUNTED] = True
            chronology().doubt()
            try:
                refused = self.preprocess_request()
                return self.dispatch_request() if refused is None else refused
            except Exception as still:
                error = still
        return super().handle_user_exception(error)


def _may_be_asked_again(error: Exception) -> bool:
    return (
        request.method in _READINGS
        and not g.get("asked_again")
        and not chronology().settings.is_sqlite
        and is_trouble(error)
        and trouble_of(error) is AWAY
    )
