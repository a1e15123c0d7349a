"""Every variable that a run stores, declared once: its dimensions, type, unit, meaning and block.

The store checks and describes by it what it writes, readers read by it, and the tables of
`docs/store_format.md` are made from it. To store one more: declare it here, and compute it in its stage.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Field(NamedTuple):
    """One variable of a group; that of a series is declared as one epoch has it, without `epoch`."""

    name: str
    dims: tuple[str, ...]
    dtype: str  # as NumPy names it; that of classes may be a wider unsigned integer, where there are more
    unit: str  # as UDUNITS reads it: "1" of a pure number, a count or an index
    meaning: str  # in a few words; its long_name in the store
    coordinate: bool = False  # says which rows a dimension has
    block: int | None = None  # most rows of the first dimension in one block; None: as many as lie well
    optional: bool = False  # not every group has it
    classes: bool = False  # each value is the index of a class


Fields = Mapping[str, Field]
"""The variables of one group by name."""


def _group(*fields: Field) -> Fields:
    return {field.name: field for field in fields}


def _in_blocks(*fields: Field) -> Fields:
    """A student, and what explains an image, is read alone: one block of 16 is all that is read for it."""
    return _group(*(field._replace(block=16) if field.dims[0] in _ITEMS else field for field in fields))


_ITEMS = ("student", "explained")


def _field(
    name: str,
    dims: str,
    dtype: str,
    meaning: str,
    *,
    unit: str = "1",
    coordinate: bool = False,
    optional: bool = False,
    classes: bool = False,
    block: int | None = None,
) -> Field:
    """A line of the tables; dimensions with a space between."""
    return Field(name, tuple(dims.split()), dtype, unit, meaning, coordinate, block, optional, classes)


# fmt: off
_PARAMETERS = _field("parameters", "parameter", "float32", "parameters and batch statistics")
_OF_OWN_TRAINING = _PARAMETERS._replace(optional=True)  # a training that was logged keeps its own
_SAMPLES = _field("sample", "sample", "int32", "sample by its index, training images first", coordinate=True)

DATASET = _group(
    _field("image",          "sample y x channel", "uint8", "image, intensity from 0 to 255", optional=True),
    _field("label",          "sample",             "int32", "true class, by its index; absent where nobody labeled the images", optional=True, classes=True),
    _field("test",           "sample",             "bool",  "held out from training"),
    _field("original_label", "sample",             "int32", "class before labels were changed, by its index", optional=True, classes=True),
    _field("row",            "sample",             "int32", "row in a source of a person's own images", optional=True),
    _field("file",           "sample byte",        "uint8", "file of the image, in UTF-8 filled up by zeros", optional=True),
    _field("file_size",      "sample side",        "int32", "y and x of that file before it was resized, in pixels", optional=True),
    _field("number",         "sample number_column", "float64", "value in each further column of numbers, or of dates in seconds since 1970 (UTC); NaN: none", optional=True),
    _field("category",       "sample category_column", "int32", "value in each further column of few texts, by its index among the words that table_columns lists; -1: none", optional=True),
    _field("text",           "sample text_byte",   "uint8", "values in further columns of texts end to end, each in UTF-8 filled up by zeros", optional=True),
)

DATA_CHECK = _group(
    _field("copied",      "sample", "bool",    "test image that is also a training image"),
    _field("near_copy",   "sample", "bool",    "test image that is nearly a training image"),
    _field("two_labels",  "sample", "bool",    "the same picture has another label elsewhere"),
    _field("repeated",    "sample", "bool",    "the same picture occurs again in its own split"),
    _field("dark",        "sample", "bool",    "much darker than the others"),
    _field("overexposed", "sample", "bool",    "much brighter than the others"),
    _field("blurred",     "sample", "bool",    "much less sharp than the others"),
    _field("plain",       "sample", "bool",    "of one color"),
    _field("odd_size",    "sample", "bool",    "its file has another form or size than the others"),
    _field("copy_of",     "sample", "int32",   "first other sample with the same picture, or -1"),
    _field("nearest",     "sample", "int32",   "training image that a test image nearly is, or -1"),
    _field("nearness",    "sample", "float32", "its distance from that over the usual one, or nan"),
)

PROJECTION = _group(
    _field("position", "sample dimension", "float32", "position on the map"),
    _field("hit",      "sample",           "float32", "share of neighbors on the map with its label", optional=True),
    _field("data_hit", "sample",           "float32", "share of neighbors in what is projected with its label", optional=True),
    _SAMPLES,
)

TEACHER = _group(
    _field("logits",   "sample class",   "float32", "logits of the teacher"),
    _field("features", "sample feature", "float32", "penultimate layer of the teacher"),
    _OF_OWN_TRAINING,
    _field("model",    "byte",           "uint8",   "file of a network that is data and no program", optional=True),
    _field("class_of_file", "sample",    "int32",   "class that the model gives the image as it was before it was stored smaller, by its index; -1: not asked", classes=True, optional=True),
)
"""A teacher that was logged has no parameters, and a row of nan for what it was not asked about. One that was
trained elsewhere has no parameters either; of an ONNX file it has the bytes. Where a model shows no features
its logits stand for them, and the attribute `features_of` says so."""


def _ways(leaf: Field) -> tuple[Field, ...]:
    """A tree, and every sample's way down it."""
    return (
        _field("parent",           "node",   "int32",   "parent of each node, which are leaves first; -1 of the root"),
        _field("node_probability", "node",   "float32", "mean probability of the node, given its parent, over the test images that reach it, or nan"),
        leaf,
        _field("path_probability", "sample", "float32", "mean node probability along the path to it"),
        _field("turn",             "sample", "int32",   "first node on that path that leaves the true class's (without labels, the runner-up's), or -1"),
    )


