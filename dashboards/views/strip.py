"""What would change the teacher's mind about the image under study: frames towards another class."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.aim import AWAY, Aim, aim, aims, space_shown
from dashboards.data.class_labels import shortened
from dashboards.data.population import Population
from dashboards.data.predictions import Link, softmax
from dashboards.kit.card import Computation, ComputedCard, Inquiry
from dashboards.kit.elements import Box, Choice, Element, column, quiet, row, swatch, text
from dashboards.kit.pictures import Heat, Picture, Scale
from dashboards.session import needs
from dashboards.session.layer_needs import studied
from dashboards.session.scene import Scene
from dashboards.theme import class_color
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid import wording
from deepvid.config.names import SPACES
from deepvid.engine.requests import DrawStrip, Frames
from deepvid.statistics import wilson

LONGEST = 12  # letters of a class
TOLERANCE = 0.02  # of what one frame is to add
BEYOND = 2.0  # logits by which the target leads at the end
NO_FOCUS = "What would change the teacher's mind about the image under study appears here: click one."
FLIPS = "Here the answer has changed. "
HINTS = {
    "latent": "The image plus what moving its latent changes in its reconstruction",
    "smooth": "Pixels, of which neighbors change together: steps of (I + sΔ)⁻¹ ∇, s = 10",
    "pixel": "Every pixel for itself: speckle, which hardly ever convinces another teacher",
}


class StripView(ComputedCard[DrawStrip, Frames]):
    """Follows the focus. Strips of some errors to their true class are stored; others are drawn when seen,
    and of one image the last strip stays until the next one is there.
    """

    subject = "What would change its mind about #{focus}"
    needs = studied(
        NO_FOCUS,
        needs.QUERIES,
        needs.GRADIENTS.saying(
            "A strip is led by gradients, and this classifier gives answers alone. Squares and What if ask "
            "no more than these."
        ),
    )
    follows: ClassVar = ("run", "version", "facts", "focus", "space", "target")
    look = "strip-card"
    computation = Computation(
        of="strip",
        doing="Drawing the strip",
        waiting="The strip is being drawn …",
        stopped="The strip is not drawn.",
        again="Draw it",
        unstored="This strip is not stored, but drawn with the teacher.",
    )
    help: ClassVar = Help(
        what="The image under study, changed step by step until the teacher takes it for another class. Each "
        "frame has as much more evidence for the target as the one before; below it what has changed, on one "
        "scale for all, and how much. The line marks where the answer changes.",
        use="Choose the class it leads to, or away from its answer, and where it is changed: in the latents "
        "of the autoencoder, in smoothed pixels, or in raw ones.",
        beware="It is one way of many, the steepest. A change that convinces this teacher need not convince "
        "another: how many of such flips did is written below, and of raw pixels hardly any. In latents only "
        "what the autoencoder can draw changes, and the rest of the image stays as it is.",
        source="Adversarial strips of Deepling, with steps of equal evidence; smoothed steps are those of a "
        "Sobolev gradient, (I + sΔ)⁻¹ ∇.",
    )

    def actions(self) -> Actions:
        """`space` by its name; `target`: a class by its index, or away."""
        return {name: partial(self._choose, name) for name in ("space", "target")}

    def tree(self, scene: Scene, asking: Inquiry[DrawStrip, Frames]) -> Element:
        """The strip that is stored or was drawn, below what it is led to."""
        run, table, row, sample = scene.studied
        there = tuple(space for space in SPACES if space != "latent" or "vae" in run.stages)
        space, chosen = space_shown(scene.space, there), aim(table, row, scene.target)
        request = DrawStrip(run.address, sample, chosen.target, space)  # type: ignore[arg-type]
        frames = asking.result(request, _stored(table, row, request))
        if frames is None and (last := asking.before()) is not None:
            request, frames = last
        names, told = table.class_names, ""
        if frames is None:
            parts: tuple[Element, ...] = (asking.absent(besides=_besides(table)),)
        else:
            shown = _aim_of(table, row, request)
            strip = drawn(table.images([row])[0], frames.difference, frames.logits, names, shown, table.link)
            told = sentence(strip, names, shown, sample, request.space)
            agreement = transfer(_measured(table), request.space)
            parts = (
                Box(strip.frames, "ol", look="frames", label="Frames of equal evidence"),
                _foot(strip, notes(frames.logits, shown), agreement),
            )
        return column(_controls(told, there, space, names, chosen), *parts)

    def _choose(self, name: str, value: str) -> None:
        with self.session.hold():
            self.session.navigation.param.update({name: value})


class Strip(NamedTuple):
    """Frames as elements, the number of the first with another answer, and how much each changes, ‖Δ‖."""

    frames: tuple[Box, ...]
    flip: int | None
    change: list[str]
    end: float  # of the colors, in shares of the whole range


def drawn(
    image: np.ndarray,
    difference: np.ndarray,
    logits: np.ndarray,
    names: tuple[str, ...],
    chosen: Aim,
    link: Link = softmax,
) -> Strip:
    """`image` is uint8 (y, x, channel). One scale of colors for all frames: that of the largest change."""
    pictures = np.clip(np.rint(image + 255 * difference.astype(np.float32)), 0, 255).astype(np.uint8)
    means = difference.astype(np.float32).mean(axis=-1)
    end = float(np.abs(means).max()) or 1.0
    turned = np.flatnonzero(logits.argmax(axis=1) != chosen.answer)
    flip = int(turned[0]) if len(turned) else None
    lengths = np.sqrt((difference.astype(np.float64) ** 2).reshape(len(difference), -1).sum(axis=1))
    change = [wording.bare(length) if length >= 0.005 else "0" for length in map(float, lengths)]
    frames = []
    for number, (picture, brighter) in enumerate(zip(pictures, means, strict=True)):
        said, aimed, hint = _answer(int(logits[number].argmax()), link(logits[number]), names, chosen)
        hint = f"{hint}; ‖Δ‖ {lengths[number]:.3f}"
        parts = (
            said,
            Picture(picture.tobytes(), picture.shape, label=f"Frame {number + 1}: {hint}"),
            Heat(
                brighter.astype("<f4").tobytes(),
                brighter.shape,
                end,
                label=f"What frame {number + 1} changes",
            ),
            quiet(f"‖Δ‖ {change[number]}{aimed}", look="below"),
        )
        look, hint = ("frame flip", f"{FLIPS}{hint}") if number == flip else ("frame", hint)
        frames.append(Box(parts, "li", look=look, hint=hint))
    return Strip(tuple(frames), flip, change, end)


def sentence(strip: Strip, names: Sequence[str], chosen: Aim, sample: int, space: str) -> str:
    """Where it leads and where the answer changes."""
    why = f", {chosen.why}," if chosen.why else ""
    way = (
        f"away from {names[chosen.answer]}"
        if chosen.target is None
        else f"towards {names[chosen.target]}{why}"
    )
    if strip.flip is None:
        found = "the answer does not change"
    else:
        before, after = strip.change[strip.flip - 1], strip.change[strip.flip]
        found = f"the answer changes between ‖Δ‖ {before} and {after}"
    return f"#{sample} {way} in {SPACES[space]}: {found}"


def notes(logits: np.ndarray, chosen: Aim) -> list[str]:
    """How even the frames are."""
    evidence = evidence_of(logits, chosen)
    goals = np.linspace(evidence[0], max(BEYOND, evidence[0] + BEYOND), len(evidence))
    apart = goals[1] - goals[0]
    short = np.flatnonzero(goals - evidence > TOLERANCE * apart)
    what = "the best other class" if chosen.target is None else "the target"
    told = f"Each frame adds {apart:.2f} logits of evidence: {what} less the answer"
    if len(short):
        return [f"{told}; from frame {short[0] + 1} on the way adds no more"]
    return [told]


def evidence_of(logits: np.ndarray, chosen: Aim) -> np.ndarray:
    """Logit of the target, or of the best other class, less that of the answer: (frame,)."""
    others = np.delete(logits, chosen.answer, axis=1).max(axis=1)
    aimed = others if chosen.target is None else logits[:, chosen.target]
    return np.asarray(aimed - logits[:, chosen.answer])


def transfer(told: Mapping[str, Any] | None, space: str) -> list[str]:
    """[sentence, hint]: how often a teacher of another seed agreed with such strips."""
    found = (told or {}).get("transfer")
    if not found or space not in found["ways"]:
        return ["Whether another teacher agrees was not measured.", "Look into the run: deepvid network RUN"]
    own, ways = found["ways"][space], found["ways"]
    flips, ends = (_share(own[f"{what}_followed"], own[what]) for what in ("flips", "ends"))
    others = ", ".join(
        f"{SPACES[way]} {wording.share(each['flips_followed'], each['flips'])}"
        for way, each in ways.items()
        if way != space and each["flips"]
    )
    hint = (
        f"A teacher of the same settings and another seed, {found['epochs']} epochs, right of "
        f"{wording.percent(found['accuracy'])} of all test images. Asked about {own['strips']} errors on "
        f"their way to their true class; of {own['anyway']} it said that anyway, and does not count. 95 % "
        "intervals"
    )
    text = f"Another teacher agrees with {flips} of such flips, and with {ends} where the target leads by 2"
    return [f"{text}{f' ({others})' if others else ''}.", hint]


def _answer(
    answer: int, probability: np.ndarray, names: tuple[str, ...], chosen: Aim
) -> tuple[Box, str, str]:
    """What the teacher says, the target where it says another class, and both as a hint."""
    target, certain = chosen.target, wording.probability(float(probability[answer]))
    short = text(shortened(names, LONGEST)[answer], tag="b")
    said = text(swatch(class_color(answer)), short, f" {certain}", look="said")
    if target is None:
        return said, "", f"{names[answer]} {certain}"
    aimed = wording.probability(float(probability[target]))
    below = "" if answer == target else f" · {names[target][:LONGEST]} {aimed}"
    return said, below, f"{names[answer]} {certain}, {names[target]} {aimed}"


def _foot(strip: Strip, notes: list[str], agreement: list[str]) -> Box:
    darker = "How much darker or brighter each pixel is than in the image: one scale for all frames"
    said, hint = agreement
    return Box(
        (
            *(text(note, look="notes") for note in notes),
            Scale(f"darker {100 * strip.end:.0f} %", "brighter", hint=darker),
            text(said, look="transfer", hint=hint),
        ),
        look="foot quiet",
    )


def _controls(said: str, there: Sequence[str], space: str, names: tuple[str, ...], chosen: Aim) -> Box:
    """What the strip says, where it leads, and where the image is changed."""
    targets = tuple((value, words, "") for value, words in aims(names, chosen.answer))
    spaces = tuple((name, SPACES[name], HINTS[name]) for name in there)
    target = AWAY if chosen.target is None else str(chosen.target)
    return row(
        Box((said,), "h3") if said else text(look="grow"),
        Choice("target", targets, target, label="Where it leads"),
        Choice("space", spaces, space, segments=True, label="Where the image is changed")
        if len(spaces) > 1
        else None,
        look="wrap middle controls",
    )


def _stored(table: Population, row: int, request: DrawStrip) -> Frames | None:
    """What the stage has drawn: errors towards their true class."""
    if table.changes is None or request.target != int(table.label[row]):
        return None
    found = table.changes.stored(request.sample, request.space)
    return None if found is None else Frames(*found)


def _aim_of(table: Population, row: int, request: DrawStrip) -> Aim:
    usual = aim(table, row, "")
    return (
        usual
        if usual.target == request.target
        else aim(table, row, AWAY if request.target is None else str(request.target))
    )


def _measured(table: Population) -> Mapping[str, Any] | None:
    changes = None if table.changes is None else table.changes.changes
    return None if changes is None else changes.attrs


def _besides(table: Population) -> str:
    """What is there all the same."""
    count = 0 if table.changes is None else table.changes.strips
    return f"Stored are those of {wording.quantity(count, 'error')} to the true class." if count else ""


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none"
    return wording.percent_interval(wilson(part, whole))
