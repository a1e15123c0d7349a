"""Content paths and configurations that a person was sent, and a training that forks."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from content_paths import make_content_path
from hostile import HUGE, PICKLES, with_pickle

from attack.ground import Ground, ask, files

MEMORY = 600_000  # kB that the command line may have at most, its imports included
TESTS = Path(__file__).parents[1]
FORKING = f"""
import os, random, sys
sys.path.insert(0, {str(TESTS)!r})
from trainings import IMAGES, LABELS, TEST, given
import deepvid
choose = random.Random(int(sys.argv[2]))
with deepvid.log_run("forked", IMAGES, LABELS, test=TEST, epochs=4, store=sys.argv[1]) as run:
    for epoch in range(4):
        child = choose.random() < .5 and os.fork() == 0
        run.epoch(**given(epoch))
        if child and choose.random() < .5:
            raise ValueError("in the child")
"""


def attack(ground: Ground) -> None:
    """All of them."""
    content_paths(ground)
    texts(ground)
    forks(ground)


def content_paths(ground: Ground) -> None:
    """Pickles, lists and arrays that no tool of DVI writes."""
    texts_ = [
        "[" * 10**6,
        f'["{"x" * 10**6}"{", 1" * 10**6}]',
        f"[{HUGE}]",
        f"[{HUGE * 20}]",
        "[NaN]",
        "{}",
        "",
    ]
    with (
        ground.attack("a content path of a stranger", "exit 2, no run, 600 MB at most") as row,
        ground.place() as at,
    ):
        for number, (kind, change) in enumerate(
            [
                *(
                    (kind, lambda path, kind=kind: with_pickle(path / "subject_model.pth", PICKLES[kind][0]))
                    for kind in PICKLES
                ),
                *(
                    (text[:20], lambda path, text=text: (path / "index.json").write_text(text))
                    for text in texts_
                ),
                ("a zip", lambda path: np.savez((path / "train_data.npy").open("wb"), np.zeros((30, 4)))),
                ("an empty file", lambda path: (path / "test_data.npy").write_bytes(b"")),
            ]
        ):
            row.cases += 1
            folder = make_content_path(at / f"path{number}")
            change(folder / "Model" / "Epoch_2")
            answer = ask("import-dvi", folder, "--store", "runs", cwd=at)
            row.expect("D", answer, {2}, case=kind)
            row.holds(answer.kilobytes < MEMORY, f"{kind}: {answer.kilobytes} kB")
        row.holds(not [path for path in at.glob("runs/*") if path.name[0] != "."], "a run was left")


def texts(ground: Ground) -> None:
    """TOML, overrides and names that no parser follows."""
    values = [
        HUGE,
        HUGE * 20,
        "0x" + HUGE * 20,
        "[" * 10**5,
        "{a=" * 10**4,
        "²",
        "1e999",
        '"' + "x" * 10**5 + '"',
    ]
    with ground.attack("configurations that no parser follows", "exit 2") as row, ground.place() as at:
        for value in values:
            row.cases += 2
            (at / "x.toml").write_text(f'name = "x"\nseed = {value}\n')
            row.expect("T", ask("run", "x.toml", cwd=at), {2}, case=value[:20])
            (at / "x.toml").write_text('name = "x"\n')
            row.expect("T", ask("run", "x.toml", "--set", f"seed={value}", cwd=at), {2}, case=value[:20])


def forks(ground: Ground) -> None:
    """A training whose process forks at random moments."""
    with (
        ground.attack("log_run forked at random", "finished, whole, its own epochs") as row,
        ground.place() as at,
    ):
        for seed in range(8):
            row.cases += 1
            store = at / str(seed)
            done = subprocess.run(
                [sys.executable, "-c", FORKING, store, str(seed)], capture_output=True, text=True
            )
            row.answers[str(done.returncode)] += 1
            (run,) = (path for path in store.iterdir() if path.is_dir())
            before = files(run)
            row.expect("V", ask("verify", run, cwd=at), {0}, case=f"seed {seed}")
            row.expect("S", ask("show", run, cwd=at), {0}, says="finished", case=f"seed {seed}")
            row.holds(files(run) == before, "reading changed something")
