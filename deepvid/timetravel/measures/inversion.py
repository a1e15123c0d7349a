"""Whether the classifier says of what is decoded at a sample's position what it says of the sample."""

import numpy as np
from jaxtyping import Float, Int
from scipy.special import softmax

from deepvid.statistics import wilson
from deepvid.timetravel.measures.score import Score, mean_score


def ppr(
    logits: Float[np.ndarray, "sample class"],
    decoded: Float[np.ndarray, "sample class"],
    *,
    rows: Int[np.ndarray, " row"] | None = None,
) -> Score:
    """PPR: the share of samples that are predicted alike after the way to the map and back; 1 is best.

    `decoded` are the logits of the inverted positions. Chance is Σ_c P(c) P'(c). The published variant takes
    the mean over all samples.
    """
    predicted, again = logits.argmax(axis=1), decoded.argmax(axis=1)
    alike = predicted == again
    of_rows = alike if rows is None else alike[rows]
    classes = logits.shape[1]
    shares = [np.bincount(labels, minlength=classes) / len(labels) for labels in (predicted, again)]
    interval = wilson(int(of_rows.sum()), len(of_rows))
    return Score(*interval, float(shares[0] @ shares[1]), len(of_rows), float(alike.mean()))


def ccr(
    logits: Float[np.ndarray, "sample class"],
    decoded: Float[np.ndarray, "sample class"],
    *,
    rows: Int[np.ndarray, " row"] | None = None,
    seed: int,
) -> Score:
    """CCR: mean |p_c(h) - p_c(h')| of each sample's predicted class c, in [0, 1]; 0 is best.

    Chance is the same with another sample's h', drawn at random. The published variant takes the mean over
    all samples.
    """
    probability, again = softmax(logits, axis=1), softmax(decoded, axis=1)
    sample, predicted = np.arange(len(logits)), logits.argmax(axis=1)
    changed = np.abs(probability[sample, predicted] - again[sample, predicted])
    other = np.random.default_rng(seed).permutation(len(logits))
    chance = np.abs(probability[sample, predicted] - again[other, predicted]).mean()
    return mean_score(changed, rows=rows, chance=float(chance), published=float(changed.mean()), seed=seed)
