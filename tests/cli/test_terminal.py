"""Output to the terminal: untrusted text is escaped, and data keeps its values."""

import json
import re
import sys

import pytest
import yaml
from support.hostile import HOSTILE, is_safe

from pulumi_tablestore_delivery.cli.data import Form, form_of, print_data, to_json, to_yaml
from pulumi_tablestore_delivery.cli.tables import print_table
from pulumi_tablestore_delivery.cli.terminal import (
    Color,
    print_error,
    print_labeled,
    print_line,
    print_note,
    print_prose,
    print_text,
)

HARMLESS = [
    "acs:ram::1234:role/r",
    "oss://lake/$yyyy/名/",
    "urn:pulumi:dev::shop::t",
    "a # b",
    "it's",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("write", [print_line, print_prose, print_note, print_error])
def test_hostile_text_stays_on_one_safe_line(capsys, write, text):
    write(text)
    written = "".join(capsys.readouterr())
    assert is_safe(written)
    assert written.count("\n") == 1


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_printed_as_it_is(capsys, text):
    print_line(text)
    assert capsys.readouterr().out == f"{text}\n"


def test_text_of_several_lines_keeps_them(capsys):
    print_text("a\n  b\n::error::c\n")
    assert capsys.readouterr().out == "a\n  b\n\\x3a:error::c\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_cells_stay_in_their_table(capsys, text):
    print_table(("Name", "Location"), [(text, text), ("b", "x" * 190 + text)])
    assert is_safe(capsys.readouterr().out)


@pytest.mark.parametrize("text", [*HOSTILE, *HARMLESS])
@pytest.mark.parametrize("indent", [None, 2])
def test_json_is_safe_and_keeps_every_value(text, indent):
    written = to_json({"a": [text, {text: 1}]}, indent=indent)
    assert is_safe(written)
    assert json.loads(written) == {"a": [text, {text: 1}]}


@pytest.mark.parametrize("text", [*(text for text in HOSTILE if "\ud800" not in text), *HARMLESS])
def test_yaml_is_safe_and_keeps_every_value(text):
    value = {"a": [text, {text: 1}], text: {"b": text}}
    written = to_yaml(value)
    assert is_safe(written)
    assert yaml.safe_load(written) == value


def test_yaml_is_written_for_people(capsys):
    print_data({"tasks": [{"name": "a", "lag": None, "ok": True}]}, Form.YAML)
    assert capsys.readouterr().out == "tasks:\n- name: a\n  lag: null\n  ok: true\n"


@pytest.mark.parametrize(
    ("arguments", "form"),
    [
        ([], Form.TABLE),
        (["list", "--json"], Form.JSON),
        (["list", "-o", "json"], Form.JSON),
        (["list", "-ojson"], Form.JSON),
        (["list", "--format", "yaml"], Form.YAML),
        (["list", "--format=yaml"], Form.YAML),
        (["list", "-o", "table"], Form.TABLE),
        (["list", "json"], Form.TABLE),
    ],
)
def test_form_is_read_from_the_arguments(arguments, form):
    assert form_of(arguments) is form


def use_terminal(monkeypatch):
    """Make stdout and stderr of the running test look like a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)


@pytest.mark.parametrize("write", [print_prose, print_note, print_error])
def test_terminal_breaks_prose_between_words(capsys, monkeypatch, write):
    use_terminal(monkeypatch)
    text = "word " * 40 + "`pulumi up --stack dev` " + "x" * 100
    write(text)
    lines = "".join(capsys.readouterr()).removeprefix("error: ").splitlines()
    assert len(lines) > 3
    assert all(len(line) <= 80 for line in lines[:-1])
    assert any("`pulumi up --stack dev`" in line for line in lines)
    assert all(line.startswith("  ") for line in lines[1:])
    assert " ".join(line.strip() for line in lines) == text


@pytest.mark.parametrize("write", [print_prose, print_note])
def test_prose_stays_on_one_line_without_a_terminal(capsys, write):
    write("word " * 40 + "end")
    assert "".join(capsys.readouterr()) == "word " * 40 + "end\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_safe_in_broken_lines(capsys, monkeypatch, text):
    use_terminal(monkeypatch)
    print_prose(f"{'word ' * 15}{text} {text}")
    print_labeled("ok", f" {'word ' * 15}{text} {text}", Color.GREEN, 4)
    written = capsys.readouterr().out
    assert is_safe(re.sub("\x1b\\[(32|0)m", "", written))


def test_label_is_colored_and_its_text_is_indented(capsys, monkeypatch):
    use_terminal(monkeypatch)
    print_labeled("ok  ", f" name  {'word ' * 20}", Color.GREEN, 11)
    first, second = capsys.readouterr().out.rstrip("\n").split("\n")
    assert first.startswith("\x1b[32mok  \x1b[0m name  word ")
    assert second.startswith(" " * 11 + "word")
    monkeypatch.setenv("NO_COLOR", "1")
    print_labeled("ok  ", " name", Color.GREEN, 11)
    assert capsys.readouterr().out == "ok   name\n"
