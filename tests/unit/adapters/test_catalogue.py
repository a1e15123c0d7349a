"""A model is recognized by what it is, opened by its settings, and imported only where it was named."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from nets import IMAGES, NAMES, SHAPE, answers, linen_net, linen_variables, nnx_net, onnx_bytes

import deepvid
import deepvid.adapters
from deepvid import config
from deepvid.adapters.catalogue import OPENERS, open_model, section_of
from deepvid.adapters.parameters import as_option, as_parameter, respell
from deepvid.cli.main import main
from deepvid.config.sections.external_model import AnyTeacher
from deepvid.errors import ConfigError, DataError
from deepvid.tier import Tier


def opened(section: config.ExternalModel, given: Any = None) -> Any:
    return open_model(section, image_shape=SHAPE, class_names=NAMES, given=given)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a person works in; its modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    importlib.invalidate_caches()
    yield tmp_path
    for name in [name for name, module in sys.modules.items() if _of(module, tmp_path)]:
        del sys.modules[name]


def _of(module: Any, folder: Path) -> bool:
    return str(getattr(module, "__file__", None) or "").startswith(str(folder))


def test_every_source_has_an_opener() -> None:
    (union, *_) = get_args(AnyTeacher)
    sections = {get_args(each)[0] for each in get_args(union)}
    assert set(OPENERS) == sections - {config.Teacher, config.Table}
    for source in OPENERS.values():
        assert callable(importlib.import_module(f"deepvid.adapters.{source}").opened)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("my model.onnx", config.Onnx),
        ("nets/Model.ONNX", config.Onnx),
        ("net.pt2", config.ExportedProgram),
        ("net.keras", config.Keras),
        ("a.npz", config.Table),
        ("a.csv", config.Table),
        ("a.parquet", config.Table),
    ],
)
def test_files_are_recognized_by_their_names(name: str, kind: type[config.ExternalModel]) -> None:
    for given in (name, Path(name)):
        section = section_of(given)
        assert type(section) is kind
        assert section.path == Path(name)  # type: ignore[attr-defined]


def test_objects_are_recognized_by_their_base_classes() -> None:
    assert section_of(nnx_net()) == config.Flax()
    assert section_of((linen_net(), linen_variables())) == config.Flax()
    assert section_of(np.sum) == config.Function()
    assert section_of(
        type("Net", (type("Module", (), {"__module__": "torch.nn.modules.module"}),), {})()
    ) == (config.Torch())
    keras = type("Model", (), {"__module__": "keras.src.models.model"})
    assert section_of(keras()) == config.Keras()


@pytest.mark.parametrize(
    "given", ["net.h5", "net.pkl", "best.safetensors", "my net.py:build", "os.system", 7, b""]
)
def test_what_is_no_model(given: Any) -> None:
    with pytest.raises(DataError, match="A model is a PyTorch, Keras or Flax module"):
        section_of(given)


def test_an_estimator_is_told_how_it_becomes_a_function() -> None:
    class Estimator:
        def predict_proba(self) -> None: ...

    with pytest.raises(DataError, match=r"lambda images: model\.predict_proba"):
        section_of(Estimator())


LIVE = [
    (config.Flax(), nnx_net),
    (config.Flax(), lambda: (linen_net(), linen_variables())),
    (config.Flax(), lambda: linen_net().bind(linen_variables())),
    (config.Onnx(path=Path("gone.onnx")), onnx_bytes),
    (config.Function(), lambda: lambda images: answers(images).logits),
]


@pytest.mark.parametrize(("section", "make"), LIVE)
def test_the_same_network_from_every_source(section: config.ExternalModel, make: Any) -> None:
    if isinstance(section, config.Onnx):
        pytest.importorskip("onnxruntime")
    model = opened(section, make())
    exact = answers(IMAGES)
    found = model.answers(IMAGES)
    assert found.logits == pytest.approx(exact.logits, abs=1e-5)
    if not isinstance(section, config.Function):
        assert found.features == pytest.approx(exact.features, abs=1e-5)
        assert len(model.digest()) == 64
    if model.tier is Tier.GRADIENTS:
        twin = opened(config.Flax(), nnx_net())
        assert model.slopes(IMAGES, np.array([1, 0])).slopes == pytest.approx(
            twin.slopes(IMAGES, np.array([1, 0])).slopes, abs=1e-6
        )


def test_an_onnx_file_at_a_path_with_spaces(folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    (folder / "my nets").mkdir()
    (folder / "my nets" / "the best.onnx").write_bytes(onnx_bytes())
    model = opened(section_of("my nets/the best.onnx"))
    assert model.name == "the best.onnx"
    assert model.answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    with pytest.raises(DataError, match=r"my nets/other\.onnx: No such file"):
        opened(section_of("my nets/other.onnx"))


NET = """
import numpy as np
from nets import answers, linen_net, nnx_net

def predict(images):
    return answers(images).logits

def nothing(): ...

def broken():
    raise RuntimeError("no weights here")

