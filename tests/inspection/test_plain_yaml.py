"""YAML and JSON with plain values only: bombs, huge numbers, odd tags."""

import itertools
import re
import time

import pytest

from pulumi_tablestore_delivery.inspection.plain_yaml import PlainTextError, read_json, read_yaml

LETTERS = "abcdefghi"
STEPS = list(itertools.pairwise(LETTERS))


def bomb(first, step):
    """Nine levels of aliases, each nine times the one before: 43 million values."""
    return f"a: &a {first}\n" + "".join(
        f"{name}: &{name} {step(before)}\n" for before, name in STEPS
    )


def listed(alias):
    return f"[{', '.join([f'*{alias}'] * 9)}]"


def mapped(alias):
    return f"{{{', '.join(f'k{n}: *{alias}' for n in range(9))}}}"


def merged(alias):
    return f"{{<<: {listed(alias)}}}"


@pytest.mark.parametrize(
    "text",
    [
        bomb("[x, y]", listed),
        bomb("{x: y}", mapped),
        bomb("{x: y}", merged),
        bomb("{x: y}", mapped) + "tasks: *i\n",
        bomb("{x: y}", mapped) + "tasks: {one: *i}\n",
    ],
)
def test_exponential_aliases_are_refused_at_once(text):
    started = time.process_time()
    with pytest.raises(PlainTextError, match="more than 100,000 values are in one value"):
        read_yaml(text)
    assert time.process_time() - started < 2


def test_many_tasks_may_share_a_value():
    columns = ", ".join(f"{{source: c{number}, type: UTF8}}" for number in range(200))
    tasks = "".join(f"  t{number}: {{parquet_schema: *columns}}\n" for number in range(1000))
    content = read_yaml(f"shared: &columns [{columns}]\ntasks:\n{tasks}")
    assert len(content["tasks"]) == 1000
    assert content["tasks"]["t7"]["parquet_schema"] is content["shared"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("9" * 5000, "a number is beyond 64 bits"),
        (f"0x{'f' * 6000}", "a number is beyond 64 bits"),
        (f"0b{'1' * 70}", "a number is beyond 64 bits"),
        ("-18446744073709551616", "a number is beyond 64 bits"),
        ("1:" * 3000 + "1", "a number is beyond 64 bits"),
        ("!!int abc", "'abc' is not of the type int"),
        ("!!int ''", "'' is not of the type int"),
        ("!!float abc", "'abc' is not of the type float"),
        ("!!bool maybe", "'maybe' is not of the type bool"),
        ("!!binary '@'", "the tag !!binary is not allowed"),
        ("!!set {a, b}", "the tag !!set is not allowed"),
        ("!!omap [a: 1]", "the tag !!omap is not allowed"),
        ("!!pairs [a: 1]", "the tag !!pairs is not allowed"),
        ("!own x", "the tag !own is not allowed"),
        ("!!python/object:os.system {}", "the tag !!python/object:os.system is not allowed"),
    ],
)
def test_odd_values_are_refused_with_their_line(text, problem):
    with pytest.raises(PlainTextError, match=re.escape(problem)) as error:
        read_yaml(f"a: 1\nb: {text}\n")
    assert error.value.line == 2


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, str(2**64), str(-(2**64))])
def test_numbers_in_json_are_limited_to_64_bits(number):
    with pytest.raises(PlainTextError, match="a number is beyond 64 bits"):
        read_json(f'{{"a": {number}}}')


def test_plain_values_are_read():
    text = (
        "a: 0x1f\nb: 1.5\nc: yes\nd: ~\ne: 2024-02-29\nf: 18446744073709551615\ng: .inf\nh: 1_0\n"
    )
    assert read_yaml(text) == {
        "a": 31, "b": 1.5, "c": True, "d": None, "e": "2024-02-29", "f": 2**64 - 1,
        "g": float("inf"), "h": 10,
    }  # fmt: skip
    assert read_yaml("") is None
    assert read_json(f'{{"a": {2**64 - 1}, "b": 1e999}}') == {"a": 2**64 - 1, "b": float("inf")}
