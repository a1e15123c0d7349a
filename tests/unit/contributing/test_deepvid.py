"""A stage, a stored array and an engine request, added as CONTRIBUTING.md says, work."""

from pathlib import Path

import pytest
from additions import Change, Edit, added, run

pytestmark = pytest.mark.long

SECTION = '''"""The brightness of images."""

from typing import ClassVar

from deepvid.config.sections.section import Positive, Section


class Brightness(Section):
    """How bright every image is."""

    stage: ClassVar[str] = "brightness"
    words: ClassVar[str] = "measuring the brightness"

    gain: Positive = 1.0
'''
STAGE = '''"""The stage that measures how bright images are."""

from deepvid import config, fields
from deepvid.config.sections.brightness import Brightness
from deepvid.pipeline.stage import GroupStage, Result
from deepvid.pipeline.stage import load_images
from deepvid.pipeline.stage import StageContext, Family
from deepvid.store import dataset_of


def brightness_stage(section: Brightness, *, seed: int) -> GroupStage:
    def work(context: StageContext) -> Result:
        mean = section.gain * load_images(context).image.mean(axis=(1, 2, 3))
        return Result(dataset_of(fields.BRIGHTNESS, {"brightness": mean}), {"brightest": float(mean.max())})

    return GroupStage(
        name="brightness", needs=("dataset",), section=section, seed=seed, version=1, work=work
    )


BRIGHTNESS = Family(
    Brightness,
    lambda experiment: [brightness_stage(experiment.brightness, seed=experiment.seed)],
    fields.BRIGHTNESS,
)
'''
STAGE_CHANGE: Change = {
    "deepvid/config/sections/brightness.py": SECTION,
    "deepvid/config/experiment.py": (
        Edit(
            "from deepvid.config.sections.dataset import Dataset\n",
            "from deepvid.config.sections.brightness import Brightness\n"
            "from deepvid.config.sections.dataset import Dataset\n",
        ),
        Edit("    vae: Vae = Vae()\n", "    vae: Vae = Vae()\n    brightness: Brightness = Brightness()\n"),
    ),
    "deepvid/fields.py": (
        Edit(
            "PROJECTION = _group(",
            'BRIGHTNESS = _group(_field("brightness", "sample", "float32", "mean intensity"))\n\n'
            "PROJECTION = _group(",
        ),
        Edit('    "dataset": DATASET,\n', '    "dataset": DATASET,\n    "brightness": BRIGHTNESS,\n'),
    ),
    "deepvid/pipeline/brightness.py": STAGE,
    "deepvid/pipeline/plan.py": (
        Edit(
            "from deepvid.pipeline.dataset import DATASET\n",
            "from deepvid.pipeline.brightness import BRIGHTNESS\n"
            "from deepvid.pipeline.dataset import DATASET\n",
        ),
        Edit("    DATA_CHECK,\n", "    DATA_CHECK,\n    BRIGHTNESS,\n"),
    ),
}
RUN = """
import sys
from pathlib import Path
from deepvid import open_run, resources
from deepvid.cli.main import main

store, last, *settings = sys.argv[1:]
path = str(resources.experiment("fashion_mnist_small"))
settings += ["dataset.train=40", "dataset.test=20"]
options = [option for setting in settings for option in ("--set", setting)]
try:
    main(["run", path, "--store", store, "--stop-after", last, *options])
except SystemExit as ended:
    assert not ended.code, ended
"""
USE_STAGE = (
    RUN
    + """
from deepvid.config import words_of
(run,) = (open_run(path) for path in Path(store).iterdir() if path.is_dir())
values = run.stages["brightness"].open()["brightness"]
print(values.dims, values.attrs["long_name"], values.dtype, len(values), values.to_numpy().max() > 255)
print(words_of("brightness"))
"""
)


def test_a_stage_is_its_section_its_variables_its_file_and_three_lines(tmp_path: Path) -> None:
    packages = added("a stage", STAGE_CHANGE, tmp_path / "packages")
    said = run(packages, USE_STAGE, str(tmp_path / "store"), "brightness", "brightness.gain=9")
    assert said.splitlines()[-2:] == [
        "('sample',) mean intensity float32 60 True",
        "measuring the brightness",
    ]


USE_ARRAY = (
    RUN
    + """
(run,) = (open_run(path) for path in Path(store).iterdir() if path.is_dir())
values = run.stages["dataset"].open()["ink"]
print(values.dims, values.attrs["units"], int(values.sum()) > 0)
"""
)


def test_a_stored_array_is_declared_and_computed(tmp_path: Path) -> None:
    change: Change = {
        "deepvid/fields.py": (
            Edit(
                '"held out from training"),\n',
                '"held out from training"),\n'
                '    _field("ink", "sample", "int32", "pixels that are not black", unit="pixel count"),\n',
            ),
        ),
        "deepvid/pipeline/dataset.py": (
            Edit(
                '"test": data.test}\n',
                '"test": data.test, "ink": (data.images > 0).sum(axis=(1, 2, 3))}\n',
            ),
        ),
    }
    packages = added("a stored array", change, tmp_path / "packages")
    said = run(packages, USE_ARRAY, str(tmp_path / "store"), "dataset")
    assert said.splitlines()[-1] == "('sample',) pixel count True"


USE_REQUEST = """
import sys
from pathlib import Path
from deepvid.engine.client import connect
from deepvid.engine.requests import CountSamples
from deepvid.store import import_archive

run = import_archive(Path(sys.argv[1]), Path(sys.argv[2]))
print(connect().submit(CountSamples(run)).result(120))
"""


def test_a_request_is_a_class_and_its_answer(tmp_path: Path) -> None:
    change: Change = {
        "deepvid/engine/requests.py": (
            Edit(
                "@dataclass(frozen=True)\nclass FitStudent(OfSample):",
                "@dataclass(frozen=True)\nclass CountSamples(Request):\n"
                '    """How many samples the run has."""\n\n\n'
                "@dataclass(frozen=True)\nclass FitStudent(OfSample):",
            ),
        ),
        "deepvid/engine/handlers.py": (
            Edit(
                "HANDLERS: dict",
                "def count_samples(request: requests.CountSamples, progress: Progress) -> int:\n"
                '    return trained_run(request.run).run.stages["dataset"].open().sizes["sample"]\n\n\n'
                "HANDLERS: dict",
            ),
            Edit(
                "    requests.FitStudent: fit_student,\n",
                "    requests.FitStudent: fit_student,\n    requests.CountSamples: count_samples,\n",
            ),
        ),
    }
    packages = added("an engine request", change, tmp_path / "packages")
    golden = Path(__file__).parents[2] / "golden" / "version_1.zip"
    assert run(packages, USE_REQUEST, str(golden), str(tmp_path / "store")).splitlines()[-1] == "36"
