"""Reads about campaigns."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.i18n import gettext as _
from app.projects.models import Project, TaxonomyVersion
from app.projects.pku import PKU
from app.projects.taxonomy import HarmCategory, Taxonomy, taxonomy_in


def project_of(session: Session, project_id: int) -> Project:
    """Raises NotFound."""
    project = session.get(Project, project_id)
    if project is None:
        raise no_such_project()
    return project


def no_such_project() -> NotFound:
    return NotFound(_("There is no such project."))


def project_named(session: Session, name: str) -> Project:
    """Raises NotFound."""
    project = session.scalar(select(Project).where(Project.name == name))
    if project is None:
        raise NotFound(f"There is no project named {name!r}.")
    return project


def all_projects(session: Session) -> Sequence[Project]:
    return session.scalars(select(Project).order_by(Project.name)).all()


# Read once a process, since a version never changes.
known_versions: dict[UUID, Taxonomy] = {}


def taxonomy_of(session: Session, project_id: int) -> Taxonomy:
    """The newest of the project's. Raises NotFound."""
    key = session.scalar(newest_versions().where(TaxonomyVersion.project_id == project_id))
    if key is None:
        raise no_such_project()
    return taxonomy_with(session, key)


def newest_versions() -> Select[UUID, int]:
    """Key and project."""
    return (
        select(TaxonomyVersion.key, TaxonomyVersion.project_id)
        .ext(distinct_on(TaxonomyVersion.project_id))
        .order_by(TaxonomyVersion.project_id, TaxonomyVersion.number.desc())
    )


def taxonomy_with(session: Session, key: UUID) -> Taxonomy:
    """The version of this key, which costs nothing the second time."""
    return taxonomies_with(session, [key])[key]


def taxonomies_with(session: Session, keys: Collection[UUID]) -> dict[UUID, Taxonomy]:
    """By key; those that are not known yet are read at once."""
    unknown = set(keys).difference(known_versions)
    if unknown:
        contents = select(TaxonomyVersion.key, TaxonomyVersion.content).where(
            TaxonomyVersion.key.in_(unknown)
        )
        known_versions.update((row.key, taxonomy_in(row.content)) for row in session.execute(contents))
    return {key: known_versions[key] for key in keys}


def taxonomies_of(session: Session, project_ids: Collection[int]) -> dict[int, Taxonomy]:
    """By project."""
    newest = newest_versions().where(TaxonomyVersion.project_id.in_(project_ids))
    key_of = {row.project_id: row.key for row in session.execute(newest)}
    found = taxonomies_with(session, key_of.values())
    return {project_id: found[key] for project_id, key in key_of.items()}


def all_taxonomies(session: Session) -> list[Taxonomy]:
    """Each of those that projects have now, once; the usual one where there is no project yet."""
    newest = taxonomies_with(session, session.scalars(newest_versions()).all()).values()
    return list({taxonomy.categories: taxonomy for taxonomy in newest}.values()) or [PKU]


def categories_of_all(session: Session) -> list[HarmCategory]:
    """For what is said of a person in all projects: each name once, as one of their taxonomies has it."""
    found: dict[str, HarmCategory] = {}
    for taxonomy in all_taxonomies(session):
        found |= {each.name: each for each in taxonomy.offered if each.name not in found}
    return list(found.values())
