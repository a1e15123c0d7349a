"""Commands that are shown for people to copy: each works as it stands, in whatever folder it is pasted."""

import shlex


def command(name: str, *arguments: object) -> str:
    """`deepvid <name> ...`, quoted for a shell."""
    return shlex.join(["deepvid", name, *map(str, arguments)])
