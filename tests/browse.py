"""How tests use the site: as a browser would, with its cookie and each page's token."""

import re
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.web.security import CSRF_FIELD, CSRF_HEADER
from tests import make
from tests.make import PASSWORD


def token(client: TestClient, path: str = "/sign-in") -> str:
    found = re.search(rf'name="{CSRF_FIELD}" value="([0-9a-f]+)"', client.get(path).text)
    assert found, f"{path} has no form"
    return found.group(1)


def sign_in(client: TestClient, user: User, password: str = PASSWORD) -> Response:
    return client.post(
        "/sign-in", data={CSRF_FIELD: token(client), "username": user.username, "password": password}
    )


def enter(client: TestClient, session: Session, user: User) -> None:
    """Signed in without the form, whose check of the password is slow on purpose."""
    client.cookies.set("evenhand", make.sign_in_token(session, user))


def post(client: TestClient, path: str, *, htmx: bool = False, **fields: Any) -> Response:
    """A form of ours, sent from our own page; redirects are not followed."""
    headers = {"sec-fetch-site": "same-origin", CSRF_HEADER: token(client, "/sign-in")}
    if htmx:
        headers["hx-request"] = "true"
    return client.post(path, data=fields, headers=headers, follow_redirects=False)
