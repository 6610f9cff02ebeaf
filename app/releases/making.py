"""Making a release: part by part, by one worker or several, then put together."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import __version__
from app.adjudication.answers import ADJUDICATION_RULE
from app.agreement.actions import compute_agreement
from app.agreement.report.content import without_people
from app.agreement.report.reading import report_from
from app.db import transaction
from app.items.garbage import garbage_collection_paused
from app.projects.queries import taxonomy_of
from app.queues.queries import queues_of_project
from app.releases.actions import release_folder, staging_of
from app.releases.asking import refuse_filters, with_queue_names
from app.releases.files.filling import Filling
from app.releases.files.staging import PartMade, Plan, write_whole
from app.releases.files.writer import put_together
from app.releases.filters import ReleaseFilters
from app.releases.manifest import Manifest, QueueAgreement, ReleaseFacts
from app.releases.models import Release
from app.releases.pseudonyms import salt_of
from app.releases.queries import release_of
from app.releases.reading.consensus import rules_of
from app.releases.reading.inputs import inputs_of
from app.releases.reading.labels import SafetyLabels, safety_labels_of
from app.releases.reading.part import OnProgress, Source, fill
from app.releases.reading.plan import Part, PartKind, parts_of
from app.releases.rows.filters import Wanted
from app.settings import settings
from app.withdrawals.queries import tombstones, withdrawn

OnPlanned = Callable[[int, int], None]
"""Is told how many items, or prompts, there are, and how many of them are done already."""

CallHelpers = Callable[[int], None]
"""Is told how many others more may begin to make parts as well, in the same snapshot."""

MOST_HELPERS = 3

FIRST = Part(0, PartKind.AGREEMENT)


def make_release(
    session: Session,
    release_id: int,
    on_planned: OnPlanned = lambda _n_items, _n_items_done: None,
    call_helpers: CallHelpers = lambda _n_helpers: None,
    on_progress: OnProgress = lambda _n_items: None,
) -> Manifest:
    """Write the release's files and put them in their place; what they are. Made again, they replace the old.

    Call it in a snapshot, so that labels, texts and agreement are of one moment. Raises Refused for filters
    that the project can't have any more.
    """
    release = release_of(session, release_id)
    refuse_filters(session, release.project, filters_of(release))
    plan = plan_release(session, release)
    staging = staging_of(release)
    n_items_done = sum(part.n_items for part in plan.parts if staging.is_made(part))
    on_planned(sum(part.n_items for part in plan.parts), n_items_done)
    # The agreement needs no labels.
    call_helpers(1)
    if not staging.labels_path.exists():
        keep_labels(session, release, plan)
    call_helpers(MOST_HELPERS - 1)
    # What another worker is at comes last: by then it is made, or its worker has died.
    for waits in (False, True):
        for part in plan.parts:
            make_part(session, release, part, on_progress, waits=waits)
    made = [(part, staging.made(part)) for part in plan.parts]
    facts = facts_of(session, release, plan, made)
    gone = tombstones(session, release.project_id)
    return put_together(staging, made, facts, release_folder(release), gone)


def make_any_part(session: Session, release_id: int, on_progress: OnProgress) -> bool:
    """One that nobody has begun; False where there is none now. For those that help: see `make_release`."""
    release = release_of(session, release_id)
    plan = staging_of(release).plan()
    parts = plan.parts if plan else ()
    return any(make_part(session, release, part, on_progress, waits=False) for part in parts)


def plan_release(session: Session, release: Release) -> Plan:
    """The plan that a dead worker left, if what it read is still what there is; else a new one."""
    staging = staging_of(release)
    parts = tuple(parts_of(session, release.project_id))
    kept = staging.plan()
    if kept and (kept.code_version, kept.parts) == (__version__, parts) and is_as_it_was(session, release):
        return kept
    abandon_release(release)
    return new_plan(session, release, parts)


def abandon_release(release: Release) -> None:
    """Nothing of what was begun is left; the release's folder, if there is one, stays."""
    staging = staging_of(release)
    plan = staging.plan()
    for part in plan.parts if plan else ():
        wait_for(release.id, part)
    staging.remove()


