"""Needs of views and pages, and their words while one is not met.

A view lists its needs; the linker shows what the first unmet one says in the view's place, so that no view
asks for itself. A control that needs more than its view asks `missing` for the reason it is disabled.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from dashboards.data.commands import NONE, Command, continuation, first_map, first_run
from dashboards.session.scene import Scene
from deepvid.caching import newest_per_owner
from deepvid.config import words_of
from deepvid.store import Run
from deepvid.tier import Tier, tier_of


class Missing(NamedTuple):
    """Words in the place of a view: sentences, under a title, and what to do about it."""

    text: str  # lines, one below the other, of which the second says what was found
    title: str = ""
    command: Command = NONE
    verify: str = ""  # query string of the page that verifies the run; empty: nothing to verify


def of_run(remedy: Callable[[Run], Command]) -> Callable[[Scene], Command]:
    """The command that helps a scene's run, if there is one."""
    return lambda scene: NONE if scene.run is None else remedy(scene.run)


class Need(NamedTuple):
    """One thing that must be there."""

    met: Callable[[Scene], bool]
    text: str  # may say `{rows}`, the number of images, `{store}`, and `{refusal}`, why nothing is computed
    title: str = ""
    command: Callable[[Scene], Command] = lambda _: NONE

    def saying(self, text: str) -> "Need":
        """The same need in a view's own words."""
        return self._replace(text=text)


def missing(needs: Iterable[Need], scene: Scene) -> Missing | None:
    """Words of the first need that a scene does not meet; None where all are met."""
    for need in needs:
        if not need.met(scene):
            rows = 0 if scene.table is None else scene.table.rows
            text = need.text.format(rows=f"{rows:,}", store=scene.store, refusal=scene.refusal)
            command = need.command(scene)
            refusal = command.refusal or scene.refusal
            return Missing(text, need.title, command._replace(refusal=refusal) if command.text else NONE)
    return None


RUN = Need(
    lambda scene: scene.run is not None,
    "There is none in {store}. The first one appears here.",
    "No run to show yet",
    lambda scene: first_run(scene.store),
)
IMAGES = Need(lambda scene: scene.table is not None, "It appears once the run has read its images.")
LABELS = Need(
    lambda scene: scene.table is None or scene.table.labeled,
    "Nobody labeled the images of this run, so nothing says which answers are wrong: each is held against "
    "its runner-up. Label them, and explain the classifier on them in a run of its own.",
    "No labels to compare with",
)
MAP = Need(
    lambda scene: scene.table is not None and bool(scene.table.maps or scene.table.maps_3d),
    "{rows} images are read; it appears when the first projection is computed.",
    command=of_run(first_map),
)
PREDICTIONS = Need(
    lambda scene: scene.table is not None and scene.table.predictions is not None,
    "It appears after the teacher's first epoch.",
)
PICTURES = Need(
    lambda scene: scene.table is not None and scene.table.pictured,
    "The run has no images: it was archived, or logged, without them. Open one that has them.",
)
FOCUS = Need(
    lambda scene: scene.row is not None,
    "Click a point of the map or an image of the grid to study it here.",
)
PREDICTED = Need(
    lambda scene: PREDICTIONS.met(scene) and scene.row is not None and _predicted(scene, scene.row),
    "It appears once the teacher has seen this image.",
)
MODEL = Need(
    lambda scene: scene.run is None or not scene.run.logged,
    "Another program trained the classifier and logged its answers; this needs the classifier itself. "
    "Train one here on the same images.",
    "No classifier to ask",
)
QUERIES = Need(
    lambda scene: _tier(scene) >= Tier.PREDICT,
    "Of this classifier there is a table of answers, or answers too coarse to tell images apart. This asks "
    "it about images that it has not answered, and a stand-in that was fitted to them would explain itself.",
    "No classifier to ask",
)
NETWORK = Need(
    lambda scene: scene.run is None or scene.run.teacher_source == "trained",
    "It looks into the layers of a network that DeepVID trained, and this classifier was trained elsewhere.",
    "No layers to look into",
)
INSIDE = NETWORK.saying(
    "It asks about the inside of a network that DeepVID trained. This classifier was trained elsewhere, and "
    "answers for whole images."
)
FEATURES = Need(
    lambda scene: _shows_features(scene),
    f"It needs {Tier.ACTIVATIONS.word}: what the last layer reads. This classifier answers with its classes "
    "alone.",
    "No layer is shown",
)
GRADIENTS = Need(
    lambda scene: _tier(scene) >= Tier.GRADIENTS,
    f"It needs {Tier.GRADIENTS.word}, and this classifier gives answers alone.",
    "No gradients to follow",
)
WEIGHTS = Need(
    lambda scene: scene.run is None or scene.run.teacher_source != "trained" or _weighs(scene.run),
    "It needs the teacher's weights, which this run was stored without. Open the whole run.",
)
ENGINE = Need(lambda scene: not scene.refusal, "{refusal}")


def stage(name: str) -> Need:
    """A committed stage of the run."""
    return Need(
        lambda scene: scene.run is not None and scene.run.stage(name) is not None,
        f"It appears after {words_of(name)}, which this run has not done. Continue the run.",
    )


TEACHER = stage("teacher").saying(
    "It appears once the teacher is trained. An archive without the teacher has none: open the whole run."
)
HIERARCHY = Need(
    lambda scene: scene.table is not None and scene.table.decisions is not None,
    f"It appears after {words_of('hierarchy')}, which this run has not done. Continue the run.",
    command=of_run(continuation),
)


def variable(stage_name: str, name: str) -> Need:
    """A variable of a committed stage; archives can be made without some."""
    return Need(
        lambda scene: scene.run is not None and has_variable(scene.run, stage_name, name),
        f"It needs {name!r} of {stage_name}, which this run does not have. Open the whole run.",
    )


def has_variable(run: Run, stage_name: str, name: str) -> bool:
    """Whether a stage is committed and has the variable; looked up once, for gestures ask it every time."""
    if (group := run.stage(stage_name)) is None:
        return False
    return name in _variables(run, stage_name, group.key)


# By the key of its stage: a need is asked for at every gesture, and opening a group costs milliseconds.
@newest_per_owner
def _variables(run: Run, stage_name: str, key: str) -> frozenset[str]:
    group = run.stage(stage_name)
    return frozenset(map(str, group.open().variables if group else ()))


@newest_per_owner
def _attributes(run: Run, stage_name: str, key: str) -> Mapping[str, Any]:
    return run.stages[stage_name].open().attrs


def _weighs(run: Run) -> bool:
    return has_variable(run, "teacher", "parameters")


def _predicted(scene: Scene, row: int) -> bool:
    assert scene.table is not None
    assert scene.table.predictions is not None
    return bool(scene.table.predictions.predicted[row] >= 0)


def _tier(scene: Scene) -> Tier:
    """Of the classifier of a run: as its answers say, or while there are none, as its description does."""
    run = scene.run
    if run is None:
        return Tier.GRADIENTS
    if "teacher" not in run.stages:
        return Tier.PREDICTIONS if run.teacher_source == "predictions" else Tier.GRADIENTS
    word = _attributes(run, "teacher", run.stages["teacher"].key).get("tier")
    return Tier.GRADIENTS if word is None else tier_of(str(word))


def _shows_features(scene: Scene) -> bool:
    """Whether the features of its teacher are none of its answers over again."""
    run = scene.run
    if run is None or "teacher" not in run.stages:
        return True
    return _attributes(run, "teacher", run.stages["teacher"].key).get("features_of") is None
