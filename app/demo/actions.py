"""What the first start makes: a small campaign, of three people, mild texts, two queues. And the whole demo
campaign: asking for it, how far it is, removing it."""

import secrets
from dataclasses import asdict, dataclass
from importlib.resources import as_file, files

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from app.accounts.actions import create_user
from app.accounts.forms import NewUser
from app.accounts.models import Role, User
from app.audit.actions import record
from app.audit.models import Action
from app.demo.models import MOVING, DemoCampaign, DemoState
from app.demo.queries import demo_campaign, going_with
from app.demo.texts import FIRST_TEXTS
from app.errors import Conflict
from app.i18n import gettext as _
from app.items.actions import lock_key, run_import, start_import
from app.items.models import Import
from app.projects.actions import ProjectNameTaken, create_project
from app.queues.actions import create_queue, set_queue_state
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import QueueKind, QueueState
from app.releases.models import Release, ReleaseState

PROJECT_NAME = "Demo: everyday answers"
SEED = 2406
CAMPAIGN_NAME = "Demo campaign: everyday life"
SUBJECT = "demo campaign"


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
    import_texts(session, project.id, FIRST_TEXTS)
    members = [user.id for user in users if user.role != Role.ADMIN]
    for name, kind in (("Safety", QueueKind.SAFETY), ("Dual preference", QueueKind.DUAL)):
        queue = create_queue(session, project.id, NewQueue(name=name, kind=kind, overlap=len(members)), SEED)
        set_members(session, queue.id, members)
        set_queue_state(session, queue.id, QueueState.RUNNING)
    return sign_ins


def import_texts(session: Session, project_id: int, name: str) -> None:
    with as_file(files("app.demo").joinpath(name)) as path:
        started = start_import(session, project_id, path.name, path.stat().st_size)
        run_import(session, started.id, path, on_progress=lambda _progress: None)


class DemoAtWork(Conflict):
    """Something is still being written into it."""


def ask_for_demo(session: Session, admin_id: int) -> int | None:
    """The id of its project, which is empty as yet; None where there is a demo campaign already.

    Raises ProjectNameTaken where another project has its name.
    """
    if demo_campaign(session) is not None:
        return None
    try:
        project = create_project(session, CAMPAIGN_NAME)
    except ProjectNameTaken:
        # Somebody else may just have asked for it.
        if demo_campaign(session) is not None:
            return None
        raise
    session.add(DemoCampaign(project_id=project.id, asked_by=admin_id))
    session.flush()
    record(session, Action.CREATED, SUBJECT, project_id=project.id)
    return project.id


def ask_again(session: Session) -> int | None:
    """After a failure: the id of its project; None where there is none that has failed."""
    waiting = (
        update(DemoCampaign)
        .where(DemoCampaign.state == DemoState.FAILED)
        .values(state=DemoState.WAITING, n_done=0)
        .returning(DemoCampaign.project_id)
    )
    project_id: int | None = session.scalar(waiting)
    return project_id


def claim_demo(session: Session, project_id: int) -> DemoCampaign | None:
    """If it is this transaction's to load: it is not done, nor removed, and nobody is at it.

    The lock lasts as long as the transaction, so a worker that dies gives it back.
    """
    if not hold(session, lock_key("demo", project_id)):
        return None
    demo = session.get(DemoCampaign, project_id)
    return demo if demo is not None and demo.is_moving else None


def hold(session: Session, key: object) -> bool:
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(key))))


def note_state(session: Session, project_id: int, state: DemoState) -> None:
    """Does nothing to one that is done."""
    moving = DemoCampaign.project_id == project_id, DemoCampaign.state.in_(MOVING)
    session.execute(update(DemoCampaign).where(*moving).values(state=state))


def note_step(session: Session, project_id: int) -> None:
    """One more has ended."""
    session.execute(
        update(DemoCampaign)
        .where(DemoCampaign.project_id == project_id)
        .values(n_done=DemoCampaign.n_done + 1)
    )


def remove_demo(session: Session, project_id: int) -> list[int] | None:
    """All that the project has, and its simulated people, for good; the audit log stays. The ids of its
    imports, whose files are left as those of its releases are; None where it is no demo, or gone already.

    Raises DemoAtWork.
    """
    demo = demo_campaign(session)
    if demo is None or demo.project_id != project_id:
        return None
    refuse_while_at_work(session, project_id)
    import_ids = list(session.scalars(select(Import.id).where(Import.project_id == project_id)))
    before = asdict(going_with(session, project_id))
    session.execute(select(func.remove_demo(project_id)))
    session.expunge_all()
    record(session, Action.REMOVED, SUBJECT, project_id=project_id, before=before)
    return import_ids


def refuse_while_at_work(session: Session, project_id: int) -> None:
    """The locks are those of loading, of an import, and of a release; who gets them now keeps them out."""
    releases = select(Release.id).where(
        Release.project_id == project_id, Release.state.in_((ReleaseState.WAITING, ReleaseState.RUNNING))
    )
    keys = [
        lock_key("demo", project_id),
        lock_key("import into project", project_id),
        *(lock_key("release", release_id) for release_id in session.scalars(releases)),
    ]
    if not all(hold(session, key) for key in keys):
        raise DemoAtWork(_("The demo campaign is still being written to. Try again once that has ended."))