def is_as_it_was(session: Session, release: Release) -> bool:
    """Whether what was read for the parts that are made is what would be read now."""
    staging = staging_of(release)
    return staging.is_made(FIRST) and staging.made(FIRST).inputs == inputs_of(
        session, release.project, filters_of(release)
    )


def new_plan(session: Session, release: Release, parts: tuple[Part, ...]) -> Plan:
    staging = staging_of(release)
    staging.begin()
    read_at: datetime = session.scalars(select(func.now())).one()
    plan = Plan(read_at.astimezone(UTC).isoformat(timespec="seconds"), __version__, parts)
    staging.keep_plan(plan)
    return plan


def keep_labels(session: Session, release: Release, plan: Plan) -> None:
    of_qa_pairs = [part for part in plan.parts if part.kind is PartKind.QA_PAIRS]
    labels = safety_labels_of(session, release.project, of_qa_pairs, filters_of(release))
    write_whole(staging_of(release).labels_path, labels.packed())


def make_part(
    session: Session, release: Release, part: Part, on_progress: OnProgress, *, waits: bool
) -> bool:
    """False if it is made already, or can't be yet: all but the agreement need the labels. `waits`: for
    another worker that is at it, or else this is False too."""
    staging = staging_of(release)
    if part.kind is not PartKind.AGREEMENT and not staging.labels_path.exists():
        return False
    with lock_of(release.id, part, waits=waits) as is_ours:
        if not is_ours or staging.is_made(part):
            return False
        folder = staging.begin_part(part)
        if part.kind is PartKind.AGREEMENT:
            inputs = inputs_of(session, release.project, filters_of(release))
            made = PartMade(agreement=agreement_of(session, release), inputs=inputs)
        else:
            source = source_of(session, release)
            filling = Filling(folder, source.taxonomy.category_names, wanted=source.wanted)
            with garbage_collection_paused():
                fill(source, part, filling, on_progress)
                made = filling.finish()
        staging.end_part(part, made)
        return True


@contextmanager
def lock_of(release_id: int, part: Part, *, waits: bool) -> Iterator[bool]:
    """Whether we have it. A worker that dies gives it back."""
    key = func.hashtextextended(f"release {release_id} part {part.number}", 0)
    with transaction() as guard:
        if waits:
            guard.execute(select(func.pg_advisory_xact_lock(key)))
        yield waits or bool(guard.scalar(select(func.pg_try_advisory_xact_lock(key))))


def wait_for(release_id: int, part: Part) -> None:
    """Until nobody is at it."""
    with lock_of(release_id, part, waits=True):
        return


def agreement_of(session: Session, release: Release) -> tuple[tuple[str, dict[str, Any]], ...]:
    queues = queues_of_project(session, release.project_id)
    return tuple((queue.name, compute_agreement(session, queue.id).content) for queue in queues)


def source_of(session: Session, release: Release) -> Source:
    labels = SafetyLabels.load(staging_of(release).labels_path)
    salt = salt_of(settings().secret_key.get_secret_value(), release.id)
    wanted = Wanted(filters_of(release), withdrawn(session, release.project_id))
    taxonomy = taxonomy_of(session, release.project_id)
    return Source(session, release.project, taxonomy, labels, salt, wanted)


def filters_of(release: Release) -> ReleaseFilters:
    return ReleaseFilters.model_validate(release.filters)


def facts_of(
    session: Session, release: Release, plan: Plan, made: Sequence[tuple[Part, PartMade]]
) -> ReleaseFacts:
    taxonomy = taxonomy_of(session, release.project_id)
    return ReleaseFacts(
        project=release.project.name,
        number=release.number,
        as_of=plan.as_of,
        code_version=__version__,
        taxonomy_version=taxonomy.version,
        category_names=taxonomy.category_names,
        consensus_rules=(*rules_of(release.project), ADJUDICATION_RULE),
        agreement=tuple(
            QueueAgreement(queue_name, without_people(report_from(content)))
            for _, each in made
            for queue_name, content in each.agreement
        ),
        filters=with_queue_names(session, release.project_id, release.filters),
    )
