"""The section of a release's card that tells its agreement."""

from dataclasses import replace

from app.agreement.markdown import card_section
from app.agreement.report.content import Figure, NearDuplicates, Report, Share
from tests.agreement.page.sample_report import sample_report

EMPTY = Report(seed=7, n_resamples=1000, n_items=1200, n_answers=3600, n_annotators=9, figures=[])
FIGURE = Figure(
    "category: Drugs", "nominal", 1200, 3600, 3600, 0.0213, 0.97,
    alpha=0.51, alpha_lower=0.4, alpha_upper=0.62, ac1=0.95, ac1_lower=0.94, ac1_upper=0.96,
)  # fmt: skip


def test_each_figure_stands_with_its_interval_prevalence_and_n() -> None:
    section = card_section(replace(EMPTY, figures=[FIGURE]))
    assert "Over 1,200 items with 3,600 answers of 9 annotators." in section
    assert "from 1,000 resamples of items (seed 7)" in section
    row = "| Drugs | nominal | 0.510 [0.400, 0.620] | 0.950 [0.940, 0.960] | 97.0 % | 2.1 % | 1,200 | 3,600 |"
    assert row in section.split("\n")


def test_what_is_undefined_is_said_to_be() -> None:
    section = card_section(replace(EMPTY, figures=[Figure("safe", "nominal", 0, 3, 0)]))
    undefined = "not defined"
    assert f"| safe | nominal | {undefined} | {undefined} | {undefined} | {undefined} | 0 | 3 |" in section


def test_a_report_without_anything_says_so() -> None:
    assert card_section(EMPTY) == "No agreement figures were computed.\n"


def test_names_can_not_break_the_table() -> None:
    figure = replace(FIGURE, question="category: a|b\n# c")
    assert "| a\\|b \\# c |" in card_section(replace(EMPTY, figures=[figure]))


def test_hygiene_is_summed_up_in_sentences() -> None:
    position = [
        Share("helpfulness", None, 1000, 530, 0.53, 0.5, 0.56, 0.06),
        Share("helpfulness", 1, 500, 330, 0.66, 0.62, 0.7, 1e-9),
        Share("helpfulness", 2, 500, 200, 0.4, 0.36, 0.44, 0.4),
    ]
    near = NearDuplicates(3, 10, 9, 0.9, 0.6, 0.98, [[1, 2]])
    section = card_section(replace(EMPTY, figures=[FIGURE], position=position, near_duplicates=near))
    assert "the response shown first won 53.0 % [50.0 %, 56.0 %] of 1,000" in section
    assert "Of 2 annotators, 1 prefer a place (p < 0.001)." in section
    assert "9 of 10 pairs of items in nearly the same words have the same label" in section
    assert "(90.0 % [60.0 %, 98.0 %])" in section


def test_headings_stand_below_that_of_the_card_and_only_over_content() -> None:
    safety, dual = (card_section(sample_report(kind=kind)) for kind in ("safety", "dual"))
    headings = [line for line in safety.split("\n") if line.startswith("#")]
    assert headings == ["### Consensus models", "### Consensus against imported labels", "### Hygiene"]
    assert "### Consensus against imported labels" not in dual
    assert "Kendall's tau-b 0.372 over 36,210 pairs of orders" in dual
    assert safety.endswith("\n")
    assert "\n\n\n" not in safety
