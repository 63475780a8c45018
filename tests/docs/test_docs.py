"""The snippets and links of the pages work."""

import re
from pathlib import Path

import pulumi
import pytest
import support.sdk  # noqa: F401 - a page imports the official SDK, which warns when it is imported first

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def python_snippets():
    for page in PAGES:
        for number, code in enumerate(
            re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
        ):
            yield pytest.param(code, id=f"{page.name}-{number}")


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        if args.typ == "pulumi:pulumi:StackReference":
            outputs = {"bucket": "my-lake", "role_arn": "acs:ram::1:role/delivery"}
            return args.name, {**args.inputs, "outputs": outputs}
        return f"{args.name}-id", args.inputs

    def call(self, args):
        return {}


@pytest.mark.parametrize("code", list(python_snippets()))
def test_python_snippets_run(code, tmp_path, monkeypatch):
    """As Pulumi programs, with Pulumi's mocks: names and inputs are real, nothing is called."""
    monkeypatch.chdir(tmp_path)
    pulumi.runtime.set_mocks(Mocks(), project="shop", stack="dev")

    @pulumi.runtime.test
    def run():
        exec(compile(code, "<snippet>", "exec"), {"__name__": "snippet"})

    run()


def test_links_between_pages_have_a_target():
    for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