HIERARCHY = _group(*_ways(
    _field("leaf", "sample", "int32", "class that hard decisions reach, by its index", classes=True),
))

SOFT_TREE = _group(
    *_ways(_field("leaf", "sample", "int32", "leaf that hard decisions reach, by its node")),
    _field("leaf_class",       "leaf_node",       "int32",   "class of each leaf, by its index", classes=True),
    _field("leaf_probability", "leaf_node class", "float32", "probability of a class at a leaf"),
    _field("weights",          "inner feature",   "float32", "of a feature, in the score of a node's first child"),
    _field("bias",             "inner",           "float32", "of that score, whose logistic is the child's probability"),
    _field("returns",          "node",            "int32",   "other trees of the run that have a node of the same classes"),
)

VAE = _group(
    _field("mean",                 "sample latent",           "float32", "mean of the latent"),
    _field("log_variance",         "sample latent",           "float32", "log of the variance of the latent"),
    _field("scale",                "latent",                  "float32", "standard deviation of the latent means over the training images"),
    _field("reconstruction",       "test_sample y x channel", "uint8",   "image decoded from the latent mean, intensity from 0 to 255"),
    _field("reconstruction_class", "test_sample",             "int32",   "class the teacher gives the reconstruction, by its index"),
    _PARAMETERS,
    _field("test_sample",          "test_sample",             "int32",   "test sample by its index", coordinate=True),
)

