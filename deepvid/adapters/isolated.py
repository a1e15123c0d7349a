"""A model of a file, an archive or a module, asked in processes of its own, with limits, which can be killed.

Whatever it does there, this process waits until the answer, the limit of time or of memory, or a request to
stop. Arrays cross as bytes, and nothing that such a process says is unpickled here.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
import traceback
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection
from threading import Condition
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import numpy as np
from pydantic import ByteSize, Field, TypeAdapter, ValidationError

from deepvid import errors
from deepvid.adapters.contract import Adapter, BatchSizedAdapter, Differentiable, Headed, Outputs
from deepvid.adapters.preparing import BATCH
from deepvid.config.sections.external_model import name_of
from deepvid.errors import ConfigError, DataError, DeepVIDError
from deepvid.progress import current
from deepvid.spawning import SPAWN, end_with_parent, without_script
from deepvid.tier import Tier
from deepvid.wording import size

if TYPE_CHECKING:
    from jaxtyping import Int

    from deepvid import config

T = TypeVar("T")
SECONDS, MEMORY = "DEEPVID_MODEL_SECONDS", "DEEPVID_MODEL_MEMORY"
MOST = 3  # processes of one model: while one hangs, others are asked on
_LOOK = 0.05  # seconds between two looks at whether to go on waiting
_LONGEST_LOOK = 1.0  # seconds that one counts for: more have passed only where this process was stopped, too
_OPENING = 4  # times the size of its file that a model may take while it is opened, beside its limit
_LAST = 5.0  # seconds that a process which ends may take for it
_LOADING = 120.0  # seconds to open it, at least: packages are imported


class Limits(NamedTuple):
    """Limits of a model, of one answer to a batch of images."""

    seconds: float = 120.0  # and as many again for each class that is differentiated
    memory: int = 2 * 10**9  # bytes beside those that it takes when it has been opened


def limits() -> Limits:
    """Those that the environment sets. Raises ConfigError."""
    usual = Limits()
    return Limits(
        _set(SECONDS, float, usual.seconds, "a number of seconds, such as 600"),
        _set(MEMORY, ByteSize, usual.memory, "a size, such as 8 GB"),
    )


class IsolatedAdapter:
    """An `Adapter` of one that other processes hold: one for each question at a time, at most three."""

    def __init__(self, section: config.ExternalModel, content: bytes | None, open_here: Opener) -> None:
        """`open_here(section, content)` opens the adapter in the other process: a function of a module."""
        limits()  # a wrong one is told before anything is opened
        self._open = lambda: _Process(section, content, open_here)
        self._idle: list[_Process] = []
        self._count, self._changed = 0, Condition()
        weakref.finalize(self, _end_all, self._idle)
        with self._process() as process:
            told = process.told
        self.name, self.layout, self.batch = told["name"], told["layout"], told["batch"]
        self.tier = Tier(told["tier"])
        self.takes = None if told["takes"] is None else tuple(told["takes"])
        self._digest: str | None = told["digest"]

    def outputs(self, inputs: np.ndarray) -> Outputs:
        scores, *features = self._ask("outputs", inputs)
        return Outputs(scores, features[0] if features else None)

    def outputs_and_slopes(
        self, inputs: np.ndarray, outputs: Int[np.ndarray, " asked"]
    ) -> tuple[np.ndarray, np.ndarray]:
        scores, slopes = self._ask("outputs_and_slopes", inputs, outputs, passes=1 + len(outputs))
        return scores, slopes

    def head(self) -> tuple[np.ndarray, np.ndarray] | None:
        """None also of an adapter that cannot show it."""
        found = self._ask("head")
        return (found[0], found[1]) if found else None

    def digest(self) -> str | None:
        return self._digest

    def _ask(self, what: str, *arrays: np.ndarray, passes: int = 1) -> list[np.ndarray]:
        with self._process() as process:
            return process.ask(what, arrays, passes)

    @contextlib.contextmanager
    def _process(self) -> Iterator[_Process]:
        """One that nobody else asks, kept for the next unless it was ended."""
        with self._changed:
            while not self._idle and self._count == MOST:
                self._changed.wait(_LOOK)
                current().check()
            process = self._idle.pop() if self._idle else None
            self._count += process is None
        try:
            if process is None:
                process = self._open()
            yield process
        finally:
            with self._changed:
                if process is not None and process.lives:
                    self._idle.append(process)
                else:
                    self._count -= 1
                self._changed.notify()


Opener = Callable[["config.ExternalModel", bytes | None], Adapter]


class _Process:
    """A process that has opened the model."""

    def __init__(self, section: config.ExternalModel, content: bytes | None, open_here: Opener) -> None:
        self._name = name_of(section)
        self._limits = limits()
        self._most = self._limits.memory + _OPENING * _size_of(section, content)
        self._pipe, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(
            target=_serve, args=(theirs, section, content, open_here), name="model", daemon=True
        )
        with without_script():
            self._process.start()
        theirs.close()
        self.lives = True
        self.told, _ = self._answer("opens", max(_LOADING, self._limits.seconds))
        self._most = self._memory() + self._limits.memory

    def ask(self, what: str, arrays: Sequence[np.ndarray], passes: int) -> list[np.ndarray]:
        """Raises what the model raises, DataError for one that breaks a limit or ends, and `Cancelled`."""
        with contextlib.suppress(OSError):  # of a process that has ended, as its answer tells
            _tell(self._pipe, {"what": what})
        self._answer("takes images", self._limits.seconds)  # it reads: what is sent now cannot wait for ever
        _tell(self._pipe, {}, arrays)
        _, found = self._answer("answers a batch of images", self._limits.seconds * passes)
        return found

    def end(self) -> None:
        """Whatever it does."""
        self.lives = False
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _answer(self, does: str, seconds: float) -> tuple[dict[str, Any], list[np.ndarray]]:
        try:
            with current().outside():
                self._wait(does, seconds)
            told, found = _heard(self._pipe)
        except (EOFError, OSError) as error:
            self._process.join(_LAST)
            code = self._process.exitcode
            self.end()
            raise DataError(
                "The process of a model lives until it has answered",
                f"that of {self._name} ended by itself ({_ended(code)})",
                "Mend the model, or explain what it answers as a table of predictions",
            ) from error
        except BaseException:
            self.end()  # it may be in the middle of an answer
            raise
        if "raised" in told:
            raise _raised(told["raised"], told["said"], told["trace"])
        return told, found

    def _wait(self, does: str, most: float) -> None:
        waited, last = 0.0, time.monotonic()
        while not self._pipe.poll(_LOOK):
            current().check()
            now = time.monotonic()
            waited, last = waited + min(now - last, _LONGEST_LOOK), now
            if waited > most:
                raise DataError(
                    f"A model {does} within {most:g} s, the limit of {SECONDS}",
                    f"{self._name} took longer, and its process was ended",
                    f"Set {SECONDS} to more if it is only slow, or mend the model",
                )
            if self._memory() > self._most:
                raise DataError(
                    f"A model {does} with {size(self._limits.memory)} of memory, the limit of {MEMORY}",
                    f"{self._name} took more, and its process was ended",
                    f"Set {MEMORY} to more if this machine has it, or mend the model",
                )

    def _memory(self) -> int:
        """Bytes; 0 of a process that has ended."""
        import psutil

        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0


def _serve(pipe: Connection, section: config.ExternalModel, content: bytes | None, open_here: Opener) -> None:
    """The process: opens the model, and answers until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, which then ends this process
    end_with_parent()
    with contextlib.suppress(EOFError, OSError):
        try:
            adapter = open_here(section, content)
            about: dict[str, Any] = {"takes": adapter.takes, "digest": adapter.digest()}
            about["batch"] = adapter.batch if isinstance(adapter, BatchSizedAdapter) else BATCH
            about |= {"name": adapter.name, "layout": adapter.layout, "tier": adapter.tier.value}
        except Exception as error:
            _tell(pipe, _spelled(error))
            return
        _tell(pipe, about)
        while True:
            told, _ = _heard(pipe)
            _tell(pipe, {})
            _, arrays = _heard(pipe)
            try:
                found = _ANSWERS[told["what"]](adapter, *arrays)
            except Exception as error:
                _tell(pipe, _spelled(error))
            else:
                _tell(pipe, {}, found)


