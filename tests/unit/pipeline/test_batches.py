"""The kind of stage that workers compute in batches, with numbers and their squares for items."""

import shutil
from dataclasses import replace
from itertools import chain
from pathlib import Path

import psutil
import pytest
import squares as toy
from square_stage import SHARED, contents, ensure, ensure_here, run, squares
from squares import refuse

from deepvid.config.hashing import changes
from deepvid.errors import DataError
from deepvid.pipeline.stage import key_in
from deepvid.pipeline.worker_pool import Processes
from deepvid.progress import Tick
from deepvid.store import Stage, open_run, remove_run


def test_workers_outlive_a_stage_and_end_with_their_context(tmp_path: Path) -> None:
    before = set(psutil.Process().children())

    def begun() -> set[psutil.Process]:
        return {child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())}

    with run(tmp_path, "one") as writer, Processes() as workers:
        assert ensure(writer, squares([1, 2]), workers=workers) == "computed"
        (first,) = begun() - before
        assert ensure(writer, squares([3], power=3), workers=workers) == "computed"
        assert begun() - before == {first}
        first.kill()  # while there is nothing to do
        first.wait()
        assert ensure(writer, squares([4], power=4), workers=workers) == "computed"
        found = [batch.open()["square"].to_numpy().tolist() for batch in writer.run.batches("squares")]
        assert found == [[1, 4], [27], [256]]
    assert begun() <= before


def test_the_key_tells_how_items_are_computed_and_not_which() -> None:
    keys = {"dataset": SHARED}
    key = squares([1]).key(keys, changes)
    assert len(key) == 8
    assert squares([5, 6], until=3).key(keys, changes) == key
    assert squares([1], power=3).key(keys, changes) != key
    assert squares([1]).key({"dataset": "e" * 12}, changes) != key


def test_items_are_computed_once_and_a_run_grows_by_those_it_lacks(tmp_path: Path) -> None:
    with run(tmp_path, "first") as writer:
        assert ensure(writer, squares([7, 3, 5])) == "computed"
        (batch,) = writer.run.batches("squares")
        key = key_in(writer.run, squares([]))
        assert batch.name == f"squares/{key}-0"
        assert batch.open()["square"].values.tolist() == [49, 9, 25]
        assert batch.metrics == {"squares": 3}

        assert ensure(writer, squares([3, 7], begin=refuse)) == "reused"
        assert ensure_here(writer, squares([3, 4, 7])) == "computed"
        assert contents(writer.run) == {f"squares/{key}-0": [7, 3, 5], f"squares/{key}-1": [4]}
        assert ensure_here(writer, squares([3], power=3)) == "computed"  # computed otherwise: another item
        assert squares([]).metrics(writer.run) == {"squares": 5}


def test_whose_a_batch_is_stands_in_its_line_and_nobody_opens_it_to_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run(tmp_path, "first") as writer:
        ensure_here(writer, squares([7, 3, 5]))
        (batch,) = writer.run.batches("squares")
        assert batch.listed_samples == "7 3 5"
        assert batch.samples == (7, 3, 5)
        assert replace(batch, listed_samples="").samples == (
            7,
            3,
            5,
        )  # as lines of earlier versions have none
    monkeypatch.setattr(Stage, "open", None)
    with run(tmp_path, "first") as writer:
        assert ensure_here(writer, squares([3, 7])) == "reused"
    with run(tmp_path, "second") as writer:
        assert ensure_here(writer, squares([3, 5, 7])) == "copied"
        assert [batch.listed_samples for batch in writer.run.batches("squares")] == ["7 3 5"]


def test_many_items_are_grouped_and_committed_in_order(tmp_path: Path) -> None:
    with run(tmp_path, "first") as writer:
        ticks: list[Tick] = []
        ensure(writer, squares(range(1100)), ticks)
        groups = list(contents(writer.run).values())
        assert [len(group) for group in groups[:3]] == [32, 32, 64]  # a page fills in soon
        assert list(chain(*groups)) == list(range(1100))
        assert ticks[-1].message.endswith(" of 1,100 squares")
        assert ticks[-1].done >= 1100 - len(groups[-1])  # all but the last were committed when it was said
        numbers = [batch.name.rpartition("-")[2] for batch in writer.run.batches("squares")]
        assert numbers == [str(number) for number in range(len(groups))]


