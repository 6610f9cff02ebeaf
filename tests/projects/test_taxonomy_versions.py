"""A project's taxonomy is its own, and labels hold the bits of its categories."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from app.annotations.models import Annotation
from app.errors import NotFound
from app.projects.beavertails import BEAVERTAILS
from app.projects.models import TaxonomyVersion
from app.projects.pku import PKU
from app.projects.queries import taxonomies_of, taxonomy_of
from tests import answer, make


def test_each_project_has_its_own(session: Session) -> None:
    pku, beavertails = make.project(session), make.project(session, taxonomy=BEAVERTAILS)
    found = taxonomies_of(session, [pku.id, beavertails.id])
    assert found[pku.id].categories == PKU.categories
    assert taxonomy_of(session, beavertails.id).categories == BEAVERTAILS.categories
    assert (found[pku.id].version, found[beavertails.id].version) == ("pku-19.1", "beavertails-14.1")
    with pytest.raises(NotFound):
        taxonomy_of(session, pku.id + 10_000)


def test_a_label_holds_the_bits_of_its_own_projects_categories(session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session, taxonomy=BEAVERTAILS)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    held = make.assignment(session, queue, annotator)
    answer.safety(session, held, answer.harmful("animal_abuse", "child_abuse"))
    stored = session.scalars(select(Annotation)).one()
    assert (stored.harm_mask, stored.taxonomy_version) == (0b11, "beavertails-14.1")


def test_a_name_outside_the_taxonomy_is_stored_by_nobody(session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    held = make.assignment(session, queue, annotator)
    with pytest.raises(KeyError), session.begin_nested():
        answer.safety(session, held, answer.harmful("animal_abuse"))
    answer.safety(session, held, answer.harmful("Violence"))
    with pytest.raises(IntegrityError, match="harm_mask"), session.begin_nested():
        session.execute(update(Annotation).values(harm_categories=["Violence", "Rudeness"]))


def test_a_version_is_never_changed(session: Session) -> None:
    make.project(session)
    with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(update(TaxonomyVersion).values(number=7))
