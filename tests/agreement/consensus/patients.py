"""The patients of Dawid and Skene's paper of 1979, its Table 1: how fit for an operation five observers
found 45 patients, on a scale of four; the first observer looked at each three times."""

import numpy as np

from app.agreement.measures.counts import Counts

N_PATIENTS, N_OBSERVERS, N_CLASSES = 45, 5, 4
OBSERVERS = [0, 0, 0, 1, 2, 3, 4]
# One word a patient: the answers of OBSERVERS, classes 1 to 4.
TABLE_1 = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343
1111111 2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222
1111111 1111111 2322222 1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343
2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""


def patients() -> tuple[Counts, Counts, Counts]:
    """Patient, observer and class of each answer; classes are counted from 0 here."""
    patient = np.repeat(np.arange(N_PATIENTS), len(OBSERVERS))
    observer = np.tile(np.array(OBSERVERS, dtype=np.int64), N_PATIENTS)
    said = np.array([int(digit) - 1 for answers in TABLE_1.split() for digit in answers], dtype=np.int64)
    return patient, observer, said
