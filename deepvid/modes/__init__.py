"""Kinds of mistakes: errors that look alike in many ways at once, each with a rule that is tried on others.

Source of the idea: slices of systematic errors, as in Eyuboglu et al. (2022), Domino: Discovering Systematic
Errors with Cross-Modal Embeddings, ICLR. Measured on planted faults: `benchmarks/modes.py`, `docs/causes.md`.
"""

from deepvid.modes.finding import Mode, Modes, find_modes
from deepvid.modes.representation import represent
from deepvid.modes.sentences import in_words

__all__ = ["Mode", "Modes", "find_modes", "in_words", "represent"]
