"""What operators type, from the first person to the release."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select, update

from app.accounts.models import Role, User
from app.assignments.models import Assignment
from app.db import now, transaction
from app.items.models import Item
from app.people.counting import count_exposure
from app.people.models import ExposureDay
from app.projects.models import Project
from app.projects.queries import project_named
from app.queues.models import QueueItem
from app.queues.queries import queues_of_project
from app.work.models import WorkDay
from tests import answer, make
from tests.conftest import Evenhand


@pytest.fixture
def items(tmp_path: Path) -> Path:
    path = tmp_path / "items.jsonl"
    rows = [{"prompt": f"Question {number}?", "response": "An answer."} for number in range(4)]
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    return path


def test_a_campaign_runs_from_the_command_line(evenhand: Evenhand, items: Path, home: Path) -> None:
    code, printed = evenhand("create-user", "mina", "--password", "correct horse")
    assert (code, printed) == (0, "mina can sign in as annotator.\n")
    code, printed = evenhand("import", str(items), "--project", "Spring")
    assert (code, printed) == (
        0,
        "4 rows: 4 new QA pairs, 0 new response sets, 0 rows rejected.\n",
    )
    with transaction() as session:
        mina = session.scalars(select(User).where(User.username == "mina")).one()
        project = project_named(session, "Spring")
        queue = make.queue(session, project, overlap=1, members=(mina,))
        item_ids = session.scalars(select(Item.id)).all()
        answer.all_safety(session, queue, mina, dict.fromkeys(item_ids, answer.SAFE))
    code, printed = evenhand("agreement", "Spring")
    assert code == 0
    assert f"{queue.name}: 4 annotations by 1 annotators" in printed
    code, printed = evenhand("release", "Spring")
    assert code == 0
    folder = home / "releases" / str(project.id) / "1"
    assert f"Release 1 of Spring: {folder}\n" in printed
    assert (folder / "manifest.json").exists()
    code, printed = evenhand(
        "release", "Spring", "--filter", "min_answers=2", "--filter", f"queues={queue.name}"
    )
    assert code == 0
    assert "PKU-SafeRLHF-QA                        0 rows, 4 left out" in printed
    for wrong in ("min_answers=many", "answers=2", "queues=Another"):
        assert str(evenhand("release", "Spring", "--filter", wrong)[0]).startswith("evenhand: --filter")


def test_two_releases_are_compared_by_number_or_folder(
    evenhand: Evenhand, items: Path, home: Path, tmp_path: Path
) -> None:
    evenhand("import", str(items), "--project", "Spring")
    with transaction() as session:
        mina = make.user(session)
        project = project_named(session, "Spring")
        queue = make.queue(session, project, overlap=1, members=(mina,))
        item_ids = session.scalars(select(Item.id)).all()
        answer.all_safety(session, queue, mina, dict.fromkeys(item_ids, answer.SAFE))
    for _ in range(2):
        assert evenhand("release", "Spring")[0] == 0
    code, printed = evenhand("diff", "Spring:1", "Spring:2", "--list", str(tmp_path / "list.csv"))
    assert code == 0
    assert "From release 1 of Spring" in printed
    assert [line.split()[1:] for line in printed.splitlines() if line.startswith("PKU-SafeRLHF-QA")] == [
        ["4", "4", "4", "0", "0", "0"]
    ]
    assert (tmp_path / "list.csv").read_text() == "dataset,change,key,field,before,after\n"
    folder = home / "releases" / str(project.id) / "1"
    code, printed = evenhand("diff", str(folder), "Spring:2", "--json")
    assert code == 0
    assert orjson.loads(printed)["before"]["number"] == 1
    assert evenhand("diff", "Spring:1", "Spring:3")[0] == "evenhand: Spring has no finished release 3."
    assert str(evenhand("diff", "Spring", "Spring:1")[0]).startswith("evenhand: Spring is no release")


def test_a_user_may_have_each_role_and_a_name_only_one_owner(evenhand: Evenhand) -> None:
    for role in Role:
        assert evenhand("create-user", f"the-{role}", "--role", role, "--password", "correct horse")[0] == 0
    code, _ = evenhand("create-user", "The-Admin", "--password", "correct horse")
    assert code == "evenhand: There is already a user named the-admin."
    with transaction() as session:
        assert set(session.scalars(select(User.role))) == set(Role)


def test_what_is_wrong_with_a_new_user_is_said_in_one_line(evenhand: Evenhand) -> None:
    assert evenhand("create-user", "mina", "--password", "short")[0] == (
        "evenhand: password: Make this 10 characters or more."
    )
    assert evenhand("create-user", "a b", "--password", "correct horse")[0] == (
        "evenhand: username: Use letters, digits and . _ @ + - only, 2 to 64 of them."
    )


def test_an_import_goes_into_the_project_of_that_name_and_may_be_repeated(
    evenhand: Evenhand, items: Path
) -> None:
    assert evenhand("create-project", "Spring")[0] == 0
    evenhand("import", str(items), "--project", "Spring")
    code, printed = evenhand("import", str(items), "--project", "Spring")
    assert code == 0
    assert "0 new QA pairs" in printed
    with transaction() as session:
        assert len(session.scalars(select(Project)).all()) == 1
        assert queues_of_project(session, project_named(session, "Spring").id) == []


def test_a_check_counts_and_keeps_nothing(evenhand: Evenhand, items: Path, answers: Path) -> None:
    assert evenhand("import", str(items), "--project", "Spring", "--check")[0] == (
        "evenhand: There is no project named 'Spring'."
    )
    evenhand("create-project", "Spring")
    code, printed = evenhand("import", str(items), "--project", "Spring", "--check")
    assert code == 0
    assert printed.splitlines() == [
        "4 rows: 4 new QA pairs, 0 new response sets, 0 rows rejected.",
        "Checked alone: nothing was imported.",
    ]
    told = ("--columns", "label=ann,bob", "--map", "item=id", "--map", "is_safe=label:Safe|Bad", "--check")
    code, printed = evenhand("import-answers", str(answers), "--project", "Spring", *told)
    assert (code, printed.splitlines()[-1]) == (0, "Checked alone: nothing was imported.")
    assert printed.startswith("8 answers: 8 new of 2 annotators")
    with transaction() as session:
        assert session.scalars(select(Item)).all() == []
        assert queues_of_project(session, project_named(session, "Spring").id) == []


def test_columns_are_mapped_once_and_remembered(evenhand: Evenhand, tmp_path: Path) -> None:
    path = tmp_path / "asked.csv"
    path.write_text("question,response,safe\nIs it late?,No.,yes\n")
    command = ("import", str(path), "--project", "Spring")
    assert "--map OURS=THEIRS says which key is which" in str(evenhand(*command)[0])
    assert "There is no field mood" in str(evenhand(*command, "--map", "mood=question")[0])
    told = ("--map", "prompt=question", "--map", "is_safe=safe:yes")
    for options, printed in ((told, "1 rows: 1 new QA pairs"), ((), "1 rows: 0 new QA pairs")):
        assert evenhand(*command, *options)[1].startswith(printed)


def test_similar_responses_are_left_out_by_choice(evenhand: Evenhand, items: Path) -> None:
    text = "A fjord is a long and narrow inlet of the sea, which a glacier made in the last ice age."
    rows = [{"prompt": "Why?", "responses": [text, text.upper(), text.replace("narrow", "slender")]}]
    items.write_bytes(orjson.dumps(rows))
    evenhand("create-project", "Spring")
    for options in (("--check",), ()):
        told = ("--project", "Spring", "--leave-out-similar", "0.95", *options)
        code, printed = evenhand("import", str(items), *told)
        assert code == 0
        assert "2 new QA pairs, 1 new response sets" in printed
        assert "1 responses left out, nearly the same as earlier ones." in printed


def test_rows_that_were_rejected_are_listed_in_a_report(evenhand: Evenhand, items: Path) -> None:
    items.write_bytes(items.read_bytes() + b'\n{"prompt": "", "response": "An answer."}')
    code, printed = evenhand("import", str(items), "--project", "Spring")
    assert code == 0
    assert "1 rows rejected" in printed
    report = Path(printed.splitlines()[-1].removeprefix("What was wrong: "))
    assert "is empty" in report.read_text()


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Two annotators on four items, as another tool might write them."""
    path = tmp_path / "labels.jsonl"
    rows = [{"id": number, "ann": "Safe", "bob": "Safe" if number else "Bad"} for number in range(4)]
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    return path


