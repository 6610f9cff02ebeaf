"""Signing in and out, and the language of the pages."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from app.accounts.actions import set_locale, sign_in, sign_out, token_sha256
from app.accounts.deps import CurrentUser
from app.accounts.forms import Credentials
from app.accounts.models import Role
from app.accounts.queries import user_named, user_signed_in
from app.accounts.throttle import count_wrong_try, forget_tries, refuse_too_many_tries
from app.errors import Refused
from app.i18n import LOCALES
from app.i18n import gettext as _
from app.settings import settings
from app.web.deps import Posted, Public, SessionDep
from app.web.locales import locale_cookie
from app.web.security import browser_cookie, browser_token, cookie_name
from app.web.templates import render

router = APIRouter()


@router.get("/sign-in", dependencies=[Public])
def sign_in_page(request: Request, next: str = "/") -> Response:
    return render(request, "accounts/sign_in.html", next=next, username="", error=None)


@router.post("/sign-in", dependencies=[Public])
def submit_sign_in(request: Request, session: SessionDep, posted: Posted) -> Response:
    try:
        credentials = Credentials.model_validate(posted)
    except ValidationError:
        credentials = Credentials(username="", password="")  # belongs to nobody
    target = own_path(posted.get("next"))
    address = request.client.host if request.client else "unknown"
    refuse_too_many_tries(credentials.username, address)
    token = sign_in(session, credentials)
    if token is None:
        count_wrong_try(address)
        error = _("This name and password don't belong together.")
        context = {"next": target, "username": credentials.username, "error": error}
        return render(request, "accounts/sign_in.html", status=422, **context)
    forget_tries(credentials.username)
    response = RedirectResponse(target, status_code=303)
    response.headers.append("set-cookie", browser_cookie(token))
    user = user_named(session, credentials.username)
    locale = str(user.preferences.get("locale")) if user else ""
    if locale in LOCALES:
        response.headers.append("set-cookie", locale_cookie(locale))
    return response


@router.post("/language", dependencies=[Public])
def submit_language(request: Request, session: SessionDep, posted: Posted) -> Response:
    locale = str(posted.get("locale"))
    if locale not in LOCALES:
        raise Refused(_("Choose a language from the list."))
    user = user_signed_in(session, token_sha256(browser_token(request)))
    if user:
        set_locale(session, user.id, locale)
    response = RedirectResponse(own_path(posted.get("next")), status_code=303)
    response.headers.append("set-cookie", locale_cookie(locale))
    return response


def own_path(target: Any) -> str:
    """A path on this site; anything else would let a link lead people away after signing in."""
    is_own = isinstance(target, str) and target.startswith("/") and target[1:2] not in {"/", "\\"}
    return target if is_own and isinstance(target, str) else "/"


@router.post("/sign-out")
def submit_sign_out(request: Request, session: SessionDep, user: CurrentUser) -> Response:
    sign_out(session, browser_token(request))
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(cookie_name(), secure=settings().secure_cookies, httponly=True, samesite="lax")
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


@router.get("/")
def home(user: CurrentUser) -> Response:
    """Each role begins where its work is."""
    return RedirectResponse("/admin" if user.role == Role.ADMIN else "/annotate", status_code=303)
