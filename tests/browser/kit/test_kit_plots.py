"""Elements that a pointer goes over, and those that draw as much as there is room for."""

from dataclasses import replace

import numpy as np
import pytest
from accessible import violations
from cards import Show, ShownCard
from playwright.sync_api import expect

from dashboards.kit.charts import Area, Bars, Change, Histogram, Matrix, MatrixRow, Rule, Way
from dashboards.kit.elements import Box, Button, Choice, Icon, Shelf, Shelves, column, text
from dashboards.kit.pictures import Cut, Thumbnail

pytestmark = pytest.mark.browser

ROWS = (
    MatrixRow("cats", "cats", "", 3),
    MatrixRow("dogs", "dogs", "", 4),
    MatrixRow("cat", "cat", "#ff0000", 7),
)
MEAN = np.array([[1, -1], [0.5, 0], [-0.5, 1], [2, np.nan]], "<f4")
ERROR = np.array([[0.1, np.nan], [0, 0], [0, 0], [0.2, 0.2]], "<f4")
MATRIX = Matrix(
    act="open",
    name="conv",
    word="unit",
    numbers=(4, 9),
    spoken=("says little", "says much"),
    rows=ROWS,
    mean=MEAN.tobytes(),
    error=ERROR.tobytes(),
    bars=True,
    end=2,
    reach=1.1,
    at=1,
    widest=64,
    left=2,
    label="Unit shown in full",
)
HISTOGRAM = Histogram("brush", "unit 4", (0, 1, 2, 3, 4), (1, 2, 3, 4), (0, 0, 1, 0), children=(text("all"),))
BARS = Bars(
    act="brush",
    name="latent",
    edges=(0, 0.5, 1, 1.5),
    kinds=("right", "wrong"),
    counts=((1, 2, 3), (1, 1, 0)),
    hints=("low", "middle", "high"),
    axis="distance",
    lit=((0, 0, 3), (1, 0, 0)),
    rules=(Rule(0.75, "Median", "dashed above"),),
    label="Distances",
)
WAY = Way(
    act="show",
    sample=7,
    title="The answer changes",
    note="From here to there",
    below="areas are shares",
    pixels=bytes(range(3 * 4)),
    shape=(2, 2, 1),
    positions=(0, 0.5, 1),
    answers=("cat", "cat", "dog"),
    points=(0, 0.5, 0.7, 1),
    areas=(Area("cat", "cat", "#ff0000", (1, 0.8, 0.5, 0)), Area("dog", "dog", "#0000ff", (0, 0.2, 0.5, 1))),
    changes=(Change(0.7, "cat → dog"),),
)


def plot(*children: Box | Matrix | Histogram | Shelves | Way | Bars) -> Box:
    return Box(children, look="filled", style="height: 380px")


def placed(card: ShownCard, selector: str) -> tuple[float, float, float, float]:
    """Left, top, width and height."""
    box = card.find(selector).bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def test_a_column_of_a_matrix_is_read_and_chosen(show: Show) -> None:
    card = show(plot(MATRIX))
    stage = card.find("[role=slider]")
    expect(stage).to_have_attribute("aria-valuetext", "Unit 9: −1.00 sd, 3 images less 4; says much")
    expect(card.find(".left")).to_have_text("2 more classes")
    x, y, _, _ = placed(card, "[role=slider]")
    card.page.mouse.move(x + 20, y + 10)
    expect(card.find(".tip")).to_have_text("Unit 4: +1.00 ± 0.10 sd, 3 images less 4; says little")
    _, top, _, _ = placed(card, ".names .name >> nth=2")
    card.page.mouse.move(x + 20, top + 5)
    expect(card.find(".tip")).to_have_text("Unit 4, cat: +2.00 ± 0.20 sd, 7 images")
    card.page.mouse.click(x + 20, top + 5)
    stage.press("ArrowLeft")
    stage.press("End")
    values = [4, 4, 9]
    assert card.said == [["open", {"name": "conv", "value": value}] for value in values]
    assert violations(card.page) == []


def test_a_range_of_a_histogram_is_dragged_over(show: Show) -> None:
    card = show(plot(HISTOGRAM))
    x, y, width, height = placed(card, ".strip")
    card.page.mouse.move(x + 0.6 * width, y + height / 2)
    expect(card.find(".told")).to_have_text("2 to 3: 3 images, 1 selected")
    card.page.mouse.down()
    expect(card.find(".told")).to_have_text("all")
    card.page.mouse.move(x + 0.25 * width, y + height / 2, steps=3)
    expect(card.find(".band")).to_be_visible()
    card.page.mouse.up()
    expect(card.find(".band")).to_be_hidden()
    ((action, said),) = card.said
    assert (action, said["name"], said["shift"], said["ctrl"]) == ("brush", "unit 4", False, False)
    assert (said["low"], said["high"]) == pytest.approx((1, 2.4), abs=0.02)
    card.page.mouse.click(x + 5, y + height / 2)  # no range
    assert len(card.said) == 1


