"""Causes of an image that is right: what speaks against its answer."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import xarray as xr

from deepvid import config
from deepvid.adapters.contract import Answers
from deepvid.attribution.place_drops import PlaceDrops
from deepvid.causes import CAUSES, CauseFacts, Evidence, named_causes, unknown_sentence
from deepvid.engine import requests
from deepvid.engine.models import RUNS_KEPT, trained_run
from deepvid.errors import ConfigError, DamagedError, DataError, StoreError
from deepvid.pipeline.cause_evidence import CHECK, CauseSources
from deepvid.pipeline.causes import has_teacher
from deepvid.pipeline.run_with_image import RunWithImage
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Progress
from deepvid.reasons import Reason, reason_of

STAGE = config.Causes.stage
AGAINST_RUNNER_UP = ("one_place", "overlap")  # of an error they ask what speaks for its label
NOTHING = "nothing speaks against it"


def causes_of_right(request: requests.CausesOfRight, progress: Progress) -> tuple[Reason, ...]:
    """In words, the first first; without any, that there is none."""
    progress.update(0, 1, "reading the run")
    opened, sample = trained_run(request.run), request.sample
    sources = _sources(opened, request.seed, *(stage.key for stage in opened.run.stages.values()))
    label, logits = int(sources.label[sample]), sources.logits[sample]
    if int(logits.argmax()) != label:
        raise DataError(
            "It is asked what speaks against a right answer",
            f"#{sample}, which is misclassified",
            "Read the causes that the run has of it",
        )
    second = int(np.argsort(logits)[-2])
    labels = sources.label.copy()
    labels[sample] = second
    of_second, only = sources._replace(label=labels), np.array([sample])
    lost = _lost(opened, of_second, only, progress)
    own = sources.evidence(only, lost * np.nan)
    errors, of_errors = _errors(opened, lost.shape[1])
    among = of_second.evidence(np.append(errors, sample), np.concatenate([of_errors, lost]))
    return _speaking_against(opened, own, among, (label, second))


def causes_of_opened(
    opened: RunWithImage, answers: Answers, seed: int, progress: Progress
) -> tuple[Reason, ...]:
    """The same of an image that stands behind the run's, and has no label. Raises ConfigError where causes of
    errors were not looked for.
    """
    sources = _sources(opened.run_itself, seed, *(stage.key for stage in opened.run.stages.values()))
    logits, features = answers.logits, answers.features
    assert features is not None  # where a model shows none, its logits stand for them
    second, label = (int(one) for one in np.argsort(logits[0])[-2:])
    behind = sources._replace(
        label=np.append(sources.label, second),
        test=np.append(sources.test, True),
        logits=np.concatenate([sources.logits, logits]),
        features=np.concatenate([sources.features, features]),
        flips=np.append(sources.flips, np.float32(np.nan)),
    )
    lost = _lost(opened, behind, np.array([opened.sample]), progress)
    image = opened.images([opened.sample])

    def evidence(errors: np.ndarray, of_errors: np.ndarray, label: int, lost: np.ndarray) -> Evidence:
        base = sources.evidence(errors, of_errors)
        flips = base.late_flips
        return replace(
            base,
            images=np.concatenate([base.images, image]),
            labels=np.append(base.labels, label),
            training=np.append(base.training, False),
            logits=np.concatenate([base.logits, logits]),
            features=np.concatenate([base.features, features]),
            errors=np.append(base.errors, len(base.labels)),
            lost=np.concatenate([base.lost, lost]),
            copies=None,
            late_flips=None if flips is None else np.append(flips, np.float32(np.nan)),
        )

    errors, of_errors = _errors(opened, lost.shape[1])
    own = evidence(errors[:0], of_errors[:0], label, lost * np.nan)
    among = evidence(errors, of_errors, second, lost)
    return _speaking_against(opened, own, among, (label, second))


def _speaking_against(
    opened: TrainedRun, own: Evidence, among: Evidence, classes: tuple[int, int]
) -> tuple[Reason, ...]:
    """Of the last of both, by its answer and by the runner-up. One place is held against those that decide
    the errors it is `among`.
    """
    label, second = classes
    labels = own.labels.copy()
    labels[own.errors] = second
    against = replace(own, labels=labels, lost=among.lost[-1:])
    findings, strength = {}, []
    names = tuple(opened.run.class_names)
    grid = PlaceDrops().grid(own.images.shape[1:])
    for name, cause in CAUSES.items():
        evidence = among if name == "one_place" else against if name in AGAINST_RUNNER_UP else own
        found = cause.weigh(evidence)
        score = np.nan if name == "label_doubt" else float(found.score[-1])
        strength.append(score / cause.threshold)
        held = names[second if name in AGAINST_RUNNER_UP else label]
        facts = tuple(found.facts[-1].tolist())
        findings[name] = CauseFacts(held, names[label], names, grid, strength[-1], facts)
    every = list(CAUSES.values())
    if named := named_causes(strength):
        return tuple(reason_of(every[place], findings[every[place].name]) for place in named)
    return (Reason(NOTHING, unknown_sentence(findings), "", ""),)


def _lost(opened: TrainedRun, sources: CauseSources, of: np.ndarray, progress: Progress) -> np.ndarray:
    """nan where there is no teacher to ask."""
    if has_teacher(opened.run):
        progress.update(0, 1, "asking the teacher")
        try:
            return sources.lost(opened, of, progress)
        except DamagedError:
            raise
        except StoreError:
            pass  # an archive without its parameters
    return np.full((len(of), sources.grid[0] * sources.grid[1]), np.nan, np.float32)


def _errors(opened: TrainedRun, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Misclassified test images whose places were asked about, and what they lose with each."""
    group = opened.run.stages[STAGE].open("sample")
    if "lost" not in group or group["lost"].shape[1] != places:
        return np.zeros(0, int), np.zeros((0, places), np.float32)
    lost = group["lost"].to_numpy().astype(np.float32)
    test = opened.run.stages["dataset"].open("test")["test"].to_numpy()
    kept = test[group["sample"].to_numpy()] & ~np.isnan(lost).any(axis=1)
    return group["sample"].to_numpy()[kept], lost[kept]


@lru_cache(maxsize=RUNS_KEPT)
def _sources(opened: TrainedRun, seed: int, *keys: str) -> CauseSources:
    run = opened.run
    for name in ("dataset", "teacher", STAGE):
        if name not in run.stages:
            raise ConfigError(
                "What speaks against an answer is asked of runs whose causes of errors are known",
                f"{run.id}, which has no stage {name!r}",
                "Find them first: deepvid causes RUN",
            )

    def opened_stage(name: str, *needed: str) -> xr.Dataset:
        return run.stages[name].open(*needed)

    sources = CauseSources.read(run, opened_stage, seed=seed, checked=CHECK in run.stages)
    if sources is None:
        raise DataError(
            "What speaks against an answer is asked of images with labels",
            f"{run.id}, which has none",
            "Label its images, and make a run of them",
        )
    return sources
