"""The web application: the only place where its parts are joined."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service.api import (
    checks,
    facts,
    health,
    history,
    integrity,
    openapi,
    proposals,
    sources,
    subjects,
    tokens,
)
from service.api.assistants import mcp
from service.api.blueprints import PREFIX
from service.api.exchange import chronicle, documents
from service.api.following import feeds, hooks
from service.api.reading import suggestions
from service.databases.chronology import Chronology
from service.pages import routes as pages
from service.pages.desk import proposals as proposed
from service.pages.desk import sign_in, take_in
from service.pages.desk.forms import routes as acts
from service.pages.desk.marking import routes as marking
from service.pages.desk.tables import routes as tables
from service.pages.following import checks as following
from service.pages.sharing import elsewhere
from service.pages.sharing import routes as sharing
from service.pages.wording.directions import within_itself
from service.settings import Settings
from service.web import access, oidc, problems
from service.web.parameters import check_address
from service.web.responses import compress_static_files
from service.web.security_headers import hardening, let_others_read

_API = (
    *(sources, subjects, facts, history, checks, feeds, chronicle, documents),
    *(proposals, integrity, suggestions, tokens, hooks, openapi),
)
"""In the order in which the document of the API has them."""


def create_app(chronology: Chronology) -> Flask:
    """The application on a chronology."""
    app = Flask("service", template_folder="pages/templates", static_folder="pages/static")
    app.config.update(MAX_CONTENT_LENGTH=chronology.settings.largest_body, MAX_FORM_MEMORY_SIZE=64_000)
    app.jinja_env.finalize = within_itself
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # a redirect would be made of the name that was asked
    if proxies := chronology.settings.proxies:  # so many are believed to say who asks
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, x_host=0)  # type: ignore[method-assign]
    app.wsgi_app = hardening(app.wsgi_app)  # type: ignore[method-assign]
    compress_static_files(app)
    openapi.serve(
        app,
        [each.routes for each in _API],
    )
    problems.register(app)
    access.register(app, chronology)
    oidc.register(app, chronology.settings)
    let_others_read(app, chronology.settings.origins_of_readers, PREFIX)
    app.before_request(check_address)
    for plain in (health, mcp, pages, sharing, elsewhere, following, proposed, take_in, tables, acts, marking, sign_in):
        app.register_blueprint(plain.routes)
    app.add_url_rule("/checkpoint", view_func=integrity.at_root)
    return app


def served_chronology(settings: Settings) -> Chronology:
    """The chronology of a web process: on SQLite it follows the log itself, on PostgreSQL a process beside it does."""
    chronology = Chronology(settings)
    if settings.is_sqlite:
        chronology.start_following()
    return chronology