def test_a_range_of_large_numbers_or_dates_is_as_fine_as_of_small_ones(show: Show) -> None:
    edges = tuple(float(1_700_000_000 + 86_400 * day) for day in range(5))
    card = show(plot(replace(HISTOGRAM, edges=edges, dated=True)))
    x, y, width, height = placed(card, ".strip")
    card.page.mouse.move(x + 0.6 * width, y + height / 2)
    expect(card.find(".told")).to_contain_text("2023-11-16 to 2023-11-17: ")
    card.page.mouse.down()
    card.page.mouse.move(x + 0.25 * width, y + height / 2, steps=3)
    card.page.mouse.up()
    ((_, said),) = card.said
    assert (said["low"], said["high"]) == pytest.approx((edges[1], edges[0] + 2.4 * 86_400), abs=2_000)


def test_bins_of_two_kinds_are_dragged_over_or_chosen_with_keys(show: Show) -> None:
    card = show(plot(BARS))
    bars, bins = card.find(".bar-of"), card.find(".bin")
    expect(card.find(".bar-of.pale")).to_have_count(5)
    expect(bars).to_have_count(7)  # of those that are lit there are two
    tall = [placed(card, f".bar-of.pale.above >> nth={number}")[3] for number in range(3)]
    assert tall == pytest.approx([tall[0], 2 * tall[0], 3 * tall[0]], abs=0.5)
    assert placed(card, ".upright")[0] == pytest.approx(
        placed(card, ".bin >> nth=1")[0] + placed(card, ".bin >> nth=1")[2] / 2, abs=1.5
    )
    x, y, width, height = placed(card, ".plane")
    card.page.mouse.move(x + 0.9 * width, y + height / 2)
    card.page.mouse.down()
    card.page.mouse.move(x + 0.5 * width, y + height / 2, steps=3)
    expect(card.find(".brush")).to_be_visible()
    card.page.keyboard.down("Shift")
    card.page.mouse.up()
    card.page.keyboard.up("Shift")
    expect(card.find(".brush")).to_have_count(0)
    bins.first.focus()
    for keys in (
        "Shift+ArrowRight",
        "ArrowRight",
        "ArrowLeft",
        "Shift+End",
        "Escape",
        "Home",
        "Shift+ArrowRight",
    ):
        card.page.keyboard.press(keys)
    expect(bins.nth(1)).to_be_focused()
    card.page.keyboard.press("Enter")
    held = {"shift": False, "ctrl": False}
    assert card.said == [
        ["brush", {"name": "latent", "low": 0.5, "high": 1.5, "shift": True, "ctrl": False}],
        ["brush", {"name": "latent", "low": 0, "high": 1, **held}],
    ]
    assert violations(card.page) == []


def test_beyond_an_image_a_cut_is_blank(show: Show) -> None:
    pixels = np.full((3, 3, 1), 255, "u1")
    card = show(Box((Cut(pixels.tobytes(), pixels.shape, (-1, 1, 2, 4)),), style="width: 80px; height: 80px"))
    reads = (
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 4, 2).data].filter((_, at) => at % 4 == 0)"
    )
    beyond, inside = np.array(card.find("canvas").evaluate(reads)).reshape(2, 4)
    assert inside.tolist() == [255, 255, beyond[0], beyond[0]]
    assert set(beyond.tolist()) == {beyond[0]} != {255}


def test_shelves_hold_as_many_images_as_fit(show: Show) -> None:
    def tile(sample: int) -> Button:
        frame = Thumbnail(bytes(16), (4, 4, 1), "#ff0000")
        return Button((frame, Icon("M2 2h12")), "study", sample, label=f"Image {sample}")

    many = Shelf("Speak for it", tuple(map(tile, range(40))), ("values in nats",))
    card = show(plot(Shelves((many, Shelf("Speak against it", none="None does.")))))
    shown = card.find("section button").count()
    assert 5 < shown < 12
    expect(card.find("section").first).to_contain_text(f"the first {shown} of 40")
    expect(card.find("section").first).to_contain_text("values in nats")
    expect(card.find("section").last).to_contain_text("None does.")
    card.card.evaluate("card => { card.style.width = '200px' }")
    expect(card.find("section button")).to_have_count(3)


def test_a_way_is_gone_along_by_images_slider_and_play_and_left_by_escape(show: Show) -> None:
    card = show(plot(WAY))
    expect(card.find(".strip canvas")).to_have_count(3)
    card.find(".strip canvas").nth(1).click()
    expect(card.find("[aria-current]")).to_have_count(1)
    slider = card.card.get_by_label("Step of the way")
    expect(slider).to_have_attribute("aria-valuetext", "0.50 of the way: cat")
    slider.press("ArrowRight")
    slider.press("Escape")
    expect(card.find("[aria-current]")).to_have_count(0)
    steps = [1, 2, None]
    assert card.said == [["show", {"sample": 7, "step": step}] for step in steps]
    card.card.get_by_role("button", name="Play the way").click()
    expect(card.card.get_by_role("button", name="Pause")).to_be_visible()
    expect(card.card.get_by_role("button", name="Play the way")).to_be_visible(timeout=15_000)
    assert [said["step"] for _, said in card.said[3:]] == [0, 1, 2]
    card.card.get_by_role("button", name="Back").click()
    assert card.said[-1] == ["show", {"sample": 7, "step": None}]


def test_what_cannot_be_chosen_is_not_said(show: Show) -> None:
    options = (("a", "A", ""), ("b", "B", "There is none"))
    card = show(column(Choice("choose", options, "a", segments=True, disabled=("b",), label="Which")))
    expect(card.card.get_by_role("button", name="B")).to_be_disabled()
    expect(card.card.get_by_role("button", name="B")).to_have_attribute("title", "There is none")
