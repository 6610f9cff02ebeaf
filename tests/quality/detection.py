"""After how many answers each of a simulated crowd is alarmed, campaign by campaign."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np

from app.agreement.measures.counts import Counts
from app.quality.finding import Finding, FindingName
from app.quality.findings import findings
from tests.quality.crowd import Kind, campaign

# Everybody's answers are looked at when they have so many; an alarm at any look counts.
LOOKS = (20, 40, 80, 160, 320)
N_ANSWERS = LOOKS[-1]
NEVER = 1_000_000


def first_alarms(kinds: Sequence[Kind], seeds: Sequence[int]) -> Counts:
    """Shape (n_seeds, n_people): the answers given until the first alarm, or NEVER.

    Every other seed is a campaign of safety labels, the others of pairs.
    """
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return np.array(list(pool.map(partial(of_campaign, kinds), seeds, chunksize=10)))


def of_campaign(kinds: Sequence[Kind], seed: int) -> list[int]:
    found = [NEVER] * len(kinds)
    simulated = campaign(kinds, N_ANSWERS, seed, is_pairs=seed % 2 == 1)
    for n in LOOKS:
        for person, of_one in enumerate(findings(simulated.after(n))):
            found[person] = min(found[person], alarmed_at(of_one, n))
    return found


def alarmed_at(of_one: Sequence[Finding], n: int) -> int:
    """A chart says itself which answer raised the alarm; all else is seen at this look, after `n`."""
    alarms = [finding for finding in of_one if finding.is_alarm]
    at = [int(alarm.facts["alarmed_at"]) + 1 for alarm in alarms if alarm.name == FindingName.DRIFT]
    return min([*at, n]) if alarms else NEVER


def of_kind(found: Counts, kinds: Sequence[Kind], kind: Kind) -> Counts:
    """All of one kind, in one row; of those who turn bad the answers after they turned."""
    of_those: Counts = found[:, [one == kind for one in kinds]].ravel()
    return of_those - N_ANSWERS // 2 if kind == Kind.TURNED else of_those
