"""One set of labels against another over the same items: the consensus of people against an AI's labels, or
against what adjudicators decided."""

from dataclasses import dataclass

import numpy as np

from app.agreement.measures.counts import Counts, Matrix, divide, require_range
from app.agreement.measures.kappa import Kappa, cohen_kappa

OFF_SCHEMA = -1


@dataclass(frozen=True, slots=True)
class Versus:
    """`confusion`: shape (n_values, n_values + 1), [v, w]: items where the reference says v, the other w.

    Its last column holds the labels off the schema, which are `n_off_schema` of `n` in all.
    `agreement`: share of all items with the same label, a label off the schema being wrong; where the
    reference is the truth this is the accuracy. `agreement_on_schema`: of those with a label on the schema.
    `kappa`: Cohen's, with its interval, a label off the schema being one more value.
    `precision`, `recall`, `f1`: shape (n_values,). NaN for a value that the other never gives (precision),
    that the reference never has (recall), that neither uses (F1).
    """

    confusion: Counts
    n: int
    n_off_schema: int
    agreement: float
    agreement_on_schema: float
    kappa: Kappa
    precision: Matrix
    recall: Matrix
    f1: Matrix

    @property
    def macro_precision(self) -> float:
        return self._macro(self.precision)

    @property
    def macro_recall(self) -> float:
        return self._macro(self.recall)

    @property
    def macro_f1(self) -> float:
        return self._macro(self.f1)

    def _macro(self, of_value: Matrix) -> float:
        """Mean over the values that either side uses; NaN without any.

        An undefined precision or recall counts as 0 here, as its F1 does: never to give a value that is there
        is no virtue.
        """
        is_used = ~np.isnan(self.f1)
        return float(np.nan_to_num(of_value[is_used]).mean()) if is_used.any() else float("nan")


def versus(reference: Counts, other: Counts, n_values: int) -> Versus:
    """Compares label by label: `reference[j]` and `other[j]` are those of item j, values 0..n_values-1.

    Items that lack either label are not given. `other` may hold OFF_SCHEMA for a label that is no value.
    Without items every share is NaN; kappa is NaN too where both give one and the same value to all items.
    Raises ValueError for arrays of unequal length or any other value.
    """
    if reference.shape != other.shape:
        raise ValueError("reference and other must have the same length")
    require_range("reference", reference, n_values)
    require_range("other, but for OFF_SCHEMA,", other[other != OFF_SCHEMA], n_values)
    column = np.where(other == OFF_SCHEMA, n_values, other)
    shape = (n_values + 1, n_values + 1)
    table = np.bincount(reference * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)
    kappa = cohen_kappa(table)
    confusion = table[:n_values]
    same = np.diagonal(confusion).astype(np.float64)
    in_reference = confusion.sum(axis=1).astype(np.float64)
    in_other = confusion[:, :n_values].sum(axis=0).astype(np.float64)
    return Versus(
        confusion=confusion,
        n=int(kappa.n),
        n_off_schema=int(confusion[:, n_values].sum()),
        agreement=float(kappa.agreement),
        agreement_on_schema=float(divide(same.sum(), in_other.sum())),
        kappa=kappa,
        precision=divide(same, in_other),
        recall=divide(same, in_reference),
        f1=divide(2 * same, in_reference + in_other),
    )
