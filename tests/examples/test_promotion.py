"""examples/promotion: three environments, each with an emulator, promoted with the real CLI."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import yaml
from support.pulumi_cli import NEEDS_PULUMI, Project

# One worker runs all tests, because they share the first promotion.
pytestmark = [*NEEDS_PULUMI, pytest.mark.xdist_group("promotion")]
STACKS = ("dev", "staging", "prod")
SECRET = "local-secret"
ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "promotion"
A_THIRD_TASK = """
    "refunds": {
        "table_name": "orders",
        "oss_prefix": pulumi.Output.secret("refunds/"),
        "mode": "INC",
        "parquet_schema": [{"source": "order_id", "type": "UTF8"}],
    },
}

lake = """


class World:
    """A copy of the example, with its emulators."""

    def __init__(self, folder, emulators):
        self.emulators = emulators
        self.project = Project(folder, {}, source=EXAMPLE)
        self.folder = folder

    def call(self, *command, folder="", **environment):
        done = subprocess.run(
            command,
            cwd=self.folder / folder,
            env={**self.project.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert SECRET not in done.stdout + done.stderr
        return done

    def succeed(self, *command, **options):
        done = self.call(*command, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def prepare(self, stack):
        """Set up an environment as the README describes, with the key as a secret."""
        self.succeed("pulumi", "stack", "init", stack, folder="lake")
        self.succeed("pulumi", "up", "--yes", "--skip-preview", "-s", stack, folder="lake")
        self.succeed("pulumi", "stack", "init", stack)
        settings = {"endpoint": self.emulators[stack], "accessKeyId": "local"}
        plain = [f"--plaintext=tablestore:{key}={value}" for key, value in settings.items()]
        secret = f"--secret=tablestore:accessKeySecret={SECRET}"
        self.succeed("pulumi", "config", "set-all", "--stack", stack, *plain, secret)

    def control(self, stack, method, route, content=None):
        body = None if content is None else json.dumps(content).encode()
        request = Request(f"{self.emulators[stack]}/_emulator/{route}", data=body, method=method)
        with urlopen(request) as answer:
            return json.load(answer)

    def tasks(self, stack):
        found = json.loads(self.succeed("tablestore-delivery", "status", "-s", stack, "--json"))
        return {task["location"]: task["task"] for task in found}


@pytest.fixture(scope="module")
def emulators(tmp_path_factory):
    """The example's emulators: stack to URL."""
    process = subprocess.Popen(
        [sys.executable, EXAMPLE / "offline.py", "0"],
        cwd=tmp_path_factory.mktemp("emulators"),
        stdout=subprocess.PIPE,
        text=True,
    )
    yield dict(process.stdout.readline().split() for _ in STACKS)
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory, emulators):
    """All three environments after the first promotion, whose output is `world.printed`."""
    world = World(tmp_path_factory.mktemp("promotion") / "example", emulators)
    with ThreadPoolExecutor() as pool:
        list(pool.map(world.prepare, STACKS))
    world.printed = world.succeed("./promote.sh")
    return world


def test_promotion_gives_all_environments_the_same_tasks(world):
    steps = [line.removeprefix("== ") for line in world.printed.splitlines() if "== " in line]
    assert [step.partition(":")[0] for step in steps if step.endswith("gate")] == list(STACKS)
    reason = "staging was not deployed yet. Only dev has these tasks: orders, page-views."
    assert reason in world.printed
    assert world.printed.endswith("staging -> prod: 8 differences, 0 unexpected.\n")
    found = {stack: world.tasks(stack) for stack in STACKS}
    for stack, tasks in found.items():
        assert sorted(tasks) == [
            f"oss://shop-lake-{stack}/orders/year=$yyyy/month=$MM/day=$dd/",
            f"oss://shop-lake-{stack}/page_views/year=$yyyy/month=$MM/day=$dd/",
        ]
        assert world.control(stack, "GET", "calls")["CreateDeliveryTask"] == 2
    assert len({name for tasks in found.values() for name in tasks.values()}) == 6


def test_rows_are_compared_with_the_files_after_each_gate(world):
    steps = [line.removeprefix("== ") for line in world.printed.splitlines() if "== " in line]
    for stack in STACKS:
        gate = steps.index(f"{stack}: gate")
        assert steps[gate + 1] == f"{stack}: compare the files with the tables"
    assert world.printed.count("The files hold all that is due.") == 6


def test_second_run_changes_nothing(world):
    before = world.tasks("staging")
    printed = world.succeed("./promote.sh", "deploy", "staging", "dev")
    assert re.search(r"Resources:\s+3 unchanged", printed)
    assert world.tasks("staging") == before


