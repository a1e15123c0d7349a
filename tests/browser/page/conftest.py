"""A small store written through the real writer, and the app served on it."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr
from app_tab import AppTab
from chromium import NO_TOUR, SIZE, Guard
from playwright.sync_api import Browser, Page
from stages import Stage, painted, travelled

from dashboards.serving.process import prepare_process
from dashboards.session.session import Session
from dashboards.shell import shell
from deepvid import config
from deepvid.store import RunWriter, open_run, open_writer

FAILED = pytest.StashKey[bool]()
WORN = 40  # windows that a tab has shown; each leaves some 5 MB in the browser
LEFT = "top_panel"  # Bokeh, of a figure that is taken out while it is to be painted
CLASSES = ("circle", "square", "cross", "ring")
TRAIN, TEST, SIDE = 20, 400, 12
FIRST = TRAIN  # index of the first test image


class Made(NamedTuple):
    """Content of the store, for tests to compare with."""

    path: Path
    run: str
    label: np.ndarray  # int (sample,)
    logits: np.ndarray  # f32 (sample, class)
    fitted: tuple[int, ...]  # samples that have a student; all but the last have an explanation

    @property
    def predicted(self) -> np.ndarray:
        return self.logits.argmax(axis=1)

    @property
    def wrong(self) -> np.ndarray:
        """Misclassified test images."""
        return FIRST + np.flatnonzero((self.predicted != self.label)[FIRST:])


def images_and_labels() -> tuple[np.ndarray, np.ndarray]:
    """uint8 (sample, y, x, 1): noisy drawings of four shapes."""
    random = np.random.default_rng(0)
    label = np.arange(TRAIN + TEST) % len(CLASSES)
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    radius = np.hypot(x, y)
    shapes = (
        radius < 4,
        np.maximum(abs(x), abs(y)) < 4,
        (abs(x) < 1.5) | (abs(y) < 1.5),
        abs(radius - 4) < 1.2,
    )
    drawn = np.stack(shapes)[label] * 180.0 + random.uniform(0, 70, (len(label), SIDE, SIDE))
    return drawn.astype(np.uint8)[..., None], label.astype(np.int32)


def teacher_logits(label: np.ndarray, seed: int = 1) -> np.ndarray:
    """f32 (sample, class): right most of the time, unsure now and then."""
    random = np.random.default_rng(seed)
    return (2.2 * np.eye(len(CLASSES))[label] + random.normal(0, 1.0, (len(label), len(CLASSES)))).astype(
        "f4"
    )


def dataset_group() -> xr.Dataset:
    images, label = images_and_labels()
    return xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), images),
            "label": ("sample", label),
            "test": ("sample", np.arange(TRAIN + TEST) >= FIRST),
        },
        attrs={"class_names": list(CLASSES), "source": "drawn", "checksums": {}},
    )


def projection_group() -> xr.Dataset:
    _, label = images_and_labels()
    angle = label[FIRST:] * np.pi / 2
    center = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 10
    position = (center + np.random.default_rng(2).normal(0, 2.5, center.shape)).astype("f4")
    settings = config.Projection(method="tsne").model_dump(mode="json")
    quality = {"neighborhood_hit": {"value": 0.81, "low": 0.79, "high": 0.83, "chance": 0.25}}
    return xr.Dataset(
        {"position": (("sample", "dimension"), position)},
        coords={"sample": np.arange(FIRST, TRAIN + TEST, dtype=np.int32)},
        attrs={"projection": settings, "quality": quality},
    )


def teacher_group(seed: int = 1) -> xr.Dataset:
    _, label = images_and_labels()
    logits = teacher_logits(label, seed)
    return xr.Dataset(
        {
            "logits": (("sample", "class"), logits),
            "features": (("sample", "feature"), logits[:, :2]),
        },
        attrs={"network": {"kind": "mlp"}, "class_names": list(CLASSES), "image_shape": [SIDE, SIDE, 1]},
    )


def vae_group() -> xr.Dataset:
    return xr.Dataset({"mean": (("sample", "latent"), np.zeros((TRAIN + TEST, 2), "f4"))})


def students_group(samples: tuple[int, ...]) -> xr.Dataset:
    """Students whose maps are the class's mean image less the mean of all: right in sign, easy to see."""
    images, label = images_and_labels()
    logits = teacher_logits(label)[list(samples)]
    count, fits = len(samples), 2
    mean = np.stack([images[label == index].mean(axis=0) for index in range(len(CLASSES))]) / 255
    weights = np.broadcast_to((mean - mean.mean(axis=0)) * 0.05, (count, fits, *mean.shape)).copy()
    weights[:, 0] += np.random.default_rng(3).normal(0, 0.01, weights[:, 0].shape)
    order = np.argsort(-logits, axis=1)
    true = label[list(samples)]
    other = np.where(order[:, 0] == true, order[:, 1], true)
    contrast = np.stack([order[:, 0], other], axis=1).astype("i4")
    rows = np.arange(count)
    gradient = weights[rows, 1, contrast[:, 0]] - weights[rows, 1, contrast[:, 1]]
    each = {
        "smoothness": np.broadcast_to(np.array([0, 10], "f4"), (count, fits))[0],
        "kl": 0.01, "agreement": (0.94, 0.9), "agreement_low": (0.88, 0.83), "agreement_high": (0.97, 0.94),
        "floor": 0.71, "kappa": 0.8, "r2": 0.9, "certificate": 1e-4,
    }  # fmt: skip
    fields = {
        name: (("student", "fit"), np.broadcast_to(np.array(value, "f4"), (count, fits)))
        for name, value in each.items()
        if name != "smoothness"
    }
    settings = config.Students().model_dump(mode="json")
    return xr.Dataset(
        {
            **fields,
            "sample": ("student", np.array(samples, "i4")),
            "smoothness": ("fit", np.array([0, 10], "f4")),
            "weights": (("student", "fit", "class", "y", "x", "channel"), weights.astype("f2")),
            "intercept": (("student", "fit", "class"), np.full((count, fits, len(CLASSES)), 0.25, "f4")),
            "agrees_on_sample": (("student", "fit"), np.ones((count, fits), bool)),
            "held_out": ("student", np.full(count, 100, "i4")),
            "gate": ("student", np.arange(count) % 2 == 0),
            "reconstruction_class": (
                "student",
                np.where(np.arange(count) % 2 == 0, contrast[:, 0], other).astype("i4"),
            ),
            "neighborhood_gradient": (("student", "y", "x", "channel"), gradient.astype("f2")),
            "contrast": (("student", "side"), contrast),
            "teacher_logits": (("student", "class"), logits),
            "neighborhood_mean": (
                ("student", "y", "x", "channel"),
                np.broadcast_to(images.mean(axis=0).round().astype("u1"), (count, *images.shape[1:])),
            ),
            "widening": ("student", np.where(rows == 1, 2.0, 1.0).astype("f4")),
            "commonest": ("student", np.full(count, 0.71, "f4")),
            "commonest_class": ("student", contrast[:, 0]),
            "stability": ("student", np.full(count, 0.9, "f4")),
        },
        attrs={"settings": settings, "settings_key": "0123abcd", "seed": 0},
    )


