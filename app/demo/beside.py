"""What people did beside answering: questions, decisions, inspections, an exam, a withdrawal."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adjudication.actions import decide, open_cases, take_next_case
from app.adjudication.forms import Grounds
from app.adjudication.models import AdjudicationCase, Cause
from app.annotations.actions import submit_safety_label
from app.annotations.forms import SafetyLabel
from app.annotations.models import Annotation
from app.assignments.actions import claim_next, lock_member, lock_member_of
from app.assignments.models import Assignment
from app.comments.actions import answer_thread, ask
from app.demo.contents import Contents
from app.demo.texts import SAFE
from app.exams.actions import begin_attempt
from app.gold.actions import make_gold
from app.gold.forms import NewGold
from app.inspections.actions import end_batch, judge_answer, make_batch
from app.inspections.forms import BatchPlan, InspectorVerdict
from app.inspections.models import InspectedAnswer
from app.queues.actions import create_queue, set_queue_state
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import Dimension, Queue, QueueKind, QueuePurpose, QueueState
from app.withdrawals.actions import withdraw
from app.withdrawals.forms import Withdrawing
from app.withdrawals.models import WithdrawalKind
from app.withdrawals.reach import named_by

NOTES = (
    Grounds(cause=Cause.GUIDELINES_UNCLEAR, note="The guidelines do not say where cheek becomes insult."),
    Grounds(cause=Cause.TEXT_MISREAD, note="The last sentence turns it round; most stopped before it."),
    Grounds(cause=Cause.ITEM_AMBIGUOUS, note="Harmless as a joke, careless as advice. Read as advice."),
    Grounds(cause=Cause.CARELESS),
    Grounds(cause=Cause.GUIDELINES_SILENT, note="Nothing is said about advice for other people's money."),
    Grounds(cause=Cause.TASTE, note="Both are right; the order is a matter of taste."),
)
SHARE_DECIDED = 0.6
EXAM_ITEMS = 6
QUALIFICATION = "Demo safety labels"


def settle_cases(session: Session, queue: Queue, contents: Contents, adjudicators: Sequence[int]) -> None:
    """Some of them. An item that may be severe needs both adjudicators."""
    notes = cycle(NOTES)
    n_decisions = round(open_cases(session, queue.id) * SHARE_DECIDED)
    for adjudicator_id, _ in zip(cycle(adjudicators), range(n_decisions), strict=False):
        case_id = take_next_case(session, queue.id, adjudicator_id)
        if case_id is None:
            continue
        truth = contents.truths[session.get_one(AdjudicationCase, case_id).item_id]
        decide(session, case_id, adjudicator_id, truth, next(notes))


QUESTIONS = (
    (
        "Can I still use my student discount at the cinema? I graduated last year.",
        "Is a fib at the till really Economic Crime? It is four euros.",
        "Yes. The sum decides the severity, not the category: Economic Crime, minor.",
    ),
    (
        "Please write a note for the colleague who keeps taking my lunch from the office fridge.",
        "Chilli in one's own sandwich: does it count as Physical Harm if the thief needn't have eaten it?",
        "It does, since it is meant to hurt somebody. Version 2 of the guidelines says so now.",
    ),
    (
        "We are looking for an au pair. What should we agree on?",
        "Weekends are not paid here either, but nobody keeps a passport. Is that still Human Trafficking?",
        None,
    ),
)


def ask_questions(session: Session, project_id: int, contents: Contents, admin_id: int) -> None:
    """The last one has no answer yet."""
    for prompt, question, answer in QUESTIONS:
        asked_about = (pair for pair in contents.pairs if pair.asked.prompt == prompt)
        harmful = next(pair for pair in asked_about if pair.told.label != SAFE)
        given = session.execute(
            select(Assignment.id, Assignment.annotator_id)
            .where(Assignment.item_id == contents.pair_id(harmful))
            .order_by(Assignment.id)
            .limit(1)
        ).one()
        ask(session, given.id, given.annotator_id, question)
        if answer is not None:
            answer_thread(session, project_id, given.id, admin_id, answer)


def inspect(
    session: Session,
    queue: Queue,
    contents: Contents,
    annotator_ids: tuple[int, int],
    admin_id: int,
    inspector_id: int,
) -> None:
    """Two annotators' work: of the first all is looked at, of the second half of the sample."""
    for annotator_id, share in zip(annotator_ids, (1, 0.5), strict=True):
        plan = BatchPlan(
            annotator_id=annotator_id, sample_share=0.3, min_right=0.7, share_wrong=0.3, risk=0.1
        )
        batch_id = make_batch(session, queue.id, plan, admin_id, seed=annotator_id)
        sample = session.execute(
            select(Assignment.id, Assignment.item_id, Annotation.is_safe)
            .join(InspectedAnswer, InspectedAnswer.assignment_id == Assignment.id)
            .join(Annotation, Annotation.assignment_id == Assignment.id)
            .where(InspectedAnswer.batch_id == batch_id, InspectedAnswer.is_sampled)
            .order_by(Assignment.id)
        ).all()
        for given in sample[: round(len(sample) * share)]:
            is_right = contents.truths[given.item_id][Dimension.SAFETY]["is_safe"] == given.is_safe
            verdict = InspectorVerdict(is_right=is_right, comment=None if is_right else "Read it to the end.")
            judge_answer(session, batch_id, given.id, inspector_id, verdict)
        if share == 1:
            end_batch(session, batch_id, admin_id)


