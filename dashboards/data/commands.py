"""The commands that several views show: quoted for a shell, and right in whatever folder they are typed.

Beside its text a command has the computation that a page starts in its place. That is never the text: a run
says itself what it was begun with, and whoever made an archive may have written anything there.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from dashboards.data.computation import Computation, Kind
from dashboards.data.writable import store_refusal
from deepvid.config import experiment_from
from deepvid.config.sections.teacher import TRAINED
from deepvid.errors import DeepVIDError
from deepvid.store import Address, Run, absolute
from deepvid.wording import command


class Command(NamedTuple):
    """A command to copy, and what a page starts in its place."""

    text: str = ""  # empty: nothing can be done about it
    computation: Computation | None = None
    refusal: str = ""  # why no page starts it, as a sentence; empty where one does


NONE = Command()


def first_run(store: Address) -> Command:
    """Makes a first run in a store; none where nothing can be written."""
    if store_refusal(store):
        return NONE
    return Command(command("demo", "--store", store), Computation("demo", Path(absolute(store))))


def continuing(name: str, argv: Sequence[str], store: Address) -> str:
    """The command that computes all of a run: the one that began it, where that was ours, to the end."""
    program = PurePath(argv[0]) if argv else PurePath()
    if program.stem == "deepvid" or program.parts[-2:] == ("deepvid", "__main__.py"):
        return shlex.join(["deepvid", *_without(_ELSEWHERE, argv[1:]), "--store", str(store)])
    if name == "fashion_mnist_small":
        return command("demo", "--store", store)
    return command("run", f"experiments/{name}.toml", "--store", store)


def continuation(run: Run) -> Command:
    """Computes the stages that a run has not; none where nothing can be written, or not by us."""
    name = "" if run.read_only or run.logged else run.summary.get("name", "")
    argv, store = run.provenance.get("argv", ()), Path(run.address).parent
    if not name:
        return NONE
    of_fork = tuple(argv[1:2]) == ("fork",)  # which trains, and computes no more of it
    text = command("continue", run.id, "--store", store) if of_fork else continuing(name, argv, store)
    outside = _outside(run)
    return Command(text, refusal=outside) if outside else _of_run("continue", run, text)


def first_map(run: Run) -> Command:
    """Lays out the images of a logged run; none where nothing can be written."""
    possible = run.logged and "teacher" in run.stages and not run.read_only
    return (
        _of_run("project", run, command("project", run.id, "--store", run.path.parent)) if possible else NONE
    )


def time_travel_command(run: Run) -> Command:
    """Computes a map of every epoch; none where nothing can be written."""
    if run.read_only:
        return NONE
    return _of_run("time-travel", run, command("time-travel", run.id, "--store", run.path.parent))


def network_command(run: Run) -> Command:
    """Looks into the layers of a network; none where nothing can be written."""
    if run.read_only:
        return NONE
    return _of_run("network", run, command("network", run.id, "--store", run.path.parent))


def causes_command(run: Run) -> str:
    """Looks why images are wrong; empty where nothing can be written."""
    return "" if run.read_only else command("causes", run.id, "--store", run.path.parent)


def retraining(run: Run, file: str) -> str:
    """Trains on all images but those of a file of marks; empty of a run that another program began, that
    trained no teacher, or whose samples have other numbers than its data set, as it left some out already.
    """
    name, words, store = run.summary.get("name", ""), run.provenance.get("argv", ()), run.path.parent
    if run.read_only or run.teacher_source != TRAINED or run.config.get("dataset", {}).get("leave_out"):
        return ""
    if name and tuple(words[1:2]) == ("demo",):
        return command("run", name, "--store", store, "--set", f"dataset.leave_out={file}")
    if tuple(words[1:2]) != ("run",):
        return ""
    return f"{continuing(name, words, store)} --set {shlex.quote(f'dataset.leave_out={file}')}"


def checking(archive: str) -> str:
    """The command that verifies a downloaded archive without DeepVID."""
    name = f"./{archive}" if archive.startswith("-") else archive
    return f"unzip {shlex.quote(name)} -d run && cd run && sha256sum -c manifest-sha256.txt"


def _of_run(kind: Kind, run: Run, text: str) -> Command:
    store = run.path.parent
    return Command(text, Computation(kind, Path(absolute(store)), run.id), store_refusal(store))


def _outside(run: Run) -> str:
    """Why only the person who began a run continues it; empty where the run holds all that it takes."""
    if run.teacher_source != TRAINED:
        return "It explains a model of your own, which only a command that you type may open."
    if "dataset" not in run.stages and _reads_files(run):
        return "It has not read its images, files of your own, which only a command that you type may open."
    return ""


def _reads_files(run: Run) -> bool:
    try:
        return experiment_from(run.config, origin=run.id).dataset.local
    except DeepVIDError:  # of settings that there are no more
        return True


_ELSEWHERE = ("--store", "--stop-after")
"""Options of a command that is typed again, maybe from another folder, and for all that it left out."""


def _without(options: Sequence[str], words: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        if before not in options and word.partition("=")[0] not in options:
            kept.append(word)
    return kept
