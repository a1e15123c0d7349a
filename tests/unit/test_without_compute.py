"""The viewer needs the base requirements alone: it runs with every package of deepvid[compute] missing."""

import subprocess
import sys
from pathlib import Path

import pytest

# Modules of deepvid[compute] that no base requirement brings with it (datashader brings SciPy).
ABSENT = [
    "flax",
    "jax",
    "jaxlib",
    "jaxtyping",
    "openTSNE",
    "optax",
    "pooch",
    "sklearn",
    "threadpoolctl",
    "torch",
    "umap",
]

BLOCK = f"""
import sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {ABSENT!r} else PathFinder.find_spec(name, path, target)

sys.meta_path = [Without if finder is PathFinder else finder for finder in sys.meta_path]
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCK + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(
    "modules",
    [
        "deepvid",
        "deepvid.store",
        "deepvid.cli",
        "deepvid.engine.client",
        "dashboards.shell, dashboards.pages.diagnose",
    ],
)
def test_the_viewers_modules_import(modules: str) -> None:
    done = run(f"import {modules}")
    assert done.returncode == 0, done.stderr


def test_a_run_opens(tiny_run: Path) -> None:
    code = "import deepvid; print(deepvid.open_run(sys.argv[1]).batches('students')[0].open().sizes['fit'])"
    done = run(code, str(tiny_run))
    assert done.stdout.strip() == "2", done.stderr


@pytest.mark.parametrize("command", [["list"], ["list", "--json"]])
def test_commands_that_only_read_work(tiny_store: Path, command: list[str]) -> None:
    code = "from deepvid.cli import main; sys.argv[0] = 'deepvid'; sys.exit(main())"
    done = run(code, *command, "--store", str(tiny_store))
    assert done.returncode == 0, done.stderr
    assert "fashion_mnist_small" in done.stdout


def test_a_training_is_logged(tmp_path: Path) -> None:
    code = """
import deepvid, numpy as np
labels, features = np.arange(30) % 3, np.random.default_rng(0).normal(size=(30, 4))
images, weight = np.zeros((30, 8, 8), np.uint8), np.eye(4, 3)
with deepvid.log_run("toy", images, labels, test=labels == 2, epochs=1, store=sys.argv[1]) as run:
    run.epoch(logits=features @ weight, features=features, head=(weight, None))
print(deepvid.open_run(run.path).status().state)
"""
    done = run(code, str(tmp_path))
    assert done.stdout.strip() == "finished", done.stderr


def test_a_command_that_computes_says_which_extra_to_install(tiny_store: Path, tmp_path: Path) -> None:
    code = "from deepvid.cli import main; sys.argv[0] = 'deepvid'; sys.exit(main())"
    done = run(code, "run", "fashion_mnist_small", "--store", str(tmp_path))
    assert done.returncode == 2
    assert "deepvid[compute]" in done.stderr
    assert "Traceback" not in done.stderr
