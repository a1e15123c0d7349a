"""What Python's garbage collector need not look at."""

import gc
from functools import cache


@cache
def spare_what_stays() -> None:
    """Leaves what is there by now, modules and all that they hold, out of every collection; again, nothing.

    A full collection looks at all objects, and most of a server's are those of the imported libraries: it
    took 210 ms, whenever it was due, also in the middle of a gesture. Source: `gc.freeze` in Python's
    documentation.
    """
    gc.freeze()
