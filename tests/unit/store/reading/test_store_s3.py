"""Runs and archives on S3, served by a real S3 server on this machine."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fsspec.registry import _registry

from dashboards.data.population import population
from dashboards.data.students import students
from deepvid.errors import MissingExtraError, StoreError
from deepvid.store import list_runs, open_run

pytestmark = pytest.mark.long


def diagnose(address: str) -> Any:
    """Reads what the Diagnose page of a run shows first; the student under study."""
    run = open_run(address)
    table = population(run)
    assert table is not None
    return students(run).get(run.batches("students")[0].samples[0])


def test_a_run_and_its_archive_read_the_same(bucket: Any, tiny_run: Path, tiny_archive: Path) -> None:
    near = diagnose(str(tiny_run))
    for source, most in ((tiny_run, 85), (tiny_archive, 7)):
        far = diagnose(bucket.upload(source, source.name))
        assert np.array_equal(far.weights, near.weights)
        assert len(bucket.asked) <= most, "\n".join([str(len(bucket.asked)), *bucket.asked])


def test_a_store_is_listed_with_few_requests(bucket: Any, tiny_store: Path, tiny_archive: Path) -> None:
    bucket.upload(tiny_archive, f"runs/{tiny_archive.name}")
    address = bucket.upload(tiny_store, "runs")
    listed = list_runs(address)
    assert sorted(run.id for run in listed) == sorted([tiny_archive.name, tiny_archive.stem])
    assert {run.state for run in listed} == {"finished"}
    assert len(bucket.asked) == 4, bucket.asked  # the folder; a journal's end; an archive's size and its end


def test_what_is_not_there_says_so(bucket: Any) -> None:
    with pytest.raises(StoreError, match="nothing at s3://bucket/none"):
        list_runs("s3://bucket/none")
    with pytest.raises(StoreError, match=r"directory with a journal\.jsonl"):
        open_run("s3://bucket/none")
    bucket.stop()
    with pytest.raises(StoreError, match="Check the address, the network and the credentials"):
        open_run("s3://bucket/none.zip")


def test_without_s3fs_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(_registry, "s3", raising=False)
    with pytest.raises(MissingExtraError, match=r"deepvid\[s3\]"):
        open_run("s3://bucket/run")
