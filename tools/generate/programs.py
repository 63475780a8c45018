"""The Python types that programs use: inputs, outputs and the results of functions."""

from __future__ import annotations

import textwrap
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from pulumi_tablestore_delivery.native.names import camel
from pulumi_tablestore_delivery.spec.model import (
    OUTPUTS,
    Change,
    Choice,
    DeliveryTaskSpec,
    EventTimeColumn,
    Input,
    ParquetColumn,
    inputs_of,
)

_WIDTH: Final = 100
_MODELS: Final[tuple[type[BaseModel], ...]] = (EventTimeColumn, ParquetColumn)
_HEADER: Final = """
Generated from spec/model.py by `make generate`; do not edit.
\"\"\"
"""
_TASK: Final = "A task that delivers a Tablestore table's rows to an OSS bucket as Parquet files."
_PARQUET_SCHEMA: Final = (
    "ParquetSchema: TypeAlias = Input[Sequence[Input[Union[ParquetColumnArgs, ParquetColumnDict]]]]"
)
_ID: Final = "`<instance>/<table>/<task>`."


def inputs_module() -> str:
    """Return frontend/inputs.py: enums, args classes, plain dicts and nested outputs."""
    blocks = [
        '"""The types of a delivery task\'s inputs and of its nested outputs.\n'
        + _HEADER
        + """
from enum import Enum
from typing import TYPE_CHECKING, Literal, Optional, TypeAlias, TypedDict, Union
from collections.abc import Awaitable, Sequence

import pulumi
from pulumi import Input, Output
from typing_extensions import Required

# Optional[…] and Union[…] rather than `|` throughout: Pulumi reads these types at run time.""",
        *(_enum(choice) for choice in _choices()),
        _choice_types(),
        *(_args_class(model) for model in _MODELS),
        *(_output_class(model, in_camel_case=False) for model in _MODELS),
        *(_nested_dict(model) for model in _MODELS),
        _PARQUET_SCHEMA,
        _optional_inputs(),
        _task_dict(),
        f"INPUTS = {_tuple(DeliveryTaskSpec.model_fields)}",
        f"OUTPUTS = {_tuple(OUTPUTS)}",
    ]
    return "\n\n\n".join(blocks) + "\n"


def resource_module(*, in_camel_case: bool) -> str:
    """Return the base class of a front end's resource: its documentation and its outputs.

    Args:
        in_camel_case: Whether the properties have their names in the package's schema.
    """
    column = ""
    source = "EventTimeColumn, ParquetColumn"
    if in_camel_case:
        column = "\n\n\n" + _output_class(ParquetColumn, in_camel_case=True)
        source = "EventTimeColumn"
    return (
        '"""The outputs of a `DeliveryTask`.\n'
        + _HEADER
        + f"""
from collections.abc import Sequence
from typing import Optional

import pulumi
from pulumi import Output

from pulumi_tablestore_delivery.frontend.inputs import {source}{column}


class DeliveryTaskOutputs:
{_task_doc()}
"""
        + "\n".join(_getters(in_camel_case=in_camel_case))
    )


def results_module() -> str:
    """Return frontend/results.py: what functions return."""
    inputs = dict(inputs_of(DeliveryTaskSpec))
    of_task = {name: about for name, about in inputs.items() if about.change is Change.REPLACE}
    found = {
        "id": ("str", _ID),
        **{name: (_result_type(name), about.doc) for name, about in of_task.items()},
        **{name: ("str", out.doc) for name, out in OUTPUTS.items() if not out.is_of_create},
    }
    listed = {
        "id": ("str", _ID),
        **{name: ("str", inputs[name].doc) for name in ("table_name", "task_name", "mode")},
    }
    return (
        '"""The results of functions.\n'
        + _HEADER
        + """
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_tablestore_delivery.frontend.inputs import EventTimeColumn, ParquetColumn


"""
        + "\n\n\n".join(
            [
                _result("GetDeliveryTaskResult", "A delivery task of the service.", found),
                _result("ListedDeliveryTask", "A delivery task in a list.", listed),
                _result(
                    "ListDeliveryTasksResult",
                    "Delivery tasks.",
                    {"tasks": ("Sequence[ListedDeliveryTask]", "Sorted by table and name.")},
                ),
            ]
        )
        + "\n"
    )


def _choices() -> Iterator[Choice]:
    models: list[type[BaseModel]] = [DeliveryTaskSpec, *reversed(_MODELS)]
    for model in models:
        for _, about in inputs_of(model):
            if about.choice is not None:
                yield about.choice


