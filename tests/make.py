"""One plain function a row, for tests. Names are made unique where none is given."""

import hashlib
import secrets
from datetime import timedelta
from functools import lru_cache
from itertools import count
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from app.accounts.actions import password_hash, token_sha256
from app.accounts.models import Role, SignIn, User
from app.assignments.actions import claim_next, lock_member
from app.assignments.models import Assignment
from app.comments.models import Comment
from app.db import now
from app.gold.models import ExamAttempt, GoldItem, GoldSource
from app.guidelines.models import Guideline
from app.guidelines.queries import newest_version
from app.items.merge import item_keys
from app.items.models import (
    Import,
    Item,
    ItemKind,
    ItemResponse,
    Prompt,
    ReferenceLabel,
    Response,
)
from app.items.rows import Row, Text
from app.projects.actions import create_project
from app.projects.models import Project
from app.projects.pku import PKU
from app.projects.taxonomy import Taxonomy
from app.pulse.models import Pulse
from app.queues.actions import create_queue, set_queue_state
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import Queue, QueueItem, QueueKind, QueuePurpose, QueueState
from app.queues.queries import member_ids
from app.releases.actions import finish_release, request_release
from app.releases.filters import ReleaseFilters
from app.releases.making import make_release
from app.releases.models import Release
from app.wellbeing.actions import give_consent
from app.wellbeing.models import warning_version

PASSWORD = "correct horse battery"
numbers = count(1)


@lru_cache
def hash_of_password() -> str:
    """Argon2 is slow on purpose, so it is done once."""
    return password_hash().hash(PASSWORD)


def user(session: Session, *, role: Role = Role.ANNOTATOR, username: str | None = None) -> User:
    made = User(
        username=username or f"{role}-{next(numbers)}",
        role=role,
        password_hash=hash_of_password(),
        is_active=True,
    )
    session.add(made)
    session.flush()
    return made


def sign_in_token(session: Session, user: User) -> str:
    """The cookie of someone signed in, without the form, whose check of the password is slow on purpose."""
    token = secrets.token_urlsafe(32)
    ends_at = now() + timedelta(hours=1)
    session.add(SignIn(token_sha256=token_sha256(token), user_id=user.id, expires_at=ends_at))
    session.flush()
    return token


def project(session: Session, *, name: str | None = None, taxonomy: Taxonomy = PKU) -> Project:
    return create_project(session, name or f"Project {next(numbers)}", taxonomy)


def guideline(session: Session, project: Project, *, text: str = "Be kind.", changes: str = "") -> Guideline:
    """The project's next version."""
    made = Guideline(
        project_id=project.id,
        version=(newest_version(session, project.id) or 0) + 1,
        text=text,
        changes=changes,
        author_id=user(session, role=Role.ADMIN).id,
    )
    session.add(made)
    session.flush()
    return made


def comment(session: Session, assignment: Assignment, author: User, text: str = "What is meant?") -> Comment:
    made = Comment(assignment_id=assignment.id, author_id=author.id, text=text)
    session.add(made)
    session.flush()
    return made


def item(
    session: Session,
    project: Project,
    *,
    prompt: str | None = None,
    responses: tuple[str, ...] = ("An answer.",),
    sources: tuple[str, ...] = ("model-a", "model-b", "model-c", "model-d"),
) -> Item:
    """A QA pair for one response, a response set for more. Does not make the set's QA pairs."""
    prompt_text = prompt or f"Question {next(numbers)}?"
    asked = Prompt(project_id=project.id, sha256=sha256(prompt_text), text=prompt_text, source="tests")
    session.add(asked)
    session.flush()
    given = [
        Response(prompt_id=asked.id, sha256=sha256(response), text=response, source=source)
        for response, source in zip(responses, sources, strict=False)
    ]
    row = Row(as_text(prompt_text), tuple(as_text(response) for response in responses))
    kind, item_sha256 = item_keys(row)[-1]
    made = Item(project_id=project.id, prompt_id=asked.id, kind=kind, sha256=item_sha256)
    session.add_all([*given, made])
    session.flush()
    session.add_all(
        ItemResponse(item_id=made.id, position=position, response_id=response.id)
        for position, response in enumerate(given)
    )
    session.flush()
    return made


def item_with_pairs(session: Session, project: Project, *, responses: tuple[str, ...]) -> Item:
    """A response set, and the QA pair of each of its responses."""
    made = item(session, project, responses=responses)
    members = session.scalars(select(ItemResponse).where(ItemResponse.item_id == made.id)).all()
    for member in members:
        pair = Item(
            project_id=project.id,
            prompt_id=made.prompt_id,
            kind=ItemKind.QA_PAIR,
            sha256=sha256(f"pair of {member.response_id}"),
        )
        session.add(pair)
        session.flush()
        session.add(ItemResponse(item_id=pair.id, position=0, response_id=member.response_id))
    session.flush()
    return made


