"""Card of a review: one image with what speaks for another label, those beside it, and what to do."""

from collections.abc import Sequence

from dashboards.kit.elements import Box, Button, Child, Choice, Element, Search, quiet, swatch, text
from dashboards.kit.forms import Dialog, Entry
from dashboards.kit.pictures import Picture, Thumbnail
from dashboards.theme import class_color
from dashboards.views.review.below import Images, Place, State, foot, page
from dashboards.views.review.table import LISTS, Case
from deepvid.wording import quantity

SHOWN = 16  # nearest training images
DIGITS = "1234567890"
NEAR_SIDE = 68  # CSS pixels of a thumbnail, about
LONGEST_REMARK = 500
_NEAR = "Nearest training images by the teacher's features"


def review(place: Place, one: Case | None, state: State, names: Sequence[str], images: Images) -> Element:
    """One image after another; with `one` None there is none to look at."""
    chosen = Choice(
        "list",
        tuple(
            (kind, f"{each.title} {count:,}", each.hint)
            for (kind, each), count in zip(LISTS.items(), place.counts, strict=True)
        ),
        place.kind,
        segments=True,
        label="Images to review",
    )
    head = Box(
        (
            text("Review labels", tag="h2", look="title"),
            chosen,
            *_steps(place, one),
            text(look="grow"),
            *_marks(state),
            Button(("Close", text("Esc", tag="i", look="key")), "close", look="chip"),
        ),
        "header",
    )
    if one is None:
        looks = text("Look for doubts first: ", text(state.lacking, tag="code"), tag="p")
        asked = looks if state.lacking and place.kind in ("doubted", "learned") else None
        body: Child = Box((text(LISTS[place.kind].none, tag="p"), asked), look="empty")
        return Dialog((head, body, foot(place, state)), _keys(None, names, state), label="Review labels")
    return Dialog(
        (
            head,
            Box((_picture(one), _beside(one, names, images)), look="case"),
            page(place, state, images),
            foot(place, state),
        ),
        _keys(one, names, state),
        label="Review labels",
    )


def _keys(one: Case | None, names: Sequence[str], state: State) -> tuple[tuple[str, str, object], ...]:
    keys: list[tuple[str, str, object]] = [("Escape", "close", None)]
    if state.undoable:
        keys.append(("u", "undo", None))
    if one is not None:
        keys += [("ArrowRight", "step", 1), ("ArrowLeft", "step", -1)]
        if one.proposed is not None:
            keys.append(("m", "mark", {"sample": one.sample, "label": one.proposed}))
        few = len(names) if len(names) <= len(DIGITS) else 0  # of many one is found by its name
        of_digits = zip(DIGITS, range(few), strict=False)
        keys += [(digit, "mark", {"sample": one.sample, "label": of}) for digit, of in of_digits]
        keys.append(("k", "mark", {"sample": one.sample, "label": one.label}))
    return tuple(keys)


def _steps(place: Place, one: Case | None) -> tuple[Child, ...]:
    if one is None:
        return ()
    return (
        Button(("←",), "step", -1, look="chip", hint="The image before (←)", label="Before"),
        text(f"{place.at + 1:,} of {len(place.samples):,}", look="count", role="status"),
        Button(("→",), "step", 1, look="chip", hint="The next image, this one as it is (→)", label="Next"),
    )


def _marks(state: State) -> tuple[Child, ...]:
    count = len(state.marks)
    undo = f"Take back: {state.undoable}" if state.undoable else "Nothing to take back"
    return (
        Button(
            ("Undo", text("U", tag="i", look="key")),
            "undo",
            disabled=not state.undoable,
            look="chip",
            hint=undo,
        ),
        Button(
            ("Export CSV",),
            "export",
            disabled=not count or bool(state.unsaved),
            look="chip",
            hint=state.unsaved or f"{quantity(count, 'mark')}: sample, file, classes, remark",
        ),
    )


