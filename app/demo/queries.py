"""Reads about the demo campaign."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.assignments.models import Assignment
from app.demo.models import DemoCampaign, DemoPerson
from app.items.models import Import, Item
from app.queues.models import Queue
from app.releases.models import Release


@dataclass(frozen=True, slots=True)
class Going:
    """How much of each goes with the demo. `n_of_others`: answers of people who are not made up."""

    n_items: int
    n_queues: int
    n_answers: int
    n_of_others: int
    n_imports: int
    n_releases: int
    n_people: int


def demo_campaign(session: Session) -> DemoCampaign | None:
    return session.scalar(select(DemoCampaign).execution_options(populate_existing=True))


def going_with(session: Session, project_id: int) -> Going:
    answered = (
        select(func.count())
        .select_from(Assignment)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Queue.project_id == project_id, Assignment.closed_at.is_not(None))
    )
    made_up = select(DemoPerson.user_id)
    counts = [
        select(func.count()).select_from(Item).where(Item.project_id == project_id),
        select(func.count()).select_from(Queue).where(Queue.project_id == project_id),
        answered,
        answered.where(Assignment.annotator_id.not_in(made_up)),
        select(func.count()).select_from(Import).where(Import.project_id == project_id),
        select(func.count()).select_from(Release).where(Release.project_id == project_id),
        select(func.count()).select_from(DemoPerson),
    ]
    return Going(*session.execute(select(*(count.scalar_subquery() for count in counts))).one())
