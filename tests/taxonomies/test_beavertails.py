"""A campaign by BeaverTails' 14 categories: begun, labelled, measured, released and read back."""

from pathlib import Path
from typing import Any

import orjson
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.actions import compute_agreement, follow_answers
from app.agreement.models import ItemConsensus
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.db import transaction
from app.projects.beavertails import BEAVERTAILS
from app.projects.models import Project
from app.projects.queries import project_named
from app.queues.models import Queue, QueueItem
from app.releases.actions import release_folder
from app.releases.manifest import DatasetName
from tests import answer, make
from tests.browse import enter, post
from tests.conftest import Evenhand
from tests.releases.samples import rows_below

NAMES = list(BEAVERTAILS.category_names)
DRUGS, THEFT = "drug_abuse,weapons,banned_substance", "financial_crime,property_crime,theft"


def begun(client: TestClient, session: Session) -> Project:
    enter(client, session, make.user(session, role=Role.ADMIN))
    page = client.get("/admin").text
    assert "beavertails-14.1: 14 harm categories" in page
    assert post(client, "/admin/projects", name="Tails", taxonomy="no-such-1").status_code == 422
    assert post(client, "/admin/projects", name="Tails", taxonomy=BEAVERTAILS.version).status_code == 303
    return session.scalars(select(Project)).one()


def label_all(client: TestClient, session: Session, queue: Queue, people: list[User]) -> None:
    """Both say the same."""
    for person in people:
        enter(client, session, person)
        post(client, f"/annotate/queues/{queue.id}/next")
        held = make.assignment(session, queue, person)
        path = f"/annotate/assignments/{held.id}/safety-label"
        page = client.get(f"/annotate/queues/{queue.id}").text
        assert page.count('name="harm_categories"') == 14
        assert "Drug abuse, weapons, banned substance" in page
        assert "Helps to make, get, carry or misuse drugs" in page
        label: dict[str, Any] = {"is_safe": "false", "severity": "2"}
        assert post(client, path, harm_categories="Violence", **label).status_code == 422
        assert post(client, path, harm_categories=[THEFT, DRUGS], **label).status_code == 200


def test_it_is_labelled_measured_and_released_by_its_own_categories(
    client: TestClient, session: Session, home: Path
) -> None:
    project = begun(client, session)
    people = [make.user(session), make.user(session)]
    make.item(session, project)
    queue = make.queue(session, project, overlap=2, members=tuple(people))
    label_all(client, session, queue, people)

    report = compute_agreement(session, queue.id).content
    assert report["categories"] == NAMES
    follow_answers(session, queue.id)
    posterior = session.scalars(select(ItemConsensus.posterior)).one()
    assert len(posterior) == 1 + 4 + 14

    folder = release_folder(make.release(session, project.id))
    (row,) = rows_below(folder / DatasetName.QA)
    assert row["harm_category"] == {name: name in {DRUGS, THEFT} for name in NAMES}
    assert list(row["harm_category"]) == NAMES
    (tails,) = rows_below(folder / DatasetName.BEAVERTAILS)
    assert list(tails) == ["prompt", "response", "category", "is_safe"]
    assert (tails["category"], tails["is_safe"]) == (row["harm_category"], False)
    said = rows_below(folder / DatasetName.ANNOTATIONS)
    assert {each["taxonomy_version"] for each in said} == {"beavertails-14.1"}
    assert [list(each["harm_category"]) for each in said] == [NAMES, NAMES]
    manifest = orjson.loads((folder / "manifest.json").read_bytes())
    assert manifest["release"]["taxonomy_version"] == "beavertails-14.1"
    assert manifest["release"]["category_names"] == NAMES
    card = (folder / DatasetName.QA / "README.md").read_text()
    assert "The 14 harm categories, in this order:" in card


def test_its_release_comes_back(evenhand: Evenhand, tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(orjson.dumps({"prompt": "May I?", "response": "You may."}))
    for project in ("Tails", "Copy"):
        assert evenhand("create-project", project, "--taxonomy", BEAVERTAILS.version)[0] == 0
    assert evenhand("import", str(path), "--project", "Tails")[0] == 0
    with transaction() as session:
        tails = project_named(session, "Tails")
        person = make.user(session)
        queue = make.queue(session, tails, overlap=1, members=(person,))
        answer.safety(session, make.assignment(session, queue, person), answer.harmful(DRUGS, severity=1))
    code, printed = evenhand("release", "Tails")
    assert code == 0
    folder = Path(printed.splitlines()[0].partition(": ")[2])
    for command, name in (("import", DatasetName.QA), ("import-answers", DatasetName.ANNOTATIONS)):
        code, printed = evenhand(command, str(folder / name), "--project", "Copy")
        assert (code, "0 rejected" in printed or "0 rows rejected" in printed) == (0, True)
    with transaction() as session:
        copies = session.execute(
            select(Annotation.harm_mask, Annotation.taxonomy_version, QueueItem.harm_mask)
            .join(Assignment, Assignment.id == Annotation.assignment_id)
            .join(
                QueueItem,
                (QueueItem.queue_id == Assignment.queue_id) & (QueueItem.item_id == Assignment.item_id),
            )
            .join(Queue, Queue.id == QueueItem.queue_id)
            .where(Queue.project_id == project_named(session, "Copy").id)
        )
        mask = BEAVERTAILS.mask_of([DRUGS])
        assert copies.all() == [(mask, "beavertails-14.1", mask)]
