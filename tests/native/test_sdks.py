"""The SDKs that Pulumi's own generators make of the schema: they compile, and programs run.

`make test` gets the generators where that is quick. `make sdks` gets them, the hosts of the
languages and the packages that the SDKs import, and runs these tests.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from support.emulator_process import EmulatorProcess
from support.pulumi_cli import NATIVE, NEEDS_PULUMI, Project

from pulumi_tablestore_delivery.native.main import DISTRIBUTION
from pulumi_tablestore_delivery.native.names import GET, LIST, RESOURCE, is_default_provider
from pulumi_tablestore_delivery.native.schema import package_schema

HERE = Path(__file__).parent / "sdks"
GENERATOR = "generate-pulumi-sdks"
VERSION = version(DISTRIBUTION)
SCHEMA = package_schema(VERSION)
NPM_PACKAGE = SCHEMA["language"]["nodejs"]["packageName"]
GO_PACKAGE = SCHEMA["language"]["go"]["importBasePath"]
PYTHON_PACKAGE = SCHEMA["language"]["python"]["packageName"]
DESCRIPTIONS = {
    "task": SCHEMA["resources"][RESOURCE]["description"],
    "provider": SCHEMA["provider"]["description"],
    "get": SCHEMA["functions"][GET]["description"],
    "list": SCHEMA["functions"][LIST]["description"],
}

pytestmark = pytest.mark.xdist_group("sdks")  # the SDKs are generated and compiled once


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"there is no {program} on PATH: run `make sdks`")


def run(*command, folder, **environment):
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def example(name, language):
    """The program in a description."""
    return DESCRIPTIONS[name].partition(f"```{language}\n")[2].partition("```")[0]


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """A folder with the SDKs in `nodejs`, `go` and `python`."""
    need(GENERATOR)
    folder = tmp_path_factory.mktemp("generated")
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    done = run(GENERATOR, "schema.json", ".", folder=folder)
    assert done.stdout + done.stderr == ""
    return folder


@pytest.fixture(scope="session")
def packages():
    """The folder with the packages that SDKs in TypeScript and Python need."""
    if not os.environ.get("SDK_PACKAGES"):
        pytest.skip("compiling SDKs and running programs takes minutes: run `make sdks`")
    return Path(os.environ["SDK_PACKAGES"])


@pytest.fixture(scope="session")
def python(generated, packages):
    """The variables with which Python finds the SDK, which is installed."""
    path = packages / "python"
    if not path.exists():
        pytest.skip("`make sdks` could not get the packages for Python")
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--target", "installed")
    command = (sys.executable, "-m", "pip", "install", *options, "./python")
    run(*command, folder=generated, PYTHONPATH=str(path))
    return {"PYTHONPATH": os.pathsep.join([str(generated / "installed"), str(path)])}


@pytest.fixture(scope="session")
def nodejs(generated, packages):
    """The compiled SDK, and folders below `programs` in which a program finds it."""
    need("node")
    modules = packages / "node_modules"
    if not modules.exists():
        pytest.skip("`make sdks` could not get the packages for Node: is there an npm?")
    folder = generated / "nodejs"
    (folder / "node_modules").symlink_to(modules)
    run("node_modules/.bin/tsc", folder=folder)
    shutil.copy(folder / "package.json", folder / "bin")
    found = folder / "programs" / "node_modules" / NPM_PACKAGE
    found.parent.mkdir(parents=True)
    found.symlink_to(folder / "bin")
    return folder


@pytest.fixture(scope="session")
def go(generated, packages):
    """The SDK's module, with pinned versions of what it needs; programs are in folders of it."""
    need("go")
    folder = generated / "go"
    declared = (folder / "go.mod").read_text().splitlines()[0]
    for name in ("go.mod", "go.sum"):
        shutil.copy(HERE / "go" / name, folder)
    assert (folder / "go.mod").read_text().splitlines()[0] == declared
    run("go", "build", "./...", folder=folder, **GO)
    return folder


GO = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOWORK": "off"}


def test_names_of_an_enum_read_well_in_each_language(generated):
    files = {
        "nodejs/types/enums/index.ts": 'BaseInc: "BASE_INC"',
        "go/tablestoredelivery/pulumiEnums.go": 'ModeBaseInc = Mode("BASE_INC")',
        f"python/{PYTHON_PACKAGE}/_enums.py": 'BASE_INC = "BASE_INC"',
    }
    for name, line in files.items():
        assert line in (generated / name).read_text()


def test_generated_packages_carry_the_metadata(generated):
    package = json.loads((generated / "nodejs" / "package.json").read_text())
    assert package["name"] == NPM_PACKAGE
    assert package["version"] == VERSION
    assert package["license"] == "Apache-2.0"
    project = (generated / "python" / "pyproject.toml").read_text()
    assert f'name = "{PYTHON_PACKAGE}"' in project
    for plugin in (
        package["pulumi"],
        json.loads((generated / "python" / PYTHON_PACKAGE / "pulumi-plugin.json").read_text()),
        json.loads((generated / "go" / "tablestoredelivery" / "pulumi-plugin.json").read_text()),
    ):
        assert plugin["name"] == "tablestore-delivery"
        assert plugin["version"] == VERSION
        assert plugin["server"] == SCHEMA["pluginDownloadURL"]


