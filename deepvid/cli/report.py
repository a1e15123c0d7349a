"""`deepvid report`: why images are wrong, as one file that opens without Python."""

from pathlib import Path
from typing import Annotated

import typer

from deepvid.cli.options import READ_STORE, ReadRun, ReadStore
from deepvid.cli.printing import open_console
from deepvid.errors import ConfigError, UserError
from deepvid.wording import quantity, size

Image = Annotated[int | None, typer.Option(metavar="N", help="The number of one image.")]
Selection = Annotated[
    str | None, typer.Option(metavar="NAME", help="A selection that was given this name on the page.")
]
Modes = Annotated[bool, typer.Option("--modes", help="One image of each kind of mistakes.")]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The HTML file to write.")]


def report(
    run: ReadRun,
    output: Output,
    store: ReadStore = READ_STORE,
    image: Image = None,
    selection: Selection = None,
    modes: Modes = False,
) -> None:
    """Write why images of RUN are answered as they are, and how far that can be believed, as one HTML file.

    Any browser opens it, without a network. It has the causes with their evidence, the maps with what they
    are worth, the nearest training images, and the digests of what its numbers were read from.
    """
    given = [image is not None, selection is not None, modes]
    if sum(given) != 1:
        raise ConfigError(
            "The command names what to report",
            "nothing" if not any(given) else "more than one thing",
            "Give --image, --selection or --modes",
        )
    if output.exists():
        raise UserError("A report is a new file", f"{output}, which is there", "Name another")
    from deepvid.report import StoredCases, write_report
    from deepvid.store import find_address, open_run

    stored = open_run(find_address(store, run))
    cases = StoredCases(stored)
    if modes:
        found = cases.modes()
    elif selection is not None:
        from dashboards.session.notes import samples_named  # what a selection means is the page's to say

        found = cases.cases(samples_named(stored, selection))
    else:
        assert image is not None
        found = cases.cases([image])
    written = write_report(output, stored, found)
    open_console().print(f"{quantity(len(found), 'case')} in {output}, {size(written)}", soft_wrap=True)
