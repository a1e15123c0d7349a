"""Makes the pictures of the gallery from a finished run: `python docs/screenshots.py STORE [FOLDER [NAME]]`.

Each picture is a link opened in Chromium at 1440x900, so it also shows that a link reproduces a view; for
some, buttons are pressed. NAME makes only those whose names begin with it. Two runs are compared where the
store has a second finished one, and their maps stand side by side where the store has a second one with time
travel. The two that are not finished (one in progress, one whose teacher diverges) are made for the occasion,
in a temporary store. `data` makes one picture of every finished run of the store instead.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from dashboards.data.orders import ordered
from dashboards.data.own_axes import Axis, OwnAxes
from dashboards.data.population import Population, population
from dashboards.data.time_travel import travels
from dashboards.data.training import class_courses
from dashboards.data.trust import judge
from deepvid.report import StoredCases, write_report
from deepvid.store import Run, list_runs, open_run
from deepvid.trust import Verdict

SIZE = {"width": 1440, "height": 900}
SETTLE = 4000  # ms from a page's first paint to its last
PRESS = {  # the buttons that a picture needs pressed, one after another
    "archive-verify": ["Verify "],
    "tuning": ["Settings", "Tune …"],
    "curve": ["Settings", "Curve …", "Draw"],
}
LONG = 300_000  # ms that what is computed for a picture may take
VERDICTS = (Verdict.EXPLAINED, Verdict.WEAK, Verdict.CANNOT_TELL)
PLAYED, REPORTED = "time-travel-played", "report"
NO_TOUR = "localStorage.setItem('deepvid-tour', 'done')"
FRAMES, BETWEEN, PLAYED_SIDE, COLORS = 33, 150, 420, 128  # of the moving picture; ms, pixels, colors
LASSO = {"map": "tsne-features-2d", "x": [0.1, 0.5, 0.6, 0.2], "y": [0.1, 0.0, 0.6, 0.5]}  # shares of the map


def main(store: Path, folder: Path, only: str = "") -> None:
    """Serves `store` and writes one picture a state and theme into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        with served(store) as address:
            for name, state in (data(store) if only == "data" else states(store)).items():
                if not name.startswith(only):
                    continue
                for theme in ("light", "dark"):
                    picture(browser, address, {**state, "theme": theme}, folder / f"{name}-{theme}.png")
            if REPORTED.startswith(only) and only != "data":
                reported(browser, store, folder / f"{REPORTED}.png")
            if PLAYED.startswith(only):
                played(browser, address, folder / f"{PLAYED}.gif")
        for name, make in {"running": running, "failed": failed}.items():
            if not name.startswith(only):
                continue
            with tempfile.TemporaryDirectory() as other, make(Path(other)), served(Path(other)) as address:
                for theme in ("light", "dark"):
                    picture(browser, address, {"theme": theme}, folder / f"{name}-{theme}.png")
        browser.close()