def test_batches_of_another_run_are_copied_and_no_worker_begins(tmp_path: Path) -> None:
    with run(tmp_path, "first") as writer:
        ensure_here(writer, squares([1, 2]))
        ensure_here(writer, squares([1, 2, 3]))
        first = [(batch.name, batch.key, batch.digest) for batch in writer.run.batches("squares")]
        computed = [batch.computed for batch in writer.run.batches("squares")]
        assert all(computed)
    with run(tmp_path, "second") as writer:
        assert ensure(writer, squares([3, 2, 1], begin=refuse)) == "copied"
        assert [(batch.name, batch.key, batch.digest) for batch in writer.run.batches("squares")] == first
        assert [batch.computed for batch in writer.run.batches("squares")] == computed
        assert squares([]).metrics(writer.run) == {"squares": 3}
        path = writer.run.path
    remove_run(tmp_path / "first-0123abcd")  # a run stands alone
    assert [batch.open()["square"].values.tolist() for batch in open_run(path).batches("squares")] == [
        [1, 4],
        [9],
    ]


def test_only_whole_batches_that_are_asked_for_are_copied(tmp_path: Path) -> None:
    with run(tmp_path, "first") as writer:
        ensure_here(writer, squares([1, 2]))
        ensure_here(writer, squares([1, 2, 3]))
    with run(tmp_path, "second") as writer:
        assert ensure_here(writer, squares([1, 3, 4])) == "computed"
        key = key_in(writer.run, squares([]))
        assert contents(writer.run) == {f"squares/{key}-1": [3], f"squares/{key}-2": [1, 4]}
        assert squares([]).metrics(writer.run) == {"squares": 3}


def test_a_copy_takes_no_name_that_the_run_has_given_already(tmp_path: Path) -> None:
    with run(tmp_path, "first") as writer:
        ensure_here(writer, squares([1]))
        shutil.copytree(tmp_path, tmp_path.with_name("other"))
    with run(tmp_path.with_name("other"), "second") as writer:
        ensure_here(writer, squares([2]))
    shutil.move(tmp_path.with_name("other") / "second-0123abcd", tmp_path)
    with run(tmp_path, "second") as writer:
        assert ensure(writer, squares([1, 2], begin=refuse)) == "copied"
        key = key_in(writer.run, squares([]))
        assert contents(writer.run) == {f"squares/{key}-0": [2], f"squares/{key}-1": [1]}


@pytest.mark.parametrize("difference", ["needs", "settings", "archive"])
def test_what_was_computed_otherwise_is_not_copied(tmp_path: Path, difference: str, zip_run: object) -> None:
    with run(tmp_path, "first", "e" * 12 if difference == "needs" else SHARED) as writer:
        ensure_here(writer, squares([1], power=3 if difference == "settings" else 2))
    if difference == "archive":
        zip_run(tmp_path / "first-0123abcd", tmp_path / "first.zip")  # type: ignore[operator]
        remove_run(tmp_path / "first-0123abcd")
    with run(tmp_path, "second") as writer:
        assert ensure_here(writer, squares([1])) == "computed"


def test_an_item_that_fails_leaves_what_was_committed_and_the_rest_is_computed_later(tmp_path: Path) -> None:
    with run(tmp_path, "first") as writer:
        with pytest.raises(DataError) as caught:
            ensure(writer, squares(range(100), task=toy.task_without_forty))
        parts = ("Every number has a square", "around 40: RuntimeError: gone", "Mend it")
        assert (caught.value.must, caught.value.found, caught.value.action) == parts
        before = contents(writer.run)
        assert list(before.values()) == [list(range(25))]
        assert ensure_here(writer, squares(range(100))) == "computed"
        after = contents(writer.run)
        assert before.items() <= after.items()
        assert sorted(chain(*after.values())) == list(range(100))


def test_what_a_worker_raises_reaches_the_owner(tmp_path: Path) -> None:
    with run(tmp_path, "first") as writer:
        with pytest.raises(ValueError, match="a worker began in first-0123abcd"):
            ensure(writer, squares([1], begin=toy.refuse))
        assert not list(writer.run.path.glob("wip/*"))