def test_unhealthy_dev_stops_the_promotion(world):
    sick = {"operation": "DescribeDeliveryTask", "fault": "task_error", "times": None}
    world.control("dev", "POST", "faults", {**sick, "error_code": "UNAUTHORIZED"})
    world.control("staging", "DELETE", "calls")
    done = world.call("./promote.sh")
    world.control("dev", "DELETE", "faults")
    assert done.returncode == 3
    assert done.stdout.rstrip().endswith("== dev: gate")
    assert "the task reports UNAUTHORIZED" in done.stderr
    assert world.control("staging", "GET", "calls") == {}


def test_change_is_shown_promoted_and_verified(world):
    program = world.folder / "__main__.py"
    text = program.read_text()
    text = text.replace('"mode": "INC"', '"mode": "BASE_INC"')
    program.write_text(text.replace("}\n\nlake = ", A_THIRD_TASK))
    world.succeed("./promote.sh", "deploy", "dev")
    done = world.call("tablestore-delivery", "diff", "dev", "staging")
    assert done.returncode == 3
    assert "UNEXPECTED  page-views: mode: 'BASE_INC' -> 'INC' (must be the same)" in done.stdout
    assert "UNEXPECTED  refunds: staging does not have it" in done.stdout
    assert "BASE_INC" in world.succeed("./promote.sh", "compare", "dev", "staging")
    printed = world.succeed("./promote.sh", "deploy", "staging", "dev")
    assert "refunds: oss_prefix: [secret] (secret, not compared)" in printed
    allowed = ("--allow", "mode", "--json")
    done = world.call("tablestore-delivery", "diff", "staging", "prod", *allowed)
    wrong = [item for item in json.loads(done.stdout)["differences"] if not item["expected"]]
    assert [(item["task"], item["why"]) for item in wrong] == [("refunds", "prod does not have it")]
    assert done.returncode == 3


def test_dev_stack_with_the_bucket_of_prod_fails_at_preview(tmp_path, emulators):
    world = World(tmp_path / "example", emulators)
    lake = world.folder / "lake" / "Pulumi.staging.yaml"
    lake.write_text(lake.read_text().replace("shop-lake-staging", "shop-lake-prod"))
    world.prepare("staging")
    done = world.call("./promote.sh", "deploy", "staging")
    assert done.returncode not in {0, 3}
    assert "== staging: up" not in done.stdout
    assert "[rule allowed-buckets, this package]" in done.stdout
    assert "[rule bucket-environment, assumed]" in done.stdout


def test_secrets_are_not_read_without_the_passphrase(world):
    for passphrase in ("wrong", ""):
        done = world.call(
            "tablestore-delivery", "wait", "-s", "dev", PULUMI_CONFIG_PASSPHRASE=passphrase
        )
        assert done.returncode == 1
        assert "error: stack dev: `pulumi config --json` failed: " in done.stderr
        assert "passphrase" in done.stderr
        compared = ("tablestore-delivery", "diff", "dev", "staging")
        world.succeed(*compared, PULUMI_CONFIG_PASSPHRASE=passphrase)


@pytest.mark.parametrize(
    "path",
    [
        EXAMPLE / "github-actions.yml",
        EXAMPLE / "github-preview.yml",
        *sorted((ROOT / ".github" / "workflows").glob("*.yml")),
    ],
    ids=lambda path: path.name,
)
def test_workflows_pin_actions_and_limit_secrets_to_steps(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert "secrets." not in json.dumps([workflow.get("env"), job.get("env")])
        for step in job["steps"]:
            assert re.fullmatch(r"\S+@[0-9a-f]{40}", step.get("uses", f"a@{'0' * 40}"))
            if "secrets." in json.dumps(step):
                assert step["run"].startswith(("./promote.sh ", "pulumi preview "))
            if "secrets.ALIBABA_CLOUD" in json.dumps(step):
                assert step["run"].startswith(("./promote.sh deploy ", "pulumi preview "))


def test_workflow_runs_the_commands_of_the_script():
    workflow = yaml.safe_load((EXAMPLE / "github-actions.yml").read_text())
    assert [job.get("needs") for job in workflow["jobs"].values()] == [None, "dev", "staging"]
    assert all(job["environment"] == name for name, job in workflow["jobs"].items())
    runs = [
        step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step
    ]
    script = (EXAMPLE / "promote.sh").read_text()
    chain = re.findall(r"^(?:deploy|compare) .*", script, re.MULTILINE)
    assert [run for run in runs if run != "pip install -r requirements.txt"] == [
        f"./promote.sh {step}" for step in chain
    ]
    assert len(chain) == 5
