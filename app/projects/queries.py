"""Reads about campaigns."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.i18n import gettext as _
from app.projects.models import Project
from app.projects.pku import PKU
from app.projects.shipped import SHIPPED
from app.projects.taxonomy import HarmCategory, Taxonomy


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


def taxonomy_of(session: Session, project_id: int) -> Taxonomy:
    """Raises NotFound."""
    return SHIPPED[project_of(session, project_id).taxonomy_version]


def taxonomies_of(session: Session, project_ids: Collection[int]) -> dict[int, Taxonomy]:
    """By project."""
    versions = session.execute(
        select(Project.id, Project.taxonomy_version).where(Project.id.in_(project_ids))
    )
    return {project_id: SHIPPED[version] for project_id, version in versions}


def all_taxonomies(session: Session) -> list[Taxonomy]:
    """Each of those that projects have now, once; the one that ships where there is no project yet."""
    versions = session.scalars(select(Project.taxonomy_version).distinct().order_by(Project.taxonomy_version))
    return [SHIPPED[version] for version in versions] or [PKU]


def categories_of_all(session: Session) -> list[HarmCategory]:
    """For what is said of a person in all projects: each name once, as one of their taxonomies has it."""
    found: dict[str, HarmCategory] = {}
    for taxonomy in all_taxonomies(session):
        found |= {each.name: each for each in taxonomy.offered if each.name not in found}
    return list(found.values())
