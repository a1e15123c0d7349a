"""`deepvid time-travel`: a map of every epoch; its options are the settings of `config.TimeTravel`."""

import typer

from deepvid import config
from deepvid.cli.extras import require_compute
from deepvid.cli.options import DEFAULT_STORE, Run, Store
from deepvid.cli.running import ordered
from deepvid.cli.settings import given_in, with_settings
from deepvid.cli.terminal import open_console
from deepvid.config import experiment_from


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(with_settings(time_travel, config.TimeTravel))


def time_travel(run: Run, store: Store = DEFAULT_STORE, **settings: str | None) -> None:
    """Map every epoch of RUN's teacher, and what it decides everywhere on each map.

    Maps of the same form take the place of those before. What was mapped when this is stopped stays.
    """
    require_compute("deepvid time-travel")
    from deepvid.pipeline.runner import extend_run
    from deepvid.pipeline.time_travel import time_travel_stage
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    chosen = given_in(settings, config.TimeTravel)
    experiment = experiment_from({**open_run(path).config, "time_travel": [chosen]}, origin="the options")
    (section,) = experiment.time_travel
    with ordered(open_console(), path) as order:
        extend_run(path, time_travel_stage(section, seed=experiment.seed), order)
