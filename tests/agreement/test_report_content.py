"""What of a report may be published."""

from app.agreement.markdown import card_section
from app.agreement.report.content import without_people
from tests.agreement.page.sample_report import Kind, sample_report


def test_what_is_published_names_no_annotator_and_no_item() -> None:
    kinds: tuple[Kind, ...] = ("safety", "dual")
    for kind in kinds:
        whole = sample_report(seed=1, kind=kind)
        published = without_people(whole)
        assert (published.kappa_matrices, published.competences, published.halos) == ([], [], [])
        shares = [*published.position, *published.contradictions]
        assert all(share.annotator_id is None for share in shares)
        assert published.near_duplicates is None or published.near_duplicates.groups == []
        assert published.figures == whole.figures


def test_its_card_counts_no_people_where_none_are_told_of() -> None:
    section = card_section(without_people(sample_report(seed=1, kind="dual")))
    assert "the response shown first won" in section
    assert "prefer a place" not in section
    assert "Halo" not in section
