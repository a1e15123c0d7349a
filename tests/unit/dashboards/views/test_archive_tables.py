"""Tables of the Archive page about a run: its parts, findings of verifying, a comparison, losses."""

import json
from pathlib import Path

import numpy as np
import pytest

from dashboards.data.writable import run_refusal, store_refusal
from dashboards.kit.elements import Box, Button, Child, walk, words
from dashboards.session import computing
from dashboards.views.archive.compare import mcnemar_sentence, side_by_side, tables
from dashboards.views.archive.delete import loss
from dashboards.views.archive.download import parts
from dashboards.views.archive.provenance import as_json, command, provenance_sections, provenance_title
from dashboards.views.archive.verify import verdict
from deepvid.compare import Agreement, Comparison, Row
from deepvid.statistics import McNemar
from deepvid.store import RunListing, RunVerification, Verification, open_run


def comparison(both: int, first: int, second: int, none: int, p: float) -> Comparison:
    test = McNemar(both, first, second, none, 0.0, p, "exact binomial")
    return Comparison(
        "a", "b", (Row("teacher.epochs", 3, 6),), (Row("teacher: test_loss", 0.5, 0.25),), test, ""
    )


def test_a_comparison_in_a_sentence() -> None:
    # 181 + 231 = 412 images that just one gets right, of 9000 + 412 + 588 = 10,000.
    assert mcnemar_sentence(comparison(9000, 181, 231, 588, 0.014)) == (
        "On 412 of 10,000 test images just one of the two is right, the second on 231 of them: "
        "the second is better by more than chance explains (p = 0.014)"
    )
    assert mcnemar_sentence(comparison(90, 6, 4, 0, 0.75)).endswith(
        "the first on 6 of them: chance alone could explain that (p = 0.75)"
    )
    assert "(p < 0.001)" in mcnemar_sentence(comparison(0, 90, 10, 0, 1e-12))
    assert "the same 90 of 100 test images" in mcnemar_sentence(comparison(90, 0, 0, 10, 1.0))


def test_what_cannot_be_compared_says_why() -> None:
    sentence = mcnemar_sentence(Comparison("a", "b", (), (), None, "they have other test images"))
    assert sentence.endswith("they have other test images")


def test_metrics_and_settings_side_by_side() -> None:
    card = side_by_side(comparison(90, 6, 4, 0, 0.75))
    assert card.metrics == [("teacher", [["test loss", "0.5", "0.25", "−0.25 better"]])]
    assert card.settings == [["teacher.epochs", "3", "6"]]
    assert card.different == "1 setting differs"


def test_shares_of_images_have_intervals_and_a_word_for_what_is_better() -> None:
    rows = (
        Row("dataset: test_images", 100, 400),
        Row("teacher: test_accuracy", 0.9, 0.8),
        Row("vae: elbo", -5.25, -5.25),
        Row("teacher: name", None, 3.0),
    )
    compared = comparison(70, 20, 5, 5, 0.004)._replace(metrics=rows)
    stages = dict(side_by_side(compared).metrics)
    # Wilson: 90 of 100 is .826 to .945, 320 of 400 is .758 to .836
    assert stages["teacher"] == [
        ["test accuracy", "0.900 [0.826–0.945]", "0.800 [0.758–0.836]", "−0.1 worse"],
        ["name", "not set", "3", ""],
    ]
    assert stages["vae"] == [["elbo", "−5.25", "−5.25", "same"]]
    assert stages["dataset"][0][1:] == ["100", "400", "+300"]


def test_four_counts_say_who_is_right() -> None:
    sizes = {"both_right": 70, "only_first": 20, "only_second": 5, "both_wrong": 5}
    agreement = Agreement(**{name: np.arange(size) for name, size in sizes.items()})
    compared = comparison(70, 20, 5, 5, 0.004)._replace(agreement=agreement)
    cells = [cell for cell in walk(agreed(compared)) if isinstance(cell, Box) and cell.tag == "td"]
    counts = {
        button.value["name"]: words(button) for button in walk(agreed(compared)) if isinstance(button, Button)
    }
    assert counts == {name: str(size) for name, size in sizes.items()}
    assert words(cells[1]) == "20 20.0 % [13.3–28.9]"
    assert agreed(comparison(1, 0, 0, 0, 1.0)) is None


def agreed(compared: Comparison) -> Child:
    """The table of who is right, of those that a comparison has."""
    found = [table for table in tables(compared, side_by_side(compared)) if isinstance(table, Box)]
    return next((table for table in found if table.label == "Test images by who is right"), None)


