"""Errors in words that a page shows: what must hold, what was found, what to do."""

import logging
import shlex
from typing import NamedTuple
from urllib.parse import urlencode

from dashboards.data.commands import NONE, Command
from dashboards.session.needs import Missing
from dashboards.session.scene import Scene
from deepvid.errors import DeepVIDError
from deepvid.store import Run, RunListing, is_url

READ = "A run is read as it was committed"
_ACTION = "Verify the run: a file that is damaged is named. The server's log says where this was raised"


class Failed(Missing):
    """Words in the place of what could not be shown; the next commit tries again."""


class Check(NamedTuple):
    """How a person finds out whether a run is whole: a command, and the query string of a page."""

    command: Command = NONE
    verify: str = ""


def explained(
    error: BaseException,
    must: str = "The work ends without an error",
    action: str = "The server's log says where it was raised",
) -> DeepVIDError:
    """The three parts of whatever was raised; `must` and `action` stand where it says none itself."""
    if isinstance(error, DeepVIDError):
        return error
    said = str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    return DeepVIDError(must, said, action)


def failed(what: str, scene: Scene, error: BaseException, listing: RunListing | None = None) -> Failed:
    """Says in the place of `what` why it is not there; the log has the traceback.

    `listing` is of the run that could not be opened, else it is the scene's. `what` may say `{focus}`.
    """
    title = f"{what.replace('{focus}', str(scene.focus))} cannot be shown"
    logging.getLogger(__name__).error(title, exc_info=error)
    known = explained(error, READ, _ACTION)
    return Failed(
        f"{known.must}.\nFound: {known.found}.\n{known.action}.", title, *_check(scene.run, listing)
    )


def _check(run: Run | None, listing: RunListing | None) -> Check:
    """Nothing behind a URL is verified from here."""
    known = (listing.id, listing.path) if listing else (run.id, run.address) if run else None
    if known is None or is_url(known[1]):
        return Check()
    run_id, address = known
    query = urlencode({"run": run_id, "page": "archive", "tab": "verify"})
    return Check(Command(shlex.join(["deepvid", "verify", str(address)])), f"?{query}")
