"""Which language a reader gets: the one they chose, else the first of ours that their browser asks for."""

import re

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.i18n import ENGLISH, LOCALE, LOCALES
from app.settings import settings

COOKIE = "locale"
A_YEAR_SECONDS = 365 * 24 * 60 * 60
ACCEPTED = re.compile(r"([A-Za-z]+)[\w-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?))?")
# Whoever reads Chinese reads ours more easily than English, wherever they are.
OF_LANGUAGE = {locale.partition("-")[0]: locale for locale in LOCALES}


class LocaleMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            LOCALE.set(locale_of(Request(scope)))
        await self.app(scope, receive, send)


def locale_of(request: Request) -> str:
    chosen = request.cookies.get(COOKIE)
    if chosen in LOCALES:
        return chosen
    return accepted_locale(request.headers.get("accept-language", ""))


def accepted_locale(header: str) -> str:
    """`header`: an Accept-Language. English where it names no language of ours."""
    accepted = [(float(weight or 1), tag.lower()) for tag, weight in ACCEPTED.findall(header)]
    ours = [(weight, OF_LANGUAGE[tag]) for weight, tag in accepted if weight and tag in OF_LANGUAGE]
    return max(ours, key=lambda pair: pair[0], default=(1, ENGLISH))[1]


def locale_cookie(locale: str) -> str:
    """The Set-Cookie header of a choice."""
    secure = "; Secure" if settings().secure_cookies else ""
    return f"{COOKIE}={locale}; Path=/; Max-Age={A_YEAR_SECONDS}; SameSite=Lax{secure}"
