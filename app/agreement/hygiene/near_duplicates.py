"""Texts that are the same but for a few words, found without comparing every two (see hygiene/signatures.py).

What is equal once normalised is found always; all else as far as characters tell: "bomb" for "explosive" in
forty words is a near-duplicate, a short question put another way is not. Nothing is drawn by lot. Texts are
streamed; kept of each are its signature, its bands and a digest, together some 800 bytes.
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from app.agreement.hygiene.signatures import (
    N_BANDS,
    N_BINS,
    SHINGLE,
    Words,
    band_keys,
    likeness,
    signatures_of,
)
from app.agreement.measures.counts import Counts
from app.items.texts.normalised_text import normalised

LEAST_ALIKE = 0.8
# In a band, equal texts are compared with this many that follow. So one text that comes ten thousand times
# with a word changed costs no fifty million comparisons; the chain ties them together all the same.
MOST_FOLLOWING = 8
CHARACTERS_AT_ONCE = 65_536
PAIRS_AT_ONCE = 4096


def near_duplicate_groups(texts: Iterable[str], least_alike: float = LEAST_ALIKE) -> Counts:
    """For each text the number of the first text of its group, shape (n_texts,); its own where it is alone.

    Two texts are in one group where their estimated Jaccard index is at least `least_alike`, or a chain of
    such pairs joins them. Texts of which `normalised` leaves nothing are alone. Below .7 more and more of the
    pairs are missed.
    """
    first, distinct_of_text, signatures, keys = _distinct_texts(texts)
    component = np.arange(first.size)
    for band in range(N_BANDS):
        component = _joined(component, _alike(component, signatures, keys[:, band], least_alike))
    first_of_component = np.full(first.size, distinct_of_text.size, np.int64)
    np.minimum.at(first_of_component, component, first)
    groups: Counts = first_of_component[component[distinct_of_text]]
    return groups


def _distinct_texts(texts: Iterable[str]) -> tuple[Counts, Counts, Words, Words]:
    """Of the distinct normalised texts: first place, each text's number among them, signatures, band keys."""
    number_of: dict[bytes, int] = {}
    first: list[int] = []
    distinct_of_text: list[int] = []
    signatures, keys = bytearray(), bytearray()

    def new_texts() -> Iterator[str]:
        for place, text in enumerate(map(normalised, texts)):
            # Nothing is like nothing: each empty text is one of its own.
            whole = text.encode("utf-8", "surrogatepass") or str(place).encode("utf-16")
            number = number_of.setdefault(blake2b(whole, digest_size=16).digest(), len(first))
            distinct_of_text.append(number)
            if number == len(first):
                first.append(place)
                yield text

    for lot in _lots(new_texts()):
        of_lot = signatures_of(lot)
        signatures += of_lot.tobytes()
        keys += band_keys(of_lot).tobytes()
    return (
        np.array(first, np.int64),
        np.array(distinct_of_text, np.int64),
        np.frombuffer(signatures, np.uint32).reshape(-1, N_BINS),
        np.frombuffer(keys, np.uint32).reshape(-1, N_BANDS),
    )


def _lots(texts: Iterable[str]) -> Iterator[list[str]]:
    """Of few characters, or of one text that is long by itself."""
    lot: list[str] = []
    n_characters = 0
    for text in texts:
        if lot and n_characters + len(text) > CHARACTERS_AT_ONCE:
            yield lot
            lot, n_characters = [], 0
        lot.append(text)
        n_characters += max(len(text), SHINGLE)
    if lot:
        yield lot


def _alike(component: Counts, signatures: Words, key: Words, least_alike: float) -> Counts:
    """Pairs alike among those that share this key and are not yet in one component, shape (2, n)."""
    order = np.argsort(key, kind="stable")
    in_order = key[order]
    found = [np.empty((2, 0), np.int64)]
    for step in range(1, MOST_FOLLOWING + 1):
        place = np.flatnonzero(in_order[step:] == in_order[:-step])
        pairs = np.stack([order[place], order[place + step]])
        pairs = pairs[:, component[pairs[0]] != component[pairs[1]]]
        for start in range(0, pairs.shape[1], PAIRS_AT_ONCE):
            some = pairs[:, start : start + PAIRS_AT_ONCE]
            found.append(some[:, likeness(signatures[some[0]], signatures[some[1]]) >= least_alike])
    return np.concatenate(found, axis=1)


def _joined(component: Counts, pairs: Counts) -> Counts:
    """The components once each of these pairs is in one."""
    if not pairs.size:
        return component
    size = component.size
    graph = csr_array((np.ones(pairs.shape[1], np.int8), tuple(component[pairs])), shape=(size, size))
    joined: Counts = connected_components(graph, directed=False)[1].astype(np.int64)
    return joined[component]
