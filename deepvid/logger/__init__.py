"""Trainings of other programs as runs: NumPy and the store, no JAX."""

from deepvid.logger.logged import LoggedRun, log_run

__all__ = ["LoggedRun", "log_run"]
