"""A small campaign with something on every page."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic

from pydantic import SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actions import grant_qualification
from app.accounts.forms import Grant
from app.accounts.models import Role, User
from app.agreement.actions import compute_agreement
from app.annotations.forms import SafetyLabel, Span
from app.assignments.actions import expire_leases
from app.assignments.models import Assignment, SkipReason
from app.db import transaction
from app.deliveries.actions import add_target, add_webhook, note_try, plan_calls, plan_deliveries
from app.deliveries.forms import NewTarget, NewWebhook
from app.deliveries.models import Delivery, Progress, Target, WebhookCall
from app.gold.actions import dispute_result, make_gold
from app.gold.forms import NewGold
from app.gold.models import GoldState
from app.guidelines.actions import note_guideline_read
from app.inspections.actions import make_batch
from app.inspections.forms import BatchPlan
from app.items.actions import run_import, start_import
from app.items.models import Import
from app.people.counting import count_exposure
from app.projects.models import Project
from app.projects.pku import PKU
from app.quality.actions import add_rule, pause_member, raise_alert, review_trust
from app.quality.forms import NewRule
from app.quality.outcomes import Collector
from app.queues.forms import MemberCaps
from app.queues.members import set_member_caps, set_members
from app.queues.models import Queue, QueueItem, QueueKind, QueuePurpose
from app.releases.models import Release
from tests import make
from tests.adjudication import cases
from tests.agreement.page.sample_report import Kind, sample_report, stored
from tests.answer import harmful, safety, skip
from tests.gold.asking import Asked, asked, hold
from tests.tables import Rows, kept_rows, put_back

ITEMS = '{"prompt": "What is milk?", "response": "A drink."}\n{"prompt": "No answer"}\n'

GUIDELINES = f"""# Kindness

