"""Where keys lead to: the next spot in a direction, and that every spot means what it says."""

import numpy as np
from bokeh.plotting import figure

from dashboards.data.class_groups import grouped
from dashboards.theme import LIGHT
from dashboards.views.chord.ribbons import laid_out
from dashboards.views.chord.spots import spots as chord_spots
from dashboards.views.chord.table import cells_of, exchange
from dashboards.widgets.cursor import KeyCursor, Spots, first, toward

COUNTS = np.array([[5, 2, 0], [1, 6, 3], [0, 4, 7]])
NAMES = ("a", "b", "c")


def _named(spots, text):
    return next(spot for spot in range(len(spots.x)) if spots.text(spot).startswith(text))


def test_arrows_lead_to_the_next_spot_and_stop_at_the_edge():
    """Of 0 at (0, 0), 1 at (2, 0), 2 at (1, 1), 3 at (0, -5)."""
    spots = Spots(np.array([0.0, 2, 1, 0]), np.array([0.0, 0, 1, -5]), str, int)
    # right of 0: spot 1 costs 2, spot 2 costs 1 + 3
    assert toward(spots, 0, "right") == 1
    assert toward(spots, 0, "up") == 2  # 1 + 3 is all there is
    assert toward(spots, 0, "down") == 3
    assert toward(spots, 3, "down") == 3
    assert first(spots) == 0  # of x - y it has 0, as spot 2: the first of equals
    assert first(Spots(np.empty(0), np.empty(0), str, int)) is None


def test_every_spot_of_the_chord_names_the_errors_that_it_means():
    shown = exchange(grouped(COUNTS, np.arange(3)), COUNTS, None, COUNTS, diagonal=False)
    spots = chord_spots(shown, laid_out(shown.shown), NAMES)
    for spot in range(len(spots.x)):
        cells = cells_of(shown, COUNTS, *spots.means(spot))
        assert spots.text(spot).startswith(f"{sum(int(COUNTS[cell]) for cell in cells)} ")
    assert cells_of(shown, COUNTS, *spots.means(_named(spots, "3 b taken for c"))) == [(1, 2)]
    assert spots.means(_named(spots, "4 b taken for another class")) == (1, None)
    assert spots.means(_named(spots, "6 of another class taken for b")) == (None, 1)


def _lettered(letters):
    return Spots(
        np.arange(len(letters), dtype=float),
        np.zeros(len(letters)),
        lambda at: letters[at],
        lambda at: letters[at],
    )


def test_the_cursor_stays_on_what_it_was_on_and_rests_without_the_focus():
    acted = []
    cursor = KeyCursor("Toy", lambda meant, held: acted.append(meant))
    cursor.join(figure())
    cursor.lead(_lettered("abc"), LIGHT)
    cursor._handle_msg({"action": "enter"})
    cursor._handle_msg({"action": "move", "value": ["right", False]})
    assert (cursor.text, cursor._mark.data["x"]) == ("b", [1.0])
    cursor.lead(_lettered("bc"), LIGHT)  # a selection has taken a away
    assert (cursor.text, cursor._mark.data["x"]) == ("b", [0.0])
    cursor._handle_msg({"action": "leave"})
    cursor.lead(_lettered("abc"), LIGHT)
    assert cursor._mark.data["x"] == []  # nobody is here
    cursor._handle_msg({"action": "enter"})
    assert (cursor.text, cursor._mark.data["x"]) == ("b", [1.0])
    cursor.lead(_lettered("xy"), LIGHT)  # b is no more
    cursor._handle_msg({"action": "act", "value": {"shift": False, "ctrl": False}})
    assert acted == []
    for nonsense in ([], "right", ["sideways", False], ["left"], ["left", 1], None):
        cursor._handle_msg({"action": "move", "value": nonsense})
    assert cursor.text == ""
