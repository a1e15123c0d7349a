"""`deepvid network`: what every layer has learned; its options are the settings of all its stages."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from deepvid.cli.options import (
    DEFAULT_STORE,
    Json,
    Run,
    Store,
    given_in,
    print_json,
    require_compute,
)
from deepvid.cli.printing import Row, Terminal, open_console, print_table
from deepvid.cli.running import run_options
from deepvid.config import experiment_from
from deepvid.config.sections.network import NETWORK, TOGETHER, apart
from deepvid.config.sections.teacher import TRAINED
from deepvid.fields import PARTS
from deepvid.network.sentences import depths, influence, sentence
from deepvid.wording import percent, percent_interval

if TYPE_CHECKING:
    from deepvid.store import Run as StoredRun

COLUMNS = ("layer", "shape", "parameters", "sees", "probe", "chance", "map keeps")
RIGHT = set(COLUMNS) - {"layer"}


def network(run: Run, store: Store = DEFAULT_STORE, as_json: Json = False, **settings: str | None) -> None:
    """Say what every layer of RUN's teacher has learned: what the nearest training images say there.

    What RUN has of it is kept, unless other settings are given. A layer sees so many pixels at such a stride;
    its map keeps so many of ten neighbors, with chance.
    """
    require_compute("deepvid network")
    from deepvid.pipeline.network import network_stages
    from deepvid.pipeline.runner import extend_run
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    known = open_run(path)
    asked, chosen = apart(known.config), {}
    for name, section in NETWORK.items():
        stage = known.stage(section.stage)
        own = {TOGETHER: stage.open().attrs["settings"]} if stage else {name: asked.get(name) or {}}
        chosen[name] = {**apart(own)[name], **given_in(settings, section)}
    experiment = experiment_from({**asked, **chosen}, origin="the options")
    console = Terminal(stderr=True) if as_json else open_console()
    with run_options(console, path) as options:
        vae = known.teacher_source == TRAINED and "vae" in known.stages
        extend_run(path, network_stages(experiment, vae=vae), options)
    told = _told(open_run(path))
    if as_json:
        print_json(told)
    else:
        print_told(console, told)


def _told(run: "StoredRun") -> dict[str, Any]:
    """Attributes of all of its stages."""
    return {
        **dict.fromkeys(("changes", "maximized", "maps")),
        "vae": False,
        **run.together(*PARTS).attrs,
    }


def print_told(console: Console, told: Mapping[str, Any]) -> None:
    """A line a layer, then what all of them say of the run."""
    rows = [_row(column) for column in told["columns"]]
    print_table(console, COLUMNS, rows, least=("parameters", "shape"), right=RIGHT)
    said = (sentence(told), depths(told), influence(told))
    console.print("\n".join(text for text in said if text), soft_wrap=True)


def _row(column: Mapping[str, Any]) -> Row:
    kept, low, high = column["neighbors_kept"]
    return {
        "layer": column["name"],
        "shape": "x".join(map(str, column["shape"])),
        "parameters": "" if column["parameters"] is None else f"{column['parameters']:,}",
        "sees": _seen(column["receptive_field"]),
        "probe": percent_interval(column["accuracy"], digits=1),
        "chance": percent(column["chance"], digits=1),
        "map keeps": ""
        if kept is None
        else f"{_of_ten((kept, low, high))} ({column['neighbors_chance']:.2g})",
    }


def _seen(field: Mapping[str, Any] | None) -> str:
    """As "13x13 / 2": pixels, and the stride between two places."""
    if field is None:
        return "all"
    sizes, strides = ([field[axis][what] for axis in "yx"] for what in ("size", "stride"))
    stride = str(strides[0]) if strides[0] == strides[1] else "x".join(map(str, strides))
    return f"{sizes[0]}x{sizes[1]} / {stride}"


def _of_ten(interval: tuple[float, float, float]) -> str:
    value, low, high = interval
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"