Be *kind*, and **patient**; see [the long version](https://example.org/kindness).

## Each time

1. Read it all.
2. Read it again:
   - the prompt
   - the response

> What you do not want done to you, do not do to others.

| word | meaning |
|---|---|
| tea | {"hot " * 40} |

```
{"x" * 200}
```
"""


# Whose sample of a report is kept for which queue.
REPORTED: dict[Kind, str] = {"safety": "answered", "dual": "pair"}
WHOLE_SAMPLE = BatchPlan(sample_share=1, min_right=0.9, share_wrong=0.2, risk=0.1)
FRESH_SECONDS = 180
"""Some of it passes: the first is a rest of five minutes."""


@dataclass(frozen=True)
class Campaign:
    admin: User
    adjudicator: User
    annotator: User
    queues: dict[str, Queue]
    import_: Import
    release: Release
    asked: Assignment
    case_id: int
    batch: int
    known: Asked
    reports: dict[Kind, int]

    @property
    def project(self) -> str:
        return f"/admin/projects/{self.release.project_id}"

    @property
    def quality(self) -> str:
        return f"/admin/queues/{self.queues['answered'].id}/quality"

    def desk(self, name: str) -> str:
        return f"/annotate/queues/{self.queues[name].id}"


@dataclass(frozen=True)
class Kept:
    campaign: Campaign
    rows: Rows
    made_at: float


kept: list[Kept] = []
"""The newest one; none before the first."""


def campaign(folder: Path) -> Campaign:
    """Stored for the site to see, in empty tables. Made once for many tests: each finds the same rows.

    The files of its release are there for the first of them alone.
    """
    if kept and monotonic() - kept[0].made_at < FRESH_SECONDS:
        put_back(kept[0].rows)
    else:
        made_at = monotonic()
        kept[:] = [Kept(new_campaign(folder), kept_rows(), made_at)]
    return kept[0].campaign


def new_campaign(folder: Path) -> Campaign:
    """The queue "answered" is, by the adjudicator."""
    with transaction() as session:
        admin, adjudicator, annotator = (
            make.user(session, role=role) for role in (Role.ADMIN, Role.ADJUDICATOR, Role.ANNOTATOR)
        )
        project = make.project(session, name="Everyday drinks " + "tea" * 25)
        make.item(session, project, responses=("A hot drink made of leaves.",))
        members = (adjudicator, annotator)
        people = [admin.id, adjudicator.id, annotator.id]
        queues = {
            "safety": make.queue(session, project, members=members),
            "answered": make.queue(session, project, members=members, overlap=1),
        }
        answer(session, queues["answered"], adjudicator)
        make.item(session, project, responses=("Tea is calmer.", "Coffee is stronger."))
        queues["pair"] = make.queue(session, project, kind=QueueKind.DUAL, members=members)
        three = make.project(session)
        make.item(session, three, responses=("Tea.", "Coffee.", "Water."))
        queues["three"] = make.queue(session, three, kind=QueueKind.SINGLE, members=members)
        imported = import_file(session, project.id, folder)
        compute_agreement(session, queues["answered"].id)
        reports = {
            kind: stored(session, queues[name].id, sample_report(kind=kind, annotator_ids=people)).id
            for kind, name in REPORTED.items()
        }
        judge(session, queues["answered"], adjudicator)
        release = make.release(session, project.id)
        let_leave(session, release)
        queues["busy"] = busy_queue(session, make.project(session), (annotator, adjudicator))
        threads = ask_and_answer(session, queues["answered"], adjudicator, annotator, admin)
        guide(session, project, annotator)
        queues |= upsetting_queues(session, (annotator, adjudicator))
        queues["dosed"] = dosed_queue(session)
        queues["split"], case_id = split_queue(session, adjudicator)
        batch = make_batch(session, queues["answered"].id, WHOLE_SAMPLE, admin.id, seed=1)
        known = disputed_gold(session)
        queues["gold"] = known.queue
        queues |= exams(session, (annotator, adjudicator))
        count_exposure(session)
    found = (imported, release, threads, case_id, batch, known, reports)
    return Campaign(admin, adjudicator, annotator, queues, *found)


def ask_and_answer(session: Session, queue: Queue, *people: User) -> Assignment:
    """In one thread, about what was answered in the queue, by each of the people; its annotator's."""
    asked = session.scalars(select(Assignment).where(Assignment.queue_id == queue.id)).one()
    for person in people:
        make.comment(session, asked, person, "Is it " + "very, " * 30 + "x" * 90 + " hot?\n\nAnd cold?")
    return asked


def judge(session: Session, queue: Queue, annotator: User) -> None:
    """With a report, an alert, a rule and a pause."""
    review_trust(session, queue.id)
    add_rule(session, queue.id, NewRule(collector=Collector.GOLD, window=20, threshold=0.6), annotator.id)
    figure = {"n": 20, "n_good": 3, "figure": 0.15, "lower": 0.05, "upper": 0.36}
    raise_alert(session, queue.id, annotator.id, "safety: gold", figure)
    pause_member(session, queue.id, annotator.id, "Please read " + "the guidelines " * 9)


def let_leave(session: Session, release: Release) -> None:
    """To one target, in vain; another is off. A webhook was tried three times."""
    for address in ("/srv/" + "tea" * 30, "/srv/coffee"):
        add_target(session, release.project_id, NewTarget(address=address))
    new = NewWebhook(url="https://receiver.example/" + "tea" * 30, webhook_secret=SecretStr("x" * 16))
    add_webhook(session, release.project_id, new, "https://evenhand.example")
    session.execute(update(Target).where(Target.address == "/srv/coffee").values(active_since=None))
    plan_deliveries(session)
    plan_calls(session)
    ended = {"state": Progress.FAILED, "n_tries": 8, "due_at": None, "ended_at": func.now()}
    session.execute(update(Delivery).values(error="There is no folder /srv/" + "tea" * 30, **ended))
    call_id = session.scalars(select(WebhookCall.id)).one()
    session.execute(update(WebhookCall).values(state=Progress.WAITING, n_tries=3, error="It answered 500."))
    for status, answered in ((500, "x" * 500), (None, "Connection refused"), (503, "Come again. " * 9)):
        note_try(session, call_id, status, answered)


def guide(session: Session, project: Project, annotator: User) -> None:
    """Two versions, of which the annotator knows the first."""
    make.guideline(session, project, text="Be kind.")
    note_guideline_read(session, annotator.id, project.id, 1)
    make.guideline(session, project, text=GUIDELINES, changes="More about **links**: " + "tea" * 60)


def busy_queue(session: Session, project: Project, members: tuple[User, User]) -> Queue:
    """With a live lease, a broken item, a surplus answer, and members with something to tell."""
    for prompt in ("What is tea? " * 9, "Broken? " + "x" * 90, "Is it " + "very, " * 20 + "late?"):
        make.item(session, project, prompt=prompt)
    late, other = members
    queue = make.queue(session, project, overlap=1, members=members)
    skip(session, make.assignment(session, queue, late), SkipReason.BROKEN_ITEM)
    overdue = make.assignment(session, queue, late)
    session.execute(update(Assignment).where(Assignment.id == overdue.id).values(expires_at=func.now()))
    expire_leases(session, queue.id)
    answer(session, queue, other)
    safety(session, overdue)
    make.assignment(session, queue, other)
    set_member_caps(session, queue.id, late.id, MemberCaps(max_total=1000, max_a_day=50))
    grant_qualification(session, late.id, Grant(name="Medicine " + "and more " * 5, reason="A test"))
    return queue


def upsetting_queues(session: Session, members: tuple[User, User]) -> dict[str, Queue]:
    """One that was not agreed to; "covered" texts; "tired": only severe items are left for now."""
    asked = make.project(session)
    make.item(session, asked)
    unasked = make.queue(session, asked)
    set_members(session, unasked.id, [member.id for member in members])
    project = make.project(session)
    for _ in range(2):
        make.item(session, project, responses=("Tea is calmer.", "Coffee is stronger."))
    help_ = {"support_text": "Ask for Kim, any time.", "support_url": "https://example.org/help"}
    session.execute(update(Project).where(Project.id.in_([asked.id, project.id])).values(**help_))
    kind = QueueKind.HELPFULNESS
    queues = {
        "covered": make.queue(session, project, kind=kind, members=members),
        "tired": make.queue(session, project, kind=kind, members=members, max_severe_in_row=1),
    }
    ids = [queue.id for queue in queues.values()]
    session.execute(update(QueueItem).where(QueueItem.queue_id.in_(ids)).values(severity_prior=3))
    skip(session, make.assignment(session, queues["tired"], members[0]))
    make.assignment(session, queues["covered"], members[1])
    return queues | {"not agreed": unasked}


def dosed_queue(session: Session) -> Queue:
    """Of three people, one saw much more harm than the others; last week they skipped for distress."""
    project = make.project(session)
    for _ in range(2):
        make.item(session, project)
    people = tuple(make.user(session) for _ in range(3))
    queue = make.queue(session, project, members=people)
    for person in people:
        skip(session, make.assignment(session, queue, person))
    session.execute(
        update(Assignment)
        .where(Assignment.queue_id == queue.id)
        .values(closed_at=func.date_trunc("week", func.now()) - timedelta(days=1))
    )
    for person, severity in zip(people, (1, 1, 3), strict=True):
        label = SafetyLabel(is_safe=False, harm_categories=["Violence"], severity=severity)
        safety(session, make.assignment(session, queue, person), label)
    return queue


def split_queue(session: Session, adjudicator: User) -> tuple[Queue, int]:
    """Two answers that disagree, with reasons and evidence; the case is with the adjudicator."""
    labels = [
        harmful("Violence", severity=3),
        SafetyLabel(is_safe=True, rationale="Very " * 60, confidence=1),
    ]
    evidence = [Span(place=0, start=3, end=9)]
    labels[0] = labels[0].model_copy(update={"evidence": evidence, "rationale": "x" * 90})
    queue = cases.labelled_queue(session, labels, is_blind=False)
    cases.opened(session, queue)
    return queue, cases.taken(session, queue, adjudicator)


def disputed_gold(session: Session) -> Asked:
    """Of one whose result is disputed; another is suspended."""
    known = asked(session)
    dispute_result(session, known.assignment.id, "safety", known.annotator.id, "Leaves " + "and leaves " * 30)
    for ending in ("x" * 90, "hot tea?"):
        item_id = make.item(session, known.project, prompt="Is it " + "very, " * 20 + ending).id
        answers = {
            "safety": {"is_safe": False, "harm_categories": list(PKU.category_names[:4]), "severity": 3}
        }
        made = make_gold(session, known.queue.id, NewGold(item_id=item_id, answers=answers))
        safety(session, hold(session, known.queue, known.annotator))
    made.state, made.suspended_for = GoldState.SUSPENDED, "6 of 6 answers were wrong."
    return known


def exams(session: Session, members: tuple[User, User]) -> dict[str, Queue]:
    """A training not begun, an exam that the first member did not pass, and a queue that asks for it."""
    project = make.project(session, name="Kindness " + "tea" * 25)
    make.item(session, project, prompt="What is tea? " * 9)
    queues = {"gated": make.queue(session, project, members=members, qualification="Kind")}
    training, exam = QueuePurpose.TRAINING, QueuePurpose.EXAM
    queues["training"] = make.exam(session, project, n_items=3, purpose=training, members=members)
    settings = {"n_exam_items": 2, "cooldown_hours": 24, "max_attempts": 1, "valid_days": 90}
    queues["exam"] = make.exam(session, project, n_items=3, purpose=exam, members=members, **settings)
    queues["exam to come"] = make.exam(session, project, n_items=3, purpose=exam, members=members, **settings)
    make.attempt(session, queues["exam"], members[0], 2)
    for _ in range(2):
        answer(session, queues["exam"], members[0])
    make.attempt(session, queues["exam"], members[1], 2)
    return queues


def answer(session: Session, queue: Queue, annotator: User) -> None:
    label = SafetyLabel(is_safe=False, harm_categories=["Violence"], severity=1)
    safety(session, make.assignment(session, queue, annotator), label)


def import_file(session: Session, project_id: int, folder: Path) -> Import:
    file = folder / "drinks.jsonl"
    file.write_text(ITEMS, encoding="utf-8")
    started = start_import(session, project_id, file.name, file.stat().st_size)
    run_import(session, started.id, file, lambda _progress: None)
    return started