# Older runs lack labels and jacobian; students without gradients have neither jacobian nor gradient.
STUDENTS = _in_blocks(
    _field("sample",                "student",                       "int32",   "sample by its index, training images first"),
    _field("smoothness",            "fit",                           "float32", "weight of the Laplacian prior of each fit"),
    _field("weights",               "student fit class y x channel", "float16", "weights of the student", optional=True),
    _field("shared_weights",        "student fit row y x channel",   "float16", "the same where there are many classes, most of which share the last row", optional=True),
    _field("row",                   "student class",                 "int32",   "row of shared_weights of each class", optional=True),
    _field("intercept",             "student fit class",             "float32", "intercepts of the student"),
    _field("kl",                    "student fit",                   "float32", "KL(teacher || student) on held-out neighbors, in nats"),
    _field("agreement",             "student fit",                   "float32", "share of held-out neighbors given the teacher's class"),
    _field("agreement_low",         "student fit",                   "float32", "agreement, lower end of the 95 % Wilson interval"),
    _field("agreement_high",        "student fit",                   "float32", "agreement, upper end of the 95 % Wilson interval"),
    _field("floor",                 "student fit",                   "float32", "agreement that guessing the commonest class would reach"),
    _field("kappa",                 "student fit",                   "float32", "Cohen's kappa of student and teacher on held-out neighbors"),
    _field("r2",                    "student fit",                   "float32", "R2 of centered logits on held-out neighbors"),
    _field("certificate",           "student fit",                   "float32", "upper bound of the distance to the optimal objective, in nats"),
    _field("agrees_on_sample",      "student fit",                   "bool",    "student and teacher agree on the image itself"),
    _field("held_out",              "student",                       "int32",   "number of neighbors the student was not fitted to"),
    _field("gate",                  "student",                       "bool",    "the teacher gives the reconstruction the image's class"),
    _field("reconstruction_class",  "student",                       "int32",   "class the teacher gives the reconstruction"),
    _field("neighborhood_gradient", "student y x channel",           "float16", "gradient of the contrast, averaged over the neighborhood", optional=True),
    _field("neighborhood_mean",     "student y x channel",           "uint8",   "mean of the neighbors fitted to, intensity from 0 to 255"),
    _field("widening",              "student",                       "float32", "times the band was widened for other labels"),
    _field("commonest",             "student",                       "float32", "share of the neighbors that have their commonest label"),
    _field("commonest_class",       "student",                       "int32",   "commonest label of the neighbors"),
    _field("stability",             "student",                       "float32", "cosine of the maps of two students of half of the neighbors"),
    _field("contrast",              "student side",                  "int32",   "predicted class and another, whose logits the gradient subtracts"),
    _field("teacher_logits",        "student class",                 "float32", "logits of the teacher for the image itself"),
    _field("labels",                "student neighbor class",        "float16", "logits of the teacher for each neighbor, less the greatest", optional=True),
    _field("jacobian",              "student asked y x channel",     "float16", "mean gradient of logits over the neighborhood: of contrast, then of the most probable others", optional=True),
    _field("occlusion",             "student y x",                   "float16", "contrast that is lost where a patch is black, shared by its pixels; of a teacher without gradients", optional=True),
)

EXPLANATIONS = _in_blocks(
    _field("sample",        "explained",                 "int32",   "sample by its index, training images first"),
    _field("map",           "explained method y x",      "int8",    "contribution of a pixel, over its channels, in scale / 127"),
    _field("scale",         "explained method",          "float32", "largest contribution of a pixel, in logits"),
    _field("total",         "explained method",          "float32", "sum of the contributions, in logits"),
    _field("margin_lost",   "explained method",          "float32", "margin lost with the strongest tenth of the inked pixels, less that of the same map elsewhere, in logits"),
    _field("margin_chance", "explained method",          "float32", "what margin_lost of the same map elsewhere exceeds in 2.5 % of cases, in logits"),
    _field("infill_lost",   "explained method",          "float32", "as margin_lost, where the autoencoder fills in what is absent, or nan", optional=True),
    _field("infill_chance", "explained method",          "float32", "as margin_chance, of infill_lost", optional=True),
    _field("infill",        "explained",                 "int8",    "whether the autoencoder judged; 0: it knows nothing of the image; -1: it was not asked", optional=True),
    _field("places_r2",     "explained",                 "float32", "R2 of the student of places, of each blob by the students of all others", optional=True),
    _field("faithfulness",  "explained method baseline", "float32", "area of insertion less that of deletion, by the fills of a judge, or nan"),
    _field("contrast",      "explained side",            "int32",   "predicted class and another, by whose margin"),
)

CAUSES = _group(
    _field("sample",   "error",            "int32",   "misclassified image by its index, those of the test images first"),
    _field("strength", "error cause",      "float16", "how far a cause goes, over its threshold: at 1 it is named; nan: it is not known"),
    _field("evidence", "error told fact",  "float16", "numbers that sentences tell: of the first two causes that are named, and of overlap; nan: there is none", optional=True),
    _field("fact",     "error cause fact", "float16", "the same of every cause, as earlier versions kept it", optional=True),
    _field("lost",     "error place",      "float16", "logits that the margin of the predicted class over the label loses with a place, or nan", optional=True),
    _field("tracked",  "tracked",          "int32",   "test image, or training image that was asked after every epoch, by its index", optional=True),
    _field("area",     "tracked",          "float16", "area under the margin: logit of the label less the largest other, mean over the epochs", optional=True),
    _field("rival",    "tracked",          "int32",   "class that led the others than the label on average, by its index", classes=True, optional=True),
)
"""The attribute `causes` names them in order, and `grid` has the rows and columns of places."""

