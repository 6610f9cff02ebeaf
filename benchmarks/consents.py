"""People of a benchmark agree to the content warning at once: what is measured begins after it."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.projects.queries import project_of
from app.wellbeing.actions import give_consent
from app.wellbeing.models import warning_version


def agree_all(session: Session, project_id: int, annotator_ids: Iterable[int]) -> None:
    project = project_of(session, project_id)
    for annotator_id in annotator_ids:
        give_consent(session, annotator_id, project, warning_version(project.content_warning))
