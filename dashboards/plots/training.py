"""How a network was trained."""

import holoviews as hv

from deepvid.errors import DataError
from deepvid.store import Run


def curves(run: Run, series: str = "teacher", measures: tuple[str, ...] = ()) -> hv.Layout:
    """Measures after each epoch, counted from 1: a plot a measure, with training and test in one.

    `series`: "teacher" or "vae". `measures` are names that the epochs have, such as `test_loss`; empty: all.
    Raises DataError where no epoch is committed, or none has one of the measures.
    """
    epochs = [commit.metrics for commit in run.commits if commit.kind == "epoch" and commit.name == series]
    known = list(dict.fromkeys(name for epoch in epochs for name in epoch if name != "seconds"))
    if not epochs or not set(measures) <= set(known):
        raise DataError(
            f"Epochs of the {series} have {', '.join(measures) or 'metrics'}",
            f"{len(epochs)} epochs with {', '.join(known) or 'none'} in {run.id}",
            "Ask for one of these, or continue the run: deepvid run EXPERIMENT.toml --store STORE",
        )
    drawn: dict[str, dict[str, hv.Curve]] = {}
    for name in measures or known:
        split, _, measure = name.partition("_") if name.startswith(("train_", "test_")) else ("", "", name)
        points = [(number, epoch[name]) for number, epoch in enumerate(epochs, 1) if name in epoch]
        words = measure.replace("_", " ")
        drawn.setdefault(words, {})[split] = hv.Curve(points, "epoch", (f"{series} {words}", words))
    plots = [hv.NdOverlay(of_split, "split").opts(title=words) for words, of_split in drawn.items()]
    look = hv.opts.Curve(frame_width=220, frame_height=150, tools=["hover"])
    return hv.Layout(plots).opts(look, hv.opts.NdOverlay(legend_position="right")).cols(3)
