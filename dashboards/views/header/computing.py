"""The menu of what pages have started."""

from collections.abc import Sequence

from dashboards.kit.elements import Box, Button, Children, quiet, text
from dashboards.kit.menus import Menu
from dashboards.session.computation_rows import STARTING, ComputationRow
from dashboards.views.header.table import CLOSES
from dashboards.widgets.work import WorkLine


def computation_menu(rows: Sequence[ComputationRow]) -> Menu:
    """A chip with what runs or has ended, and the list of all behind it."""
    running = next((row for row in rows if row.entry.state == "running"), None)
    news = next((row for row in rows if row.news), None)
    failed = news is not None and news.entry.state == "failed"
    hint = (
        f"{_title(running)}: {_detail(running)}" if running else "What pages have started, and how it ended"
    )
    return Menu(
        (
            text("Started from pages", tag="h2", look="title"),
            Box(tuple(map(_row, rows)), role="list", label="Started from pages"),
            text("They end with this server; what they have committed stays.", tag="p", look="quiet"),
        ),
        _face(running, news, [row for row in rows if row.entry.state == "waiting"]),
        "looked",
        "Computations",
        "started",
        label="Computations",
        look=f"chip computing{' failed' * failed}",
        hint=hint,
    )


def _face(
    running: ComputationRow | None, news: ComputationRow | None, waiting: Sequence[ComputationRow]
) -> Children:
    """The most important of it, in a few words."""
    if running is None:
        lead = news or next(iter(waiting), None)
        return (text(look=f"dot {lead.entry.state}"), text(_told(lead))) if lead else (text("Computed"),)
    more = f"+{len(waiting)}" if waiting else ""
    if news and news.entry.state == "failed":
        more = _told(news)
    fill = text(look="fill", style=_wide(running))
    return text(look="dot running"), text(_told(running)), quiet(more) if more else None, fill


def _told(row: ComputationRow) -> str:
    if row.entry.state != "running":
        return f"{_title(row)} {row.entry.state}"
    end = _work(row)["end"]
    return f"{_title(row)}, {end}" if end else f"{_title(row)} …"


def _row(row: ComputationRow) -> Box:
    entry, detail, end = row.entry, _detail(row), _work(row)["end"]
    run = Button((row.run,), "run", row.run, look="plain-text", hint="Open this run", data=CLOSES)
    cancel = Button(("Cancel",), "cancel", entry.number, look="plain-text", label=f"Cancel {_title(row)}")
    look = "failed" if entry.state == "failed" else "quiet"
    return Box(
        (
            text(text(_title(row), tag="b"), " ", run if row.run else None),
            cancel if entry.open else quiet(entry.state),
            text(f"{detail}, {end}" if end else detail, tag="p", look=look) if detail else None,
            Box((text(style=_wide(row)),), look="bar") if entry.state == "running" else None,
        ),
        look="row",
        role="listitem",
    )


def _title(row: ComputationRow) -> str:
    return row.entry.computation.title


def _work(row: ComputationRow) -> WorkLine:
    return row.work or STARTING


def _wide(row: ComputationRow) -> str:
    return f"width: {100 * (_work(row)['share'] or 0):.1f}%"


def _detail(row: ComputationRow) -> str:
    """The reason why it waits or failed, or what it does now."""
    match row.entry.state:
        case "waiting":
            return f"waits for {row.waits_for}" if row.waits_for else "waits"
        case "running":
            return " · ".join(filter(None, (_work(row)["text"], _work(row)["detail"])))
        case "failed":
            return row.entry.reason
    return ""