def _enum(choice: Choice) -> str:
    lines = [f"class {choice.name}(str, Enum):", f'    """{choice.doc}"""', ""]
    for value, doc in choice.values.items():
        lines.append(f'    {value.upper()} = "{value}"')
        if doc:
            lines.append(f'    """{doc}"""')
    return "\n".join(lines)


def _choice_types() -> str:
    """Return aliases that name the values for type checkers and editors."""
    known, loose = [], []
    for choice in _choices():
        values = ", ".join(f'"{value}"' for value in (*choice.values, *choice.undocumented))
        known.append(
            f"    {choice.name}Input: TypeAlias = Union[\n"
            f'        Literal[{values}], {choice.name}, Awaitable[str], "Output[str]"\n    ]'
        )
        loose.append(f"    {choice.name}Input: TypeAlias = Input[Union[str, {choice.name}]]")
    return "\n".join(
        ["if TYPE_CHECKING:  # Pulumi does not read a Literal at run time", *known, "else:", *loose]
    )


def _args_class(model: type[BaseModel]) -> str:
    fields = dict(inputs_of(model))
    ordered = sorted(fields, key=lambda name: not is_required(model, name))
    lines = [
        "@pulumi.input_type",
        f"class {model.__name__}Args:",
        f'    """{model.__doc__}',
        "",
        "    Args:",
        *(_doc_item(name, _doc_of(model, name)) for name in ordered),
        '    """',
        "",
        *(f"    {name}: {_input_type(model, name)}" for name in ordered),
        "",
        "    def __init__(",
        "        self,",
        "        *,",
    ]
    for name in ordered:
        default = "" if is_required(model, name) else " = None"
        lines.append(f"        {name}: {_input_type(model, name)}{default},")
    lines.append("    ) -> None:")
    lines += [f'        pulumi.set(self, "{name}", {name})' for name in ordered]
    return "\n".join(lines)


def _output_class(model: type[BaseModel], *, in_camel_case: bool) -> str:
    lines = [
        "@pulumi.output_type",
        f"class {model.__name__}(dict):  # type: ignore[type-arg]  # as Pulumi's output types are",
        f'    """{model.__doc__}',
        "",
        "    Attributes:",
        *(_doc_item(name, about.doc) for name, about in inputs_of(model)),
        '    """',
        "",
    ]
    for name in sorted(model.model_fields, key=lambda name: not _is_always_there(model, name)):
        if _is_always_there(model, name):
            lines.append(f"    {name}: str")
        elif in_camel_case:
            lines.append(
                f'    {name}: Optional[str] = pulumi.property("{camel(name)}", default=None)'
            )
        else:
            lines.append(f"    {name}: Optional[str] = None")
    return "\n".join(lines)


def _nested_dict(model: type[BaseModel]) -> str:
    lines = [
        f"class {model.__name__}Dict(TypedDict, total=False):",
        f'    """`{model.__name__}Args` as a plain dict."""',
        "",
    ]
    for name, _ in inputs_of(model):
        kind = _input_type(model, name)
        lines.append(f"    {name}: {f'Required[{kind}]' if is_required(model, name) else kind}")
        lines.append(_attribute_doc(_doc_of(model, name)))
    return "\n".join(lines)


def _optional_inputs() -> str:
    lines = [
        "class OptionalInputs(TypedDict, total=False):",
        '    """The inputs of a `DeliveryTask` that may be left out."""',
        "",
    ]
    for name, _ in inputs_of(DeliveryTaskSpec):
        if not is_required(DeliveryTaskSpec, name):
            lines.append(f"    {name}: {_input_type(DeliveryTaskSpec, name)}")
            lines.append(_attribute_doc(_doc_of(DeliveryTaskSpec, name)))
    return "\n".join(lines)


def _task_dict() -> str:
    lines = [
        "class DeliveryTaskDict(OptionalInputs, total=False):",
        '    """The inputs of a `DeliveryTask` as a plain dict or as keyword arguments."""',
        "",
    ]
    for name, _ in inputs_of(DeliveryTaskSpec):
        if is_required(DeliveryTaskSpec, name):
            lines.append(f"    {name}: Required[{_input_type(DeliveryTaskSpec, name)}]")
            lines.append(_attribute_doc(_doc_of(DeliveryTaskSpec, name)))
    return "\n".join(lines)


