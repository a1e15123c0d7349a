"""Requests of strangers to a served page: no answer but a refusal, and the server lives."""

import http.client
import os
import random
import re
import shutil
import string
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

import numpy as np
from forged import FORGED, STAGES, journal_with, rewrite_stage
from hostile import HUGE, SELECTIONS
from looks import commit_layers, layers_group
from serving import Served, serve_command

from attack.ground import Ground

NAMES = (
    "run",
    "page",
    "tab",
    "select",
    "focus",
    "projection",
    "color",
    "dark",
    "chosen",
    "bokeh-session-id",
    "token",
)


def attack(ground: Ground) -> None:
    """One server with sound runs, then one with a store of bad ones."""
    with ground.store() as store, tempfile.TemporaryFile("w+") as log:
        with serve_command(store, stderr=log) as served:
            addresses(ground, served, log)
            large_and_lost(ground, store, served, log)
    tokens(ground)
    stages(ground)
    with ground.store() as store:
        for number, (_, line, name, value) in enumerate(FORGED):
            if line == -1:
                bad = store / f"forged-{number}"
                shutil.copytree(ground.run, bad)
                (bad / "journal.jsonl").write_bytes(journal_with(bad, line, name, value))
        (store / "folder" / "journal.jsonl").mkdir(parents=True)
        (store / "empty").mkdir()
        (store / "empty" / "journal.jsonl").write_bytes(b"")
        (store / "x.zip").write_bytes(b"PK")
        with tempfile.TemporaryFile("w+") as log, serve_command(store, stderr=log) as served:
            with ground.attack(
                "a store of forged and broken runs, each asked for", "200, errors in three parts"
            ) as row:
                for run in ("", *sorted(path.name for path in store.iterdir())):
                    row.cases += 1
                    row.holds(asked(served, f"/app?{urlencode({'run': run})}") == 200, f"{run}")
                row.answers["200"] = row.cases
                row.holds(not raw(log), raw(log))


def stages(ground: Ground) -> None:
    """Contents that no stage computes, each in a run of its own; compiled code reads some of them."""
    with ground.store() as store, tempfile.TemporaryFile("w+") as log:
        commit_layers(store, ground.run.name, layers_group(np.zeros((3, 100)), np.arange(200, 300)))
        for number, (stage, edit, _) in enumerate(STAGES):
            bad = Path(shutil.copytree(store / ground.run.name, store / f"stage-{number}"))
            rewrite_stage(bad, stage, group=edit)
        with (
            serve_command(store, stderr=log) as served,
            ground.attack("forged classes, findings, layers", "200, errors in three parts, it lives") as row,
        ):
            for number, (stage, _, found) in enumerate(STAGES):
                row.cases += 1
                page = "network" if stage == "network" else "diagnose"
                status = asked(served, f"/app?{urlencode({'run': f'stage-{number}', 'page': page})}")
                row.answers[str(status)] += 1
                row.holds(status == 200, f"{stage}, {found}: {status}")
            row.holds(asked(served, f"/app?run={ground.run.name}") == 200, "it does not live")
            row.holds(not raw(log), raw(log))


TOKEN = "words that nobody guesses"


