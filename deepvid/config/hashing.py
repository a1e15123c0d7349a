"""Stable hashes of settings: what a run's id and a stage's key are made of."""

import hashlib
import json
from typing import Any

from deepvid.config.experiment import Experiment


def digest(value: Any) -> str:
    """The sha256 of `value` as canonical JSON (sorted keys, no spaces), in hex."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def run_id(experiment: Experiment) -> str:
    """`<name>-<first 8 hex digits of the configuration's hash>`."""
    return f"{experiment.name}-{digest(experiment.model_dump(mode='json'))[:8]}"
