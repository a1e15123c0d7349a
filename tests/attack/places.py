"""Where archives and runs go, what is taken away, disks without room and processes that end in the middle."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from forged import journal_with

from attack.ground import Answer, Ground, ask, files


def attack(ground: Ground) -> None:
    """All of them."""
    outputs(ground)
    what_is_not_ours(ground)
    full_disks(ground)
    killed(ground)
    at_once(ground)
    continued(ground)


def outputs(ground: Ground) -> None:
    """`archive -o` makes a new file, and nothing else."""
    with ground.attack(
        "`archive -o` onto what is there, a device, a run, no name", "exit 2, nothing changed"
    ) as row:
        targets = [
            "",
            ".",
            "letter.txt",
            "link",
            "folder",
            "pipe",
            "nowhere/x.zip",
            "x" * 300,
            "/dev/null",
            "/dev/full",
        ]
        targets += [
            f"{ground.run.name}/{name}" for name in ("journal.jsonl", "x.zip", "data.zarr/x.zip", "wip/x.zip")
        ]
        for target in targets:
            for force in ((), ("--force",)):
                if force and target == "letter.txt":
                    continue
                row.cases += 1
                with ground.store() as store:
                    (store / "letter.txt").write_text("a letter")
                    (store / "link").symlink_to("letter.txt")
                    (store / "folder").mkdir()
                    os.mkfifo(store / "pipe")
                    before = files(store)
                    answer = ask("archive", store / ground.run.name, "-o", target, *force, cwd=store)
                    row.expect("A", answer, {2}, case=repr(target))
                    row.holds(files(store) == before, f"{target!r} changed something")
                    row.holds(Path("/dev/null").is_char_device(), "the device is gone")


def what_is_not_ours(ground: Ground) -> None:
    """A name of nothing removes nothing, and folders that only begin like ours stay."""
    with ground.attack("`rm` and `show` of no name", "exit 2, the run stays") as row:
        for command in (("rm", "", "--yes"), ("rm", " ", "--yes"), ("rm", ".", "--yes"), ("show", "")):
            row.cases += 1
            with ground.store() as store:
                row.expect(command[0], ask(*command, "--store", store, cwd=store), {2}, case=repr(command))
                row.holds((store / ground.run.name).is_dir(), f"{command} removed it")
    with ground.attack(
        "others' folders, files and links that begin like ours", "I and R 0, all of it stays"
    ) as row:
        for begins in (".import-", ".removed-"):
            for kind in ("folder", "file", "link"):
                row.cases += 1
                with ground.store() as store, ground.place() as elsewhere:
                    (elsewhere / "mine").write_text("a letter")
                    name = store / f"{begins}photos"
                    if kind == "folder":
                        shutil.copytree(elsewhere, name)
                    elif kind == "file":
                        name.write_text("a letter")
                    else:
                        name.symlink_to(elsewhere)
                    (store / f"{begins}{'0' * 32}").symlink_to(elsewhere)
                    run = store / ground.run.name
                    row.expect(
                        "R", ask("rm", run.name, "--yes", "--store", store, cwd=store), {0}, case=str(name)
                    )
                    row.expect(
                        "I", ask("import", ground.archive, "--store", store, cwd=store), {0}, case=str(name)
                    )
                    row.holds(name.is_symlink() or name.exists(), f"{name.name}, a {kind}, is gone")
                    row.holds(
                        [path.name for path in elsewhere.iterdir()] == ["mine"],
                        "something happened elsewhere",
                    )


def full_disks(ground: Ground) -> None:
    """With room again, the same command goes on and ends where it would have."""
    if os.getuid():
        return
    size = sum(path.stat().st_size for path in ground.run.rglob("*") if path.is_file())
    with ground.attack("a full disk: archive, import", "exit 2, nothing left, an older file kept") as row:
        for part in (0.02, 0.2, 0.5, 0.9):
            row.cases += 2
            with ground.full_disk(int(size * part) // 4096 * 4096 + 8192) as disk:
                (disk / "old.zip").write_bytes(b"old")
                command = ("archive", ground.run, "-o", disk / "old.zip", "--force")
                row.expect("A", ask(*command, cwd=disk), {2}, says="old.zip", case=str(part))
                row.holds((disk / "old.zip").read_bytes() == b"old", "the older file is gone")
                row.expect(
                    "I",
                    ask("import", ground.archive, "--store", disk / "store", cwd=disk),
                    {2},
                    case=str(part),
                )
                left = [path.name for path in disk.rglob("*") if path.name not in ("old.zip", "store")]
                row.holds(not left, f"{part} left {left}")
    with ground.attack(
        "a full disk while a run is made, then room", "exit 2; then 0, and the run of an empty disk"
    ) as row:
        for part in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95):
            row.cases += 1
            with ground.full_disk(int(size * part)) as disk:
                command = ("run", ground.folder / "micro.toml", "--store", disk)
                row.expect("run", ask(*command, cwd=disk), {0, 2}, case=str(part))
                os.system(f"mount -o remount,size={size * 3} '{disk}'")
                row.expect("run again", ask(*command, cwd=disk), {0}, case=str(part))
                row.expect("V", ask("verify", disk, cwd=disk), {0}, case=str(part))
                row.holds(_arrays(disk / ground.run.name) == _arrays(ground.run), f"{part}: other arrays")


def _arrays(run: Path) -> dict[str, bytes]:
    return {name: data for name, data in files(run / "data.zarr").items() if not name.endswith("zarr.json")}


def killed(ground: Ground) -> None:
    """SIGKILL at any moment; the next command of the kind takes away what was left."""

    def after(seconds: float) -> Callable[[int], None]:
        def kill(process: int) -> None:
            time.sleep(seconds)
            os.kill(process, signal.SIGKILL)

        return kill

    with ground.attack("archive, import, rm killed", "the next one 0, nothing left of the first") as row:
        for number in range(8):
            row.cases += 3
            with ground.store() as store:
                archive = ("archive", ground.run, "-o", store / "x.zip", "--force")
                ask(*archive, cwd=store, meanwhile=after(0.05 + 0.05 * number))
                row.expect("A", ask(*archive, cwd=store), {0})
                imported = ("import", ground.archive, "--store", store / "new")
                ask(*imported, cwd=store, meanwhile=after(0.05 + 0.05 * number))
                row.expect("I", ask(*imported, cwd=store), {0, 2})
                ask(
                    "rm",
                    ground.run.name,
                    "--yes",
                    "--store",
                    store,
                    cwd=store,
                    meanwhile=after(0.05 * number),
                )
                row.expect("R", ask("rm", ground.run.name, "--yes", "--store", store, cwd=store), {0, 2})
                row.expect("I", ask("import", store / "x.zip", "--store", store, cwd=store), {0, 2})
                row.expect("R", ask("rm", ground.run.name, "--yes", "--store", store, cwd=store), {0})
                left = [
                    path.name
                    for path in (*store.iterdir(), *(store / "new").iterdir())
                    if path.name[0] == "."
                ]
                row.holds(not left, f"left {left}")
    with ground.attack(
        "run and fit-students killed, then continued", "exit 0, and the arrays of a run that was not"
    ) as row:
        for number in range(10):
            row.cases += 1
            with ground.place() as store:
                command = ("run", ground.folder / "micro.toml", "--store", store)
                ask(*command, cwd=store, meanwhile=after(0.8 + 1.2 * number))
                row.expect("run", ask(*command, cwd=store), {0})
                row.expect("V", ask("verify", store, cwd=store), {0})
                row.holds(_arrays(store / ground.run.name) == _arrays(ground.run), f"{number}: other arrays")


def at_once(ground: Ground) -> None:
    """Two that want the same place."""
    with ground.attack(
        "two imports, two runs, a removal beside a run", "one 0, the other 2 and says who is at it"
    ) as row:
        for _ in range(4):
            row.cases += 1
            with ground.place() as store:
                command = ("import", ground.archive, "--store", store)
                answers = _twice(command, store)
                for answer in answers:
                    row.expect("I", answer, {0, 2})
                row.holds(
                    sorted(answer.code for answer in answers) in ([0, 0], [0, 2]), "neither or both failed"
                )
                row.expect("V", ask("verify", store, cwd=store), {0})
        row.cases += 1
        with ground.place() as store:
            command = ("run", ground.folder / "micro.toml", "--store", store)

            def others(_: int) -> None:
                while not (store / ground.run.name / "journal.jsonl").exists():
                    time.sleep(0.02)
                row.expect("run", ask(*command, cwd=store), {2}, says="process")
                row.expect("F", ask("fit-students", ground.run.name, "--store", store, cwd=store), {2})
                row.expect(
                    "R", ask("rm", ground.run.name, "--yes", "--store", store, cwd=store), {2}, says="process"
                )

            row.expect("run", ask(*command, cwd=store, meanwhile=others), {0})
            row.expect("V", ask("verify", store, cwd=store), {0})


def _twice(command: tuple[str | Path, ...], store: Path) -> list[Answer]:
    """Answers of two processes that do the same at once."""
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(*command, cwd=store))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def continued(ground: Ground) -> None:
    """`continue` goes on with what a run holds, whatever the run says it was begun with."""
    argv = [
        ["deepvid", "rm", "--yes", "victim"],
        ["sh", "-c", "touch ran"],
        ["deepvid", "run", "../../elsewhere.toml", "--store", "/"],
        ["\x1b[31m", "--", "-"],
    ]
    sections = [
        ("teacher", {"source": "torch", "entry": "evil:model"}),
        ("teacher", {"source": "python", "entry": "os:system"}),
        ("dataset", {"source": "folder", "path": "/etc"}),
        ("dataset", {"source": "arrays", "path": "/dev/zero"}),
    ]
    with ground.attack(
        "`continue` of a run that names programs, files, other runs", "0 or 2, nothing it names is opened"
    ) as row:
        for said in argv:
            row.cases += 1
            with ground.store() as store:
                shutil.copytree(ground.run, store / "victim")
                forge(store / ground.run.name, "details.provenance.argv", said)
                before = files(store)
                row.expect(
                    "K", ask("continue", ground.run.name, "--store", store, cwd=store), {0}, case=said[0]
                )
                row.holds(files(store) == before, f"{said} did something")
        for name, section in sections:
            row.cases += 1
            with ground.store() as store:
                forge(store / ground.run.name, f"details.config.{name}", section)
                before = files(store)
                row.expect(
                    "K", ask("continue", ground.run.name, "--store", store, cwd=store), {2}, case=str(section)
                )
                row.holds(files(store) == before, f"{section} did something")
        for other in ("..", "../..", "/", "", "-h", "none", "a/b"):
            row.cases += 1
            with ground.store() as store:
                row.expect(
                    "K", ask("continue", "--store", store, "--", other, cwd=store), {2}, case=repr(other)
                )


def forge(run: Path, field: str, value: object) -> None:
    """Its first line says something else, the chain made anew."""
    (run / "journal.jsonl").write_bytes(journal_with(run, 0, field, value))
