"""The store as a state machine: whatever is done, refused or cut short, it holds what the model holds."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from faults import Crash, Die, Disk, Fault, Refuse, strays
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from toy import described

from deepvid.errors import LockedError, StoreError
from deepvid.store import (
    Run,
    RunWriter,
    import_archive,
    list_runs,
    open_run,
    open_writer,
    verify,
    write_archive,
)
from deepvid.store.format.disk import remove
from deepvid.store.format.journal import Commit, JournalWriter
from deepvid.store.reading.groups import Series
from deepvid.store.writing.commit import Committer, recover

PLANNED = 4  # epochs
MEMORY = Path("/dev/shm")  # no power is cut here, so a disk would only be slow
NAMES = st.sampled_from(["map", "students/0-1", "students/1-2"])
VALUES = st.integers(0, 3)
COUNTED = ("write", "fsync", "rename", "replace", "ftruncate")
MOMENTS = st.integers(0, 14) | st.integers(15, 25)  # a stage makes 13 of these calls, an epoch twice as many
FAULTS: st.SearchStrategy[Fault | None] = st.one_of(
    st.none(),
    st.builds(Refuse, MOMENTS),
    st.builds(Refuse, MOMENTS, times=st.just(1000)),
    st.builds(Die, MOMENTS, st.sampled_from(["before", "half"])),
)


class StoreMachine(RuleBasedStateMachine):
    """One run and its model: the lines, the values of the stages, those of the epochs."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.path = Path(self.folder.name) / "toy-0123abcd"
        self.patch = pytest.MonkeyPatch()
        self.disk = Disk(self.patch.setattr, COUNTED)
        self.writer: RunWriter | None = None
        self.staying: Run | None = None
        self.lines: list[str] = []
        self.stages: dict[str, int] = {}
        self.epochs: list[int] = []

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.disk.arm(None)
            if self.writer is not None:
                self.writer.close()
            self.patch.undo()
            self.folder.cleanup()

    @precondition(lambda self: self.writer is None)
    @rule(fault=st.none() | FAULTS)
    def open(self, fault: Fault | None) -> None:
        """Creates the run, or recovers it."""

        def act() -> None:
            self.writer = open_writer(self.path.parent, self.path.name, config={"seed": 1}, provenance={})

        if self._commits(act, fault) and not self.lines:
            self.lines.append("created")

    @precondition(lambda self: self.writer is not None and not self._broken)
    @rule(name=NAMES, value=VALUES, fault=FAULTS)
    def commit_a_stage(self, name: str, value: int, fault: Fault | None) -> None:
        data = described(xr.Dataset({"label": ("sample", np.full(3, value, np.int32))}))
        key = f"{value:012x}"
        if self.stages.get(name) == value:
            with pytest.raises(StoreError):
                self._writer.commit_stage(name, key, data)
        elif self._commits(lambda: self._writer.commit_stage(name, key, data), fault):
            self.lines.append("stage")
            self.stages[name] = value

    @precondition(lambda self: self.writer is not None and not self._broken)
    @rule(value=VALUES, fault=FAULTS)
    def append_an_epoch(self, value: int, fault: Fault | None) -> None:
        data = xr.Dataset({"parameters": ("parameter", np.full(4, value, np.float32))})
        if "series" not in self.lines:
            begin = lambda: self._writer.series("teacher", "b" * 64, data, PLANNED)  # noqa: E731
            if self._commits(begin, fault):
                self.lines.append("series")
            return
        series = self._writer.series("teacher", "b" * 64, data, PLANNED)
        state = {"step": np.array(len(self.epochs))}
        act = lambda: series.append(data, metrics={"value": value}, state=state)  # noqa: E731
        if len(self.epochs) == PLANNED:
            with pytest.raises(StoreError):
                act()
        elif self._commits(act, fault):
            self.lines.append("epoch")
            self.epochs.append(value)

    @precondition(lambda self: self.writer is not None and self._broken)
    @rule()
    def commit_with_a_writer_that_does_not_know_what_is_on_disk(self) -> None:
        with pytest.raises(StoreError, match="Open the run again"):
            self._writer.finish()

    @precondition(lambda self: self.writer is not None)
    @rule()
    def open_a_second_writer(self) -> None:
        with pytest.raises(LockedError):
            open_writer(self.path.parent, self.path.name, config={"seed": 1}, provenance={})

    @precondition(lambda self: self.writer is not None)
    @rule()
    def close(self) -> None:
        self._writer.close()
        self.writer = None

    @precondition(lambda self: self.writer is None and self.lines)
    @rule(torn=st.binary(min_size=1, max_size=9).filter(lambda data: b"\n" not in data))
    def leave_litter(self, torn: bytes) -> None:
        """Leaves behind what a power cut may; the next writer collects it."""
        with (self.path / "journal.jsonl").open("ab") as file:
            file.write(torn)
        for place in ("wip/left", "data.zarr/stage/map-left"):
            (self.path / place).mkdir(exist_ok=True)

    @precondition(lambda self: self.lines)
    @rule()
    def read_anew(self) -> None:
        self._check(open_run(self.path))
        assert [run.error for run in list_runs(self.path.parent)] == [None]

    @precondition(lambda self: self.lines)
    @rule()
    def read_on(self) -> None:
        self.staying = self.staying or open_run(self.path)
        self.staying.poll()
        self._check(self.staying)

    @precondition(lambda self: self.lines)
    @rule(fault=FAULTS)
    def archive_and_import(self, fault: Fault | None) -> None:
        """Each whole or not at all, whatever lies beside what is committed; there and back, byte for byte."""
        file, again = self.path.with_name(".first.zip"), self.path.with_name(".second.zip")
        store = self.path.with_name(".imported")
        if self._made(lambda: write_archive(open_run(self.path), file), fault, file):
            assert verify(file).ok
            imported = store / self.path.name
            if self._made(lambda: import_archive(file, store), fault, imported):
                assert strays(imported) == []
                self._check(open_run(imported))
                write_archive(open_run(imported), again)
                assert again.read_bytes() == file.read_bytes()
        for path in (file, again, store):
            remove(path)
        for path in self.path.parent.glob(".*.part"):
            remove(path)  # of an archive whose writer died

    @precondition(lambda self: self.lines)
    @rule(seed=st.integers(0, 2**16))
    def verify_as_it_is_and_with_one_bit_flipped(self, seed: int) -> None:
        (found,) = verify(self.path).runs
        torn = not (self.path / "journal.jsonl").read_bytes().endswith(b"\n")
        assert (found.damaged, found.missing, found.bad, found.journal_error) == ((), (), (), None)
        assert len(found.good) == len(self.lines)
        left = strays(self.path)
        extra = [file for file in found.extra if not file.startswith("journal.jsonl, ")]
        assert (len(extra) < len(found.extra)) == torn
        assert all(any(_names(stray, file) for stray in left) for file in extra)
        stages = [commit.path for commit in open_run(self.path).commits if commit.kind == "stage"]
        files = sorted(file for path in stages for file in (self.path / path).rglob("*") if file.is_file())
        if files:
            self._flip_a_bit(files[seed % len(files)], seed)

    @invariant()
    def every_line_and_no_other_is_visible(self) -> None:
        if hasattr(self, "path"):
            found = list_runs(self.path.parent)
            errors = [run.error for run in found]
            assert errors == [None] if self.lines else all(errors)  # what has no line says so
            if self.lines:
                assert [commit.kind for commit in open_run(self.path).commits] == self.lines

    @property
    def _writer(self) -> RunWriter:
        assert self.writer is not None
        return self.writer

    def _commits(self, act: Callable[[], Any], fault: Fault | None) -> bool:
        """Whether the act wrote a line, on a disk with that fault; a process that died leaves no writer."""
        self.disk.arm(fault)
        died = refused = False
        try:
            act()
        except StoreError:
            refused = True
        except Crash:
            died = True
        assert fault is not None or not refused
        written = "write" in self.disk.made and not refused
        self.disk.arm(None)
        if died and self.writer is not None:
            self.writer.close()
            self.writer = None
        if self.writer is not None and not self._broken:
            assert strays(self.path) == []
        return written

    @property
    def _broken(self) -> bool:
        """Whether even taking a commit back was refused: nothing is known until the run is opened again."""
        return not self._writer._committer._journal.intact

    def _made(self, act: Callable[[], Any], fault: Fault | None, target: Path) -> bool:
        """Whether `target` is there: after an error not, or whole."""
        self.disk.arm(fault)
        try:
            act()
        except StoreError:
            assert fault is not None
            assert not target.exists() or (target.is_file() and verify(target).ok)
        except Crash:
            pass
        else:
            assert target.exists()
        finally:
            self.disk.arm(None)
        return target.exists()

    def _flip_a_bit(self, file: Path, seed: int) -> None:
        data = bytearray(file.read_bytes())
        data[seed % len(data)] ^= 1 << seed % 8
        good = file.read_bytes()
        file.write_bytes(data)
        (found,) = verify(self.path).runs
        file.write_bytes(good)
        assert not found.ok
        assert len(found.bad) == 1
        assert any(_names(name, file.relative_to(self.path).as_posix()) for name in found.damaged)

    def _check(self, run: Run) -> None:
        kinds = [commit.kind for commit in run.commits]
        assert kinds == self.lines or kinds == [*self.lines, "archived"]  # cropped to the committed epochs
        found = {name: int(stage.open()["label"].values[0]) for name, stage in run.stages.items()}
        assert found == self.stages
        series = run.series("teacher")
        assert (series is not None) == ("series" in self.lines)
        if series is not None:
            assert series.open()["parameters"][:, 0].values.tolist() == self.epochs
            assert [metrics["value"] for metrics in series.metrics] == self.epochs
            assert (series.state() or {"step": -1})["step"] == len(self.epochs) - 1


