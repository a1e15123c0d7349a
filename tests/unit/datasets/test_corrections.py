"""Labels that a person has corrected, and images that are left out, in a data set and in a run."""

from pathlib import Path

import numpy as np
import pytest
from micro import Recorder, experiment, run

from deepvid import config, datasets
from deepvid.datasets import ImageData
from deepvid.errors import DataError


def loaded(**settings: object) -> ImageData:
    return datasets.load(config.Dataset(train=20, test=10, **settings), seed=0)  # type: ignore[arg-type]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_labels_are_corrected_and_the_former_ones_kept(tmp_path: Path) -> None:
    plain = loaded()
    assert plain.labels is not None
    names, second = plain.class_names, (plain.labels[22] + 1) % 10
    file = written(
        tmp_path / "labels.csv",
        f"sample,label,remark\n3,{names[plain.labels[3]]},same\n22,{names[second]},\n",
    )
    found = loaded(labels=file)
    assert found.labels is not None
    assert np.flatnonzero(found.labels != plain.labels).tolist() == [22]
    assert found.labels[22] == second
    np.testing.assert_array_equal(found.original, plain.labels)
    np.testing.assert_array_equal(found.images, plain.images)
    assert "1 labels are corrected by labels.csv" in found.notes
    assert "labels.csv" in found.checksums


def test_images_are_left_out_by_their_numbers_without_corrections(tmp_path: Path) -> None:
    plain = loaded()
    found = loaded(leave_out=written(tmp_path / "out.csv", "sample\n0\n25\n"))
    kept = np.delete(np.arange(30), [0, 25])
    np.testing.assert_array_equal(found.images, plain.images[kept])
    np.testing.assert_array_equal(found.labels, np.asarray(plain.labels)[kept])
    assert found.test.tolist() == plain.test[kept].tolist()


def test_an_image_whose_label_is_what_it_was_is_not_left_out(tmp_path: Path) -> None:
    text = "sample,label,was\n0,Shirt,Coat\n3,Coat,Coat\n25,,Coat\n26,,\n"
    found = loaded(leave_out=written(tmp_path / "marks.csv", text))
    np.testing.assert_array_equal(found.images, np.delete(loaded().images, [0, 25, 26], axis=0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sample,label\n99,Shirt\n", "names images of the data set, by their sample. Found: 99"),
        ("sample,label\n-1,Shirt\n", "Found: -1"),
        ("sample,label\n1,Hat\n", "are classes of the data set.*Found: Hat"),
        ("sample,label\n1,Shirt\n1,Coat\n", "names every image once. Found: 1 twice"),
        ("image,label\n1,Shirt\n", "has the columns sample or file and label. Found: image, label"),
        ("sample\n1\n", "has the columns sample or file and label"),
        ("", "Found: no line"),
        ("file,label\na.png,Shirt\n", "by their file. Found: a.png"),
    ],
)
def test_bad_corrections_are_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        loaded(labels=written(tmp_path / "labels.csv", text))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Files of corrections can be read"):
        loaded(labels=tmp_path / "absent.csv")


def test_a_run_keeps_the_corrections_that_it_began_with(tmp_path: Path) -> None:
    file = written(tmp_path / "labels.csv", "sample,label\n1,Shirt\n2,Shirt\n")
    wanted = experiment(dataset={"train": 40, "test": 30, "labels": str(file)})
    made = run(tmp_path / "runs", wanted, Recorder(), "dataset")
    stored = made.stages["dataset"].open()
    shirt = stored.attrs["class_names"].index("Shirt")
    assert stored["label"].to_numpy()[[1, 2]].tolist() == [shirt, shirt]
    plain = run(tmp_path / "runs", experiment(), Recorder(), "dataset").stages["dataset"].open()
    np.testing.assert_array_equal(stored["original_label"], plain["label"])
    again = Recorder()
    run(tmp_path / "runs", wanted, again, "dataset")
    assert again.outcomes["dataset"] == "reused"
    written(file, "sample,label\n1,Coat\n")
    with pytest.raises(DataError, match="A run keeps the images it began with"):
        run(tmp_path / "runs", wanted, Recorder(), "dataset")