def verification(**outcome: object) -> Verification:
    nothing: dict[str, tuple[str, ...]] = dict.fromkeys(("damaged", "missing", "extra", "good", "bad"), ())
    fields = {"run": "a", "files": 3, "bytes": 2000, "journal_error": None, **nothing, **outcome}
    return Verification("a", (RunVerification(**fields),))  # type: ignore[arg-type]


def test_a_whole_run_is_whole() -> None:
    card = verdict(verification(good=("dataset", "teacher")))
    assert card.whole
    assert card.title == "All 3 files are what was committed"
    assert "2 commits" in card.text


def test_damage_is_named_with_what_is_still_good() -> None:
    card = verdict(verification(damaged=("x/c.0",), missing=("y", "z"), good=("dataset",), bad=("teacher",)))
    assert not card.whole
    assert card.title == "1 file damaged and 2 files missing"
    lists = {one.title: list(one.names) for one in card.lists}
    assert lists == {
        "1 file damaged": ["x/c.0"],
        "2 files missing": ["y", "z"],
        "1 commit no longer whole": ["teacher"],
        "1 commit still good": ["dataset"],
    }


def test_a_damaged_journal_comes_first() -> None:
    card = verdict(verification(journal_error="line 4 does not verify", good=("dataset",)))
    assert card.title == "The journal is damaged"
    assert card.text.startswith("line 4 does not verify.")


def test_files_that_nothing_lists_are_no_damage() -> None:
    card = verdict(verification(extra=("wip/1",)))
    assert card.whole
    assert card.lists == [("1 file that no commit lists", ("wip/1",))]


def test_what_is_lost() -> None:
    summary = {
        "created": "2026-11-20T11:02:00+00:00", "bytes": 232_000_000, "metrics": {"students": 1202},
        "stages": {"dataset": {"seconds": 1.0}, "teacher": {"seconds": 120.0}},
    }  # fmt: skip
    rows = dict(loss(RunListing("a-1", Path("a-1"), "2026-11-20T11:07:00+00:00", "finished", summary)))
    assert rows["size"] == "232 MB"
    assert rows["stages"] == "dataset and teacher"
    assert rows["students"] == "1,202"
    assert rows["computing"] == "2 min of work, to be done again"
    assert "20 November 2026" in rows["made"]
    assert "not known" in rows["an archive"]


def test_who_may_write(tmp_path: Path) -> None:
    assert store_refusal(tmp_path / "not yet" / "there") == ""
    assert store_refusal("s3://bucket/runs") == "s3://bucket/runs is an address: it is only read."
    archive = tmp_path / "a.zip"
    archive.touch()
    assert store_refusal(archive) == "a.zip is an archive: it is only read."
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "journal.jsonl").touch()
    assert store_refusal(tmp_path / "run").startswith("run is served by itself")
    running = RunListing("a", tmp_path / "a", "", "running", {})
    assert run_refusal(tmp_path, running).startswith("It is running")
    assert run_refusal(tmp_path, running._replace(state="finished")) == ""
    beside = RunListing("a.zip", archive, "", "finished", {}, read_only=True)
    assert run_refusal(tmp_path, beside).endswith("Delete the file itself.")


def test_a_read_only_server_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished = RunListing("a", tmp_path / "a", "", "finished", {})
    assert run_refusal(tmp_path, finished) == ""
    monkeypatch.setenv("DEEPVID_READ_ONLY", "1")
    for refusal in (store_refusal(tmp_path), run_refusal(tmp_path, finished), computing.refusal()):
        assert "--read-only" in refusal


@pytest.mark.long
def test_a_real_run_has_parts_and_provenance(tiny_run: Path) -> None:
    run = open_run(tiny_run)
    by_name = {part.name: part for part in parts(run)}
    assert list(by_name)[:2] == ["images", "dataset"]
    assert set(by_name) == {"images", *(stage.family for stage in run.stages.values())}
    assert by_name["images"].bytes == 1300 * 28 * 28
    assert "3 epochs" in by_name["teacher"].what
    assert all(part.what for part in by_name.values())
    files = [path for path in tiny_run.glob("data.zarr/*/*/*/c*") if path.is_file()]
    arrays = sum(path.stat().st_size for path in files)
    assert sum(part.bytes for part in by_name.values()) == pytest.approx(arrays, rel=0.02)
    assert command(run).startswith("deepvid run fashion_mnist_small")
    assert "from fashion_mnist_small" in provenance_title(run)
    titles = [section.title for section in provenance_sections(run)]
    assert titles[:4] == ["Results", "Stages", "Data, with the sha256 of each file", "Made with"]
    record = json.loads(as_json(run))
    assert len(record["data"]) == 4  # the two images' and the two labels' files
    assert record["stages"]["teacher"]["sha256"] == run.stages["teacher"].digest
