"""Students for many images, one after another on a CPU and in batches on an accelerator.

A process of one thread a core is faster than one process with all threads. To have one thread, set before
JAX is imported
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
and pin the process to its core (os.sched_setaffinity). For one student that somebody waits for, make each
core a device instead (`deepvid.cores.use_cores`): they share its neighbors, and two give it in almost half
the time.
"""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Float16, Int, UInt8

from deepvid import config
from deepvid.adapters.contract import Model
from deepvid.cores import one_thread_each
from deepvid.fields import STUDENTS
from deepvid.models import VAE
from deepvid.progress import SILENT, Progress
from deepvid.statistics import kappa, wilson
from deepvid.students.chain import Raw, explain_many, fit_one
from deepvid.students.decoding import Inputs, Plan, Values
from deepvid.students.fidelity import Fidelity, fidelity
from deepvid.students.fitting import Method, Strengths
from deepvid.students.occlusion import occlusion
from deepvid.students.teacher_oracle import Foreign, has_gradients, label_neighborhood
from deepvid.students.teachers import Teacher, traced
from deepvid.students.widening import PROBES

BATCH = 64  # students at once on an accelerator


class Students:
    """The arrays of each student, under their names in the store; docs/architecture.md has the formulas.

    `deepvid.fields.STUDENTS` declares dimensions, type and meaning of each. An optional one may be None.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._arrays = arrays

    def __getattr__(self, name: str) -> Any:
        if name not in STUDENTS:
            raise AttributeError(f"Students have no array {name!r}")
        return self._arrays.get(name)

    def arrays(self) -> Mapping[str, np.ndarray]:
        """Those that there are."""
        return self._arrays


def fit_students(
    teacher: Teacher | Model,
    vae: VAE,
    images: UInt8[np.ndarray, "student y x channel"],
    samples: Int[np.ndarray, " student"],
    labels: Int[np.ndarray, " student"],
    band: Float[np.ndarray, " latent"],
    settings: config.Students,
    *,
    seed: int,
    progress: Progress = SILENT,
) -> Students:
    """Fits a student around each image. `band` holds absolute half-widths, whatever `settings.band` says.

    The teacher is one of `deepvid.models`, any object whose `logits` JAX can trace, or a `Model` of
    somebody else; DataError where it cannot be asked.

    A student depends on its own image, sample index, label and the seed, not on the others in the call.
    The modules are in evaluation mode. Without gradient neighbors there is no gradient, and the students'
    anchor is zero. A teacher without gradients has neither, and where they are asked for its students come
    with the image's occlusion.
    """
    values, plan = values_of(settings, band, seed), plan_for(teacher, settings)
    inputs = Inputs(np.asarray(images), np.asarray(samples, np.int32), np.asarray(labels, np.int32))
    batches, occluded = [], []
    size = 1 if jax.default_backend() == "cpu" or isinstance(teacher, Model) else BATCH
    with one_thread_each():
        for first in range(0, len(images), size):
            progress.update(first, len(images), f"student {first + 1} of {len(images)}")
            part = Inputs(*(array[first : first + size] for array in inputs))
            if isinstance(teacher, Model) or size == 1:
                one = Inputs(*(array[0] for array in part))
                around = label_neighborhood(teacher, vae, one, values, plan)
                batches.append(with_student_axis(fit_one(around, values, plan)))
            else:
                batches.append(_at_once(teacher, vae, part, values, plan))
            if isinstance(teacher, Model) and settings.gradient_neighbors and not plan.gradient_neighbors:
                occluded.append(_occluded(teacher, part, batches[-1]))
    progress.update(len(images), len(images), f"{len(images)} students")
    raw = jax.tree.map(lambda *leaves: np.concatenate(leaves), *batches)
    others = {"occlusion": np.concatenate(occluded)} if occluded else {}
    return students_of(raw, inputs.sample, settings, plan, others)


def _occluded(model: Model, inputs: Inputs, found: Raw) -> Float16[np.ndarray, "student y x"]:
    """Of a batch of one."""
    ask = Foreign(model, int(inputs.sample[0]))
    drops = occlusion(ask.labels, inputs.image[0], found.arrays["contrast"][0])
    return drops[None].astype(np.float16)


def plan_for(teacher: Teacher | Model, settings: config.Students) -> Plan:
    """The plan of these settings, less what this teacher cannot be asked."""
    plan = plan_of(settings)
    return plan if has_gradients(teacher) else plan._replace(gradient_neighbors=0, anchor="zero")


def plan_of(settings: config.Students) -> Plan:
    """Settings that decide shapes and programs: another plan is compiled anew."""
    # The first two rows are always fitted.
    held_out = min(max(1, round(settings.held_out * settings.neighbors)), settings.neighbors - 2)
    fitted = settings.neighbors - held_out
    probes = min(PROBES, fitted // 2) if settings.widening > 1 else 0
    gradient = min(settings.gradient_neighbors, fitted - probes)
    sparse = settings.l1 > 0 or settings.total_variation > 0
    return Plan(
        settings.neighbors,
        held_out,
        settings.distribution,
        settings.neighborhood,
        gradient,
        settings.anchor if gradient else "zero",
        probes,
        Method(settings.solver, sparse),
    )


def values_of(settings: config.Students, band: Float[np.ndarray, " latent"], seed: int) -> Values:
    """Arguments of a compiled program: `band` (latent,) in absolute half-widths, strengths, seed."""
    strengths = Strengths(
        temperature=jnp.float32(settings.temperature),
        l2=jnp.float32(settings.l2),
        l1=jnp.float32(settings.l1),
        total_variation=jnp.float32(settings.total_variation),
        locality=jnp.float32(settings.locality or np.inf),
        steps=jnp.int32(settings.steps),
        learning_rate=jnp.float32(settings.learning_rate),
    )
    return Values(
        jnp.int32(seed),
        jnp.asarray(band, jnp.float32),
        jnp.float32(settings.widening),
        jnp.float32(settings.commonest),
        jnp.asarray(settings.smoothness, jnp.float32),
        strengths,
    )


def _at_once(teacher: Teacher, vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Raw:
    """A batch on an accelerator; a last one that is not full is padded, so that nothing is compiled anew."""
    count = len(inputs.sample)
    padded = Inputs(
        *(np.concatenate([array, np.repeat(array[-1:], BATCH - count, axis=0)]) for array in inputs)
    )
    with traced(teacher) as argument:
        batch = explain_many(argument, vae, padded, values, plan)
    return jax.tree.map(lambda leaf: np.asarray(leaf)[:count], batch)


def with_student_axis(one: Raw) -> Raw:
    """One student's arrays as NumPy has them, with a leading axis."""
    return jax.tree.map(lambda leaf: np.asarray(leaf)[None], one)


