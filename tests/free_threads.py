"""When the threads that prepare what sessions show have nothing left to do."""

from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from threading import Barrier

from dashboards.session import notes, session, work

SECONDS = 60  # until who waits for work that does not end fails


def all_free() -> list["Future[int]"]:
    """Done when all threads of each pool have been free at one moment, after what they were given before."""
    return list(chain.from_iterable(map(_free, (session.EXECUTOR, work.EXECUTOR, notes.EXECUTOR))))


def _free(pool: ThreadPoolExecutor) -> list["Future[int]"]:
    together = Barrier(pool._max_workers)
    return [pool.submit(together.wait, SECONDS) for _ in range(pool._max_workers)]
