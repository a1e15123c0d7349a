"""Whether a store can be written to, and why not: what a disabled control says."""

import os
from pathlib import Path

from deepvid.store import RunListing


def store_refusal(store: Path) -> str:
    """Why nothing can be added to the store or taken from it; empty where it can."""
    if store.is_file():
        return f"{store.name} is an archive: it is only read."
    place = next(path for path in (store, *store.parents) if path.exists())
    if not os.access(place, os.W_OK):
        return f"{store} is read only for this server."
    return ""


def run_refusal(store: Path, run: RunListing) -> str:
    """Why a run of the store cannot be deleted; empty where it can."""
    if run.state == "running":
        return "It is running. Stop it, or wait until it is done; then it can be deleted."
    if run.path.is_file():
        return f"{run.path.name} is an archive: delete the file itself."
    return store_refusal(store)