MODES = _group(
    _field("sample", "error", "int32", "misclassified test image by its index"),
    _field("mode",   "error", "int16", "kind of mistake, by its place in the attribute modes; -1: none"),
    _field("point",  "error component", "float16", "what the errors are clustered by: those that are alike are near each other", optional=True),
)

TEACHER_EPOCH = _group(
    _OF_OWN_TRAINING,
    _field("test_logits",       "sample class",     "float32", "logits of the teacher for the test images"),
    _field("test_features",     "sample feature",   "float32", "penultimate layer of the teacher for the test images"),
    _field("training_logits",   "training class",   "float32", "logits of the teacher for the training images; nan: not in use at that epoch", optional=True),
    _field("training_features", "training feature", "float32", "penultimate layer of the teacher for the training images; nan: not in use", optional=True),
    _field("labeled",           "training",         "bool",    "trained with at that epoch with its label, as in active learning", optional=True),
    _field("head_weight",       "feature class",    "float32", "weights of the last layer; nan: not told", optional=True),
    _field("head_bias",         "class",            "float32", "constants of the last layer; nan: not told", optional=True),
    _SAMPLES,
)
"""A training that was logged keeps no parameters, and what cannot be recomputed without them."""

TRAINING_EPOCH = _group(
    _field("step_number", "column number statistic", "float32", "minimum, mean and maximum of a number of the steps of a column; nan: not recorded"),
    _field("tick_number", "tick measure",            "float32", "measure of the network's layers and units on 64 fixed training images; nan: not recorded", optional=True),
    _field("judged_logits", "judged_sample class",   "float32", "logits of the teacher for some of the training images, in evaluation mode; nan: not recorded", optional=True),
    _field("judged_sample", "judged_sample",         "int32",   "these images, the same in every epoch", coordinate=True, optional=True),
)
"""The attribute `numbers` names those of a step, `measures` those of a tick, `units` has the unit of each.
One array a kind, and not one a number: an epoch commits each array with its own files."""

VAE_EPOCH = _group(_PARAMETERS)

TIME_TRAVEL_EPOCH = _group(
    _field("position",                   "sample dimension",   "float16", "position on the map of the epoch"),
    _field("kept",                       "sample",             "uint8",   "how many of its 15 nearest in the features are its nearest here"),
    _field("stayed",                     "training",           "uint8",   "how many of its 15 nearest in the features were so the epoch before"),
    _field("training_predicted",         "training",           "uint8",   "class the teacher predicts, by its index", classes=True),
    _field("training_label_probability", "training",           "uint8",   "probability of the label, in 1/255"),
    _field("boundary_position",          "boundary dimension", "float16", "boundary point on the map, or nan"),
    _field("cell_class",                 "y x",                "uint8",   "class of what is decoded there, by its index", classes=True),
    _field("cell_margin",                "y x",                "uint8",   "its probability less that of the second class, in 1/255"),
    _field("cell_doubtful",              "y byte",             "uint8",   "cells not to be believed, a bit each along x"),
    _field("box",                        "corner dimension",   "float32", "centers of the first and of the last cell"),
    _field("model",                      "parameter",          "float16", "layers of the visualization model, as model_layout lists them"),
    _SAMPLES,
)
"""The samples are the drawn training images, as many as `training` has, then the test images."""

TIME_TRAVEL = _group(
    _field("event_epoch",  "event", "int32",   "epoch after which it is seen, from 1"),
    _field("event_sample", "event", "int32",   "sample by its index, training images first"),
    _field("event_kind",   "event", "uint8",   "what has changed, by its index in the attribute kinds"),
    _field("event_change", "event", "float32", "by how much, as that kind measures it"),
)