def tokens(ground: Ground) -> None:
    """Guesses at a token, many at once, and requests that name the right one and are refused."""
    with (
        ground.store() as store,
        tempfile.TemporaryFile("w+") as log,
        serve_command(store, stderr=log, env={**os.environ, "DEEPVID_TOKEN": TOKEN}) as served,
        ground.attack(
            "guesses at a token, 40 at once", "403, one fifth compared, no token in the log"
        ) as row,
    ):
        right = f"/app?{urlencode({'token': TOKEN})}"
        with ThreadPoolExecutor(40) as threads:
            for _ in range(5):
                asked(served, "/app?token=guess")
            answers = [threads.submit(told, served, f"/app?token=guess{number}") for number in range(80)]
            row.holds(asked(served, "/static/js/bokeh.min.js") == 403, "files are shown to strangers")
            seen = [answer.result() for answer in answers]
        row.cases = len(seen) + 9
        row.answers.update(str(status) for status, _ in seen)
        row.holds({status for status, _ in seen} == {403}, "a guess was answered otherwise")
        unseen = sum("Too many at once" in text for _, text in seen)
        row.holds(unseen >= len(seen) * 4 // 5, f"{len(seen) - unseen} of {len(seen)} guesses were compared")
        for method in ("GET", "POST", "HEAD"):
            for headers in ({"Host": "rebind.test"}, {"Host": ""}, {"Cookie": "deepvid=x"}):
                asked(served, f"{right}&x=1?token={TOKEN.replace(' ', '+')}", method, **headers)
        row.holds(asked(served, "/app") == 403, "it does not live")
        log.seek(0)
        said = log.read()
        row.holds(TOKEN.replace(" ", "+") not in said and TOKEN not in said, "the log has the token")


def told(served: Served, path: str) -> tuple[int, str]:
    """Status and text of an answer."""
    connection = http.client.HTTPConnection("localhost", served.port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def addresses(ground: Ground, served: Served, log: IO[str]) -> None:
    """Random and chosen values of everything an address may say."""
    draw = random.Random(ground.random)
    values = ["", HUGE, "-1", "\x00", "nan", "../..", "<script>alert(1)</script>", "\u202e", "x" * 3000]
    chosen = [(name, value) for name in NAMES for value in values]
    chosen += [("select", value) for value in SELECTIONS if len(value) < 60_000]
    chosen += [
        (draw.choice(NAMES), "".join(draw.choices(string.printable, k=draw.randrange(40))))
        for _ in range(150)
    ]
    with ground.attack(
        "addresses that make no sense", "200 (400 or 403 of a session's name), no traceback, no echo"
    ) as row:
        for name, value in chosen:
            row.cases += 1
            connection = http.client.HTTPConnection("localhost", served.port, timeout=60)
            connection.request("GET", f"/app?{urlencode({name: value}, safe='?:/')}")
            answer = connection.getresponse()
            page = answer.read().decode(errors="replace")
            row.answers[str(answer.status)] += 1
            expected = {200, 400, 403} if name == "bokeh-session-id" else {200}
            row.holds(answer.status in expected, f"{name}={value[:40]!r}: {answer.status}")
            row.holds("<script>alert(1)" not in page, f"{name} is echoed")
        row.holds(not raw(log), raw(log))
    with ground.attack("modules, files and methods in an address", "no 2xx, and the server lives") as row:
        for path in (
            *("components/venv.__main__/x/y/z", "components/test.autotest/x/y/z", "components/this/x/y/z"),
            *("components/os/PathLike/y/z", "components/..%2f..%2fetc/passwd", "components/%00/x/y/z"),
            *("app/../../etc/passwd", "static/../../../etc/passwd", "static/%2e%2e/%2e%2e/etc/passwd"),
            *(
                "transfer/..%2f..%2fetc/passwd",
                "transfer/x",
                "admin",
                "login",
                "rest",
                "shutdown",
                "metadata",
            ),
        ):
            for method in ("GET", "POST", "PUT", "DELETE"):
                row.cases += 1
                status = asked(served, f"/{path}", method)
                row.answers[f"{status // 100}xx"] += 1
                row.holds(status >= 300, f"{method} {path}: {status}")
        row.holds(asked(served, "/app") == 200, "it does not live")
    with ground.attack("other names than the server's (DNS rebinding)", "403") as row:
        for path in ("", "app", "app/ws", "app/autoload.js", "static/js/bokeh.min.js", "transfer/x"):
            for host in (
                "rebind.test",
                f"rebind.test:{served.port}",
                "127.0.0.2",
                f"localhost.evil:{served.port}",
                "",
            ):
                row.cases += 1
                status = asked(served, f"/{path}", Host=host, Origin=f"http://{host}")
                row.answers[str(status)] += 1
                row.holds(status == 403, f"{path} as {host!r}: {status}")


def large_and_lost(ground: Ground, store: Path, served: Served, log: IO[str]) -> None:
    """Cost of a damaged run to who looks at it."""
    before = memory(served)
    with ground.attack(
        "runs that declare 250,000,000 samples or lost a file", "200, 300 MB at most, errors in three parts"
    ) as row:
        for case in ("declared", *("dataset", "teacher", "vae", "students")):
            row.cases += 1
            bad = store / f"bad-{case}"
            shutil.copytree(ground.run, bad)
            if case == "declared":
                rewrite_stage(bad, "dataset", lambda array: array["shape"].__setitem__(0, 250_000_000))
            else:
                for file in bad.glob(f"data.zarr/stage/{case}*/*/c.*"):
                    file.unlink()
            status = asked(served, f"/app?run={bad.name}")
            row.answers[str(status)] += 1
            row.holds(status == 200, f"{case}: {status}")
        row.holds(memory(served) - before < 300_000, f"it took {memory(served) - before} kB")
        row.holds(not raw(log), raw(log))


def asked(served: Served, path: str, method: str = "GET", **headers: str) -> int:
    """The status of the answer."""
    connection = http.client.HTTPConnection("localhost", served.port, timeout=60)
    connection.request(method, path, headers=headers)
    return connection.getresponse().status


def raw(log: IO[str]) -> str:
    """The errors that the server logged and that are not in three parts, in its own words."""
    log.seek(0)
    ended = re.findall(
        r"^(?:\w+\.)*\w*(?:Error|Exception|Exit): .*(?:\n\n(?=The above|During))?", log.read(), re.M
    )
    return "; ".join(line for line in ended if not line.startswith("deepvid.errors.") and "\n" not in line)


def memory(served: Served) -> int:
    """The most that the server had so far, in kB."""
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])
