"""Failures become a status and a notice, here alone."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from app.errors import Conflict, DomainError, Forbidden, NotFound, Refused, SignInNeeded, TooMany
from app.web.security import HEADERS
from app.web.templates import render, wants_fragment

STATUS_OF = {NotFound: 404, Forbidden: 403, Conflict: 409, Refused: 422, TooMany: 429}
TITLE_OF = {
    403: "Not allowed",
    404: "Not found",
    405: "Not possible",
    409: "Things have moved on",
    413: "Too large",
    422: "Please correct this",
    429: "Too many tries",
}


def notice(request: Request, status: int, message: str) -> Response:
    """The sentence in the page's notice, or on a page of its own."""
    response = render(
        request,
        "_shared/error.html",
        fragment="notice",
        status=status,
        title=TITLE_OF.get(status, "Something went wrong"),
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
    message = "There is no such page." if error.status_code == 404 else str(error.detail)
    return notice(request, error.status_code, message)


def answer_bad_address(request: Request, _error: Exception) -> Response:
    return notice(request, 404, "There is no such page.")


def answer_bug(request: Request, _error: Exception) -> Response:
    response = notice(request, 500, "This is our mistake. Nothing was changed. It has been noted in the log.")
    # Answered outside all middleware.
    response.headers.update(HEADERS | {"cache-control": "no-store"})
    return response


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, answer_domain_error)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(RequestValidationError, answer_bad_address)
    app.add_exception_handler(Exception, answer_bug)
