"""A release takes what adjudicators decided, and leaves out what still waits for them."""

from pathlib import Path

from sqlalchemy.orm import Session

from app.adjudication.actions import open_by_hand
from app.queues.models import QueueKind
from app.releases.actions import release_folder
from tests import make
from tests.adjudication import cases
from tests.answer import SAFE, harmful
from tests.releases.samples import rows_below

SPLIT = [SAFE, harmful("Violence")]


def released(
    session: Session, project_id: int, name: str, **filters: object
) -> tuple[list[dict[str, object]], dict[str, int]]:
    """(rows, dropped) of one dataset."""
    release = make.release(session, project_id, **filters)
    assert release.manifest is not None
    (entry,) = [entry for entry in release.manifest["datasets"] if entry["name"] == name]
    return rows_below(release_folder(release) / name), entry["dropped"]


def test_an_open_case_is_left_out_and_a_decided_one_is_its_outcome(session: Session, home: Path) -> None:
    queue = cases.labelled_queue(session, SPLIT, [SAFE, SAFE])
    cases.opened(session, queue)
    rows, dropped = released(session, queue.project_id, "PKU-SafeRLHF-QA")
    assert ([row["is_safe"] for row in rows], dropped) == ([True], {"awaiting_adjudication": 1})
    cases.settle(session, queue, cases.harmful(1, "Insulting Behavior"))
    rows, dropped = released(session, queue.project_id, "PKU-SafeRLHF-QA")
    assert dropped == {}
    assert sorted(str(row["severity_level"]) for row in rows) == ["0", "1"]


def test_a_decision_counts_where_the_answers_do(session: Session, home: Path) -> None:
    queue = cases.labelled_queue(session, SPLIT, [SAFE, SAFE])
    cases.opened(session, queue)
    cases.settle(session, queue, cases.harmful(1, "Insulting Behavior"))
    rows, dropped = released(session, queue.project_id, "PKU-SafeRLHF-QA", queues=[queue.id])
    assert (len(rows), dropped) == (2, {})
    rows, dropped = released(session, queue.project_id, "PKU-SafeRLHF-QA", answered_from="2999-01-01")
    assert (rows, dropped) == ([], {"no_safety_consensus": 2})


def test_an_order_that_was_decided_counts_instead_of_the_votes(session: Session, home: Path) -> None:
    queue = cases.ranked_queue(session, [1, 2], [1, 2], kind=QueueKind.SINGLE)
    (item_id,) = cases.item_ids(session, queue)
    name = "PKU-SafeRLHF-single-dimension"
    rows, _dropped = released(session, queue.project_id, name)
    assert [row["better_response_id"] for row in rows] == [0]
    open_by_hand(session, queue.id, item_id, "Someone wrote to us.")
    rows, dropped = released(session, queue.project_id, name)
    assert (rows, dropped) == ([], {"awaiting_adjudication": 1})
    cases.settle(session, queue, {"single": {"ranks": [2, 1]}})
    rows, _dropped = released(session, queue.project_id, name)
    assert [row["better_response_id"] for row in rows] == [1]
    rows, dropped = released(session, queue.project_id, name, answered_from="2999-01-01")
    assert (rows, dropped) == ([], {"no_single_preference": 1})


def test_the_card_says_so(session: Session, home: Path) -> None:
    queue = cases.labelled_queue(session, SPLIT, [SAFE, SAFE])
    cases.opened(session, queue)
    release = make.release(session, queue.project_id)
    card = (release_folder(release) / "PKU-SafeRLHF-QA" / "README.md").read_text()
    assert "Where adjudicators have decided an item" in card
    assert "awaiting_adjudication" in card
