"""Cases that may touch a restricted topic are for adjudicators who are cleared for it."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.adjudication.actions import open_by_hand, take_next_case
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.models import QueueItem
from tests import make
from tests.adjudication import cases


def test_only_the_cleared_get_a_restricted_case(session: Session) -> None:
    project = make.project(session)
    item = make.item(session, project)
    queue = make.queue(session, project)
    session.execute(update(Project).where(Project.id == project.id).values(restricted=["Violence"]))
    session.execute(update(QueueItem).values(harm_mask=PKU.mask_of(["Violence"])))
    case_id = open_by_hand(session, queue.id, item.id, "A test")
    outsider, cleared = cases.adjudicator(session), cases.adjudicator(session)
    cleared.cleared = ["Violence"]
    session.flush()
    assert take_next_case(session, queue.id, outsider.id) is None
    assert take_next_case(session, queue.id, cleared.id) == case_id
