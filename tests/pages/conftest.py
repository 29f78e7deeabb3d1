"""A desk of its own for each story, and one with the sample for all that only read it."""

import pytest
from flask.testing import FlaskClient

from service.databases.chronology import Chronology
from tests.fixtures.applications import app_on
from tests.fixtures.stories import Chronicle


@pytest.fixture
def chronicle(sqlite_chronology: Chronology) -> Chronicle:
    return Chronicle(sqlite_chronology)


@pytest.fixture
def pages(sqlite_chronology: Chronology) -> FlaskClient:
    return app_on(sqlite_chronology).test_client()


@pytest.fixture(scope="module")
def site(sample: Chronology) -> FlaskClient:
    return app_on(sample).test_client()
