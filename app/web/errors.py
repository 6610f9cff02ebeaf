"""Failures become a status and a notice, here alone."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from app.errors import Conflict, DomainError, Forbidden, Gone, NotFound, Refused, SignInNeeded, TooMany
from app.i18n import N_
from app.i18n import gettext as _
from app.web.security import HEADERS
from app.web.templates import render, wants_fragment

STATUS_OF = {NotFound: 404, Forbidden: 403, Conflict: 409, Gone: 410, Refused: 422, TooMany: 429}
TITLE_OF = {
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Not possible"),
    409: N_("Things have moved on"),
    410: N_("No longer there"),
    413: N_("Too large"),
    422: N_("Please correct this"),
    429: N_("Too many tries"),
}
# Instead of the framework's own.
SENTENCE_OF = {404: N_("There is no such page."), 405: N_("Method Not Allowed")}


def notice(request: Request, status: int, message: str) -> Response:
    """The sentence in the page's notice, or on a page of its own."""
    response = render(
        request,
        "_shared/error.html",
        fragment="notice",
        status=status,
        title=_(TITLE_OF[status]) if status in TITLE_OF else _("Something went wrong"),
        message=message,
    )
    if wants_fragment(request):
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "outerHTML"
        response.headers["HX-Reselect"] = "#notice"
    return response


def answer_domain_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, DomainError):
        raise error
    if isinstance(error, SignInNeeded):
        return to_sign_in(request)
    status = next(status for kind, status in STATUS_OF.items() if isinstance(error, kind))
    response = notice(request, status, error.message)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_seconds)
    return response


def to_sign_in(request: Request) -> Response:
    if wants_fragment(request):
        return Response(status_code=200, headers={"HX-Redirect": "/sign-in"})
    target = f"/sign-in?next={request.url.path}" if request.method == "GET" else "/sign-in"
    return RedirectResponse(target, status_code=303)


def answer_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    sentence = SENTENCE_OF.get(error.status_code)
    return notice(request, error.status_code, _(sentence) if sentence else str(error.detail))


def answer_bad_address(request: Request, _error: Exception) -> Response:
    return notice(request, 404, _(SENTENCE_OF[404]))


def answer_bug(request: Request, _error: Exception) -> Response:
    message = _("This is our mistake. Nothing was changed. It has been noted in the log.")
    response = notice(request, 500, message)
    # Answered outside all middleware.
    response.headers.update(HEADERS | {"cache-control": "no-store"})
    return response


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, answer_domain_error)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(RequestValidationError, answer_bad_address)
    app.add_exception_handler(Exception, answer_bug)
