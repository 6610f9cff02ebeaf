"""What a release is made of, summed up: parts made before a crash are good as long as it is the same."""

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import Session

from app.adjudication.models import AdjudicationCase
from app.agreement.queries import Ids, finished_answers
from app.annotations.models import Annotation
from app.db import LARGEST_ID
from app.projects.models import Project
from app.queues.models import Dimension, Queue

EVERY = Ids(0, LARGEST_ID)


def inputs_of(session: Session, project: Project) -> str:
    """Of the answers that count, the decisions on items, and the project's rule.

    Texts are not in it: they never change, and new ones change the parts of the plan.
    """
    answers = [
        answers_checksum(finished_answers(project.id, dimension, EVERY).add_columns(Annotation.id))
        for dimension in Dimension
    ]
    found = [session.execute(statement).one() for statement in (*answers, decisions_checksum(project.id))]
    sums = [str(value) for row in found for value in row]
    return " ".join([project.consensus_rule, str(project.quorum), *sums])


def answers_checksum(answers: Select[int, int]) -> Select[int, int]:
    """How many there are, and a sum over their ids that does not depend on their order."""
    each = answers.subquery()
    return select(func.count(), func.bit_xor(func.hashint8extended(each.c.id, 0))).select_from(each)


def decisions_checksum(project_id: int) -> Select[int, int]:
    case = AdjudicationCase
    said = func.concat_ws(" ", case.id, case.state, cast(case.outcome, Text), case.decided_at)
    return (
        select(func.count(), func.bit_xor(func.hashtextextended(said, 0)))
        .join(Queue, Queue.id == case.queue_id)
        .where(Queue.project_id == project_id)
    )
