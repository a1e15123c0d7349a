"""Fitting one student while a person waits: what is asked, and what the card says of it."""

from collections.abc import Mapping
from typing import Any

from dashboards.session.needs import ENGINE, missing
from dashboards.session.scene import Scene
from dashboards.views.explain.front import front
from dashboards.views.explain.settings import options
from dashboards.views.explain.shapes import Absent, Refit, Tuning
from deepvid import config
from deepvid.store import Run


def refit(use: Mapping[str, Any], scene: Scene, shown: config.Students | None = None) -> Refit:
    """What can be asked for, beginning with the settings `use`; `shown` are those of the student shown."""
    lacks = missing([ENGINE], scene)
    return {
        "options": options(use),
        "refusal": lacks.text if lacks else "",
        "unkept": scene.own.unkept,
        "fault": scene.own.asked.error,
        "tuning": _tuning(scene, shown),
    }


def _tuning(scene: Scene, shown: config.Students | None) -> Tuning:
    asked, found = scene.own.tuning, scene.own.tuned
    return {"busy": asked.busy, "fault": asked.error, "front": found and front(found, shown)}


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
