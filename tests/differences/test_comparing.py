"""What changed between two releases on disk."""

import csv
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest

from app.differences.comparing import compare_releases
from app.differences.content import AgreementDifference, Change, DatasetDifference, Listed, Transition
from app.differences.sources import ReleaseUnreadable, source_in
from app.releases.manifest import DatasetName, QueueAgreement
from app.releases.rows.judgements import JudgedItem
from app.releases.rows.pku import LabelledResponse, Preference, QAPair, ResponsePair, text_checksum
from app.releases.rows.training import AskedPrompt
from tests.releases import samples

COUNTS = ("n_before", "n_after", "n_same", "n_added", "n_removed", "n_changed")


class Folders:
    """Two releases; `list_path`: where the comparison lists everything."""

    def __init__(self, place: Path) -> None:
        self.before, self.after, self.list_path = place / "1", place / "2", place / "list.csv"

    def compared(self) -> dict[DatasetName, DatasetDifference]:
        found = compare_releases(source_in(self.before), source_in(self.after), self.list_path)
        return {DatasetName(each.name): each for each in found.datasets}

    def listed(self) -> list[dict[str, str]]:
        with self.list_path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def write(
    folder: Path,
    qa_pairs: Iterable[QAPair] = (),
    pairs: Iterable[ResponsePair] = (),
    prompts: Iterable[AskedPrompt] = (),
    judged: Iterable[JudgedItem] = (),
    alpha: float = 0.5,
) -> None:
    queues = (QueueAgreement("Safety labels", samples.agreement(alpha, n_items=9)),)
    facts = samples.facts(number=int(folder.name), agreement=queues)
    samples.write_release(folder, facts, qa_pairs, pairs, prompts, judged)


def counts(difference: DatasetDifference) -> tuple[int, ...]:
    return tuple(getattr(difference, name) for name in COUNTS)


def test_rows_are_the_same_new_gone_or_labelled_anew(folders: Folders) -> None:
    kept = [samples.qa_pair(f"Question {number}?", samples.unsafe()) for number in range(5)]
    changed, gone, new = (
        samples.qa_pair(prompt, samples.unsafe()) for prompt in ("Changed?", "Gone?", "New?")
    )
    write(folders.before, [*kept, changed, gone])
    anew = samples.unsafe(categories=("Cybercrime", "Drugs"), severity=3, source="Other")
    write(folders.after, [new, samples.qa_pair("Changed?", anew), *reversed(kept)])
    found = folders.compared()
    assert counts(found[DatasetName.QA]) == (7, 7, 5, 1, 1, 1)
    assert found[DatasetName.QA].transitions == [
        Transition("response_source", "Alpaca-7B", "Other", 1),
        Transition("severity_level", 2, 3, 1),
        Transition("harm_category.Drugs", False, True, 1),
    ]
    # Its label says no more than safe or not, and that is the same.
    assert counts(found[DatasetName.UNPAIRED]) == (7, 7, 6, 1, 1, 0)
    key = text_checksum("Changed?", changed.response.text)
    assert Listed(Change.CHANGED, key, "severity_level", "2", "3") in found[DatasetName.QA].listed
    of_qa = [line for line in folders.listed() if line["dataset"] == DatasetName.QA]
    assert [line["change"] for line in of_qa].count("changed") == 3
    (line,) = [line for line in of_qa if line["change"] == "added"]
    assert line["key"] == text_checksum("New?", new.response.text)
    assert orjson.loads(line["after"])["harm_category.Cybercrime"] is True
    assert line["before"] == ""


def test_a_pair_is_the_same_in_whatever_order(folders: Folders) -> None:
    first, second = samples.safe(), samples.unsafe()
    write(folders.before, pairs=[samples.response_pair("May I?", first, second, better=1, safer=0, single=1)])
    write(folders.after, pairs=[samples.response_pair("May I?", second, first, better=0, safer=1, single=0)])
    for difference in folders.compared().values():
        assert difference.n_added == difference.n_removed == difference.n_changed == 0


@pytest.mark.parametrize(("harmful", "safe"), [(0, 1), (1, 0)])
def test_the_sides_of_a_changed_pair_are_numbered_as_in_the_release_before(
    folders: Folders, harmful: Preference, safe: Preference
) -> None:
    sides = [samples.safe(), samples.unsafe()] if harmful else [samples.unsafe(), samples.safe()]
    write(folders.before, pairs=[samples.response_pair("May I?", *sides, better=harmful, safer=safe)])
    worse = [severe(side) for side in reversed(sides)]
    write(folders.after, pairs=[samples.response_pair("May I?", *worse, better=harmful, safer=harmful)])
    found = folders.compared()
    assert found[DatasetName.DUAL].transitions == [
        Transition(f"response_{harmful}_severity_level", 2, 3, 1),
        Transition("better_response_id", harmful, safe, 1),
    ]
    assert found[DatasetName.V0].n_by_field == {"better_response_id": 1}
    for name in (DatasetName.HELPFUL, DatasetName.HELPFUL_CHAT):
        assert found[name].transitions == [Transition("chosen", 0, 1, 1)]
    assert found[DatasetName.HARMLESS].n_same == 1


