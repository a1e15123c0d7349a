"""Permissions that who starts a server gives its visitors. The environment carries them to the dashboard."""

import os
from typing import NamedTuple

from deepvid.errors import UserError

TOKEN, READ_ONLY, ALLOW_PATHS = "DEEPVID_TOKEN", "DEEPVID_READ_ONLY", "DEEPVID_ALLOW_PATHS"


SHORTEST = 16  # letters of a token


class Permissions(NamedTuple):
    """The defaults are those of a server that only its own machine reaches."""

    token: str = ""  # what a visitor's first address must name; empty: everybody is let in
    read_only: bool = False  # nothing is imported, deleted, fitted or computed
    allow_paths: bool = False  # archives are imported from any path the server can read, not only its store's

    def announce(self) -> None:
        """Makes them those of this process and of the processes it starts."""
        values = {TOKEN: self.token, READ_ONLY: self.read_only, ALLOW_PATHS: self.allow_paths}
        for name, value in values.items():
            os.environ.pop(name, None)
            if value:
                os.environ[name] = value if isinstance(value, str) else "yes"


def permissions() -> Permissions:
    """Those of this process. An on-off variable that is set to anything is on."""
    set_ = os.environ.get
    return Permissions(set_(TOKEN, ""), bool(set_(READ_ONLY)), bool(set_(ALLOW_PATHS)))


def require_long(token: str) -> str:
    """The token. Raises UserError for one that can be guessed."""
    if 0 < len(token) < SHORTEST:
        raise UserError(
            f"A token has at least {SHORTEST} characters",
            f"{len(token)} in {TOKEN}",
            f"Choose a longer one, or unset {TOKEN} for one that the server makes where others can reach it",
        )
    return token
