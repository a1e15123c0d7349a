"""Stores and runs that can be written to, and why others cannot: words of a disabled control."""

import os
from pathlib import Path

from deepvid.permissions import permissions
from deepvid.store import Address, RunListing, is_archive, is_url


def store_refusal(store: Address) -> str:
    """Why nothing can be added to what is served or taken from it; empty where it can."""
    if permissions().read_only:
        return "This server is read only: it was started with --read-only."
    if is_url(store):
        return f"{store} is an address: it is only read."
    path = Path(store)
    if is_archive(path):
        return f"{path.name} is an archive: it is only read."
    if (path / "journal.jsonl").is_file():
        return f"{path.name} is served by itself, not as part of a store."
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return "" if os.access(existing, os.W_OK) else f"{path} is read only for this server."


def run_refusal(store: Address, run: RunListing) -> str:
    """Why a run of the store cannot be deleted; empty where it can."""
    if run.state == "running":
        return "It is running. Stop it, or wait until it is done; then it can be deleted."
    if not is_url(store) and is_archive(run.path):
        return f"{run.id} is an archive: it is only read. Delete the file itself."
    return store_refusal(store)


def local(run: RunListing) -> Path | None:
    """Where the run lies on the server's disk; None behind a URL."""
    return None if is_url(run.path) else Path(run.path)
