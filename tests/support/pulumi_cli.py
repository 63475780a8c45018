"""The real Pulumi CLI in a separate project."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# The resources are declared in a file, so that a test changes them by writing it.
PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_tablestore_delivery as delivery

declared = json.loads(Path("resources.json").read_text())
for name, resource in declared.items():
    options = pulumi.ResourceOptions(**resource.get("options", {}))
    task = delivery.DeliveryTask(name, opts=options, **resource["inputs"])
    for output in ("task_name", "phase", "location", "request_id", "trace_id", "mode"):
        pulumi.export(f"{name}_{output}", getattr(task, output))
"""


@dataclass(frozen=True)
class FrontEnd:
    """A front end: its names for what the tests write in snake_case."""

    name: str
    package: str
    type: str
    namespace: str
    process: str
    camel: bool

    def terms(self, text):
        """A message, or a word of one, as this front end says it."""
        if not self.camel:
            return text
        return (
            re.sub(r"_([a-z])", lambda found: found[1].upper(), text)
            .replace("=True", ": true")
            .replace("=False", ": false")
        )

    def program(self, text):
        return text.replace("import pulumi_tablestore_delivery as", f"import {self.package} as")

    def snake(self, bag):
        if not self.camel:
            return bag
        if isinstance(bag, dict):
            return {
                re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", key): self.snake(value)
                for key, value in bag.items()
            }
        return [self.snake(item) for item in bag] if isinstance(bag, list) else bag


PACKAGE = "pulumi_tablestore_delivery"
DYNAMIC = FrontEnd(
    "dynamic", PACKAGE, "pulumi-python:dynamic/tablestore:DeliveryTask", "tablestore",
    "pulumi.dynamic", camel=False,
)  # fmt: skip
NATIVE = FrontEnd(
    "native", f"{PACKAGE}.native", "tablestore-delivery:index:DeliveryTask", "tablestore-delivery",
    "pulumi-resource-tablestore-delivery", camel=True,
)  # fmt: skip
both = pytest.mark.parametrize("front_end", [DYNAMIC, NATIVE], ids=lambda front_end: front_end.name)
"""Runs a test by either front end; without it, it runs by the dynamic provider."""


QUICK = {
    # The language host lists the environment's packages in each run, to find plugins to install.
    # That is a third of a run's processor time, and here nothing is to be installed.
    "PULUMI_PYTHON_CMD": str(
        Path(__file__).parents[1] / "data" / "pulumi" / "python-without-list.sh"
    ),
    "GOGC": "400",  # the CLI is short-lived: less time for its garbage collector
    "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
}
"""Environment variables that make runs of the CLI cheaper and change nothing that tests look at."""


_empty_stacks: dict = {}  # (Pulumi.yaml, name) → the files of an empty stack, by path


@dataclass
class Run:
    """The result of a run of the CLI."""

    command: str
    returncode: int
    output: str
    events: list = field(repr=False)

    @property
    def operations(self):
        """What was done (or would be) to each delivery task, in order, by resource name."""
        done = {}
        for event in self.events:
            metadata = event.get("resourcePreEvent", {}).get("metadata")
            if metadata and metadata["type"].endswith("DeliveryTask"):
                done.setdefault(metadata["urn"].rsplit("::", 1)[1], []).append(metadata["op"])
        return done

    @property
    def diagnostics(self):
        """Everything said on a resource's row or the stack's, as (severity, row, text)."""
        return [
            (said["severity"], said.get("urn", "").rsplit("::", 1)[-1], said["message"])
            for event in self.events
            if (said := event.get("diagnosticEvent")) and not said.get("ephemeral")
        ]

    @property
    def status(self):
        """The live messages that were shown, as (row, text)."""
        return [
            (said.get("urn", "").rsplit("::", 1)[-1], said["message"])
            for event in self.events
            if (said := event.get("diagnosticEvent")) and said.get("ephemeral")
        ]

    @property
    def errors(self):
        return "\n".join(text for severity, _, text in self.diagnostics if severity == "error")

    @property
    def warnings(self):
        return "\n".join(text for severity, _, text in self.diagnostics if severity == "warning")


