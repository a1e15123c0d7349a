"""Stages whose sums are right and whose contents are not: no page reads them, and no compiled code does."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from forged import STAGES, Edit, rewrite_stage, with_numbers
from looks import commit_layers, layers_group

from dashboards.data.population import Population, population
from deepvid.errors import DeepVIDError
from deepvid.store import open_run

if TYPE_CHECKING:
    from micro_runs import MicroRuns

pytestmark = pytest.mark.long


@pytest.fixture
def path(micro_runs: "MicroRuns", tmp_path: Path) -> Path:
    """A run of 40 training and 30 test images that is as it was committed."""
    made = micro_runs.teacher()
    known = Path(shutil.copytree(made, tmp_path / made.name))
    commit_layers(tmp_path, made.name, layers_group(np.zeros((3, 30)), np.arange(40, 70)))
    return known


def read(path: Path) -> Population:
    """All that a page reads of its data, their check, and the layers."""
    table = population(open_run(path))
    assert table is not None
    assert table.findings is not None
    assert table.confusion().sum() == 30
    assert table.layers is not None
    assert [flow.sum() for flow in table.layers.flows(None)] == [30, 30, 30]
    assert table.findings.flags.keys() == table.findings.flags.keys() & {"copied", "dark"}
    assert table.findings.z is None
    return table


@pytest.mark.parametrize(("stage", "edit", "found"), STAGES, ids=[f"{row[0]}: {row[2]}" for row in STAGES])
def test_a_forged_stage_is_refused_in_three_parts(path: Path, stage: str, edit: Edit, found: str) -> None:
    rewrite_stage(path, stage, group=edit)
    with pytest.raises(DeepVIDError, match=re.escape(found)):
        read(path)


@pytest.mark.parametrize("other", [-7, 70, 2**31 - 1])
def test_a_copy_that_is_no_image_of_the_run_is_none(path: Path, other: int) -> None:
    rewrite_stage(path, "data-check", group=with_numbers("copy_of", other))
    table = read(path)
    assert table.findings is not None
    assert table.findings.sentences(3, table.class_names) == []