LAYERS = _group(
    _field("code",          "column sample component",   "float16", "principal components of what a layer says", block=1),
    _field("layout",        "column sample dimension",   "float32", "position on the map of a layer, turned onto the one before"),
    _field("probe",         "column sample",             "uint8",   "commonest class of the nearest training images in a layer, by its index", classes=True),
    _field("probe_votes",   "column sample",             "uint8",   "how many of them have it"),
    _field("depth",         "sample",                    "uint8",   "first column from which on they all say what the teacher predicts, or how many there are"),
    _field("training",      "training",                  "int32",   "training image that may be a neighbor, by its sample"),
    _field("training_code", "column training component", "float16", "code of each training image that may be a neighbor", block=1),
    _field("basis",         "output component",          "float16", "principal components of the columns in the attribute bases, end to end", optional=True),
    _field("basis_mean",    "output",                    "float32", "mean output, which a code is without", optional=True),
    _SAMPLES,
)
"""The columns are those that the attribute `columns` lists: pixels, layers and logits."""

UNITS = _group(
    _field("unit_column",    "unit",             "uint8",   "column of the layer of a unit", optional=True),
    _field("unit_index",     "unit",             "int32",   "unit by its index in its layer", optional=True),
    _field("unit_spread",    "unit",             "float32", "share of the variance of its mean response between classes, over training images", optional=True),
    _field("unit_leaf",      "unit",             "int32",   "place among the units of its layer where those that answer classes alike stand side by side", optional=True),
    _field("response_mean",  "sample unit",      "float16", "mean response of a unit over the places of an image", optional=True),
    _field("response_max",   "sample unit",      "float16", "largest response", optional=True),
    _field("response_peak",  "sample unit",      "uint16",  "place of the largest response, row by row, 65535 at most", optional=True),
    _field("silenced",       "unit class logit", "float16", "mean change of a logit on images of a class while a unit is held at its mean; NaN without images", optional=True),
    _field("silenced_error", "unit class logit", "float16", "standard error of silenced; NaN of fewer than two images", optional=True),
    _field("unit_input",     "unit source",      "float16", "how far a unit moves, in its standard deviations, while one of the layer before is held at its mean", optional=True),
    _SAMPLES,
)

UNIT_GROUPS = _group(
    _field("group_column",        "group",             "uint8",   "column of the layer of a group", optional=True),
    _field("group_units",         "group member",      "float32", "share of each unit of the layer in a group's answer, by its index; 0 behind the last one", optional=True),
    _field("group_stability",     "group",             "float32", "cosine of the two groups most like it that are fitted to two halves of the images", optional=True),
    _field("group_spread",        "group",             "float32", "share of the variance of its mean answer between classes, over training images", optional=True),
    _field("group_leaf",          "group",             "int32",   "place among the groups of its layer where those that answer classes alike stand side by side", optional=True),
    _field("group_mean",          "sample group",      "float16", "mean answer of a group over the places of an image", optional=True),
    _field("group_max",           "sample group",      "float16", "largest answer", optional=True),
    _field("group_peak",          "sample group",      "uint8",   "place of it in the pooled map, row by row", optional=True),
    _field("group_effect",        "group logit",       "float32", "what a mean answer of one adds to a logit; NaN where more than a mean and a linear layer follow", optional=True),
    _field("group_removed",       "group class logit", "float16", "mean change of a logit on images of a class while its part is taken away; NaN without images", optional=True),
    _field("group_removed_error", "group class logit", "float16", "standard error of group_removed; NaN of fewer than two images", optional=True),
    _SAMPLES,
)

INFLUENCE = _group(
    _field("head",              "class input",               "float32", "last layer fitted again to its optimum: weights of the features, then its constant", optional=True),
    _field("inverse_hessian",   "number other",              "float32", "inverse of its Hessian, numbers row by row of head", optional=True),
    _field("snapshot_features", "snapshot training feature", "float16", "penultimate layer of the teacher for the training images at an epoch", optional=True),
    _field("snapshot_logits",   "snapshot training class",   "float16", "logits of the teacher for the training images at an epoch", optional=True),
)

COUNTERFACTUALS = _group(
    _field("flip_distance",    "space sample",                "float32", "how far another answer is, in pixels or in standard deviations of the latents; nan of images that were not asked about or not flipped", optional=True),
    _field("flip_class",       "space sample",                "int16",   "that answer by its index, or -1", optional=True),
    _field("strip_sample",     "strip",                       "int32",   "error of a strip, by its index", optional=True),
    _field("strip_difference", "strip way frame y x channel", "float16", "pixels of a frame towards its true class less those of the image, in their whole range", optional=True),
    _field("strip_logits",     "strip way frame class",       "float32", "logits of a frame", optional=True),
    _SAMPLES,
)
"""The attribute `changes` names the spaces of distances, and those that are the ways of strips."""

