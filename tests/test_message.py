"""Messages whose names each front end writes in its own style."""

import copy
import pickle

import pytest

from pulumi_tablestore_delivery.errors import InvalidInputError, Violation
from pulumi_tablestore_delivery.message import Message, Name, written

MESSAGE = Message("{.task_name}: set {.adopt_existing=True}, not {value!r}{{}}.", value="{.x}")


def test_message_is_a_string_with_names_in_pythons_style():
    assert MESSAGE == "task_name: set adopt_existing=True, not '{.x}'{}."
    assert type(str(MESSAGE)) is str


def test_style_changes_only_marked_names():
    assert written(MESSAGE, str.upper) == "TASK_NAME: set ADOPT_EXISTING=TRUE, not '{.x}'{}."
    assert written("task_name", str.upper) == "task_name"
    assert written(Name("task_name"), str.upper) == "TASK_NAME"


@pytest.mark.parametrize("again", [copy.deepcopy, lambda item: pickle.loads(pickle.dumps(item))])
def test_copied_message_keeps_its_marks(again):
    assert written(again(MESSAGE), str.upper) == written(MESSAGE, str.upper)


def test_nested_messages_keep_their_marks():
    violation = Violation("a.b", "is {", "id", Message("Use {.c}."), "assumed")
    error = InvalidInputError([violation, violation])
    line = "A.B: is { Use C. [rule id, assumed]"
    assert written(error.message, str.upper) == f"{line}\n{line}"
    assert (
        str(error)
        == "\n".join([str(violation)] * 2)
        == line.replace("A.B", "a.b").replace("C.", "c.")
        + "\n"
        + line.replace("A.B", "a.b").replace("C.", "c.")
    )


def test_missing_value_is_an_error():
    with pytest.raises(KeyError):
        Message("{value}")
