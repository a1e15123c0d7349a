"""A run whose files, journal or fields are not what was committed."""

import json
import random
import shutil
from pathlib import Path

from forged import FORGED, journal_with

from attack.ground import Ground, Row, ask, files

GROUPS = (
    "data.zarr/zarr.json",
    "data.zarr/stage/zarr.json",
    "data.zarr/series/zarr.json",
    "data.zarr/state/zarr.json",
)


def attack(ground: Ground) -> None:
    """All of them, each on the run as it was."""
    flipped_bits(ground)
    group_documents(ground)
    lost_files(ground)
    journals(ground)
    forged_lines(ground)
    sources_of_copies(ground)


def flipped_bits(ground: Ground) -> None:
    """One bit a case, anywhere in the data."""
    choose = random.Random(ground.random)
    with (
        ground.store() as store,
        ground.attack("a bit flipped in a file of a run", "V names the file, A refuses") as row,
    ):
        run = store / ground.run.name
        data = [
            path
            for path in sorted((run / "data.zarr").rglob("*"))
            if path.is_file() and path.parents[1] != run
        ]
        data = [path for path in data if path.relative_to(run).as_posix() not in GROUPS]
        before = files(run)
        for _ in range(200):
            row.cases += 1
            path = choose.choice(data)
            whole = path.read_bytes()
            path.write_bytes(flipped(whole, choose))
            name = path.relative_to(run).as_posix()
            row.expect("V", ask("verify", run, cwd=store), {1}, case=name)
            row.expect(
                "A", ask("archive", run, "-o", "x.zip", cwd=store), {2}, says=path.parent.name, case=name
            )
            path.write_bytes(whole)
            row.holds(not (store / "x.zip").exists(), f"{name}: an archive was left")
        row.holds(files(run) == before, "reading changed something")


def flipped(data: bytes, choose: random.Random) -> bytes:
    """One bit of it is another."""
    changed = bytearray(data)
    changed[choose.randrange(len(changed))] ^= 1 << choose.randrange(8)
    return bytes(changed)


def group_documents(ground: Ground) -> None:
    """A run that verifies as whole has a whole archive, and every archive is the same bytes."""
    choose = random.Random(ground.random)
    with ground.attack("a group document damaged, or spaced otherwise", "one archive a run, or none") as row:
        for name in GROUPS:
            for _ in range(8):
                row.cases += 1
                with ground.store() as store:
                    run = store / ground.run.name
                    (run / name).write_bytes(flipped((run / name).read_bytes(), choose))
                    _archived_the_same(ground, row, store, name)
            row.cases += 1
            with ground.store() as store:
                run = store / ground.run.name
                (run / name).write_bytes(json.dumps(json.loads((run / name).read_bytes()), indent=7).encode())
                _archived_the_same(ground, row, store, f"{name} spaced")


def _archived_the_same(ground: Ground, row: Row, store: Path, case: str) -> None:
    answer = ask("archive", store / ground.run.name, "-o", "x.zip", cwd=store)
    row.expect("A", answer, {0, 2}, case=case)
    if answer.code == 0:
        row.holds((store / "x.zip").read_bytes() == ground.archive.read_bytes(), f"{case}: other bytes")
        row.expect("I", ask("import", "x.zip", "--store", "again", cwd=store), {0}, case=case)


def lost_files(ground: Ground) -> None:
    """Nothing is computed from zeros, and nothing of it is committed."""
    with ground.attack(
        "a chunk lost or cut; then compare, fit-students", "exit 2, the file named, nothing committed"
    ) as row:
        for pattern in (
            "dataset-*/label/c.0",
            "dataset-*/image/c.*",
            "teacher-*/logits/c.*",
            "teacher-*/zarr.json",
        ):
            for cut in (False, True):
                row.cases += 1
                with ground.store() as store:
                    damaged = store / "second"
                    shutil.copytree(ground.run, damaged)
                    (file, *_) = sorted((damaged / "data.zarr" / "stage").glob(pattern))
                    file.write_bytes(file.read_bytes()[:-9]) if cut else file.unlink()
                    before = (damaged / "journal.jsonl").read_bytes()
                    case = f"{pattern} {'cut' if cut else 'lost'}"
                    if "image" not in pattern:
                        row.expect("C", ask("compare", ground.run, damaged, cwd=store), {2}, file.name, case)
                    fit = ask("fit-students", damaged, "--images", "205,207", "--neighbors", "41", cwd=store)
                    row.expect("F", fit, {2}, file.name, case)
                    row.holds(
                        b'"students/' not in (damaged / "journal.jsonl").read_bytes()[len(before) :],
                        f"{case}: students of it were committed",
                    )


