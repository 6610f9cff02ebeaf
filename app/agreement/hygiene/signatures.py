"""MinHash signatures: a few numbers of each text, from which follows how alike any two texts are.

A text's shingles are its runs of SHINGLE characters once it is normalised. How alike two texts are is the
Jaccard index of their sets of shingles: those in both of all those in either; 1 for equal texts. It is
estimated: every shingle is hashed, the hashes fall into N_BINS bins, and a signature is the least hash of
each bin. Two texts have the same least hash in a bin with a chance of their Jaccard index. Bins that both
texts leave empty tell nothing and are not counted, so the estimate of short texts is nearly exact; of long
ones its standard error is .035 at an index of .8.
Sources: A. Z. Broder, "On the Resemblance and Containment of Documents", 1997; P. Li, A. Owen, C.-H. Zhang,
"One Permutation Hashing", NIPS 2012.

Only pairs that are equal in all bins of a band need be compared: of those at .8, two in a thousand have no
such band; at .7, seven in a hundred. For that an empty bin borrows the hash of the next one that is not.
Source: A. Shrivastava and P. Li, "Densifying One Permutation Hashing via Rotation for Fast Near Neighbor
Search", ICML 2014.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.agreement.measures.counts import Counts, Matrix, divide

Words: TypeAlias = NDArray[np.uint32]
Hashes: TypeAlias = NDArray[np.uint64]

SHINGLE = 5
N_BINS = 128
BINS_A_BAND = 6
N_BANDS = N_BINS // BINS_A_BAND

# A shingle shorter than SHINGLE, of a text that is, ends in these.
PADDING = "\0"
EMPTY = np.uint32(0xFFFFFFFF)
# Odd numbers without a pattern: the fractional digits of the golden ratio, and a well-mixing factor.
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
MIXER = np.uint64(0xD6E8FEB86659FD93)
HALF = np.uint64(32)
BIN_BITS = np.uint64(64 - (N_BINS - 1).bit_length())


def signatures_of(texts: Sequence[str]) -> Words:
    """Shape (n_texts, N_BINS): the least hash of each bin, or EMPTY; all EMPTY for an empty text.

    This takes some 100 bytes of memory a character, so texts come in small lots.
    """
    padded = [text.ljust(SHINGLE, PADDING) if text else "" for text in texts]
    lengths = np.array([len(text) for text in padded], np.int64)
    # A lone half of a surrogate pair is no character, but may come all the same.
    code = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    hashed = _mixed(_polynomial(_windows(code)))
    least = hashed.astype(np.uint32)
    ends = np.cumsum(lengths)[lengths > 0]
    # The last shingles would run into the next text.
    least[ends[:, np.newaxis] - np.arange(1, SHINGLE)] = EMPTY
    text = np.repeat(np.arange(len(texts)), lengths)
    signatures = np.full(len(texts) * N_BINS, EMPTY)
    np.minimum.at(signatures, text * N_BINS + (hashed >> BIN_BITS).astype(np.int64), least)
    return signatures.reshape(len(texts), N_BINS)


def band_keys(signatures: Words) -> Words:
    """Shape (n_texts, N_BANDS): equal where two texts are equal in all bins of a band, else hardly ever."""
    filled = _borrowed(signatures)[:, : N_BANDS * BINS_A_BAND].astype(np.uint64)
    bands = filled.reshape(len(signatures), N_BANDS, BINS_A_BAND)
    return (_mixed(_polynomial(np.moveaxis(bands, 2, 0))) >> HALF).astype(np.uint32)


def likeness(one: Words, other: Words) -> Matrix:
    """The estimated Jaccard index of each row with the other's, shape (n,); NaN where both are all EMPTY."""
    is_filled = (one != EMPTY) | (other != EMPTY)
    is_equal = (one == other) & is_filled
    return divide(is_equal.sum(axis=1).astype(np.float64), is_filled.sum(axis=1).astype(np.float64))


def _windows(code: Hashes) -> Hashes:
    """[k, j]: the k-th character of the shingle that begins at character j; zeros after the last one."""
    extended = np.concatenate([code, np.zeros(SHINGLE, np.uint64)])
    return np.stack([extended[k : k + code.size] for k in range(SHINGLE)])


def _polynomial(terms: Hashes) -> Hashes:
    """Of the terms along the first axis, modulo 2**64."""
    total = np.zeros(terms.shape[1:], np.uint64)
    for term in terms:
        total *= MULTIPLIER
        total += term
    return total


def _mixed(hashed: Hashes) -> Hashes:
    """Every bit of the outcome depends on all those of the input."""
    for _ in range(2):
        hashed ^= hashed >> HALF
        hashed *= MIXER
    hashed ^= hashed >> HALF
    return hashed


def _borrowed(signatures: Words) -> Words:
    """With empty bins filled from the next one that is not empty, around the end, and marked by how far."""
    place: Counts = np.arange(2 * N_BINS)
    is_filled = np.tile(signatures != EMPTY, (1, 2))
    nearest = np.where(is_filled, place, 2 * N_BINS)[:, ::-1]
    source = np.minimum.accumulate(nearest, axis=1)[:, ::-1][:, :N_BINS]
    distance = (source - place[:N_BINS]).astype(np.uint64)
    hashed = np.take_along_axis(signatures, source % N_BINS, axis=1)
    return hashed ^ ((distance * MULTIPLIER) >> HALF).astype(np.uint32)
