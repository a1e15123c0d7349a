"""Active learning: which images are worth a label, and can one see why?

    .venv/bin/python experiments/cases/active_learning.py [--source fashion_mnist_small]

From a pool of images a few are labeled; in every round the classifier is trained anew with those and picks
more: at random, by the smallest margin between its two highest probabilities, or by k-center (those farthest
in the features from what is labeled). Each way is a run of its own, an epoch a round, whose maps show the
whole pool. `undecided` is the share of the new picks whose gap between the two highest logits is below 0.1,
beside that of the pool; `distance` is the mean distance of a pick to the nearest labeled or picked image in
the features, over that of random picks: below 1 the picks repeat each other.

Source: the case study of DeepVisualInsight; Sener & Savarese (2018), Active Learning for Convolutional Neural
Networks: A Core-Set Approach, ICLR, for k-center.
"""

from collections.abc import Callable

import numpy as np
from lab import Learner, Population, arguments, images_of, log_epoch, percent, print_table, share, travelled
from scipy.special import softmax

from deepvid.timetravel.boundary import NEAR, gap
from deepvid.timetravel.graph import among
from deepvid.training import Predictions

Pick = Callable[[Predictions, np.ndarray, int, np.random.Generator], np.ndarray]


def at_random(answers: Predictions, labeled: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(np.flatnonzero(~labeled), number, replace=False)


def by_margin(answers: Predictions, labeled: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    ordered = np.sort(softmax(answers.logits, axis=1), axis=1)
    margin = np.where(labeled, np.inf, ordered[:, -1] - ordered[:, -2])
    return margin.argsort(kind="stable")[:number]


def by_k_center(
    answers: Predictions, labeled: np.ndarray, number: int, rng: np.random.Generator
) -> np.ndarray:
    """Greedily, each the farthest from what is labeled and picked."""
    features = answers.features
    far = among(features[labeled], features, 1).distance[:, 0]
    picked = []
    for _ in range(number):
        far[labeled] = -1
        picked.append(int(far.argmax()))
        far = np.minimum(far, np.linalg.norm(features - features[picked[-1]], axis=1))
        far[picked] = -1
    return np.array(picked)


WAYS: dict[str, Pick] = {"random": at_random, "margin": by_margin, "k_center": by_k_center}


def main() -> None:
    options = arguments(__doc__, train=5000, test=2000, epochs=15, rounds=6, picks=200)
    given = images_of(options)
    pool, test = given.images[~given.test], given.images[given.test]
    pool_label, test_label = given.labels[~given.test], given.labels[given.test]
    population = Population.of((pool, pool_label), (test, test_label))
    rows = []
    for name, pick in WAYS.items():
        rng = np.random.default_rng(options.seed)
        labeled = np.zeros(len(pool), bool)
        labeled[rng.choice(len(pool), options.picks, replace=False)] = True
        with population.logged(f"active_learning_{name}", options.rounds, given, options.store) as run:
            for _ in range(options.rounds):
                learner = Learner(given, seed=options.seed)
                for _epoch in range(options.epochs):
                    learner.epoch(pool[labeled], pool_label[labeled])
                answers = log_epoch(run, learner, population, labeled)
                right = answers.logits[len(pool) :].argmax(axis=1) == test_label
                of_pool = Predictions(answers.logits[: len(pool)], answers.features[: len(pool)])
                picked = pick(of_pool, labeled, options.picks, rng)
                rows.append(_row(name, labeled, right, of_pool, picked, rng))
                labeled[picked] = True
        travelled(run.path, options)
    pooled = f"a pool of {len(pool):,}, {options.picks} more labels a round"
    print(f"\n{options.source}, {pooled}, seed {options.seed}\n")
    columns = ("way", "labels", "test accuracy", "undecided picks", "undecided in the pool", "distance")
    print_table(columns, rows)


def _row(
    name: str,
    labeled: np.ndarray,
    right: np.ndarray,
    answers: Predictions,
    picked: np.ndarray,
    rng: np.random.Generator,
) -> tuple[object, ...]:
    undecided = gap(answers.logits) < NEAR
    others = at_random(answers, labeled, len(picked), rng)
    apart = [_distance(answers.features, labeled, rows) for rows in (picked, others)]
    return (
        name,
        int(labeled.sum()),
        percent(share(right)),
        percent(share(undecided[picked])),
        percent(share(undecided[~labeled])),
        f"{apart[0] / apart[1]:.2f}",
    )


def _distance(features: np.ndarray, labeled: np.ndarray, picked: np.ndarray) -> float:
    """Of each pick to the nearest image that is labeled or was picked before it, the mean."""
    known = features[labeled]
    nearest = [
        np.linalg.norm(np.concatenate([known, features[picked[:i]]]) - features[row], axis=1).min()
        for i, row in enumerate(picked)
    ]
    return float(np.mean(nearest))


if __name__ == "__main__":
    main()