METHODS = {
    "gradient": "Gradient x input",
    "student": "Student",
    "occlusion": "Occlusion",
    "integrated_gradients": "Integrated gradients",
    "hirescam": "HiResCAM",
    "cam": "CAM",
    "random": "Random",
    "image": "Image itself",
}
LOST = (1.5, 0.6, 1.0, 3.0, 0.8, 0.9, 0.0, 2.0)  # of the methods
CHANCE = (0.5, 0.5, 0.5, 0.5, 0.5, 1.0, 0.5, 0.5)


def explanations_group(students: xr.Dataset) -> xr.Dataset:
    """Explanations of the students' samples: all maps but the student's are of noise. Of the fourth
    image no method beats chance; the fifth was judged by the autoencoder, too, by which occlusion alone does,
    and the first it knows nothing of.
    """
    images, _ = images_and_labels()
    sample, contrast = students["sample"].to_numpy(), students["contrast"].to_numpy()
    rows, random = np.arange(len(sample)), np.random.default_rng(4)
    weights = 2.0 * students["weights"].to_numpy()[:, 1].astype("f4")
    inputs = (images[sample].astype("f4") - students["neighborhood_mean"].to_numpy()) / 255
    own = ((weights[rows, contrast[:, 0]] - weights[rows, contrast[:, 1]]) * inputs).sum(axis=-1)
    maps = random.normal(0, 1, (len(sample), len(METHODS), SIDE, SIDE)).astype("f4")
    maps[:, 1] = own
    scale = np.abs(maps).max(axis=(2, 3))
    lost = np.tile(np.array(LOST, "f4"), (len(sample), 1))
    lost[3] = 0.1
    infill = np.array([0, -1, -1, -1, 1], "i1")[: len(sample)]
    second = (
        np.where(np.array(list(METHODS)) == "occlusion", 2.5, 0.0)
        + np.where(infill == 1, 0.0, np.nan)[:, None]
    )
    per_method = ("explained", "method")
    return xr.Dataset(
        {
            "sample": ("explained", sample),
            "map": ((*per_method, "y", "x"), np.rint(maps / scale[..., None, None] * 127).astype("i1")),
            "scale": (per_method, scale),
            "total": (per_method, maps.sum(axis=(2, 3))),
            "margin_lost": (per_method, lost),
            "margin_chance": (per_method, np.tile(np.array(CHANCE, "f4"), (len(sample), 1))),
            "infill_lost": (per_method, second.astype("f4")),
            "infill_chance": (per_method, np.where(np.isnan(second), np.nan, 0.5).astype("f4")),
            "infill": ("explained", infill),
            "faithfulness": ((*per_method, "baseline"), np.repeat(lost[..., None] / 10, 3, axis=2)),
            "contrast": (("explained", "side"), contrast),
        },
        attrs={
            "settings": config.Explanations().model_dump(mode="json"),
            "settings_key": "4567cdef",
            "seed": 0,
            "students": "0123abcd",
            "methods": list(METHODS),
            "labels": list(METHODS.values()),
            "baselines": ["black", "mean_color", "blur"],
        },
    )