def _outputs(adapter: Adapter, inputs: np.ndarray) -> list[Any]:
    return [array for array in adapter.outputs(inputs) if array is not None]


def _slopes(adapter: Adapter, inputs: np.ndarray, outputs: np.ndarray) -> list[Any]:
    assert isinstance(adapter, Differentiable)
    return list(adapter.outputs_and_slopes(inputs, outputs))


def _head(adapter: Adapter) -> list[Any]:
    return list(adapter.head() or ()) if isinstance(adapter, Headed) else []


_ANSWERS: Mapping[str, Callable[..., list[Any]]] = {
    "outputs": _outputs,
    "outputs_and_slopes": _slopes,
    "head": _head,
}


def _tell(pipe: Connection, told: Mapping[str, Any], arrays: Sequence[Any] = ()) -> None:
    sent = [np.asarray(array) for array in arrays]
    forms = [(array.dtype.str, array.shape) for array in sent]
    pipe.send_bytes(json.dumps({**told, "arrays": forms}).encode())
    for array in sent:
        pipe.send_bytes(array.tobytes())


def _heard(pipe: Connection) -> tuple[dict[str, Any], list[np.ndarray]]:
    told = json.loads(pipe.recv_bytes())
    forms = told.pop("arrays")
    return told, [np.frombuffer(bytearray(pipe.recv_bytes()), dtype).reshape(shape) for dtype, shape in forms]


