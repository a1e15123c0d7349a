"""Does an explanation show a patch that is known to decide, and only where it decides?

    .venv/bin/python benchmarks/planted.py      a few minutes; `--quick` about one

One teacher is trained on Fashion-MNIST with a white patch in the corner of every training image of one
class, and one without. Test images of other classes get the patch. Explained are those that the first
teacher takes for the class of the patch, and took for another one without it: there the patch decides. A
method's score is the share of its strongest 2 % of pixels that lies on the patch, which holds as many (a
patch of `--side 3` has room for 9 of the 16). To the second teacher, which answers for the same images, the
patch means nothing. Values are means, with the ends of bootstrapped 95 % intervals; the baseline is what a
map that knows nothing has.

A method sees the patch where it shows it more often than chance, and more often to the teacher that uses it
than to the one that does not, image by image.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import planted_world as worlds
from planted_score import chance, share_on
from planted_world import Fooled, Size, World
from records import Baseline, Record, arguments, higher_is_better, show

from deepvid.attribution import METHODS, Case, applicable, explain
from deepvid.config import names
from deepvid.statistics import Interval, bootstrap_difference, bootstrap_mean

STRONGEST = 0.02
WHOLE = Size(train=4000, test=2000, epochs=3, vae_epochs=5, images=100)
QUICK = Size(train=1500, test=500, epochs=2, vae_epochs=1, images=4)
OF_STUDENTS: tuple[names.Explanation, ...] = ("student", "student_times_input")
DEAR = {"lime_grid", "lime_quickshift", "score_cam", "smoothgrad"}  # left out of `--quick`


def measured(options: argparse.Namespace) -> Iterator[Record]:
    size = (QUICK if options.quick else WHOLE)._replace(side=options.side)
    size = size._replace(images=options.images or size.images)
    data = worlds.load(size)
    taught, untaught = worlds.planted(data, size), worlds.clean(data, size)
    fooled = worlds.fooled(taught, data, size)
    for name, world in (("planted", taught), ("clean", untaught)):
        yield Record(f"accuracy without the patch: {name} teacher", world.accuracy, "")
    yield Record("images of other classes that the patch alone turns", fooled.share, "")
    yield Record("of them explained", len(fooled.rows), "images")
    patch = worlds.patch(fooled.images.shape[1:], size.side)
    shown = scores(taught, fooled, patch, quick=options.quick)
    idle = scores(untaught, fooled, patch, quick=options.quick)
    baseline = Baseline("chance", chance(patch))
    for name in shown:
        yield from _rows(
            f"on the patch, planted teacher: {name}", bootstrap_mean(shown[name], seed=0), baseline
        )
        yield from _rows(f"on the patch, clean teacher: {name}", bootstrap_mean(idle[name], seed=0), baseline)
        yield from _rows(f"difference: {name}", bootstrap_difference(shown[name], idle[name], seed=0), None)


def _rows(name: str, found: Interval, baseline: Baseline | None) -> Iterator[Record]:
    yield higher_is_better(name, found.value, "", baseline)
    yield Record(f"{name}, at least", found.low, "")
    yield Record(f"{name}, at most", found.high, "")


def scores(world: World, fooled: Fooled, patch: np.ndarray, *, quick: bool) -> dict[str, np.ndarray]:
    """By method, of each image; students anchored at zero besides."""
    methods = [name for name in applicable(world.classifier) if not (quick and name in DEAR)]
    anchored = worlds.cases(world, fooled, worlds.STUDENTS)
    at_zero = worlds.cases(world, fooled, worlds.STUDENTS.replaced(anchor="zero"))
    found = {METHODS[name].label: _score(name, world, anchored, patch) for name in methods}
    plain = {
        f"{METHODS[name].label}, anchored at zero": _score(name, world, at_zero, patch)
        for name in OF_STUDENTS
    }
    return found | plain


def _score(name: names.Explanation, world: World, cases: Case, patch: np.ndarray) -> np.ndarray:
    maps = np.asarray(explain(METHODS[name], world.classifier, cases)).sum(axis=-1)
    return share_on(maps, patch, STRONGEST)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, help="to explain at most (100; 4 with --quick)")
    parser.add_argument("--side", type=int, default=4, help="pixels of the patch (4)")
    options = arguments(__doc__, parser)
    show(measured(options), options)
