"""What the views of changed images need of a run."""

from collections.abc import Sequence

from dashboards.data.changes import STAGE
from dashboards.data.commands import network_command
from dashboards.session import needs
from dashboards.session.needs import Need, has_variable, missing, of_run
from dashboards.session.scene import Scene
from dashboards.views.network.state import RIVER, looked_for

NO_TEACHER = (
    "It appears once the teacher is trained. An archive without the teacher has none: open the whole run."
)
LOOKED_INTO = Need(lambda scene: missing(RIVER, scene) is None, "It appears with the river.")


def studied(without: str, *asked: Need) -> tuple[Need, ...]:
    """What is asked of the image under study and of the classifier needs; `without` an image it says that."""
    return (
        needs.IMAGES.saying(without),
        needs.MODEL,
        *asked,
        needs.PREDICTIONS,
        needs.FOCUS.saying(without),
        needs.PREDICTED,
        needs.PICTURES,
    )


def _measured(scene: Scene) -> bool:
    return scene.run is None or has_variable(scene.run, STAGE, "flip_distance")


MEASURED = (
    LOOKED_INTO,
    needs.NETWORK.saying(
        "Distances to another answer are measured with thousands of questions, through a network that "
        "DeepVID trained. This classifier was trained elsewhere; where it has gradients, a strip leads one "
        "image after another."
    )._replace(title="No distances of this classifier"),
    Need(
        lambda scene: scene.run is None or _measured(scene) or not scene.run.read_only,
        "This archive was made without distances to another answer. Look into the run itself, and archive "
        "that again.",
    ),
    looked_for(STAGE),
    Need(
        _measured,
        "The run was looked into without measuring how far images are from another answer "
        "(counterfactuals.flips): by an earlier version, or because none was asked for.",
        command=of_run(network_command),
    ),
)


def space_shown(asked: str, there: Sequence[str]) -> str:
    """The space that is asked for, or the first there is."""
    return asked if asked in there else there[0]
