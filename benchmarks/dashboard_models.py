"""A latent that is dragged and a way between images, beside plain HoloViz; part of `dashboard.py`.

Both ask the models of a run that the pipeline trains here, once: it is kept in the temporary folder.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dashboard_gestures import latent, press, slide, way
from dashboard_page import HERE, Gesture, opened, served, times
from dashboard_plain import Plain, beside_plain
from playwright.sync_api import Browser
from records import Record

APP, PLAIN = HERE.parent / "dashboards" / "app.py", HERE / "plain_models.py"
STORE = Path(tempfile.gettempdir()) / "deepvid-benchmark-models"
EXPERIMENT = "fashion_mnist_small"
SETTINGS = (  # the demo's networks, with less to learn from
    "dataset.train=2000",
    "dataset.test=300",
    "teacher.epochs=2",
    "vae.epochs=2",
    "soft_tree.epochs=1",
    "projections=[{method='pca', of='pixels'}]",
)


class Asked(NamedTuple):
    """A gesture in a tab of ours, and the same through plain HoloViz."""

    tab: str
    gesture: Gesture
    plain: Plain


GESTURES = {
    "latent drag": Asked("tab=change&part=latents", latent, Plain("latents", slide, "hv.Image and hv.Bars")),
    "morph of 11 steps": Asked("tab=change&part=morph", way, Plain("way", press, "hv.Image and hv.Area")),
}


def measure_models(browser: Browser, repeats: int) -> Iterator[Record]:
    """All records."""
    run = trained()
    with served(STORE, APP) as (address, _):
        seen = {name: _ours(browser, f"{address}/app?run={run}", name, repeats) for name in GESTURES}
    with served(STORE, PLAIN) as (address, _):
        page = f"{address}/plain_models?run={run}"
        for name, (_, _, plain) in GESTURES.items():
            yield from beside_plain(browser, page, name, seen[name], plain, max(2, repeats // 4), (50, 95))


def trained() -> str:
    """The id of a run with a teacher, a VAE and a map."""
    command = [
        sys.executable,
        "-m",
        "deepvid",
        "run",
        EXPERIMENT,
        "--stop-after",
        "vae",
        "--store",
        str(STORE),
    ]
    command += [part for setting in SETTINGS for part in ("--set", setting)]
    done = subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()[1]  # Run ID in STORE


def _ours(browser: Browser, address: str, name: str, repeats: int) -> list[float]:
    page, _ = opened(browser, f"{address}&{GESTURES[name].tab}")
    milliseconds = times(page, GESTURES[name].gesture, repeats)
    page.context.close()
    return milliseconds
