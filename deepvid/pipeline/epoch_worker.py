"""A process of its own, at the lowest priority, that maps a teacher's epochs while the teacher is trained.

It reads what is committed and takes no lock; what it has computed the owner of the run commits, between two
epochs of whatever it trains. Nobody waits for it: what it has not done, the stage of time travel does, to the
same bytes.
"""

import contextlib
import logging
import os
import pickle
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from deepvid.config import TimeTravel
from deepvid.spawning import SPAWN, end_with_parent, without_script
from deepvid.store import RunWriter

POLL = 0.5  # seconds between looks at the run


class EpochJob(NamedTuple):
    """Epochs of a run's teacher to follow, as a series that gets a map of each."""

    run: Path
    section: TimeTravel
    seed: int
    name: str  # of the series
    key: str
    epochs: int  # that the teacher will have


class EpochWorker:
    """Begins with its process. The owner ends it, whatever it does then."""

    def __init__(self, writer: RunWriter, following: EpochJob) -> None:
        self._writer, self._following = writer, following
        self._results, results = SPAWN.Pipe(duplex=False)
        # As bytes: whoever unpickles what it needs imports JAX, and that should be at the lowest priority.
        work = pickle.dumps(following)
        self._process = SPAWN.Process(target=_begin, args=(work, results), name="follower", daemon=True)
        with without_script():
            self._process.start()
        results.close()

    def end(self) -> None:
        """Ends the process: what it has done and nobody has committed is lost."""
        self._process.kill()
        self._process.join()
        self._results.close()

    def commit(self) -> None:
        """Commits the maps that are done. Of a process that has ended there are no more."""
        _, _, _, name, key, epochs = self._following
        for data, metrics, state in self._done():
            series = self._writer.begun_series(name, key) or self._writer.series(name, key, data, epochs)
            series.append(data, metrics=metrics, state=state)

    def _done(self) -> Iterator[tuple[Any, Any, Any]]:
        with contextlib.suppress(EOFError, OSError):  # its end of the pipe is closed
            while self._results.poll():
                yield pickle.loads(self._results.recv_bytes())


def _begin(work: bytes, results: Connection) -> None:
    """The process. What goes wrong in it is said on stderr; its stage tries it again, and may fail."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the owner, who ends this
    end_with_parent()
    _step_back()
    try:
        _follow(pickle.loads(work), results)
    except BrokenPipeError:
        pass  # nobody reads any more
    except Exception as error:
        logging.getLogger(__name__).warning(
            "Time travel beside the training has stopped (%s: %s); its stage goes on after the training",
            type(error).__name__,
            error,
        )


def _follow(following: EpochJob, results: Connection) -> None:
    from deepvid.cores import use_cores
    from deepvid.pipeline.history import History
    from deepvid.pipeline.mapper import Before, Mapper, begun
    from deepvid.progress import SILENT
    from deepvid.store import open_run

    use_cores()  # as the owner does: sums have the same order
    path, section, seed, name, key, epochs = following
    before: Before = begun(open_run(path), name, key)
    while before.epochs < epochs:
        run = open_run(path)
        teacher = run.series("teacher")
        if teacher is None or teacher.epochs <= before.epochs:
            time.sleep(POLL)
            continue
        mapper = Mapper(run, section, seed)
        epoch = mapper.next(History(run, mapper.drawn), before, SILENT)
        results.send_bytes(pickle.dumps(tuple(epoch)))
        before = Before(before.epochs + 1, epoch.data, epoch.state)


def _step_back() -> None:
    """Computes when nobody else does, or as little as the system lets a process ask for.

    A tenth of each core (nice 10) is too little for a map while two cores train, and slows the training.
    """
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    elif hasattr(os, "nice"):
        os.nice(19)
