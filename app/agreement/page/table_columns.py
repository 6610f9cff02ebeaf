"""Columns of the tables of a report's page, declared once for the page and for CSV."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.i18n import N_


class Kind(StrEnum):
    """How a column is shown. QUESTION and VALUE are in English in the CSV; an interval takes two columns.
    ANNOTATOR leads to all that one annotator agrees with."""

    QUESTION = "question"
    VALUE = "value"
    NAME = "name"
    ANNOTATOR = "annotator"
    COUNT = "count"
    COEFFICIENT = "coefficient"
    SHARE = "share"
    INTERVAL = "interval"
    SHARE_INTERVAL = "share_interval"
    CHANCE = "chance"
    LIST = "list"
    YES = "yes"
    ITEMS = "items"


INTERVALS = (Kind.INTERVAL, Kind.SHARE_INTERVAL)


@dataclass(frozen=True, slots=True)
class Column:
    """`title`: in English, marked for translation. `key`: the head in the CSV, its unit at the end. `of`: the
    row's attribute, or the beginning of the two of an interval."""

    title: str
    key: str
    kind: Kind
    of: str = ""

    @property
    def heads(self) -> list[str]:
        if self.kind in INTERVALS:
            return [f"{self.key}_lower_95", f"{self.key}_upper_95"]
        return [self.key]

    def value(self, row: Any) -> Any:
        """A tuple of two for an interval."""
        if self.kind in INTERVALS:
            prefix = f"{self.of}_" if self.of else ""
            return getattr(row, f"{prefix}lower"), getattr(row, f"{prefix}upper")
        return getattr(row, self.of or self.key)


QUESTION = Column(N_("Question"), "question", Kind.QUESTION)
DIMENSION = Column(N_("Preference"), "dimension", Kind.QUESTION)
WHO = Column(N_("Annotator"), "annotator", Kind.NAME)
ALPHA = Column(N_("Krippendorff's alpha"), "alpha", Kind.COEFFICIENT)
RAW = Column(N_("Raw agreement"), "raw_agreement_share", Kind.SHARE, "raw_agreement")
PREVALENCE = Column(N_("Prevalence"), "prevalence_share", Kind.SHARE, "prevalence")
N_ITEMS = Column(N_("Items"), "n_items", Kind.COUNT)
N_ANSWERS = Column(N_("Answers"), "n_answers", Kind.COUNT)
N_PAIRS = Column(N_("Pairs"), "n_pairs", Kind.COUNT)
KAPPA = Column(N_("Cohen's kappa"), "kappa", Kind.COEFFICIENT)
RANGE = N_("95 % interval")