JOURNALS = {
    "wrong sum": lambda lines: [lines[0].replace(b'"seq":0', b'"seq": 0'), *lines[1:]],
    "an object without fields": lambda lines: [*lines, b"{}\n"],
    "the last line again": lambda lines: [*lines, lines[-1]],
    "the second line again": lambda lines: [*lines, lines[1]],
    "one removed from the middle": lambda lines: [*lines[:3], *lines[4:]],
    "the last two swapped": lambda lines: [*lines[:-2], lines[-1], lines[-2]],
    "carriage returns": lambda lines: [line.replace(b"\n", b"\r\n") for line in lines],
    "a carriage return at the end": lambda lines: [*lines[:-1], lines[-1].replace(b"\n", b"\r\n")],
    "no UTF-8": lambda lines: [*lines, b"\xff\xfe\n"],
    "no UTF-8 inside": lambda lines: [*lines[:2], b"\xff" + lines[2], *lines[3:]],
    "an empty line": lambda lines: [*lines, b"\n"],
    "an empty line inside": lambda lines: [*lines[:2], b"\n", *lines[2:]],
    "a byte order mark": lambda lines: [b"\xef\xbb\xbf", *lines],
    "UTF-16": lambda lines: [b"".join(lines).decode().encode("utf-16")],
    "spaces": lambda lines: [lines[0].replace(b'":', b'": '), *lines[1:]],
    "the first line gone": lambda lines: lines[1:],
    "a newline alone": lambda lines: [b"\n"],
    "a flipped bit": lambda lines: [*lines[:2], bytes([lines[2][0] ^ 1]) + lines[2][1:], *lines[3:]],
    "empty": lambda lines: [],
    "all NUL": lambda lines: [bytes(4096)],
    "lists in each other": lambda lines: [*lines, b"[" * 100_000 + b"\n"],
    "a number of 5000 digits": lambda lines: [*lines, b'{"n":' + b"9" * 5000 + b"}\n"],
    "50 MB of one line": lambda lines: [*lines, b"x" * 50_000_000 + b"\n"],
}
TORN = {
    "half a line at the end": lambda lines: [*lines, lines[1][: len(lines[1]) // 2]],
    "one byte at the end": lambda lines: [*lines, b"{"],
    "NULs at the end": lambda lines: [*lines, bytes(512)],
    "50 MB without an end": lambda lines: [*lines, b"x" * 50_000_000],
}


def journals(ground: Ground) -> None:
    """Everybody refuses a file that is no journal; a torn line counts for nothing."""
    with ground.attack(
        "a journal that is none", "V 1, S and A 2, `run` 2 and nothing changed, L a row"
    ) as row:
        for case, change in JOURNALS.items():
            row.cases += 1
            with ground.store() as store:
                run = store / ground.run.name
                lines = (run / "journal.jsonl").read_bytes().splitlines(keepends=True)
                (run / "journal.jsonl").write_bytes(b"".join(change(lines)))
                before = files(run)
                row.expect("V", ask("verify", run, cwd=store), {1}, case=case)
                row.expect("S", ask("show", run, cwd=store), {2}, case=case)
                row.expect("A", ask("archive", run, "-o", "x.zip", cwd=store), {2}, case=case)
                row.expect("L", ask("list", "--store", store, cwd=store), {0}, case=case)
                continued = ask("run", ground.folder / "micro.toml", "--store", store, cwd=store)
                row.expect("run", continued, {2}, case=case)
                row.holds(files(run) == before, f"{case}: something was changed")
    with ground.attack("a journal with a torn end", "V, S, A as without it; `run` cuts it off") as row:
        for case, change in TORN.items():
            row.cases += 1
            with ground.store() as store:
                run = store / ground.run.name
                lines = (run / "journal.jsonl").read_bytes().splitlines(keepends=True)
                (run / "journal.jsonl").write_bytes(b"".join(change(lines)))
                row.expect("V", ask("verify", run, cwd=store), {0}, says="counts for nothing", case=case)
                row.expect("S", ask("show", run, cwd=store), {0}, case=case)
                row.expect("A", ask("archive", run, "-o", "x.zip", cwd=store), {0}, case=case)
                row.holds(
                    (store / "x.zip").read_bytes() == ground.archive.read_bytes(), f"{case}: other bytes"
                )
                row.expect(
                    "run",
                    ask("run", ground.folder / "micro.toml", "--store", store, cwd=store),
                    {0},
                    case=case,
                )
                row.expect("V", ask("verify", run, cwd=store), {0}, case=case)


def forged_lines(ground: Ground) -> None:
    """Chained anew, so that only the fields tell; on a run whose lines stand as the table has them."""
    with ground.attack(
        "a field forged, the chain made anew", "V 1, S 2, L a row; a neighbor is shown, and both removed"
    ) as row:
        lines = (ground.run / "journal.jsonl").read_bytes().splitlines()
        numbers = _numbers_by_kind(lines)
        for _, number, name, value in FORGED:
            row.cases += 1
            case = f"{name} = {str(value)[:40]}"
            with ground.store() as store:
                run = store / ground.run.name
                shutil.copytree(ground.run, store / "neighbor")
                (run / "journal.jsonl").write_bytes(
                    journal_with(run, numbers.get(number, number), name, value)
                )
                row.expect("V", ask("verify", run, cwd=store), {1}, case=case)
                row.expect("S", ask("show", run.name, "--store", store, cwd=store), {2}, case=case)
                row.expect("L", ask("list", "--store", store, cwd=store), {0}, case=case)
                row.expect("S", ask("show", "neighbor", "--store", store, cwd=store), {0}, case=case)
                row.expect("R", ask("rm", "neighbor", "--yes", "--store", store, cwd=store), {0}, case=case)
                row.expect("R", ask("rm", run.name, "--yes", "--store", store, cwd=store), {0}, case=case)


def _numbers_by_kind(lines: list[bytes]) -> dict[int, int]:
    """Where the lines of the table's toy run (created, stage, series, two epochs, stage) stand here."""
    committed = [(line["kind"], line["name"]) for line in map(json.loads, lines)]
    first, second, *_ = [number for number, line in enumerate(committed) if line == ("epoch", "teacher")]
    stage = [kind for kind, _ in committed].index("stage")
    return {1: stage, 2: committed.index(("series", "teacher")), 3: first, 4: second, 5: len(committed) - 2}


def sources_of_copies(ground: Ground) -> None:
    """A new run of other students would copy data set, teacher and VAE of the damaged one."""
    with ground.attack("a damaged run as the source of copies", "exit 2, nothing damaged is copied") as row:
        for case in ("flipped", "lost", "cut"):
            row.cases += 1
            with ground.store() as store:
                run = store / ground.run.name
                (file, *_) = sorted((run / "data.zarr" / "stage").glob("teacher-*/parameters/c.*"))
                data = file.read_bytes()
                if case == "lost":
                    file.unlink()
                else:
                    file.write_bytes(data[:-9] if case == "cut" else bytes([data[0] ^ 1]) + data[1:])
                other = (
                    "run",
                    ground.folder / "micro.toml",
                    "--set",
                    "students.neighbors=41",
                    "--store",
                    store,
                )
                row.expect("run", ask(*other, cwd=store), {2}, case=case)
