"""A queue of answers given elsewhere is one like any other: its pages, its job."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.actions import compute_agreement, follow_answers
from app.annotations.models import Annotation
from app.answer_files import actions
from app.answer_files.actions import start_answer_import
from app.answer_files.jobs import import_answer_file
from app.answer_files.told import Told
from app.db import transaction
from app.items.jobs import CRASHED
from app.items.models import Import, ImportState, Item
from app.quality.actions import review_trust
from app.queues.models import Queue, QueueItem
from app.queues.queries import queues_of_project
from tests import make
from tests.answer_files.files import NOTHING_TOLD, bring_in, preference, queue_in, safety, unsafe
from tests.browse import enter
from tests.items.samples import JsonObject, json_lines

LABELS = [safety("a1"), unsafe("a2"), safety("a3")]
CHOICES = [preference("a1", 0, safer_response_id=1), preference("a2", "tie", safer_response_id=1)]


@pytest.mark.parametrize("rows", [LABELS, CHOICES], ids=["labels", "preferences"])
def test_an_admin_can_open_every_page_of_it(
    client: TestClient, session: Session, home: Path, rows: list[JsonObject]
) -> None:
    project = make.project(session)
    ended = bring_in(session, project, rows, home)
    queue = queue_in(session, project)
    follow_answers(session, queue.id)
    compute_agreement(session, queue.id)
    review_trust(session, queue.id)
    item_id = session.scalars(select(QueueItem.item_id).where(QueueItem.queue_id == queue.id)).one()
    annotator_id = session.scalars(select(User.id).order_by(User.id)).first()
    enter(client, session, make.user(session, role=Role.ADMIN))
    of_queue = f"/admin/queues/{queue.id}"
    for page in (
        *(of_queue, f"{of_queue}/quality", f"{of_queue}/quality/people/{annotator_id}", f"{of_queue}/voids"),
        *(f"{of_queue}/settings", f"{of_queue}/leases", f"{of_queue}/adjudication"),
        *(f"{of_queue}/inspections", f"/admin/items/{item_id}", f"/agreement/queues/{queue.id}"),
        *("/admin", "/admin/audit", f"/admin/projects/{project.id}", f"/admin/imports/{ended.import_.id}"),
        f"/admin/projects/{project.id}/wellbeing",
    ):
        assert client.get(page).status_code == 200, page


def import_of(project_id: int, path: Path, told: Told = NOTHING_TOLD) -> int:
    with transaction() as session:
        return start_answer_import(session, project_id, path.name, path.stat().st_size, told).id


@pytest.fixture
def project_id(database: None) -> int:
    with transaction() as session:
        return make.project(session).id


def test_the_job_keeps_all_of_it_and_does_nothing_twice(project_id: int, home: Path) -> None:
    path = home / "answers.jsonl"
    path.write_bytes(json_lines(LABELS))
    import_id = import_of(project_id, path, Told(queue_name="Old"))
    brought = import_answer_file(import_id, path)
    assert brought is not None
    assert (brought.queue_name, brought.n_answers, brought.n_annotators) == ("Old", 3, 3)
    assert import_answer_file(import_id, path) is None
    with transaction() as session:
        assert [queue.name for queue in queues_of_project(session, project_id)] == ["Old"]
        assert session.scalar(select(func.count()).select_from(Annotation)) == 3


def test_a_crash_in_the_middle_leaves_nothing_but_a_failed_import(
    project_id: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError

    path = home / "answers.jsonl"
    path.write_bytes(json_lines(LABELS))
    import_id = import_of(project_id, path)
    monkeypatch.setattr(actions, "drop_staging", crash)
    with pytest.raises(ZeroDivisionError):
        import_answer_file(import_id, path)
    with transaction() as session:
        failed = session.get_one(Import, import_id)
        assert (failed.state, failed.error) == (ImportState.FAILED, CRASHED)
        for table in (Queue, Item, User, Annotation):
            assert session.scalar(select(func.count()).select_from(table)) == 0
