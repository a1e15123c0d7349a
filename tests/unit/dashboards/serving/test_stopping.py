"""Ctrl-C stops a served loop wherever Python is when it comes."""

import subprocess
import sys

from dashboards.serving.plugin import INTERRUPTED

PRESSED = """
import os, signal, time
from tornado.ioloop import IOLoop
from dashboards.serving.plugin import stop_on_interrupt

class Pressing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

stop_on_interrupt()
IOLoop.current().add_callback(Pressing)
IOLoop.current().start()
print("stopped")
{after}
"""


def run(after: str = "") -> subprocess.CompletedProcess[str]:
    script = PRESSED.format(after=after)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)


def test_it_stops_where_an_exception_would_be_lost() -> None:
    done = run()
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["Interrupted,", "shutting", "down", "stopped"]
    assert done.stderr == ""


def test_a_second_one_ends_it_at_once() -> None:
    assert run("Pressing(); time.sleep(50)").returncode == INTERRUPTED