def _spelled(error: Exception) -> dict[str, Any]:
    said = (error.must, error.found, error.action) if isinstance(error, DeepVIDError) else (str(error),)
    return {"raised": type(error).__name__, "said": said, "trace": traceback.format_exc()}


def _raised(kind: str, said: Sequence[str], trace: str) -> Exception:
    """An error of ours as it was; any other by its name, for it may be of a package that is not here."""
    ours = getattr(errors, kind, None)
    error: Exception = ours(*said) if ours else _foreign(kind, said)
    error.add_note(trace)
    return error


class _Foreign(Exception):  # noqa: N818 - its subclasses have the name of what was raised
    """An error of another package."""

    def __reduce__(self) -> Any:
        return _foreign, (type(self).__name__, self.args)  # no module has its class


def _foreign(kind: str, said: Sequence[str]) -> _Foreign:
    error: _Foreign = type(kind, (_Foreign,), {})(*said)
    return error


def _ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code or 0}"
    return f"{signal.Signals(-code).name}: a crash, or lack of memory"


def _end_all(processes: list[_Process]) -> None:
    for process in processes:
        process.end()


def _size_of(section: config.ExternalModel, content: bytes | None) -> int:
    """Bytes of the file, or files, that it is opened from."""
    if content is not None:
        return len(content)
    paths = filter(None, (getattr(section, name, None) for name in ("path", "weights")))
    return sum(file.stat().st_size for path in paths for file in (path, *path.rglob("*")) if file.is_file())


def _set(variable: str, kind: Any, usual: T, what: str) -> T:
    if not (text := os.environ.get(variable)):
        return usual
    try:
        value: T = TypeAdapter(Annotated[kind, Field(gt=0)]).validate_python(text)
    except ValidationError as error:
        raise ConfigError(f"{variable} is {what}", f"{text[:80]!r}", "Correct it, or leave it out") from error
    return value
