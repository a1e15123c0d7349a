"""One command in a process of its own, beside a server that goes on answering."""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from deepvid.cli.main import main
from deepvid.spawning import end_with_parent

LOWEST = 19  # of `nice`
IDLE_PRIORITY_CLASS = 0x40  # of Windows


def run_command(arguments: Sequence[str], log: Path) -> None:
    """Runs `deepvid` with the arguments at the lowest priority, its output in the file `log`; then exits as a
    terminal's command does.

    SIGINT stops it at the next safe point. It ends with the process that started it, however that ends.
    """
    end_with_parent()
    _stand_back()
    # Whoever started it may ignore Ctrl-C, and a process inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("a") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    sys.argv = ["deepvid", *arguments]  # what a run says it was begun with
    main(list(arguments))


def _stand_back() -> None:
    """Lets every other process go first, and takes this one out of the reach of its terminal's Ctrl-C."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), IDLE_PRIORITY_CLASS)
    else:
        os.setsid()
        os.nice(LOWEST)
