"""Cross-site request forgery, response headers, and the rule that every route says who may."""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Forbidden
from app.i18n import gettext as _
from app.settings import settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_LIMIT_MB = 4
# The tag of routes that take files.
UPLOAD = "upload"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def browser_token(request: Request) -> str:
    """The random value that marks this browser: its sign-in, or before that a visitor's cookie."""
    token: str = request.state.browser_token
    return token


def cookie_name() -> str:
    return "__Host-evenhand" if settings().secure_cookies else "evenhand"


def browser_cookie(token: str) -> str:
    """The Set-Cookie header; it ends with the browser, the sign-in itself ends in the database."""
    secure = "; Secure" if settings().secure_cookies else ""
    return f"{cookie_name()}={token}; Path=/; HttpOnly; SameSite=Lax{secure}"


def csrf_token(request: Request) -> str:
    return token_of_browser(browser_token(request))


def token_of_browser(browser: str) -> str:
    """What the forms of this browser's pages carry."""
    key = settings().secret_key.get_secret_value().encode()
    return hmac.new(key, browser.encode(), hashlib.sha256).hexdigest()


async def refuse_forged_requests(request: Request) -> AsyncIterator[None]:
    """Before every route; afterwards it closes what was uploaded. Raises as `refuse_forged` does."""
    try:
        await refuse_forged(request)
        yield
    finally:
        await request.close()


async def refuse_forged(request: Request) -> None:
    """Raises Forbidden unless an unsafe request comes from our own page and carries its token.

    Too large a request is refused before it is read, with HTTPException 413.
    """
    if request.method in SAFE_METHODS:
        return
    refuse_large_request(request)
    if not is_same_origin(request):
        raise Forbidden(_("This request came from another site."))
    sent = await sent_token(request)
    if not hmac.compare_digest(sent.encode(), csrf_token(request).encode()):
        raise Forbidden(_("This page is out of date. Reload it and try again."))


async def sent_token(request: Request) -> str:
    """Empty where there is none. The body of an upload is not read for it: its form has it in the address."""
    sent = request.headers.get(CSRF_HEADER) or request.query_params.get(CSRF_FIELD)
    if sent is None and not takes_uploads(request):
        field = (await request.form()).get(CSRF_FIELD)
        sent = field if isinstance(field, str) else None
    return sent or ""


def refuse_large_request(request: Request) -> None:
    limit_mb = settings().upload_limit_mb if takes_uploads(request) else FORM_LIMIT_MB
    length = request.headers.get("content-length", "")
    if not length.isdigit() and "transfer-encoding" in request.headers:
        raise HTTPException(411, _("Send this request with its length."))
    if length.isdigit() and int(length) > limit_mb * 1024 * 1024:
        sentence = _("This is larger than %(n)s MB. Use the command line for large files.")
        raise HTTPException(413, sentence % {"n": limit_mb})


def takes_uploads(request: Request) -> bool:
    return UPLOAD in getattr(request.scope.get("route"), "tags", ())


def is_same_origin(request: Request) -> bool:
    """Browsers say so in Sec-Fetch-Site, older ones in Origin; without either the token alone decides."""
    site = request.headers.get("sec-fetch-site")
    if site:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def refuse_routes_without_gate(routes: Iterable[BaseRoute], gates: Iterable[Callable[..., Any]]) -> None:
    """Raises RuntimeError for a route that does not say who may use it, so that the app can't start."""
    known = set(gates)
    for route in iter_route_contexts(list(routes)):
        if isinstance(route.original_route, APIRoute) and known.isdisjoint(calls_of(route.dependant)):
            raise RuntimeError(f"{route.path} does not say who may use it: add Public or a Current... gate")


def calls_of(dependant: Dependant) -> set[Callable[..., Any]]:
    found = {dependant.call} if dependant.call else set()
    for inner in dependant.dependencies:
        found |= calls_of(inner)
    return found


class BrowserMiddleware:
    """Knows each browser by a cookie, and sends the security headers with every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        cookie = request.cookies.get(cookie_name())
        request.state.browser_token = cookie or secrets.token_urlsafe(32)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if settings().secure_cookies:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
                    if cookie is None and "set-cookie" not in headers:
                        headers.append("set-cookie", browser_cookie(request.state.browser_token))
            await send(message)

        await self.app(scope, receive, send_with_headers)
