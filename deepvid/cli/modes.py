"""`deepvid modes`: kinds of mistakes, each with a rule and how often it is right elsewhere."""

from collections.abc import Mapping

from deepvid import config
from deepvid.cli.options import (
    READ_STORE,
    Json,
    ReadRun,
    ReadStore,
    given_in,
    print_json,
    require_compute,
    writable,
)
from deepvid.cli.printing import Terminal, open_console
from deepvid.cli.running import run_options
from deepvid.config import experiment_from
from deepvid.reasons import confirmation

STAGE = config.Modes.stage


def modes(run: ReadRun, store: ReadStore = READ_STORE, as_json: Json = False, **settings: str | None) -> None:
    """Say which kinds of mistakes RUN makes: what sets each apart from its other errors.

    Each was found on one half of the test images; its rule is tried on the other. What is computed is kept in
    the run; of an archive what it has is shown.
    """
    from deepvid.store import find_address, open_run

    console = Terminal(stderr=True) if as_json else open_console()
    address = find_address(store, run)
    if STAGE not in open_run(address).stages or any(settings.values()):
        _find(console, store, run, settings)
    told = list(open_run(address).stages[STAGE].open("modes").attrs["modes"])
    if as_json:
        print_json(told)
        return
    for number, mode in enumerate(told, 1):
        console.print(f"{number:2}  {mode['sentence']}", soft_wrap=True)
        console.print(f"    {confirmation(mode)}", soft_wrap=True, style="" if mode["confirmed"] else "dim")
        if mode["action"]:
            console.print(f"    What to do: {mode['action']}", soft_wrap=True)
        console.print(f"    {', '.join(f'#{sample}' for sample in mode['central'])}", soft_wrap=True)
    if not told:
        console.print("Too few errors for kinds of mistakes")


def _find(console: Terminal, store: str, run: str, settings: Mapping[str, str | None]) -> None:
    """Computes the stage. Raises StoreError for a run that cannot be written to."""
    require_compute("deepvid modes")
    from deepvid.pipeline.causes import causes_stage
    from deepvid.pipeline.modes import modes_stage
    from deepvid.pipeline.runner import extend_run
    from deepvid.pipeline.stage import Stage
    from deepvid.store import open_run

    path = writable(store, run, "Modes are")
    known = open_run(path)
    table = known.config
    chosen = {**(table.get(STAGE) or {}), **given_in(settings, config.Modes)}
    experiment = experiment_from({**table, STAGE: chosen}, origin="the options")
    section = experiment.modes
    assert section is not None  # it was asked for
    stages: list[Stage] = [modes_stage(section, seed=experiment.seed)]
    causes = config.Causes.stage
    if causes not in known.stages:
        checked = config.DataCheck.stage in known.stages
        first = causes_stage(experiment.causes or config.Causes(), seed=experiment.seed, checked=checked)
        stages.insert(0, first)
    with run_options(console, path) as options:
        extend_run(path, stages, options)
