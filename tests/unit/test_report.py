"""A report of a real run: every number against the store, and what it never does."""

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from micro_runs import MicroRuns

from deepvid.cli.main import main
from deepvid.errors import DataError
from deepvid.faithfulness import measured, places_of_explainers, ranking
from deepvid.map_words import (
    MapFacts,
    evidence_sentences,
    facts_of_maps,
    representatives,
    share_sentence,
    trust_sentence,
)
from deepvid.map_words import logits as logits_of
from deepvid.reasons import NEEDED, Classes, Reason, StoredCauses, confirmation
from deepvid.report import Answer, Case, Map, Neighbor, StoredCases, page, provenance
from deepvid.report.maps import map_evidence
from deepvid.store import open_run
from deepvid.trust import MapVerdict
from deepvid.wording import change, percent, probability

pytestmark = pytest.mark.long


class Texts(HTMLParser):
    """Texts that a person reads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside != "style" and data.strip():
            self.found.append(data.strip())


def written(run: Path, folder: Path, *options: object) -> str:
    """The file of the command."""
    file = folder / "case.html"
    with pytest.raises(SystemExit) as left:
        main(["report", str(run), "-o", str(file), *map(str, options)])
    assert left.value.code == 0
    return file.read_text(encoding="utf-8")


def test_every_number_is_that_of_the_store(tiny_run: Path, tmp_path: Path) -> None:
    run = open_run(tiny_run)
    batches = [stage.open().load() for stage in run.batches("explanations")]
    dataset, teacher = run.stages["dataset"].open(), run.stages["teacher"].open("logits", "features")
    names, label = run.class_names, dataset["label"].to_numpy()
    logits, features = (teacher[name].to_numpy().astype(float) for name in ("logits", "features"))
    causes = StoredCauses(run.stages["causes"].open(*NEEDED))
    batch = batches[0]
    row = int(np.flatnonzero(np.isin(batch["sample"], causes.sample))[0])
    one, sample = batch.isel(explained=row), int(batch["sample"][row])

    shares = np.exp(logits[sample] - logits[sample].max())
    shares /= shares.sum()
    predicted = int(shares.argmax())
    answer = f"{names[predicted]} ({probability(shares.max())})"
    true = f"#{sample} labeled {names[label[sample]]}, taken for {answer}"
    expected = {true, *map(probability, shares.tolist())}
    place = int(np.flatnonzero(causes.sample == sample)[0])
    for reason in causes.reasons(place, Classes(names[label[sample]], names[predicted], names)):
        expected |= {reason.text, f"What to do: {reason.action}."}
        expected.add(f"{reason.right[:1].upper()}{reason.right[1:]}.")

    methods = list(batch.attrs["methods"])
    judges = [(one[f"{judge}_lost"], one[f"{judge}_chance"]) for judge in ("margin", "infill")]
    judges = [(lost.to_numpy(), luck.to_numpy()) for lost, luck in judges if not np.isnan(lost).any()]
    kept = [b for b in batches if b.attrs["settings_key"] == batch.attrs["settings_key"]]
    found = measured(kept)
    assert found is not None
    over_run = {line.name: line for line in ranking(found).rows}
    worth = np.mean([lost for lost, _ in judges], axis=0)
    shown = representatives(methods, worth.tolist())
    assert set(shown) <= set(places_of_explainers(methods))
    for at in shown:
        line = over_run[methods[at]]
        mean = [change(value) for value in line.margin_lost]
        expected |= {
            logits_of(float(worth[at])),
            percent(line.beats_chance),
            f"{mean[0]} [{mean[1]}, {mean[2]}]",
        }
        expected.add(", ".join(logits_of(float(luck[at])) for _, luck in judges))
    best = max(shown, key=lambda at: worth[at])
    facts = facts_of_maps(methods, map_evidence(one))[best]
    expected |= {trust_sentence(facts), " ".join(evidence_sentences(facts))}
    first, second = (int(index) for index in one["contrast"])
    sides = float(logits[sample, first] - logits[sample, second]), (names[first], names[second])
    expected.add(share_sentence(methods[best], float(one["total"][best]), *sides))

    training = np.flatnonzero(~dataset["test"].to_numpy())
    training = training[training != sample]
    distance = np.sqrt(((features[training] - features[sample]) ** 2).sum(axis=1))
    near = training[np.argsort(distance, kind="stable")[:20]]
    counts = sorted(np.bincount(label[near]).tolist(), reverse=True)

    lines = [json.loads(line) for line in (tiny_run / "journal.jsonl").read_text().splitlines()]
    digests = {line["digest"] for line in lines if line["kind"] == "stage"}

    texts = Texts(written(tiny_run, tmp_path, "--image", sample)).found
    footer = texts[texts.index("Provenance") :]
    assert lines[-1]["sum"] in footer
    assert {run.stages[name].digest for name in ("dataset", "teacher", "causes")} <= digests & set(footer)
    numbered = {text for text in texts[: texts.index("Provenance")] if re.search(r"\d", text)}
    numbered -= {f"DeepVID · {run.id}", f"{true} · {run.id}"}
    (nearest,) = (text for text in numbered if text.startswith("Its 20 nearest training images: "))
    assert [int(count) for count in re.findall(r"(\d+) [A-Z]", nearest)] == [n for n in counts if n]
    assert numbered - {nearest} <= expected
    assert {true, trust_sentence(facts)} <= numbered
    assert len(numbered & expected) > 2 * len(shown)


def test_kinds_of_mistakes_have_a_case_each_and_archives_the_same(
    tiny_run: Path, tiny_archive: Path, tmp_path: Path
) -> None:
    modes = open_run(tiny_run).stages["modes"].open("modes").attrs["modes"]
    html = written(tiny_run, tmp_path, "--modes")
    texts = Texts(html).found
    for mode in modes:
        assert f"{mode['sentence']}. {confirmation(mode)}." in texts
        assert any(text.startswith(f"#{mode['central'][0]} labeled") for text in texts)
    (tmp_path / "archive").mkdir()
    of_archive = written(tiny_archive, tmp_path / "archive", "--modes")
    assert of_archive.partition("<footer>")[0].count("<article") == len(modes)


def test_texts_are_escaped_and_nothing_is_asked_of_anybody() -> None:
    nasty = "<script>alert('x')</script>&"
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (700, 500, 3)).astype(np.uint8)
    near = Neighbor(5, noise, nasty, 0.5)
    judged = MapFacts(MapVerdict.PARTLY, False, 1.0, 0.5, math.nan, math.nan, 1, 8)
    one = Map(nasty, nasty, random.normal(size=(700, 500)), judged, nasty, None)
    case = Case(
        nasty,
        (nasty,),
        noise,
        Answer(nasty, 0.9, "b", ((nasty, 0.9), ("b", 0.1))),
        (Reason(nasty, nasty, nasty, nasty, 2.0),),
        "",
        (one,) * 8,
        (nasty, nasty),
        (near,) * 20,
        heading=nasty,
    )
    html = page([case], nasty, [(nasty, nasty)])
    assert "<script" not in html
    assert not re.search(r"(src|href)=\"(?!data:|#)|url\(|https?:|@import", html)
    assert len(html) < 3e6
    assert Texts(html).found.count(nasty) >= 5


def test_what_a_run_lacks_is_said_and_what_cannot_be_reported_refused(
    micro_runs: MicroRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = micro_runs.teacher()
    run = open_run(path)
    cases = StoredCases(run)
    logits, label = (
        run.stages["teacher"].open("logits")["logits"].to_numpy(),
        run.stages["dataset"].open()["label"],
    )
    wrong = np.flatnonzero(logits.argmax(axis=1) != label.to_numpy())
    html = page(cases.cases([int(wrong[0])]), run.id, provenance(run))
    assert f"deepvid causes {run.id}" in html
    assert "No map of this image was computed" in html
    with pytest.raises(DataError, match=r"1 to 50 images\. Found: 0"):
        cases.cases([])
    with pytest.raises(DataError, match=r"1 to 50 images\. Found: 51"):
        cases.cases([0] * 51)
    for options, said in (
        (["--image", "70"], "from 0 to 69"),
        (["--modes"], "Find them first"),
        (["--selection", "none"], "under its name"),
        ([], "Give --image"),
        (["--modes", "--image", "3"], "more than one"),
    ):
        with pytest.raises(SystemExit) as left:
            main(["report", str(path), "-o", str(tmp_path / "x.html"), *options])
        assert left.value.code == 2
        assert said in capsys.readouterr().err
        assert not (tmp_path / "x.html").exists()
