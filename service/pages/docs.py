"""The browsable API document at `/docs`, drawn by Swagger UI from files of our own."""

from flask import Blueprint, Response, make_response, render_template

from service.pages import error_pages

routes = Blueprint("docs", __name__)
error_pages.register(routes)

# Swagger UI sets style attributes; nothing else of the policy is loosened for it.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@routes.get("/docs")
def show() -> Response:
    """The document of the API, to read and to try."""
    page = make_response(render_template("docs.html"))
    page.headers["Content-Security-Policy"] = _POLICY
    return page
