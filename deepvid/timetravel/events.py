"""Events of a sample in a training: C-R4 of DeepVisualInsight's successors.

Source: `training_event.py` of TrustTimeVis's code.
"""

from typing import Literal, NamedTuple, get_args

import numpy as np
from jaxtyping import Float, Int

Kind = Literal["flip", "probability", "distance"]
KINDS: tuple[Kind, ...] = get_args(Kind)
JUMP = 0.5  # of the label's probability
FAR = 2.0  # standard deviations over the samples


class Events(NamedTuple):
    """One row an event, by epoch and then by sample."""

    epoch: Int[np.ndarray, " event"]  # after which it is seen, counted from 0
    row: Int[np.ndarray, " event"]
    kind: Int[np.ndarray, " event"]  # of `KINDS`
    change: Float[np.ndarray, " event"]  # of the label's probability, or of the distance in the map's unit


def events(
    predicted: Int[np.ndarray, "epoch sample"],
    probability: Float[np.ndarray, "epoch sample"],
    position: Float[np.ndarray, "epoch sample 2"],
) -> Events:
    """From each epoch to the next: another class, a jump of the label's `probability`, a far move.

    A move is far where the distance to the sample's last position changes by more than the mean over all
    samples and two standard deviations. Of a class the change is that of the probability. A sample that an
    epoch has no position of (nan) has no move there.
    """
    gained = np.diff(probability, axis=0)
    nearer = np.abs(np.diff(np.linalg.norm(position - position[-1], axis=2), axis=0))
    usual = np.nanmean(nearer, axis=1, keepdims=True) + FAR * np.nanstd(nearer, axis=1, keepdims=True)
    happened = np.stack([predicted[1:] != predicted[:-1], np.abs(gained) > JUMP, nearer > usual])
    change = np.stack([gained, gained, nearer])
    epoch, row, kind = np.nonzero(happened.transpose(1, 2, 0))
    return Events(epoch + 1, row, kind, change[kind, epoch, row].astype(np.float32))
