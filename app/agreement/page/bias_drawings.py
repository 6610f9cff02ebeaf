"""What of a report is drawn of sources and of annotators' habits: dots with their intervals."""

from collections.abc import Iterable, Sequence

from app.agreement.page.drawings import FEW_ITEMS, spoken
from app.agreement.page.plots.dots import DotPlot, Heads, Measured, dot_plot
from app.agreement.page.plots.scale import percent
from app.agreement.page.rows import BY_CHANCE, HaloOf, name_of, or_last
from app.agreement.page.words import question_words
from app.agreement.report.content import Share, Strengths
from app.i18n import gettext as _

# Of a plot of annotators: more are read in the table.
MOST_ANNOTATORS = 40


def strength_plots(found: Iterable[Strengths]) -> list[DotPlot]:
    return [
        dot_plot(
            question_words(of.dimension),
            _("A dot for each source's strength with its interval; 0 is the mean of its group."),
            strength_rows(of),
            Heads(_("strength (logarithm), 95 %"), n=_("comparisons")),
            low=-0.5,
            high=0.5,
            guides=[(0, "")],
        )
        for of in found
    ]


def strength_rows(of: Strengths) -> list[Measured]:
    rows = list(zip(of.sources, of.strength, of.lower, of.upper, of.n, of.component, strict=True))
    rows.sort(key=lambda row: (row[5], row[1] is None, -(row[1] or 0)))
    n_groups = len(set(of.component))
    return [
        Measured(
            label=source if n_groups == 1 else in_group(source, component),
            value=strength,
            lower=lower,
            upper=upper,
            n=f"{n:,}",
            note="" if strength is not None else _("not defined: it can't be compared"),
            title=f"{source}: {spoken(strength, lower, upper)}",
        )
        for source, strength, lower, upper, n, component in rows
    ]


def in_group(source: str, component: int) -> str:
    return _("%(source)s (group %(n)s)") % {"source": source, "n": component}


def share_plots(
    found: Sequence[Share], names: dict[int, str], words: str, *, middle: float | None = None
) -> list[DotPlot]:
    """One a question: the whole queue first, then annotators from the highest share down."""
    questions = list(dict.fromkeys(each.question for each in found if each.n))
    return [share_plot(found, question, names, words, middle) for question in questions]


def share_plot(
    found: Sequence[Share], question: str, names: dict[int, str], words: str, middle: float | None
) -> DotPlot:
    of_question = in_order(found, question)
    shown = to_look_at(of_question)
    return dot_plot(
        title_of(question_words(question), n_annotators(shown), n_annotators(of_question)),
        _("A dot for each annotator's share with its interval; the whole queue comes first."),
        [share_row(each, names) for each in shown],
        Heads(words, n=_("of")),
        low=0,
        high=1 if middle is not None else 0.1,
        guides=[guide_of(found, question, middle)],
        as_percent=True,
    )


def to_look_at(ordered: list[Share]) -> list[Share]:
    """Those that chance explains least, or else the highest; in the order that they have."""
    clearest = sorted(ordered, key=lambda each: (each.annotator_id is not None, or_last(each.p)))
    kept = {each.annotator_id for each in clearest[: MOST_ANNOTATORS + 1]}
    return [each for each in ordered if each.annotator_id in kept]


def n_annotators(shares: Iterable[Share]) -> int:
    """The whole queue is none of them."""
    return sum(each.annotator_id is not None for each in shares)


def title_of(title: str, n_shown: int, n_all: int) -> str:
    """Says so where not all are shown."""
    if n_shown == n_all:
        return title
    return _("%(title)s: %(n)s of %(all)s annotators, those to look at first") % {
        "title": title,
        "n": n_shown,
        "all": n_all,
    }


def guide_of(found: Iterable[Share], question: str, middle: float | None) -> tuple[float, str]:
    """What is expected, or what the whole queue has."""
    if middle is not None:
        return middle, percent(middle, 0)
    whole = next((of.share for of in found if of.question == question and of.annotator_id is None), None)
    return (0, "") if whole is None else (whole, _("all"))


def in_order(found: Iterable[Share], question: str) -> list[Share]:
    of_question = [each for each in found if each.question == question and each.n]
    return sorted(of_question, key=lambda each: (each.annotator_id is not None, -(each.share or 0)))


def share_row(of: Share, names: dict[int, str]) -> Measured:
    who = _("all") if of.annotator_id is None else name_of(of.annotator_id, names)
    return Measured(
        label=who,
        value=of.share,
        lower=of.lower,
        upper=of.upper,
        n=f"{of.n:,}",
        note=f"p < {BY_CHANCE}" if of.p is not None and of.p < BY_CHANCE else "",
        title=f"{who}: {spoken(of.share, of.lower, of.upper)}, {of.n_yes:,} / {of.n:,}",
        is_faint=of.n < FEW_ITEMS,
    )


def halo_plot(found: Sequence[HaloOf]) -> DotPlot:
    """`found`: the clearest halo first."""
    shown = found[:MOST_ANNOTATORS]
    return dot_plot(
        title_of(_("Joint mistakes"), len(shown), len(found)),
        _("A dot for each annotator with its interval; a halo is one whose whole interval is above 0."),
        [
            Measured(
                label=of.annotator,
                value=of.joint_mistakes,
                lower=of.lower,
                upper=of.upper,
                n=f"{of.n:,}",
                note="" if of.joint_mistakes is not None else _("not defined: nothing to compare"),
                title=f"{of.annotator}: {spoken(of.joint_mistakes, of.lower, of.upper)}",
                is_faint=of.n < FEW_ITEMS,
            )
            for of in shown
        ],
        Heads(_("joint mistakes, 95 %"), n=_("pairs")),
        low=-0.25,
        high=0.25,
        guides=[(0, "")],
    )