def test_documentation_has_the_examples_of_its_language_alone(generated):
    documentation = {
        "typescript": (generated / "nodejs" / "deliveryTask.ts").read_text(),
        "go": (generated / "go" / "tablestoredelivery" / "deliveryTask.go").read_text(),
        "python": (generated / "python" / PYTHON_PACKAGE / "delivery_task.py").read_text(),
    }
    marks = {"typescript": 'from "pulumi-tab', "go": "pulumi.Run(", "python": "_sdk as delivery"}
    for language, text in documentation.items():
        assert [name for name, mark in marks.items() if mark in text] == [language]
        assert "pulumi import tablestore-delivery:index:DeliveryTask" in text
        assert "{{%" not in text


def test_python_sdk_compiles(generated):
    run(sys.executable, "-m", "compileall", "-q", "python", folder=generated)


def test_python_sdk_is_installed_and_imported_beside_this_package(generated, python):
    installed = generated / "installed"
    assert PYTHON_PACKAGE in {path.name for path in installed.iterdir()}
    assert not (installed / "pulumi_tablestore_delivery").exists()
    program = (
        f"import {PYTHON_PACKAGE} as sdk, pulumi_tablestore_delivery as ours\n"
        "from pulumi_tablestore_delivery import native\n"
        "assert sdk.DeliveryTask is not native.DeliveryTask\n"
        "assert [mode.name for mode in sdk.Mode] == [mode.name for mode in ours.Mode]\n"
        "print(sdk.__file__)"
    )
    printed = run(sys.executable, "-c", program, folder=generated, **python).stdout
    assert Path(printed.strip()).is_relative_to(installed)


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_python_examples_name_what_the_sdk_has(generated, python, name):
    text = example(name, "python")
    compile(text, name, "exec")
    used = sorted(set(re.findall(r"delivery\.(\w+)", text)))
    program = f"import {PYTHON_PACKAGE} as delivery\nfor name in {used}: getattr(delivery, name)"
    run(sys.executable, "-c", program, folder=generated, **python)


def test_typescript_sdk_and_examples_compile(nodejs):
    folder = nodejs / "programs" / "examples"
    folder.mkdir()
    for name in DESCRIPTIONS:
        (folder / f"{name}.ts").write_text(example(name, "typescript"))
    options = ("--strict", "--noEmit", "--module", "commonjs", "--target", "es2020")
    files = sorted(path.name for path in folder.iterdir())
    run(nodejs / "node_modules" / ".bin" / "tsc", *options, *files, folder=folder)


def test_go_sdk_and_examples_compile(go):
    for name in DESCRIPTIONS:
        folder = go / "examples" / name
        folder.mkdir(parents=True)
        (folder / "main.go").write_text(example(name, "go"))
    run("go", "vet", "./...", folder=go, **GO)


class Programs:
    """Writes a program of a description, as a project of its language."""

    def __init__(self, folder, environment, runtime, file, more=None):
        self.folder, self.environment = folder, environment
        self.runtime, self.file, self.more = runtime, file, more or {}

    def project(self, name, text):
        project = Project(self.folder / name, self.environment, NATIVE)
        (project.folder / "__main__.py").unlink()
        manifest = f"name: shop\nruntime: {self.runtime}\n"
        if self.runtime == "yaml":
            text = manifest + text
        else:
            (project.folder / "Pulumi.yaml").write_text(manifest)
        (project.folder / self.file).write_text(text)
        for file, content in self.more.items():
            (project.folder / file).write_text(content)
        return project


def typescript_programs(request, environment):
    need("pulumi-language-nodejs")
    folder = request.getfixturevalue("nodejs") / "programs"
    options = {"compilerOptions": {"strict": True, "module": "commonjs", "target": "es2020"}}
    more = {
        "package.json": json.dumps({"main": "index.ts"}),
        "tsconfig.json": json.dumps(options),
    }
    return Programs(folder, environment, "nodejs", "index.ts", more)


def go_programs(request, environment):
    need("pulumi-language-go")
    return Programs(request.getfixturevalue("go"), {**environment, **GO}, "go", "main.go")


def python_programs(request, environment):
    folder = request.getfixturevalue("tmp_path")
    environment = {**environment, **request.getfixturevalue("python")}
    return Programs(folder, environment, "python", "__main__.py")


def yaml_programs(request, environment):
    need("pulumi-language-yaml")
    folder = request.getfixturevalue("tmp_path")
    return Programs(folder, environment, "yaml", "Pulumi.yaml")


@pytest.fixture
def emulator(tmp_path):
    with EmulatorProcess(tmp_path / "emulator", "--create-buckets") as process:
        process.create_table("orders")
        yield process


LANGUAGES = {
    "typescript": typescript_programs,
    "go": go_programs,
    "python": python_programs,
    "yaml": yaml_programs,
}


@pytest.mark.parametrize("language", LANGUAGES)
class TestExampleProgram:
    pytestmark = NEEDS_PULUMI

    def test_creates_and_lists_a_task(self, packages, request, emulator, language):
        programs = LANGUAGES[language](request, emulator.environment)
        stack = programs.project("orders", example("task", language)).stack()
        assert "expected to have version" not in stack.up().warnings
        (task,) = emulator.tasks("orders")
        resource = stack.resources()["orders"]
        assert resource["type"] == RESOURCE
        assert resource["id"] == f"local/orders/{task}"
        assert is_default_provider(resource["provider"].split("::")[-2])
        location = "oss://my-lake/orders/year=$yyyy/month=$MM/day=$dd/"
        assert stack.outputs() == {"location": location}
        assert stack.up("--expect-no-changes").operations == {"orders": ["same"]}

        listing = programs.project("listing", example("list", language)).stack()
        listing.up()
        (found,) = listing.outputs().values()
        assert len(found) == 1
        assert task in str(found)

        stack.destroy()
        assert emulator.tasks("orders") == []
