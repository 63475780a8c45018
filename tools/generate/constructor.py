"""The types of a `DeliveryTask`'s constructor, which name a missing input."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from tools.generate.programs import is_required

_OPTIONS = "pulumi.ResourceOptions"
_MODULE = '''"""The types of a `DeliveryTask`'s constructor.

Generated from spec/model.py by `make generate`; do not edit.

A type checker that finds no overload for a call does not say why. So each required input has an
overload for calls without this input. This overload accepts no call, because a resource's name
does not have the type of its first parameter. The checker reports that type, which names the input.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, overload

import pulumi
from typing_extensions import Required, Unpack

from pulumi_tablestore_delivery.frontend.inputs import DeliveryTaskDict

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.frontend.given import DeliveryTaskArgs

{dicts}

    class _Declared:
{overloads}

        def __init__(
            self: Any, resource_name: Any, args: Any = None, opts: Any = None, **inputs: Any
        ) -> None: ...

    _Constructor = TypeVar("_Constructor")

    def _with_type_of(of: _Constructor) -> Callable[[Callable[..., None]], _Constructor]: ...

    constructor = _with_type_of(_Declared.__init__)
else:

    def constructor(function: Any) -> Any:
        """Give a resource's `__init__` the types of all ways to call it."""
        return function
'''


def constructor_module() -> str:
    """Return frontend/constructor.py: the overloads of both front ends' `DeliveryTask`."""
    names = list(DeliveryTaskSpec.model_fields)
    required = [name for name in names if is_required(DeliveryTaskSpec, name)]
    optional = [f"{name}: Any" for name in names if name not in required]
    dicts = [
        _class("_AnyOptional(TypedDict, total=False)", optional),
        *(_inputs_without(name, required) for name in required),
    ]
    overloads = [
        _overload("resource_name: str", "args: DeliveryTaskArgs | DeliveryTaskDict", _opts()),
        _overload("resource_name: str", f"opts: {_OPTIONS}", "/", _inputs("DeliveryTaskDict")),
        _overload("resource_name: str", "*", _opts(), _inputs("DeliveryTaskDict")),
        *(
            _overload(
                f'resource_name: Sequence[Literal["the input {name} is required"]]',
                "*",
                _opts(),
                _inputs(_dict_name(name)),
            )
            for name in required
        ),
    ]
    return _MODULE.format(dicts=_block(dicts, 4), overloads=_block(overloads, 8))


def _inputs_without(missing: str, required: Sequence[str]) -> str:
    """Return the type of the inputs of a call whose first missing input is this one."""
    place = required.index(missing)
    fields = [f"{name}: Required[Any]" for name in required[:place]]
    fields += [f"{name}: Any" for name in required[place + 1 :]]
    return _class(f"{_dict_name(missing)}(_AnyOptional, total=False)", fields)


def _dict_name(missing: str) -> str:
    return f"_Without{missing.title().replace('_', '')}"


def _opts() -> str:
    return f"opts: {_OPTIONS} | None = None"


def _inputs(kind: str) -> str:
    return f"**inputs: Unpack[{kind}]"


def _class(head: str, fields: Sequence[str]) -> str:
    return "\n".join([f"class {head}:", *(f"    {field}" for field in fields)])


def _overload(*parameters: str) -> str:
    return "\n".join(
        ["@overload", "def __init__(", "    self: Any,"]
        + [f"    {parameter}," for parameter in parameters]
        + [") -> None: ..."]
    )


def _block(parts: Sequence[str], indentation: int) -> str:
    return textwrap.indent("\n\n".join(parts), " " * indentation)
