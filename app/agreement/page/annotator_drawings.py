"""What is drawn of annotators' agreement with each other: all of them where they are few, else the lowest."""

from collections.abc import Sequence

from app.agreement.page.annotators import AnnotatorPair, WithOthers, by_mean_kappa
from app.agreement.page.bias_drawings import MOST_ANNOTATORS, title_of
from app.agreement.page.drawings import FEW_ITEMS, bin_names, spoken
from app.agreement.page.plots.dots import DotPlot, Heads, Measured, dot_plot
from app.agreement.page.plots.grid import Bins, GridPlot, Value, triangle_plot
from app.agreement.page.rows import name_of
from app.agreement.page.words import question_words
from app.agreement.report.content import KappaMatrix
from app.i18n import gettext as _
from app.web.minus import with_minus

KAPPA_EDGES = (0.2, 0.4, 0.6, 0.8)
KAPPA_COLOURS = (0, 1, 2, 4, 6)
MOST_IN_LARGE_CELLS = 36


def kappa_plot(matrix: KappaMatrix, names: dict[int, str]) -> GridPlot:
    order = by_mean_kappa(matrix)
    people = [name_of(matrix.annotator_ids[place], names) for place in order]
    return triangle_plot(
        question_words(matrix.question),
        _("A cell for each two annotators; the stronger the colour, the more they agree. Best mean first."),
        people,
        [[kappa_cell(matrix, a, b, names) for b in order[:r]] for r, a in enumerate(order)],
        Bins(
            _("Cohen's kappa; empty where it is not defined or two share no items"),
            KAPPA_EDGES,
            bin_names(KAPPA_EDGES, as_percent=False),
            KAPPA_COLOURS,
            has_below=True,
        ),
        side=30 if len(order) <= MOST_IN_LARGE_CELLS else 13,
    )


def kappa_cell(matrix: KappaMatrix, a: int, b: int, names: dict[int, str]) -> Value:
    kappa = matrix.kappa[a][b]
    pair = " / ".join(name_of(matrix.annotator_ids[place], names) for place in (a, b))
    said = spoken(kappa, matrix.lower[a][b], matrix.upper[a][b])
    title = f"{pair}: {said}, n = {matrix.n[a][b]:,}"
    text = "" if kappa is None else with_minus(f"{kappa:.2f}".replace("0.", ".", 1))
    return Value(kappa, text, title=title)


def lowest_plot(found: Sequence[WithOthers]) -> DotPlot:
    """`found`: of one question, the lowest first."""
    shown = found[:MOST_ANNOTATORS]
    return dot_plot(
        title_of(question_words(found[0].question), len(shown), len(found)),
        _("A dot for an annotator's mean kappa with all others, weighted by the items they share."),
        [
            Measured(
                label=of.annotator.name,
                value=of.kappa,
                n=f"{of.n:,}",
                note="" if of.kappa is not None else _("not defined"),
                title=f"{of.annotator.name}: {spoken(of.kappa, None, None)}, n = {of.n:,}",
                is_faint=of.n < FEW_ITEMS,
            )
            for of in shown
        ],
        Heads(_("mean kappa"), n=_("items")),
    )


def row_plot(pairs: Sequence[AnnotatorPair]) -> DotPlot:
    """`pairs`: of one annotator and one question, the lowest first."""
    shown = pairs[:MOST_ANNOTATORS]
    return dot_plot(
        title_of(question_words(pairs[0].question), len(shown), len(pairs)),
        _("A dot for Cohen's kappa with each other annotator with its interval."),
        [
            Measured(
                label=pair.with_annotator.name,
                value=pair.kappa,
                lower=pair.lower,
                upper=pair.upper,
                n=f"{pair.n:,}",
                note="" if pair.kappa is not None else _("not defined"),
                title=f"{pair.with_annotator.name}: {spoken(pair.kappa, pair.lower, pair.upper)}",
                is_faint=pair.n < FEW_ITEMS,
            )
            for pair in shown
        ],
        Heads(_("kappa, 95 %"), n=_("items of both")),
    )
