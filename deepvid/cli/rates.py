"""`deepvid find-rate`: which learning rate to train with."""

from deepvid.cli.console import working
from deepvid.cli.options import Data, Json, print_json, require_compute
from deepvid.cli.printing import open_console, print_table
from deepvid.cli.running import ExperimentName, Overrides, experiment_file
from deepvid.config import Teacher, read_experiment
from deepvid.errors import UserError

EVERY = 10  # steps, a row of the table


def find_rate(
    experiment: ExperimentName,
    overrides: Overrides = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Train for 100 steps at rates from 1e-5 to 1, and say which learning rate to use: a tenth of the one
    with the least smoothed loss. No run is made.
    """
    require_compute("deepvid find-rate")
    from deepvid import datasets, training

    path = experiment_file(experiment)
    described = read_experiment(path, overrides or ())
    teacher = described.teacher
    if not isinstance(teacher, Teacher):
        raise UserError(
            "A rate is found for a classifier that DeepVID trains",
            f"teacher.source = {teacher.source!r}",
            "Give an experiment that trains one",
        )
    console = open_console()
    with working("rate") as progress:
        loaded = datasets.load(described.dataset, data=data, beside=path.parent, seed=described.seed)
        if loaded.labels is None:
            raise UserError("A training has labels", "images that nobody labeled", "Give them labels")
        images, labels = loaded.images[~loaded.test], loaded.labels[~loaded.test]
        search = training.find_rate(
            teacher, images, labels, loaded.class_names, seed=described.seed, progress=progress
        )
    if as_json:
        print_json(
            {
                "rate": search.rate,
                "rates": search.rates.tolist(),
                "losses": search.losses.tolist(),
                "smoothed": search.smoothed.tolist(),
            }
        )
        return
    steps = range(EVERY - 1, len(search.rates), EVERY)
    rows = [
        {"rate": f"{search.rates[step]:.1e}", "smoothed loss": f"{search.smoothed[step]:.3g}"}
        for step in steps
    ]
    print_table(console, ("rate", "smoothed loss"), rows)
    if not search.fell:
        console.print("The loss never fell: look at the data and the network first.", style="yellow")
        return
    console.print(
        f"teacher.learning_rate = {search.rate:.1e}, a tenth of the rate with the least smoothed loss "
        f"({search.rate * 10:.1e}); the experiment has {teacher.learning_rate:.1e}."
    )
