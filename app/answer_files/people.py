"""Accounts for those who answered elsewhere: nobody can sign in to them."""

import re
from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actions import hash_of_no_password
from app.accounts.models import Role, User
from app.queues.models import QueueMember

LONGEST_NAME = 36
LONGEST_KEPT = 27
PLAIN_NAME = re.compile(rf"[a-z0-9._@+-]{{1,{LONGEST_NAME}}}")


def add_accounts(session: Session, queue_id: int, known: dict[str, int], names: Iterable[str]) -> None:
    """To `known`, ids by the file's name, those of `names` that it lacks, in this order. The same name has
    the same account whenever more answers come into the queue."""
    new = {username_of(queue_id, name): name for name in names if name not in known}
    if not new:
        return
    values = {"role": Role.ANNOTATOR, "password_hash": hash_of_no_password(), "is_active": False}
    session.execute(
        insert(User).on_conflict_do_nothing(index_elements=["username"]),
        [{"username": username, **values} for username in new],
    )
    rows = session.execute(select(User.username, User.id).where(User.username.in_(new)))
    known.update((new[username], id_) for username, id_ in rows)


def username_of(queue_id: int, name: str) -> str:
    """A name that is no user name here is cut to what may stay, and told from others by its hash."""
    if not PLAIN_NAME.fullmatch(name):
        kept = re.sub(r"[^a-z0-9._@+-]+", "-", name.lower()).strip("-")[:LONGEST_KEPT]
        name = f"{kept}-{sha256(name.encode()).hexdigest()[:8]}"
    return prefix_of(queue_id) + name


def prefix_of(queue_id: int) -> str:
    return f"import-{queue_id}-"


def has_imported_members(session: Session, queue_id: int) -> bool:
    member = (
        select(QueueMember.annotator_id)
        .join(User, User.id == QueueMember.annotator_id)
        .where(QueueMember.queue_id == queue_id, User.username.startswith(prefix_of(queue_id)))
    )
    return session.scalars(member.limit(1)).first() is not None
