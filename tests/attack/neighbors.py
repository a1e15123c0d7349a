"""Files in a store beside one's own runs, and names of runs."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from attack.ground import Ground, Row, as_stranger, ask

NAMES = [
    *(
        "with spaces",
        "日本語",
        "cafe\u0301",
        "it's",
        'say "yes"',
        "a\nb",
        "a\tb",
        "-rf",
        "--store",
        "$HOME",
        "*",
    ),
    *(
        "[bold]x",
        "[red]",
        "[/red]",
        "lab[",
        "lab[/old]",
        ":smile:",
        "x" * 250,
        "\x1b[31mred",
        "\x1b]0;title\x07",
    ),
    *(
        "\u202eevil",
        "<script>alert(1)</script>",
        "&amp;",
        "%2e%2e",
        "a.zip",
        "~",
        "#",
        "a;b",
        "a|b",
        "wip",
        "5",
    ),
]


def attack(ground: Ground) -> None:
    """All of them."""
    bad_neighbors(ground)
    names(ground)
    of_another_user(ground)
    while_it_is_read(ground)


def bad_neighbors(ground: Ground) -> None:
    """One row that says so; one's own run is listed, shown, archived and removed."""

    def unpacked(store: Path) -> None:
        shutil.unpack_archive(ground.archive, store)

    def thousand(store: Path) -> None:
        for number in range(300):
            (store / f"file{number}").write_text("a letter")
            (store / f"folder{number}").mkdir()
            (store / f"broken{number}.zip").write_bytes(b"PK")
            (store / f"link{number}").symlink_to("/" if number % 2 else store)

    def made(store: Path) -> None:
        (store / "x").mkdir()

    cases = {
        "a folder as journal": lambda store: (store / "x" / "journal.jsonl").mkdir(parents=True),
        "a pipe as journal": lambda store: (made(store), os.mkfifo(store / "x" / "journal.jsonl")),
        "a link to itself": lambda store: (
            made(store),
            (store / "x" / "journal.jsonl").symlink_to("journal.jsonl"),
        ),
        "an endless device": lambda store: (
            made(store),
            (store / "x" / "journal.jsonl").symlink_to("/dev/zero"),
        ),
        "an empty journal": lambda store: (made(store), (store / "x" / "journal.jsonl").write_bytes(b"")),
        "an archive unzipped here": unpacked,
        "1,200 strange files": thousand,
        "a pipe as archive": lambda store: os.mkfifo(store / "x.zip"),
        "a link to an endless device as archive": lambda store: (store / "x.zip").symlink_to("/dev/zero"),
    }
    with ground.attack(
        "a bad neighbor", "L a row, own run shown, archived, removed: all 0, none waits"
    ) as row:
        for case, change in cases.items():
            row.cases += 1
            with ground.store() as store:
                change(store)
                _own_run_works(ground, row, store, case)


def _own_run_works(ground: Ground, row: Row, store: Path, case: str) -> None:
    name = ground.run.name
    row.expect("L", ask("list", "--store", store, cwd=store), {0}, says=name[:12], case=case)
    row.expect("S", ask("show", name, "--store", store, cwd=store), {0}, case=case)
    with ground.place() as place:
        archive = ("archive", name, "--store", store, "-o", place / "x.zip")
        row.expect("A", ask(*archive, cwd=store), {0}, case=case)
    row.expect("V", ask("verify", store, cwd=store), {0, 1}, case=case)
    row.expect("R", ask("rm", name, "--yes", "--store", store, cwd=store), {0}, case=case)


