"""What a report holds: plain rows that are written down as JSON, shown as plots and tables, and released.

Shares, coefficients and their bounds are between -1 and 1; None where they are undefined. `lower` and `upper`
bound a 95 % interval. Annotators are told by id.
"""

from dataclasses import dataclass, field, replace

VERSION = 1

Table = list[list[float | None]]


@dataclass(frozen=True, slots=True)
class Figure:
    """Agreement on one question.

    `question`: "safe", "severity", "severity of unsafe" (answers that call it unsafe alone), "categories"
    (the sets of harm categories, told apart by MASI distance), "category: NAME", or the dimension of a
    preference, whose unit is a pair of responses with the values first, second and tie.
    `level`: of measurement: nominal, ordinal, masi. `n_items` have two answers or more; these are `n_answers`
    and make `n_pairs` pairs. `prevalence`: the share of answers that say yes (of "safe": safe; of severity: 1
    or more, of "severity of unsafe": 3; of "categories": any; of a preference: that prefer one).
    `positive_agreement` and `negative_agreement`: specific agreement on yes and on no, where there are two
    values. `alpha`: Krippendorff's, its interval over items, and that over annotators. `ac1`: Gwet's.
    """

    question: str
    level: str
    n_items: int
    n_answers: int
    n_pairs: int
    prevalence: float | None = None
    raw_agreement: float | None = None
    positive_agreement: float | None = None
    negative_agreement: float | None = None
    alpha: float | None = None
    alpha_lower: float | None = None
    alpha_upper: float | None = None
    annotators_lower: float | None = None
    annotators_upper: float | None = None
    ac1: float | None = None
    ac1_lower: float | None = None
    ac1_upper: float | None = None
    fleiss_kappa: float | None = None


@dataclass(frozen=True, slots=True)
class KappaMatrix:
    """Cohen's kappa of every two annotators on one question; `annotator_ids[a]` for row and column a.

    `weights`: "none", or "quadratic" for severity. `n`: items that both answered. None on the diagonal.
    """

    question: str
    weights: str
    annotator_ids: list[int]
    kappa: Table
    lower: Table
    upper: Table
    n: list[list[int]]


@dataclass(frozen=True, slots=True)
class Confusion:
    """`n[v][w]`: how often one annotator said value v and another w of the same item; both orders count."""

    question: str
    values: list[str]
    n: list[list[int]]


@dataclass(frozen=True, slots=True)
class Period:
    """Items whose newest answer came in the week that begins on `start` (ISO date, a Monday)."""

    question: str
    start: str
    n_items: int
    n_answers: int
    prevalence: float | None
    raw_agreement: float | None
    alpha: float | None


@dataclass(frozen=True, slots=True)
class Version:
    """Agreement among answers given under one version. `kind`: "guidelines" or "taxonomy"."""

    kind: str
    version: str
    question: str
    n_items: int
    n_answers: int
    prevalence: float | None
    raw_agreement: float | None
    alpha: float | None


@dataclass(frozen=True, slots=True)
class Model:
    """How Dawid and Skene's model of one question came out. `prevalence`: of each true value."""

    question: str
    n_iterations: int
    has_converged: bool
    log_likelihood: float
    prevalence: list[float]


@dataclass(frozen=True, slots=True)
class Competence:
    """Of one annotator's `n` answers: `one_coin`, the chance that one is right, by a model with one ability
    each; `mace`, the chance that one is no guess (consensus/one_coin.py, mace.py)."""

    question: str
    annotator_id: int
    n: int
    one_coin: float | None
    mace: float | None


@dataclass(frozen=True, slots=True)
class Orders:
    """How alike annotators order the same responses in one dimension.

    `tau_b`: Kendall's, the mean over `n_pairs` pairs of annotators' orders of one item. Of the pairs of
    responses in them, shares: both prefer the same (or both say tie), they prefer different ones, one alone
    says tie.
    """

    dimension: str
    n_pairs: int
    tau_b: float | None
    agree: float | None
    disagree: float | None
    one_tie: float | None


@dataclass(frozen=True, slots=True)
class Strengths:
    """Bradley and Terry's model with ties (Davidson) of the sources of responses in one dimension.

    `strength`: logarithms, their mean is 0 within a component; None where a source can't be compared.
    `component`: sources with the same number are connected by comparisons; strengths of different ones say
    nothing of each other.
    """

    dimension: str
    sources: list[str]
    n: list[int]
    strength: list[float | None]
    lower: list[float | None]
    upper: list[float | None]
    component: list[int]
    ties: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """`n_yes` of `n`. `annotator_id`: None for the whole queue. `p`: two-sided, where a half is expected."""

    question: str
    annotator_id: int | None
    n: int
    n_yes: int
    share: float | None
    lower: float | None
    upper: float | None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Halo:
    """How far one annotator's two preferences go together, against the others' on the same pairs.

    `own`, `crowd`: shares of pairs where both preferences name the same response. `difference`: own less the
    crowd's. `joint_mistakes`: how much more often than by chance both preferences differ from the others' at
    once, with its bounds; a halo where `lower` is above 0 (hygiene/halo.py).
    """

    annotator_id: int
    n: int
    own: float | None
    crowd: float | None
    difference: float | None
    joint_mistakes: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Groups of items in nearly the same words. `groups`: ids of those whose labels differ, 200 at most."""

    n_groups: int
    n_pairs: int
    n_consistent: int
    share: float | None
    lower: float | None
    upper: float | None
    groups: list[list[int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Versus:
    """The consensus against labels that came with a file, such as an AI's.

    `n[v][w]`: items whose consensus is value v and whose label in the file is w.
    """

    question: str
    source: str
    values: list[str]
    n: list[list[int]]
    raw_agreement: float | None
    kappa: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of one queue. Lists and tables are empty where its answers hold nothing of the kind.

    `severity_by_category[c][s]`: answers that name category c with severity s + 1; `co_occurrence[c][d]`:
    answers that name both, on the diagonal those that name c. `categories` are their names.
    `position`: how often the response shown first on the page won. `contradictions`: how often a harmlessness
    order puts a response above one that is safer by the consensus of its safety labels.
    """

    seed: int
    n_resamples: int
    n_items: int
    n_answers: int
    n_annotators: int
    figures: list[Figure]
    kappa_matrices: list[KappaMatrix] = field(default_factory=list)
    confusions: list[Confusion] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    severity_by_category: list[list[int]] = field(default_factory=list)
    co_occurrence: list[list[int]] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    competences: list[Competence] = field(default_factory=list)
    orders: list[Orders] = field(default_factory=list)
    strengths: list[Strengths] = field(default_factory=list)
    position: list[Share] = field(default_factory=list)
    halos: list[Halo] = field(default_factory=list)
    contradictions: list[Share] = field(default_factory=list)
    near_duplicates: NearDuplicates | None = None
    versus: list[Versus] = field(default_factory=list)
    version: int = VERSION


def without_people(report: Report) -> Report:
    """As it may be published: nothing of single annotators, and no ids of items."""
    duplicates = report.near_duplicates
    return replace(
        report,
        kappa_matrices=[],
        competences=[],
        halos=[],
        position=[share for share in report.position if share.annotator_id is None],
        contradictions=[share for share in report.contradictions if share.annotator_id is None],
        near_duplicates=duplicates and replace(duplicates, groups=[]),
    )
