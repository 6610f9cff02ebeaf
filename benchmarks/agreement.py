"""Seconds and peak memory of the statistics of agreement at paper scale, and how they grow; no database.

`python -m benchmarks.agreement [--items 265000] [--oracles]`: responses with 3 labels each of 60 annotators.
`--oracles`: in the same run also by krippendorff, scikit-learn and crowd-kit, once `make oracles` has made
`.venv-oracles`. Every time begins with the same answers in long form in memory and ends with the figures:
what a package wants its data to be made into counts on either side. It takes some minutes.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.goals import at_least, at_most
from benchmarks.simulated_labels import N_ANNOTATORS, OVERLAP
from benchmarks.timed_parts import N_RUNS, ROOT, Timed, in_own_process, make_labels

OURS, THEIRS = "benchmarks.agreement_parts", "benchmarks.agreement_oracles"
ORACLES = ROOT / ".venv-oracles" / "bin" / "python"
N_ITEMS = 265_000
GROWTH = (0.25, 0.5, 1.0, 2.0)  # times N_ITEMS
ALPHAS_FASTER, MODEL_FASTER = 10.0, 2.0
# Of the time an item, from the fewest items to the most: of eight times as many each takes a sixth longer to
# sort, and they no longer fit into the processor's cache.
MOST_GROWTH = 1.5
WHAT = {
    "alphas": "alphas of safe, 19 categories, severity",
    "alphas_with_intervals": "alphas with 1,000 resamples each",
    "alpha_of_sets": "alpha of category sets (MASI)",
    "alpha_of_sets_with_interval": "alpha of category sets with 1,000 resamples",
    "kappas": "kappa of every two annotators, safe",
    "kappas_of_severity": "kappa of every two annotators, severity, weighted",
    "model_of_safe": "Dawid-Skene of safe",
    "models": "Dawid-Skene of safe and 19 categories",
    "model_of_severity": "Dawid-Skene of severity, four values",
}
GROWING = ("alphas", "alphas_with_intervals", "alpha_of_sets", "kappas", "model_of_safe", "model_of_severity")


def main() -> None:
    parser = argparse.ArgumentParser(description="The statistics of agreement.")
    parser.add_argument("--items", type=int, default=N_ITEMS)
    parser.add_argument("--oracles", action="store_true", help="other people's packages as well")
    chosen = parser.parse_args()
    if chosen.oracles and not ORACLES.exists():
        sys.exit("The other packages are not here: `make oracles` installs them.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.npy"
        show_head(make_labels(path, chosen.items), chosen.items)
        ours = {part: shown(sys.executable, OURS, part, path) for part in WHAT}
        if chosen.oracles:
            show_oracles(path, ours)
        show_growth(Path(folder), chosen.items, ours)


def show_head(made: dict[str, int], n_items: int) -> None:
    """`made`: as `make_labels` says."""
    print(
        f"{n_items:,} items x {OVERLAP} of {N_ANNOTATORS} annotators, {made['answers']:,} answers:", end=" "
    )
    print(
        f"{made['labels']:,} different labels, {made['sets']:,} sets of categories. NumPy {np.__version__};",
        end=" ",
    )
    print(f"OPENBLAS_CORETYPE is {os.environ.get('OPENBLAS_CORETYPE', 'not set')}.")
    print(f"From answers in long form; the best of {N_RUNS}; memory above that of the answers.", flush=True)


def shown(python: str, module: str, part: str, path: Path, *numbers: int, what: str = "") -> Timed:
    timed = in_own_process(python, module, part, path, *numbers)
    iterations = f"  {sum(timed.figures):.0f} iterations" if "model" in part else ""
    print(f"  {what or WHAT[part]:50}{timed.seconds:8.3f} s{timed.mb:8.0f} MB{iterations}", flush=True)
    return timed


def show_oracles(path: Path, ours: dict[str, Timed]) -> None:
    python = str(ORACLES)
    matrix = shown(python, THEIRS, "alphas", path, what="krippendorff, the 21 alphas, a row an annotator")
    counts = shown(python, THEIRS, "alphas_of_counts", path, what="krippendorff, the 21 alphas, from counts")
    kappas = shown(python, THEIRS, "kappas", path, what="scikit-learn, kappa of every two, safe")
    n_iterations = int(ours["model_of_safe"].figures[0])
    model = shown(python, THEIRS, "model_of_safe", path, n_iterations, what="crowd-kit, Dawid-Skene of safe")
    as_it_ends = shown(
        python, THEIRS, "model_of_safe_as_it_ends", path, what="... ended by its own tolerance"
    )
    print("  krippendorff can't do MASI here: it makes an array of items x sets x sets.")
    alphas = ours["alphas"]
    print(f"largest difference to krippendorff: {largest(alphas.figures, matrix.figures):.1e},", end=" ")
    print(f"from counts {largest(alphas.figures, counts.figures):.1e};", end=" ")
    print(f"to scikit-learn: {largest(ours['kappas'].figures, kappas.figures):.1e}")
    print(at_least("alphas, krippendorff / ours", matrix.seconds / alphas.seconds, ALPHAS_FASTER))
    print(
        at_least("Dawid-Skene, crowd-kit / ours", model.seconds / ours["model_of_safe"].seconds, MODEL_FASTER)
    )
    for name, theirs, part in (
        ("alphas, krippendorff from counts", counts, "alphas"),
        ("kappas, scikit-learn", kappas, "kappas"),
        ("Dawid-Skene, crowd-kit ended by its own tolerance", as_it_ends, "model_of_safe"),
    ):
        print(f"        {name} / ours: {theirs.seconds / ours[part].seconds:,.2f} (no goal)")
    for name, theirs, part in (("alphas", matrix, "alphas"), ("Dawid-Skene", model, "model_of_safe")):
        print(at_most(f"{name}, our memory / theirs", ours[part].mb / theirs.mb, 1), flush=True)


def largest(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return float(np.abs(np.array(ours) - np.array(theirs)).max())


def show_growth(folder: Path, n_items: int, ours: dict[str, Timed]) -> None:
    """Of a model the time of an iteration, since how many it takes is chance."""
    sizes = [round(n_items * times) for times in GROWTH]
    for size in sizes:
        make_labels(folder / f"{size}.npy", size)
    print("Processor time an item (and iteration, of a model) in microseconds: others' work delays it least.")
    print(f"  {'items':50}{''.join(f'{size:10,}' for size in sizes)}")
    for part in GROWING:
        found = [
            ours[part]
            if size == n_items
            else in_own_process(sys.executable, OURS, part, folder / f"{size}.npy")
            for size in sizes
        ]
        each = [an_item(part, timed, size) for timed, size in zip(found, sizes, strict=True)]
        print(f"  {WHAT[part]:50}{''.join(f'{time * 1e6:10.3f}' for time in each)}")
        what = f"{part}, an item of {sizes[-1]:,} / of {sizes[0]:,}"
        print(f"  {at_most(what, each[-1] / each[0], MOST_GROWTH)}", flush=True)


def an_item(part: str, timed: Timed, n_items: int) -> float:
    n_iterations = sum(timed.figures) if "model" in part else 1
    return timed.processor_seconds / n_iterations / n_items


if __name__ == "__main__":
    main()
