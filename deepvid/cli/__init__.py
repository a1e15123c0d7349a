"""The `deepvid` command: one file per group of commands. Importing it imports nothing that computes."""

from deepvid.cli.main import main

__all__ = ["main"]