def reference_safety(session: Session, item_id: int, harm_categories: list[str], severity: int) -> None:
    """A safety label that came with a QA pair."""
    project_id = session.get_one(Item, item_id).project_id
    came_with = Import(project_id=project_id, file_name="labels.jsonl", n_bytes=1)
    session.add(came_with)
    session.flush()
    label = {"is_safe": not harm_categories, "harm_categories": harm_categories, "severity": severity}
    session.add(ReferenceLabel(item_id=item_id, import_id=came_with.id, dimension="safety", answer=label))
    session.flush()


def queue(
    session: Session,
    project: Project,
    *,
    kind: QueueKind = QueueKind.SAFETY,
    overlap: int = 3,
    members: tuple[User, ...] = (),
    state: QueueState = QueueState.RUNNING,
    **settings: Any,
) -> Queue:
    """Running, with the project's items of its kind; its members have agreed to the content warning."""
    new = NewQueue(name=f"Queue {next(numbers)}", kind=kind, overlap=overlap, lease_minutes=30, **settings)
    made = create_queue(session, project.id, new, seed=7)
    set_members(session, made.id, [member.id for member in members])
    for member in members:
        consent(session, project, member)
    set_queue_state(session, made.id, state)
    session.refresh(made)
    return made


def gold(session: Session, queue_id: int, item_id: int, **answer: Any) -> GoldItem:
    """Of safety, and of a harmless answer where nothing else is said; made once an item."""
    made = session.get(GoldItem, (queue_id, item_id))
    if made is None:
        answers = {"safety": {"is_safe": True, "harm_categories": [], "severity": 0} | answer}
        made = GoldItem(queue_id=queue_id, item_id=item_id, answers=answers, source=GoldSource.MADE)
        session.add(made)
        session.flush()
    return made


def exam(
    session: Session,
    project: Project,
    *,
    n_items: int,
    purpose: QueuePurpose = QueuePurpose.EXAM,
    **settings: Any,
) -> Queue:
    """Of as many items of its own, all of them safe; it grants "Kind"."""
    defaults: dict[str, Any] = {"grants": "Kind", "pass_mark": 1.0, "n_exam_items": n_items}
    made = queue(session, project, purpose=purpose, **(defaults | settings))
    for _ in range(n_items):
        exam_item(session, made)
    return made


def exam_item(session: Session, queue: Queue, explanation: str = "Tea is a drink.") -> GoldItem:
    """One more item of a training or an exam."""
    made = item(session, session.get_one(Project, queue.project_id))
    session.add(QueueItem(queue_id=queue.id, item_id=made.id, pos=0, overlap=0))
    session.flush()
    known = gold(session, queue.id, made.id)
    known.explanation = explanation
    session.flush()
    return known


def attempt(session: Session, queue: Queue, annotator: User, n_items: int) -> ExamAttempt:
    """One that is open."""
    made = ExamAttempt(queue_id=queue.id, annotator_id=annotator.id, number=1, n_items=n_items)
    session.add(made)
    session.flush()
    return made


def consent(session: Session, project: Project, user: User) -> None:
    """To the content warning as it reads now."""
    give_consent(session, user.id, project, warning_version(project.content_warning))


def assignment(session: Session, queue: Queue, annotator: User) -> Assignment:
    """The annotator's next in the queue."""
    assignment_id = claim(session, queue, annotator)
    assert assignment_id is not None
    return session.get_one(Assignment, assignment_id, populate_existing=True)


def claim(session: Session, queue: Queue, annotator: User) -> int | None:
    return claim_next(session, lock_member(session, queue.id, annotator.id))


def nothing_at_work(session: Session) -> None:
    """No sign of life, until the test ends, of a worker that other tests have started."""
    session.execute(text("LOCK TABLE pulse IN EXCLUSIVE MODE"))
    session.execute(delete(Pulse))


def as_text(text: str) -> Text:
    return Text(text, sha256(text), "tests")


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def text_of(session: Session, assignment_id: int) -> str:
    """The text of the first response of an assignment's item."""
    texts = (
        select(Response.text)
        .join(ItemResponse, ItemResponse.response_id == Response.id)
        .join(Assignment, Assignment.item_id == ItemResponse.item_id)
        .where(Assignment.id == assignment_id, ItemResponse.position == 0)
    )
    return session.scalars(texts).one()


def member(session: Session, queue: Queue) -> User:
    """One more annotator of the queue."""
    added = user(session)
    set_members(session, queue.id, [*member_ids(session, queue.id), added.id])
    consent(session, session.get_one(Project, queue.project_id), added)
    return added


def release(session: Session, project_id: int, **filters: Any) -> Release:
    """Made and done."""
    asked = request_release(session, project_id, filters=ReleaseFilters.model_validate(filters))
    finish_release(session, asked.id, make_release(session, asked.id))
    session.refresh(asked)
    return asked