def begin(store: Path, name: str = "shapes") -> RunWriter:
    """A run in progress."""
    experiment = config.Experiment(name=name).model_dump(mode="json")
    provenance = {"argv": ["deepvid", "run", "shapes.toml"], "packages": {"numpy": np.__version__}}
    return open_writer(store, f"{name}-0123abcd", config=experiment, provenance=provenance)


def commit_teacher(writer: RunWriter, seed: int = 1) -> None:
    metrics = {"test_accuracy": 0.8, "calibration_error": 0.03}
    key = f"{11 + seed:x}" * 12  # another teacher has another key
    writer.commit_stage("teacher", key, teacher_group(seed), metrics=metrics, summary={"metrics": metrics})


def complete(store: Path, name: str = "shapes", teacher: int = 1) -> Made:
    _, label = images_and_labels()
    logits = teacher_logits(label)
    wrong = FIRST + np.flatnonzero((logits.argmax(axis=1) != label)[FIRST:])
    fitted = tuple(int(sample) for sample in wrong[:6])
    with begin(store, name) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset_group(), summary={"source": "drawn"})
        writer.commit_stage("projection-tsne-features-2d", "b" * 12, projection_group())
        commit_teacher(writer, teacher)
        writer.commit_stage("vae", "d" * 12, vae_group())
        writer.commit_stage("students/0123abcd-0", "e" * 12, students_group(fitted),
                            summary={"metrics": {"students": len(fitted)}})  # fmt: skip
        writer.commit_stage("explanations/4567cdef-0", "f" * 12,
                            explanations_group(students_group(fitted).isel(student=slice(5))))  # fmt: skip
        writer.finish()
    return Made(store, f"{name}-0123abcd", label, logits, fitted)


