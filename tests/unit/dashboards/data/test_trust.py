"""Verdicts on a run's students, from batches that tests write by hand."""

import numpy as np
import pytest
import xarray as xr
from toy import described

from dashboards.data import trust
from dashboards.data.population import Population, population
from dashboards.data.trust import Trust
from deepvid.store import open_writer
from deepvid.trust import MapVerdict, Verdict

UNKNOWN, CANNOT_TELL, WEAK, EXPLAINED = Verdict
_, FAILS, PARTLY, HOLDS = MapVerdict


def students(samples, low, floor=0.5, kl=0.01, **more):
    """Two fits, of which the smoother counts; the other one is hopeless."""
    count = len(samples)

    def fits(value, kind=np.float32):
        smooth = np.broadcast_to(np.asarray(value, kind), count)
        return ("student", "fit"), np.stack([np.zeros(count, kind), smooth], axis=1)

    data = {
        "sample": ("student", np.array(samples, np.int32)),
        "smoothness": ("fit", np.float32([0, 10])),
        "agreement_low": fits(low),
        "floor": fits(floor),
        "kl": fits(kl),
        "agrees_on_sample": fits(True, bool),
        "gate": ("student", np.ones(count, bool)),
        **{name: ("student", np.float32(values)) for name, values in more.items()},
    }
    return xr.Dataset(data, attrs={"settings": {}, "settings_key": "0123abcd"})


def explanations(samples, lost, methods=("gradient", "student")):
    """The gradient is as good as can be; the student's own measure is `lost`, where chance is 1."""
    values = np.stack([np.full(len(lost), 99, np.float32), np.float32(lost)], axis=1)[:, : len(methods)]
    data = {
        "sample": ("explained", np.array(samples, np.int32)),
        "margin_lost": (("explained", "method"), values),
        "margin_chance": (("explained", "method"), np.ones_like(values)),
    }
    return described(xr.Dataset(data, attrs={"methods": list(methods)}))


@pytest.fixture
def writer(tmp_path):
    """A run of one image to train on and five test images, the first four of them errors."""
    label, said = np.zeros(6, np.int32), np.array([0, 1, 1, 1, 1, 0])
    data = {
        "image": (("sample", "y", "x", "channel"), np.zeros((6, 1, 1, 1), np.uint8)),
        "label": ("sample", label),
        "test": ("sample", np.arange(6) > 0),
    }
    logits = np.float32([0, 1, 2, 3, 4, 5])[:, None] * np.eye(2, dtype=np.float32)[said]
    with open_writer(tmp_path, "toy", config={"name": "toy"}, provenance={}) as opened:
        opened.commit_stage("dataset", "a" * 12, xr.Dataset(data, attrs={"class_names": ["a", "b"]}))
        opened.commit_stage("teacher", "b" * 12, xr.Dataset({"logits": (("sample", "class"), logits)}))
        yield opened


def judged(run) -> Population:
    trust.judge(run)
    table = population(run)
    assert table is not None
    return table


def commit(writer, name, group):
    writer.commit_stage(name, f"{abs(hash(name)):012x}"[:12], described(group))


def test_the_smoothest_fit_of_the_latest_student_is_judged(writer) -> None:
    assert judged(writer.run).trust is None
    commit(writer, "students/a-0", students([1, 2, 3], low=[0.8, 0.4, 0.7], kl=[0.01, 0.01, 9]))
    table = judged(writer.run)
    assert table.trust.of_row.tolist() == [EXPLAINED, CANNOT_TELL, WEAK, UNKNOWN, UNKNOWN]
    commit(writer, "students/b-0", students([2], low=[0.9]))
    again = judged(writer.run)
    assert again.trust.of_row.tolist() == [EXPLAINED, EXPLAINED, WEAK, UNKNOWN, UNKNOWN]
    assert again.facts is table.facts  # of which the orders by confidence are kept
    assert judged(writer.run) is again


