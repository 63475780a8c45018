"""The package's schema, as Pulumi's tools and other languages read it.

Everything in it that says something of an input comes from the model of a delivery task.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

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


@dataclass(frozen=True)
class Setting:
    """A setting of the provider.

    Attributes:
        doc: Its meaning.
        type: Its type in the schema.
        is_secret: Whether it is never shown.
    """

    doc: str
    type: str = "string"
    is_secret: bool = False


CONFIGURATION: Final[Mapping[str, Setting]] = {
    "endpoint": Setting("URL of the instance; that of the region by default."),
    "instance": Setting("The instance of tasks that do not name one."),
    "region": Setting("The region of the instance, such as cn-hangzhou."),
    "accessKeyId": Setting("Access key id."),
    "accessKeySecret": Setting("Access key secret.", is_secret=True),
    "securityToken": Setting("Security token of temporary keys.", is_secret=True),
    "signatureVersion": Setting("v2 (the default) or v4."),
    "allowedBuckets": Setting(
        "Patterns of the buckets that may be written to, with commas between them."
    ),
    "sampleRows": Setting(
        "Rows that a preview reads at each end of a table; 0 switches it off.", "integer"
    ),
    "healthGrace": Setting(
        "Seconds during which a new task may report an error; 0 switches it off.", "number"
    ),
}
SECRETS: Final = frozenset(name for name, about in CONFIGURATION.items() if about.is_secret)

_SPEC_INPUTS: Final = dict(inputs_of(DeliveryTaskSpec))
_LISTED: Final = "ListedDeliveryTask"
_STRING: Final = {"type": "string"}
_NAMES_OF_A_TASK: Final[Mapping[str, str]] = {
    "table_name": "Its table.",
    "task_name": "Its name in the table.",
    "instance_name": "The instance; the configured one by default.",
}
_ID: Final = {"type": "string", "description": "`<instance>/<table>/<task>`."}


def package_schema(version: str) -> Schema:
    """The schema of the package.

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
        "displayName": "Tablestore delivery",
        "version": version,
        "description": "Alibaba Cloud Tablestore delivery tasks: table rows to OSS as Parquet",
        "keywords": ["pulumi", "alibaba-cloud", "tablestore", "oss", "parquet", "category/cloud"],
        "license": "Apache-2.0",
        "meta": {"moduleFormat": "(.*)"},
        "config": {"variables": configuration},
        "provider": {
            "description": "Where the tasks are, and the keys. An argument comes before the"
            " environment, which comes before the stack's configuration.",
            "inputProperties": configuration,
        },
        "types": dict(_types()),
        "resources": {RESOURCE: _resource()},
        "functions": {GET: _get(), LIST: _list()},
        "language": {"python": {"respectSchemaVersion": True}},
    }


def _token(name: str) -> str:
    return f"{PACKAGE}:index:{name}"


def _types() -> Iterator[tuple[str, Schema]]:
    for model in (EventTimeColumn, ParquetColumn):
        yield (
            _token(model.__name__),
            {
                "type": "object",
                "description": model.__doc__,
                "properties": _properties(model),
                "required": [camel(name) for name in _required(model)],
            },
        )
    yield _token(_LISTED), _listed()
    for chooser in (DeliveryTaskSpec, EventTimeColumn, ParquetColumn):
        for _, about in inputs_of(chooser):
            if about.choice is not None:
                yield _token(about.choice.name), _enum(about.choice)


def _enum(choice: Choice) -> Schema:
    values = [{"name": value.upper(), "value": value} for value in choice.values]
    return {"type": "string", "description": choice.doc, "enum": values}


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


def _type_of(annotation: Any) -> Schema:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type_of(arguments[0])
    if origin in {types.UnionType, typing.Union}:
        (only,) = (argument for argument in arguments if argument is not type(None))
        return _type_of(only)
    if origin is Sequence:
        return {"type": "array", "items": _type_of(arguments[0])}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _reference(annotation.__name__)
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
        "description": (
            "A task that delivers a Tablestore table's rows to an OSS bucket as Parquet files."
        ),
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


def _arguments(*required: str) -> Schema:
    return {
        "type": "object",
        "properties": {
            camel(name): {**_STRING, "description": doc} for name, doc in _NAMES_OF_A_TASK.items()
        },
        "required": [camel(name) for name in required],
    }


def described(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """What of a task's outputs the service itself tells."""
    hidden = {name for name, about in _SPEC_INPUTS.items() if about.change is Change.UPDATE}
    hidden |= {name for name, output in OUTPUTS.items() if output.is_of_create}
    return {name: value for name, value in outputs.items() if name not in hidden}


def _get() -> Schema:
    told = described({**dict.fromkeys(DeliveryTaskSpec.model_fields), **dict.fromkeys(OUTPUTS)})
    properties: Schema = {"id": _ID}
    for name in told:
        if name in OUTPUTS:
            properties[camel(name)] = {**_STRING, "description": OUTPUTS[name].doc}
        else:
            about = _without_default(_property(DeliveryTaskSpec, name))
            about.pop("replaceOnChanges", None)
            properties[camel(name)] = about
    always = {*_always_there(DeliveryTaskSpec), *OUTPUTS}
    return {
        "description": "Looks up a delivery task by its names, whatever rules they break.",
        "inputs": _arguments("table_name", "task_name"),
        "outputs": {
            "type": "object",
            "properties": properties,
            "required": ["id", *(camel(name) for name in told if name in always)],
        },
    }


def _list() -> Schema:
    return {
        "description": "Lists delivery tasks, of one table or of all tables of an instance.",
        "inputs": _arguments(),
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
