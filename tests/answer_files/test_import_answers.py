"""Answers given elsewhere become a queue that is finished."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actions import sign_in
from app.accounts.forms import Credentials
from app.accounts.models import User
from app.agreement.actions import compute_agreement, follow_answers
from app.answer_files import actions, intake
from app.answer_files.actions import import_answers, start_answer_import
from app.answer_files.told import Told
from app.assignments.models import Assignment, AssignmentStatus
from app.audit.models import AuditEntry
from app.items.models import ImportState, Item, Prompt, Response
from app.queues.models import Dimension, Queue, QueueItem, QueueKind, QueueMember, QueueState
from app.queues.queries import people_to_choose
from tests import make
from tests.answer_files.files import (
    bring_in,
    bring_in_file,
    preference,
    queue_in,
    safety,
    stored,
    unsafe,
)
from tests.items.samples import bring_in as bring_in_items
from tests.items.samples import harm, json_lines, no_progress, report_rows

pytestmark = pytest.mark.usefixtures("home")


def n_of(session: Session, table: type[User | Queue | Item | Assignment | Prompt]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def items_of(session: Session, queue: Queue) -> list[QueueItem]:
    in_order = select(QueueItem).where(QueueItem.queue_id == queue.id).order_by(QueueItem.pos)
    return list(session.scalars(in_order))


def test_safety_answers_become_a_paused_queue_without_free_places(session: Session, home: Path) -> None:
    project = make.project(session)
    other = {"prompt": "What is a reef?", "response": "A rock."}
    rows = [safety("a1"), unsafe("a2", confidence=3), safety("a1", **other)]
    ended = bring_in(session, project, rows, home)
    queue = queue_in(session, project)
    assert (queue.name, queue.kind, queue.state) == ("answers.jsonl", QueueKind.SAFETY, QueueState.PAUSED)
    assert (queue.overlap, queue.max_overlap) == (2, 2)
    counts = [
        (item.overlap, item.n_assigned, item.n_submitted, item.is_open) for item in items_of(session, queue)
    ]
    assert counts == [(2, 2, 2, False), (1, 1, 1, False)]
    answers = [
        (name, a.is_safe, a.harm_categories, a.severity, a.confidence) for name, a in stored(session, queue)
    ]
    assert answers == [
        ("a1", True, [], 0, None),
        ("a2", False, ["Violence"], 2, 3),
        ("a1", True, [], 0, None),
    ]
    assert (ended.brought.n_answers, ended.brought.n_annotators) == (3, 2)
    assert (ended.import_.state, ended.import_.shape, ended.import_.n_rows) == (
        ImportState.DONE,
        "answers: safety",
        3,
    )
    assert (ended.import_.n_new_qa_pairs, ended.import_.n_rejected) == (2, 0)


def test_an_item_is_expected_to_hold_what_its_answers_say(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, [safety("a1"), unsafe("a2"), unsafe("a3", harm_category=harm("Drugs"))], home)
    (item,) = items_of(session, queue_in(session, project))
    assert (item.severity_prior, item.harm_mask.bit_count()) == (2, 2)


def test_members_and_assignments_are_as_if_they_had_worked_here(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, [safety("a1", answered_at="2026-03-01T10:30:00+01:00"), safety("a2")], home)
    queue = queue_in(session, project)
    given = session.scalars(select(Assignment).order_by(Assignment.id)).all()
    assert [assignment.status for assignment in given] == [AssignmentStatus.SUBMITTED] * 2
    assert given[0].closed_at == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert stored(session, queue)[0][1].created_at == given[0].closed_at
    members = session.scalars(select(QueueMember).where(QueueMember.queue_id == queue.id))
    assert [member.n_submitted for member in members] == [1, 1]


def test_nobody_can_sign_in_to_the_accounts_or_give_them_work(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, [safety("a1")], home)
    account = session.scalars(select(User)).one()
    assert account.username == f"import-{queue_in(session, project).id}-a1"
    assert sign_in(session, Credentials(username=account.username, password="a1")) is None
    assert people_to_choose(session, make.queue(session, project).id) == []


def test_those_who_are_here_already_answer_under_their_own_account(session: Session, home: Path) -> None:
    project, amber = make.project(session), make.user(session)
    path = home / "answers.jsonl"
    path.write_bytes(json_lines([safety("amber"), safety("birch")]))
    started = start_answer_import(session, project.id, path.name, path.stat().st_size, Told())
    brought = import_answers(session, started.id, path, no_progress, {"amber": amber.id, "cedar": 7})
    assert brought is not None
    assert brought.n_annotators == 2
    queue = queue_in(session, project)
    assert [name for name, _ in stored(session, queue)] == [amber.username, "birch"]


def test_annotators_whose_names_are_no_user_names_stay_apart(session: Session, home: Path) -> None:
    project = make.project(session)
    names: list[object] = ["Ann Other", "ann other", "Ann  Other", 7, "7", "注釈者", "x" * 300]
    rows = [safety(name, prompt=f"Question {place}?") for place, name in enumerate(names)]
    ended = bring_in(session, project, rows, home)
    usernames = session.scalars(select(User.username).order_by(User.id)).all()
    assert (len(usernames), ended.brought.n_annotators) == (6, 6)
    assert usernames[0].startswith(f"import-{queue_in(session, project).id}-ann-other-")
    assert all(len(username) <= 64 for username in usernames)


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([preference("a1", 0)], QueueKind.SINGLE),
        ([preference("a1", 0, dimension="helpfulness")], QueueKind.HELPFULNESS),
        ([preference("a1", None, safer_response_id=0)], QueueKind.HARMLESSNESS),
        ([preference("a1", 0, safer_response_id=1)], QueueKind.DUAL),
        ([preference("a1", None, ranks=[1, 2], dimension="harmlessness")], QueueKind.HARMLESSNESS),
    ],
)
def test_the_first_row_says_what_kind_of_queue_it_is(
    session: Session, home: Path, rows: list[object], kind: QueueKind
) -> None:
    project = make.project(session)
    bring_in(session, project, rows, home)
    assert queue_in(session, project).kind == kind


def test_the_kind_can_be_told_where_rows_do_not_say(session: Session, home: Path) -> None:
    project = make.project(session)
    told = Told(kind=QueueKind.HARMLESSNESS)
    bring_in(session, project, [preference("a1", 0), preference("a2", None, ranks=[2, 1])], home, told)
    queue = queue_in(session, project)
    assert queue.kind == QueueKind.HARMLESSNESS
    assert [a.ranks for _, a in stored(session, queue)] == [[1, 2], [2, 1]]


def test_an_item_with_more_answers_than_can_be_counted_is_refused(
    session: Session, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_ANSWERS_OF_AN_ITEM", 1)
    ended = bring_in(session, make.project(session), [safety("a1"), safety("a2")], home)
    assert ended.import_.error == "An item has 2 answers; 1 is the most."
    assert [n_of(session, table) for table in (User, Queue, Item)] == [0, 0, 0]


def test_more_answers_than_a_queue_may_ask_for_are_kept(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, [safety(f"a{number}") for number in range(60)], home)
    queue = queue_in(session, project)
    assert (queue.overlap, items_of(session, queue)[0].overlap) == (50, 60)


def test_preferences_become_ranks_in_the_order_of_the_item(session: Session, home: Path) -> None:
    project = make.project(session)
    turned = preference("a3", 0, response_0="A boat.", response_1="An inlet.")
    bring_in(session, project, [preference("a1", 1), preference("a2", "tie"), turned], home)
    queue = queue_in(session, project)
    answers = [(name, a.ranks, a.displayed_order, a.verdict) for name, a in stored(session, queue)]
    assert answers == [
        ("a1", [2, 1], [0, 1], "ordered"),
        ("a2", [1, 1], [0, 1], "ordered"),
        ("a3", [2, 1], [1, 0], "ordered"),
    ]
    assert n_of(session, Item) == 3
    assert [item.overlap for item in items_of(session, queue)] == [3]


def test_a_dual_row_is_two_answers_of_one_assignment(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, [preference("a1", 0, safer_response_id=1)], home)
    answers = [(a.dimension, a.ranks) for _, a in stored(session, queue_in(session, project))]
    assert answers == [(Dimension.HELPFULNESS, [1, 2]), (Dimension.HARMLESSNESS, [2, 1])]
    assert n_of(session, Assignment) == 1


def test_the_time_at_work_is_kept_and_the_steps_of_an_answer_share_it(session: Session, home: Path) -> None:
    labelled, ordered = make.project(session), make.project(session)
    bring_in(session, labelled, [safety("a1", active_seconds=12.5), unsafe("a2", active_seconds="7")], home)
    orders = [preference(name, 0, safer_response_id=1) for name in ("a1", "a2")]
    bring_in(session, ordered, [orders[0] | {"active_seconds": 30}, orders[1]], home)
    answers = [
        [(a.dimension, a.active_ms) for _, a in stored(session, queue_in(session, project))]
        for project in (labelled, ordered)
    ]
    assert answers == [
        [(Dimension.SAFETY, 12_500), (Dimension.SAFETY, 7_000)],
        [
            *((Dimension.HELPFULNESS, 15_000), (Dimension.HELPFULNESS, None)),
            *((Dimension.HARMLESSNESS, 15_000), (Dimension.HARMLESSNESS, None)),
        ],
    ]


def test_ranks_of_many_responses_are_kept_without_gaps(session: Session, home: Path) -> None:
    project = make.project(session)
    texts = {"prompt": "Why?", "responses": ["A", {"text": "B", "source": "model-b"}, "C"]}
    rows = [
        {"annotator": "a1", **texts, "ranks": [3, 1, 3]},
        {"annotator": "a2", **texts, "responses": ["C", "A", "B"], "ranks": "1;2;3"},
    ]
    bring_in(session, project, rows, home)
    queue = queue_in(session, project)
    assert [a.ranks for _, a in stored(session, queue)] == [[2, 1, 2], [2, 3, 1]]


def test_of_two_answers_of_one_annotator_to_an_item_the_first_counts(session: Session, home: Path) -> None:
    project = make.project(session)
    rows = [safety("a1"), safety("a2"), unsafe("a1"), unsafe("a1", severity_level=3)]
    ended = bring_in(session, project, rows, home)
    queue = queue_in(session, project)
    assert [(name, a.severity) for name, a in stored(session, queue)] == [("a1", 0), ("a2", 0)]
    assert (ended.brought.n_answers, ended.brought.n_repeated, ended.import_.n_warnings) == (2, 2, 2)
    reason = "answered this item on line 1 already; left out, the first counts"
    assert report_rows(ended.import_) == [
        (3, "warning", "annotator", reason),
        (4, "warning", "annotator", reason),
    ]


def test_the_same_file_again_makes_nothing_new(session: Session, home: Path) -> None:
    project = make.project(session)
    rows = [safety("a1"), unsafe("Ann Other"), unsafe("a1")]
    bring_in(session, project, rows, home)
    before = [n_of(session, table) for table in (User, Queue, Item, Assignment)]
    again = bring_in(session, project, rows, home)
    assert [n_of(session, table) for table in (User, Queue, Item, Assignment)] == before
    assert (again.brought.n_answers, again.brought.n_known, again.brought.n_repeated) == (0, 2, 1)
    assert again.import_.state == ImportState.DONE


def test_a_file_that_has_grown_adds_what_is_new(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, [safety("a1")], home)
    more = bring_in(session, project, [safety("a1"), safety("a2"), safety("a2", prompt="Why?")], home)
    queue = queue_in(session, project)
    assert (more.brought.n_answers, more.brought.n_known) == (2, 1)
    assert [(item.overlap, item.n_submitted) for item in items_of(session, queue)] == [(2, 2), (1, 1)]
    assert queue.overlap == 2


def test_another_queue_of_that_name_is_left_alone(session: Session, home: Path) -> None:
    project = make.project(session)
    mine = make.queue(session, project)
    ended = bring_in(session, project, [safety("a1")], home, Told(queue_name=mine.name))
    assert ended.import_.state == ImportState.FAILED
    assert "Give the queue another name" in (ended.import_.error or "")
    assert n_of(session, Assignment) == 0
    bring_in(session, project, [safety("a1")], home, Told(queue_name="Another"))
    assert n_of(session, Assignment) == 1


def test_answers_of_another_kind_do_not_go_into_the_queue_of_an_earlier_import(
    session: Session, home: Path
) -> None:
    project = make.project(session)
    bring_in(session, project, [safety("a1")], home)
    ended = bring_in(session, project, [preference("a1", 0)], home)
    assert ended.import_.state == ImportState.FAILED


def test_items_that_are_here_already_are_met_again(session: Session, home: Path) -> None:
    project = make.project(session)
    row = {"prompt": "What is a fjord?", "responses": ["A boat.", "An inlet."]}
    bring_in_items(session, project, json_lines([row]), home)
    ended = bring_in(session, project, [preference("a1", 0, item="17")], home)
    assert (ended.import_.n_new_qa_pairs, ended.import_.n_new_response_sets) == (0, 0)
    assert stored(session, queue_in(session, project))[0][1].ranks == [2, 1]


def test_items_that_the_file_does_not_name_are_not_put_into_the_queue(session: Session, home: Path) -> None:
    project = make.project(session)
    make.item(session, project)
    bring_in(session, project, [safety("a1")], home)
    assert len(items_of(session, queue_in(session, project))) == 1


@pytest.mark.parametrize("n_files", [1, 2])
def test_items_of_the_same_text_and_different_names_stay_apart(
    session: Session, home: Path, n_files: int
) -> None:
    project = make.project(session)
    rows = [safety("a1", item=1), unsafe("a1", item=2), safety("a2", item=1), unsafe("a2", item=2)]
    for _ in range(n_files):
        bring_in(session, project, rows, home)
    queue = queue_in(session, project)
    assert [item.overlap for item in items_of(session, queue)] == [2, 2]
    assert (n_of(session, Prompt), n_of(session, Assignment)) == (1, 4)


def test_labels_without_texts_are_of_the_item_that_they_name(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, [{"annotator": "a1", "item": "x-7", "is_safe": True}], home)
    assert session.scalars(select(Prompt.text)).all() == ["Item x-7"]
    other = make.project(session)
    rows = [{"annotator": "a1", "item": 7, "better_response_id": 0}]
    bring_in(session, other, rows, home)
    assert stored(session, queue_in(session, other))[0][1].ranks == [1, 2]


def test_an_item_that_is_named_may_have_a_prompt_alone(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, [safety("a1", item=7, response=None)], home)
    assert session.scalars(select(Prompt.text)).all() == ["What is a fjord?"]
    assert session.scalars(select(Response.text)).all() == ["(Response: the file has no text.)"]


def test_answers_come_in_whatever_the_size_of_a_batch(
    session: Session, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BATCH_ANSWERS", 1)
    project = make.project(session)
    rows = [safety("a1"), safety("a2"), safety("a1", prompt="Why?"), unsafe("a1")]
    ended = bring_in(session, project, rows, home)
    assert (ended.brought.n_answers, ended.brought.n_repeated) == (3, 1)


def test_agreement_and_live_figures_follow_the_answers(session: Session, home: Path) -> None:
    project = make.project(session)
    rows = [
        label(annotator, prompt=f"Question {item}?")
        for item, labels in enumerate([(safety, safety), (unsafe, unsafe), (safety, unsafe)])
        for annotator, label in zip(("a1", "a2"), labels, strict=True)
    ]
    bring_in(session, project, rows, home)
    queue = queue_in(session, project)
    report = compute_agreement(session, queue.id)
    assert (report.n_annotations, report.n_annotators) == (6, 2)
    # By hand: Do = 1/3, De = (3 * 3 * 2) / (6 * 5) = 3/5.
    assert report.content["figures"][0]["alpha"] == pytest.approx(1 - (1 / 3) / (3 / 5))
    follow_answers(session, queue.id)
    assert bring_in(session, project, rows, home).brought.n_known == 6


def test_the_audit_log_tells_of_it_once(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, [safety("a1"), safety("a2")], home)
    queue = queue_in(session, project)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "answers")).all()
    assert [(entry.queue_id, (entry.after or {})["n_answers"]) for entry in entries] == [(queue.id, 2)]


def test_a_damaged_file_leaves_nothing(session: Session, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH_ANSWERS", 1)
    project = make.project(session)
    rows = json_lines([safety("a1")]) + b'{"annotator": "a2"'
    ended = bring_in_file(session, project, b"\x1f\x8b" + rows, home)
    assert ended.import_.state == ImportState.FAILED
    assert [n_of(session, table) for table in (User, Queue, Item)] == [0, 0, 0]
