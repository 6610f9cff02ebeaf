"""What a release is made of, summed up: parts made before a crash are good as long as it is the same."""

import orjson
from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import Session

from app.adjudication.models import AdjudicationCase
from app.agreement.queries import EVERY, answers_to_finished
from app.annotations.models import Annotation
from app.projects.models import Project
from app.projects.queries import taxonomy_of
from app.queues.models import Queue
from app.releases.filters import ReleaseFilters, answer_conditions
from app.withdrawals.models import PublicationConsent, Withdrawal
from app.withdrawals.queries import SAYS_NO


def inputs_of(session: Session, project: Project, filters: ReleaseFilters) -> str:
    """Of the answers that count, the decisions on items, what is withdrawn, the project's rule and taxonomy,
    and the filters.

    Texts are not in it: they never change, and new ones change the parts of the plan.
    """
    summed_up = (
        answers_checksum(project.id, filters),
        decisions_checksum(project.id),
        withdrawals_checksum(project.id),
        refusals_checksum(project.id),
    )
    found = [session.execute(statement).one() for statement in summed_up]
    sums = [str(value) for row in found for value in row]
    taxonomy = taxonomy_of(session, project.id)
    asked = orjson.dumps(filters.told()).decode()
    return " ".join([project.consensus_rule, str(project.quorum), taxonomy.version, *sums, asked])


def answers_checksum(project_id: int, filters: ReleaseFilters) -> Select[int, int]:
    """How many there are, and a sum over their ids that does not depend on their order."""
    answers = answers_to_finished(project_id, EVERY).where(
        Annotation.superseded_at.is_(None), *answer_conditions(filters)
    )
    return answers.with_only_columns(func.count(), func.bit_xor(func.hashint8extended(Annotation.id, 0)))


def decisions_checksum(project_id: int) -> Select[int, int]:
    case = AdjudicationCase
    said = func.concat_ws(" ", case.id, case.state, cast(case.outcome, Text), case.decided_at)
    return (
        select(func.count(), func.bit_xor(func.hashtextextended(said, 0)))
        .join(Queue, Queue.id == case.queue_id)
        .where(Queue.project_id == project_id)
    )


def withdrawals_checksum(project_id: int) -> Select[int, int]:
    """Of those that have not ended."""
    return select(func.count(), func.bit_xor(func.hashint8extended(Withdrawal.id, 0))).where(
        Withdrawal.project_id == project_id, Withdrawal.ended_at.is_(None)
    )


def refusals_checksum(project_id: int) -> Select[int, int]:
    """Of those who do not let their single answers be published."""
    return select(func.count(), func.bit_xor(func.hashint8extended(PublicationConsent.user_id, 0))).where(
        PublicationConsent.project_id == project_id, SAYS_NO
    )
