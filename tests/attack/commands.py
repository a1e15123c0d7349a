"""Commands as people mistype them, and data sets as they lie on disks."""

import os
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from attack.ground import Answer, Ground, ask

RUN = "{run}"  # stands for the id of the tiny run
WRONG = [
    *(
        "nothing",
        "--nothing",
        "list extra words",
        "show",
        "show none",
        "show {run} --nothing",
        "rm",
        "rm none --yes",
    ),
    *(
        "verify none",
        "verify none.zip",
        "import none.zip",
        "import /etc/passwd",
        "import .",
    ),
    *("archive none -o x.zip", "archive {run}", "archive {run} -o", "archive {run} -o x.zip --without none"),
    "archive {run} -o x.zip --only none",
    *(
        "compare {run}",
        "compare {run} none",
        "compare none {run}",
        "reproduce none.zip -o again",
        "reproduce x",
    ),
    *(
        "reproduce /etc/passwd -o again",
        "serve nostore",
        "serve none.zip",
        "serve {run} --port 0x",
        "serve --port -1",
    ),
    *("serve . --address 999.0.0.1", "serve . --port 99999", "list nonsense://bucket"),
    *("list https://localhost:1/runs", "show {run} --store s3://", "rm {run} --store s3://bucket/runs --yes"),
    *(
        "run",
        "run none",
        "run none.toml",
        "run .",
        "run /etc/passwd",
        "run micro.toml --set",
        "run micro.toml --set x",
    ),
    *(
        "run micro.toml --set teacher",
        "run micro.toml --set teacher.epochs=many",
        "run micro.toml --set x.y=1",
    ),
    *("run micro.toml --set teacher.epochs=-1", "run micro.toml --set teacher.epochs=true"),
    *(
        "run micro.toml --set teacher.epochs=1.5",
        "run micro.toml --set seed=x",
        "run micro.toml --set name=../x",
    ),
    *(
        "run micro.toml --set name=",
        "run micro.toml --set dataset.train=0",
    ),
    *(
        "run micro.toml --set dataset.source=none",
        "run micro.toml --data none",
    ),
    *("run micro.toml --set students.band=[1]", "run micro.toml --set students.images=class:99"),
    *("run micro.toml --set students.images=0,999999", "run micro.toml --set students.neighbors=1"),
    *("run micro.toml --set teacher.network.kind=none", "run micro.toml --set projections=[{method='none'}]"),
    *(
        "run micro.toml --stop-after none",
        "run bom.toml --set x=1",
        "run empty.toml",
        "run binary.toml",
        "run list.toml",
    ),
    *(
        "fit-students",
        "fit-students none",
        "fit-students {run} --images",
        "fit-students {run} --images class:99",
    ),
    *(
        "fit-students {run} --images none",
        "fit-students {run} --images 999999",
        "fit-students {run} --images -1",
    ),
    *("fit-students {run} --images confusion:0", "fit-students {run} --images confusion:0,99"),
    *("fit-students {run} --limit many", "fit-students {run} --limit -1", "fit-students {run} --neighbors 0"),
    *(
        "fit-students {run} --smoothness x",
        "fit-students {run} --smoothness -1",
        "fit-students {run} --band 1,2",
    ),
    *(
        "fit-students {run} --locality nan",
        "fit-students {run} --set x=1",
        "fit-students {run} --temperature 0",
    ),
]
RIGHT = [
    *("--version", "--help", "doctor", "list", "list --json", "show {run}", "show {run} --json", "verify ."),
    *(
        "verify {run}",
        "compare {run} {run}",
        "fit-students {run} --images 205 --smoothness 10 --neighbors 41",
    ),
    *(
        "fit-students {run} --images 205,207 --smoothness 0,10 --neighbors 41",
        "fit-students {run} --limit None",
    ),
    *("fit-students {run} --images class:3 --limit 1 --locality None", "run bom.toml --stop-after dataset"),
]


def attack(ground: Ground) -> None:
    """All of them; the run is the same after every wrong one."""
    with ground.attack("wrong commands", "exit 2, three parts, the finished run stays finished") as row:
        with ground.store() as store:
            _texts(ground, store)
            before = (store / ground.run.name / "journal.jsonl").read_bytes()
            for words in WRONG:
                row.cases += 1
                row.expect("", _asked(ground, words, store), {2}, case=words)
            row.holds(
                (store / ground.run.name / "journal.jsonl").read_bytes() == before, "the run was written to"
            )
            runs = [path.name for path in store.iterdir() if (path / "journal.jsonl").exists()]
            row.holds(runs == [ground.run.name], f"left runs: {runs}")
    with ground.attack("right commands that once failed", "exit 0") as row, ground.store() as store:
        _texts(ground, store)
        for words in RIGHT:
            row.cases += 1
            row.expect("", _asked(ground, words, store), {0}, case=words)
    interrupted(ground)
    folders(ground)


