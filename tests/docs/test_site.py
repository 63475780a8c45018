"""The documentation's site: each page is in its navigation, and each link leads somewhere.

`make docs-site` checks the same with mkdocs. These tests need only the sources.
"""

import re
from pathlib import Path

import pytest
import yaml

from tools.site.links import outside_pages, rewrite

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SOURCES = sorted(
    [*(path.name for path in ROOT.glob("*.md"))]
    + [str(path.relative_to(ROOT)) for path in [*DOCS.glob("*.md"), *ROOT.glob("examples/*/*.md")]]
)
LINK = re.compile(r"\]\((?P<path>[^)\s#:]*)(?P<anchor>#[^)\s]+)?\)")


class Loader(yaml.SafeLoader):
    """Reads the tags of mkdocs.yml as nothing: no test needs their values."""


Loader.add_multi_constructor("", lambda *_: None)


def navigation(entry):
    if isinstance(entry, str):
        return [entry]
    children = entry.values() if isinstance(entry, dict) else entry
    return [page for child in children for page in navigation(child)]


def prose(source):
    """A page without its code blocks, in which brackets mean something else."""
    return re.sub(
        r"^( *)```.*?^\1```", "", (ROOT / source).read_text(), flags=re.DOTALL | re.MULTILINE
    )


def anchors(source):
    """The anchors of a page's headings, as GitHub and the site make them."""
    return {
        "#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", prose(source), re.MULTILINE)
    }


def test_every_page_is_in_the_navigation_once():
    config = yaml.load((ROOT / "mkdocs.yml").read_text(), Loader)
    pages = [*(path.name for path in DOCS.glob("*.md")), *outside_pages(ROOT).values()]
    assert sorted(navigation(config["nav"])) == sorted(pages)


@pytest.mark.parametrize("source", SOURCES)
def test_links_lead_to_a_file_and_a_heading(source):
    for found in LINK.finditer(prose(source)):
        target = ((ROOT / source).parent / found["path"]) if found["path"] else ROOT / source
        assert target.exists(), f"{source} links to {found['path']}"
        if found["anchor"]:
            page = str(target.resolve().relative_to(ROOT))
            assert found["anchor"] in anchors(page), f"{source} links to {page}{found['anchor']}"


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("README.md", "[a](docs/cli.md#scan)", "[a](cli.md#scan)"),
        ("README.md", "[a](examples/quickstart)", "[a](examples/quickstart.md)"),
        ("docs/faq.md", "[a](cli.md)", "[a](cli.md)"),
        ("docs/faq.md", "[a](../README.md#install)", "[a](index.md#install)"),
        ("docs/faq.md", "[a](architecture.svg)", "[a](architecture.svg)"),
        ("examples/yaml/README.md", "[a](../../docs/cli.md)", "[a](../cli.md)"),
        ("examples/promotion/README.md", "[a](../oss-bucket)", "[a](oss-bucket.md)"),
        ("docs/faq.md", "[a](https://example.com/x) [b](#c)", "[a](https://example.com/x) [b](#c)"),
        ("docs/faq.md", "[a](missing.md) [b](../../outside)", "[a](missing.md) [b](../../outside)"),
    ],
)
def test_a_link_is_rewritten_for_the_site(source, text, expected):
    assert rewrite(text, source, ROOT) == expected


def test_a_link_to_a_file_without_a_page_leads_to_the_repository():
    text = "[`promote.sh`](promote.sh)"
    source = "examples/promotion/README.md"
    assert rewrite(text, source, ROOT) == "`promote.sh`"
    assert (
        rewrite(text, source, ROOT, "https://example.com/r/")
        == "[`promote.sh`](https://example.com/r/blob/main/examples/promotion/promote.sh)"
    )


def test_the_page_on_versions_agrees_with_the_package():
    page, project = (DOCS / "versions.md").read_text(), (ROOT / "pyproject.toml").read_text()
    pythons = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    assert f"| Python | {pythons[0]} to {pythons[-1]} |" in page
    (pulumi,) = re.findall(r'"pulumi>=([\d.]+),<4"', project)
    assert f"| Pulumi's SDK for Python | {pulumi} and newer, below 4 |" in page
    cli = (ROOT / "tools/pulumi-cli/cli/go.mod").read_text()
    (version,) = re.findall(r"pulumi/pkg/v3 v([\d.]+)", cli)
    assert f"| {version} |" in page
