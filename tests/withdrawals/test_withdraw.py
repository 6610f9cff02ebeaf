"""What is withdrawn is kept by its hash, until somebody ends it, and whatever is imported meanwhile."""

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.audit.models import Action, AuditEntry
from app.items.actions import run_import, start_import
from app.projects.models import Project
from app.withdrawals.actions import WithdrawalEnded, end_withdrawal, withdraw
from app.withdrawals.forms import Withdrawing
from app.withdrawals.models import Withdrawal, WithdrawalKind
from app.withdrawals.queries import Withdrawn, tombstones, withdrawn
from app.withdrawals.reach import Reach, named_by, reach_of
from tests import answer, make
from tests.browse import enter, post

REASON = "Its author asked for it"
PROMPT, RESPONSES = "What is tea?", ("A drink.", "A plant.")


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    made = make.user(session, role=Role.ADMIN)
    enter(client, session, made)
    return made


def sha256(*texts: str) -> bytes:
    return hashlib.sha256("".join(texts).encode()).digest()


def import_rows(session: Session, project: Project, folder: Path, *prompts: str) -> None:
    file = folder / "items.jsonl"
    rows = [{"prompt": prompt, "responses": list(RESPONSES)} for prompt in prompts]
    file.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    run_import(session, start_import(session, project.id, file.name, 1).id, file, lambda _progress: None)


def naming(kind: WithdrawalKind, *named: object) -> Withdrawing:
    return Withdrawing(kind=kind, named=tuple(map(str, named)), reason=REASON)


def withdrawing(session: Session, project: Project, kind: WithdrawalKind, *named: object) -> int:
    return withdraw(session, project.id, named_by(session, project.id, naming(kind, *named)), REASON)


def reach(session: Session, project: Project, kind: WithdrawalKind, *named: object) -> Reach:
    return reach_of(session, project.id, named_by(session, project.id, naming(kind, *named)))


def path_of(project: Project) -> str:
    return f"/admin/projects/{project.id}/withdrawals"


def entries(session: Session, action: Action) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_a_prompt_reaches_all_its_items_and_a_response_those_it_is_in(
    session: Session, project: Project, tmp_path: Path
) -> None:
    import_rows(session, project, tmp_path, PROMPT, "What is milk?")
    people = make.user(session), make.user(session)
    queue = make.queue(session, project, overlap=2, members=people)
    for person in people:
        for _ in range(4):
            answer.safety(session, make.assignment(session, queue, person))
    prompt, response = sha256(PROMPT), sha256(PROMPT, RESPONSES[1])
    of_prompt = reach(session, project, WithdrawalKind.PROMPT, prompt.hex(), sha256("Unknown").hex())
    assert of_prompt == Reach(n_there=1, n_withdrawn=0, n_qa_pairs=2, n_response_sets=1, n_answers=4)
    of_response = reach(session, project, WithdrawalKind.RESPONSE, response.hex())
    assert of_response == Reach(n_there=1, n_withdrawn=0, n_qa_pairs=1, n_response_sets=1, n_answers=2)
    withdrawing(session, project, WithdrawalKind.RESPONSE, response.hex())
    assert reach(session, project, WithdrawalKind.RESPONSE, response.hex()).n_withdrawn == 1
    assert reach(session, make.project(session), WithdrawalKind.PROMPT, prompt.hex()).n_there == 0


def test_answers_are_counted_as_a_release_would_hold_them(
    session: Session, project: Project, tmp_path: Path
) -> None:
    import_rows(session, project, tmp_path, PROMPT)
    first, second = make.user(session), make.user(session)
    queue = make.queue(session, project, overlap=2, members=(first, second))
    for person in (first, first, second):
        answer.safety(session, make.assignment(session, queue, person))
    prompt = WithdrawalKind.PROMPT, sha256(PROMPT).hex()
    response = WithdrawalKind.RESPONSE, sha256(PROMPT, RESPONSES[0]).hex()
    # One of the two items waits for its second answer.
    assert reach(session, project, *prompt).n_answers == 2
    answer.safety(session, make.assignment(session, queue, second))
    assert reach(session, project, *prompt).n_answers == 4
    withdrawing(session, project, *response)
    assert reach(session, project, *prompt).n_answers == 2
    assert reach(session, project, *response).n_answers == 2


def test_an_items_number_stands_for_its_prompt_or_each_of_its_responses(
    session: Session, project: Project
) -> None:
    item = make.item(session, project, prompt=PROMPT, responses=RESPONSES)
    withdrawing(session, project, WithdrawalKind.PROMPT, item.id)
    withdrawing(session, project, WithdrawalKind.RESPONSE, item.id)
    found = withdrawn(session, project.id)
    assert found.prompts == {sha256(PROMPT)}
    assert found.responses == {sha256(PROMPT, response) for response in RESPONSES}


