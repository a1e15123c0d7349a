"""Images of some of the classes that a model knows: their labels among all of these."""

import numpy as np

from deepvid.datasets.contract import Pictures
from deepvid.datasets.validation import checked_labels
from deepvid.errors import DataError


def among(pictures: Pictures, classes: tuple[str, ...], where: str) -> Pictures:
    """The same, labeled by the places of their classes in `classes`: by their names, or by their numbers.

    Names may look like numbers, as "007" and "100" of "000" to "999" do: all are one or the other.

    Raises DataError for a class that is none of these.
    """
    place = {name: number for number, name in enumerate(classes)}
    unknown = [name for name in pictures.class_names if name not in place]
    numbered = {str(number): number for number in range(len(classes))}
    if unknown and numbered.keys() >= set(pictures.class_names):
        place = numbered
    elif unknown:
        raise DataError(
            f"Every class of the images is one of the {len(classes):,} that dataset.classes names",
            f"{_some(unknown)} in {where}, which is none of {_some(list(classes))}",
            "Name the folders or labels as these classes are named, or correct the names",
        )
    assert pictures.labels is not None  # images without labels have all classes as they are
    places = np.array([place[name] for name in pictures.class_names], np.int32)
    labels = checked_labels(pictures.labels, pictures.class_names, where)
    return pictures._replace(labels=places[labels], class_names=classes)


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
