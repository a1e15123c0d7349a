"""How items are divided into batches: small ones first, so that a page fills in, and small ones last."""

from collections.abc import Iterator

FIRST = 32
LARGEST = 512  # one shard of the store
SMALLEST = 16
LARGEST_BYTES = 256 * 2**20


def group_sizes(items: int, *, item_bytes: int) -> Iterator[int]:
    """Sizes of the batches of so many items, the same on any number of workers.

    Guided self-scheduling: a batch takes at most a quarter of what is left, so that the workers end together.
    Source: Polychronopoulos and Kuck (1987), IEEE Trans. Comput. C-36, 1425-1439.
    """
    most = max(1, min(LARGEST, LARGEST_BYTES // max(1, item_bytes)))
    begun = 0
    while items:
        ramp = FIRST << min(begun // 2, 4)  # two batches of each size
        size = min(most, items, max(SMALLEST, min(ramp, items // 4)))
        yield size
        items, begun = items - size, begun + 1
