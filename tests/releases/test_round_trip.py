"""A release comes back whole: its texts and its annotations, brought into a project of their own, make the
same release.

The same are all rows and, in the datasets of texts and labels, their order too, to the byte. What a release
makes new is another one: the annotators' pseudonyms, here also one a dimension. Posteriors are of one queue,
and the answers of two come back in one.
"""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.annotations.actions import submit_ranking
from app.annotations.forms import Ranking, SafetyLabel
from app.annotations.models import Verdict
from app.assignments.models import Assignment
from app.db import transaction
from app.items.models import ItemResponse
from app.items.rows import JsonObject
from app.projects.models import Project
from app.projects.pku import PKU
from app.projects.queries import project_named
from app.queues.models import Queue, QueueKind
from app.releases.manifest import DatasetName
from tests import answer, make
from tests.conftest import Evenhand
from tests.releases import samples

MODELS = ("Alpaca-7B", "Alpaca2-7B", "Alpaca3-8B")
NUMBERS = range(1, 7)
# Their files are the same, to the byte.
LABELLED = [
    name for name in samples.DATASETS if name not in ("PKU-SafeRLHF-prompt", "annotations", "consensus")
]


def rows_of_items(chance: Random) -> list[JsonObject]:
    """By turns sets of two and of four responses, of several models and of none that is known."""
    return [
        {
            "prompt": f"Question {number}?",
            "prompt_source": "drafted" if number % 3 else "",
            "responses": [
                {"text": f"Answer {place} to question {number}.", "source": chance.choice([*MODELS, ""])}
                for place in range(4 if number % 2 else 2)
            ],
        }
        for number in NUMBERS
    ]


def answer_all(session: Session, project: Project, chance: Random) -> None:
    """Two people in each kind of queue; one of the safety labels is left open."""
    make.guideline(session, project)
    for kind in QueueKind:
        people = make.user(session), make.user(session)
        queue = make.queue(session, project, kind=kind, overlap=2, members=people)
        for person in people:
            while (assignment_id := make.claim(session, queue, person)) is not None:
                assignment = session.get_one(Assignment, assignment_id, populate_existing=True)
                give_answers(session, queue, assignment, chance)


def give_answers(session: Session, queue: Queue, assignment: Assignment, chance: Random) -> None:
    if queue.kind == QueueKind.SAFETY:
        answer.safety(session, assignment, label(chance))
        return
    n_responses = len(session.scalars(select(ItemResponse).filter_by(item_id=assignment.item_id)).all())
    for step in queue.steps:
        answer.uncover_all(session, assignment)
        member = answer.member_of(session, assignment)
        submit_ranking(session, member, assignment.id, step, ranking(n_responses, chance))


def label(chance: Random) -> SafetyLabel:
    """As likely safe as not."""
    if chance.random() < 0.5:
        return SafetyLabel(is_safe=True, confidence=chance.choice([None, 0, 3]))
    categories = chance.sample(PKU.category_names, k=chance.randint(1, 3))
    return answer.harmful(*categories, severity=chance.randint(1, 3))


def ranking(n_responses: int, chance: Random) -> Ranking:
    """Ties among them, some that call all bad, and some that nothing could be judged."""
    return Ranking(
        verdict=chance.choices(list(Verdict), weights=[8, 1, 1])[0],
        ranks=[chance.randint(1, n_responses) for _ in range(n_responses)],
        strength=chance.randint(1, 3),
        confidence=chance.choice([None, 1, 2]),
    )


@pytest.fixture
def released(evenhand: Evenhand, tmp_path: Path) -> Path:
    """The folder of a release of a campaign with all kinds of queues."""
    chance = Random(7)
    path = tmp_path / "items.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows_of_items(chance)))
    assert evenhand("import", str(path), "--project", "Spring")[0] == 0
    with transaction() as session:
        answer_all(session, project_named(session, "Spring"), chance)
    return release_of(evenhand, "Spring")


def release_of(evenhand: Evenhand, project: str) -> Path:
    code, printed = evenhand("release", project)
    assert code == 0
    return Path(printed.splitlines()[0].partition(": ")[2])


def test_a_release_brought_in_makes_the_same_release(evenhand: Evenhand, released: Path) -> None:
    for below in ("", "parquet"):
        project = f"Copy of {below or 'lines'}"
        texts, answers = (released / name / below for name in ("PKU-SafeRLHF-QA", "annotations"))
        code, printed = evenhand("import", str(texts), "--project", project)
        assert (code, "0 rows rejected" in printed) == (0, True)
        code, printed = evenhand("import-answers", str(answers), "--project", project)
        assert (code, "0 second answers left out, 0 rejected" in printed) == (0, True)
        assert_same(release_of(evenhand, project), released)


def assert_same(copy: Path, released: Path) -> None:
    for name in LABELLED:
        assert files_of(copy / name) == files_of(released / name) != {}
    for name in samples.DATASETS:
        assert rows_of(copy, name) == rows_of(released, name)
        assert counts_of(copy, name) == counts_of(released, name)
    assert by_annotator(copy) == by_annotator(released)


def files_of(dataset: Path) -> dict[str, bytes]:
    """All but the card, which names the project and its queues."""
    files = [path for path in dataset.rglob("*") if path.suffix in (".jsonl", ".parquet")]
    return {path.relative_to(dataset).as_posix(): path.read_bytes() for path in files}


def rows_of(release: Path, name: DatasetName) -> Counter[str]:
    """Each row with its file, and without its pseudonym and posteriors."""
    return Counter(
        f"{path.relative_to(release)} {orjson.dumps(without_new(row)).decode()}"
        for path in release.glob(f"{name}/data/*/*.jsonl")
        for row in map(orjson.loads, path.read_bytes().splitlines())
    )


def without_new(row: JsonObject) -> JsonObject:
    kept = {field: value for field, value in row.items() if field not in ("annotator", "posterior")}
    if kept.get("pairs"):
        kept["pairs"] = [
            {field: value for field, value in pair.items() if not field.endswith("_posterior")}
            for pair in kept["pairs"]
        ]
    return kept


def counts_of(release: Path, name: DatasetName) -> dict[str, Any]:
    """Rows by split and model, what was left out and why, and what the labels are."""
    manifest = orjson.loads((release / "manifest.json").read_bytes())
    (entry,) = (entry for entry in manifest["datasets"] if entry["name"] == name)
    return {field: entry[field] for field in ("n_rows", "configs", "dropped", "labels", "pairs")}


def by_annotator(release: Path) -> Counter[frozenset[str]]:
    """What each annotator said in a dimension, whoever it is."""
    said: dict[tuple[str, str], set[str]] = {}
    for path in release.glob("annotations/data/*/*.jsonl"):
        for row in map(orjson.loads, path.read_bytes().splitlines()):
            person = path.parent.name, row["annotator"]
            said.setdefault(person, set()).add(orjson.dumps(without_new(row)).decode())
    return Counter(map(frozenset, said.values()))
