"""`deepvid doctor`: what is installed, what JAX sees, and where data is looked for."""

import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from rich.table import Table
from rich.text import Text

from deepvid.cli.options import COMPUTE, Data, Json, print_json
from deepvid.cli.printing import open_console

PACKAGES = ("deepvid", "bokeh", "datashader", "holoviews", "numba", "numpy", "panel", "xarray", "zarr")
COMPUTING = ("flax", "jax", "jaxlib", "openTSNE", "optax", "scikit-learn", "umap-learn")


def doctor(as_json: Json = False, data: Data = None) -> None:
    """Show versions, devices and the places where data is looked for."""
    report = {
        "python": f"{platform.python_version()} on {platform.platform()}",
        "packages": {name: _version(name) for name in (*PACKAGES, *COMPUTING)},
        "devices": _devices(),
        "data": _places(data),
    }
    if as_json:
        print_json(report)
        return
    console = open_console()
    console.print(_table(report))
    if missing := [module for module in COMPUTE if find_spec(module) is None]:
        console.print(f"To compute, install deepvid[compute]: {', '.join(missing)} missing.")


def _table(report: dict[str, Any]) -> Table:
    table = Table("", "", show_header=False, box=None, pad_edge=False)
    table.add_row("Python", report["python"])
    for name, installed in report["packages"].items():
        table.add_row(name, installed or Text("absent", "red"))
    table.add_row("JAX devices", "\n".join(report["devices"]) or Text("none: JAX is absent", "red"))
    table.add_row("Data is looked for in", "\n".join(report["data"]))
    return table


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _devices() -> list[str]:
    if find_spec("jax") is None:
        return []
    import jax

    return [f"{device.platform}:{device.id} {device.device_kind}" for device in jax.devices()]


def _places(data: Any) -> list[str]:
    from deepvid.datasets import places

    return [str(folder) for folder in places(data)]