constant = 3
"""


def test_names_of_modules_in_this_folder(folder: Path) -> None:
    (folder / "my_net.py").write_text(NET)
    assert section_of("my_net:predict") == config.Function(entry="my_net:predict")
    assert section_of("my_net:nnx_net") == config.Flax(entry="my_net:nnx_net")
    for entry in ("my_net:predict", "my_net:nnx_net"):
        model = opened(section_of(entry))
        assert model.name == entry
        assert model.answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    assert str(folder) not in sys.path


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("my_nets:build", "no module my_nets in"),
        ("my_net:predicts", "no predicts in my_net, but predict"),
        ("my_net:nothing", "one that returns nothing"),
        ("my_net:broken", "RuntimeError: no weights here"),
        ("my_net:constant", "a int"),
        ("empty:build", "no build in empty, but nothing"),
        ("raises:build", "ModuleNotFoundError while it was imported: No module named 'no_such_package'"),
    ],
)
def test_factories_that_make_no_model(folder: Path, entry: str, found: str) -> None:
    (folder / "my_net.py").write_text(NET)
    (folder / "empty.py").touch()
    (folder / "raises.py").write_text("import no_such_package")
    with pytest.raises(DataError) as caught:
        opened(config.Flax(entry=entry))
    assert found in str(caught.value)


def saved_by_orbax(folder: Path, tree: Any) -> Path:
    from orbax import checkpoint

    with checkpoint.StandardCheckpointer() as checkpointer:
        checkpointer.save(folder / "my weights", tree)
    return folder / "my weights"


BUILD = """
import jax.numpy as jnp
from flax import nnx
from nets import linen_net, nnx_net

def build(rngs):
    net = nnx_net(rngs)
    net.first.kernel[...] = jnp.zeros((4, 5))
    return net

def other(rngs):
    return nnx.Linear(2, 2, rngs=rngs)
"""


@pytest.mark.parametrize("pure", [True, False])
def test_weights_of_orbax_in_nnx(folder: Path, pure: bool) -> None:
    from flax import nnx

    (folder / "factory.py").write_text(BUILD)
    state = nnx.state(nnx_net(), nnx.Param)
    path = saved_by_orbax(folder, nnx.to_pure_dict(state) if pure else state)
    model = opened(section_of("factory:build", weights=path))
    assert model.answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    with pytest.raises(
        DataError, match=r"The weights are those of the network. Found: .* is in one of the two"
    ):
        opened(config.Flax(entry="factory:other", weights=path))


def test_weights_of_orbax_in_linen(folder: Path) -> None:
    (folder / "factory.py").write_text(BUILD)
    path = saved_by_orbax(folder, linen_variables()["params"])
    model = opened(section_of("factory:linen_net", weights=path))
    assert model.answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    other = linen_variables()["params"]
    other["last"]["kernel"] = np.zeros((6, 3), np.float32)
    path = saved_by_orbax(folder / "other", other)
    with pytest.raises(DataError, match="The weights are those of the network"):
        opened(config.Flax(entry="factory:linen_net", weights=path)).answers(IMAGES)


def test_weights_that_are_none(folder: Path) -> None:
    (folder / "factory.py").write_text(BUILD)
    (folder / "weights.pkl").touch()
    for name in ("weights.pkl", "none.safetensors"):
        with pytest.raises(DataError, match=r"A file of weights is \.safetensors"):
            opened(config.Flax(entry="factory:build", weights=folder / name))
    with pytest.raises(DataError, match="Weights belong to"):
        section_of("net.onnx", weights=folder / "weights.pkl")


def test_an_object_that_is_gone() -> None:
    for section in (config.Flax(), config.Function(), config.Keras(), config.Torch()):
        if isinstance(section, config.Keras | config.Torch):
            pytest.importorskip("keras" if isinstance(section, config.Keras) else "torch")
        with pytest.raises(DataError, match="the run explains an object that a program passed"):
            opened(section)


def test_a_table_is_no_model() -> None:
    with pytest.raises(DataError, match="Give the model itself"):
        opened(config.Table(path=Path("a.npz")))


FRAMEWORKS = [
    "flax",
    "jax",
    "keras",
    "onnx",
    "onnxruntime",
    "orbax",
    "pyarrow",
    "safetensors",
    "scipy",
    "tensorflow",
    "torch",
]
HOOK = """
import sys

class Hook:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {forbidden!r}:
            raise AssertionError(f"imports {{name}}")

