"""An archive served where only the base requirements are installed: a real environment, without JAX."""

import re
import subprocess
import venv
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from chromium import open_part
from nets import linear_onnx
from packaging.requirements import Requirement
from playwright.sync_api import Page, expect
from trainings import IMAGES, LABELS, NAMES, TEST, quick

import deepvid
from deepvid.store import write_archive

pytestmark = [pytest.mark.browser, pytest.mark.long]

ROOT = Path(__file__).parents[2]


def base_requirements() -> set[str]:
    """The distributions that `pip install deepvid` brings, with all that they need, by their names."""
    found: set[str] = set()
    open_ = [Requirement("deepvid")]
    while open_:
        wanted = open_.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in found:
            continue
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue  # of another platform
        found.add(name)
        for text in needs:
            need = Requirement(text)
            if need.marker is None or any(
                need.marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras)
            ):
                open_.append(need)
    return found - {"deepvid"}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds the base requirements as they are installed here."""
    home = tmp_path_factory.mktemp("environment") / "base"
    venv.create(home, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    for name in base_requirements():
        found = distribution(name)
        for top in {path.parts[0] for path in found.files or ()} - {"..", "__pycache__"}:
            source = Path(str(found.locate_file(top)))
            if source.exists() and not (packages / top).exists():
                (packages / top).symlink_to(source)
    for ours in ("deepvid", "dashboards"):
        (packages / ours).symlink_to(ROOT / ours)
    return home / "bin" / "python"


@pytest.fixture(scope="module")
def address(
    python: Path, tiny_archive: Path, tmp_path_factory: pytest.TempPathFactory, serve_command: Any
) -> Iterator[str]:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with serve_command(tiny_archive, python=[str(python), "-I"], cwd=elsewhere) as served:
        yield served.address


def test_the_environment_holds_the_base_requirements_alone(python: Path) -> None:
    code = (
        "from importlib.util import find_spec as find; print(*[n for n in ("
        "'jax','flax','optax','sklearn','umap','openTSNE','s3fs','pytest','onnx','onnxruntime','torch',"
        "'zarr','panel') if find(n)])"
    )
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["zarr", "panel"], done.stderr


def test_s3_names_its_extra(python: Path) -> None:
    command = [python, "-I", "-m", "deepvid", "list", "s3://bucket/runs"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'deepvid[s3]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_whole_page_is_there_and_what_computes_says_why_not(
    address: str,
    page: Page,
    tiny_archive: Path,
    figure: Callable[[str], Any],
) -> None:
    """`page` fails the test when anything is asked for that is not on this machine."""
    page.goto(f"{address}?tab=why&part=student")
    expect(page.locator(".focus-card .trust")).to_contain_text("this map holds", timeout=180_000)
    expect(page.locator(".explain-card .fidelity")).to_contain_text("held-out neighbors")
    expect(page.locator(".explain-card .method").first).to_be_visible()
    assert len(set(map(tuple, figure("map").pixels().reshape(-1, 3)))) > 20  # painted in the classes' colors

    fitted = {
        sample
        for batch in deepvid.open_run(tiny_archive).batches("students")
        for sample in batch.open()["sample"].to_numpy().tolist()
    }
    other = next(sample for sample in range(1299, 1000, -1) if sample not in fitted)
    page.goto(f"{address}?focus={other}&tab=why&part=student")
    expect(page.get_by_text(f"No student was fitted for #{other}")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Fit now")).to_be_disabled()
    expect(page.get_by_role("note")).to_contain_text("pip install 'deepvid[compute]'")

    page.goto(f"{address}?focus={min(fitted)}&tab=similar&part=neighbors")
    stored = page.locator(".neighbors-card .sentence")
    expect(stored).to_contain_text(re.compile(r"Its student was fitted on \d+ neighbors\."), timeout=30_000)
    expect(stored).to_contain_text("the commonest class")
    expect(page.locator(".neighbors-card .empty")).to_contain_text("pip install 'deepvid[compute]'")
    open_part(page, "3", "Morph")
    expect(page.locator(".morph-card .note")).to_contain_text(f"From #{min(fitted)}")
    expect(page.locator(".morph-card .empty")).to_contain_text("pip install 'deepvid[compute]'")
    open_part(page, "4", "Filters")
    expect(page.locator(".filters-card .empty")).to_contain_text("pip install 'deepvid[compute]'")
    assert [path.name for path in tiny_archive.parent.iterdir()] == [tiny_archive.name]


def test_the_students_of_an_onnx_file_are_there_without_what_asks_it(
    python: Path, page: Page, tmp_path: Path, serve_command: Any
) -> None:
    (tmp_path / "model.onnx").write_bytes(linear_onnx((3, *IMAGES.shape[1:3]), len(NAMES)))
    model, store = tmp_path / "model.onnx", tmp_path / "runs"
    run = deepvid.explain(
        model, IMAGES, LABELS, NAMES, test=TEST, store=store, settings=quick(3, explanations=3)
    )
    fitted = set(run.students()["sample"].to_numpy().tolist())
    tested = range(len(IMAGES) - int(TEST.sum()), len(IMAGES))
    other = next(sample for sample in tested if sample not in fitted)
    write_archive(run, tmp_path / "own.deepvid.zip")
    with serve_command(tmp_path / "own.deepvid.zip", python=[str(python), "-I"], cwd=tmp_path) as served:
        page.goto(f"{served.address}?focus={min(fitted)}&tab=why&part=student")
        expect(page.locator(".explain-card .fidelity")).to_contain_text("held-out", timeout=180_000)
        expect(page.locator(".explain-card .method").first).to_be_visible()
        page.goto(f"{served.address}?focus={other}&tab=why&part=student")
        expect(page.get_by_role("button", name="Fit now")).to_be_disabled(timeout=30_000)
        expect(page.get_by_role("note")).to_contain_text("pip install 'deepvid[compute")
