"""How students are divided into batches: small ones first, so that a page fills in, and small ones last."""

from collections.abc import Iterator

FIRST = 32
LARGEST = 512  # one shard of the store
SMALLEST = 16
LARGEST_BYTES = 256 * 2**20


def group_sizes(students: int, *, student_bytes: int) -> Iterator[int]:
    """Sizes of the batches of `students`, the same on any number of workers.

    Guided self-scheduling: a batch takes at most a quarter of what is left, so that the workers end together.
    Source: Polychronopoulos and Kuck (1987), IEEE Trans. Comput. C-36, 1425-1439.
    """
    most = max(1, min(LARGEST, LARGEST_BYTES // max(1, student_bytes)))
    begun = 0
    while students:
        ramp = FIRST << min(begun // 2, 4)  # two batches of each size
        size = min(most, students, max(SMALLEST, min(ramp, students // 4)))
        yield size
        students, begun = students - size, begun + 1