def test_answers_given_elsewhere_are_brought_in_analysed_and_checked(
    evenhand: Evenhand, answers: Path
) -> None:
    told = ("--columns", "label=ann,bob", "--map", "item=id", "--map", "is_safe=label:Safe")
    filled_in = ("--default-category", "Violence", "--default-severity", "1", "--queue", "Raters")
    for n_new, n_known in ((8, 0), (0, 8)):
        code, printed = evenhand("import-answers", str(answers), "--project", "Old", *told, *filled_in)
        assert (code, printed) == (
            0,
            f"8 answers: {n_new} new of 2 annotators in queue Raters; {n_known} were there,"
            " 0 second answers left out, 0 rejected.\n",
        )
    assert "Raters: 8 annotations by 2 annotators" in evenhand("agreement", "Old")[1]
    assert evenhand("check", "Old") == (0, "Raters: all is well\n")
    assert evenhand("release", "Old")[0] == 0


def test_answers_that_cannot_be_read_are_refused_in_one_line(evenhand: Evenhand, answers: Path) -> None:
    command = ("import-answers", str(answers), "--project", "Old")
    code, _ = evenhand(*command)
    assert str(code).startswith(f"evenhand: {answers}: The first row holds no answer that is known here.")
    assert "“a” can't be read: write OURS=THEIRS" in str(evenhand(*command, "--map", "a")[0])
    told = ("--columns", "label=ann,bob", "--map", "item=id", "--map", "is_safe=label:Safe")
    code, printed = evenhand(*command, *told)
    assert code == 0
    assert "1 rejected" in printed
    report = Path(printed.splitlines()[-1].removeprefix("What was wrong: "))
    assert "one can be told for those without any" in report.read_text()


