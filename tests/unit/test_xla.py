"""Flags that a person has set are kept, and a GPU is prepared only where JAX can reach one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deepvid.xla import WITHOUT_TRITON, add_flag, has_cuda


def test_a_flag_joins_those_that_are_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLA_FLAGS", "--first=1 --second=true")
    add_flag("--third=2")
    add_flag("--third=2")
    add_flag("--second=false")
    assert os.environ["XLA_FLAGS"] == "--first=1 --second=true --third=2"


@pytest.mark.parametrize(("plugin", "found"), [("jax_cuda13_plugin", True), ("other", False)])
def test_a_gpu_is_told_by_the_plugin_that_is_installed(
    plugin: str, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / plugin).mkdir()
    (tmp_path / plugin / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert has_cuda() is found


@pytest.mark.parametrize(("plugin", "told"), [("jax_cuda13_plugin", "float32"), ("other", "None")])
def test_products_are_exact_on_a_gpu(plugin: str, told: str, tmp_path: Path) -> None:
    (tmp_path / plugin).mkdir()
    (tmp_path / plugin / "__init__.py").touch()
    code = (
        "import os, jax; from deepvid.cores import use_cores; use_cores();"
        "print(jax.config.jax_default_matmul_precision, os.environ['XLA_FLAGS'], jax.numpy.ones(1)[0])"
    )
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": paths, "XLA_FLAGS": "", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [told, *([WITHOUT_TRITON] if told == "float32" else []), "1.0"]
