"""The simulated answers, brought in as a file of answers is, and what makes of them a queue at work."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.adjudication.answers import Answers
from app.annotations.models import Annotation
from app.answer_files.actions import import_answers, start_answer_import
from app.answer_files.told import Told
from app.assignments.interventions import apply_overlap
from app.assignments.models import Assignment
from app.demo.simulation import Row
from app.gold.actions import make_gold, score_gold
from app.gold.forms import NewGold
from app.gold.models import GoldPurpose
from app.queues.actions import change_queue, set_queue_state
from app.queues.forms import QueueSettings, settings_of
from app.queues.members import set_members
from app.queues.models import Queue, QueueKind, QueueState

# Those who were asked a gold item take no place of it.
GIVE_PLACES_BACK = (
    text("""
        UPDATE queue_item SET n_assigned = 0, n_submitted = 0
        WHERE queue_id = :queue_id AND item_id = ANY(:item_ids)
    """),
    text("""
        UPDATE assignment SET takes_place = false
        WHERE queue_id = :queue_id AND item_id = ANY(:item_ids)
    """),
)


def bring_answers(
    session: Session,
    project_id: int,
    accounts: Mapping[str, int],
    name: str,
    kind: QueueKind,
    rows: Sequence[Row],
) -> Queue:
    """A queue of these answers, paused."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name.lower().replace(' ', '-')}.jsonl"
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        told = Told(kind=kind, queue_name=name)
        started = start_answer_import(session, project_id, path.name, path.stat().st_size, told)
        import_answers(session, started.id, path, lambda _progress: None, accounts)
    return session.scalars(select(Queue).where(Queue.project_id == project_id, Queue.name == name)).one()


def make_gold_items(
    session: Session, queue: Queue, truths: Mapping[int, Answers], item_ids: Iterable[int]
) -> None:
    """What was answered of them already is scored."""
    ids = sorted(item_ids)
    for statement in GIVE_PLACES_BACK:
        session.execute(statement, {"queue_id": queue.id, "item_ids": ids})
    for number, item_id in enumerate(ids):
        purpose = GoldPurpose.ATTENTION if number == 0 else GoldPurpose.GOLD
        explanation = "Read the response once more beside the definitions, the mildest harm first."
        new = NewGold(item_id=item_id, answers=truths[item_id], explanation=explanation, purpose=purpose)
        make_gold(session, queue.id, new)
    answers = session.scalars(
        select(Annotation)
        .join(Assignment, Assignment.id == Annotation.assignment_id)
        .where(Assignment.queue_id == queue.id, Assignment.item_id.in_(ids))
    )
    for each in answers.all():
        given = {name: getattr(each, name) for name in ("is_safe", "harm_categories", "severity", "ranks")}
        score_gold(session, each.assignment_id, each.dimension, given)


def settle_settings(session: Session, queue: Queue, **changed: object) -> None:
    change_queue(session, queue.id, QueueSettings.model_validate(settings_of(queue) | changed))


def let_run(session: Session, queue: Queue, member_ids: Iterable[int]) -> None:
    """All items get the places that they lack, and work goes on."""
    after_item_id: int | None = 0
    while after_item_id is not None:
        after_item_id = apply_overlap(session, queue.id, after_item_id)
    set_members(session, queue.id, member_ids)
    set_queue_state(session, queue.id, QueueState.RUNNING)
