"""Fitting one student while a person waits: what is asked, and what the card says of it."""

from dashboards.session.asking import Asked
from dashboards.session.needs import ENGINE, missing
from dashboards.session.scene import Scene
from dashboards.views.explain.shapes import Offer
from deepvid import config
from deepvid.engine.requests import FitStudent
from deepvid.store import Run


def fit_request(run: Run, sample: int) -> FitStudent:
    """Asks for the student of a sample, with the run's own settings."""
    settings = config.Students.model_validate(run.config.get("students", {}))
    return FitStudent(run.address, sample, settings, int(run.config.get("seed", 0)))


def offer(asked: Asked, scene: Scene) -> Offer:
    """What the card says while there is no student."""
    if asked.busy:
        return {"text": asked.said or "Fitting a student around it …", "action": "Fitting …", "busy": True}
    if lacks := missing([ENGINE], scene):
        return {"text": "None can be fitted here.", "action": "Fit now", "refusal": lacks.text}
    text = "It can be fitted now, in this page, or from the command line, which keeps it in the run."
    if scene.run is not None and scene.run.read_only:
        text = "It can be fitted now and stays in this page, for the run is only read."
    return {"text": text, "action": "Fit now", "error": asked.error}
