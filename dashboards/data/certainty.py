"""How sure the teacher is of every row, from its logits: read once a table, in parts."""

from typing import NamedTuple

import numpy as np

from dashboards.data.population import Population, facts_of
from dashboards.data.predictions import softmax
from deepvid.caching import once_per

_CHUNK = 1 << 16


class Certainty(NamedTuple):
    """f32 (row,) each; nan where the teacher has not seen the image."""

    margin: np.ndarray  # probability of the predicted class less that of the next one
    loss: np.ndarray  # cross-entropy of the true class, in nats


@once_per(facts_of)
def certainty(table: Population) -> Certainty | None:
    """None without a teacher. Slow the first time, where logits are many."""
    said = table.predictions
    if said is None:
        return None
    margin, loss = (np.full(table.rows, np.nan, np.float32) for _ in range(2))
    for begin in range(0, table.rows, _CHUNK):
        rows = begin + np.flatnonzero(said.source[begin : begin + _CHUNK] >= 0)
        probability = softmax(said.logits[said.source[rows]].to_numpy())
        ascending = np.sort(np.pad(probability, ((0, 0), (1, 0))), axis=1)  # also of one class
        margin[rows] = ascending[:, -1] - ascending[:, -2]
        true = probability[np.arange(len(rows)), table.label[rows]]
        loss[rows] = -np.log(np.maximum(true, np.finfo(np.float32).tiny))
    return Certainty(margin, loss)
