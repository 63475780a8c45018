"""Column conditions and filters: the same messages, for writes and for reads."""

import operator
from collections.abc import Callable
from typing import Any, Final

from google.protobuf.message import DecodeError

from pulumi_tablestore_delivery.emulator.api.errors import (
    PARAMETER_INVALID,
    UNSUPPORTED,
    ServiceError,
)
from pulumi_tablestore_delivery.emulator.api.plainbuffer import Value, read_value
from pulumi_tablestore_delivery.emulator.sdk import filter_messages as pb
from pulumi_tablestore_delivery.emulator.storage.rows import Cells

Test = Callable[[Cells], bool]

_SINGLE, _COMPOSITE = 1, 2
_EXIST, _NOT_EXIST = 7, 8
_NOT, _AND = 1, 2
_NOT_EQUAL: Final = 2
_COMPARE: Final[dict[int, Callable[[Any, Any], bool]]] = {
    1: operator.eq,
    _NOT_EQUAL: operator.ne,
    3: operator.gt,
    4: operator.ge,
    5: operator.lt,
    6: operator.le,
}


def parse(data: bytes) -> Test:
    """Read a Filter message; what it gives tells whether a row's cells pass.

    A filter sees all columns of the row, also those that are not asked for (assumed).

    Raises:
        ServiceError: It is no filter, or one that the emulator does not have: pagination of
            columns, regular expressions.
    """
    try:
        given = pb.Filter.FromString(data)
        if given.type == _SINGLE:
            return _single(pb.SingleColumnValueFilter.FromString(given.filter))
        if given.type == _COMPOSITE:
            composite = pb.CompositeColumnValueFilter.FromString(given.filter)
            return _composite(
                composite.combinator, [parse(f.SerializeToString()) for f in composite.sub_filters]
            )
    except DecodeError:
        raise ServiceError(PARAMETER_INVALID, "A column condition is not valid.") from None
    raise ServiceError(UNSUPPORTED, "The emulator has no pagination of columns.")


def _composite(combinator: int, tests: list[Test]) -> Test:
    if combinator == _NOT:
        if len(tests) != 1:
            raise ServiceError(PARAMETER_INVALID, "NOT takes one condition.")
        return lambda cells: not tests[0](cells)
    together = all if combinator == _AND else any
    return lambda cells: together(test(cells) for test in tests)


def _single(given: Any) -> Test:
    if given.HasField("value_trans_rule"):
        raise ServiceError(UNSUPPORTED, "The emulator has no regular expressions in conditions.")
    name, comparator, expected = given.column_name, given.comparator, read_value(given.column_value)
    if comparator in {_EXIST, _NOT_EXIST}:
        return lambda cells: (name in cells) == (comparator == _EXIST)
    latest, missing = given.latest_version_only, not given.filter_if_missing
    compare = _COMPARE[comparator]

    def test(cells: Cells) -> bool:
        versions = cells.get(name)
        if versions is None:
            return missing
        values = versions[1:2] if latest else versions[1::2]
        return any(_compare(compare, value, expected, comparator) for value in values)

    return test


def _compare(
    compare: Callable[[Any, Any], bool], value: Value, expected: Value, comparator: int
) -> bool:
    """Compare; values of two types are unequal, and neither is the greater one (assumed)."""
    if type(value) is not type(expected):
        return comparator == _NOT_EQUAL
    return compare(value, expected)
