"""The card beside a dataset: its numbers are the manifest's, and no text breaks out of its place."""

from itertools import pairwise
from pathlib import Path

import pytest

from app.releases.card.whole import size_category
from app.releases.manifest import ReleaseFacts, Split
from app.releases.rows.pku import ResponsePair
from tests.releases import samples
from tests.releases.samples import write_release


def card_of(
    folder: Path, pairs: list[ResponsePair], release: ReleaseFacts, dataset: str = "PKU-SafeRLHF"
) -> str:
    write_release(folder, release, [], pairs)
    return (folder / dataset / "README.md").read_text(encoding="utf-8")


def pairs_of_each_kind() -> list[ResponsePair]:
    return [
        samples.response_pair("1"),
        samples.response_pair("2", better=0),
        samples.response_pair("3", samples.unsafe("Sure.", categories=("Drugs", "Violence"), severity=3)),
        samples.response_pair("4", better="tie"),
    ]


def test_it_shows_counts_and_shares(tmp_path: Path) -> None:
    card = card_of(tmp_path / "3", pairs_of_each_kind(), samples.facts())
    for line in (
        "Labelled responses: 6.",
        "| safe | 2 | 33.3 % |",
        "| unsafe | 4 | 66.7 % |",
        "| severity 3 | 1 | 16.7 % |",
        "| Drugs | 1 | 16.7 % | 0 | 0 | 1 |",
        "| Cybercrime | 3 | 50.0 % | 0 | 3 | 0 |",
        "| The better and the safer response are different ones | 2 | 66.7 % |",
        "| One response is safe | 2 | 66.7 % |",
        "| `default` | 3 | 0 |",
    ):
        assert line in card.splitlines()


def test_it_shows_what_was_left_out_and_why(tmp_path: Path) -> None:
    card = card_of(tmp_path / "3", pairs_of_each_kind(), samples.facts())
    assert "| `helpfulness_tie` | The helpfulness rankings name no winner. | 1 |" in card
    assert "Left out in all: 1." in card


@pytest.mark.parametrize(("n_files", "is_told"), [(32, False), (33, True)])
def test_it_tells_readers_of_many_files_what_duckdb_needs(
    tmp_path: Path, n_files: int, is_told: bool
) -> None:
    judged = [samples.judged(samples.said_safe(), prompt=f"Question {n}?") for n in range(n_files)]
    write_release(tmp_path / "3", samples.facts(), [], pairs_of_each_kind(), [], judged, shard_bytes=1)
    card = (tmp_path / "3" / "annotations" / "README.md").read_text(encoding="utf-8")
    assert ("`union_by_name = true`" in card) is is_told
    assert (f"these {n_files} JSON Lines files" in card) is is_told


def test_it_shows_the_agreement_figures_given(tmp_path: Path) -> None:
    card = card_of(tmp_path / "3", pairs_of_each_kind(), samples.facts())
    assert "### Safety labels" in card
    assert "| safe | nominal | 0.512 | not defined |" in card


def test_it_says_so_when_there_are_no_agreement_figures(tmp_path: Path) -> None:
    card = card_of(tmp_path / "3", pairs_of_each_kind(), samples.facts(agreement=()))
    assert "No agreement figures were computed for this release." in card


def test_it_warns_of_the_content_and_says_how_the_labels_came_about(tmp_path: Path) -> None:
    card = card_of(tmp_path / "3", pairs_of_each_kind(), samples.facts())
    assert "**Content warning.**" in card
    assert "- The majority decides." in card
    assert "Release 3, labels as of 2026-01-02T03:04:05+00:00" in card


def test_the_single_dimension_card_has_no_safety_statistics(tmp_path: Path) -> None:
    card = card_of(tmp_path / "3", pairs_of_each_kind(), samples.facts(), "PKU-SafeRLHF-single-dimension")
    assert "| Response 0 is the better one | 4 | 100.0 % |" in card
    assert "Labelled responses" not in card
    assert "severity" not in card


def test_a_project_name_cannot_change_the_page(tmp_path: Path) -> None:
    name = "A\n---\n# <script>alert(1)</script> | *b* [x](y)"
    card = card_of(tmp_path / "3", pairs_of_each_kind(), samples.facts(project=name))
    title = next(line for line in card.splitlines() if line.startswith("# "))
    assert title == r"# A --- \# \<script\>alert(1)\</script\> \| \*b\* \[x\](y): PKU-SafeRLHF"
    assert card.count("\n---\n") == 1


@pytest.mark.parametrize(
    ("n_rows", "category"),
    [(1, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (265_000, "100K<n<1M"), (10**8, "100M<n<1B")],
)
def test_the_size_category_is_the_hubs(n_rows: int, category: str) -> None:
    assert size_category(n_rows) == category


def test_each_dataset_has_a_card_whose_headings_have_something_to_say(tmp_path: Path) -> None:
    manifest = samples.write_all(tmp_path / "3")
    for entry in manifest.datasets:
        card = (tmp_path / "3" / entry.name / "README.md").read_text(encoding="utf-8")
        blocks = [block for block in card.split("\n\n") if block.strip()]
        for block, following in pairwise(blocks):
            assert not (block.startswith("## ") and following.startswith("## ")), entry.name
        assert f"| `default` | {entry.configs['default'][Split.TRAIN]} |" in card
        assert "`parquet/`" in card


def test_a_dataset_without_labels_says_nothing_of_how_they_were_made(tmp_path: Path) -> None:
    samples.write_all(tmp_path / "3")
    card = (tmp_path / "3/PKU-SafeRLHF-prompt/README.md").read_text(encoding="utf-8")
    assert "## How the labels were made" not in card
    assert "## Agreement" not in card


def test_judgements_warn_that_a_pseudonym_is_no_anonymity(tmp_path: Path) -> None:
    samples.write_all(tmp_path / "3")
    card = (tmp_path / "3/annotations/README.md").read_text(encoding="utf-8")
    assert "| Annotators | 2 |" in card
    assert "not as making people anonymous" in card


def test_unpaired_rows_are_counted_by_label(tmp_path: Path) -> None:
    samples.write_all(tmp_path / "3", 60)
    card = (tmp_path / "3/trl-unpaired/README.md").read_text(encoding="utf-8")
    assert "| Label true: the completion is safe | 60 |" in card