def states(store: Path) -> dict[str, dict[str, str]]:
    """The query of every state of a finished run, by the name of its picture."""
    first, *others = (run.id for run in list_runs(store) if run.state == "finished")
    run = open_run(store / first)
    position = run.stages["projection-tsne-features-2d"].open()["position"].to_numpy()
    low, high = position.min(axis=0), position.max(axis=0)
    lasso = {
        "map": LASSO["map"],
        "x": [float(low[0] + share * (high[0] - low[0])) for share in LASSO["x"]],
        "y": [float(low[1] + share * (high[1] - low[1])) for share in LASSO["y"]],
    }
    explained, weak, cannot = (str(confident(run, verdict)) for verdict in VERDICTS)
    travelled = [
        other.id for other in list_runs(store) if other.id != first and travels(open_run(store / other.id))
    ]
    made: dict[str, dict[str, str]] = {
        "nothing-selected": {},
        "confusion-cell": {"select": json.dumps([["replace", "cells", [[6, 0]]]])},
        "lasso": {"select": json.dumps([["replace", "polygon", lasso]])},
        "diagnose": {"select": json.dumps([["replace", "cells", [[6, 0]]]]), "focus": str(telling(run))},
        "causes": {"select": json.dumps([["replace", "query", 'wrong and cause == "label doubt"']])},
        "kinds": {"reading": "modes"},
        "filter": {
            "filters": "open",
            "select": json.dumps([["replace", "query", "wrong and confidence >= 0.9"]]),
        },
        "review": {"review": "doubted"},
        "axes": {"projection": axes(run).name, "select": json.dumps([["replace", "cells", [[6, 0]]]])},
        "weak": {"focus": weak},
        "cannot-tell": {"focus": cannot},
        "pair": {"focus": weak, "pin": explained},
        "similar": {"focus": explained, "tab": "similar"},
        "neighbors": {"focus": explained, "tab": "similar", "part": "neighbors", "reading": "pairs"},
        "morph": {"focus": explained, "tab": "change", "part": "morph", "reading": "chord"},
        "filters": {
            "focus": str(telling(run)),
            "tab": "try",
            "part": "filters",
            "layer": "stem",
            "filter": "14",
        },
        "path": {"focus": weak, "tab": "path", "reading": "sunburst"},
        "distilled": {
            "tree": "soft",
            "reading": "sunburst",
            "sectors": "turn",
            "tab": "path",
            "select": json.dumps([["replace", "ring", ["soft", 3]]]),
        },
        "cloud": {"projection": "tsne-features-3d", "color": "error"},
        "tuning": {"focus": str(telling(run))},
        "curve": {"focus": str(telling(run))},
        "latent": {"focus": explained, "tab": "change", "part": "latents"},
        "confidence": {
            "color": "confidence",
            "select": json.dumps([["replace", "query", "confidence < 0.5"]]),
        },
        "trust": {"color": "trust", "select": json.dumps([["replace", "trust", "explained"]])},
        "training": {
            "page": "training",
            "select": json.dumps([["replace", "changed", forgotten(run)]]),
        },
        "time-travel": {"page": "time-travel", "focus": explained},
        "time-travel-early": {
            "page": "time-travel",
            "epoch": "2",
            "trust": "yes",
            "tab": "measures",
            "select": json.dumps([["replace", "query", "forgotten > 0"]]),
        },
        "time-travel-epochs": {"page": "time-travel", "beside": "epoch", "tab": "differences"},
        "time-travel-neighbors": {
            "page": "time-travel",
            "focus": explained,
            "neighbors": "yes",
            "epoch": "4",
            "tab": "events",
        },
        **(
            {"time-travel-runs": {"page": "time-travel", "beside": travelled[0], "tab": "differences"}}
            if travelled
            else {}
        ),
        **(layers(run) if run.stage("layers") is not None else {}),
        "archive": {"page": "archive"},
        **{f"archive-{tab}": {"page": "archive", "tab": tab} for tab in ("download", "verify", "delete")},
        **({"archive-compare": {"page": "archive", "tab": "compare", "other": others[0]}} if others else {}),
    }
    return {name: {"run": first, **query} for name, query in made.items()}


def axes(run: Run) -> OwnAxes:
    """A map from shirts to T-shirts, in the features without their length."""
    table = population(run)
    assert table is not None
    names = table.class_names
    ends = Axis(f'true == "{names[6]}"', f'true == "{names[0]}"')
    return OwnAxes("features", "sphere", "tsne-features-2d", ends, None)


def layers(run: Run) -> dict[str, dict[str, str]]:
    """The Network page about one confusion, with readings of the units of the deepest layer that has maps;
    and what needs layers of one image.
    """
    confusion = {"select": json.dumps([["replace", "cells", [[6, 0]]]])}
    about = {"page": "network", **confusion}
    deepest = deepest_map(run)
    states = {
        "flip": {**confusion, "tab": "change", "part": "flip"},
        "training": {**confusion, "tab": "similar", "part": "influence"},
        "whatif": {**confusion, "tab": "try"},
        "groups": {**about, "column": deepest, "grouped": "yes"},
        "maximized": {**about, "column": deepest, "unit_tab": "maximized"},
        "occlusion": {**about, "column": deepest, "unit_tab": "occlusion"},
        "maps": {**about, "column": deepest, "unit_tab": "maps", "reading": "images"},
    }
    return {"network": about, **{f"network-{name}": state for name, state in states.items()}}


def deepest_map(run: Run) -> str:
    """The last layer that has maps, of a run that was looked into."""
    columns = run.together("layers").attrs["columns"]
    (*_, name) = (column["name"] for column in columns if len(column["shape"]) > 1 and column["units"])
    return str(name)


def data(store: Path) -> dict[str, dict[str, str]]:
    """The query of every finished run of a store, by its name, and where it has one of its Network page."""
    made: dict[str, dict[str, str]] = {}
    for run in (open_run(store / entry.id) for entry in list_runs(store) if entry.state == "finished"):
        made[f"data-{run.config['name']}"] = {"run": run.id}
        if run.stage("layers") is not None:
            about = {"page": "network", "column": deepest_map(run)}
            made[f"data-{run.config['name']}-network"] = {"run": run.id, **about}
    return made


def confident(run: Run, verdict: Verdict) -> int:
    """The most confident error of a verdict."""
    judge(run)
    table = population(run)
    assert table is not None
    assert table.trust is not None
    rows = table.trust.of(verdict)
    return int(table.samples[rows[order(table)[rows].argmin()]])


def order(table: Population) -> np.ndarray:
    """The place of each row among the worst first, int (row,)."""
    place = np.empty(table.rows, np.int64)
    place[ordered(table, "worst", None).rows()] = np.arange(table.rows)
    return place


