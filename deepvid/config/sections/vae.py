"""The variational autoencoder."""

from typing import Annotated, ClassVar

from pydantic import Field

from deepvid.config import names
from deepvid.config.sections.section import Count, NonNegative, Positive, Section, Whole


class Vae(Section):
    """The variational autoencoder in whose latent space neighbors are drawn."""

    stage: ClassVar[str] = "vae"
    words: ClassVar[str] = "training the autoencoder"

    latent: Annotated[int, Field(ge=1, le=1024)] = Field(20, description="dimensions of the latent space")
    width: Count = Field(64, description="channels of the first convolution")
    hidden: Count = Field(256, description="units of the dense layer on either side of the latent")
    epochs: Count = Field(14, description="passes over the training images")
    batch: Count = Field(128, description="images per step")
    fewest_steps: Whole = Field(
        0,
        description="fewest training steps: few images come in batches of down to 32, "
        "then several times per epoch; 0: as `batch` and `epochs` say",
    )
    learning_rate: Positive = Field(6e-3, description="peak of its one-cycle schedule, for Adam")
    beta: NonNegative = Field(1.0, description="weight of the KL term")
    warmup: Annotated[float, Field(ge=0)] = Field(1.0, description="epochs over which beta grows from 0")
    likelihood: names.Likelihood = Field(
        "gaussian",
        description="gaussian: one learned variance of all pixels, sharper pictures than bernoulli",
    )