class Project:
    """A Pulumi project in a folder, with a file backend beside it.

    With `source`, the project is a copy of that folder, and is run as people run it. Without it,
    runs leave out what costs much time and shows nothing: see `QUICK`.
    """

    def __init__(
        self,
        folder: Path,
        environment: dict,
        front_end: FrontEnd = DYNAMIC,
        source: Path | None = None,
    ):
        self.folder = folder
        self.front_end = front_end
        if source:
            shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", "venv"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
            self.program(PROGRAM)
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TABLESTORE", "ALI"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "passphrase",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # The plugins of what else is in this environment are not needed, and take long to ask.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_COMMANDS": "1",
            "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TABLESTORE_HEALTH_GRACE": "0",  # a test of a missing bucket is not to wait for it
            **({} if source else QUICK),
            **environment,
        }
        self.runs = 0

    def declare(self, **resources):
        """Declares the delivery tasks: name → inputs, or (inputs, options)."""
        declared = {
            name.replace("_", "-"): {"inputs": given[0], "options": given[1]}
            if isinstance(given, tuple)
            else {"inputs": given}
            for name, given in resources.items()
        }
        (self.folder / "resources.json").write_text(json.dumps(declared))

    def program(self, text):
        """Replaces the program."""
        (self.folder / "__main__.py").write_text(self.front_end.program(text))

    def stack(self, name="dev"):
        """Create and select a stack: a copy of an empty one if there is one like it."""
        stack = Stack(self, name)
        self.environment["PULUMI_STACK"] = name
        settings = self.folder / f"Pulumi.{name}.yaml"
        manifest = (self.folder / "Pulumi.yaml").read_text()
        if settings.exists() or any(self.state.iterdir()):
            stack.call("stack", "init", name)
            return stack
        made = _empty_stacks.get((manifest, name))
        if made is None:
            stack.call("stack", "init", name)
            made = {each.relative_to(self.folder): each.read_bytes() for each in self._made(name)}
            _empty_stacks[manifest, name] = made
        for path, content in made.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(content)
        return stack

    def _made(self, name):
        """The files that creating a stack has left."""
        files = [each for each in self.state.rglob("*") if each.is_file()]
        return [self.folder / f"Pulumi.{name}.yaml", *files]


class Stack:
    def __init__(self, project: Project, name: str):
        self.project = project
        self.name = name

    def call(self, *arguments, check=True, **environment):
        """Runs a command of the CLI and returns what it printed."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.project.folder,
            env={**self.project.environment, "PULUMI_STACK": self.name, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def run(self, command, *arguments, check=True, **environment):
        """Runs up, preview, refresh or destroy."""
        self.project.runs += 1
        log = self.project.folder / f"events-{self.project.runs}.jsonl"
        yes = [] if command == "preview" or "--preview-only" in arguments else ["--yes"]
        skip = ["--skip-preview"] if yes else []
        done = self.call(
            command, "--stack", self.name, *yes, *skip, "--event-log", str(log), *arguments,
            check=False, **environment,
        )  # fmt: skip
        lines = log.read_text().splitlines() if log.exists() else []
        run = Run(
            command, done.returncode, done.stdout + done.stderr, [json.loads(x) for x in lines]
        )
        if check:
            assert done.returncode == 0, run.output
        return run

    def up(self, *arguments, **options):
        return self.run("up", *arguments, **options)

    def preview(self, *arguments, **options):
        return self.run("preview", *arguments, **options)

    def refresh(self, *arguments, **options):
        return self.run("refresh", *arguments, **options)

    def destroy(self, *arguments, **options):
        return self.run("destroy", *arguments, **options)

    def config(self, **values):
        for name, value in values.items():
            self.call("config", "set", self._key(name), value, "--stack", self.name)

    def secret(self, **values):
        for name, value in values.items():
            self.call("config", "set", "--secret", self._key(name), value, "--stack", self.name)

    def _key(self, name):
        return name.replace("tablestore__", f"{self.project.front_end.namespace}:")

    def resources(self):
        """The delivery tasks in the state, by resource name; outputs in snake_case.

        They are read from the backend's file, which costs less than a run of `pulumi stack export`.
        """
        (file,) = self.project.state.glob(f".pulumi/stacks/*/{self.name}.json")
        deployment = json.loads(file.read_text())["checkpoint"]["latest"] or {}
        return {
            resource["urn"].rsplit("::", 1)[1]: {
                **resource,
                "outputs": self.project.front_end.snake(resource["outputs"]),
            }
            for resource in deployment.get("resources", [])
            if resource["type"].endswith("DeliveryTask")
        }

    def outputs(self):
        return json.loads(self.call("stack", "output", "--json", "--stack", self.name).stdout)


def cli_is_there():
    return shutil.which("pulumi") is not None


NEEDS_PULUMI = [
    pytest.mark.pulumi,
    pytest.mark.skipif(not cli_is_there(), reason="no pulumi on PATH: run `make test`"),
]
"""What a test (or, as `pytestmark`, a module) that runs the real CLI is marked with."""