def test_it_holds_for_what_is_imported_later_and_again(
    session: Session, project: Project, tmp_path: Path
) -> None:
    assert withdrawing(session, project, WithdrawalKind.PROMPT, sha256(PROMPT).hex()) == 1
    import_rows(session, project, tmp_path, PROMPT)
    import_rows(session, project, tmp_path, PROMPT)
    assert reach(session, project, WithdrawalKind.PROMPT, sha256(PROMPT).hex()).n_qa_pairs == 2
    assert withdrawn(session, project.id) == Withdrawn(prompts=frozenset({sha256(PROMPT)}))
    assert withdrawn(session, make.project(session).id) == Withdrawn()


def test_withdrawn_twice_it_is_one_and_ended_it_may_be_withdrawn_anew(
    session: Session, project: Project
) -> None:
    for n_new in (1, 0):
        assert withdrawing(session, project, WithdrawalKind.RESPONSE, sha256("a", "b").hex()) == n_new
    assert len(entries(session, Action.WITHDRAWN)) == 1
    assert [each.sha256 for each in tombstones(session, project.id)] == [sha256("ab").hex()]
    for _ in range(2):
        withdrawal = session.scalars(select(Withdrawal).where(Withdrawal.ended_at.is_(None))).one()
        end_withdrawal(session, project.id, withdrawal.id, "A mistake")
        with pytest.raises(WithdrawalEnded):
            end_withdrawal(session, project.id, withdrawal.id, "A mistake")
        assert withdrawn(session, project.id) == Withdrawn()
        assert tombstones(session, project.id) == []
        assert withdrawing(session, project, WithdrawalKind.RESPONSE, sha256("a", "b").hex()) == 1
    assert len(session.scalars(select(Withdrawal)).all()) == 3
    assert [entry.reason for entry in entries(session, Action.ENDED)] == ["A mistake"] * 2


def test_an_annotators_single_answers_are_withdrawn_by_name(session: Session, project: Project) -> None:
    person, idle = make.user(session), make.user(session)
    make.item(session, project)
    queue = make.queue(session, project, overlap=1, members=(person, idle))
    answer.safety(session, make.assignment(session, queue, person))
    assert reach(session, project, WithdrawalKind.ANNOTATOR, person.username).n_answers == 1
    withdrawing(session, project, WithdrawalKind.ANNOTATOR, person.username)
    assert withdrawn(session, project.id).annotators == {person.id}
    assert tombstones(session, project.id) == []
    assert [entry.user_id for entry in entries(session, Action.WITHDRAWN)] == [person.id]


def test_the_page_previews_withdraws_once_finds_and_ends(
    client: TestClient, session: Session, project: Project, admin: User
) -> None:
    item = make.item(session, project, prompt=PROMPT)
    fields: dict[str, Any] = {"kind": "prompt", "named": f"{item.id}\n", "reason": REASON}
    page = post(client, f"{path_of(project)}/preview", **fields)
    assert page.status_code == 200
    assert f'name="named" value="{sha256(PROMPT).hex()}"' in page.text
    assert session.scalars(select(Withdrawal)).all() == []
    for _ in range(2):
        assert post(client, path_of(project), **fields).status_code == 303
    withdrawal = session.scalars(select(Withdrawal)).one()
    assert sha256(PROMPT).hex() in client.get(path_of(project), params={"find": sha256(PROMPT).hex()}).text
    assert "Nothing like that" in client.get(path_of(project), params={"find": "nobody"}).text
    assert "All of it is withdrawn already" in post(client, f"{path_of(project)}/preview", **fields).text
    end = f"{path_of(project)}/{withdrawal.id}/end"
    assert post(client, end).status_code == 422
    elsewhere = f"{path_of(make.project(session))}/{withdrawal.id}/end"
    assert post(client, elsewhere, reason="A mistake").status_code == 404
    assert [post(client, end, reason="A mistake").status_code for _ in range(2)] == [303, 409]
    assert "A mistake" in client.get(path_of(project)).text


def test_a_form_with_mistakes_comes_back_with_a_word_at_the_field(
    client: TestClient, session: Session, project: Project, admin: User
) -> None:
    elsewhere = make.item(session, make.project(session))
    for kind, named, sentence in (
        ("prompt", "", "Fill this in."),
        ("prompt", "abc", "neither a SHA-256"),
        ("response", elsewhere.id, f"There is no item {elsewhere.id} in this project."),
        ("annotator", "nobody", "Nobody named nobody"),
        ("prompt", "\n".join(map(str, range(1, 10_002))), "10,000 at a time"),
    ):
        fields: dict[str, Any] = {"kind": kind, "named": named, "reason": REASON}
        page = post(client, f"{path_of(project)}/preview", **fields)
        assert page.status_code == 422
        assert sentence in page.text
        assert 'aria-describedby="named-hint named-error"' in page.text
        assert post(client, path_of(project), **fields).status_code in {404, 422}
    for path in (path_of(project), f"{path_of(project)}/preview"):
        fields = {"kind": "prompt", "named": "1", "reason": " "}
        assert post(client, path, **fields).status_code == 422
        assert post(client, path.replace(str(project.id), "999999"), **fields).status_code == 404
    assert session.scalars(select(Withdrawal)).all() == []
