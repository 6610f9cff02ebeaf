"""Starting a campaign, and changing what its annotators are told."""

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.i18n import gettext as _
from app.projects.forms import ProjectSettings
from app.projects.models import Project
from app.projects.taxonomy import TAXONOMY_VERSION


class ProjectNameTaken(Conflict):
    pass


def create_project(session: Session, name: str) -> Project:
    """Raises ProjectNameTaken."""
    project: Project | None = session.scalar(
        insert(Project)
        .values(name=name, taxonomy_version=TAXONOMY_VERSION)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(Project)
    )
    if project is None:
        raise ProjectNameTaken(_("There is already a project named %(name)s.") % {"name": name})
    return project


def change_project(session: Session, project_id: int, changed: ProjectSettings) -> None:
    session.execute(update(Project).where(Project.id == project_id).values(**changed.model_dump()))
