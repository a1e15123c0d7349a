"""Writes `docs/settings.md` from what `deepvid.config` declares: `python docs/settings_page.py`."""

from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from deepvid import config
from deepvid.config.sections.network import NETWORK
from deepvid.config.sections.section import Section, kind_of, sections_in

PAGE = Path(__file__).parent / "settings.md"
HEAD = """# Settings

An experiment is a TOML file of these settings. Only `name` is required; `None` means that a setting is
absent. An unknown key is an error that lists the known ones. `deepvid run my.toml --set
teacher.epochs=20` overrides a setting, and so do the options of `deepvid fit-students RUN` (`--neighbors
1000` is `students.neighbors`). `[[projections]]` and `[[time_travel]]` may occur several times. `[network]`
asks for `layers`, `units`, `unit_groups`, `influence`, `counterfactuals`, `maximized` and `unit_maps`, and
may hold the settings of all of them; one of them alone asks for itself and for what it reads.
`docs/settings_page.py` writes this page from `deepvid/config/`.

```toml
name = "my_images"
[dataset]
source = "folder"
path = "photos"
size = 64
[teacher]
epochs = 10
network = {kind = "resnet", depth = 14}
[[projections]]
method = "pca"
of = "pixels"
```
"""
SECTIONS = {
    "experiment": config.Experiment,
    "dataset": config.Dataset,
    "data_check": config.DataCheck,
    "teacher": config.Teacher,
    'teacher.network (kind = "resnet")': config.ResNet,
    'teacher.network (kind = "resnet50")': config.ResNet50,
    'teacher.network (kind = "mlp")': config.Mlp,
    "teacher.changes": config.Change,
    **{f'teacher.changes (action = "{kind_of(change)}")': change for change in config.CHANGES},
    'teacher (source = "predictions")': config.Table,
    'teacher (source = "onnx")': config.Onnx,
    'teacher (source = "torch")': config.Torch,
    'teacher (source = "pt2")': config.ExportedProgram,
    'teacher (source = "keras")': config.Keras,
    'teacher (source = "flax")': config.Flax,
    'teacher (source = "function")': config.Function,
    "teacher.input": config.Input,
    "teacher.output": config.Output,
    "hierarchy": config.Hierarchy,
    "soft_tree": config.SoftTree,
    "vae": config.Vae,
    "projections": config.Projection,
    "students": config.Students,
    "explanations": config.Explanations,
    "causes": config.Causes,
    "modes": config.Modes,
    "time_travel": config.TimeTravel,
    **NETWORK,
}
WORDS = {
    int: "whole number",
    float: "number",
    bool: "true or false",
    str: "text",
    Path: "path",
    NoneType: "None",
}
BOUNDS = {"ge": "from {}", "gt": "over {}", "le": "to {}", "lt": "below {}"}


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The text of the whole page."""
    parts = [HEAD]
    for name, section in SECTIONS.items():
        base = config.Change.model_fields if section in config.CHANGES else {}
        own = [(field, info) for field, info in section.model_fields.items() if field not in base]
        rows = [_row(field, info) for field, info in own if not _is_section(info)]
        about = (section.__doc__ or "").splitlines()[0]
        table = ["| setting | default | values | what |", "| --- | --- | --- | --- |", *rows]
        parts.append("\n".join([f"## {name}", "", about, "", *table, ""]))
    return "\n".join(parts)


def _row(name: str, info: FieldInfo) -> str:
    default = "" if info.is_required() else _value(info.default)
    cells = (f"`{name}`", default, _values(info), info.description or "")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |".replace("|  |", "| |")


def _is_section(info: FieldInfo) -> bool:
    """Whether it has a table of its own."""
    return bool(sections_in(info.annotation)) and info.description is None


def _value(value: Any) -> str:
    if isinstance(value, Section):
        kind = kind_of(type(value))
        return f'`{{kind = "{kind}"}}`' if kind else "`{}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{list(value)}`"
    return f"`{value}`"


def _values(info: FieldInfo) -> str:
    return _kind(info.annotation, info.metadata)


def _kind(annotation: Any, metadata: Any = ()) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        facts = [fact for each in more for fact in (each.metadata if isinstance(each, FieldInfo) else [each])]
        return _kind(inner, facts)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if origin in (Union, UnionType):
        kinds = [_kind(inner) for inner in get_args(annotation)]
        return " or ".join(dict.fromkeys(kind for kind in kinds if kind))
    if origin is tuple:
        return f"list: {_kind(get_args(annotation)[0])}"
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return "a table" if annotation in (config.ResNet, config.Input, config.Output) else ""
    bounds = [
        words.format(f"{getattr(fact, bound):g}" if bound != "lt" or getattr(fact, bound) < 1e6 else "2³¹")
        for fact in metadata
        for bound, words in BOUNDS.items()
        if hasattr(fact, bound)
    ]
    return " ".join([WORDS[annotation], *bounds])


if __name__ == "__main__":
    main()