FIGURES = (
    QUESTION,
    ALPHA,
    Column(N_("95 % over items"), "alpha", Kind.INTERVAL, "alpha"),
    Column(N_("95 % over annotators"), "alpha_over_annotators", Kind.INTERVAL, "annotators"),
    Column(N_("Gwet's AC1"), "ac1", Kind.COEFFICIENT),
    Column(RANGE, "ac1", Kind.INTERVAL, "ac1"),
    Column(N_("Fleiss' kappa"), "fleiss_kappa", Kind.COEFFICIENT),
    PREVALENCE,
    RAW,
    Column(N_("Agreement on yes"), "positive_agreement_share", Kind.SHARE, "positive_agreement"),
    Column(N_("Agreement on no"), "negative_agreement_share", Kind.SHARE, "negative_agreement"),
    N_ITEMS,
    N_ANSWERS,
    N_PAIRS,
    Column(N_("Level"), "level", Kind.VALUE),
)
SEVERITY = (
    Column(N_("Category"), "category", Kind.VALUE),
    Column(N_("Minor"), "n_minor_answers", Kind.COUNT, "n_minor"),
    Column(N_("Moderate"), "n_moderate_answers", Kind.COUNT, "n_moderate"),
    Column(N_("Severe"), "n_severe_answers", Kind.COUNT, "n_severe"),
    Column(N_("All"), "n_answers", Kind.COUNT, "n"),
)
CO_OCCURRENCE = (
    Column(N_("Category"), "category", Kind.VALUE),
    Column(N_("With"), "with_category", Kind.VALUE),
    Column(N_("Answers that name both"), "n_answers", Kind.COUNT, "n"),
    Column(N_("Of those that name the first"), "of_first_share", Kind.SHARE),
    Column(N_("Of those that name the second"), "of_second_share", Kind.SHARE),
)
PERIODS = (
    QUESTION,
    Column(N_("Week from"), "week_from_date", Kind.NAME, "start"),
    ALPHA,
    RAW,
    PREVALENCE,
    N_ITEMS,
    N_ANSWERS,
)
OF_ANNOTATOR = (QUESTION, Column(N_("Annotator"), "annotator", Kind.ANNOTATOR))
WITH_OTHERS = (
    *OF_ANNOTATOR,
    Column(N_("Mean kappa with all others"), "mean_kappa", Kind.COEFFICIENT, "kappa"),
    Column(N_("Others"), "n_others", Kind.COUNT),
    Column(N_("Items shared, added up"), "n_items", Kind.COUNT, "n"),
    Column(N_("Weights"), "weights", Kind.VALUE),
)
KAPPAS = (
    *OF_ANNOTATOR,
    Column(N_("With"), "with_annotator", Kind.ANNOTATOR),
    KAPPA,
    Column(RANGE, "kappa", Kind.INTERVAL),
    Column(N_("Items of both"), "n_items", Kind.COUNT, "n"),
    Column(N_("Weights"), "weights", Kind.VALUE),
)
CONFUSION = (
    QUESTION,
    Column(N_("One says"), "one_says", Kind.VALUE),
    Column(N_("Another says"), "another_says", Kind.VALUE),
    Column(N_("Times"), "n_pairs", Kind.COUNT, "n"),
    Column(N_("Of what the one says"), "of_one_share", Kind.SHARE, "share"),
)
VERSIONS = (
    Column(N_("Kind"), "kind", Kind.VALUE),
    Column(N_("Version"), "version", Kind.NAME),
    QUESTION,
    ALPHA,
    RAW,
    PREVALENCE,
    N_ITEMS,
    N_ANSWERS,
)
MODELS = (
    QUESTION,
    Column(N_("Iterations"), "n_iterations", Kind.COUNT),
    Column(N_("Converged"), "has_converged", Kind.YES),
    Column(N_("Log-likelihood"), "log_likelihood_nats", Kind.NAME, "log_likelihood"),
    Column(N_("Prevalence of each value"), "prevalence_shares", Kind.LIST, "prevalence"),
)
ORDERS = (
    DIMENSION,
    Column(N_("Kendall's tau-b"), "tau_b", Kind.COEFFICIENT),
    Column(N_("Prefer the same"), "agree_share", Kind.SHARE, "agree"),
    Column(N_("Prefer different ones"), "disagree_share", Kind.SHARE, "disagree"),
    Column(N_("One says tie"), "one_tie_share", Kind.SHARE, "one_tie"),
    Column(N_("Pairs of orders"), "n_pairs", Kind.COUNT),
)
STRENGTHS = (
    DIMENSION,
    Column(N_("Source"), "source", Kind.NAME),
    Column(N_("Strength"), "strength_log", Kind.COEFFICIENT, "strength"),
    Column(RANGE, "strength_log", Kind.INTERVAL),
    Column(N_("Comparisons"), "n_comparisons", Kind.COUNT, "n"),
    Column(N_("Group"), "component", Kind.COUNT),
    Column(N_("Ties in the model"), "tie_parameter", Kind.COEFFICIENT, "ties"),
)
SHARES = (
    QUESTION,
    WHO,
    Column(N_("Share"), "share", Kind.SHARE),
    Column(RANGE, "share", Kind.SHARE_INTERVAL),
    Column(N_("Times"), "n_yes", Kind.COUNT),
    Column(N_("Of"), "n", Kind.COUNT),
)
POSITION = (*SHARES, Column(N_("p (two-sided)"), "p_two_sided", Kind.CHANCE, "p"))
COMPETENCES = (
    WHO,
    QUESTION,
    Column(N_("Right, by one coin"), "one_coin_share", Kind.SHARE, "one_coin"),
    Column(N_("No guess, by MACE"), "mace_share", Kind.SHARE, "mace"),
    Column(N_("Answers"), "n_answers", Kind.COUNT, "n"),
)
HALOS = (
    WHO,
    Column(N_("Joint mistakes"), "joint_mistakes", Kind.COEFFICIENT),
    Column(RANGE, "joint_mistakes", Kind.INTERVAL),
    Column(N_("Own preferences name the same"), "own_same_share", Kind.SHARE, "own"),
    Column(N_("Those of the others"), "others_same_share", Kind.SHARE, "crowd"),
    Column(N_("Difference"), "difference", Kind.COEFFICIENT),
    Column(N_("Pairs of responses"), "n_pairs", Kind.COUNT, "n"),
)
NEAR_DUPLICATES = (
    Column(N_("Number of groups"), "n_groups", Kind.COUNT),
    Column(N_("Pairs of items"), "n_pairs", Kind.COUNT),
    Column(N_("With the same label"), "n_consistent_pairs", Kind.COUNT, "n_consistent"),
    Column(N_("Share"), "consistent_share", Kind.SHARE, "share"),
    Column(RANGE, "consistent_share", Kind.SHARE_INTERVAL),
)
GROUPS = (
    Column(N_("Group"), "group", Kind.COUNT),
    Column(N_("Items"), "item_ids", Kind.ITEMS),
)
VERSUS = (
    QUESTION,
    Column(N_("File"), "source", Kind.NAME),
    KAPPA,
    Column(RANGE, "kappa", Kind.INTERVAL),
    RAW,
    Column(N_("Items"), "n_items", Kind.COUNT),
)
VERSUS_CELLS = (
    QUESTION,
    Column(N_("File"), "source", Kind.NAME),
    Column(N_("Consensus"), "consensus", Kind.VALUE),
    Column(N_("In the file"), "in_file", Kind.VALUE),
    Column(N_("Items"), "n_items", Kind.COUNT, "n"),
)