def _asked(ground: Ground, words: str, store: Path) -> Answer:
    arguments = [word.replace(RUN, ground.run.name) for word in words.split()]
    return ask(*arguments, cwd=store, before=lambda: os.environ.update(DEEPVID_STORE=str(store)))


def _texts(ground: Ground, folder: Path) -> None:
    micro = (ground.folder / "micro.toml").read_bytes()
    (folder / "micro.toml").write_bytes(micro)
    (folder / "bom.toml").write_bytes(b"\xef\xbb\xbf" + micro.replace(b'"tiny"', b'"bom"'))
    (folder / "empty.toml").write_bytes(b"")
    (folder / "binary.toml").write_bytes(bytes(range(256)))
    (folder / "list.toml").write_bytes(b"[[name]]\nx = 1\n")


def interrupted(ground: Ground) -> None:
    """A run that has no teacher yet explains nothing, and says so."""
    with ground.attack(
        "a run that stopped after its data set", "F 2 and says what is missing; C, S, L, A, R 0"
    ) as row:
        with ground.place() as store:
            row.cases += 1
            stopped = ("run", ground.folder / "micro.toml", "--store", store, "--stop-after", "dataset")
            row.expect("run", ask(*stopped, cwd=store), {0})
            name = ground.run.name
            row.expect("F", ask("fit-students", name, "--store", store, cwd=store), {2}, says="teacher")
            row.expect("C", ask("compare", name, ground.run, "--store", store, cwd=store), {0})
            for command in (
                ("show", name),
                ("list",),
                ("archive", name, "-o", "x.zip"),
                ("rm", name, "--yes"),
            ):
                row.expect(command[0], ask(*command, "--store", store, cwd=store), {0})


def folders(ground: Ground) -> None:
    """Own pictures: what works does, and what does not names its file."""
    good = {
        **{kind: {"kind": kind} for kind in ("png", "jpg", "ppm", "webp", "bmp", "tif", "gif")},
        "sizes": {"sizes": True, "settings": 'size = [16, 16]\nfit = "crop"\n'},
        "strangers": {"strangers": True},
    }
    bad = {
        "sizes without a size": {"sizes": True},
        "one class": {"classes": 1},
        "nothing": {"classes": 0},
        "broken": {"broken": True},
        "huge": {"side": 300},
    }
    with ground.attack("own folders of every format, size and with strangers in them", "exit 0") as row:
        for case, how in good.items():
            row.cases += 1
            with ground.place() as place:
                row.expect("run", _run_of_pictures(place, **how), {0}, case=case)
    with ground.attack("own folders that will not do", "exit 2, no run left, the line that mends it") as row:
        for case, how in bad.items():
            row.cases += 1
            with ground.place() as place:
                row.expect("run", _run_of_pictures(place, **how), {2}, case=case)
                row.holds(not [*place.glob("runs/*/journal.jsonl")], f"{case} left a run")


def _run_of_pictures(
    place: Path,
    kind: str = "png",
    classes: int = 2,
    side: int = 12,
    sizes: bool = False,
    strangers: bool = False,
    broken: bool = False,
    settings: str = "",
) -> Answer:
    draw = np.random.default_rng(0)
    (place / "photos").mkdir()
    for number in range(12 * classes):
        folder = place / "photos" / f"class {number % classes}"
        folder.mkdir(exist_ok=True)
        size = side + (number if sizes else 0)
        pixels = draw.integers(0, 255, (size, size, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.{kind}")
    if strangers:
        shutil.copytree(place / "photos" / "class 0", place / "photos" / "__MACOSX")
        (place / "photos" / ".hidden").mkdir()
        (place / "photos" / "empty").mkdir()
        (place / "photos" / "class 0" / "Thumbs.db").write_bytes(b"x")
    if broken:
        (place / "photos" / "class 0" / "broken.png").write_bytes(b"\x89PNG no more")
    toml = f'name = "own"\n[dataset]\nsource = "folder"\npath = "photos"\n{settings}'
    (place / "own.toml").write_text(toml)
    return ask("run", "own.toml", "--store", "runs", "--stop-after", "dataset", cwd=place)