def _task_doc() -> str:
    lines = [
        f'    """{_TASK}',
        "",
        "    The inputs are keyword arguments, a `DeliveryTaskArgs`, or a plain dict. Each may be",
        "    an output of another resource. docs/inputs.md lists them too.",
        "",
        "    Args:",
        _doc_item("resource_name", "The resource's name in the program."),
        _doc_item("args", "The inputs as one object, in place of keyword arguments."),
        _doc_item("opts", "Pulumi's options."),
    ]
    names = list(DeliveryTaskSpec.model_fields)
    required = [name for name in names if is_required(DeliveryTaskSpec, name)]
    for name in dict.fromkeys([*required, *names]):
        mark = "Required. " if name in required else ""
        lines.append(_doc_item(name, mark + _doc_of(DeliveryTaskSpec, name)))
    lines += [
        "",
        "    Raises:",
        _doc_item("TypeError", "There is no input of this name, or inputs are given in two ways."),
        '    """',
    ]
    return "\n".join(lines)


def _getters(*, in_camel_case: bool) -> Iterator[str]:
    inputs = dict(inputs_of(DeliveryTaskSpec))
    docs = {**{name: about.doc for name, about in inputs.items()}}
    docs |= {name: output.doc for name, output in OUTPUTS.items()}
    for name, doc in docs.items():
        kind = _optional(DeliveryTaskSpec, name, _type_of(name)) if name in inputs else "str"
        getter = f'pulumi.getter(name="{camel(name)}")' if in_camel_case else "pulumi.getter"
        yield f"""
    @property
    @{getter}
    def {name}(self) -> Output[{kind}]:
        \"\"\"{doc}\"\"\"
        return pulumi.get(self, "{name}")"""
    yield ""


def _result(name: str, doc: str, fields: dict[str, tuple[str, str]]) -> str:
    return "\n".join(
        [
            "@dataclass(frozen=True)",
            f"class {name}:",
            f'    """{doc}',
            "",
            "    Attributes:",
            *(_doc_item(field, about) for field, (_, about) in fields.items()),
            '    """',
            "",
            *(f"    {field}: {kind}" for field, (kind, _) in fields.items()),
        ]
    )


def _result_type(name: str) -> str:
    always = _is_always_there(DeliveryTaskSpec, name)
    return _type_of(name) if always else f"{_type_of(name)} | None"


def is_required(model: type[BaseModel], name: str) -> bool:
    """Whether a program must give an input."""
    about = dict(inputs_of(model))[name]
    return model.model_fields[name].is_required() and not about.is_filled_in


def _is_always_there(model: type[BaseModel], name: str) -> bool:
    return model.model_fields[name].default is not None


def _optional(model: type[BaseModel], name: str, kind: str) -> str:
    return kind if _is_always_there(model, name) else f"Optional[{kind}]"


def _type_of(name: str) -> str:
    """Return the type of an output of the task."""
    return _written(DeliveryTaskSpec.model_fields[name].annotation)


def _written(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _written(arguments[0])
    if origin in {types.UnionType, typing.Union}:
        (only,) = (item for item in arguments if item is not type(None))
        return _written(only)
    if origin is Sequence:
        return f"Sequence[{_written(arguments[0])}]"
    return str(annotation.__name__)


def _input_type(model: type[BaseModel], name: str) -> str:
    """Return the type of an input, as programs may write it."""
    about = dict(inputs_of(model))[name]
    written = _written(model.model_fields[name].annotation)
    if name == "parquet_schema":
        kind = "ParquetSchema"
    elif about.choice is not None:
        kind = f"{about.choice.name}Input"
    elif written.startswith("Sequence["):
        kind = f"Input[Sequence[Input[{written.removeprefix('Sequence[')}]]"
    elif written in {nested.__name__ for nested in _MODELS}:
        kind = f"Input[Union[{written}Args, {written}Dict]]"
    else:
        kind = f"Input[{written}]"
    return kind if is_required(model, name) else f"Optional[{kind}]"


def _doc_of(model: type[BaseModel], name: str) -> str:
    """Return the meaning of an input with its default."""
    about: Input = dict(inputs_of(model))[name]
    default = model.model_fields[name].default
    if about.default or default in {PydanticUndefined, None, ""}:
        return about.doc
    return f"{about.doc} Default: {default}."


def _doc_item(name: str, doc: str) -> str:
    return textwrap.fill(
        f"{name}: {doc}",
        _WIDTH,
        initial_indent=" " * 8,
        subsequent_indent=" " * 12,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _attribute_doc(doc: str) -> str:
    return f'    """{doc}"""'


def _tuple(names: Any) -> str:
    return "(" + ", ".join(f'"{name}"' for name in names) + ",)"
