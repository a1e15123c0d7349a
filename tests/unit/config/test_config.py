"""Experiments: reading, overriding, hashing, and every fault at once."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile import HUGE
from tiny import tiny

from deepvid.config import Experiment, Mlp, experiment_from, read_experiment, run_id, words_of
from deepvid.config.sections.section import Section, kind_of, sections_in
from deepvid.errors import ConfigError


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "experiment.toml"
    path.write_text('name = "toy"\n[teacher]\nepochs = 3\n[[projections]]\nmethod = "pca"\n')
    return path


def test_overrides_reach_every_depth(toml: Path) -> None:
    experiment = read_experiment(
        toml,
        [
            "teacher.epochs=5",
            "teacher.network.depth=14",
            "vae.likelihood=gaussian",
            "projections.0.dimensions=3",
            "students.smoothness=[0, 5]",
        ],
    )
    assert experiment.teacher.epochs == 5
    assert experiment.teacher.network.depth == 14  # type: ignore[union-attr]
    assert experiment.vae.likelihood == "gaussian"
    assert experiment.projections[0].name == "pca-features-3d"
    assert experiment.students.smoothness == (0, 5)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    toml = tmp_path / "windows.toml"
    toml.write_bytes(b"\xef\xbb\xbfname = 'toy'\r\n")
    assert read_experiment(toml) == Experiment(name="toy")


def test_all_faults_are_told_at_once_with_path_and_nearest_name() -> None:
    with pytest.raises(ConfigError) as caught:
        experiment_from(
            {
                "name": "toy",
                "techer": {},
                "teacher": {"epocs": 2, "optimizer": "adm", "network": {"kind": "resnet", "depth": 9}},
                "vae": {"latent": 0},
                "projections": [{"methd": "pca"}],
            }
        )
    message = str(caught.value)
    assert "6 faults" in message
    for expected in (
        "techer: unknown key",
        "did you mean 'teacher'?",
        "teacher.epocs: unknown key",
        "did you mean 'epochs'?",
        "teacher.optimizer",
        "did you mean 'adam'?",
        "teacher.network.depth: must be 6n + 2",
        "vae.latent: must be at least 1; found 0",
        "projections.0.methd",
        "did you mean 'method'?",
    ):
        assert expected in message


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("teacher.epochs", "key=value"),
        ("teacher.epochs.more=1", "no settings inside"),
        ("projections.7.method=pca", "below 1"),
        ("teacher.epochs=many", "teacher.epochs"),
        (f"seed={HUGE}", "seed: must be less than"),
        (f"seed={HUGE * 20}", "seed: must be a smaller whole number"),
        (f"seed=0x{HUGE * 20}", "seed: must be less than 2147483648; found a value too long to show"),
        (f"seed={'[' * 10**5}", "seed: must be a whole number"),
        ("projections.²=1", "projections.²"),
        (f"projections.{HUGE * 20}=1", "below 1"),
    ],
)
def test_bad_overrides_are_refused(toml: Path, override: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        read_experiment(toml, [override])


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("students.images=5", "5"),
        ("students.images=5,17", "5,17"),
        ("students.images=5, 17,", "5,17"),
        ('students.images="5"', "5"),
        ("students.images=[5, 17]", "5,17"),
        ("students.images=class:3", "class:3"),
        ("students.smoothness=10", (10.0,)),
        ("students.smoothness=0,10", (0.0, 10.0)),
        ("students.smoothness=[0.0,10.0]", (0.0, 10.0)),
        ("students.limit=None", None),
        ("students.limit=none", None),
        ("students.limit=all", None),
        ("students.limit=7", 7),
        ("students.locality=None", None),
        ("students.locality=2", 2.0),
        ("students.band=0.5", 0.5),
        ("dataset.train=None", None),
        ("dataset.train=10_000", 10_000),
        ("dataset.path=7", Path("7")),
        ("dataset.path=true", Path("true")),
        ("dataset.swap=true", True),
        ("name=2026", "2026"),
        ("teacher.network.width=4", 4),
    ],
)
def test_a_value_is_of_the_type_of_its_setting_however_it_looks(
    toml: Path, override: str, value: object
) -> None:
    setting: Any = read_experiment(toml, [override])
    for name in override.partition("=")[0].split("."):
        setting = getattr(setting, name)
    assert setting == value
    assert type(setting) is type(value) or isinstance(value, Path)


@pytest.mark.parametrize(("images", "recorded"), [("5", "5"), ('"5, 17"', "5,17"), ("[5, 17]", "5,17")])
def test_a_file_lists_samples_as_numbers_or_as_text(tmp_path: Path, images: str, recorded: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'name = "own"\n[students]\nimages = {images}\nsmoothness = 10\n')
    students = read_experiment(path).students
    assert (students.images, students.smoothness) == (recorded, (10.0,))


def every_setting() -> Iterator[tuple[str, ...]]:
    """The paths of all settings with the kinds of the sections on the way, as "teacher=onnx"."""

    def inside(section: type[Section], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, field in section.model_fields.items():
            yield (*path, name)
            for inner in sections_in(field.annotation):
                if name != "projections":
                    kind = f"={kind_of(inner)}" if kind_of(inner) else ""
                    yield from inside(inner, (*path, name + kind))

    return inside(Experiment, ())


FOREIGN = re.compile(
    r"input should|constrained|pattern|dictionary|extract fields|\btag|\\d|tuple|after validation",
    re.IGNORECASE,
)


WRONG_SOMEWHERE = (True, -1, 1.5, "x", [], {}, [True], ["x"], {"x": 1}, 1e300, [8] * 9)
SECTIONS = sorted({path[:-1] for path in every_setting()})
SETTINGS = {
    section: sorted({path for path in every_setting() if path[:-1] == section}) for section in SECTIONS
}
each_section = pytest.mark.parametrize("section", SECTIONS, ids=lambda path: ".".join(path) or "experiment")


@each_section
def test_what_is_wrong_is_said_in_plain_words(section: tuple[str, ...]) -> None:
    tried = [(path, value) for path in SETTINGS[section] for value in WRONG_SOMEWHERE]
    said = [(path, value, fault_of(nested(path, value))) for path, value in tried]
    assert [answer for answer in said if not is_in_plain_words(*answer)] == []
    assert any(message for _, _, message in said)


def is_in_plain_words(path: tuple[str, ...], value: object, message: str | None) -> bool:
    """Whether it names the setting, in no words of the library's; only five settings take `true`."""
    if message is None:
        return value is not True or path[-1] in {"swap", "skip_unreadable", "data_check", "causes", "modes"}
    foreign = FOREIGN.search(message.replace(repr(value), ""))
    return not foreign and path[-1] in message and "\n." not in message


def nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """An experiment whose setting at `path` is `value`."""
    for step in reversed(path):
        name, _, kind = step.partition("=")
        told = {"source" if name == "teacher" else "kind": kind} if kind else {}
        needed = {"path": "model"} if kind in ("predictions", "onnx", "pt2") else {}
        value = {name: {**told, **needed, **value} if kind else value}
    return {"name": "toy", **value}


def fault_of(table: dict[str, Any]) -> str | None:
    try:
        experiment_from(table)
    except ConfigError as error:
        return str(error)
    return None


def test_a_whole_number_is_one_that_loops_can_count_to() -> None:
    whole = [path for path in every_setting() if "whole number" in (fault_of(nested(path, 99.5)) or "")]
    too_large = {path: fault_of(nested(path, 10**20)) or "" for path in whole}
    assert {
        path: message for path, message in too_large.items() if "; found 100000000000000000000" not in message
    } == {}
    assert ("teacher", "epochs") in {tuple(step.partition("=")[0] for step in path) for path in whole}


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_experiment(tmp_path / "absent.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ")
    with pytest.raises(ConfigError, match="valid TOML"):
        read_experiment(broken)
    for text in ("seed = " + "9" * 5000, "seed = " + "[" * 10**5):
        broken.write_text(text)
        with pytest.raises(ConfigError, match="valid TOML"):
            read_experiment(broken)
    broken.write_text("name = 'toy'", encoding="utf-16")  # as Windows PowerShell redirects
    with pytest.raises(ConfigError, match=r"in UTF-8.*Save it again as UTF-8"):
        read_experiment(broken)


def test_a_run_is_named_after_its_whole_configuration() -> None:
    first, same = Experiment(name="toy"), experiment_from({"name": "toy", "seed": 0})
    other = experiment_from({"name": "toy", "students": {"l1": 1e-3}})
    assert run_id(first) == run_id(same)
    assert run_id(first).startswith("toy-")
    assert len(run_id(first)) == len("toy-") + 8
    assert run_id(other) != run_id(first)


def test_two_maps_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="tsne-features-2d"):
        experiment_from({"name": "toy", "projections": [{}, {"perplexity": 50}]})


def test_a_band_has_one_width_or_one_for_every_latent() -> None:
    latents = {"name": "toy", "vae": {"latent": 3}}
    assert experiment_from({**latents, "students": {"band": [1, 2, 3]}}).students.band == (1, 2, 3)
    with pytest.raises(ConfigError, match=r"one for each of the 3 latents of vae.latent; it has 2\."):
        experiment_from({**latents, "students": {"band": [1, 2]}})


def test_local_sources_need_a_path() -> None:
    with pytest.raises(ConfigError, match="needs a path"):
        experiment_from({"name": "toy", "dataset": {"source": "folder"}})


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("dataset", "reading the images"),
        ("teacher", "training the teacher"),
        ("vae", "training the autoencoder"),
        ("projection-tsne-features-2d", "computing the map tsne-features-2d"),
        ("students", "fitting students"),
        ("students/0123abcd-4", "fitting students"),
        ("teachers", "teachers"),  # of a later version, or a person's own
    ],
)
def test_a_person_reads_what_a_stage_does(stage: str, words: str) -> None:
    assert words_of(stage) == words


@pytest.mark.parametrize("source", ["onnx", "torch", "predictions", "function"])
def test_a_teacher_from_elsewhere_is_asked(source: str) -> None:
    assert words_of("teacher", source) == "asking the model"
    assert words_of("dataset", source) == "reading the images"


def test_the_tiny_form_of_an_experiment_keeps_the_kinds_of_everything() -> None:
    table = {
        "name": "toy",
        "seed": 3,
        "dataset": {"source": "quickdraw", "train": 10_000},
        "teacher": {"network": {"kind": "mlp"}},
        "projections": [{"method": "pca"}, {"of": "latents"}],
        "students": {"images": "class:3", "band": [0.1] * 20},
    }
    small = tiny(experiment_from(table))
    assert (small.name, small.seed, small.dataset.source) == ("toy", 3, "quickdraw")
    assert (small.dataset.train, small.dataset.test) == (345, 60)  # an image a class; as few as are needed
    assert small.teacher.network == Mlp(hidden=(16,))
    assert small.teacher.epochs == 2
    assert [projection.name for projection in small.projections] == ["pca-features-2d", "tsne-latents-2d"]
    assert small.projections[1].perplexity == 5
    assert (small.students.images, small.students.limit) == ("class:3", 4)
    assert small.students.band == (0.1,) * small.vae.latent  # still one a latent
    assert tiny(small) == small
