"""A run in a bucket of a real S3 server: what readers see there when it is pushed, stopped, pushed again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
import xarray as xr
from toy import KEYS

from deepvid.errors import DamagedError, StoreError
from deepvid.store import RunWriter, open_run, push
from deepvid.store.archive.bucket import Bucket, ChangedError

STORE = "s3://bucket/runs"
JOURNAL = "journal.jsonl"


def put(asked: list[str]) -> list[str]:
    """Names of the objects that were put, in their order."""
    return [line.split(" ")[1].partition("/bucket/runs/")[2] for line in asked if line.startswith("PUT ")]


def there() -> dict[str, bytes]:
    """Every object in the store."""
    fs = fsspec.filesystem("s3", use_listings_cache=False)
    return {path.removeprefix("bucket/runs/"): fs.cat_file(path) for path in fs.find("bucket/runs")}


def committed(folder: Path) -> dict[str, bytes]:
    """Every file of a run that is nobody's convenience."""
    files = [folder / JOURNAL, *(path for path in folder.glob("data.zarr/**/*") if path.is_file())]
    return {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in files}


def stopping(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The network goes away after so many objects."""
    add, left = Bucket.add, iter(range(after))

    def failing(self: Bucket, *arguments: Any) -> None:
        if next(left, None) is None:
            raise StoreError("It can be written to", "the network is gone", "Wait")
        add(self, *arguments)

    monkeypatch.setattr(Bucket, "add", failing)


def test_a_pushed_run_is_the_run(bucket: Any, whole: Path) -> None:
    pushed = push(open_run(whole), STORE)
    assert there() == committed(whole)
    assert (pushed.url, pushed.sent, pushed.unchanged) == (f"{STORE}/{whole.name}", len(there()) - 1, 0)
    begun, probe, *order = put(bucket.asked)
    assert begun == probe == order[-1] == f"{whole.name}/{JOURNAL}"
    assert order.count(begun) == 1
    far, near = open_run(pushed.url), open_run(whole)
    assert far.commits == near.commits
    xr.testing.assert_identical(far.stages["dataset"].open().load(), near.stages["dataset"].open().load())
    bucket.asked.clear()
    again = push(open_run(whole), STORE)
    assert (again.sent, again.unchanged, again.commits) == (0, pushed.sent, len(near.commits))
    assert put(bucket.asked) == []


@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_push_that_was_stopped_goes_on(
    bucket: Any, whole: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    with monkeypatch.context() as patched:
        stopping(patched, after)
        with pytest.raises(StoreError, match="the network is gone"):
            push(open_run(whole), STORE)
    assert len(there()) == after + 1
    begun = open_run(f"{STORE}/{whole.name}")  # nobody takes a part for the run
    assert [commit.kind for commit in begun.commits] == ["created"]
    bucket.asked.clear()
    pushed = push(open_run(whole), STORE)
    assert (pushed.unchanged, pushed.sent) == (after, len(committed(whole)) - 1 - after)
    assert len(put(bucket.asked)) == pushed.sent + 1
    assert there() == committed(whole)


def test_what_another_push_put_there_is_never_replaced(bucket: Any, whole: Path) -> None:
    """Two copies of a run that were trained further apart, and neither journal is there yet."""
    name = next(name for name in committed(whole) if name.endswith("/c.0"))
    for other in (bytes(len(committed(whole)[name])), b"shorter"):
        fsspec.filesystem("s3").pipe_file(f"bucket/runs/{name}", other)
        with pytest.raises(StoreError, match=r"c\.0 of another push"):
            push(open_run(whole), STORE)
        assert there()[name] == other
        assert len(there()) == 2
    with pytest.raises(ChangedError):
        Bucket.at(f"{STORE}/{whole.name}").add(name.partition("/")[2], b"later", "0" * 64)


def test_where_conditions_are_not_honored_nothing_is_pushed(
    bucket: Any, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Bucket._call

    def unconditional(self: Bucket, method: str, name: str, **arguments: Any) -> Any:
        return call(self, method, name, **{k: v for k, v in arguments.items() if not k.startswith("If")})

    monkeypatch.setattr(Bucket, "_call", unconditional)
    with pytest.raises(StoreError, match="takes whatever comes last"):
        push(open_run(whole), STORE)
    lines = (whole / JOURNAL).read_bytes()
    assert there() == {f"{whole.name}/{JOURNAL}": lines[: lines.index(b"\n") + 1]}


def test_a_run_that_grows_is_pushed_again_and_again(
    bucket: Any,
    opened: Callable[[], RunWriter],
    epoch: Callable[[float], xr.Dataset],
    own_images: xr.Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with opened() as writer:
        series = writer.series("teacher", KEYS[1], epoch(0.0), 3)
        series.append(epoch(0.0), metrics={}, state={"step": np.array(0)})
        push(writer.run, STORE)
        first = set(there())
        far = open_run(f"{STORE}/{writer.run.id}")
        series.append(epoch(1.0), metrics={}, state={"step": np.array(1)})
        writer.commit_stage("mine", KEYS[0], own_images)
        bucket.asked.clear()
        with monkeypatch.context() as patched:
            stopping(patched, 2)
            with pytest.raises(StoreError, match="the network is gone"):
                push(writer.run, STORE)
        assert open_run(f"{STORE}/{writer.run.id}").commits == far.commits  # two more objects change nothing
        pushed = push(writer.run, STORE)
        assert there() == committed(writer.run.path)
        assert pushed.unchanged > 2
        Bucket.at(pushed.url).add("data.zarr/state/later/c.0", b"of a push that is further", "")
        push(writer.run, STORE)
        assert f"{writer.run.id}/data.zarr/state/later/c.0" in there()
    states = [name for name in first - set(there()) if "/state/" in name]
    assert states  # that of the first epoch
    assert first - set(there()) == set(states)
    assert open_run(pushed.url).commits[: len(far.commits)] == far.commits


def test_no_other_run_is_replaced(bucket: Any, whole: Path, opened: Callable[[], RunWriter]) -> None:
    url, path = f"{STORE}/{whole.name}", f"bucket/runs/{whole.name}/{JOURNAL}"
    fs, lines = fsspec.filesystem("s3"), (whole / JOURNAL).read_bytes()
    fs.pipe_file(path, lines.replace(b"toy", b"own"))
    with pytest.raises(StoreError, match="the journal of another one"):
        push(open_run(whole), STORE)
    fs.pipe_file(path, lines)
    (whole / JOURNAL).write_bytes(b"".join(lines.splitlines(keepends=True)[:-1]))
    with pytest.raises(StoreError, match=f"{url} holds .* more of this run than is here"):
        push(open_run(whole), STORE)
    assert there() == {f"{whole.name}/{JOURNAL}": lines}


def test_of_two_pushes_at_once_one_is_told(bucket: Any, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add = Bucket.add

    def late(self: Bucket, *arguments: Any) -> None:
        add(self, *arguments)
        fsspec.filesystem("s3").pipe_file(f"bucket/runs/{whole.name}/{JOURNAL}", b"more")

    monkeypatch.setattr(Bucket, "add", late)
    with pytest.raises(StoreError, match=r"journal\.jsonl of another push"):
        push(open_run(whole), STORE)
    assert there()[f"{whole.name}/{JOURNAL}"] == b"more"


def test_a_request_whose_answer_was_lost_is_no_other_push(
    bucket: Any, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Bucket._call

    def twice(self: Bucket, method: str, *arguments: Any, **named: Any) -> Any:
        call(self, method, *arguments, **named)
        return call(self, method, *arguments, **named)  # as a client does that heard nothing

    monkeypatch.setattr(Bucket, "_call", twice)
    push(open_run(whole), STORE)
    assert there() == committed(whole)


def test_damage_is_not_pushed(bucket: Any, whole: Path) -> None:
    file = next(whole.glob("data.zarr/stage/dataset*/image/c*"))
    file.write_bytes(bytes(file.stat().st_size))
    with pytest.raises(DamagedError, match="has other bytes than were committed"):
        push(open_run(whole), STORE)
    file.unlink()
    with pytest.raises(DamagedError, match="is missing"):
        push(open_run(whole), STORE)
    assert len(open_run(f"{STORE}/{whole.name}").commits) == 1


def test_where_nothing_can_be_pushed_is_said(bucket: Any, whole: Path) -> None:
    for place in ("runs", "/tmp/runs", "gs://bucket/runs", "s3://", "s3://bucket//runs", "https://host/runs"):
        with pytest.raises(StoreError, match="deepvid archive RUN -o FILE"):
            push(open_run(whole), place)
    with pytest.raises(StoreError, match="Create the bucket"):
        push(open_run(whole), "s3://none/runs")
    bucket.stop()
    with pytest.raises(StoreError, match="Check the address, the network and the credentials"):
        push(open_run(whole), STORE)
