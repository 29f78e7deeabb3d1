"""The web application: the only place where its parts are joined."""

from flask import Flask
from flask_smorest import Api

from service.api import facts, health, history, integrity, proposals, sources, subjects, tokens
from service.api.openapi import Plugin
from service.databases.chronology import Chronology
from service.pages import docs
from service.pages import routes as pages
from service.pages.desk import proposals as proposed
from service.pages.desk import sign_in
from service.settings import Settings
from service.web import access, oidc, problems, sessions
from service.web.parameters import check_address
from service.web.security_headers import hardening


class _Api(Api):  # type: ignore[misc]
    """The OpenAPI document; errors are answered by `problems`."""

    ERROR_SCHEMA = problems.ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `problems`."""


def create_app(chronology: Chronology) -> Flask:
    """The application on a chronology."""
    app = Flask("service", template_folder="pages/templates", static_folder="pages/static")
    app.config.update(
        MAX_CONTENT_LENGTH=chronology.settings.largest_body,
        MAX_FORM_MEMORY_SIZE=64_000,
        API_TITLE="Chronology",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.url_map.strict_slashes = False
    app.wsgi_app = hardening(access.behind_proxies(chronology, app.wsgi_app))  # type: ignore[method-assign]
    problems.register(app)
    access.register(app, chronology)
    oidc.register(app, chronology.settings)
    app.before_request(check_address)
    described = {"description": "What happened, who says so, when we learnt it, and what we believed on any day."}
    api = _Api(app, spec_kwargs={"marshmallow_plugin": Plugin(), "info": described})
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": sessions.COOKIE})
    api.spec.options["security"] = [{"bearer": []}, {"session": []}, {}]
    for part in (sources, subjects, facts, history, proposals, integrity, tokens):
        api.register_blueprint(part.routes)
    for plain in (health.routes, docs.routes, pages.routes, proposed.routes, sign_in.routes):
        app.register_blueprint(plain)
    app.add_url_rule("/checkpoint", view_func=integrity.at_root)
    return app


def served_chronology(settings: Settings) -> Chronology:
    """The chronology of a web process: on SQLite it follows the log itself, on PostgreSQL a process beside it does."""
    chronology = Chronology(settings)
    if settings.is_sqlite:
        chronology.start_following()
    return chronology