def _names(reported: str, file: str) -> bool:
    """Whether a report is about a file: by its name, or by that of its group where nobody can know more."""
    return file == reported or file.startswith(f"{reported}/")


SETTINGS = settings(
    max_examples=80,
    stateful_step_count=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes and explains little more
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.long
def test_the_store_holds_what_the_model_holds() -> None:
    run_state_machine_as_test(StoreMachine, settings=SETTINGS)


def _leave_torn_tails(patch: pytest.MonkeyPatch) -> None:
    def recover_without_cut(run: Path, journal: JournalWriter) -> None:
        with patch.context() as inner:
            inner.setattr(journal, "cut", lambda: None)
            recover(run, journal)

    patch.setattr("deepvid.store.writing.commit.recover", recover_without_cut)


def _leave_failed_lines(patch: pytest.MonkeyPatch) -> None:
    real = JournalWriter.append

    def append_without_cut(journal: JournalWriter, fields: dict[str, Any]) -> Commit:
        with patch.context() as inner:
            inner.setattr(journal, "cut", lambda: None)
            return real(journal, fields)

    patch.setattr(JournalWriter, "append", append_without_cut)


def _leave_orphans(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("deepvid.store.writing.commit.collect", lambda run, commits: None)


def _leave_what_failed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Committer, "_take_back", lambda committer: None)


def _forget_the_lock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("deepvid.store.writing.lock._held", Forgetful())


def _show_epochs_without_lines(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Series, "epochs", property(lambda series: min(series.planned, len(series.metrics) + 1)))


class Forgetful(dict[Path, int]):
    """Locks that nobody remembers."""

    def __contains__(self, key: object) -> bool:
        return False


@pytest.mark.long
@pytest.mark.parametrize(
    "plant",
    [
        _leave_torn_tails,
        _leave_failed_lines,
        _leave_orphans,
        _leave_what_failed,
        _forget_the_lock,
        _show_epochs_without_lines,
    ],
)
def test_a_planted_bug_is_found(
    monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    patient = settings(SETTINGS, max_examples=1000, derandomize=True, report_multiple_bugs=False)
    with pytest.raises((Exception, pytest.fail.Exception)):  # whatever tells the store from its model
        run_state_machine_as_test(StoreMachine, settings=patient)
