"""How far the groups of a layer's units can be believed, in a few words, each with what it means."""

from dashboards.data.unit_groups import LayerGroups
from deepvid.wording import minus, percent

HALVES = (
    "Cosine of the groups that two halves of the training images give, matched one to one; chance is the "
    "same with the shares of each group at any units"
)


def of_layer(groups: LayerGroups) -> list[list[str]]:
    """[text, hint] of all groups of a layer."""
    _, low, high = groups.stays
    told = [
        [
            f"{percent(groups.stays.value)} of predictions stay (floor {percent(groups.floor)})",
            f"When the layer says only what its groups do, {percent(low)} to {percent(high)} of "
            "predictions for test images stay. As many principal components keep "
            f"{percent(groups.of_components.value)}, always saying the commonest class the floor",
        ],
        [
            f"error {percent(groups.error)}",
            "Of what the layer says, as a length: ‖V − WH‖ / ‖V‖, at all places of test images",
        ],
    ]
    if groups.stability is not None:
        text = f"stability {groups.stability.mean():.2f} (chance {groups.chance:.2f})"
        told.append([text, HALVES])
    return told


def of_group(groups: LayerGroups, place: int) -> list[list[str]]:
    """[text, hint] of one of them; how much its layer loses comes last."""
    told = of_layer(groups)[:2]
    if groups.stability is not None:
        text = f"stable {groups.stability[place]:.2f} (chance {groups.chance:.2f})"
        told.insert(0, [text, HALVES])
    return told


def adding_up(groups: LayerGroups, place: int, logit: int, name: str) -> str:
    """What a group adds to a logit, where that adds up."""
    assert groups.adds is not None
    within = "" if groups.within is None else f" within {groups.within:.0e}"
    text = (
        f"Logit of {name}, in nats: less its mean answer times {groups.adds[place, logit]:+.3f}\n"
        f"What all groups add, what they leave out and the constant are the logit{within}"
    )
    return minus(text)
