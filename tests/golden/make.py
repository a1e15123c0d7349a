"""Makes `version_1.zip`, the archive that every later version must open: python tests/golden/make.py

A real run of the pipeline, as small as it can be. Made once for a version of the format and then never again;
a new version gets a file of its own beside it.
"""

import sys
import tempfile
from pathlib import Path
from threading import Event
from unittest.mock import patch

from deepvid import resources
from deepvid.cli.console import listening
from deepvid.cli.printing import open_console
from deepvid.config import read_experiment
from deepvid.pipeline import runner
from deepvid.store import open_run, write_archive
from deepvid.store.format.schema import VERSION

SETTINGS = (
    "name=golden",
    "dataset.train=20",
    "dataset.test=16",
    "teacher.epochs=2",
    "teacher.batch=20",
    "teacher.network={kind='mlp', hidden=[2]}",
    "projections.1.perplexity=5",
    "vae.epochs=1",
    "vae.batch=20",
    "vae.latent=2",
    "vae.width=1",
    "vae.hidden=2",
    "students.limit=1",
    "students.neighbors=40",
    "students.gradient_neighbors=8",
    "students.smoothness=[0.0]",
)

# Nothing of the machine that made it, but every field that there is.
PROVENANCE = {
    "time": "2026-01-01T00:00:00.000+00:00",
    "argv": ["deepvid", "run", "fashion_mnist_small"],
    "seeds": {"experiment": 0},
    "git": {"commit": "0" * 40, "dirty": False},
    "python": "3.11.7",
    "os": "an operating system",
    "cpu": {"model": "a processor", "cores": 2},
    "devices": ["cpu:0 cpu"],
    "environment": {"OMP_NUM_THREADS": "2"},
    "packages": {"deepvid": "0.1.0", "jax": "0.7.0", "numpy": "2.0.0", "zarr": "3.1.0"},
    "checksums": {},
}


def main(folder: Path) -> None:
    experiment = read_experiment(resources.experiment("fashion_mnist_small"), SETTINGS)
    console = open_console()
    with (
        tempfile.TemporaryDirectory() as store,
        patch.object(runner, "collect_provenance", lambda **_: PROVENANCE),
        listening(console) as listener,
    ):
        path = runner.run_experiment(experiment, Path(store), runner.RunOptions(listener, Event()))
        file = write_archive(open_run(path), folder / f"version_{VERSION}.zip")
    console.print(f"{file} has {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
