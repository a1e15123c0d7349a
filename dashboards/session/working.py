"""The line of a view under which its work goes on."""

from typing import Any

from dashboards.session.engine_task import TaskStatus
from dashboards.session.view import View
from dashboards.widgets.work import work_line


def tell_work(view: View, widget: Any, doing: str, asked: TaskStatus) -> None:
    """The work has told something: only the `work` of the widget moves, until it ends and all is drawn."""
    before = bool(widget.work)
    with view.session.hold():
        widget.work = work_line(doing, asked.tick) if asked.busy else {}
        if before and not asked.busy:
            view.redraw()