sys.meta_path.insert(0, Hook())
"""


def run(code: str, forbidden: list[str], cwd: Path | None = None) -> None:
    command = [sys.executable, "-c", HOOK.format(forbidden=forbidden) + code]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert done.returncode == 0, done.stderr


def test_no_framework_is_imported_before_a_model_is_opened() -> None:
    modules = [name for _, name, _ in pkgutil.iter_modules(deepvid.adapters.__path__, "deepvid.adapters.")]
    assert "deepvid.adapters.torch" in modules
    run(f"import {', '.join(modules)}", FRAMEWORKS)


def test_nothing_is_imported_that_the_person_did_not_name(folder: Path) -> None:
    """A run's models are read, recognized and, where they are data, asked; none of it imports `evil`."""
    pytest.importorskip("onnxruntime")
    (folder / "evil.py").write_text("open('was_run', 'w')")
    (folder / "net.onnx").write_bytes(onnx_bytes())
    np.savez(folder / "table.npz", logits=np.zeros((4, 3)))
    code = """
from pathlib import Path
import numpy as np
from pydantic import TypeAdapter
from deepvid import config
from deepvid.adapters.catalogue import open_model, section_of
from deepvid.adapters.table import open_table
from deepvid.config.sections.external_model import AnyTeacher

read = TypeAdapter(AnyTeacher).validate_python
for source in ("torch", "flax", "function"):
    read({"source": source, "entry": "evil:run"})
    read({"source": source, "entry": "os:system"})
for name in ("evil.onnx", "evil.pt2", "evil.keras", "evil.npz"):
    section_of(name)
section = read({"source": "onnx", "path": "elsewhere.onnx"})
content = Path("net.onnx").read_bytes()
model = open_model(section, image_shape=(9, 8, 1), class_names=("a", "b", "c"), given=content)
assert model.answers(np.zeros((2, 9, 8, 1), np.float32)).logits.shape == (2, 3)
open_table(config.Table(path="table.npz"), class_names=("a", "b", "c"), images=4)
"""
    run(code, ["evil", "flax", "jax", "jaxtyping", "keras", "torch"], cwd=folder)
    assert not (folder / "was_run").exists()


class Estimator:
    """One that takes rows alone, as those of scikit-learn do."""

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        if rows.ndim > 2:
            raise ValueError("Found array with dim 4, while dim <= 2")
        return np.full((len(rows), 3), 1 / 3)


NOT_ONE_ROW: list[tuple[Any, str, str]] = [
    # what is given, what is found, and what to do
    (Estimator, "the class Estimator", "Make one"),
    (
        {"last.weight": np.zeros((3, 2)), "last.bias": np.zeros(3)},
        "2 arrays, last.weight first",
        "load_state",
    ),
    (np.zeros((30, 3)), "Found: a numpy.ndarray.", "Give one of these"),
    (lambda images: np.zeros((len(images), 3, 9, 8)), "an array (n, 3, 9, 8), as of a seg", ".mean((2, 3))"),
    (lambda images: {"out": images, "aux": images}, "dict with 2 keys: out, aux", "net(images)['out']"),
    (lambda images: [{"boxes": 0}] * len(images), "dict with 1 key: boxes", "Give a function to one"),
    (Estimator().predict_proba, "Estimator.predict_proba: ValueError: Found array", "images.reshape(len("),
]


def test_things_that_are_no_classifier_are_named(tmp_path: Path) -> None:
    for given, found, action in NOT_ONE_ROW:
        for labels in (None, np.arange(len(IMAGES)) % 3):
            with pytest.raises(DataError) as caught:
                deepvid.explain(given, IMAGES, labels, store=tmp_path / "runs")
            assert found in str(caught.value)
            assert action in caught.value.action


SPELLED = [
    # as an experiment has it, as a program does, as a command line does
    ('Set teacher.output.kind = "independent"', 'Set kind="independent"', "Set --gives independent"),
    (
        "the model, or teacher.input.size, channels and layout, and",
        "the model, or size=, channels= and layout=, and",
        "the model, or --takes, --channels and --layout, and",
    ),
    (
        "Set teacher.input.size and channels, or",
        "Set size= and channels=, or",
        "Set --takes and --channels, or",
    ),
    (
        'set teacher.input to range = 255, mean = [0.5, 0.4], channels = "bgr"',
        'give range=255, mean=[0.5, 0.4], channels="bgr"',
        "give --range 255, --mean 0.5,0.4, --channels bgr",
    ),
    (
        'set teacher.output.classes = ["Coat", "Bag of 2"]',
        'set classes=["Coat", "Bag of 2"]',
        "set --classes Coat,Bag of 2",
    ),
    (
        "Name all, as dataset.classes or --classes NAMES.txt: images",
        "Name all, as class_names: images",
        "Name all, as dataset.classes or --classes NAMES.txt: images",
    ),
    ("weights, size and kind of it", "weights, size and kind of it", "weights, size and kind of it"),
]


def test_errors_name_what_a_person_can_give(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for text, parameter, option in SPELLED:
        assert respell(text, as_parameter) == parameter
        assert respell(text, as_option) == option
    with pytest.raises(ConfigError, match="mean= is one number"):
        deepvid.explain(lambda images: images[:, 0, :3, 0], IMAGES, mean=[1, 2])
    np.savez(tmp_path / "images.npz", images=IMAGES[:, :8, :, 0], labels=np.arange(len(IMAGES)) % 3)
    np.savez(tmp_path / "answers.npz", probabilities=np.ones((len(IMAGES), 3)))
    with pytest.raises(SystemExit, match="2"):
        main(["check-model", str(tmp_path / "answers.npz"), "--images", str(tmp_path / "images.npz")])
    assert "Set --gives independent if" in " ".join(capsys.readouterr().err.split())
