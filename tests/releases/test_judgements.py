"""Single judgements in a release: who counts, under which name, and what is made of them all."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.agreement.actions import follow_answers
from app.annotations.models import Annotation
from app.items.models import ItemKind
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.models import Dimension, Queue, QueueKind
from app.releases.actions import release_folder
from app.releases.making import make_release
from app.releases.manifest import DatasetName
from app.releases.models import Release
from app.releases.pseudonyms import pseudonym_of, salt_of
from app.releases.reading.judged import judged_items
from app.releases.reading.plan import PartKind, parts_of
from app.releases.reading.texts import items_in
from app.releases.rows.judgements import JudgedItem, Judgement, item_key
from app.releases.rows.long_format import consensus_rows, item_fields, rounded
from app.releases.rows.pku import text_checksum
from app.releases.rows.rules import DropReason
from app.settings import settings
from tests import answer, make
from tests.releases import samples
from tests.releases.samples import write_release

PROMPT, RESPONSES = "May I?", ("No.", "Yes.", "Perhaps.")
SALT = b"salt"


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


def labelled(session: Session, project: Project) -> tuple[Queue, list[User]]:
    """One says safe, one unsafe, of one QA pair."""
    people = [make.user(session), make.user(session)]
    make.item(session, project, prompt=PROMPT, responses=RESPONSES[:1])
    queue = make.queue(session, project, overlap=2, members=tuple(people))
    for person, label in zip(people, (answer.SAFE, answer.harmful("Violence", severity=3)), strict=True):
        answer.safety(session, make.assignment(session, queue, person), label)
    follow_answers(session, queue.id)
    return queue, people


def ranked(session: Session, project: Project) -> None:
    people = [make.user(session), make.user(session)]
    make.item(session, project, prompt="And I?", responses=RESPONSES)
    queue = make.queue(session, project, kind=QueueKind.SINGLE, overlap=2, members=tuple(people))
    for person, ranks in zip(people, ([1, 2, 3], [2, 1, 2]), strict=True):
        answer.ranking(session, make.assignment(session, queue, person), Dimension.SINGLE, ranks)
    follow_answers(session, queue.id)


def rows_of(release: Release, name: DatasetName) -> list[dict[str, Any]]:
    return samples.rows_below(release_folder(release) / name)


def released(session: Session, project: Project) -> Release:
    return make.release(session, project.id)


def test_each_judgement_of_safety_is_a_row(session: Session, home: Path, project: Project) -> None:
    labelled(session, project)
    rows = rows_of(released(session, project), DatasetName.ANNOTATIONS)
    key = text_checksum(PROMPT, RESPONSES[0])
    assert {(row["item"], *row["responses"], row["dimension"]) for row in rows} == {(key, key, "safety")}
    said = {row["is_safe"]: row for row in rows}
    assert (said[True]["severity_level"], said[False]["severity_level"]) == (0, 3)
    assert not any(said[True]["harm_category"].values())
    assert list(said[False]["harm_category"]) == list(PKU.category_names)
    assert [name for name, is_in in said[False]["harm_category"].items() if is_in] == ["Violence"]
    assert {row["taxonomy_version"] for row in rows} == {PKU.version}
    assert all(row["ranks"] is row["displayed_order"] is row["verdict"] is None for row in rows)
    assert all(row["answered_at"].endswith("+00:00") for row in rows)


def test_a_ranking_names_the_responses_it_orders(session: Session, home: Path, project: Project) -> None:
    ranked(session, project)
    rows = rows_of(released(session, project), DatasetName.ANNOTATIONS)
    checksums = [text_checksum("And I?", text) for text in RESPONSES]
    assert all(row["responses"] == checksums for row in rows)
    assert {row["item"] for row in rows} == {sha256("".join(checksums).encode()).hexdigest()}
    assert sorted(row["ranks"] for row in rows) == [[1, 2, 3], [2, 1, 2]]
    assert all(sorted(row["displayed_order"]) == [0, 1, 2] for row in rows)
    assert {row["verdict"] for row in rows} == {"ordered"}
    assert all(row["is_safe"] is row["harm_category"] is None for row in rows)


def test_shares_and_posteriors_are_kept_for_each_item(session: Session, home: Path, project: Project) -> None:
    labelled(session, project)
    ranked(session, project)
    release = released(session, project)
    safety, single = sorted(rows_of(release, DatasetName.CONSENSUS), key=lambda row: str(row["dimension"]))
    assert safety["shares"]["unsafe"] == 0.5
    assert safety["shares"]["severity"] == [0.5, 0, 0, 0.5]
    assert safety["shares"]["harm_category"]["Violence"] == 0.5
    assert sum(safety["posterior"]["severity"]) == pytest.approx(1, abs=1e-5)
    assert list(safety["posterior"]["harm_category"]) == list(PKU.category_names)
    shares = {
        (pair["first"], pair["second"]): [pair[f"{value}_share"] for value in ("first", "second", "tie")]
        for pair in single["pairs"]
    }
    assert shares == {(0, 1): [0.5, 0.5, 0], (0, 2): [0.5, 0, 0.5], (1, 2): [1, 0, 0]}
    for pair in single["pairs"]:
        chances = [pair[f"{value}_posterior"] for value in ("first", "second", "tie")]
        assert sum(chances) == pytest.approx(1, abs=1e-5)
    assert single["n_judgements"] == safety["n_judgements"] == 2


def safety_judged(session: Session, project: Project, salt: bytes) -> list[JudgedItem]:
    (part,) = [part for part in parts_of(session, project.id) if part.kind is PartKind.QA_PAIRS]
    return [
        judged
        for items in items_in(session, project.id, ItemKind.QA_PAIR, part)
        for judged in judged_items(session, project.id, Dimension.SAFETY, items, salt).values()
    ]


def test_answers_that_do_not_count_are_left_out(session: Session, project: Project) -> None:
    people = [make.user(session) for _ in range(2)]
    make.item(session, project)
    queue = make.queue(session, project, overlap=2, members=tuple(people))
    answer.safety(session, make.assignment(session, queue, people[0]))
    assert safety_judged(session, project, SALT) == []
    answer.safety(session, make.assignment(session, queue, people[1]))
    (item,) = safety_judged(session, project, SALT)
    assert len(item.judgements) == 2


def test_no_word_of_an_annotator_and_no_id_is_released(
    session: Session, home: Path, project: Project
) -> None:
    _, people = labelled(session, project)
    session.execute(update(Annotation).values(rationale="I know the person who wrote this."))
    release = released(session, project)
    secret = settings().secret_key.get_secret_value().encode()
    for path, content in samples.bytes_below(release_folder(release)).items():
        for told in (b"I know the person", secret, *(person.username.encode() for person in people)):
            assert told not in content, path
    fields = set(rows_of(release, DatasetName.ANNOTATIONS)[0])
    assert not fields & {"annotator_id", "rationale", "evidence", "username"}


def test_pseudonyms_are_those_of_one_release(session: Session, home: Path, project: Project) -> None:
    labelled(session, project)
    first, second = released(session, project), released(session, project)
    names = [
        {row["annotator"] for row in rows_of(release, DatasetName.ANNOTATIONS)} for release in (first, second)
    ]
    assert [len(of_release) for of_release in names] == [2, 2]
    assert names[0].isdisjoint(names[1])
    before = samples.bytes_below(release_folder(first))
    make_release(session, first.id)
    assert samples.bytes_below(release_folder(first)) == before


def test_pseudonyms_follow_from_the_secret_the_release_and_the_person() -> None:
    made = {
        pseudonym_of(salt_of(secret, release_id), annotator_id)
        for secret in ("a" * 32, "b" * 32)
        for release_id in (1, 2)
        for annotator_id in (1, 2)
    }
    assert len(made) == 8
    assert all(len(name) == 64 for name in made)
    assert pseudonym_of(salt_of("a" * 32, 1), 1) in made


def test_rows_stand_in_the_order_of_pseudonyms(session: Session, project: Project) -> None:
    """By person, the order would be the same in every release and tell who is who."""
    labelled(session, project)
    for salt in (bytes([number]) for number in range(8)):
        (item,) = safety_judged(session, project, salt)
        names = [judgement.annotator for judgement in item.judgements]
        assert names == sorted(names)


@pytest.mark.parametrize(
    ("judgement", "reason"),
    [
        (samples.said_safe(severity=1), DropReason.CONTRADICTORY_SAFETY_LABEL),
        (samples.said_safe(severity=None), DropReason.CONTRADICTORY_SAFETY_LABEL),
        (samples.said_safe(harm_categories=frozenset({"Manners"})), DropReason.UNKNOWN_CATEGORY),
        (samples.ranked(ranks=(1, 2, 3)), DropReason.CONTRADICTORY_RANKING),
        (samples.ranked(ranks=(0, 1)), DropReason.CONTRADICTORY_RANKING),
        (samples.ranked(displayed_order=(0, 0)), DropReason.CONTRADICTORY_RANKING),
    ],
)
def test_a_judgement_that_contradicts_itself_is_left_out_and_counted(
    tmp_path: Path, judgement: Judgement, reason: DropReason
) -> None:
    good = samples.said_safe("good") if judgement.said.ranks is None else samples.ranked("good")
    items = [samples.judged(judgement, good), samples.judged(judgement, prompt="Another?")]
    manifest = write_release(tmp_path / "3", samples.facts(), [], [], judged_items=items)
    entries = {entry.name: entry for entry in manifest.datasets}
    assert entries[DatasetName.ANNOTATIONS].dropped == {reason: 2}
    assert entries[DatasetName.CONSENSUS].dropped == {reason: 1}
    assert entries[DatasetName.ANNOTATIONS].counts == {"Annotators": 1}
    (row,) = samples.rows_below(tmp_path / "3" / DatasetName.ANNOTATIONS)
    assert row["annotator"] == "good"
    (row,) = samples.rows_below(tmp_path / "3" / DatasetName.CONSENSUS)
    assert row["n_judgements"] == 1


def test_a_posterior_of_another_taxonomy_is_left_out() -> None:
    item = samples.judged(samples.said_safe(), posterior=(0.5,) * 7)
    fields = consensus_rows(item_fields([item]), [item], [item.judgements], PKU.category_names)
    (row,) = samples.rows_told(fields)
    assert row["posterior"] is None


def test_chances_are_rounded_as_python_rounds_them() -> None:
    chance = np.random.default_rng(1)
    halves = (chance.integers(0, 10**6, 5_000) + 0.5) / 10**6
    chances = np.concatenate([[0, 1, 0.5], chance.random(5_000), halves, np.float32(halves)])
    assert rounded(chances[:, None])[:, 0].tolist() == [round(each, 6) for each in chances.tolist()]


def test_the_key_of_one_response_is_its_own() -> None:
    assert item_key(["a" * 64]) == "a" * 64
    assert item_key(["a" * 64, "b" * 64]) != item_key(["b" * 64, "a" * 64])
