"""People come in by a link: once for each use, for a time, and never as more than it says."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actions import token_sha256
from app.accounts.models import Role, SignIn, User
from app.accounts.queries import user_named
from app.audit.models import Action, AuditEntry
from app.db import now, transaction
from app.errors import Conflict
from app.groups.actions import create_group
from app.groups.queries import ids_in_group
from app.invitations.actions import MadeLink, come_in, invite, link_for_password, revoke_invitation
from app.invitations.forms import Newcomer, NewInvitation
from app.invitations.models import Invitation
from app.invitations.queries import LinkEnded
from app.queues.models import QueueMember
from app.queues.queries import member_ids
from tests import make
from tests.browse import enter, post, sign_in

PATH = "/admin/people/invitations"
PASSWORD = "a new password"
ANN = Newcomer(username="ann", password=PASSWORD)


@pytest.fixture
def admin(session: Session) -> User:
    return make.user(session, role=Role.ADMIN)


def link_on(page: str) -> str:
    found = re.search(r'id="link" value="http://testserver(/join\?key=[\w-]+)"', page)
    assert found, "no link is shown"
    return found[1]


def join(client: TestClient, key: str, **fields: Any) -> Any:
    return post(client, "/join", key=key, **({"username": "ann", "password": PASSWORD} | fields))


def n_users(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(User)).one()


def test_a_link_is_made_shown_once_and_followed_to_the_queues(
    client: TestClient, session: Session, admin: User
) -> None:
    queue = make.queue(session, make.project(session))
    group_id = create_group(session, "Medical team")
    enter(client, session, admin)
    fields: dict[str, Any] = {
        "queue_ids": queue.id,
        "group_ids": group_id,
        "max_uses": "1",
        "valid_days": "7",
    }
    made = post(client, PATH, role="annotator", note="Ann", **fields)
    link = link_on(made.text)
    listed = client.get(PATH).text
    assert "Ann" in listed
    assert "key=" not in listed
    client.cookies.clear()
    page = client.get(link)
    assert page.status_code == 200
    assert "invited as annotator" in page.text
    joined = join(client, link.partition("=")[2])
    assert (joined.status_code, joined.headers["location"]) == (303, "/")
    ann = user_named(session, "ann")
    assert ann is not None
    assert ann.role == Role.ANNOTATOR
    assert member_ids(session, queue.id) == ids_in_group(session, group_id) == {ann.id}
    assert queue.name in client.get("/annotate").text
    entries = session.scalars(select(AuditEntry).where(AuditEntry.user_id == ann.id)).all()
    assert {entry.action for entry in entries} >= {Action.CREATED, Action.ENDED, Action.SIGNED_IN}


def test_the_table_keeps_the_hash_of_the_token_alone(session: Session, admin: User) -> None:
    token = invite(session, NewInvitation(), admin.id).token
    kept = session.scalars(select(Invitation)).one()
    assert kept.token_sha256 == token_sha256(token)
    assert token not in str(session.execute(select(Invitation.__table__)).one())
    assert len(token) >= 43


def test_a_form_sent_twice_makes_one_link_and_says_so(
    client: TestClient, session: Session, admin: User
) -> None:
    enter(client, session, admin)
    form_key = re.search(r'name="form_key" value="([\w-]+)"', client.get(PATH).text)
    assert form_key
    fields: dict[str, Any] = {"form_key": form_key[1], "note": "Ann"}
    first, second = (post(client, PATH, **fields).text for _ in range(2))
    assert link_on(first) == link_on(second)
    assert "was made already" not in first
    assert "was made already" in second
    assert link_on(post(client, PATH, **fields | {"note": "Bob"}).text) != link_on(first)
    notes = session.scalars(select(Invitation.note).order_by(Invitation.id)).all()
    assert notes == ["Ann", "Bob"]
    made = select(AuditEntry).where(AuditEntry.subject == "invitation")
    assert len(session.scalars(made).all()) == 2


def test_a_form_sent_again_does_not_show_a_link_that_ended(
    client: TestClient, session: Session, admin: User
) -> None:
    enter(client, session, admin)
    fields: dict[str, Any] = {"form_key": "once", "note": "Ann"}
    assert post(client, PATH, **fields).status_code == 200
    revoke(session)
    again = post(client, PATH, **fields)
    assert again.status_code == 409
    assert "holds no more" in again.text
    assert len(session.scalars(select(Invitation)).all()) == 1


def test_what_two_admins_send_makes_two_links(session: Session, admin: User) -> None:
    other = make.user(session, role=Role.ADMIN)
    tokens = {invite(session, NewInvitation(), each.id, "once").token for each in (admin, other)}
    assert len(tokens) == 2


@pytest.mark.usefixtures("database")
def test_a_form_sent_many_times_at_once_makes_one_link() -> None:
    n = 4
    with transaction() as session:
        admin_id = make.user(session, role=Role.ADMIN).id
    together = Barrier(n)

    def send(_: int) -> MadeLink:
        together.wait()
        with transaction() as session:
            return invite(session, NewInvitation(), admin_id, "once")

    with ThreadPoolExecutor(n) as pool:
        made = list(pool.map(send, range(n)))
    assert len({each.token for each in made}) == 1
    assert sorted(each.is_new for each in made) == [False] * (n - 1) + [True]
    with transaction() as session:
        assert len(session.scalars(select(Invitation)).all()) == 1


def expire(session: Session) -> None:
    session.execute(update(Invitation).values(expires_at=now() - timedelta(seconds=1)))


def revoke(session: Session) -> None:
    revoke_invitation(session, session.scalars(select(Invitation.id)).one())


def use_up(session: Session) -> None:
    session.execute(update(Invitation).values(n_uses=1))


def demote(session: Session) -> None:
    session.execute(update(User).where(User.role == Role.ADMIN).values(role=Role.ADJUDICATOR))


@pytest.mark.parametrize(
    ("end", "said"),
    [(expire, "has expired"), (revoke, "taken back"), (use_up, "used already"), (demote, "taken back")],
)
def test_a_link_that_holds_no_more_says_why(
    client: TestClient, session: Session, admin: User, end: Callable[[Session], None], said: str
) -> None:
    key = invite(session, NewInvitation(role=Role.ADMIN), admin.id).token
    end(session)
    page = client.get(f"/join?key={key}")
    assert page.status_code == 410
    assert said in page.text
    before = n_users(session)
    assert join(client, key).status_code == 410
    assert n_users(session) == before


def test_guessed_links_are_none_and_have_to_wait(client: TestClient, session: Session, admin: User) -> None:
    key = invite(session, NewInvitation(), admin.id).token
    for guess in ("", "x", key[:-1], key + "x", key.swapcase()):
        assert client.get(f"/join?key={guess}").status_code == 404
        assert join(client, guess).status_code == 404
    for _ in range(90):
        client.get("/join?key=guess")
    assert client.get("/join?key=guess").status_code == 429
    assert client.get(f"/join?key={key}").status_code == 429


def test_nobody_comes_in_as_more_than_they_were_invited_for(
    client: TestClient, session: Session, admin: User
) -> None:
    key = invite(session, NewInvitation(role=Role.ANNOTATOR), admin.id).token
    join(client, key, role="admin", user_id=str(admin.id), queue_ids="1")
    ann = user_named(session, "ann")
    assert ann is not None
    assert ann.role == Role.ANNOTATOR
    assert client.get("/admin").status_code == 403


def test_only_an_admin_invites(client: TestClient, session: Session) -> None:
    for role in (Role.ANNOTATOR, Role.ADJUDICATOR):
        person = make.user(session, role=role)
        enter(client, session, person)
        assert client.get(PATH).status_code == 403
        for path in (PATH, f"{PATH}/1/revoke", f"/admin/people/{person.id}/password-link"):
            assert post(client, path, role="admin").status_code == 403
    assert session.scalars(select(Invitation)).all() == []


def test_a_form_of_another_site_is_refused(client: TestClient, session: Session, admin: User) -> None:
    key = invite(session, NewInvitation(), admin.id).token
    fields = {"key": key, "username": "ann", "password": PASSWORD}
    assert client.post("/join", data=fields).status_code == 403
    enter(client, session, admin)
    assert client.post(PATH, data={"role": "admin"}).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"), [("username", "Ann Smith"), ("username", ""), ("password", "short")]
)
def test_names_and_passwords_are_held_to_the_usual_rules(
    client: TestClient, session: Session, admin: User, field: str, value: str
) -> None:
    key = invite(session, NewInvitation(), admin.id).token
    answered = join(client, key, **{field: value})
    assert answered.status_code == 422
    assert f'id="{field}-error"' in answered.text
    assert join(client, key).status_code == 303


def test_a_name_that_is_taken_costs_no_use(client: TestClient, session: Session, admin: User) -> None:
    key = invite(session, NewInvitation(), admin.id).token
    taken = join(client, key, username=admin.username)
    assert taken.status_code == 422
    assert "already a user" in taken.text
    assert join(client, key).status_code == 303


def test_a_link_for_several_ends_with_the_last(client: TestClient, session: Session, admin: User) -> None:
    key = invite(session, NewInvitation(max_uses=2), admin.id).token
    answers = [join(client, key, username=name).status_code for name in ("ann", "bob", "cem")]
    assert answers == [303, 303, 410]


def test_an_admins_invitation_joins_no_queue(session: Session, admin: User) -> None:
    queue = make.queue(session, make.project(session))
    come_in(
        session, invite(session, NewInvitation(role=Role.ADMIN, queue_ids=[queue.id]), admin.id).token, ANN
    )
    assert session.scalars(select(QueueMember)).all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "owner"), ("max_uses", "0"), ("max_uses", "501"), ("valid_days", "0"), ("valid_days", "61"),
        ("queue_ids", "999999"), ("queue_ids", "x"), ("group_ids", "9"), ("note", "x" * 501),
    ],
)  # fmt: skip
def test_nonsense_makes_no_link(
    client: TestClient, session: Session, admin: User, field: str, value: str
) -> None:
    enter(client, session, admin)
    fields: dict[str, Any] = {field: value}
    assert post(client, PATH, **fields).status_code == 422
    assert session.scalars(select(Invitation)).all() == []


def test_revoked_twice_it_is_noted_once(client: TestClient, session: Session, admin: User) -> None:
    invite(session, NewInvitation(note="For Ann"), admin.id)
    enter(client, session, admin)
    [id_] = session.scalars(select(Invitation.id))
    assert "For Ann" in client.get(PATH).text
    for _ in range(2):
        assert post(client, f"{PATH}/{id_}/revoke").status_code == 303
    assert "For Ann" not in client.get(PATH).text
    revoked = select(AuditEntry).where(AuditEntry.action == Action.REVOKED)
    assert len(session.scalars(revoked).all()) == 1


def test_by_a_link_someone_chooses_a_new_password_once(
    client: TestClient, session: Session, admin: User
) -> None:
    ann = make.user(session, username="ann")
    make.sign_in_token(session, ann)
    enter(client, session, admin)
    first = link_on(post(client, f"/admin/people/{ann.id}/password-link").text)
    link = link_on(post(client, f"/admin/people/{ann.id}/password-link").text)
    client.cookies.clear()
    assert client.get(first).status_code == 410
    assert "For ann." in client.get(link).text
    key = link.partition("=")[2]
    assert join(client, key, password="short").status_code == 422
    assert join(client, key, username="someone-else").status_code == 303
    assert client.get("/annotate").status_code == 200
    assert len(session.scalars(select(SignIn).where(SignIn.user_id == ann.id)).all()) == 1
    assert join(client, key).status_code == 410
    client.cookies.clear()
    assert sign_in(client, ann).status_code == 422
    assert sign_in(client, ann, PASSWORD).status_code == 200


def test_there_is_no_link_for_someone_who_may_not_sign_in(session: Session, admin: User) -> None:
    ann = make.user(session)
    ann.is_active = False
    with pytest.raises(Conflict):
        link_for_password(session, ann, admin.id)


@pytest.mark.usefixtures("database")
def test_of_many_who_follow_a_link_at_once_exactly_one_comes_in() -> None:
    n = 6
    with transaction() as session:
        key = invite(session, NewInvitation(), make.user(session, role=Role.ADMIN).id).token
    together = Barrier(n)

    def follow(number: int) -> bool:
        together.wait()
        try:
            with transaction() as session:
                come_in(session, key, Newcomer(username=f"ann-{number}", password=PASSWORD))
        except LinkEnded:
            return False
        return True

    with ThreadPoolExecutor(n) as pool:
        came_in = list(pool.map(follow, range(n)))
    assert sum(came_in) == 1
    with transaction() as session:
        assert n_users(session) == 2
        assert session.scalars(select(Invitation.n_uses)).one() == 1
