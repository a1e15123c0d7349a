"""What keys and the mouse do and what words mean, for who asks with a "?"."""

WORDS = (
    "Words",
    [
        ("teacher", "the classifier that is explained"),
        ("neighbors", "variations of one image, which an autoencoder makes"),
        ("student", "a simple model of what the teacher answers to them: a weight for every pixel and class"),
        ("held out", "neighbors that the student was not fitted to, by which it is judged"),
        ("logit", "a class's score before it becomes a probability"),
        ("margin", "the logit of the predicted class less that of the true one, or of the runner-up"),
        ("latent", "one of the numbers by which the autoencoder describes an image"),
    ],
)

SHORTCUTS: dict[str, list[tuple[str, list[tuple[str, str]]]]] = {
    "diagnose": [
        (
            "Select",
            [
                ("drag", "lasso or box on the map; a click studies the nearest image"),
                ("click", "a cell, a class, a sector or a pair; again: let it go"),
                ("Shift", "held with a gesture: add"),
                ("Ctrl", "held with a gesture: take away; with Shift: keep what is in both"),
                ("/", "select in words"),
                ("Esc", "clear the selection, or take an edit back"),
                ("Ctrl Z", "undo; with Shift: redo"),
            ],
        ),
        (
            "The image under study",
            [
                ("1 … 9", "open a tab"),
                ("P", "pin it beside the next one, or let it go"),
                ("M", "mark its label as wrong"),
            ],
        ),
        (
            "Where the focus is",
            [
                ("← → ↑ ↓", "the next image of the grid, tab or value; a map in 3-D turns"),
                ("← → ↑ ↓", "on the map: move a cursor; with Shift: in longer steps"),
                ("Enter", "on the map: study the image at the cursor; with Shift or Ctrl: select it"),
                ("L", "on the map: set a corner of a lasso, which Enter closes and Esc drops"),
                ("Enter", "on the matrix, sunburst or chord: select what the arrows have led to"),
                ("+ −", "a map comes nearer, or goes away"),
                ("Page ↑ ↓", "a page of the grid, or five steps of a value"),
                ("Home End", "the first and the last; on a map Home shows all"),
            ],
        ),
        WORDS,
    ],
    "network": [
        (
            "The river",
            [
                ("click", "a box or a ribbon: select its images; again: let them go"),
                ("click", "a layer's name: show it"),
                ("Shift", "held with a gesture: add"),
                ("Ctrl", "held with a gesture: take away; with Shift: keep what is in both"),
                ("↑ ↓", "the next box of a layer, or ribbon between two"),
                ("← →", "along the widest ribbon to the next layer"),
                ("Enter", "select the box or ribbon"),
            ],
        ),
        (
            "The layer's map",
            [
                ("drag", "lasso images; a click studies the nearest one"),
                ("Page ↑ ↓", "slide to the layer before, or the next one"),
                ("space", "walk through the layers, or stop; Esc stops, too"),
                ("← → ↑ ↓", "move a cursor; with Shift: in longer steps"),
                ("Enter", "study the image at the cursor; with Shift or Ctrl: select it"),
                ("L", "set a corner of a lasso, which Enter closes and Esc drops"),
                ("+ −", "nearer, and farther, as the wheel does; Home goes back"),
            ],
        ),
        (
            "What if",
            [
                ("drag", "paint, erase or shift the image"),
                ("← → ↑ ↓", "shift the image by a pixel"),
                ("Ctrl Z", "undo a stroke"),
                ("Esc", "the image as it is stored, every unit answering"),
            ],
        ),
    ],
    "time-travel": [
        (
            "Time",
            [
                ("space", "play, or pause"),
                ("← →", "the epoch before, and the next one"),
                ("Home End", "the first and the last epoch"),
                ("drag", "on the timeline: any moment between two epochs"),
                ("click", "on the timeline, a curve or an event: go to its epoch"),
                ("1 … 3", "open a tab"),
            ],
        ),
        (
            "The map",
            [
                ("drag", "lasso test images; a click studies the nearest one"),
                ("Shift", "held with a gesture: add; on the timeline: select who changes class"),
                ("Ctrl", "held with a gesture: take away; with Shift: keep what is in both"),
                ("Shift ← → ↑ ↓", "on the map: move a cursor; with Ctrl, too: in longer steps"),
                ("Enter", "study the image at the cursor; with Shift or Ctrl: select it"),
                ("L", "set a corner of a lasso, which Enter closes and Esc drops"),
                ("+ − 0", "nearer, farther, all"),
                ("/", "select in words"),
                ("Esc", "clear the selection"),
                ("Ctrl Z", "undo; with Shift: redo"),
            ],
        ),
    ],
    "archive": [
        (
            "Runs",
            [
                ("↑ ↓", "the run above and below"),
                ("Enter", "choose it; a double click opens it in Diagnose"),
                ("← →", "the next tab"),
            ],
        ),
    ],
}
"""Page -> [title, [keys or word, meaning]]."""
ALWAYS = (
    "Everywhere",
    [
        ("Tab", "the next control"),
        ("F", "the card with the focus fills the screen, as by a double click on its title; Esc: back"),
        ("[ ]", "less or more room for it; or drag what lies between two cards"),
        ("?", "this list"),
    ],
)
