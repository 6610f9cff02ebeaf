"""Reads about cases: who may see which, what annotators and adjudicators said, and the outcomes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.adjudication.answers import Answer, Answers
from app.adjudication.models import AdjudicationCase, CaseState, Decision
from app.agreement.queries import Ids
from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus
from app.db import now
from app.errors import NotFound
from app.flags.models import LabelFlag
from app.gold.models import GoldItem
from app.i18n import gettext as _
from app.items.models import Item, ItemResponse, Prompt, Response
from app.projects.models import Project
from app.queues.models import Dimension, Queue, QueueItem, QueueKind

TAKEN_PART = (
    AssignmentStatus.OPEN,
    AssignmentStatus.SUBMITTED,
    AssignmentStatus.SURPLUS,
    AssignmentStatus.VOIDED,
)


class CaseTexts(NamedTuple):
    """`responses`: in the item's order."""

    prompt: str
    responses: list[str]
    text_format: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One annotator's, under a letter that stays theirs in this case. `flags`: what they said against labels
    of the stage before: (position of the response, reason)."""

    letter: str
    assignment_id: int
    annotations: list[Annotation] = field(default_factory=list)
    flags: list[tuple[int, str]] = field(default_factory=list)

    @property
    def answers(self) -> Answers:
        return {annotation.dimension: answer_of(annotation) for annotation in self.annotations}


class WaitingQueue(NamedTuple):
    """`n_open`: cases that wait; `n_held`: those with an adjudicator now."""

    id: int
    name: str
    kind: str
    project_name: str
    n_open: int
    n_held: int


def case_of(session: Session, case_id: int) -> AdjudicationCase:
    """Raises NotFound."""
    case = session.get(AdjudicationCase, case_id)
    if case is None:
        raise NotFound(_("There is no such case."))
    return case


def queues_with_cases(session: Session) -> list[WaitingQueue]:
    """Those with open cases, by project."""
    is_held = AdjudicationCase.held_until > now()
    rows = session.execute(
        select(Queue.id, Queue.name, Queue.kind, Project.name, func.count(), func.count().filter(is_held))
        .join(Project, Project.id == Queue.project_id)
        .join(AdjudicationCase, AdjudicationCase.queue_id == Queue.id)
        .where(AdjudicationCase.state == CaseState.OPEN)
        .group_by(Queue.id, Project.name)
        .order_by(Project.name, Queue.id)
    )
    return [WaitingQueue(*row) for row in rows]


def ids_of_adjudicated_queues(session: Session) -> Sequence[int]:
    """Of queues that send items to adjudicators, or did."""
    has_open = exists().where(AdjudicationCase.queue_id == Queue.id, AdjudicationCase.state == CaseState.OPEN)
    asked = (func.cardinality(Queue.adjudicates) > 0) | has_open
    return session.scalars(select(Queue.id).where(asked).order_by(Queue.id)).all()


def case_texts(session: Session, item_id: int) -> CaseTexts:
    prompt, text_format = session.execute(
        select(Prompt.text, Project.text_format)
        .join(Item, Item.prompt_id == Prompt.id)
        .join(Project, Project.id == Item.project_id)
        .where(Item.id == item_id)
    ).one()
    responses = (
        select(Response.text)
        .join(ItemResponse, ItemResponse.response_id == Response.id)
        .where(ItemResponse.item_id == item_id)
        .order_by(ItemResponse.position)
    )
    return CaseTexts(prompt, list(session.scalars(responses)), text_format)


def is_own_item(session: Session, item_id: int, user_id: int) -> bool:
    """Did this person annotate it, or any item with one of its responses?"""
    asked, shared = aliased(ItemResponse), aliased(ItemResponse)
    mine = (
        select(Assignment.id)
        .join(
            QueueItem,
            (QueueItem.queue_id == Assignment.queue_id) & (QueueItem.item_id == Assignment.item_id),
        )
        .join(shared, shared.item_id == QueueItem.item_id)
        .join(asked, asked.response_id == shared.response_id)
        .where(asked.item_id == item_id, Assignment.annotator_id == user_id)
        .where(Assignment.status.in_(TAKEN_PART))
    )
    return session.scalar(mine.limit(1)) is not None


def answer_of(annotation: Annotation) -> Answer:
    if annotation.dimension == Dimension.SAFETY:
        return {
            "is_safe": annotation.is_safe,
            "harm_categories": annotation.harm_categories,
            "severity": annotation.severity,
        }
    return {"ranks": annotation.ranks}


def answers_on(session: Session, queue_id: int, item_id: int) -> list[GivenAnswer]:
    """Those that count, by letter; of a gold item, which wants none, all that there are."""
    assignments = session.scalars(
        select(Assignment)
        .where(Assignment.queue_id == queue_id, Assignment.item_id == item_id)
        .order_by(Assignment.id)
    ).all()
    # Also those that don't count have a letter, so that it stays the same when one is voided.
    found = {
        assignment.id: GivenAnswer(letter_of(place), assignment.id)
        for place, assignment in enumerate(assignments)
        if assignment.status == AssignmentStatus.SUBMITTED
    }
    annotations = select(Annotation).where(
        Annotation.assignment_id.in_(found), Annotation.superseded_at.is_(None)
    )
    for annotation in session.scalars(annotations.order_by(Annotation.id)):
        found[annotation.assignment_id].annotations.append(annotation)
    flags = select(LabelFlag).where(LabelFlag.assignment_id.in_(found)).order_by(LabelFlag.position)
    for flag in session.scalars(flags):
        found[flag.assignment_id].flags.append((flag.position, flag.reason))
    return [answer for answer in found.values() if answer.annotations]


def letter_of(place: int) -> str:
    """A to Z, then AA to ZZ."""
    return chr(ord("A") + place % 26) * (place // 26 + 1)


def flags_against(session: Session, item_id: int) -> Sequence[str]:
    """Why people who ranked the response of this QA pair think its safety label is wrong."""
    of_pair = aliased(ItemResponse)
    return session.scalars(
        select(LabelFlag.reason)
        .join(Assignment, Assignment.id == LabelFlag.assignment_id)
        .join(
            ItemResponse,
            (ItemResponse.item_id == Assignment.item_id) & (ItemResponse.position == LabelFlag.position),
        )
        .join(of_pair, of_pair.response_id == ItemResponse.response_id)
        .where(of_pair.item_id == item_id, Assignment.status != AssignmentStatus.VOIDED)
        .order_by(LabelFlag.created_at)
    ).all()


def votes_by_category(given: Sequence[GivenAnswer]) -> list[tuple[str, int]]:
    """The most voted first."""
    names = (answer.answers.get(Dimension.SAFETY, {}).get("harm_categories", []) for answer in given)
    return Counter(name for named in names for name in named).most_common()


def standing_decisions(session: Session, case_id: int) -> Sequence[Decision]:
    return session.scalars(
        select(Decision)
        .where(Decision.case_id == case_id, Decision.superseded_at.is_(None))
        .order_by(Decision.id)
    ).all()


def all_decisions(session: Session, case_id: int) -> Sequence[Decision]:
    """Every version, the newest first."""
    return session.scalars(
        select(Decision).where(Decision.case_id == case_id).order_by(Decision.id.desc())
    ).all()


def standing_decision_of(session: Session, case_id: int, adjudicator_id: int) -> Decision | None:
    return session.scalar(
        select(Decision).where(
            Decision.case_id == case_id,
            Decision.adjudicator_id == adjudicator_id,
            Decision.superseded_at.is_(None),
        )
    )


def has_decided_before(session: Session, case_id: int, adjudicator_id: int) -> bool:
    """Also by a decision that stands no more."""
    any_version = exists().where(Decision.case_id == case_id, Decision.adjudicator_id == adjudicator_id)
    return bool(session.scalar(select(any_version)))


def outcomes_to_promote(queue_id: int, item_ids: Sequence[int]) -> Select[int, Answers | None]:
    """Of those of these items that are decided, and no gold items of the queue yet."""
    is_gold = exists().where(
        GoldItem.queue_id == AdjudicationCase.queue_id, GoldItem.item_id == AdjudicationCase.item_id
    )
    return (
        select(AdjudicationCase.item_id, AdjudicationCase.outcome)
        .where(
            AdjudicationCase.queue_id == queue_id,
            AdjudicationCase.item_id.in_(item_ids),
            AdjudicationCase.state == CaseState.DECIDED,
            ~is_gold,
        )
        .order_by(AdjudicationCase.item_id)
    )


def outcomes(session: Session, project_id: int, dimension: Dimension, items: Ids) -> dict[int, Answer | None]:
    """By item, what adjudicators decided; None where it still waits for them, in any queue of the project.

    Where several queues have decided, the latest counts.
    """
    asking = [kind for kind in QueueKind if dimension in kind.steps]
    cases = session.execute(
        select(AdjudicationCase.item_id, AdjudicationCase.outcome[dimension].label("answer"))
        .join(Queue, Queue.id == AdjudicationCase.queue_id)
        .where(
            Queue.project_id == project_id,
            Queue.kind.in_(asking),
            AdjudicationCase.item_id.between(*items),
            AdjudicationCase.state != CaseState.WITHDRAWN,
        )
        .order_by(AdjudicationCase.decided_at.nulls_last(), AdjudicationCase.id)
    )
    return {case.item_id: case.answer for case in cases}
