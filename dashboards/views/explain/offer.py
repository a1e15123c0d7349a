"""Fitting one student while a person waits: what is asked, and what the card says of it."""

from collections.abc import Mapping
from typing import Any

from dashboards.session.needs import ENGINE, missing
from dashboards.session.scene import Scene
from dashboards.views.explain.settings import options
from dashboards.views.explain.shapes import Absent, Refit
from deepvid.store import Run


def refit(use: Mapping[str, Any], scene: Scene) -> Refit:
    """What can be asked for, beginning with the settings `use`."""
    lacks, tuning, curve = missing([ENGINE], scene), scene.own.tuning, scene.own.following
    return {
        "options": options(use),
        "refusal": lacks.text if lacks else "",
        "unkept": scene.own.unkept,
        "fault": scene.own.asked.error,
        "tuning": {"busy": tuning.busy, "fault": tuning.error},
        "curve": {"busy": curve.busy, "fault": curve.error},
    }


def offer(run: Run, scene: Scene) -> Absent:
    """What the card says while there is no student."""
    offered: Absent = {
        "title": f"No student was fitted for #{scene.focus}",
        "sample": scene.focus or 0,
        "text": "It can be fitted now. " + (scene.own.unkept or "The run keeps it in its notes."),
        "action": "Fit now",
        "refit": refit(run.config.get("students", {}), scene),
    }
    if scene.own.asked.busy:
        offered |= {"text": "A student is being fitted around it.", "action": "Fitting …", "busy": True}
    elif offered["refit"]["refusal"]:
        offered["text"] = "None can be fitted here."
    return offered
