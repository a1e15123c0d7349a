"""A real run as others meet it: on Windows, with `unzip`, and without DeepVID."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deepvid.store import open_run, verify, write_archive
from deepvid.store.format.archive_form import survey
from deepvid.store.format.names import unsafe

pytestmark = pytest.mark.long

FORMAT = Path(__file__).parents[4] / "docs" / "store_format.md"
LONGEST = 200  # characters of a path below the store; Windows has 260, drive and folders included

# Every group of an archive, by the documentation's own lines, where nothing of ours can be imported.
ALONE = """
import sys

class Nothing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("deepvid", "dashboards"):
            raise ImportError(f"{name} is ours")

sys.meta_path.insert(0, Nothing)
"""
READ = """
for node in tree.subtree:
    node.load()
    print(node.path, *node.dataset.variables)
assert not [name for name in sys.modules if name.startswith("deepvid")]
"""


@pytest.fixture
def file(tiny_run: Path, tmp_path: Path) -> Path:
    return write_archive(open_run(tiny_run), tmp_path / "run.zip")


def test_windows_can_have_every_name(tiny_run: Path, file: Path) -> None:
    in_run = [path.relative_to(tiny_run).as_posix() for path in tiny_run.rglob("*")]
    for names in (in_run, list(survey(file).members)):
        assert [name for name in names if unsafe(name)] == []
        assert len({name.casefold() for name in names}) == len(names)
        assert max(len(f"{tiny_run.name}/{name}") for name in names) <= LONGEST


@pytest.mark.parametrize(
    "name", ["con", "a/NUL.txt", "a/lpt1/b", "a.", "a /b", "a:b", "a\\b", "", "a//b", "./a"]
)
def test_what_windows_cannot_have_is_known(name: str) -> None:
    assert unsafe(name)


def test_unzip_and_sha256sum_verify_a_real_archive(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "unpacked"
    subprocess.run(["unzip", "-q", file, "-d", target], check=True)
    check = ["sha256sum", "-c", "--strict", "--quiet", "manifest-sha256.txt"]
    assert subprocess.run(check, cwd=target).returncode == 0
    (found,) = verify(target).runs
    assert found.ok
    victim = next(target.rglob("image/c.*"))
    victim.write_bytes(victim.read_bytes()[:-1] + b"\1")
    assert subprocess.run(check, cwd=target, capture_output=True).returncode == 1


def test_xarray_alone_reads_every_group(tiny_run: Path, file: Path) -> None:
    """The ten lines of the documentation, run as they stand there."""
    (lines,) = re.findall(r"<!-- ten lines -->\n+```python\n(.*?)```", FORMAT.read_text(), re.DOTALL)
    assert len(lines.splitlines()) <= 10
    code = ALONE + lines.replace('"run.zip"', repr(str(file))) + READ
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    read = {
        line.split()[0]: set(line.split()[1:]) for line in done.stdout.splitlines() if line.startswith("/")
    }
    run = open_run(tiny_run)
    groups = {stage.path: set(stage.open().variables) for stage in run.stages.values()}
    for name in ("teacher", "vae"):
        series = run.series(name)
        assert series is not None
        assert series.state_path is not None
        groups |= {series.path: set(series.open().variables), series.state_path: {"bytes"}}
    for path, variables in groups.items():
        assert read[f"/{path.relative_to(tiny_run / 'data.zarr').as_posix()}"] == variables
    assert "stage students/" in done.stdout


def test_lost_files_are_found_as_the_page_says(tiny_run: Path, tmp_path: Path) -> None:
    (lines,) = re.findall(r"<!-- lost files -->\n+```python\n(.*?)```", FORMAT.read_text(), re.DOTALL)
    run = Path(shutil.copytree(tiny_run, tmp_path / "run"))
    code = [sys.executable, "-I", "-c", lines.replace('"runs/<run-id>"', repr(str(run)))]
    assert subprocess.run(code, capture_output=True, text=True, check=True).stdout == ""
    lost = [
        next(run.glob(f"data.zarr/{group}/c.0*"))
        for group in ("stage/dataset-*/label", "series/*/parameters")
    ]
    for file in lost:
        file.unlink()
    told = subprocess.run(code, capture_output=True, text=True, check=True).stdout
    names = {"/".join(line.removeprefix("lost: ").split()) for line in told.splitlines()}
    assert names == {file.relative_to(run).as_posix() for file in lost}


def test_a_run_without_images_opens_and_says_so(tiny_run: Path, tmp_path: Path) -> None:
    from dashboards.data.population import population
    from dashboards.session.selection import selection_sentence, tally
    from deepvid.errors import StoreError
    from deepvid.pipeline.trained import TrainedRun
    from deepvid.store import import_archive

    file = write_archive(open_run(tiny_run), tmp_path / "part.zip", without=["images"])
    run = open_run(import_archive(file, tmp_path / "store"))
    table, original = population(run), population(open_run(tiny_run))
    assert table is not None
    assert original is not None
    assert table.image_shape == original.image_shape
    (first, second) = table.images([0, 5])
    assert (first == second).all()  # the mark that stands for an image
    assert first.std() > 0
    assert selection_sentence(table, (), tally(table, None)).endswith(" · without pictures")
    assert "without" not in selection_sentence(original, (), tally(original, None))
    with pytest.raises(StoreError, match="archived without its images"):
        TrainedRun(run).require_images()
