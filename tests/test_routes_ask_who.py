"""Every route says who may use it, and holds to it."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy.orm import Session

from app.accounts.deps import GATES, adjudicator_gate, admin_gate, annotator_gate
from app.accounts.models import Role
from app.main import create_app
from app.web.deps import Public, anyone
from app.web.security import calls_of, refuse_routes_without_gate
from tests import make
from tests.browse import enter, post

VALUES = {"dimension": "safety", "path": "README.md"}


class Asked(NamedTuple):
    """One method of one route. `gates`: every function that is called before it."""

    method: str
    path: str
    gates: set[Callable[..., Any]]


def all_asked() -> Iterator[Asked]:
    for route in iter_route_contexts(create_app().routes):
        if isinstance(route.original_route, APIRoute):
            for method in route.methods or ():
                yield Asked(method, filled(route.path or ""), calls_of(route.dependant))


def filled(path: str) -> str:
    """With a value in place of each parameter: 1, where it is an id."""
    return re.sub(r"{(\w+)(?::\w+)?}", lambda found: VALUES.get(found[1], "1"), path)


def ask(client: TestClient, asked: Asked) -> Response:
    if asked.method == "POST":
        return post(client, asked.path)
    return client.request(asked.method, asked.path, follow_redirects=False)


def test_only_what_needs_no_sign_in_is_open_to_anyone() -> None:
    found = list(all_asked())
    assert len(found) > 25
    open_to_anyone = {(asked.method, asked.path) for asked in found if anyone in asked.gates}
    assert open_to_anyone == {
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("POST", "/language"),
        ("GET", "/healthz"),
        # With a token that an admin handed over.
        ("GET", "/join"),
        ("POST", "/join"),
        # With a signature, and for a time.
        ("GET", "/shared/releases/1"),
        ("GET", "/shared/releases/1/files/README.md"),
    }


def test_every_route_has_a_gate_and_uses_get_or_post() -> None:
    for asked in all_asked():
        assert asked.gates & set(GATES), asked.path
        assert asked.method in {"GET", "POST"}


def test_everything_else_sends_people_to_sign_in(client: TestClient) -> None:
    for asked in all_asked():
        if anyone not in asked.gates:
            answer = ask(client, asked)
            assert answer.status_code == 303, asked
            assert answer.headers["location"].startswith("/sign-in"), asked


@pytest.mark.parametrize(
    ("role", "closed"),
    [
        (Role.ANNOTATOR, {admin_gate, adjudicator_gate}),
        (Role.ADJUDICATOR, {admin_gate}),
        (Role.ADMIN, {annotator_gate}),
    ],
)
def test_a_role_is_refused_where_it_has_no_business(
    client: TestClient, session: Session, role: Role, closed: set[Callable[..., Any]]
) -> None:
    enter(client, session, make.user(session, role=role))
    refused = [asked for asked in all_asked() if closed & asked.gates]
    assert refused
    for asked in refused:
        assert ask(client, asked).status_code == 403, asked


def test_the_app_does_not_start_with_a_route_that_says_nothing() -> None:
    router = APIRouter(prefix="/admin")
    router.add_api_route("/forgotten", lambda: None)
    app = create_app()
    app.include_router(router)
    with pytest.raises(RuntimeError, match="/admin/forgotten does not say who may use it"):
        refuse_routes_without_gate(app.routes, GATES)


def test_the_app_starts_with_a_route_that_says_public() -> None:
    router = APIRouter()
    router.add_api_route("/open", lambda: None, dependencies=[Public])
    app = create_app()
    app.include_router(router)
    refuse_routes_without_gate(app.routes, GATES)
