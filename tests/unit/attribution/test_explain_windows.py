"""Windows over images of any size, against filling and averaging them one by one."""

import math
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from linear import drawn

from deepvid.attribution.occlusion import Occlusion
from deepvid.attribution.windows import Windows
from deepvid.cores import CHUNK


def masks(windows: Windows) -> list[np.ndarray]:
    """Bool (y, x) of each."""
    found = []
    for top in windows.top:
        for left in windows.left:
            found.append(np.zeros(windows.shape, bool))
            found[-1][top : top + windows.side, left : left + windows.side] = True
    return found


@pytest.mark.parametrize("size", [14, 28, 32, 45, 97, 128, 224])
def test_a_square_has_169_windows_of_a_seventh_at_every_size(size: int) -> None:
    windows = Windows.over((size, size, 3))
    assert len(masks(windows)) == 169
    assert size / 7 <= windows.side < size / 7 + 1
    assert windows.top[0] == 0
    assert windows.top[-1] + windows.side == size
    assert max(np.diff(windows.top)) <= windows.side


def test_28_pixels_have_windows_of_4_at_every_second() -> None:
    assert Windows.over((28, 28)) == Windows((28, 28), 4, (*range(0, 25, 2),), (*range(0, 25, 2),))
    assert Windows.over((7, 3), 2) == Windows((7, 3), 4, (0, 2, 3), (0,))  # one column of windows, cut at 3


@pytest.mark.parametrize(
    ("shape", "parts"), [((28, 28), 7), ((13, 10), 7), ((9, 31), 7), ((1, 40), 7), ((11, 4), 2), ((5, 6), 7)]
)
def test_what_pixels_share_is_the_mean_over_the_windows_that_cover_them(
    shape: tuple[int, int], parts: int
) -> None:
    windows = Windows.over(shape, parts)
    teacher, of = drawn((*shape, 2))
    margin = lambda images: teacher.logits(images)[:, :1]  # noqa: E731
    total, cover = np.zeros(shape), np.zeros(shape)
    drops = np.asarray(windows.drops(margin, of.image, of.mean_color)).ravel()
    for mask, drop in zip(masks(windows), drops, strict=True):
        assert mask.sum() == windows.area
        lost = np.asarray(teacher.weight, float) * (np.asarray(of.image) - 0.3) * mask[..., None]
        assert drop == pytest.approx(lost.sum(), abs=1e-4)
        total += lost.sum() * mask
        cover += mask
    assert cover.min() >= 1
    found = jax.jit(Occlusion(parts=parts))(teacher, of)
    np.testing.assert_allclose(found[..., 1], total / cover / windows.area / 2, atol=1e-5)
    cells = windows.means(jnp.asarray(drops.reshape(len(windows.top), -1)), every=3)
    np.testing.assert_allclose(cells, (total / cover)[1::3, 1::3], atol=1e-4)


def test_an_image_of_224_pixels_takes_no_more_than_a_chunk_of_images() -> None:
    """All windows of 4 pixels at once were 12,321 x 224 x 224 numbers, twice, in constants."""
    teacher, of = drawn((224, 224, 3))
    program = jax.make_jaxpr(Occlusion())(teacher, of)
    shapes = re.findall(r"\[(\d[\d,]*)\]", str(program))
    assert max(math.prod(map(int, shape.split(","))) for shape in shapes) <= CHUNK * of.image.size
    assert sum(np.asarray(one).nbytes for one in program.consts) < 50_000
