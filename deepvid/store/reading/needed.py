"""What a reader cannot do without: an older run, a smaller archive or a person's own may not have it."""

from collections.abc import Sequence

import xarray as xr

from deepvid.errors import StoreError


def having(dataset: xr.Dataset, needed: Sequence[str], group: str) -> xr.Dataset:
    """The data set, which has all these variables and attributes. Raises StoreError where it lacks one.

    It is no damage: variables and attributes came with versions, and archives can be made without some.
    """
    lacking = [name for name in needed if name not in dataset.variables and name not in dataset.attrs]
    if lacking:
        raise StoreError(
            f"{group} has the variables to read",
            f"no {', '.join(lacking)}",
            "Open a run that has it, or run its experiment anew in another store",
        )
    return dataset
