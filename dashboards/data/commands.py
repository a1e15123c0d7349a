"""The commands that several views show: quoted for a shell, and right in whatever folder they are typed."""

import shlex
from collections.abc import Sequence
from pathlib import Path, PurePath

from dashboards.data.writable import store_refusal
from deepvid.store import Address, Run
from deepvid.wording import command


def first_run(store: Address) -> str:
    """The command that makes a first run in a store; empty where nothing can be written."""
    return "" if store_refusal(store) else command("demo", "--store", store)


def continuing(name: str, argv: Sequence[str], store: Address) -> str:
    """The command that computes all of a run: the one that began it, where that was ours, to the end."""
    program = PurePath(argv[0]) if argv else PurePath()
    if program.stem == "deepvid" or program.parts[-2:] == ("deepvid", "__main__.py"):
        return shlex.join(["deepvid", *_without(_ELSEWHERE, argv[1:]), "--store", str(store)])
    if name == "fashion_mnist_small":
        return command("demo", "--store", store)
    return command("run", f"experiments/{name}.toml", "--store", store)


def continuation(run: Run) -> str:
    """The command for the stages that a run has not; empty where nothing can be written, or not by us."""
    name = "" if run.read_only or run.logged else run.summary.get("name", "")
    argv, store = run.provenance.get("argv", ()), Path(run.address).parent
    return continuing(name, argv, store) if name else ""


def first_map(run: Run) -> str:
    """The command that lays out the images of a logged run; empty where nothing can be written."""
    possible = run.logged and "teacher" in run.stages and not run.read_only
    return command("project", run.id, "--store", run.path.parent) if possible else ""


def travelling(run: Run) -> str:
    """The command for a map of every epoch; empty where nothing can be written."""
    return "" if run.read_only else command("time-travel", run.id, "--store", run.path.parent)


def looking(run: Run) -> str:
    """The command that looks into the layers of a network; empty where nothing can be written."""
    return "" if run.read_only else command("network", run.id, "--store", run.path.parent)


def checking(archive: str) -> str:
    """The command that verifies a downloaded archive without DeepVID."""
    name = f"./{archive}" if archive.startswith("-") else archive
    return f"unzip {shlex.quote(name)} -d run && cd run && sha256sum -c manifest-sha256.txt"


_ELSEWHERE = ("--store", "--stop-after")
"""Options of a command that is typed again, maybe from another folder, and for all that it left out."""


def _without(options: Sequence[str], words: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        if before not in options and word.partition("=")[0] not in options:
            kept.append(word)
    return kept
