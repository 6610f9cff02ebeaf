"""Asking for a release of some answers or rows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.errors import Refused
from app.i18n import gettext as _
from app.projects.models import ConsensusRule, Project
from app.projects.queries import project_of
from app.queues.queries import queues_of_project
from app.releases.actions import request_release
from app.releases.filters import ReleaseFilters
from app.releases.models import Release


def request_filtered_release(session: Session, project_id: int, filters: ReleaseFilters) -> Release:
    """As `request_release` does. Raises Refused for filters that the project can't have; NotFound."""
    refuse_filters(session, project_of(session, project_id), filters)
    return request_release(session, project_id, filters=filters)


def set_nightly_filters(session: Session, project: Project, filters: ReleaseFilters) -> None:
    """From the next night on. Raises Refused for filters that the project can't have."""
    refuse_filters(session, project, filters)
    before, after = project.nightly_filters, filters.told()
    if before != after:
        project.nightly_filters = after
        session.flush()
        record(session, Action.CHANGED, "nightly releases", project_id=project.id, before=before, after=after)


def refuse_filters(session: Session, project: Project, filters: ReleaseFilters) -> None:
    """Raises Refused for filters that the project can't have."""
    mistakes = filter_mistakes(session, project, filters)
    if mistakes:
        raise Refused(" ".join(mistakes.values()))


def filter_mistakes(session: Session, project: Project, filters: ReleaseFilters) -> dict[str, str]:
    """A sentence by field, "form" for the whole; empty: this project can make such a release."""
    found: dict[str, str] = {}
    if not set(filters.queues) <= {queue.id for queue in queues_of_project(session, project.id)}:
        found["queues"] = _("Choose queues of this project.")
    if filters.restrict_answers and project.consensus_rule == ConsensusRule.POSTERIOR:
        found["form"] = _(
            "The labels of this project are decided by a model of all answers, so they can't be made of some"
            " of them: leave out days, queues and consent, or let the majority decide in the settings."
        )
    return found


def told_filters(session: Session, release: Release) -> Mapping[str, Any]:
    """For `filter_sentences`: from the manifest, and until there is one as they were asked for."""
    if release.manifest is not None:
        told: dict[str, Any] = release.manifest["release"].get("filters", {})
        return told
    return with_queue_names(session, release.project_id, release.filters)


def with_queue_names(session: Session, project_id: int, filters: Mapping[str, Any]) -> dict[str, Any]:
    """`filters`: as they are stored; for a manifest or a page: a reader has no use for ids."""
    told = dict(filters)
    if "queues" in told:
        names = {queue.id: queue.name for queue in queues_of_project(session, project_id)}
        told["queues"] = [names[queue_id] for queue_id in told["queues"]]
    return told