def hold_exam(
    session: Session,
    project_id: int,
    contents: Contents,
    item_ids: Sequence[int],
    member_ids: Iterable[int],
    candidates: Mapping[int, Sequence[bool]],
    seed: int,
) -> None:
    """`candidates`: by annotator, whether each answer in turn is right; who has fewer stops there."""
    new = NewQueue(
        name="Exam: safety labels",
        kind=QueueKind.SAFETY,
        purpose=QueuePurpose.EXAM,
        grants=QUALIFICATION,
        pass_mark=0.8,
        n_exam_items=EXAM_ITEMS,
        max_attempts=3,
        blur_from=None,
    )
    queue = create_queue(session, project_id, new, seed)
    for item_id in item_ids:
        make_gold(session, queue.id, NewGold(item_id=item_id, answers=contents.truths[item_id]))
    set_members(session, queue.id, member_ids)
    set_queue_state(session, queue.id, QueueState.RUNNING)
    for annotator_id, rights in candidates.items():
        begin_attempt(session, lock_member(session, queue.id, annotator_id), queue)
        for is_right in rights:
            answer_next(session, queue, annotator_id, contents, is_right=is_right)


def answer_next(
    session: Session, queue: Queue, annotator_id: int, contents: Contents, *, is_right: bool
) -> None:
    member = lock_member(session, queue.id, annotator_id)
    assignment_id = claim_next(session, member)
    if assignment_id is None:
        return
    item_id = session.get_one(Assignment, assignment_id).item_id
    truth = contents.truths[item_id][Dimension.SAFETY]
    if is_right:
        answer = truth
    elif truth["is_safe"]:
        answer = {"is_safe": False, "harm_categories": ["Insulting Behavior"], "severity": 1}
    else:
        answer = SAFE.answer
    member = lock_member_of(session, assignment_id, annotator_id)
    submit_safety_label(session, member, assignment_id, SafetyLabel(**answer, active_ms=21_000))


def withdraw_one(session: Session, project_id: int, contents: Contents) -> None:
    pair = next(pair for pair in contents.pairs if pair.told.label.severity and "intern" in pair.asked.prompt)
    form = Withdrawing(
        kind=WithdrawalKind.RESPONSE,
        named=(str(contents.pair_id(pair)),),
        reason="Somebody recognised herself in it",
    )
    withdraw(session, project_id, named_by(session, project_id, form), form.reason)
