"""`deepvid project`: one more map for a run; its options are the settings of `config.Projection`."""

import typer

from deepvid import config
from deepvid.cli.options import DEFAULT_STORE, Run, Store, require_compute
from deepvid.cli.running import run_options
from deepvid.cli.settings import given_in, with_settings
from deepvid.cli.terminal import open_console
from deepvid.config import experiment_from


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(with_settings(project, config.Projection))


def project(run: Run, store: Store = DEFAULT_STORE, **settings: str | None) -> None:
    """Lay out the images of RUN on one more map, and measure how far it can be trusted.

    A map of the same method, input and dimensions takes the place of the one before.
    """
    require_compute("deepvid project")
    from deepvid.pipeline.projection import projection_stage
    from deepvid.pipeline.runner import extend_run
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    chosen = given_in(settings, config.Projection)
    experiment = experiment_from({**open_run(path).config, "projections": [chosen]}, origin="the options")
    (section,) = experiment.projections
    with run_options(open_console(), path) as options:
        extend_run(path, projection_stage(section, seed=experiment.seed), options)
