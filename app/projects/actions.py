"""Starting a campaign, and changing what its annotators are told."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.actions import differing, record
from app.audit.models import Action
from app.errors import Conflict
from app.i18n import gettext as _
from app.projects.forms import ProjectSettings, project_settings_of
from app.projects.models import Project, TaxonomyVersion
from app.projects.pku import PKU
from app.projects.taxonomy import Taxonomy, as_stored


class ProjectNameTaken(Conflict):
    pass


def create_project(session: Session, name: str, taxonomy: Taxonomy = PKU) -> Project:
    """Raises ProjectNameTaken."""
    project: Project | None = session.scalar(
        insert(Project).values(name=name).on_conflict_do_nothing(index_elements=["name"]).returning(Project)
    )
    if project is None:
        raise ProjectNameTaken(_("There is already a project named %(name)s.") % {"name": name})
    session.add(TaxonomyVersion(project_id=project.id, number=1, content=as_stored(taxonomy)))
    session.flush()
    after = {"name": name, "taxonomy": taxonomy.version}
    record(session, Action.CREATED, "project", project_id=project.id, after=after)
    return project


def change_project(session: Session, project_id: int, changed: ProjectSettings) -> bool:
    """True where other harm categories are restricted now."""
    project = session.scalars(
        select(Project)
        .where(Project.id == project_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    before, after = differing(project_settings_of(project), changed.model_dump(mode="json"))
    if after:
        session.execute(update(Project).where(Project.id == project_id).values(**after))
        record(session, Action.CHANGED, "project", project_id=project_id, before=before, after=after)
    return "restricted" in after