def _picture(one: Case) -> Box:
    half = "training image" if one.training else "test image"
    picture = Picture(one.pixels.tobytes(), one.pixels.shape, label=f"#{one.sample}")
    return Box((Box((picture,), look="large"), quiet(f"{half} #{one.sample}", tag="p")), look="figure")


def _beside(one: Case, names: Sequence[str], images: Images) -> Box:
    label = text(swatch(class_color(one.label)), names[one.label], tag="strong")
    if one.mark is not None:
        known = one.mark.label is not None and 0 <= one.mark.label < len(names)
        should = f"should be {names[one.mark.label or 0]}" if known else "is wrong"
        should = "is right" if one.mark.right else should
        verdict = text(" is marked: ", text(should, tag="b"), look="marked")
    elif one.proposed is not None and one.proposed != one.label:
        verdict = text("? Perhaps ", swatch(class_color(one.proposed)), text(names[one.proposed], tag="b"))
    else:
        verdict = text("")
    title = text("Labeled ", label, verdict, tag="h3", look="said")
    propose = one.proposed is not None and one.proposed != one.label and one.mark is None
    buttons = (
        Button(
            (f"Mark as {names[one.proposed]}", text("M", tag="i", look="key")),
            "mark",
            {"sample": one.sample, "label": one.proposed},
            look="action",
        )
        if propose and one.proposed is not None
        else None,
        Button(
            ("Label is right", text("K", tag="i", look="key")),
            "mark",
            {"sample": one.sample, "label": one.label},
            look="action",
        )
        if one.mark is None
        else None,
        Button(("Unmark",), "unmark", one.sample, look="chip") if one.mark is not None else None,
        Button(("Study it",), "study", one.sample, look="chip", hint="Close this, and put it under study"),
    )
    evidence = Box(tuple(text(line, tag="li") for line in one.evidence), "ul", look="evidence")
    shown = one.near[:SHOWN]
    near = _tiles([sample for sample, _ in shown], [of for _, of in shown], names, images) if shown else ()
    return Box(
        (
            title,
            Box(buttons, look="row"),
            _classes(one, names),
            _remark(one),
            evidence,
            Box((text(_NEAR, tag="h4"), Box(near, look="line")), "section", look="near", label=_NEAR)
            if near
            else None,
        ),
        look="beside",
    )


def _classes(one: Case, names: Sequence[str]) -> Box:
    """Each of few classes by its digit; of many, one by its name."""
    if len(names) > len(DIGITS):
        find = Search("class", tuple(names), "", "another class", label="The class that it should have")
        return Box((quiet("It should be"), find), look="row options")
    buttons = (
        Button(
            (text(digit, tag="i", look="key"), names[of]),
            "mark",
            {"sample": one.sample, "label": of},
            pressed=one.mark is not None and one.mark.label == of,
            look="chip",
            hint="The label is right" if of == one.label else f"The label is wrong: it is {names[of]}",
        )
        for digit, of in zip(DIGITS, range(len(names)), strict=False)
    )
    return Box(tuple(buttons), look="row wrap options", role="group", label="The class that it should have")


def _remark(one: Case) -> Child:
    if one.mark is None:
        return None
    said = quiet(one.mark.remark, look="remark") if one.mark.remark else None
    about = f"{one.sample} {one.mark.remark}"
    entry = Entry("remark", "A remark", button="Keep", about=about, most=LONGEST_REMARK, label="Remark")
    return Box((said, entry), look="row remarks")


def _tiles(
    samples: Sequence[int], labels: Sequence[int], names: Sequence[str], images: Images
) -> tuple[Box, ...]:
    return tuple(
        Box(
            (
                Thumbnail(picture.tobytes(), picture.shape, class_color(label), side=NEAR_SIDE),
                text(names[label], tag="figcaption"),
            ),
            "figure",
            look="tile",
            hint=f"#{sample} labeled {names[label]}",
        )
        for sample, label, picture in zip(samples, labels, images(samples), strict=True)
    )