def forgotten(run: Run) -> list[int]:
    """The epoch, twice, and the class in it that most images were lost of."""
    found = class_courses(run, len(run.class_names))
    assert found is not None
    epoch, label = np.unravel_index(np.argmax(found.lost - found.won), found.lost.shape)
    return [int(epoch) + 1, int(epoch) + 1, int(label)]


def telling(run: Run) -> int:
    """The shirt taken for a T-shirt whose explanation is the best."""
    judge(run)
    table = population(run)
    assert table is not None
    assert table.trust is not None
    assert table.predicted is not None
    rows = table.trust.rows
    merit = np.where((table.label[rows] == 6) & (table.predicted[rows] == 0), table.trust.merit, -1)
    return int(table.samples[rows[merit.argmax()]])


def picture(browser: Browser, address: str, query: dict[str, str], path: Path) -> None:
    """Opens one link in a fresh page and keeps what is seen."""
    page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    page.add_init_script(NO_TOUR)
    page.goto(f"{address}/app?{urlencode(query)}")
    page.wait_for_function("() => window.Bokeh?.index?.roots?.length > 0")
    page.wait_for_timeout(
        SETTLE * (3 if query.get("page") == "network" else 1)
    )  # what the engine compiles first
    for button in PRESS.get(path.stem.rpartition("-")[0], []):
        page.get_by_role("button", name=button).first.click()
        page.wait_for_timeout(SETTLE)
    page.locator(".work:visible").first.wait_for(state="hidden", timeout=LONG)
    page.screenshot(path=path)
    page.close()
    print(path)  # noqa: T201


def reported(browser: Browser, store: Path, path: Path) -> None:
    """The report of one error, as a file that a browser opens alone."""
    run = open_run(store / next(run.id for run in list_runs(store) if run.state == "finished"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case.html"
        write_report(file, run, StoredCases(run).cases([telling(run)]))
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        page.goto(file.as_uri())
        page.screenshot(path=path)
        page.close()
    print(path)  # noqa: T201


def played(browser: Browser, address: str, path: Path) -> None:
    """Goes from the first epoch to the last by the timeline, and keeps a moving picture of the map."""
    page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    page.add_init_script(NO_TOUR)
    page.goto(f"{address}/app?{urlencode({'page': 'time-travel', 'epoch': '1'})}")
    stage = page.locator(".stage").first
    stage.wait_for()
    page.wait_for_timeout(SETTLE)
    track = page.get_by_role("slider", name="Epoch")
    box, planned = track.bounding_box(), int(track.get_attribute("aria-valuemax") or 1)
    assert box is not None
    frames = []
    for share in np.linspace(0.5, planned - 0.5, FRAMES) / planned:  # the middles of the first and the last
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        if not frames:
            page.mouse.down()
        page.wait_for_timeout(BETWEEN)
        frame = Image.open(BytesIO(stage.screenshot())).convert("RGB")
        frame.thumbnail((PLAYED_SIDE, PLAYED_SIDE))
        frames.append(frame.quantize(COLORS, dither=Image.Dither.NONE))
    page.close()
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=BETWEEN, loop=0, optimize=True)
    print(path)  # noqa: T201


@contextmanager
def served(store: Path) -> Iterator[str]:
    """The dashboard over a store, until the context ends."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "deepvid", "serve", str(store), "--port", str(port), "--no-show"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while socket.socket().connect_ex(("localhost", port)):
            time.sleep(0.2)
        yield f"http://localhost:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


@contextmanager
def running(store: Path) -> Iterator[None]:
    """A run that trains its teacher, stopped when the context ends."""
    run = begin(store, "dataset.test=4000")
    journal = next(wait(lambda: list(store.glob("*/journal.jsonl"))))
    wait_text(journal, '"kind":"epoch"')
    try:
        yield
    finally:
        run.send_signal(signal.SIGINT)
        run.wait()


@contextmanager
def failed(store: Path) -> Iterator[None]:
    """A run whose teacher diverges."""
    begin(store, "dataset.train=2000", "teacher.optimizer=sgd", "teacher.learning_rate=1e9").wait()
    yield


def begin(store: Path, *settings: str) -> subprocess.Popen[bytes]:
    """Starts `deepvid run` of the demo with some settings changed."""
    changes = [argument for setting in settings for argument in ("--set", setting)]
    command = [sys.executable, "-m", "deepvid", "run", "fashion_mnist_small", "--store", str(store), *changes]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=dict(os.environ), **quiet)  # type: ignore[call-overload,no-any-return]


def wait(find):  # type: ignore[no-untyped-def]
    """Calls `find` until it finds something, and iterates over that."""
    while not (found := find()):
        time.sleep(0.2)
    return iter(found)


def wait_text(path: Path, text: str) -> None:
    """Waits until a file holds a text."""
    while text not in path.read_text():
        time.sleep(0.2)


if __name__ == "__main__":
    given = sys.argv[2:]
    main(Path(sys.argv[1]), Path(given[0]) if given else Path(__file__).parent / "images", *given[1:2])
