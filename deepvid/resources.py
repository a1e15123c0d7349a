"""Where the files that come with DeepVID are: the embedded images and the experiments.

In a checkout they lie beside the package; in a wheel they are packed inside it.
"""

from pathlib import Path

from deepvid.errors import ConfigError

_PACKED = Path(__file__).parent / "_resources"
_ROOT = _PACKED if _PACKED.is_dir() else Path(__file__).parents[1]


def data() -> Path:
    """The folder of the embedded data sets."""
    return _ROOT / "data"


def experiments() -> dict[str, Path]:
    """The experiments that come with DeepVID, by name."""
    return {path.stem: path for path in sorted((_ROOT / "experiments").glob("*.toml"))}


def experiment(name: str) -> Path:
    """The file of one of them, such as `fashion_mnist_small`. Raises `ConfigError` for another name."""
    known = experiments()
    if name not in known:
        raise ConfigError(
            f"An experiment that comes with DeepVID is one of {', '.join(known)}",
            repr(name),
            "Give one of these names, or the path of a TOML file",
        )
    return known[name]
