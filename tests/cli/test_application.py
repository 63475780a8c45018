"""All commands: their help pages, and the modules that each imports."""

import re
import subprocess
import sys

import pytest
import typer
from typer.core import TyperArgument

from pulumi_tablestore_delivery.cli.application import COMMANDS

HEAVY = ["aiohttp", "google.protobuf", "pulumi", "pyarrow", "pydantic", "requests"]
SHOW_MODULES = """
import sys
from pulumi_tablestore_delivery.cli.main import run
sys.argv[1:] = {arguments!r}
try:
    run()
except SystemExit:
    pass
print(*sys.modules, file=sys.stderr)
"""
SUBCOMMANDS = [
    ("policy", "deployer"),
    ("policy", "role"),
    ("policy", "trust"),
    ("emulator", "deliveries"),
    ("emulator", "fault"),
    ("emulator", "fault", "list"),
    ("emulator", "fault", "add"),
    ("emulator", "fault", "clear"),
]
EVERY_COMMAND = [(), *((name,) for name in COMMANDS), *SUBCOMMANDS]


def modules_after(*arguments):
    """Return the modules that a run of the command line imports."""
    program = SHOW_MODULES.format(arguments=list(arguments))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("--version",), ()])
def test_help_imports_no_command_and_no_heavy_module(arguments):
    loaded = modules_after(*arguments)
    assert loaded.isdisjoint(HEAVY)
    commands = {
        f"pulumi_tablestore_delivery.cli.{command.function.partition('.')[0]}"
        for command in COMMANDS.values()
    }
    assert loaded.isdisjoint(commands)


def test_command_imports_no_other_command():
    loaded = modules_after("paths", "--help")
    assert "pulumi_tablestore_delivery.cli.paths" in loaded
    assert loaded.isdisjoint(
        {f"pulumi_tablestore_delivery.cli.{name}" for name in ("scan", "wait")}
    )


@pytest.mark.parametrize(
    "arguments", [("check", "gone.yaml"), ("diff", "a", "a"), ("emulator", "-h")]
)
def test_command_without_a_service_needs_neither_pulumi_nor_pyarrow(arguments):
    assert modules_after(*arguments).isdisjoint({"aiohttp", "pulumi", "pyarrow"})


@pytest.mark.parametrize("name", COMMANDS)
def test_summary_is_the_first_line_of_the_commands_help(name):
    command = COMMANDS[name].load(name)
    assert command.help.splitlines()[0] == COMMANDS[name].summary


@pytest.mark.parametrize("names", EVERY_COMMAND, ids=" ".join)
def test_every_command_takes_both_help_options_and_names_no_python_type(
    command, monkeypatch, names
):
    monkeypatch.setenv("COLUMNS", "80")
    done = command(*names, "-h")
    assert done.code == 0
    assert done.out == command(*names, "--help").out
    assert "list[" not in done.out
    for python_type in ("bool", "str", "int", "float", "path"):
        assert f"<{python_type}>" not in done.out.lower()
    assert all(len(line) <= 80 for line in done.out.splitlines())


def parameters_of(names):
    """Return the parameters of a command, from its definition."""
    if not names:
        return []
    command = COMMANDS[names[0]].load(names[0])
    for name in names[1:]:
        command = command.commands[name]
    return command.params


@pytest.mark.parametrize("names", EVERY_COMMAND, ids=" ".join)
def test_help_page_cuts_no_name_metavar_or_choice_at_80_columns(command, monkeypatch, names):
    monkeypatch.setenv("COLUMNS", "80")
    page = command(*names, "-h").out
    words = set(re.split(r"[\s,]+", page.replace("...", " ")))
    for parameter in parameters_of(names):
        is_argument = isinstance(parameter, TyperArgument)
        expected = [] if is_argument else [*parameter.opts, *parameter.secondary_opts]
        assert words.issuperset([*expected, *filter(None, [parameter.metavar])])
    assert "…" not in page
    assert all(len(line) <= 80 for line in page.splitlines())


def test_help_page_uses_the_width_of_its_lines(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    page = command("ddl", "-h").out
    assert (
        "  --endpoint URL            The instance's URL. Default: TABLESTORE_ENDPOINT,\n"
        "                            or the URL made of instance and region.\n"
    ) in page
    assert "\nExample:\n  tablestore-delivery ddl orders my-task --engine spark" in page


def test_usage_line_shows_required_arguments_without_braces(command):
    usage = "Usage: tablestore-delivery diff [OPTIONS] STACK_A STACK_B\n"
    assert command("diff", "-h").out.startswith(usage)
    assert usage in command("diff", "dev").err
    assert "role [OPTIONS] BUCKET PREFIX...\n" in command("policy", "role", "-h").out


def test_typer_has_the_class_of_usage_errors_at_the_expected_path():
    assert typer.BadParameter.__mro__[1].__name__ == "UsageError"


def test_usage_error_shows_the_usage_and_where_to_find_help(command):
    done = command("status", "--tabel")
    assert done.code == 2
    assert done.err.startswith("error: No such option: --tabel")
    assert "Usage: " in done.err
    assert "status --help' for help." in done.err
    done = command("list", "-o", "xml")
    assert done.err.startswith("error: Invalid value for '-o' / '--format': 'xml' is not one of")
    done = command("stauts")
    assert (done.code, "Did you mean 'status'?" in done.err) == (2, True)
