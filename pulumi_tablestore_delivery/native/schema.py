"""The package's schema, for Pulumi's tools and other languages.

Types and texts of inputs come from the model of a delivery task.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from pulumi_tablestore_delivery.native.configuration import CONFIGURATION
from pulumi_tablestore_delivery.native.metadata import METADATA
from pulumi_tablestore_delivery.native.names import GET, LIST, PACKAGE, RESOURCE, camel
from pulumi_tablestore_delivery.spec.model import (
    OUTPUTS,
    Change,
    Choice,
    DeliveryTaskSpec,
    EventTimeColumn,
    ParquetColumn,
    inputs_of,
)

Schema = dict[str, Any]

_SPEC_INPUTS: Final = dict(inputs_of(DeliveryTaskSpec))
_LISTED: Final = "ListedDeliveryTask"
_RESULT: Final = "GetDeliveryTask"
"""The prefix of the names of types that only results have."""

_STRING: Final = {"type": "string"}
_NAMES_OF_A_TASK: Final[Mapping[str, str]] = {
    "table_name": "Its table.",
    "task_name": "Its name in the table.",
    "instance_name": "The instance; the configured one by default.",
}
_ID: Final = {"type": "string", "description": "`<instance>/<table>/<task>`."}


def package_schema(version: str) -> Schema:
    """Return the schema of the package.

    Args:
        version: The package's version.
    """
    configuration = {
        name: {
            "type": about.type,
            "description": about.doc,
            **({"secret": True} if about.is_secret else {}),
        }
        for name, about in CONFIGURATION.items()
    }
    return {
        "name": PACKAGE,
        "version": version,
        **METADATA,
        "config": {"variables": configuration},
        "provider": {
            "description": _description("provider"),
            "inputProperties": configuration,
        },
        "types": dict(_types()),
        "resources": {RESOURCE: _resource()},
        "functions": {GET: _get(), LIST: _list()},
    }


def _description(name: str) -> str:
    """Return a description with its examples in each language.

    Pulumi's tools take out the examples of one language, by the `{{% … %}}` around them.
    """
    file = resources.files(__package__) / "descriptions" / f"{name}.md"
    return file.read_text(encoding="utf-8")


def _token(name: str) -> str:
    return f"{PACKAGE}:index:{name}"


def _types() -> Iterator[tuple[str, Schema]]:
    for model in (EventTimeColumn, ParquetColumn):
        yield _token(model.__name__), _object(model, _properties(model), _required(model))
        found = {camel(name): _result(model, name) for name in model.model_fields}
        yield _token(f"{_RESULT}{model.__name__}"), _object(model, found, _always_there(model))
    yield _token(_LISTED), _listed()
    for chooser in (DeliveryTaskSpec, EventTimeColumn, ParquetColumn):
        for _, about in inputs_of(chooser):
            if about.choice is not None:
                yield _token(about.choice.name), _enum(about.choice)


def _object(model: type[BaseModel], properties: Schema, required: Iterable[str]) -> Schema:
    return {
        "type": "object",
        "description": model.__doc__,
        "properties": properties,
        "required": [camel(name) for name in required],
    }


def _enum(choice: Choice) -> Schema:
    values = [
        {
            "name": enum_name(value),
            "value": value,
            **({"description": meaning} if meaning else {}),
        }
        for value, meaning in choice.values.items()
    ]
    return {"type": "string", "description": choice.doc, "enum": values}


def enum_name(value: str) -> str:
    """Return the name of an enum's value, such as `BaseInc` for `BASE_INC`.

    Each generator makes a name of its language of it: `Mode.BaseInc` in TypeScript, `ModeBaseInc`
    in Go, `Mode.BASE_INC` in Python.
    """
    return "".join(word.capitalize() for word in value.split("_"))


def _properties(model: type[BaseModel]) -> Schema:
    return {camel(name): _property(model, name) for name, _ in inputs_of(model)}


def _property(model: type[BaseModel], name: str) -> Schema:
    about = dict(inputs_of(model))[name]
    default = model.model_fields[name].default
    found = {**_type(model, name), "description": about.doc}
    if about.change is Change.REPLACE and model is DeliveryTaskSpec:
        found["replaceOnChanges"] = True
    if default not in {PydanticUndefined, None, ""}:
        found["default"] = default
    return found


def _type(model: type[BaseModel], name: str) -> Schema:
    choice = dict(inputs_of(model))[name].choice
    if choice is not None:
        # A newer service may know more values, and a rule may be ignored.
        return {**_STRING, "oneOf": [_STRING, _reference(choice.name)]}
    return _type_of(model.model_fields[name].annotation)


def _result(model: type[BaseModel], name: str) -> Schema:
    """Return the property of a function's result, whose values need not be those of an enum."""
    found = _type_of(model.model_fields[name].annotation, prefix=_RESULT)
    return {**found, "description": dict(inputs_of(model))[name].doc}


