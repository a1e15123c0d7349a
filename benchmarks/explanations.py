"""How true is each explanation, what does it cost, and is it what other libraries compute?

    .venv/bin/python benchmarks/explanations.py RUN …      without RUN, a teacher is trained here

Times are CPU time of this process, which has one thread. Measures are means over misclassified test images;
every map is of the margin between the predicted and the true class, and gradient x input is the baseline.
Other libraries get the same weights in PyTorch (`pip install torch torchvision captum grad-cam lime`). They
are left out without, and for other networks than a ResNet of basic blocks.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from explanation_judges import Infidelity, MuFidelity, areas_by_judge
from explanation_world import Questions, of_run, of_training
from records import Baseline, Record, arguments, higher_is_better, lower_is_better, show
from scipy.ndimage import gaussian_filter

from deepvid.attribution import Case, Method, applicable, explain
from deepvid.attribution.activation_maps import ActivationMap, enlarged, last_layer_with_places
from deepvid.attribution.gradients import ExpectedGradients, IntegratedGradients
from deepvid.attribution.judges import JUDGES
from deepvid.attribution.lime import LimeGrid
from deepvid.attribution.measures import DeletionInsertion, Measure, StrongestPixels, measure
from deepvid.attribution.occlusion import Occlusion
from deepvid.attribution.segments import grid
from deepvid.config import names
from deepvid.faithfulness import LEADING, Measured, ranking
from deepvid.models import Classifier
from deepvid.statistics import bootstrap_difference
from deepvid.trust import MapVerdict, map_verdicts

REFERENCE: names.Explanation = "gradient"
FAITHFULNESS = "insertion - deletion"
UNEXPLAINED = "unexplained by infidelity"
PEERS = 10  # images that other libraries explain
SIDE = 4  # pixels of a window of occlusion


def measured(options: argparse.Namespace) -> Iterator[Record]:
    count = options.errors or (8 if options.quick else 200)
    asked = {run.name: partial(of_run, run, count) for run in options.runs}
    for name, questions in (asked or {"": partial(of_training, options.data, count)}).items():
        for record in _of_one(questions(), 2 if options.quick else PEERS):
            yield record._replace(name=f"{name}: {record.name}" if len(asked) > 1 else record.name)


def _of_one(questions: Questions, peers: int) -> Iterator[Record]:
    yield from quality(questions)
    yield from luck(questions)
    yield from against(questions, peers)


def quality(questions: Questions) -> Iterator[Record]:
    """Cost of every method, and how true its maps are."""
    classifier, cases, _ = questions
    methods = applicable(classifier)
    cost: dict[str, float] = {}
    maps: dict[str, jax.Array] = {}
    for name, method in methods.items():
        jax.block_until_ready(explain(method, classifier, cases))  # compiles
        seconds, maps[name] = cpu(partial(explain, method, classifier, cases))
        cost[name] = 1e3 * seconds / len(cases.image)
    for name, method in methods.items():
        reference = Baseline(methods[REFERENCE].label, cost[REFERENCE])
        yield lower_is_better(f"cost: {method.label}", cost[name], "ms", reference)
    rows = {name: row for row, name in enumerate(methods)}
    stacked = jnp.stack(list(maps.values()), axis=1)
    yield from _judges(questions, stacked)
    found = _measures(questions, stacked)
    for what, values in found.items():
        means = np.nanmean(values, axis=0)
        judge = lower_is_better if what == UNEXPLAINED else higher_is_better
        for name, method in methods.items():
            reference = Baseline(methods[REFERENCE].label, float(means[rows[REFERENCE]]))
            yield judge(f"{what}: {method.label}", float(means[rows[name]]), "", reference)
        if what == FAITHFULNESS:
            yield from _leads(methods, values)
    yield from _first(methods, found)


def _judges(questions: Questions, maps: jax.Array) -> Iterator[Record]:
    """Cost of every judge of all maps of an image, and the bytes of its figures before compression."""
    classifier, cases, vae = questions
    strongest, figure = {"colors", "infill"}, 4 * maps.shape[1]
    for name in JUDGES:
        asked: list[Measure] = [DeletionInsertion((name,))]
        asked += [StrongestPixels(judges=(name,))] if name in strongest else []
        filling = {"vae": vae} if name == "infill" else {}
        seconds = 0.0
        for judge in asked:
            jax.block_until_ready(measure(judge, classifier, cases, maps, **filling))  # compiles
            seconds += cpu(partial(measure, judge, classifier, cases, maps, **filling))[0]
        yield Record(f"cost of the judge {name}", 1e3 * seconds / len(maps), "ms")
        stored = figure * (3 if name in strongest else 1)  # the area; what is lost, and chance
        yield Record(f"stored of the judge {name}", stored, "bytes")


def _measures(questions: Questions, maps: jax.Array) -> dict[str, np.ndarray]:
    """By name, (case, method)."""
    classifier, cases, vae = questions
    areas = areas_by_judge(classifier, vae, cases, maps)
    filled = measure(StrongestPixels(judges=("infill",)), classifier, cases, maps, vae=vae)
    return {
        FAITHFULNESS: np.nanmean([areas[judge] for judge in LEADING], axis=0),
        **{f"{FAITHFULNESS} by {name}": values for name, values in areas.items()},
        "margin lost": np.asarray(measure(StrongestPixels(), classifier, cases, maps).beyond_chance),
        "margin lost by infill": np.asarray(filled.beyond_chance),
        "MuFidelity given ink": np.asarray(measure(MuFidelity(), classifier, cases, maps).partial),
        UNEXPLAINED: np.asarray(measure(Infidelity(), classifier, cases, maps).unexplained),
    }


def _first(methods: dict[names.Explanation, Method], found: dict[str, np.ndarray]) -> Iterator[Record]:
    """The method that one half of the images chooses, on the other, and its rivals."""
    lost = found["margin lost"]
    areas = np.stack([found[f"{FAITHFULNESS} by {judge}"] for judge in JUDGES], axis=-1)
    labels = tuple(method.label for method in methods.values())
    chosen = ranking(
        Measured(
            np.arange(len(lost)), tuple(methods), labels, tuple(JUDGES), lost, np.zeros_like(lost), areas
        )
    )
    if chosen.first is not None:
        value, low, high = chosen.first.faithfulness
        yield Record(f"first, chosen on {chosen.chosen_on}: {chosen.first.label}", value, "")
        yield Record("first, at least", low, "")
        yield Record("first, at most", high, "")
    for rival in chosen.rivals:
        yield Record(f"disputed by one judge: {rival.label}", rival.faithfulness.value, "")
    for row in chosen.rows:
        if row.name == chosen.student:
            yield Record(f"its student: {row.label}", row.faithfulness.value, "")


CONTROLS, TEXTURES = (
    9,
    (0.0, 1.0, 2.0, 4.0),
)  # maps; what they are smoothed by, of 28 pixels
ALLOWED = 0.05  # of the images


def luck(questions: Questions) -> Iterator[Record]:
    """How often the best of nine maps that mean nothing holds on an image."""
    classifier, cases, _ = questions
    count, *shape = cases.image.shape
    for texture in TEXTURES:
        noise = np.random.default_rng(0).normal(size=(count, CONTROLS, *shape))
        wide = texture * shape[0] / 28
        maps = jnp.asarray(gaussian_filter(noise, (0, 0, wide, wide, 0)), jnp.float32)
        found = measure(StrongestPixels(), classifier, cases, maps)
        held = map_verdicts(np.asarray(found.beyond_chance), np.asarray(found.high), CONTROLS)
        share = float((held == MapVerdict.HOLDS).any(axis=1).mean())
        name = f"best of {CONTROLS} maps of noise holds, smoothed by {texture:.0f} of 28 pixels"
        yield lower_is_better(name, share, "", Baseline("allowed", ALLOWED))


def _leads(methods: dict[names.Explanation, Method], values: np.ndarray) -> Iterator[Record]:
    """Over gradient x input, image by image: the ends of the 95 % interval."""
    reference = values[:, list(methods).index(REFERENCE)]
    for method, value in zip(methods.values(), values.T, strict=True):
        lead = bootstrap_difference(value, reference, seed=0)
        yield Record(f"lead in {FAITHFULNESS}, at least: {method.label}", lead.low, "")
        yield Record(f"lead in {FAITHFULNESS}, at most: {method.label}", lead.high, "")


def against(questions: Questions, count: int) -> Iterator[Record]:
    """Other people's maps of the same weights."""
    classifier, cases, _ = questions
    try:
        import explanation_peers as peers
    except ImportError as missing:
        yield Record(f"other libraries: none without {missing.name}", None, "")
        return
    if "stage1.block1" not in classifier.layers:
        yield Record("other libraries: only for a ResNet of basic blocks", None, "")
        return
    network = peers.ResNet(classifier)
    ours, theirs = (
        classifier.logits(cases.image[:count]),
        peers.logits(network, np.asarray(cases.image[:count])),
    )
    yield Record("logits in PyTorch: largest difference", float(np.abs(ours - theirs).max()), "logits")
    one = [jax.tree.map(lambda leaf, i=i: leaf[i], cases) for i in range(count)]
    mean = np.asarray(cases.mean_color[0])
    for name in peers.ACTIVATION_MAPS:
        method = applicable(classifier)[name]
        yield from _pair(method, classifier, one, peers.activation_map(network, name), "grad-cam", _stretched)
    integral = IntegratedGradients(baselines=("mean_color",))
    yield from _pair(
        integral,
        classifier,
        one,
        peers.integrated_gradients(network, integral.points, mean),
        "captum",
        _plain,
    )
    covered = Occlusion(parts=max(cases.image.shape[1:3]) // SIDE)  # windows as even as captum's
    whole, peer = SIDE**2, peers.occlusion(network, SIDE, SIDE // 2, mean)
    yield from _pair(covered, classifier, one, peer, "captum", lambda *each: whole * _plain(*each))
    training = np.asarray(cases.training[0], np.float32) / 255
    drawn = [peers.expected_gradients(network, training, seed) for seed in (0, 1)]
    yield from _drawn(ExpectedGradients(), classifier, one, drawn, "captum")
    yield from _lime(peers, network, classifier, one)


def _pair(
    method: Method,
    classifier: Classifier,
    cases: list[Case],
    peer: Callable[..., Any],
    library: str,
    shown: Any,
) -> Iterator[Record]:
    ours, time_of_ours, theirs, time_of_theirs = _both(method, classifier, cases, peer)
    pictures = [shown(method, classifier, case, found) for case, found in zip(cases, ours, strict=True)]
    apart = max(
        np.abs(a - b).max() / np.abs(b).max() for a, b in zip(pictures, theirs, strict=True) if np.any(b)
    )
    yield Record(f"{method.label} by {library}: largest difference over its largest value", float(apart), "")
    yield lower_is_better(f"{method.label}, one image", time_of_ours, "ms", Baseline(library, time_of_theirs))


def _both(
    method: Method, classifier: Classifier, cases: list[Case], peer: Callable[..., Any]
) -> tuple[list[np.ndarray], float, list[np.ndarray], float]:
    compiled = jax.jit(method)
    arguments = [(np.asarray(case.image), np.asarray(case.classes)) for case in cases]
    jax.block_until_ready(compiled(classifier, cases[0])), peer(*arguments[0])
    times, maps = zip(*(cpu(lambda case=case: compiled(classifier, case)) for case in cases), strict=True)
    peer_times, peer_maps = zip(*(cpu(lambda case=case: peer(*case)) for case in arguments), strict=True)
    return (
        [np.asarray(found).sum(axis=-1) for found in maps],
        1e3 * float(np.median(times)),
        list(peer_maps),
        1e3 * float(np.median(peer_times)),
    )


def _plain(_method: Method, _classifier: Classifier, _case: Case, found: np.ndarray) -> np.ndarray:
    return found


def _stretched(method: Method, classifier: Classifier, case: Case, _found: np.ndarray) -> np.ndarray:
    """Our cells with grad-cam's ReLU, stretch, enlargement and stretch."""
    assert isinstance(method, ActivationMap)
    layer = last_layer_with_places(classifier, case.image.shape)
    activations = classifier.activations(case.image[None], layer)[0]
    cells = np.maximum(method.cells(classifier, case, layer, activations), 0)
    large = np.asarray(enlarged(_to_one(cells)[..., None], (case.image.shape[0], case.image.shape[1])))
    return _to_one(large[..., 0])


def _to_one(values: np.ndarray) -> np.ndarray:
    return (values - values.min()) / (values.max() - values.min() + 1e-7)


def _drawn(
    method: Method,
    classifier: Classifier,
    cases: list[Case],
    peers: Sequence[Callable[..., Any]],
    library: str,
) -> Iterator[Record]:
    """Maps of draws of its own are as near to the library, `peers` of two seeds, as that is to itself."""
    first, second = peers
    ours, time_of_ours, theirs, time_of_theirs = _both(method, classifier, cases, first)
    again = [second(np.asarray(case.image), np.asarray(case.classes)) for case in cases]
    near = np.mean([_cosine(a, b) for a, b in zip(ours, theirs, strict=True)])
    itself = np.mean([_cosine(a, b) for a, b in zip(again, theirs, strict=True)])
    baseline = Baseline(f"{library} with another seed", float(itself))
    yield higher_is_better(f"{method.label}: cosine to {library}", float(near), "", baseline)
    yield lower_is_better(f"{method.label}, one image", time_of_ours, "ms", Baseline(library, time_of_theirs))


def _lime(peers: Any, network: Any, classifier: Classifier, cases: list[Case]) -> Iterator[Record]:
    method = LimeGrid(masks=1000)
    segments = np.asarray(grid((cases[0].image.shape[0], cases[0].image.shape[1]), method.cell).number)
    drawn = [peers.lime(network, segments, method.masks, seed) for seed in (0, 1)]
    yield from _drawn(method, classifier, cases, drawn, "lime")
    trust = jax.jit(method.surrogate)
    found = float(np.mean([trust(classifier, case).r2 for case in cases]))
    yield Record(f"{method.label}: R2 on masks held out", found, "")
    few, many = (jax.jit(replace(method, masks=masks)) for masks in (500, 1000))
    alike = [_cosine(few(classifier, case), many(classifier, case)) for case in cases]
    yield Record(f"{method.label}: cosine of 500 masks to 1,000", float(np.mean(alike)), "")


def _cosine(first: Any, second: Any) -> float:
    a, b = np.ravel(first), np.ravel(second)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def cpu(act: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of one call, and what it gave."""
    began = time.process_time()
    result = jax.block_until_ready(act())
    return time.process_time() - began, result


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", type=Path, nargs="*", help="folders of finished runs")
    parser.add_argument("--errors", type=int, help="misclassified images to explain (200; 8 with --quick)")
    parser.add_argument("--data", type=Path, help="folder of data sets, for a teacher trained here")
    options = arguments(__doc__, parser)
    show(measured(options), options)
