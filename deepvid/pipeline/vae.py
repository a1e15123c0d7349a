"""The stage that trains the VAE, and what the teacher says of its reconstructions."""

from functools import partial

import numpy as np
import xarray as xr

from deepvid import config, fields, models, training
from deepvid.config.experiment import ENOUGH_STEPS
from deepvid.fitted import fitted
from deepvid.pipeline.epochs import FLOAT, MOMENTS, grow_series, in_epochs
from deepvid.pipeline.stage import Family, GroupStage, Images, Result, StageContext, load_images
from deepvid.pipeline.trained import answers_of
from deepvid.store import dataset_of
from deepvid.tier import Tier
from deepvid.training.loop import steps_per_epoch
from deepvid.training.vae import passes

METRICS = ("elbo", "reconstruction_error", "reconstruction_agreement")

TRAINING = 0.9  # the share of the stage's time that training takes


def vae_stage(section: config.Vae, *, seed: int) -> GroupStage:
    """Trains from where the last committed epoch left off, then encodes every image."""

    def work(context: StageContext) -> Result:
        images = load_images(context)
        seen = int(fitted(images.test).sum())
        context.progress.foretell(in_epochs(section.epochs, images), size=_bytes(section, images))
        if note := _steps(section, seen):
            context.progress.note(note)
        progress = context.progress.part(0, TRAINING, 1)
        train = partial(training.train_vae, section, images.image, images.test, seed=seed, progress=progress)
        series = grow_series(context, "vae", epochs=section.epochs, train=train, group=_epoch)
        parameters = series.open("parameters")["parameters"][-1].to_numpy()
        group, agreement = _answers(section, images, parameters, context)
        last = {name: series.metrics[-1][name] for name in ("elbo", "reconstruction_error")}
        return Result(group, {**last, "reconstruction_agreement": agreement})

    return GroupStage(
        name="vae",
        needs=("dataset", "teacher"),
        section=section,
        seed=seed,
        work=work,
        listed=METRICS,
    )


def _epoch(snapshot: training.VaeSnapshot) -> xr.Dataset:
    return dataset_of(fields.VAE_EPOCH, {"parameters": snapshot.parameters})


def _bytes(section: config.Vae, images: Images) -> int:
    """Of every epoch, of the last state, of all latents, and of the copies of the test images."""
    count = models.vae_size(section, image_shape=images.shape)
    latents = 2 * len(images.test) * section.latent
    copies = int(images.test.sum()) * int(np.prod(images.shape))
    return FLOAT * ((section.epochs + MOMENTS + 1) * count + latents) + copies


def _steps(section: config.Vae, images: int) -> str:
    """How often few images are seen, or what to set where that is too seldom; empty: once an epoch."""
    batch, times, _ = passes(section, images)
    steps = section.epochs * steps_per_epoch(times * images, batch)
    if steps < ENOUGH_STEPS:
        return (
            f"{steps:,} steps train the autoencoder, and it needs about {ENOUGH_STEPS}: neighbors may hardly "
            f"differ from their image, and students say little. Set vae.fewest_steps = {ENOUGH_STEPS}"
        )
    if (batch, times) == (section.batch, 1):
        return ""
    often = f"{times} times an epoch, " if times > 1 else ""
    return f"{images:,} images are seen {often}in batches of {batch}: {steps:,} steps (vae.fewest_steps)"


def _answers(
    section: config.Vae, images: Images, parameters: np.ndarray, context: StageContext
) -> tuple[xr.Dataset, float]:
    """The group, and the share of test images whose class the reconstruction keeps."""
    progress = context.progress.part(TRAINING, 1, 1)
    vae = models.restore_vae(section, image_shape=images.shape, vector=parameters)
    mean, log_variance = training.encode(vae, images.image, progress=progress.part(0, 0.5, 1))
    reconstruction = training.reconstruct(vae, mean[images.test], progress=progress.part(0.5, 0.7, 1))
    of_reconstruction = answers_of(context.trained.teacher, reconstruction, progress=progress.part(0.7, 1, 1))
    reconstructed = of_reconstruction.logits.argmax(axis=1).astype(np.int32)
    predicted = context.open("teacher", "logits")["logits"].to_numpy()[images.test].argmax(axis=1)
    group = dataset_of(
        fields.VAE,
        {
            "mean": mean,
            "log_variance": log_variance,
            "scale": mean[fitted(images.test)].std(axis=0),
            "reconstruction": reconstruction,
            "reconstruction_class": reconstructed,
            "parameters": parameters,
            "test_sample": images.test_samples,
        },
        {
            "settings": section.model_dump(mode="json"),
            "image_shape": list(images.shape),
            "parameter_layout": models.layout(vae),
        },
    )
    return group, float(np.mean(reconstructed == predicted))


VAE = Family(
    config.Vae,
    lambda experiment: [vae_stage(experiment.vae, seed=experiment.seed)],
    fields.VAE,
    tier=Tier.PREDICT,
)