def students_of(
    raw: Raw,
    samples: Int[np.ndarray, " student"],
    settings: config.Students,
    plan: Plan,
    others: Mapping[str, np.ndarray],
) -> Students:
    """Students that were fitted by one plan, with `others`: arrays that no fit computes."""
    measured = fidelity(raw.held_out[:, None], raw.logits)
    return Students(
        {
            **raw.arrays,
            **_shares(measured, raw.arrays["teacher_logits"].shape[1]),
            "sample": samples,
            "smoothness": np.asarray(settings.smoothness, np.float32),
            "kl": measured.kl.astype(np.float32),
            "r2": measured.r2.astype(np.float32),
            "held_out": np.full(len(samples), plan.held_out, np.int32),
            **others,
        }
    )


def _shares(measured: Fidelity, classes: int) -> dict[str, Float[np.ndarray, "student fit"]]:
    """Agreement, its interval, the floor (what guessing the commonest class reaches) and kappa."""
    names = ("agreement", "agreement_low", "agreement_high", "floor", "kappa")
    shares = {name: np.empty(measured.kl.shape, np.float32) for name in names}
    for fit in np.ndindex(measured.kl.shape):
        teacher, student = measured.teacher_class[fit], measured.student_class[fit]
        floor = np.bincount(teacher).max() / len(teacher)
        agreement = wilson(int(np.sum(teacher == student)), len(teacher))
        for name, share in zip(names, (*agreement, floor, kappa(teacher, student, classes)), strict=True):
            shares[name][fit] = share
    return shares