def test_an_explanation_no_better_than_chance_makes_its_student_weak(writer) -> None:
    commit(writer, "students/a-0", students([1, 2, 3], low=[0.8] * 3))
    commit(writer, "explanations/c-0", explanations([2, 1], lost=[0.5, 2.0]))
    assert judged(writer.run).trust.of_row.tolist()[:3] == [EXPLAINED, WEAK, EXPLAINED]  # 3 is not measured
    commit(writer, "explanations/c-1", explanations([2], lost=[1.5]))
    assert judged(writer.run).trust.of_row.tolist()[:3] == [EXPLAINED] * 3


def test_the_best_map_of_each_image_has_its_verdict(writer) -> None:
    """Also that of an image without a student, the last."""
    commit(writer, "students/a-0", students([1, 2, 3, 4], low=[0.8] * 4))
    methods, best = ("random", "student", "places"), np.float32([[9, 0.5, 3], [9, 1.1, 0], [9, 0.5, 0.4]])
    best = np.vstack([best, [[9, np.nan, 3]]]).astype(np.float32)
    group = explanations([3, 1, 2, 5], lost=[0] * 4, methods=methods[:1])
    group = group.isel(method=[0] * 3).assign(
        margin_lost=(("explained", "method"), best),
        margin_chance=(("explained", "method"), np.ones((4, 3), np.float32)),
    )
    commit(writer, "explanations/c-0", group.assign_attrs(methods=list(methods)))
    assert judged(writer.run).trust.first_map.tolist() == [PARTLY, FAILS, HOLDS, UNKNOWN, HOLDS]


def test_explanations_without_a_students_are_not_its_measure(writer) -> None:
    commit(writer, "students/a-0", students([1], low=[0.8]))
    commit(writer, "explanations/c-0", explanations([1], lost=[0.0], methods=("gradient",)))
    assert judged(writer.run).trust.of_row[0] == EXPLAINED


def test_what_is_measured_counts(writer) -> None:
    commit(writer, "students/a-0", students([1, 2], low=[0.8, 0.8], stability=[0.9, 0.2]))
    assert judged(writer.run).trust.of_row.tolist()[:2] == [EXPLAINED, WEAK]


def test_a_batch_that_cannot_be_read_hides_no_other(writer, caplog) -> None:
    commit(writer, "students/a-0", students([1], low=[0.8]).drop_vars("kl"))
    commit(writer, "students/a-1", students([2, 3], low=[0.8, 0.8]).drop_vars("smoothness"))
    commit(writer, "students/a-2", students([4], low=[0.8]))
    commit(writer, "explanations/c-0", xr.Dataset({"sample": ("explained", np.int32([1]))}))
    commit(writer, "explanations/c-1", explanations([4], lost=[0.5]))
    assert judged(writer.run).trust.of_row.tolist() == [EXPLAINED, UNKNOWN, UNKNOWN, WEAK, UNKNOWN]
    assert caplog.text.count("goes without a batch") == 2
    assert not trust.behind(writer.run)


TRUST = Trust(
    np.int32([0, 2, 3, 4]),
    np.uint8([3, 1, 3, 2]),
    np.float32([0.1, -0.3, 0.4, 0.2]),
    np.full(4, 0.9, np.float32),
    np.uint8([3, 1, 0, 2]),
    6,
)


def test_counts_and_bins_are_those_of_the_mask() -> None:
    assert TRUST.counts(None).tolist() == [2, 1, 1, 2]
    mask = np.array([True, True, True, False, False, False])
    assert TRUST.counts(mask).tolist() == [1, 1, 0, 1]
    bins = TRUST.histogram(None)
    assert bins.sum() == 4
    assert [tuple(place) for place in np.argwhere(bins)] == [(0, 1), (3, 3), (5, 2), (9, 3)]
    assert TRUST.histogram(mask).sum(axis=0).tolist() == [0, 1, 0, 1]


def test_a_student_tells_exactly_in_the_bins_above_zero() -> None:
    edge = np.float32([-0.05, 0.0, 1e-7, 0.05, 0.45, 0.9])
    assert Trust(np.arange(6), np.zeros(6, np.uint8), edge, edge, np.zeros(6, np.uint8), 6).bin.tolist() == [
        0,
        1,
        2,
        2,
        10,
        11,
    ]
