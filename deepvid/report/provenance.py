"""Where the numbers of a report are from, so that anybody can check them."""

from importlib.metadata import version

from deepvid.store import Run
from deepvid.wording import moment, number

Facts = list[tuple[str, str]]
"""Names, and what they are."""

FILES = 20  # of the data whose digests are listed, at most
STAGES = ("dataset", "teacher", "causes", "modes")


def provenance(run: Run) -> Facts:
    """The run, the last line of its journal, the classifier's metrics, and the digests of what was read."""
    packages, last = run.provenance.get("packages", {}), run.commits[-1]
    facts = [
        ("Run", run.id),
        ("Begun", moment(str(run.summary.get("created", run.commits[0].time)))),
        ("By", f"DeepVID {packages.get('deepvid', 'of an unknown version')}"),
        ("Report by", f"DeepVID {version('deepvid')}"),
        ("Images", str(run.summary.get("source", "")) or "unknown"),
        ("Classifier", run.teacher_source),
    ]
    metrics = run.summary.get("metrics", {})
    facts += [
        (name.replace("_", " ").capitalize(), number(metrics[name]))
        for name in ("test_accuracy", "calibration_error")
        if name in metrics
    ]
    facts.append((f"Journal, line {last.seq}", last.sum))
    stages = [run.stages[name] for name in STAGES if name in run.stages]
    facts += [(f"Digest of {stage.name}", stage.digest) for stage in stages]
    checksums = {**run.provenance.get("checksums", {}), **_of_data(run)}
    return facts + [(f"Digest of {name}", str(digest)) for name, digest in list(checksums.items())[:FILES]]


def _of_data(run: Run) -> dict[str, str]:
    return dict(run.stages["dataset"].open().attrs.get("checksums", {})) if "dataset" in run.stages else {}
