"""Needs of views of layers, and of changed images: whether the run was looked into, and by what."""

from dashboards.data.changes import STAGE
from dashboards.data.commands import network_command
from dashboards.data.population import TEST
from dashboards.session import needs
from dashboards.session.needs import (
    FEATURES,
    IMAGES,
    LABELS,
    MODEL,
    Need,
    has_variable,
    missing,
    of_run,
    stage,
    variable,
)
from dashboards.session.scene import Scene
from deepvid.store import Run
from deepvid.tier import Tier

LAYERS, UNITS_OF_LAYERS = "layers", "units"
"""Stages, by what they are of."""
RIVER_SHOWS = (
    "It shows what every layer has learned: what the nearest training images say there, of which image."
)
FLIPS_SHOW = "It shows how little an image must change until the teacher gives another answer."


def layers(shows: str) -> tuple[Need, ...]:
    """Needs of a view of what was looked into; its sentence, what it `shows`, begins what they say."""
    activations = f"{Tier.ACTIVATIONS.word} of the classifier, trained here or named as a model of your own"
    elsewhere = (
        f"{shows}\nAnother program trained the classifier and logged its answers.\n"
        f"Layers are looked into by the {activations}. Map, confusions and images need none."
    )
    return (
        IMAGES.saying("It appears once the run has read its images."),
        MODEL.saying(elsewhere),
        LABELS.saying(
            f"{shows}\nNobody labeled the images of this run, and neighbors vote with their labels."
        ),
        Need(
            lambda scene: scene.run is None or scene.run.stage(LAYERS) is not None or not scene.run.read_only,
            f"{shows}\nThis archive was made without it.\nLook into the run itself, and archive that again.",
            "No layers in this archive",
        ),
        Need(
            lambda scene: scene.run is None or scene.run.stage(LAYERS) is not None or not _planned(scene.run),
            f"{shows}\nThis run is to have it.\nIt appears when the teacher is trained and was looked into.",
            "The layers come with the run",
        ),
        stage(LAYERS)._replace(
            text=f"{shows}\nThis run was not looked into yet.\nFor the demo's run it takes a minute or two:",
            title="No layers looked into yet",
            command=of_run(network_command),
        ),
        variable(LAYERS, "probe"),
        Need(
            lambda scene: scene.table is None or scene.table.split == TEST,
            "Layers were asked about the test images, and training images are shown: choose those above.",
            "Layers of the test images",
        ),
    )


def _planned(run: Run) -> bool:
    planned = run.config.get(LAYERS) or run.config.get("network")
    return bool(planned) and run.status().state == "running"


def looked_for(name: str) -> Need:
    """The stage, and the command that looks into layers again where it is lacking."""
    known = stage(name)
    text = known.text.replace("Continue the run.", "Look into its layers again:")
    return known._replace(text=text, command=of_run(network_command))


RIVER = layers(RIVER_SHOWS)
MAPPED = (
    Need(lambda scene: missing(RIVER, scene) is None, "It appears with the river."),
    variable(LAYERS, "layout"),
)
UNITS = (
    Need(lambda scene: missing(RIVER, scene) is None, "They appear with the river."),
    FEATURES.saying(
        f"Units are those of a layer: they need {Tier.ACTIVATIONS.word}. This classifier answers with its "
        "classes alone, so that pixels and logits are its only columns."
    ),
    looked_for(UNITS_OF_LAYERS),
    variable(UNITS_OF_LAYERS, "response_mean"),
)


def studied(without: str, *asked: Need) -> tuple[Need, ...]:
    """Needs of a question about the image under study and the classifier; `without` an image it says that."""
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
    *layers(FLIPS_SHOW),
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
