"""Filters of a release: as they are typed in, as they are told, and which rows they leave out."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.db import transaction
from app.errors import Refused
from app.projects.models import ConsensusRule, Project
from app.projects.pku import PKU
from app.releases import jobs
from app.releases.actions import fail_release, request_release, retry_release
from app.releases.asking import set_nightly_filters
from app.releases.card.whole import dataset_card
from app.releases.filters import NO_FILTERS, ReleaseFilters, filter_sentences, filters_of_options
from app.releases.manifest import DatasetName
from app.releases.models import Release
from app.releases.rows.filters import (
    Wanted,
    is_withdrawn,
    weakness_of,
    why_item_left_out,
    why_labels_filtered,
    why_pair_left_out,
    why_qa_pair_left_out,
)
from app.releases.rows.pku import LabelledResponse, Weakness, text_checksum
from app.releases.rows.rules import DropReason, PairReasons, why_pair_dropped, why_qa_pair_dropped
from app.web.forms import messages
from app.withdrawals.queries import Withdrawn
from tests import make
from tests.browse import enter, post
from tests.make import sha256
from tests.releases.samples import (
    judged,
    qa_pair,
    ranked,
    response_pair,
    safe,
    said_safe,
    unlabelled,
    unsafe,
    write_all,
)


def filters(**fields: Any) -> ReleaseFilters:
    return ReleaseFilters.model_validate(fields, context=PKU.category_names)


def test_a_form_without_anything_filters_nothing_and_json_brings_all_back() -> None:
    empty = {"answered_from": "", "min_answers": "", "consenting_only": "false", "csrf_token": "x"}
    assert filters(**empty) == NO_FILTERS
    assert NO_FILTERS.told() == {}
    typed = {
        "answered_from": "2026-01-01",
        "answered_until": "2026-01-01",
        "queues": "3",
        "consenting_only": ["false", "true"],
        "min_answers": "2",
        "categories": ["Drugs", "Violence"],
        "severities": "3",
    }
    asked = filters(**typed)
    assert asked.categories == ["Violence", "Drugs"]
    assert ReleaseFilters.model_validate(asked.told()) == asked
    assert asked.told().keys() == typed.keys()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("answered_until", {"answered_from": "2026-01-02", "answered_until": "2026-01-01"}),
        ("answered_from", {"answered_from": "yesterday"}),
        ("min_answers", {"min_answers": "51"}),
        ("min_certainty", {"min_certainty": "1.1"}),
        ("min_certainty", {"min_certainty": "0.9", "consenting_only": "true"}),
        ("categories", {"categories": "Tea"}),
        ("severities", {"severities": ["0", "1"]}),
        ("queues", {"queues": ["x"]}),
    ],
)
def test_what_cannot_be_is_said_at_its_field(field: str, typed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as invalid:
        filters(**typed)
    assert messages(invalid.value).keys() == {field}


def test_operators_name_them_one_by_one() -> None:
    asked = filters_of_options(
        ["severities=2", "severities=3", "queues=Tea"], {"Tea": "7"}, PKU.category_names
    )
    assert (asked.severities, asked.queues) == ([2, 3], [7])
    for option in ("severity=3", "severities", "severities="):
        with pytest.raises(Refused, match="write NAME=VALUE"):
            filters_of_options([option], {}, PKU.category_names)


def test_each_filter_has_a_sentence_for_the_card() -> None:
    asked = filters(
        answered_from="2026-01-01",
        answered_until="2026-02-01",
        consenting_only=True,
        min_answers=2,
        categories=["Drugs"],
        severities=[2, 3],
        include_safe=True,
    )
    told = asked.told() | {"queues": ["First", "Second"], "min_certainty": 0.9}
    said = list(filter_sentences(told))
    assert len(said) == 8
    assert "Only answers of these queues count: First, Second." in said
    assert "harm categories Drugs and a severity among 2, 3." in said[-2]


def test_a_filtered_releases_cards_say_so(tmp_path: Path) -> None:
    manifest = write_all(tmp_path / "release", 3)
    [entry] = [each for each in manifest.datasets if each.name is DatasetName.QA]
    assert "## Filters" not in dataset_card(manifest, entry)
    filtered = replace(manifest.release, filters={"min_answers": 2})
    card = dataset_card(
        replace(manifest, release=filtered, tombstones=replace(manifest.tombstones, n_rows=1234)), entry
    )
    assert "made of fewer answers than 2 are left out" in card
    assert "withdrawn so far (1,234)" in card


@pytest.mark.parametrize(
    ("n_answers", "certainty", "weakness"),
    [(1, 0.99, "few_answers"), (2, 0.89, "uncertain"), (2, None, "uncertain"), (2, 0.9, None)],
)
def test_labels_rest_on_enough_answers_and_a_certain_posterior(
    n_answers: int, certainty: float | None, weakness: Weakness | None
) -> None:
    assert weakness_of(n_answers, certainty, filters(min_answers=2, min_certainty=0.9)) == weakness
    assert weakness_of(n_answers, certainty, NO_FILTERS) is None


def test_a_weak_label_or_preference_is_left_out_of_the_rows_that_carry_it() -> None:
    few, unsure = DropReason.FILTERED_ANSWERS, DropReason.FILTERED_CERTAINTY
    weak = safe()._replace(is_safe=None, severity=None, weakness="uncertain")
    assert why_qa_pair_dropped(qa_pair(response=weak), PKU.category_names) is unsure
    pair = response_pair(second=weak, better=1, safer="few_answers", single="few_answers")
    found = why_pair_dropped(pair._replace(response_1=weak._replace(text="No.")), PKU.category_names)
    assert found == PairReasons(dual=few, helpful=None, harmless=few, single=few)
    found = why_pair_dropped(response_pair(second=weak._replace(text="No.")), PKU.category_names)
    assert found == PairReasons(dual=unsure, helpful=None, harmless=None, single=None)


@pytest.mark.parametrize(
    ("asked", "labels", "is_in"),
    [
        ({"categories": "Cybercrime"}, [unsafe()], True),
        ({"categories": "Drugs"}, [unsafe()], False),
        ({"categories": "Drugs"}, [unsafe(), unsafe(categories=("Drugs", "Violence"))], True),
        ({"categories": "Cybercrime", "severities": 3}, [unsafe()], False),
        (
            {"categories": "Drugs", "severities": 2},
            [unsafe(), unsafe(categories=("Drugs",), severity=1)],
            False,
        ),
        ({"severities": [2, 3]}, [unsafe(), safe()], True),
        ({"severities": [2, 3]}, [safe(), safe()], False),
        ({"severities": [3], "include_safe": True}, [safe(), safe()], True),
        ({"severities": [3], "include_safe": True}, [safe(), unsafe()], False),
        ({"severities": [3], "include_safe": True}, [safe(), unlabelled()], False),
        ({"include_safe": True}, [unsafe(), unlabelled()], True),
    ],
)
def test_one_label_of_a_row_is_of_the_kind_that_is_asked_for(
    asked: dict[str, Any], labels: list[LabelledResponse], is_in: bool
) -> None:
    reason = None if is_in else DropReason.FILTERED_LABEL
    assert why_labels_filtered(labels, filters(**asked)) is reason
    wanted = Wanted(filters(**asked))
    assert why_item_left_out(judged(ranked()), "May I?", labels, wanted) is reason
    if len(labels) == 1:
        assert why_qa_pair_left_out(qa_pair(response=labels[0]), PKU.category_names, wanted) is reason


def test_a_row_that_no_reader_can_use_is_left_out_for_that() -> None:
    wanted = Wanted(filters(categories="Drugs"))
    pair = response_pair(better="tie")
    assert why_pair_left_out(pair, PKU.category_names, 512, wanted) == PairReasons(
        dual=DropReason.HELPFULNESS_TIE,
        helpful=DropReason.HELPFULNESS_TIE,
        harmless=DropReason.FILTERED_LABEL,
        single=DropReason.FILTERED_LABEL,
    )


def test_single_answers_follow_their_item() -> None:
    wanted = Wanted(filters(min_answers=2, min_certainty=0.8))
    two = said_safe(), said_safe("a2")
    ranks = ranked(), ranked("a2")
    for item, reason in (
        (judged(said_safe(), posterior=(0.1,) * 24), DropReason.FILTERED_ANSWERS),
        (judged(*two, posterior=(0.2,) * 24), None),
        (judged(*two, posterior=(0.9,) * 24), None),
        (judged(*two, posterior=(0.5,) * 24), DropReason.FILTERED_CERTAINTY),
        (judged(*ranks, posterior=(0.8, 0.1, 0.1)), None),
        (judged(*ranks, posterior=(0.8, 0.1, 0.1, 0.4, 0.3, 0.3)), DropReason.FILTERED_CERTAINTY),
    ):
        assert why_item_left_out(item, "May I?", [safe()], wanted) is reason


def test_what_is_withdrawn_is_known_by_its_hash_alone() -> None:
    prompt = Withdrawn(prompts=frozenset({sha256("May I?")}))
    response = Withdrawn(responses=frozenset({bytes.fromhex(text_checksum("May I?", "No."))}))
    assert is_withdrawn("May I?", (), prompt)
    assert not is_withdrawn("May we?", ("No.",), prompt)
    assert is_withdrawn("May I?", ("Yes.", "No."), response)
    assert not is_withdrawn("May I?", ("Yes.",), response)
    assert not is_withdrawn("May I?", ("Yes.", "No."), Withdrawn())


def test_the_form_shows_mistakes_and_asks_for_what_was_typed(client: TestClient, session: Session) -> None:
    project = make.project(session)
    queue, elsewhere = make.queue(session, project), make.queue(session, make.project(session))
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/projects/{project.id}/releases"
    assert f'value="{queue.id}"' in client.get(f"{path}/new").text
    refused = post(client, path, answered_from="2026-02-02", answered_until="2026-02-01", severities="3")
    assert refused.status_code == 422
    assert 'id="answered_until-error"' in refused.text
    assert 'name="severities" value="3" checked' in refused.text
    assert 'id="queues-error"' in post(client, path, queues=elsewhere.id).text
    assert session.scalars(select(Release)).all() == []
    page = post(client, path, queues=queue.id, min_answers="2").headers["location"]
    release = session.scalars(select(Release)).one()
    assert release.filters == {"queues": [queue.id], "min_answers": 2}
    assert f"Only answers of these queues count: {queue.name}." in client.get(page).text
    assert client.get("/admin/projects/999999/releases/new").status_code == 404


def test_a_model_of_all_answers_can_label_no_part_of_them(client: TestClient, session: Session) -> None:
    project = make.project(session)
    session.execute(update(Project).values(consensus_rule=ConsensusRule.POSTERIOR))
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/projects/{project.id}/releases"
    refused = post(client, path, consenting_only="true")
    assert refused.status_code == 422
    assert "decided by a model of all answers, so" in refused.text
    assert session.scalars(select(Release)).all() == []
    assert post(client, path, min_certainty="0.9").status_code == 303


def test_nightly_releases_have_the_filters_that_were_set(client: TestClient, session: Session) -> None:
    project = make.project(session)
    queue, elsewhere = make.queue(session, project), make.queue(session, make.project(session))
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/projects/{project.id}/releases"
    assert "every night at 02:00 UTC of all that is finished." in client.get(path).text
    refused = post(client, f"{path}/nightly", queues=elsewhere.id, severities="3")
    assert refused.status_code == 422
    assert 'id="queues-error"' in refused.text
    assert 'name="severities" value="3" checked' in refused.text
    assert post(client, f"{path}/nightly", min_answers="51").status_code == 422
    wanted: dict[str, Any] = {
        "queues": str(queue.id),
        "severities": ["2", "3"],
        "consenting_only": ["false", "true"],
    }
    for _ in range(2):
        assert post(client, f"{path}/nightly", **wanted).headers["location"] == path
    stored = {"queues": [queue.id], "severities": [2, 3], "consenting_only": True}
    assert session.get_one(Project, project.id).nightly_filters == stored
    assert f"Only answers of these queues count: {queue.name}." in client.get(path).text
    form = client.get(f"{path}/nightly").text
    assert form.count("checked") == 4
    assert f'name="queues" value="{queue.id}" checked' in form
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == "nightly releases")).one()
    assert (entry.before, entry.after) == ({}, stored)
    assert client.get("/admin/projects/999999/releases/nightly").status_code == 404
    enter(client, session, make.user(session))
    assert client.get(f"{path}/nightly").status_code == 403
    assert post(client, f"{path}/nightly").status_code == 403


@pytest.mark.usefixtures("database", "home")
def test_a_nightly_release_whose_filters_cannot_be_used_any_more_fails_with_the_reason() -> None:
    with transaction() as session:
        projects = [make.project(session) for _ in range(3)]
        for project in projects[:2]:
            set_nightly_filters(session, project, filters(consenting_only=True))
        projects[1].consensus_rule = ConsensusRule.POSTERIOR
    jobs.nightly("2026-01-02")
    with transaction() as session:
        asked = session.scalars(select(Release).order_by(Release.project_id)).all()
        assert [release.filters for release in asked] == [{"consenting_only": True}] * 2 + [{}]
    for release in asked:
        jobs.write(release.id)
    with transaction() as session:
        done, failed, plain = session.scalars(select(Release).order_by(Release.project_id)).all()
        assert [release.state for release in (done, failed, plain)] == ["done", "failed", "done"]
        assert "decided by a model of all answers, so" in (failed.error or "")
        assert done.manifest is not None
        assert done.manifest["release"]["filters"] == {"consenting_only": True}
        set_nightly_filters(session, session.get_one(Project, failed.project_id), filters(min_answers=2))
        assert retry_release(session, failed.id)
    jobs.write(failed.id)
    with transaction() as session:
        again = session.get_one(Release, failed.id)
        assert (again.state, again.filters) == ("done", {"min_answers": 2})


def test_filters_that_cannot_be_used_any_more_are_told_where_they_are_changed(
    client: TestClient, session: Session
) -> None:
    project = make.project(session)
    set_nightly_filters(session, project, filters(consenting_only=True))
    session.execute(update(Project).values(consensus_rule=ConsensusRule.POSTERIOR))
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/projects/{project.id}/releases"
    for page in (path, f"{path}/nightly"):
        shown = client.get(page)
        assert shown.status_code == 200
        assert "decided by a model of all answers, so" in shown.text
    release = request_release(session, project.id, date(2026, 1, 2), filters(consenting_only=True))
    fail_release(session, release.id, "It is so.")
    assert f'href="{path}/nightly"' in client.get(f"/admin/releases/{release.id}").text
    assert post(client, f"{path}/nightly").status_code == 303
    assert "Nightly releases fail" not in client.get(path).text
