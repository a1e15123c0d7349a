"""The check of the data on real sets: planted faults that it finds, and findings in the sets as they are.

    python benchmarks/data_check.py fashion_mnist mnist cifar10 quickdraw

Sets are looked for in $DEEPVID_DATA. Thresholds were chosen on the images of even index; this reports the
others: test images of odd index are looked for among all training images, and pictures of odd index judged.
"""

import io
import sys
import time
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageFilter

from deepvid import config, datasets
from deepvid.data_check.checking import check_data
from deepvid.data_check.quality import judge_quality

PLANTED = 100
Fault = Callable[[Image.Image], Image.Image]


def compressed(quality: int) -> Fault:
    """As JPEG."""

    def save(picture: Image.Image) -> Image.Image:
        picture.save(file := io.BytesIO(), "JPEG", quality=quality)
        return Image.open(file)

    return save


def with_noise(spread: int) -> Fault:
    """With as many gray levels more or less, at most."""
    random = np.random.default_rng(0)

    def change(picture: Image.Image) -> Image.Image:
        pixels = np.asarray(picture).astype(int)
        noise = random.integers(-spread, spread + 1, pixels.shape)
        return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))

    return change


def halved(picture: Image.Image) -> Image.Image:
    """At half its size, and back."""
    small = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
    return small.resize(picture.size, Image.Resampling.LANCZOS)


COPIES: Mapping[str, Fault] = {
    "noise of 6 levels": with_noise(6),
    "noise of 35 levels": with_noise(35),
    "JPEG of quality 75": compressed(75),
    "JPEG of quality 30": compressed(30),
    "half size and back": halved,
    "a fifth brighter": lambda picture: picture.point(lambda level: min(255, 1.2 * level)),
}
FAULTS: Mapping[str, tuple[str, Fault]] = {
    "levels x 0.15": ("dark", lambda picture: picture.point(lambda level: 0.15 * level)),
    "levels x 0.3": ("dark", lambda picture: picture.point(lambda level: 0.3 * level)),
    "levels x 0.3 + 178": ("overexposed", lambda picture: picture.point(lambda level: 0.3 * level + 178)),
    "blur of 1 pixel": ("blurred", lambda picture: picture.filter(ImageFilter.GaussianBlur(1))),
    "blur of 2 pixels": ("blurred", lambda picture: picture.filter(ImageFilter.GaussianBlur(2))),
    "one level, noise of 3": (
        "plain",
        lambda picture: with_noise(3)(picture.point(lambda _: 120)),
    ),
}


def main() -> None:
    """Prints a paragraph for every set."""
    for name in sys.argv[1:]:
        data = datasets.load(config.Dataset(source=name), seed=0)
        images, test = data.images, data.test
        began, cpu = time.perf_counter(), time.process_time()
        whole = check_data(images, data.labels, test, seed=0)
        spent = f"{time.perf_counter() - began:.1f} s, {time.process_time() - cpu:.1f} s of CPU time"
        print(f"{name}: {len(images):,} images in {spent}; as it is {whole.counts}, z {whole.z:.1f}")
        training, held = images[~test], images[test][1::2]
        _print_copies(training, held)
        _print_faults(images[1::2])


def changed(images: np.ndarray, fault: Fault) -> np.ndarray:
    """The images with a fault."""
    planes = images[..., 0] if images.shape[3] == 1 else images
    pictures = [np.asarray(fault(Image.fromarray(plane))) for plane in planes]
    return np.stack(pictures).reshape(images.shape)


def _print_copies(training: np.ndarray, held: np.ndarray) -> None:
    count = len(training)
    order = np.random.default_rng(1).permutation(count)
    held = held.copy()
    for part, fault in enumerate(COPIES.values()):
        rows = slice(part * PLANTED, (part + 1) * PLANTED)
        held[rows] = changed(training[order[rows]], fault)
    images, test = np.concatenate([training, held]), np.arange(count + len(held)) >= count
    found = check_data(images, None, test, seed=0)
    right = found.nearest[count:][: len(order)] == order[: len(held)]
    for part, name in enumerate(COPIES):
        share = right[part * PLANTED : (part + 1) * PLANTED].mean()
        print(f"  near copy, {name}: {share:.0%} found")
    rest = found.flags["near_copy"][count + len(COPIES) * PLANTED :]
    print(f"  near copies among the {len(rest):,} others: {rest.sum()}; z {found.z:.0f}", flush=True)


def _print_faults(images: np.ndarray) -> None:
    clean = judge_quality(images)._asdict()
    told = ", ".join(f"{name} {clean[name].sum()}" for name in ("dark", "overexposed", "blurred", "plain"))
    print(f"  among {len(images):,} as they are: {told}")
    for name, (kind, fault) in FAULTS.items():
        planted = np.concatenate([changed(images[:PLANTED], fault), images[PLANTED:]])
        share = judge_quality(planted)._asdict()[kind][:PLANTED].mean()
        print(f"  {kind}, {name}: {share:.0%} found", flush=True)


if __name__ == "__main__":
    main()
