"""The header's menus: what is computed, the gestures of a selection, and what can be kept of it."""

from pathlib import Path

from dashboards.data.computation import Computation
from dashboards.kit import forms
from dashboards.kit.elements import Box, Button, walk, words
from dashboards.serving.computations import Entry
from dashboards.session.computation_rows import ComputationRow
from dashboards.views.header.computing import computation_menu
from dashboards.views.header.saving import SaveState, save_menu
from dashboards.views.header.table import Changes, selection_controls

RUN = Computation("network", Path("/runs"), "a-1")
HALF = {"text": "Layers", "detail": "3 of 6", "share": 0.5, "end": "2 min left"}
KEPT = SaveState(("mine",), 0, ("dark",), "", True, "3 images", "", "", None, True, 3, "?run=a")


def row(state: str, number: int = 1, **facts: object) -> ComputationRow:
    entry = Entry(number, RUN, state, **facts)  # type: ignore[arg-type]
    return ComputationRow(entry, "a-1", HALF if state == "running" else None, "")  # type: ignore[arg-type]


def face(*rows: ComputationRow) -> str:
    return "".join(map(words, computation_menu(rows).face))


def test_the_chip_tells_what_matters_most() -> None:
    assert face(row("running")) == "Layers, 2 min left"
    assert face(row("running"), row("waiting", 2)) == "Layers, 2 min left+1"
    assert face(row("failed", 2), row("running")) == "Layers, 2 min leftLayers failed"
    assert face(row("done")) == "Layers done"
    assert face(row("waiting")) == "Layers waiting"
    assert face(row("done", looked_at=True)) == "Computed"


def test_what_is_open_can_be_cancelled_and_what_failed_says_why() -> None:
    menu = computation_menu((row("failed", 2, reason="No room"), row("running")))
    cancels = [each.value for each in walk(menu) if isinstance(each, Button) and each.act == "cancel"]
    assert cancels == [1]
    said = words(menu)
    assert "No room" in said
    assert "Layers · 3 of 6, 2 min left" in said


def test_each_gesture_has_its_sign() -> None:
    steps = (["subtract", "an image"], ["add", "two"], ["intersect", "three"])
    menu = selection_controls(Changes("3 selected", "add", True, True, False, steps))[0]
    signs = [words(each) for each in walk(menu) if isinstance(each, Box) and each.look == "sign"]
    assert signs == ["all but", "+", "∩"]


def test_a_selection_can_be_named_where_there_is_one() -> None:
    assert "mine" in words(save_menu(KEPT))
    for selected in (True, False):
        menu = save_menu(KEPT._replace(selected=selected))
        (field,) = (each for each in walk(menu) if isinstance(each, forms.Entry))
        assert field.disabled is not selected


def test_nothing_is_saved_while_a_file_is_written() -> None:
    for kept, disabled in (
        (KEPT, False),
        (KEPT._replace(saving="Writing …"), True),
        (KEPT._replace(unsaved="no"), True),
    ):
        files = [each for each in walk(save_menu(kept)) if isinstance(each, Button) and each.act == "save"]
        assert [each.disabled for each in files] == [disabled] * 2
