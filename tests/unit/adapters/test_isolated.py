"""Models of files, archives and modules run in processes that have limits and can be killed."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from nets import trap_onnx

from deepvid import config
from deepvid.adapters import isolated
from deepvid.adapters.catalogue import open_model
from deepvid.adapters.preparing import Prepared
from deepvid.engine.client import Job
from deepvid.errors import Cancelled, ConfigError, DataError

DARK, BRIGHT = np.full((3, 4, 4, 1), 0.5, np.float32), np.ones((3, 4, 4, 1), np.float32)
SHAPE, NAMES = (4, 4, 1), ("dark", "bright")


def odd(name: str) -> Prepared:
    return open_model(config.Function(entry=f"odd_models:{name}"), image_shape=SHAPE, class_names=NAMES)


def models_alive() -> set[psutil.Process]:
    """Processes of models, which this one started."""
    alive = (each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE)
    return {each for each in alive if "spawn_main" in " ".join(each.cmdline())}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("sleeps", "within 2 s, the limit of DEEPVID_MODEL_SECONDS. Found: odd_models:sleeps took longer"),
        ("spins", "within 2 s, the limit of DEEPVID_MODEL_SECONDS. Found: odd_models:spins took longer"),
        ("stops", "within 2 s, the limit of DEEPVID_MODEL_SECONDS. Found: odd_models:stops took longer"),
        ("swells", "with 200 MB of memory, the limit of DEEPVID_MODEL_MEMORY"),
        ("leaves", "ended by itself .exit code 3"),
        ("exits", "ended by itself .exit code 4"),
        ("crashes", "ended by itself .SIGSEGV"),
        ("raises", "OddError at images 0 to 2 of 3: it is too bright"),
    ],
)
def test_whatever_a_model_does_is_told_and_the_next_question_is_answered(
    name: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(isolated.SECONDS, "30" if name == "swells" else "2")
    monkeypatch.setenv(isolated.MEMORY, "200 MB")
    before = models_alive()  # of a test that has failed, say: its traceback keeps them
    model = odd(name)
    with pytest.raises(DataError, match=found):
        model.answers(BRIGHT)
    assert model.answers(DARK).logits.shape == (3, 2)
    assert len(models_alive() - before) == 1  # of the others none is left
    del model
    assert not models_alive() - before


def test_an_error_of_another_package_goes_through_processes_under_its_name() -> None:
    """As a cause it does, too, where Dask is installed."""
    again = pickle.loads(pickle.dumps(isolated._raised("CudaError", ("no device",), "where")))
    assert (type(again).__name__, str(again)) == ("CudaError", "no device")


def test_a_request_to_stop_ends_what_never_ends_and_nobody_else_waits_for_it() -> None:
    model = odd("sleeps")
    job = Job(BRIGHT)
    thread = threading.Thread(target=job.run, args=(lambda images, _: model.answers(images),))
    thread.start()
    time.sleep(0.2)
    assert model.answers(DARK).logits.shape == (3, 2)  # by a process of its own
    assert not job.done()
    job.cancel()
    with pytest.raises(Cancelled):
        job.result(2)
    thread.join()


def test_a_network_from_a_file_cannot_hang_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `Loop` that never ends for bright images; ONNX Runtime does not listen to Python meanwhile."""
    path = tmp_path / "trap.onnx"
    path.write_bytes(trap_onnx((1, 4, 4), 2, above=0.9))
    model = open_model(config.Onnx(path=path), image_shape=SHAPE, class_names=NAMES)
    assert model.answers(DARK).logits.shape == (3, 2)
    monkeypatch.setenv(isolated.SECONDS, "1")
    model = open_model(config.Onnx(path=path), image_shape=SHAPE, class_names=NAMES)
    with pytest.raises(DataError, match=r"trap\.onnx took longer"):
        model.answers(BRIGHT)


@pytest.mark.parametrize(("variable", "value"), [(isolated.SECONDS, "soon"), (isolated.MEMORY, "-1 GB")])
def test_a_limit_that_is_none(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=f"{variable} is .*Found: '{value}'"):
        odd("sleeps")


SERVER = """
import asyncio, os, signal
from functools import cache
import numpy as np
from deepvid import config
from deepvid.adapters.catalogue import open_model
from deepvid.engine.client import ThreadEngine
from deepvid.engine.requests import Request
from dashboards.serving.plugin import stop_on_interrupt
from dashboards.session import computing

print("begun", flush=True)
model = open_model(
    config.Function(entry="odd_models:sleeps"), image_shape=(4, 4, 1), class_names=("dark", "bright")
)
engine = ThreadEngine(lambda: {Request: lambda *_: model.answers(np.ones((3, 4, 4, 1)))})
computing._connected = cache(lambda: engine)
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
stop_on_interrupt()
computing.engine().submit(Request(""))
loop.call_later(0.3, os.kill, os.getpid(), signal.SIGINT)
loop.run_forever()
print("ended")
"""


def test_ctrl_c_ends_a_server_whatever_a_model_does_and_a_program_is_run_once(tmp_path: Path) -> None:
    """A script without `if __name__ == "__main__"` is not run again in the processes of its models."""
    script = tmp_path / "script.py"
    script.write_text(SERVER)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=30, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["begun", "", "Interrupted, shutting down", "ended"]


def is_worker(child: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except psutil.Error:  # it has just ended
        return False


def test_ctrl_c_ends_explain_whatever_a_model_does(tmp_path: Path) -> None:
    np.savez(tmp_path / "images.npz", images=np.full((9, 8, 8), 255, np.uint8), labels=np.arange(9) % 2)
    command = [sys.executable, "-m", "deepvid", "explain", "odd_models:sleeps", "--images", "images.npz"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not any(map(is_worker, psutil.Process(process.pid).children())):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)  # it is asked by now
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=60)
    assert time.monotonic() - began < 10  # a fraction of a second, and then a busy machine
    assert process.returncode == 130
    assert "Stopping at the next safe point" in complaint
