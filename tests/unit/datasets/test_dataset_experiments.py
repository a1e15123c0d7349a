"""The experiments that come with DeepVID, and their tiny mode."""

from pathlib import Path

import pytest
from tiny import tiny

from deepvid import resources
from deepvid.config import Dataset, Experiment, Mlp, Projection, ResNet50, Students, Teacher, Vae
from deepvid.config import read_experiment as read
from deepvid.datasets import load
from deepvid.errors import ConfigError

NAMES = ("fashion_mnist_small", "fashion_mnist", "cifar10", "mnist_devpost")


def test_all_of_them_are_there() -> None:
    assert set(resources.experiments()) == set(NAMES)
    with pytest.raises(ConfigError, match=r"cifar10.*'cifar'"):
        resources.experiment("cifar")


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_launches_it(name: str) -> None:
    path = resources.experiment(name)
    assert path.read_text().startswith(f"# deepvid run experiments/{name}.toml\n")
    assert read(path).name == name


@pytest.mark.parametrize("name", NAMES)
def test_the_tiny_mode_is_valid_small_and_of_the_same_kinds(name: str) -> None:
    whole = read(resources.experiment(name))
    small = tiny(whole)
    assert Experiment.model_validate(small.model_dump()) == small
    assert small.dataset.source == whole.dataset.source
    assert small.dataset.train is not None
    assert small.dataset.train <= 200
    assert small.dataset.test is not None
    assert small.teacher.epochs <= 2
    assert small.teacher.network.kind == whole.teacher.network.kind
    assert [map_.name for map_ in small.projections] == [map_.name for map_ in whole.projections]
    assert all(3 * map_.perplexity < small.dataset.test for map_ in small.projections)


def test_the_tiny_demo_loads_every_class() -> None:
    data = load(tiny(read(resources.experiment("fashion_mnist_small"))).dataset, seed=0)
    assert len(data.images) == 260
    assert set(data.labels[~data.test]) == set(range(10)) == set(data.labels[data.test])


def test_tiny_settings_that_depend_on_one_another_stay_valid() -> None:
    experiment = Experiment(
        name="odd",
        dataset=Dataset(source="folder", path=Path("pictures"), train=50),
        teacher=Teacher(network=Mlp(hidden=(512, 512, 64)), epochs=1),
        vae=Vae(latent=3),
        projections=(Projection(method="umap", neighbors=50), Projection(perplexity=100, dimensions=3)),
        students=Students(band=(0.1, 0.2, 0.3), limit=0, neighbors=20),
    )
    small = tiny(experiment)
    assert small.dataset.train == 50
    assert small.teacher.epochs == 1
    assert small.vae.latent == 3 == len(small.students.band)  # type: ignore[arg-type]
    assert small.students.limit == 0
    assert tiny(Experiment(name="deep", teacher=Teacher(network=ResNet50(stem="7x7")))).teacher.network == (
        ResNet50(stem="7x7", width=4)
    )


def test_tiny_quickdraw_keeps_its_345_classes() -> None:
    small = tiny(Experiment(name="doodles", dataset=Dataset(source="quickdraw")))
    assert small.dataset.train == 345
