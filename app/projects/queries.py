"""Reads about campaigns."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.i18n import gettext as _
from app.projects.models import Project


def project_of(session: Session, project_id: int) -> Project:
    """Raises NotFound."""
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound(_("There is no such project."))
    return project


def project_named(session: Session, name: str) -> Project:
    """Raises NotFound."""
    project = session.scalar(select(Project).where(Project.name == name))
    if project is None:
        raise NotFound(f"There is no project named {name!r}.")
    return project


def all_projects(session: Session) -> Sequence[Project]:
    return session.scalars(select(Project).order_by(Project.name)).all()