def test_a_file_that_is_no_json_lines_is_refused_in_one_line(evenhand: Evenhand, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Just some notes.")
    code, _ = evenhand("import", str(path), "--project", "Spring")
    assert isinstance(code, str)
    assert code.startswith(f"evenhand: {path}: ")
    assert len(code.splitlines()) == 1


def test_a_folder_goes_in_as_one_import(evenhand: Evenhand, items: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dataset" / "data" / "model-a"
    folder.mkdir(parents=True)
    items.rename(folder / "train.jsonl")
    (folder / "test.csv").write_text("prompt,response\nWhat is a sound?,A wide inlet.\n")
    code, printed = evenhand("import", str(tmp_path / "dataset"), "--project", "Spring")
    assert (code, printed[:22]) == (0, "5 rows: 5 new QA pairs")
    assert evenhand("import", str(folder), "--project", "Spring")[1].startswith("5 rows: 0 new QA pairs")


def test_a_folder_without_data_is_refused_in_one_line(evenhand: Evenhand, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, _ = evenhand("import", str(tmp_path / "empty"), "--project", "Spring")
    assert isinstance(code, str)
    assert code.startswith("evenhand: The folder has no data files")


@pytest.mark.parametrize("command", ["agreement", "release"])
def test_an_unknown_project_is_one_line(evenhand: Evenhand, command: str) -> None:
    assert evenhand(command, "Autumn")[0] == "evenhand: There is no project named 'Autumn'."


def test_a_project_name_is_used_once(evenhand: Evenhand) -> None:
    evenhand("create-project", "Spring")
    assert evenhand("create-project", "Spring")[0] == "evenhand: There is already a project named Spring."


def test_the_demo_keeps_its_sign_ins_where_only_their_owner_reads_them(
    evenhand: Evenhand, home: Path
) -> None:
    assert evenhand("seed-demo")[0] == 0
    (kept,) = [path for path in home.iterdir() if path.is_file()]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "user name: annotator" in kept.read_text()
    kept.unlink()
    assert evenhand("seed-demo")[0] == 0
    assert not kept.exists()


def test_settings_that_lack_are_named_in_one_line() -> None:
    without = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", "migrate"], env=without, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "DATABASE_URL" in ended.stderr


def test_check_names_what_is_wrong_and_repairs_on_request_alone(evenhand: Evenhand, items: Path) -> None:
    evenhand("import", str(items), "--project", "Spring")
    with transaction() as session:
        queue = make.queue(session, project_named(session, "Spring"), members=(make.user(session),))
    assert evenhand("check") == (0, f"{queue.name}: all is well\n")
    with transaction() as session:
        session.execute(update(QueueItem).values(n_assigned=1))
    for _ in range(2):
        code, printed = evenhand("check", "Spring")
        assert "evenhand check --repair" in str(code)
        assert f"{queue.name}: an item's counts are not those of its assignments: 4" in printed
    assert evenhand("check", "--repair")[0] == 0
    assert evenhand("check") == (0, f"{queue.name}: all is well\n")


def test_check_counts_the_days_of_members_too(evenhand: Evenhand, items: Path) -> None:
    evenhand("import", str(items), "--project", "Spring")
    with transaction() as session:
        queue = make.queue(session, project_named(session, "Spring"), members=(make.user(session),))
        [annotator] = session.scalars(select(User).where(User.role == Role.ANNOTATOR))
        held = make.assignment(session, queue, annotator)
        session.execute(update(Assignment).values(created_at=now() - timedelta(days=40)))
        answer.safety(session, held, answer.harmful("Drugs"))
    for _ in range(2):
        with transaction() as session:
            count_exposure(session)
    assert evenhand("check") == (0, f"{queue.name}: all is well\n")
    with transaction() as session:
        session.execute(update(WorkDay).values(n_items=7))
        session.execute(update(ExposureDay).values(n_severity_3=7))
    code, printed = evenhand("check")
    assert "evenhand check --repair" in str(code)
    named = f": 1, ids {annotator.id}"
    assert f"the sums of a member's day of work are not those of their answers{named}" in printed
    assert f"the sums of what a member was shown on a day are not right{named}" in printed
    assert evenhand("check", "--repair")[0] == 0
    assert evenhand("check") == (0, f"{queue.name}: all is well\n")
