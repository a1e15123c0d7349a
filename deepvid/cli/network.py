"""`deepvid network`: what every layer has learned; its options are the settings of `config.Layers`."""

from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Console

from deepvid import config
from deepvid.cli.extras import require_compute
from deepvid.cli.options import DEFAULT_STORE, Json, Run, Store, print_json
from deepvid.cli.running import run_options
from deepvid.cli.settings import given_in, with_settings
from deepvid.cli.tables import Row, print_table
from deepvid.cli.terminal import Terminal, open_console
from deepvid.config import experiment_from
from deepvid.config.sections.teacher import TRAINED
from deepvid.network.sentences import depths, influence, sentence
from deepvid.wording import percent, percent_interval

COLUMNS = ("layer", "shape", "parameters", "sees", "probe", "chance", "map keeps")
RIGHT = set(COLUMNS) - {"layer"}


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(with_settings(network, config.Layers))


def network(run: Run, store: Store = DEFAULT_STORE, as_json: Json = False, **settings: str | None) -> None:
    """Say what every layer of RUN's teacher has learned: what the nearest training images say there.

    What RUN has of it is kept, unless other settings are given. A layer sees so many pixels at such a stride;
    its map keeps so many of ten neighbors, with chance.
    """
    require_compute("deepvid network")
    from deepvid.pipeline.network import network_stage
    from deepvid.pipeline.runner import extend_run
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    known = open_run(path)
    stage = known.stages.get(config.Layers.stage)
    own = stage.open().attrs["settings"] if stage else known.config.get("network") or {}
    chosen = {**own, **given_in(settings, config.Layers)}
    experiment = experiment_from({**known.config, "network": chosen}, origin="the options")
    assert experiment.network is not None
    console = Terminal(stderr=True) if as_json else open_console()
    with run_options(console, path) as options:
        vae = known.teacher_source == TRAINED and "vae" in known.stages
        work = network_stage(experiment.network, seed=experiment.seed, vae=vae)
        extend_run(path, work, options)
    told = open_run(path).stages[config.Layers.stage].open().attrs
    if as_json:
        print_json(dict(told))
    else:
        print_told(console, told)


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
