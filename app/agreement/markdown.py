"""The section of a release's card that tells its agreement, in Markdown and in English."""

from collections.abc import Iterable, Iterator, Sequence

from app.agreement.markdown_blocks import bullets, plain, table
from app.agreement.page.rows import BY_CHANCE
from app.agreement.report.content import Figure, Halo, Report, Share

CATEGORY = "category: "
UNDEFINED = "not defined"
READING = (
    "Alpha is Krippendorff's, AC1 is Gwet's; both are 1 for perfect agreement and 0 for what chance gives. "
    "Prevalence is the share of answers that say yes. Where it is near 0 or 1, alpha falls though people "
    "agree on nearly every item: read it beside AC1, the prevalence and the number of items."
)


def card_section(report: Report) -> str:
    """Without a heading of its own; those inside are of the third level. Ends with a line break."""
    blocks = [*_figures(report), *_models(report), *_versus(report), *_hygiene(report)]
    return "\n\n".join(blocks) + "\n"


def _figures(report: Report) -> Iterator[str]:
    if not report.figures:
        yield "No agreement figures were computed."
        return
    yield (
        f"Over {report.n_items:,} items with {report.n_answers:,} answers of {report.n_annotators:,} "
        f"annotators. Intervals are of 95 %, from {report.n_resamples:,} resamples of items "
        f"(seed {report.seed})."
    )
    heads = ("Question", "Level", "Alpha", "AC1", "Raw agreement", "Prevalence", "Items", "Answers")
    yield table(heads, (_figure(figure) for figure in report.figures))
    yield READING


def _figure(figure: Figure) -> Sequence[str | int]:
    return (
        plain(figure.question.removeprefix(CATEGORY)),
        plain(figure.level),
        _number(figure.alpha, figure.alpha_lower, figure.alpha_upper),
        _number(figure.ac1, figure.ac1_lower, figure.ac1_upper),
        _share(figure.raw_agreement),
        _share(figure.prevalence),
        figure.n_items,
        figure.n_answers,
    )


def _models(report: Report) -> Iterator[str]:
    if report.models:
        yield "### Consensus models"
        yield "Dawid and Skene's model, one for each question."
        yield table(
            ("Question", "Prevalence of each value", "Iterations", "Converged", "Log-likelihood"),
            (
                (
                    plain(model.question.removeprefix(CATEGORY)),
                    " / ".join(f"{share:.3f}" for share in model.prevalence),
                    model.n_iterations,
                    model.has_converged,
                    f"{model.log_likelihood:,.2f}",
                )
                for model in report.models
            ),
        )


def _versus(report: Report) -> Iterator[str]:
    if report.versus:
        yield "### Consensus against imported labels"
        yield table(
            ("Question", "File", "Cohen's kappa", "Raw agreement", "Items"),
            (
                (
                    plain(each.question.removeprefix(CATEGORY)),
                    plain(each.source),
                    _number(each.kappa, each.lower, each.upper),
                    _share(each.raw_agreement),
                    sum(sum(row) for row in each.n),
                )
                for each in report.versus
            ),
        )


def _hygiene(report: Report) -> Iterator[str]:
    lines = [
        *_orders(report),
        *_position(report.position),
        *_halos(report.halos),
        *_contradictions(report.contradictions),
        *_near_duplicates(report),
    ]
    if lines:
        yield "### Hygiene"
        yield bullets(lines)


def _orders(report: Report) -> Iterator[str]:
    for each in report.orders:
        yield (
            f"Orders of the same responses, {plain(each.dimension)}: Kendall's tau-b {_number(each.tau_b)} "
            f"over {each.n_pairs:,} pairs of orders; {_share(each.agree)} of the preferences in them are the "
            f"same, {_share(each.disagree)} differ, in {_share(each.one_tie)} one says tie."
        )


def _position(found: Sequence[Share]) -> Iterator[str]:
    people = [each for each in found if each.annotator_id is not None]
    for each in found:
        if each.annotator_id is None and each.n:
            own = [of for of in people if of.question == each.question]
            n_biased = sum(of.p is not None and of.p < BY_CHANCE for of in own)
            of_people = f" Of {len(own):,} annotators, {n_biased:,} prefer a place (p < {BY_CHANCE})."
            yield (
                f"Position, {plain(each.question)}: the response shown first won {_share_of(each)}; a half "
                f"is expected.{of_people if own else ''}"
            )


def _halos(found: Iterable[Halo]) -> Iterator[str]:
    known = [halo for halo in found if halo.lower is not None]
    if known:
        n_above = sum(halo.lower is not None and halo.lower > 0 for halo in known)
        yield (
            f"Halo: of {len(known):,} annotators, {n_above:,} depart from the others in both preferences at "
            "once more often than by chance (the whole interval is above 0)."
        )


def _contradictions(found: Iterable[Share]) -> Iterator[str]:
    for each in found:
        if each.annotator_id is None and each.n:
            yield (
                f"Contradictions, {plain(each.question)}: an order put a response above one that is safer by "
                f"its labels in {_share_of(each)}."
            )


def _near_duplicates(report: Report) -> Iterator[str]:
    if found := report.near_duplicates:
        yield (
            f"Near-duplicates: {found.n_consistent:,} of {found.n_pairs:,} pairs of items in nearly the same "
            f"words have the same label ({_share(found.share)}{_between(found.lower, found.upper)})."
        )


def _share_of(each: Share) -> str:
    return f"{_share(each.share)}{_between(each.lower, each.upper)} of {each.n:,}"


def _between(lower: float | None, upper: float | None) -> str:
    return "" if lower is None or upper is None else f" [{_share(lower)}, {_share(upper)}]"


def _number(value: float | None, lower: float | None = None, upper: float | None = None) -> str:
    if value is None:
        return UNDEFINED
    return f"{value:.3f}" if lower is None or upper is None else f"{value:.3f} [{lower:.3f}, {upper:.3f}]"


def _share(value: float | None) -> str:
    return UNDEFINED if value is None else f"{100 * value:.1f} %"