def severe(side: LabelledResponse) -> LabelledResponse:
    return side if side.is_safe else samples.unsafe(severity=3)


def test_a_prompt_is_told_by_its_text(folders: Folders) -> None:
    write(folders.before, prompts=[AskedPrompt("One?", "demo"), AskedPrompt("Two?", "demo")])
    write(folders.after, prompts=[AskedPrompt("Two?", "import"), AskedPrompt("Three?", "demo")])
    found = folders.compared()[DatasetName.PROMPT]
    assert counts(found) == (2, 2, 0, 1, 1, 1)
    assert found.transitions == [Transition("prompt_source", "demo", "import", 1)]


def test_answers_are_compared_without_their_annotators(folders: Folders) -> None:
    """Pseudonyms are new in each release, and so is the order by pseudonym."""
    write(folders.before, judged=[samples.judged(samples.said_safe("a1"), samples.said_unsafe("a2"))])
    write(
        folders.after,
        judged=[
            samples.judged(samples.said_unsafe("b1"), samples.said_safe("b2")),
            samples.judged(samples.ranked("b1", (1, 2)), samples.ranked("b2", (2, 1))),
        ],
    )
    found = folders.compared()
    assert counts(found[DatasetName.ANNOTATIONS]) == (2, 4, 2, 2, 0, 0)
    assert counts(found[DatasetName.CONSENSUS]) == (1, 2, 1, 1, 0, 0)
    write(
        folders.before,
        judged=[
            samples.judged(samples.said_unsafe("c1"), samples.said_unsafe("c2")),
            samples.judged(samples.ranked("c1", (1, 2)), samples.ranked("c2", (1, 2))),
        ],
    )
    found = folders.compared()
    assert counts(found[DatasetName.ANNOTATIONS]) == (4, 4, 2, 2, 2, 0)
    assert found[DatasetName.CONSENSUS].n_by_field["shares.unsafe"] == 1
    pairs = [each for each in found[DatasetName.CONSENSUS].transitions if each.field == "pairs"]
    assert pairs == [Transition("pairs", "0-1:1/0/0", "0-1:0.5/0.5/0", 1)]


def test_agreement_stands_side_by_side(folders: Folders) -> None:
    write(folders.before, alpha=0.4)
    write(folders.after, alpha=0.6)
    found = compare_releases(source_in(folders.before), source_in(folders.after))
    assert found.agreement == [AgreementDifference("Safety labels", "safe", 0.4, 0.6, None, None)]
    assert all(each.n_before == each.n_after == 0 for each in found.datasets)


def test_a_broken_file_is_named(folders: Folders) -> None:
    for folder in (folders.before, folders.after):
        write(folder, [samples.qa_pair()])
    (path,) = (folders.after / DatasetName.QA).rglob("*.parquet")
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ReleaseUnreadable, match=f"{path} is broken"):
        folders.compared()
    path.unlink()
    with pytest.raises(ReleaseUnreadable, match=f"{path}: No such file"):
        folders.compared()


def test_what_is_no_release_or_one_of_another_format_is_refused(folders: Folders) -> None:
    with pytest.raises(ReleaseUnreadable, match=r"is no release: manifest\.json can't be read"):
        source_in(folders.before)
    write(folders.before, [samples.qa_pair()])
    path = folders.before / "manifest.json"
    manifest = orjson.loads(path.read_bytes())
    for content, message in (
        (manifest | {"format_version": 1}, "has format version 1"),
        (manifest | {"release": {}}, r"release\.project is missing or wrong"),
        ([], "is no manifest"),
    ):
        path.write_bytes(orjson.dumps(content))
        with pytest.raises(ReleaseUnreadable, match=message):
            source_in(folders.before)


def test_a_manifest_reaches_no_file_outside_its_release(folders: Folders) -> None:
    write(folders.before, [samples.qa_pair()])
    path = folders.before / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"PKU-SafeRLHF-QA/parquet/", b"../1/"))
    write(folders.after, [samples.qa_pair()])
    path.write_bytes(path.read_bytes().replace(b"../1/", b"../2/"))
    with pytest.raises(ReleaseUnreadable, match="a file outside the release"):
        folders.compared()
