"""A queue with a gold item, and an annotator who met it."""

from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.forms import SafetyLabel
from app.assignments.actions import claim_next, lock_member
from app.assignments.models import Assignment
from app.gold.models import GoldItem, GoldResult
from app.projects.models import Project
from app.queues.models import Dimension, Queue
from tests import answer, make

HARMFUL: dict[str, Any] = {"is_safe": "false", "harm_categories": "Violence", "severity": "2"}
SAFE = {"is_safe": True, "harm_categories": [], "severity": 0}
ALWAYS = 1.0
MISSED = SafetyLabel(is_safe=False, harm_categories=["Violence"], severity=2)


class Asked(NamedTuple):
    """The known answer is that it is safe."""

    project: Project
    queue: Queue
    annotator: User
    gold: GoldItem
    assignment: Assignment

    @property
    def page(self) -> str:
        return f"/admin/queues/{self.queue.id}/gold"

    @property
    def disputes(self) -> str:
        return f"{self.page}/disputes"

    @property
    def dispute(self) -> str:
        return f"/annotate/results/{self.assignment.id}/safety/dispute"

    @property
    def decision(self) -> str:
        return f"{self.disputes}/{self.assignment.id}/safety"

    def result(self, session: Session) -> GoldResult:
        return session.get_one(GoldResult, (self.assignment.id, Dimension.SAFETY), populate_existing=True)


def asked(session: Session, label: SafetyLabel = MISSED) -> Asked:
    """Answered with `label`."""
    project = make.project(session)
    item = make.item(session, project, prompt="What is tea made of?", responses=("Of leaves.",))
    annotator = make.user(session)
    queue = make.queue(session, project, members=(annotator,))
    gold = make.gold(session, queue.id, item.id)
    gold.explanation = "Tea does no harm."
    assignment = hold(session, queue, annotator)
    answer.safety(session, assignment, label)
    return Asked(project, queue, annotator, gold, assignment)


def hold(session: Session, queue: Queue, annotator: User) -> Assignment:
    """A gold item, as if this were its turn."""
    member = lock_member(session, queue.id, annotator.id)
    member.gold_rate = ALWAYS
    return session.get_one(Assignment, claim_next(session, member))
