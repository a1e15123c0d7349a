"""A program that torch.export saved. Loading it runs code of it: only what a person names is opened."""

from pathlib import Path
from typing import Any

from deepvid import config
from deepvid.adapters.contract import Adapter, digest_of_file
from deepvid.adapters.torch import TorchModule, torch_package
from deepvid.errors import DataError


def opened(section: config.ExportedProgram, given: Any) -> Adapter:
    return open_exported(section.path)


def open_exported(path: Path) -> TorchModule:
    torch = torch_package()
    if not path.is_file():
        raise DataError("The .pt2 file exists", f"no file {path}", "Give its path")
    try:
        program = torch.export.load(path)
        module = program.module()
    except Exception as error:  # whatever loading it runs into
        raise DataError(
            "A .pt2 file is what torch.export.save wrote",
            f"{path}: {(str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip('.')}",
            "Save it again, with this version of PyTorch, or export it to ONNX",
        ) from error
    for layer in module.modules():
        layer.training = False  # it has no eval(): whether it trains was settled when it was exported
    return TorchModule(module, path.name, takes=_takes(program), digest=digest_of_file(path))


def _takes(program: Any) -> tuple[int | None, ...] | None:
    """The shape of its only input; sizes that may vary are None."""
    inputs = program.graph_signature.user_inputs
    shapes = [
        node.meta["val"].shape for node in program.graph.nodes if node.name in inputs and "val" in node.meta
    ]
    if len(shapes) != 1:
        return None
    return tuple(side if isinstance(side, int) else None for side in shapes[0])
