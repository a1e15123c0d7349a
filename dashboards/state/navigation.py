"""Where a session is: the run, the page, the sample under study and the one under the pointer."""

import param


class Navigation(param.Parameterized):
    """The rest of a session's state; everything but `hover` stands in the address bar."""

    run: str = param.String("", doc="id of the run shown")  # type: ignore[assignment]
    page: str = param.Selector(default="diagnose", objects=["diagnose", "archive"])  # type: ignore[assignment]
    projection: str = param.String("", doc="name of the map shown; empty: the run's first")  # type: ignore[assignment]
    color: str = param.Selector(default="label", objects=["label", "predicted", "error"])  # type: ignore[assignment]
    focus: int | None = param.Integer(None, allow_None=True, doc="sample under study")  # type: ignore[assignment]
    hover: int | None = param.Integer(None, allow_None=True, doc="sample under the pointer")  # type: ignore[assignment]
    dark: bool = param.Boolean(False)  # type: ignore[assignment]
