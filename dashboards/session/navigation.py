"""Where a session is: the run, the page, the sample under study and the one under the pointer."""

import param

TABS = ["provenance", "download", "verify", "compare", "delete"]
"""What the Archive page can show of the run chosen there."""


class Navigation(param.Parameterized):
    """The rest of a session's state; everything but `hover` stands in the address bar.

    The run chosen on the Archive page need not be the one that is open: reading how a run was made
    takes no selection away.
    """

    run: str = param.String("", doc="id of the run shown")  # type: ignore[assignment]
    page: str = param.Selector(default="diagnose", objects=["diagnose", "archive"])  # type: ignore[assignment]
    projection: str = param.String("", doc="name of the map shown; empty: the run's first")  # type: ignore[assignment]
    color: str = param.Selector(default="label", objects=["label", "predicted", "error"])  # type: ignore[assignment]
    focus: int | None = param.Integer(None, allow_None=True, doc="sample under study")  # type: ignore[assignment]
    hover: int | None = param.Integer(None, allow_None=True, doc="sample under the pointer")  # type: ignore[assignment]
    chosen: str = param.String("", doc="id of the run chosen on the Archive page; empty: the run shown")  # type: ignore[assignment]
    tab: str = param.Selector(default=TABS[0], objects=TABS, doc="of the Archive page")  # type: ignore[assignment]
    other: str = param.String("", doc="id of the run it is compared with")  # type: ignore[assignment]
    dark: bool = param.Boolean(False)  # type: ignore[assignment]