@pytest.fixture
def complete_run() -> Callable[..., Made]:
    """`complete_run(store, name, teacher=)` writes another finished run."""
    return complete


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A finished run of 400 test images of four classes, six of which have a student."""
    return complete(tmp_path_factory.mktemp("made") / "runs")


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """The sessions that the app opens in this test, in order."""
    opened: list[Session] = []
    original = Session.__init__

    def remember(self: Session, *arguments: Any) -> None:
        opened.append(self)
        original(self, *arguments)

    monkeypatch.setattr(Session, "__init__", remember)
    return opened


@pytest.fixture
def store(made: Made, tmp_path: Path) -> Path:
    """A copy of the store, which may be written to."""
    return Path(shutil.copytree(made.path, tmp_path / "runs"))


class Tabs:
    """The tab of this worker; a new one after a test that failed in it, and before it has grown too large."""

    def __init__(self, chromium: Browser, serve: Callable[..., str]) -> None:
        self._chromium, self._serve = chromium, serve
        self._tab: tuple[AppTab, Guard] | None = None

    def take(self) -> tuple[AppTab, Guard]:
        if self._tab is not None and self._tab[0].shown >= WORN:
            self.drop()
        if self._tab is None:
            context = self._chromium.new_context(viewport=SIZE)
            context.add_init_script(NO_TOUR)
            guard = Guard(context)
            self._tab = AppTab(context.new_page(), self._serve), guard
        return self._tab

    @property
    def tab(self) -> AppTab:
        """The one that was taken."""
        assert self._tab is not None
        return self._tab[0]

    def drop(self) -> None:
        if self._tab is not None:
            self._tab[0].page.context.close()
        self._tab = None


@pytest.fixture(scope="session")
def tabs(chromium: Browser, serve_always: Callable[..., str]) -> Iterator[Tabs]:
    tabs = Tabs(chromium, serve_always)
    yield tabs
    tabs.drop()


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """The worker's tab, emptied; a fresh one for tests marked `fresh`.

    Fresh is who reloads or listens from the first message on, or changes the browser for those after it.
    """
    if request.node.get_closest_marker("fresh"):
        context = request.getfixturevalue("context")
        guard = request.getfixturevalue("guard")
        yield context.new_page()
        context.close()
        guard.check()
        return
    tabs = request.getfixturevalue("tabs")
    tab, guard = tabs.take()
    page = tab.page
    yield page
    if request.node.stash.get(FAILED, False) or page.is_closed():
        tabs.drop()
        return
    for other in page.context.pages:
        if other is not page:
            other.close()
    tab.leave()
    if page.viewport_size != SIZE:
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
    page.mouse.move(0, 0)
    guard.thrown = [error for error in guard.thrown if LEFT not in error]
    guard.check()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def serve_app(
    request: pytest.FixtureRequest, page: Page, sessions: list[Session], wait_until: Callable[..., Any]
) -> Callable[..., Session]:
    """`serve_app(store, query="")` opens the app in the page and returns its session."""

    def load(store: Path, query: str = "", **options: Any) -> Session:
        prepare_process()
        known = len(sessions)
        request.getfixturevalue("serve_component")(page, lambda: shell(store), query, **options)
        wait_until(lambda: len(sessions) > known and page.locator("nav button").count(), timeout=20)
        return sessions[-1]

    def show(store: Path, query: str = "") -> Session:
        return request.getfixturevalue("tabs").tab.show(store, query, sessions)

    return load if request.node.get_closest_marker("fresh") else show


@pytest.fixture
def serve_drawn(
    serve_app: Callable[..., Session], begin_run: Callable[..., RunWriter], groups: "Groups", tmp_path: Path
) -> Callable[..., Session]:
    """`serve_drawn(stages, dataset, query)` serves a run of a map, a teacher and these groups, by stages."""

    def show(
        stages: Mapping[str, xr.Dataset] = MappingProxyType({}), dataset: Any = None, query: str = ""
    ) -> Session:
        with begin_run(tmp_path) as writer:
            known = groups.dataset() if dataset is None else dataset
            writer.commit_stage("dataset", "a" * 12, known, summary={"source": "drawn"})
            writer.commit_stage("projection-tsne-features-2d", "b" * 12, groups.projection())
            groups.commit_teacher(writer)
            for name, group in stages.items():
                writer.commit_stage(name, "c" * 12, group)
            writer.finish()
        return serve_app(tmp_path, query)

    return show


@pytest.fixture(scope="session")
def make_run() -> Callable[..., Made]:
    """`make_run(store, name, teacher=1)`: a finished run; `teacher` seeds what its teacher says."""
    return complete


@pytest.fixture(scope="session")
def begin_run() -> Callable[..., RunWriter]:
    """`begin_run(store)`: the writer of a run in progress."""
    return begin


class Groups(NamedTuple):
    """Groups that a live run commits."""

    dataset: Callable[[], xr.Dataset] = dataset_group
    projection: Callable[[], xr.Dataset] = projection_group
    teacher: Callable[[], xr.Dataset] = teacher_group
    commit_teacher: Callable[..., None] = commit_teacher
    vae: Callable[[], xr.Dataset] = vae_group
    students: Callable[[tuple[int, ...]], xr.Dataset] = students_group


@pytest.fixture(scope="session")
def groups() -> Groups:
    return Groups()


def hierarchy_committed(made: Made, store: Path) -> Path:
    """The run in `store` gets a tree of two pairs, circle and cross beside square and ring."""
    share = {"value": 0.8, "low": 0.76, "high": 0.84}
    names = ("flat", "hard", "soft", "hard_agreement", "soft_agreement")
    shares = dict.fromkeys([*names, *(f"random_{name}" for name in names[1:])], share)
    group = xr.Dataset(
        {
            "parent": ("node", np.array([4, 5, 4, 5, 6, 6, -1], "i4")),
            "node_probability": ("node", np.full(7, 0.9, "f4")),
            "leaf": ("sample", made.predicted.astype("i4")),
            "path_probability": ("sample", np.full(len(made.label), 0.9, "f4")),
            "turn": ("sample", np.full(len(made.label), -1, "i4")),
        },
        attrs={"source": "induced", "random_trees": 100, "accuracy": shares},
    )
    with open_writer(store, made.run, config=open_run(store / made.run).config, provenance={}) as writer:
        writer.commit_stage("hierarchy", "9" * 12, group)
        writer.finish()
    return store


def soft_tree_committed(made: Made, store: Path) -> Path:
    """The run in `store` gets a tree that decides by features: leaves 0 .. 3 of circle, square, circle, ring.

    Node 4 is leaves 0 and 1, 5 is 2 and 3; none is of cross.
    """
    features = teacher_group()["features"].to_numpy()
    weights, bias = np.array([[1, 0], [0, 1], [1, -1]], "f4"), np.zeros(3, "f4")
    first = features @ weights.T + bias >= 0
    leaf = np.where(first[:, 2], np.where(first[:, 0], 0, 1), np.where(first[:, 1], 2, 3))
    share = {"value": 0.7, "low": 0.66, "high": 0.74}
    names = ("flat", "hard", "soft", "hard_agreement", "soft_agreement")
    group = xr.Dataset(
        {
            "parent": ("node", np.array([4, 4, 5, 5, 6, 6, -1], "i4")),
            "node_probability": ("node", np.full(7, 0.8, "f4")),
            "leaf": ("sample", leaf.astype("i4")),
            "path_probability": ("sample", np.full(len(leaf), 0.8, "f4")),
            "turn": ("sample", np.full(len(leaf), -1, "i4")),
            "leaf_class": ("leaf_node", np.array([0, 1, 0, 3], "i4")),
            "leaf_probability": (("leaf_node", "class"), np.eye(4, dtype="f4")[[0, 1, 0, 3]]),
            "weights": (("inner", "feature"), weights),
            "bias": ("inner", bias),
            "returns": ("node", np.array([4, 4, 4, 4, 3, 1, 4], "i4")),
        },
        attrs={"source": "distilled", "accuracy": dict.fromkeys(names, share), "others": [{}] * 4},
    )
    with open_writer(store, made.run, config=open_run(store / made.run).config, provenance={}) as writer:
        writer.commit_stage("soft-tree", "8" * 12, group)
        writer.finish()
    return store


@pytest.fixture(name="commit_hierarchy")
def _commit_hierarchy() -> Callable[[Made, Path], Path]:
    """`commit_hierarchy(made, store)`: a class hierarchy for the run in a copy of its store."""
    return hierarchy_committed


@pytest.fixture
def softened(made: Made, grown: Path) -> Path:
    """A copy of the finished run that has a hierarchy and a soft decision tree."""
    return soft_tree_committed(made, grown)


@pytest.fixture
def grown(made: Made, tmp_path: Path) -> Path:
    """A copy of the finished run that has a hierarchy, too."""
    return hierarchy_committed(made, Path(shutil.copytree(made.path, tmp_path / "runs")))


@pytest.fixture
def travel(made: Any, store: Path) -> Path:
    return travelled(made, store)


@pytest.fixture
def opened(
    page: Page, travel: Path, serve_app: Callable[..., Session], wait_until: Callable[..., Any]
) -> Callable[..., Any]:
    """`opened(query)`: the session and its map, once that is painted."""

    def open_page(query: str = "", store: Path = travel) -> tuple[Session, Stage]:
        session = serve_app(store, f"?page=time-travel{query}")
        return session, painted(page, wait_until)

    return open_page
