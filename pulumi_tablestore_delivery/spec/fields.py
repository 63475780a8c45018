"""Types of fields that the known models and the drafts share.

Pulumi can carry these types. The allowed values are in the rules: an existing task may violate
today's rules and must still be readable.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from types import GenericAlias
from typing import Annotated, Any, TypeAlias, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from pulumi_tablestore_delivery.spec.unknown import Unknown, is_unknown

T = TypeVar("T")


class Model(BaseModel):
    """The base class of all models: immutable, without fields that are not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _OrUnknown:
    """Let an unknown value pass validation."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        known = [item for item in get_args(source) if item is not Unknown]
        return core_schema.no_info_wrap_validator_function(_validate, handler(reduce(or_, known)))


class _AsList:
    """Hold a sequence as a list, as Pulumi's property bags do."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler(GenericAlias(list, get_args(source)))


Maybe: TypeAlias = Annotated[T | Unknown, _OrUnknown()]
"""A value that a preview may not know yet."""

Items: TypeAlias = Annotated[Sequence[T], _AsList()]
"""Several values, in order."""


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


OptionalText: TypeAlias = Annotated[str | None, BeforeValidator(_none_if_empty)]
"""A string that may be missing. An empty one is missing: the service does not store it."""


def _validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return value if is_unknown(value) else handler(_encodable(value))


def _encodable(value: Any) -> Any:
    """Refuse text with half of a surrogate pair: UTF-8 cannot encode it."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise PydanticCustomError("string_unicode", "is not valid Unicode") from None
    return value
