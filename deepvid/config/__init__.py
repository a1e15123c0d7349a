"""The experiment description: sections, names, limits, reading and hashing; no computing package."""

from deepvid.config.experiment import Experiment, words_of
from deepvid.config.hashing import digest, run_id
from deepvid.config.reading import experiment_from, read_experiment
from deepvid.config.sections.causes import Causes, Modes
from deepvid.config.sections.changes import (
    CHANGES,
    AnyChange,
    Change,
    Delete,
    Freeze,
    LeaveOut,
    Rate,
    Reorder,
    Reset,
    Stop,
    Thaw,
)
from deepvid.config.sections.data_check import DataCheck
from deepvid.config.sections.dataset import Dataset
from deepvid.config.sections.external_model import (
    ExportedProgram,
    ExternalModel,
    Flax,
    Function,
    Input,
    Keras,
    Onnx,
    Output,
    Table,
    Torch,
)
from deepvid.config.sections.hierarchy import Hierarchy, SoftTree
from deepvid.config.sections.maps import Projection, TimeTravel
from deepvid.config.sections.network import (
    Counterfactuals,
    Influence,
    Layers,
    UnitGroups,
    UnitMaps,
    UnitPictures,
    Units,
)
from deepvid.config.sections.students import Explanations, Students
from deepvid.config.sections.teacher import Mlp, Network, ResNet, ResNet50, Teacher
from deepvid.config.sections.vae import Vae

__all__ = [
    "CHANGES",
    "AnyChange",
    "Causes",
    "Change",
    "Counterfactuals",
    "DataCheck",
    "Dataset",
    "Delete",
    "Experiment",
    "Explanations",
    "ExportedProgram",
    "ExternalModel",
    "Flax",
    "Freeze",
    "Function",
    "Hierarchy",
    "Influence",
    "Input",
    "Keras",
    "Layers",
    "LeaveOut",
    "Mlp",
    "Modes",
    "Network",
    "Onnx",
    "Output",
    "Projection",
    "Rate",
    "Reorder",
    "ResNet",
    "ResNet50",
    "Reset",
    "SoftTree",
    "Stop",
    "Students",
    "Table",
    "Teacher",
    "Thaw",
    "TimeTravel",
    "Torch",
    "UnitGroups",
    "UnitMaps",
    "UnitPictures",
    "Units",
    "Vae",
    "digest",
    "experiment_from",
    "read_experiment",
    "run_id",
    "words_of",
]
