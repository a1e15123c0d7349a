"""One writer a run: a lock that the kernel frees when its process dies, however it dies."""

import errno
import os
import sys
from pathlib import Path
from threading import Lock

from deepvid.errors import LockedError
from deepvid.store.format import owner

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Locks by process and directory: a fork copies the table, and none of the rights. POSIX locks belong to the
# process: it could take one twice, and closing any descriptor of the file would drop it, so LOCK is never
# opened while it stands here.
_held: dict[tuple[int, Path], int] = {}
_guard = Lock()
if sys.platform != "win32":  # a fork beside a thread that has the guard leaves nobody to give it back
    os.register_at_fork(before=_guard.acquire, after_in_parent=_guard.release, after_in_child=_guard.release)

_UNRELATED = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EIO, errno.EROFS)  # nobody else has the lock


class RunLock:
    """The right of this process to write to a run, from construction to `release`; no fork of it has it.

    Raises LockedError where another process, or another writer of this one, has it, and OSError where the
    file system gives no locks or may not be written to.
    """

    def __init__(self, run: Path) -> None:
        self.run, self._process = run.resolve(), os.getpid()
        with _guard:
            if self._slot in _held:
                raise _refusal(self.run)
            _held[self._slot] = self._take()
        try:
            owner.announce(self.run)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Gives the right back; releasing twice is harmless, and so is a fork that releases."""
        if self.inherited:
            return
        with _guard:
            descriptor = _held.pop(self._slot, None)
            if descriptor is not None:
                try:
                    if self._is_ours(descriptor):
                        owner.withdraw(self.run)
                finally:
                    os.close(descriptor)

    @property
    def inherited(self) -> bool:
        """Whether this is a fork of the process that has the right."""
        return os.getpid() != self._process

    def held(self) -> bool:
        """Whether this process took it, and LOCK is still the file that was locked: somebody may have removed
        it by hand, and then another process holds the right too.
        """
        descriptor = None if self.inherited else _held.get(self._slot)
        return descriptor is not None and self._is_ours(descriptor)

    def require(self) -> None:
        """Raises LockedError where it is not `held`."""
        if self.inherited:
            raise LockedError(
                "Only the process that opened a run writes to it",
                f"process {os.getpid()}, a fork of process {self._process}, which opened {self.run.name}",
                "Write from the process that opened it, or open a run of its own after the fork",
            )
        if not self.held():
            raise LockedError(
                "A writer keeps its run's LOCK until it is done",
                f"{self.run / 'LOCK'} was removed or replaced meanwhile: another process may write now",
                "Wait until no other process writes to the run, and run the same command again",
            )

    @property
    def _slot(self) -> tuple[int, Path]:
        return self._process, self.run

    def _is_ours(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), (self.run / "LOCK").stat())
        except OSError:
            return False

    def _take(self) -> int:
        descriptor = os.open(self.run / "LOCK", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(descriptor)
            if not self._is_ours(descriptor):
                raise FileNotFoundError("the run was removed just now")
        except OSError as error:
            os.close(descriptor)
            if error.errno in _UNRELATED:
                raise
            raise _refusal(self.run) from error
        return descriptor


def require_unlocked(run: Path) -> None:
    """Raises LockedError, as a writer would, where a process says that it writes to the run and is alive."""
    if owner.alive(run):
        raise _refusal(run)


def lock_file(descriptor: int) -> None:
    """Takes an open file until it is closed, also from other threads. Raises OSError where another has it."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _refusal(run: Path) -> LockedError:
    writer = owner.read(run)
    if writer is None:
        return LockedError("One process writes to a run", f"another writes to {run.name}", "Wait for it")
    return LockedError(
        "One process writes to a run",
        f"{run.name} is being written by process {writer.pid} on {writer.host} since {writer.since}",
        "Wait until it is done, or stop that process",
    )
