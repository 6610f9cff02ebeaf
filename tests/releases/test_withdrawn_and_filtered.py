"""Whole releases without what is withdrawn, and of what is asked for alone."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.agreement.actions import follow_answers
from app.annotations.shown import assignment_shown
from app.assignments.models import Assignment
from app.errors import Refused
from app.items.actions import run_import, start_import
from app.items.models import Item, Prompt
from app.projects.models import ConsensusRule, Project
from app.queues.models import Dimension, Queue, QueueKind
from app.releases.actions import release_folder
from app.releases.filters import NO_FILTERS
from app.releases.models import Release
from app.releases.reading.inputs import inputs_of
from app.releases.rows.pku import text_checksum
from app.voids.actions import void
from app.withdrawals.actions import end_withdrawal, say_publication, withdraw
from app.withdrawals.models import Withdrawal, WithdrawalKind
from app.withdrawals.reach import Named, reach_of
from tests import answer, make
from tests.releases.samples import bytes_below, rows_below

PROMPTS = ("What is tea?", "What is milk?", "What is rum?")
SAFE, HARMFUL = "A drink.", "A way to hurt someone."
VIOLENT = answer.harmful("Violence", severity=3)


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make.user(session) for _ in range(2)]


@pytest.fixture
def project(session: Session, home: Path, tmp_path: Path) -> Project:
    made = make.project(session)
    file = tmp_path / "items.jsonl"
    file.write_bytes(
        b"\n".join(orjson.dumps({"prompt": each, "responses": [SAFE, HARMFUL]}) for each in PROMPTS)
    )
    run_import(session, start_import(session, made.id, file.name, 1).id, file, lambda _progress: None)
    return made


@pytest.fixture
def safety(session: Session, project: Project, people: list[User]) -> Queue:
    """All agree, but for the harmful text about milk, which the second calls safe."""
    queue = make.queue(session, project, overlap=2, members=tuple(people))
    for person in people:
        for _ in range(2 * len(PROMPTS)):
            assignment = make.assignment(session, queue, person)
            shown = assignment_shown(session, assignment.id, person.id)
            is_mild = shown.responses == [SAFE] or (shown.prompt == PROMPTS[1] and person is people[1])
            answer.safety(session, assignment, answer.SAFE if is_mild else VIOLENT)
    return queue


@pytest.fixture
def dual(session: Session, project: Project, people: list[User]) -> Queue:
    """The safe text is better and safer to everyone."""
    queue = make.queue(session, project, kind=QueueKind.DUAL, overlap=2, members=tuple(people))
    for person in people:
        for _ in PROMPTS:
            assignment = make.assignment(session, queue, person)
            shown = assignment_shown(session, assignment.id, person.id)
            for step in (Dimension.HELPFULNESS, Dimension.HARMLESSNESS):
                ranks = [1 if text == SAFE else 2 for text in shown.responses]
                answer.ranking(session, assignment, step, ranks)
    return queue


def rows(release: Release, dataset: str) -> list[dict[str, Any]]:
    return rows_below(release_folder(release) / dataset)


def dropped(release: Release, dataset: str) -> dict[str, int]:
    assert release.manifest is not None
    [found] = [each["dropped"] for each in release.manifest["datasets"] if each["name"] == dataset]
    return dict(found)


def lines(release: Release, name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (release_folder(release) / name).read_bytes().splitlines()]


def take_out(session: Session, project: Project, kind: WithdrawalKind, *sha256s: bytes) -> None:
    withdraw(session, project.id, Named(kind, sha256s), "Its author asked for it")


def test_what_is_withdrawn_is_in_no_later_release_and_named_there(
    session: Session, project: Project, safety: Queue, dual: Queue
) -> None:
    before = make.release(session, project.id)
    kept = bytes_below(release_folder(before))
    assert lines(before, "tombstones.jsonl") == []
    harmful_rum = text_checksum(PROMPTS[2], HARMFUL)
    take_out(session, project, WithdrawalKind.PROMPT, make.sha256(PROMPTS[0]))
    take_out(session, project, WithdrawalKind.RESPONSE, bytes.fromhex(harmful_rum))
    after = make.release(session, project.id)
    assert {row["prompt"] for row in rows(after, "PKU-SafeRLHF-prompt")} == set(PROMPTS[1:])
    assert {(row["prompt"], row["response"]) for row in rows(after, "PKU-SafeRLHF-QA")} == {
        (PROMPTS[1], SAFE),
        (PROMPTS[1], HARMFUL),
        (PROMPTS[2], SAFE),
    }
    assert {row["prompt"] for row in rows(after, "PKU-SafeRLHF")} == {PROMPTS[1]}
    assert dropped(after, "PKU-SafeRLHF") == {"withdrawn": 2}
    assert dropped(after, "annotations") == {"withdrawn": 2 * 3 + 2 * 2 * 2}
    gone = {harmful_rum, *(text_checksum(PROMPTS[0], text) for text in (SAFE, HARMFUL))}
    for dataset in ("annotations", "consensus"):
        assert gone.isdisjoint(key for row in rows(after, dataset) for key in row["responses"])
    assert [(each["kind"], each["sha256"]) for each in lines(after, "tombstones.jsonl")] == [
        ("prompt", make.sha256(PROMPTS[0]).hex()),
        ("response", harmful_rum),
    ]
    assert after.manifest is not None
    assert after.manifest["tombstones"]["n_rows"] == 2
    assert bytes_below(release_folder(before)) == kept
    for withdrawal_id in session.scalars(select(Withdrawal.id)).all():
        end_withdrawal(session, project.id, withdrawal_id, "A mistake")
    again = make.release(session, project.id)
    assert len(rows(again, "PKU-SafeRLHF-QA")) == 6
    assert lines(again, "tombstones.jsonl") == []


def test_one_who_says_no_still_makes_labels_and_is_nowhere_by_themself(
    session: Session, project: Project, people: list[User], safety: Queue
) -> None:
    before = make.release(session, project.id)
    say_publication(session, people[1].id, project.id, may_publish=False)
    after = make.release(session, project.id)
    assert rows(after, "PKU-SafeRLHF-QA") == rows(before, "PKU-SafeRLHF-QA")
    assert [row["n_judgements"] for row in rows(after, "consensus")] == [2] * 6
    assert len(rows(after, "annotations")) == 6
    assert len({row["annotator"] for row in rows(after, "annotations")}) == 1
    assert dropped(after, "annotations") == {"withdrawn": 6}
    listed = [each for each in lines(after, "left-out.jsonl") if each["kind"] == "annotation"]
    assert len(listed) == 6
    assert all("annotator" not in each for each in listed)


def test_a_preview_counts_the_single_answers_that_a_release_would_hold(
    session: Session, project: Project, people: list[User], safety: Queue, dual: Queue
) -> None:
    make.item(session, project, prompt="Is it finished?")
    unfinished = make.queue(session, project, overlap=3, members=tuple(people))
    answer.safety(session, make.assignment(session, unfinished, people[1]))
    of_rum = (
        select(Assignment.id)
        .join(Item, Item.id == Assignment.item_id)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .where(Assignment.queue_id == safety.id, Assignment.annotator_id == people[1].id)
        .where(Prompt.text == PROMPTS[2])
        .order_by(Assignment.id)
        .limit(1)
    )
    void(session, safety.id, [session.scalars(of_rum).one()], "Clicked at random")
    take_out(session, project, WithdrawalKind.PROMPT, make.sha256(PROMPTS[0]))
    take_out(session, project, WithdrawalKind.RESPONSE, bytes.fromhex(text_checksum(PROMPTS[1], SAFE)))
    theirs = Named(WithdrawalKind.ANNOTATOR, annotators=((people[1].id, people[1].username),))
    n_answers = reach_of(session, project.id, theirs).n_answers
    before = make.release(session, project.id)
    withdraw(session, project.id, theirs, "They asked for it")
    after = make.release(session, project.id)
    n_rows = [len(rows(release, "annotations")) for release in (before, after)]
    assert n_answers == n_rows[0] - n_rows[1] == 4
    everyone = Named(WithdrawalKind.ANNOTATOR, annotators=tuple((each.id, "") for each in people))
    assert reach_of(session, project.id, everyone).n_answers == n_rows[0] == 8


def test_only_answers_that_are_asked_for_make_labels(
    session: Session, project: Project, people: list[User], safety: Queue, dual: Queue
) -> None:
    say_publication(session, people[1].id, project.id, may_publish=True)
    release = make.release(session, project.id, consenting_only=True)
    labels = {(row["prompt"], row["response"]): row["is_safe"] for row in rows(release, "PKU-SafeRLHF-QA")}
    assert labels[PROMPTS[1], HARMFUL] is True
    assert labels[PROMPTS[2], HARMFUL] is False
    assert {row["n_judgements"] for row in rows(release, "consensus")} == {1}
    assert all(row["posterior"] is None for row in rows(release, "consensus"))
    of_safety = make.release(session, project.id, queues=[safety.id])
    assert len(rows(of_safety, "PKU-SafeRLHF-QA")) == 6
    assert dropped(of_safety, "PKU-SafeRLHF") == {"no_helpfulness_ranking": 3}
    assert of_safety.manifest is not None
    assert of_safety.manifest["release"]["filters"] == {"queues": [safety.name]}
    card = (release_folder(of_safety) / "PKU-SafeRLHF-QA" / "README.md").read_text()
    assert f"Only answers of these queues count: {safety.name}." in card


def test_weak_labels_and_preferences_are_left_out_and_counted(
    session: Session, project: Project, people: list[User], safety: Queue, dual: Queue
) -> None:
    for queue in (safety, dual):
        follow_answers(session, queue.id, fits=True)
    certain = make.release(session, project.id, min_certainty=0.9)
    assert len(rows(certain, "PKU-SafeRLHF-QA")) == 5
    assert dropped(certain, "PKU-SafeRLHF-QA") == {"filtered_certainty": 1}
    assert dropped(certain, "PKU-SafeRLHF") == {"filtered_certainty": 1}
    assert len(rows(certain, "trl-preference-helpful")) == 3
    assert dropped(make.release(session, project.id, min_answers=2), "PKU-SafeRLHF-QA") == {}
    many = make.release(session, project.id, min_answers=3)
    assert dropped(many, "PKU-SafeRLHF-QA") == {"filtered_answers": 6}
    assert dropped(many, "trl-preference-helpful") == {"filtered_answers": 3}
    assert dropped(many, "consensus") == {"filtered_answers": 12}


def test_rows_of_one_kind_of_harm_alone_are_asked_for(
    session: Session, project: Project, people: list[User], safety: Queue, dual: Queue
) -> None:
    severe = make.release(session, project.id, categories=["Violence"], severities=[3])
    assert {row["is_safe"] for row in rows(severe, "PKU-SafeRLHF-QA")} == {False}
    assert len(rows(severe, "PKU-SafeRLHF")) == 3
    of_safety = [row for row in rows(severe, "annotations") if row["dimension"] == "safety"]
    harmful = {text_checksum(prompt, HARMFUL) for prompt in PROMPTS}
    assert {key for row in of_safety for key in row["responses"]} == harmful
    assert rows(make.release(session, project.id, categories=["Drugs"]), "annotations") == []
    safe_too = make.release(session, project.id, severities=[3], include_safe=True)
    assert len(rows(safe_too, "PKU-SafeRLHF-QA")) == 6


def test_a_rule_that_changed_meanwhile_refuses_the_release(
    session: Session, project: Project, safety: Queue
) -> None:
    session.execute(update(Project).values(consensus_rule=ConsensusRule.POSTERIOR))
    session.expire_all()
    with pytest.raises(Refused, match="decided by a model of all answers"):
        make.release(session, project.id, consenting_only=True)


def test_parts_made_before_a_withdrawal_are_not_gone_on_with(
    session: Session, project: Project, people: list[User], safety: Queue
) -> None:
    found = [inputs_of(session, project, NO_FILTERS)]
    take_out(session, project, WithdrawalKind.PROMPT, make.sha256(PROMPTS[0]))
    found.append(inputs_of(session, project, NO_FILTERS))
    say_publication(session, people[0].id, project.id, may_publish=False)
    found.append(inputs_of(session, project, NO_FILTERS))
    assert len(set(found)) == 3
    say_publication(session, people[0].id, project.id, may_publish=True)
    assert inputs_of(session, project, NO_FILTERS) == found[1]
