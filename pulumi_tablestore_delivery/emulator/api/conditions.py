"""Column conditions of writes and filters of reads: the same messages."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_tablestore_delivery.emulator.api import rules
from pulumi_tablestore_delivery.emulator.api.errors import (
    UNSUPPORTED,
    ServiceError,
    invalid_parameter,
)
from pulumi_tablestore_delivery.emulator.api.requests import parse
from pulumi_tablestore_delivery.wire import row_pb2
from pulumi_tablestore_delivery.wire.plainbuffer import PlainBufferError, Value, read_value

Columns = Mapping[str, list[Any]]
"""For each column: version, value, version, value …, the newest version first."""

Test = Callable[[Columns], bool]

_SINGLE, _COMPOSITE, _PAGINATION = 1, 2, 3
_EXIST, _NOT_EXIST = 7, 8
_NOT, _AND, _OR = 1, 2, 3
_NOT_EQUAL: Final = 2
_COMPARE: Final[dict[int, Callable[[Any, Any], bool]]] = {
    1: operator.eq,
    _NOT_EQUAL: operator.ne,
    3: operator.gt,
    4: operator.ge,
    5: operator.lt,
    6: operator.le,
}
_MOST_CONDITIONS: Final = 32
_DEEPEST: Final = 32


@dataclass(frozen=True)
class Filter:
    """A filter of a read.

    Attributes:
        passes: Whether a row is kept.
        offset: How many columns to skip.
        limit: How many columns to keep after those; None for all.
    """

    passes: Test
    offset: int = 0
    limit: int | None = None


def parse_filter(data: bytes) -> Filter:
    """Read the filter of a read.

    Raises:
        ServiceError: It is not a filter, or it has a regular expression, which the emulator
            refuses.
    """
    given = parse(row_pb2.Filter, data, "Deserialize filter failed.")
    if given.type != _PAGINATION:
        return Filter(_FilterReader().read(given))
    page = parse(
        row_pb2.ColumnPaginationFilter,
        given.filter,
        "Deserialize column pagination filter failed.",
    )
    if page.offset < 0:
        raise invalid_parameter(
            "Offset in ColumnPaginationFilter must be greater than or equal to 0."
        )
    if page.limit <= 0:
        raise invalid_parameter("Limit in ColumnPaginationFilter must be greater than 0.")
    return Filter(lambda _: True, page.offset, page.limit)


def parse_condition(data: bytes) -> Test:
    """Read the column condition of a write.

    Raises:
        ServiceError: It is not a condition, or it has a regular expression, which the emulator
            refuses.
    """
    return _FilterReader().read(parse(row_pb2.Filter, data, "Deserialize filter failed."))


class _FilterReader:
    """Reads one filter; counts its conditions and its depth."""

    def __init__(self) -> None:
        self._count = 0

    def read(self, given: row_pb2.Filter, depth: int = 1) -> Test:
        if depth > _DEEPEST:
            raise _too_many()
        if given.type == _SINGLE:
            self._count += 1
            if self._count > _MOST_CONDITIONS:
                raise _too_many()
            return _single(
                parse(
                    row_pb2.SingleColumnValueFilter,
                    given.filter,
                    "Deserialize relation filter failed.",
                )
            )
        if given.type == _COMPOSITE:
            composite = parse(
                row_pb2.CompositeColumnValueFilter,
                given.filter,
                "Deserialize composite filter failed.",
            )
            tests = [self.read(each, depth + 1) for each in composite.sub_filters]
            return _composite(composite.combinator, tests)
        if given.type == _PAGINATION:
            raise invalid_parameter("Invalid type of sub-filter: FT_COLUMN_PAGINATION.")
        raise invalid_parameter(f"Invalid type of filter: {given.type}.")


def _composite(combinator: int, tests: list[Test]) -> Test:
    if combinator == _NOT:
        if len(tests) != 1:
            raise invalid_parameter("Invalid NOT operator: the number of sub-filters must be 1.")
        return lambda columns: not tests[0](columns)
    if combinator not in {_AND, _OR}:
        raise invalid_parameter(f"Invalid logical operator: {combinator}.")
    if not tests:
        raise invalid_parameter("Invalid AND/OR operator: there are no sub-filters.")
    together = all if combinator == _AND else any
    return lambda columns: together(test(columns) for test in tests)


def _single(given: row_pb2.SingleColumnValueFilter) -> Test:
    if given.HasField("value_trans_rule"):
        raise ServiceError(
            UNSUPPORTED,
            "The emulator does not have regular expressions in conditions: value_trans_rule.",
        )
    name, comparator = given.column_name, given.comparator
    rules.column_name(name)
    if comparator in {_EXIST, _NOT_EXIST}:
        return lambda columns: (name in columns) == (comparator == _EXIST)
    if comparator not in _COMPARE:
        raise invalid_parameter(f"Invalid relation operator: {comparator}.")
    expected = _value(given.column_value)
    compare = _COMPARE[comparator]
    latest, missing = given.latest_version_only, not given.filter_if_missing

    def test(columns: Columns) -> bool:
        versions = columns.get(name)
        if versions is None:
            return missing
        values = versions[1:2] if latest else versions[1::2]
        return any(_compare(compare, value, expected, comparator) for value in values)

    return test


def _compare(
    compare: Callable[[Any, Any], bool], value: Value, expected: Value, comparator: int
) -> bool:
    """Compare two values. Values of different types are unequal, none is greater (assumed)."""
    if type(value) is not type(expected):
        return comparator == _NOT_EQUAL
    return compare(value, expected)


def _value(data: bytes) -> Value:
    try:
        return read_value(data)
    except PlainBufferError as error:
        raise invalid_parameter(f"The value of a column condition is not valid: {error}.") from None


def _too_many() -> ServiceError:
    return invalid_parameter(f"The count of filter exceeds the max: {_MOST_CONDITIONS}.")