MAXIMIZED = _group(
    _field("maximized_unit",     "picture",                   "int32",   "unit of a picture, by its place among those that are kept", optional=True),
    _field("maximized",          "picture space y x channel", "uint8",   "what it answers most, sought in a space, intensity from 0 to 255", optional=True),
    _field("maximized_response", "picture space",             "float32", "its largest response to that picture", optional=True),
    _field("maximized_ratio",    "picture space",             "float32", "that response over the one to the test image that it answers ninth strongest; NaN of one that answers fewer than nine", optional=True),
)

UNIT_MAPS = _group(
    _field("response_map",  "mapped place unit", "uint8",   "mean response of a unit at a place of an image, map_low + map_step times it, row by row; 0 where its layer has no such place", block=100, optional=True),
    _field("map_sample",    "mapped",            "int32",   "image of response_map, by its sample", optional=True),
    _field("map_low",       "unit",              "float32", "what 0 stands for in response_map", optional=True),
    _field("map_step",      "unit",              "float32", "what a step of response_map stands for", optional=True),
    _field("map_deviation", "unit",              "float32", "standard deviation of response_map between its images, root mean square over the places", optional=True),
)

STATE = _group(
    _field("bytes", "byte", "uint8", "training state, arrays end to end as layout lists them", unit="byte"),
)
# fmt: on

NETWORK: Fields = {**LAYERS, **UNITS, **UNIT_GROUPS, **INFLUENCE, **COUNTERFACTUALS, **MAXIMIZED, **UNIT_MAPS}
"""The one group that earlier versions stored of all of them."""


STAGES: Mapping[str, Fields] = {
    "dataset": DATASET,
    "data-check": DATA_CHECK,
    "projection": PROJECTION,
    "teacher": TEACHER,
    "hierarchy": HIERARCHY,
    "soft-tree": SOFT_TREE,
    "vae": VAE,
    "students": STUDENTS,
    "explanations": EXPLANATIONS,
    "causes": CAUSES,
    "modes": MODES,
    "time-travel": TIME_TRAVEL,
    "layers": LAYERS,
    "units": UNITS,
    "unit-groups": UNIT_GROUPS,
    "influence": INFLUENCE,
    "counterfactuals": COUNTERFACTUALS,
    "maximized": MAXIMIZED,
    "unit-maps": UNIT_MAPS,
}
"""By the family of a stage's name, or by what stands before the name of one of several: `projection`."""

TRAINING = "training"
"""The series that records the teacher's training, under the key of the teacher's: it belongs to that stage."""

SERIES: Mapping[str, Fields] = {
    "teacher": TEACHER_EPOCH,
    TRAINING: TRAINING_EPOCH,
    "vae": VAE_EPOCH,
    "time-travel": TIME_TRAVEL_EPOCH,
}

SEVERAL = ("projection", "time-travel")
"""Families of which a run may have several stages, each with a name of its own behind this one."""


FORMER = "network"
"""The stage of earlier versions whose one group has the variables of several stages of today."""

PARTS = ("layers", "units", "unit-groups", "influence", "counterfactuals", "maximized", "unit-maps")
"""Those stages, in the order of computation."""

READS = "reads"
"""The attribute that has the keys of those of them that a stage was computed from."""


def parts_of(name: str, known: Collection[str]) -> list[str]:
    """Stages among those `known` that a name stands for: `network` for all that took its place."""
    parts = [part for part in (FORMER, *PARTS) if part in known] if name == FORMER else []
    return parts or [name]


def of_stage(name: str) -> Fields:
    """The declared variables of a stage or of one of its batches; none of a person's own stage."""
    return NETWORK if name == FORMER else STAGES.get(_family(name.partition("/")[0]), {})


def of_series(name: str) -> Fields:
    """The declared variables of one epoch of a series; none of a person's own."""
    return SERIES.get(_family(name), {})


def _family(name: str) -> str:
    return next((family for family in SEVERAL if name.startswith(f"{family}-")), name)
