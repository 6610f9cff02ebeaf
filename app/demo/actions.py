"""A first campaign to look at: three people, mild texts, two queues."""

import secrets
from dataclasses import dataclass
from importlib.resources import as_file, files

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.accounts.actions import create_user
from app.accounts.forms import NewUser
from app.accounts.models import Role, User
from app.items.actions import run_import, start_import
from app.projects.actions import create_project
from app.queues.actions import create_queue, set_members, set_queue_state
from app.queues.forms import NewQueue
from app.queues.models import QueueKind, QueueState

PROJECT_NAME = "Demo: everyday answers"
SEED = 2406


@dataclass(frozen=True, slots=True)
class NewSignIn:
    username: str
    role: Role
    password: str


def seed_demo(session: Session) -> list[NewSignIn]:
    """Make the demo in an empty database and say how to sign in; nothing where there are people already."""
    if session.scalar(select(exists().select_from(User))):
        return []
    sign_ins = [NewSignIn(role.value, role, secrets.token_urlsafe(9)) for role in Role]
    users = [
        create_user(session, NewUser(username=new.username, password=new.password, role=new.role))
        for new in sign_ins
    ]
    project = create_project(session, PROJECT_NAME)
    import_campaign(session, project.id)
    members = [user.id for user in users if user.role != Role.ADMIN]
    for name, kind in (("Safety", QueueKind.SAFETY), ("Dual preference", QueueKind.DUAL)):
        queue = create_queue(session, project.id, NewQueue(name=name, kind=kind, overlap=len(members)), SEED)
        set_members(session, queue.id, members)
        set_queue_state(session, queue.id, QueueState.RUNNING)
    return sign_ins


def import_campaign(session: Session, project_id: int) -> None:
    with as_file(files("app.demo").joinpath("campaign.jsonl")) as path:
        started = start_import(session, project_id, path.name, path.stat().st_size)
        run_import(session, started.id, path, on_progress=lambda _progress: None)