def names(ground: Ground) -> None:
    """They are printed as they are, and mean what they are."""
    with ground.attack(
        "a run's folder of a strange name", "L, V, S, A, I, C, R 0; no sequence reaches the terminal"
    ) as row:
        for name in (name for name in NAMES if "/" not in name):
            row.cases += 1
            with ground.place() as place:
                run = place / "store" / name
                shutil.copytree(ground.run, run)
                row.expect("L", ask("list", "--store", "store", cwd=place), {0}, case=repr(name))
                row.expect(
                    "L --json", ask("list", "--store", "store", "--json", cwd=place), {0}, case=repr(name)
                )
                row.expect("V", ask("verify", run, cwd=place), {0}, case=repr(name))
                row.expect("S", ask("show", run, cwd=place), {0}, case=repr(name))
                row.expect("A", ask("archive", run, "-o", "x.zip", cwd=place), {0}, case=repr(name))
                row.holds(
                    (place / "x.zip").read_bytes() == ground.archive.read_bytes(), f"{name!r}: other bytes"
                )
                row.expect("I", ask("import", "x.zip", "--store", "again", cwd=place), {0}, case=repr(name))
                row.expect("C", ask("compare", run, ground.run, cwd=place), {0}, case=repr(name))
                removed = ask("rm", "--yes", "--store", "store", "--", name, cwd=place)
                row.expect("R", removed, {0}, case=repr(name))
                row.holds(not run.exists(), f"{name!r} is still there")
    with ground.attack("a store or an archive of a strange name", "L, A, I 0, and the file is there") as row:
        for name in (name for name in NAMES if not name.startswith("-") and len(name) < 200):
            row.cases += 1
            with ground.place() as place:
                store, file = place / name, place / f"out {name}.zip"
                file.parent.mkdir(exist_ok=True)
                shutil.copytree(ground.run, store / "own")
                row.expect("L", ask("list", "--store", store, cwd=place), {0}, case=repr(name))
                row.expect(
                    "A", ask("archive", "own", "--store", store, "-o", file, cwd=place), {0}, case=repr(name)
                )
                row.expect(
                    "I",
                    ask("import", file, "--store", place / f"new {name}", cwd=place),
                    {0},
                    case=repr(name),
                )


def of_another_user(ground: Ground) -> None:
    """As a user who owns nothing of it; needs root."""
    if os.getuid():
        return
    with ground.attack(
        "another user's unreadable run, file or store", "own runs work; V says what it could not read"
    ) as row:
        for case in ("run", "chunk", "journal", "store"):
            row.cases += 1
            with ground.store() as store:
                store.chmod(0o777)
                theirs = store / "theirs"
                shutil.copytree(ground.run, theirs)
                (chunk, *_) = sorted(theirs.glob("data.zarr/stage/dataset-*/label/c.*"))
                {"run": theirs, "chunk": chunk, "journal": theirs / "journal.jsonl", "store": store}[
                    case
                ].chmod(0)
                for command, codes in {
                    ("list", "--store", store): {2} if case == "store" else {0},
                    ("verify", store): {2} if case == "store" else {1},
                    ("show", ground.run.name, "--store", store): {2} if case == "store" else {0},
                    ("archive", theirs, "-o", store / "x.zip"): {2},
                }.items():
                    row.expect(
                        str(command[0]), ask(*command, cwd=Path("/"), before=as_stranger), codes, case=case
                    )
                store.chmod(0o777)
    with ground.attack(
        "a store that may be read only", "L, S, V 0; I, run, fit-students, R 2; nothing changed"
    ) as row:
        row.cases += 1
        with ground.full_disk(2**24) as store:
            run = store / ground.run.name
            shutil.copytree(ground.run, run)
            os.system(f"mount -o remount,ro '{store}'")
            for command, code in {
                ("list", "--store", store): 0,
                ("show", run): 0,
                ("verify", store): 0,
                ("import", ground.archive, "--store", store): 2,
                ("run", ground.folder / "micro.toml", "--set", "seed=9", "--store", store): 2,
                ("fit-students", run, "--images", "205", "--neighbors", "41"): 2,
                ("rm", run.name, "--yes", "--store", store): 2,
            }.items():
                row.expect(str(command[0]), ask(*command, cwd=Path("/")), {code})


def while_it_is_read(ground: Ground) -> None:
    """A run that goes while it is read is missing, not damaged."""
    with ground.attack(
        "a run deleted while it is verified or archived", "V 0 or 1, A 0 or 2; never called damaged"
    ) as row:
        for command in (("verify",), ("archive", "-o", "x.zip")):
            for _ in range(8):
                row.cases += 1
                with ground.store() as store:
                    run = store / ground.run.name
                    answer = ask(
                        command[0],
                        run,
                        *command[1:],
                        cwd=store,
                        meanwhile=moved_away(run, 0.02 * row.cases),
                    )
                    row.expect(command[0], answer, {0, 1, 2})
                    row.holds("damaged" not in answer.text, f"{command[0]}: {answer.text[:160]}")


def moved_away(run: Path, after: float) -> Callable[[int], None]:
    """So many seconds after the command began."""

    def move(_: int) -> None:
        time.sleep(after)
        run.rename(run.with_name("gone"))

    return move
