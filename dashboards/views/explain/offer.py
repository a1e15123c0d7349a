"""Fitting one student while a person waits: what is asked, and what the card says of it."""

from collections.abc import Mapping
from typing import Any

from dashboards.session.needs import ENGINE, missing
from dashboards.session.scene import Scene
from dashboards.views.explain.settings import options, typed
from dashboards.views.explain.shapes import Absent, Refit
from deepvid.engine.requests import FitStudent
from deepvid.store import Run


def fit_request(run: Run, sample: int, texts: Mapping[str, str]) -> FitStudent:
    """Asks for the student of a sample, with the run's own settings where a person typed no other.

    Raises ConfigError that lists every fault of what was typed.
    """
    settings = typed(run.config.get("students", {}), texts)
    return FitStudent(run.address, sample, settings, int(run.config.get("seed", 0)))


def refit(use: Mapping[str, Any], scene: Scene) -> Refit:
    """What can be asked for, beginning with the settings `use`."""
    lacks = missing([ENGINE], scene)
    return {
        "options": options(use),
        "refusal": lacks.text if lacks else "",
        "unkept": scene.own.unkept,
        "fault": scene.own.asked.error,
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