def _type_of(annotation: Any, prefix: str = "") -> Schema:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type_of(arguments[0], prefix)
    if origin in {types.UnionType, typing.Union}:
        (only,) = (argument for argument in arguments if argument is not type(None))
        return _type_of(only, prefix)
    if origin is Sequence:
        return {"type": "array", "items": _type_of(arguments[0], prefix)}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _reference(f"{prefix}{annotation.__name__}")
    return {"type": {str: "string", bool: "boolean", int: "integer"}[annotation]}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/types/{_token(name)}"}


def _required(model: type[BaseModel]) -> Iterator[str]:
    """Yield the inputs that a program must give."""
    for name, about in inputs_of(model):
        if model.model_fields[name].is_required() and not about.is_filled_in:
            yield name


def _always_there(model: type[BaseModel]) -> Iterator[str]:
    """Yield the inputs that every task has a value of."""
    for name, field in model.model_fields.items():
        if field.default is not None:
            yield name


def _resource() -> Schema:
    inputs = _properties(DeliveryTaskSpec)
    plain = {name: _without_default(about) for name, about in inputs.items()}
    outputs = {
        camel(name): {**_STRING, "description": output.doc} for name, output in OUTPUTS.items()
    }
    return {
        "description": _description("delivery_task"),
        "inputProperties": inputs,
        "requiredInputs": [camel(name) for name in _required(DeliveryTaskSpec)],
        "properties": {**plain, **outputs},
        "required": [camel(name) for name in (*_always_there(DeliveryTaskSpec), *OUTPUTS)],
        "stateInputs": {
            "type": "object",
            "description": "What a task is looked up with.",
            "properties": {**plain, **outputs},
        },
    }


def _without_default(about: Schema) -> Schema:
    return {name: value for name, value in about.items() if name != "default"}


def _arguments(*names: str, required: Sequence[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": {
            camel(name): {**_STRING, "description": _NAMES_OF_A_TASK[name]} for name in names
        },
        "required": [camel(name) for name in required],
    }


def described(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of a task's outputs that the service itself reports."""
    hidden = {name for name, about in _SPEC_INPUTS.items() if about.change is Change.UPDATE}
    hidden |= {name for name, output in OUTPUTS.items() if output.is_of_create}
    return {name: value for name, value in outputs.items() if name not in hidden}


def _get() -> Schema:
    names = described({**dict.fromkeys(DeliveryTaskSpec.model_fields), **dict.fromkeys(OUTPUTS)})
    properties: Schema = {"id": _ID}
    for name in names:
        if name in OUTPUTS:
            properties[camel(name)] = {**_STRING, "description": OUTPUTS[name].doc}
        else:
            properties[camel(name)] = _result(DeliveryTaskSpec, name)
    always = {*_always_there(DeliveryTaskSpec), *OUTPUTS}
    return {
        "description": _description("get_delivery_task"),
        "inputs": _arguments(*_NAMES_OF_A_TASK, required=("table_name", "task_name")),
        "outputs": {
            "type": "object",
            "properties": properties,
            "required": ["id", *(camel(name) for name in names if name in always)],
        },
    }


def _list() -> Schema:
    return {
        "description": _description("list_delivery_tasks"),
        "inputs": _arguments("table_name", "instance_name"),
        "outputs": {
            "type": "object",
            "properties": {
                "tasks": {
                    "type": "array",
                    "items": {"$ref": f"#/types/{_token(_LISTED)}"},
                    "description": "Sorted by table and name, as the service has them.",
                }
            },
            "required": ["tasks"],
        },
    }


def _listed() -> Schema:
    names = ("table_name", "task_name", "mode")
    return {
        "type": "object",
        "description": "A delivery task in a list.",
        "properties": {
            "id": _ID,
            **{camel(name): {**_STRING, "description": _SPEC_INPUTS[name].doc} for name in names},
        },
        "required": ["id", *map(camel, names)],
    }
