"""The names an experiment may use. Builders live in each package's catalogue; a test keeps both equal."""

from collections.abc import Mapping
from typing import Literal

Source = Literal[
    "fashion_mnist_small", "fashion_mnist", "mnist", "cifar10", "quickdraw", "arrays", "folder", "table"
]
Logged = Literal["logged"]  # no source: the program that trained gave the images, and its run has them
InlineData = Literal["given"]  # nor this: a program gave them to deepvid.explain
Fit = Literal["crop", "pad", "stretch"]
Layout = Literal["auto", "NCHW", "NHWC"]
Channels = Literal["as stored", "rgb", "bgr", "gray"]
OutputKind = Literal["auto", "logits", "probabilities", "sigmoid", "independent"]
Optimizer = Literal[
    "sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad", "adadelta", "lamb", "lion"
]
Schedule = Literal["constant", "step", "cosine", "one_cycle"]
Likelihood = Literal["bernoulli", "gaussian"]
ProjectionMethod = Literal["tsne", "pca", "umap"]
ProjectionInput = Literal["features", "pixels", "latents"]
LayerLayout = Literal["pca", "pivot_mds"]
TimeTravelForm = Literal["parametric", "layout", "published", "timevis"]
Distribution = Literal["uniform", "normal"]
Neighborhood = Literal["residual", "plain"]
Space = Literal["latent", "smooth", "pixel"]  # where an image is changed, the most readable first
SPACES: Mapping[str, str] = {"latent": "latents", "smooth": "smoothed pixels", "pixel": "pixels"}
Making = Literal["latent", "pixel", "held"]  # a maximized picture; held: in pixels, held back by switches
Way = Literal["linear", "spherical"]
Anchor = Literal["jacobian", "zero"]
Solver = Literal["exact", Optimizer]
Baseline = Literal["black", "mean_color", "blur"]  # what a method fills an absent pixel with
Judge = Literal["colors", "infill", "neighbors", "black", "mean_color", "blur"]  # what it is judged with
Explanation = Literal[
    "student",
    "student_times_input",
    "neighborhood_gradient",
    "gradient",
    "integrated_gradients",
    "expected_gradients",
    "smoothgrad",
    "cam",
    "gradcam",
    "hirescam",
    "gradcam_plus_plus",
    "score_cam",
    "occlusion",
    "places",
    "pixels_and_places",
    "rise",
    "lime_grid",
    "lime_quickshift",
    "random",
    "image",
]
Cause = Literal["label_doubt", "one_place", "picture_quality", "overlap", "unlike_training", "copies"]
