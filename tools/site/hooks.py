"""Hooks of mkdocs: pages from outside `docs/`, and links that work on the site."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.site.links import outside_pages, rewrite

ROOT: Final = Path(__file__).resolve().parents[2]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the README, the other top pages and the examples."""
    for source, page in outside_pages(ROOT).items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite the links of a page."""
    del files  # mkdocs passes it by name
    sources = {uri: source for source, uri in outside_pages(ROOT).items()}
    uri = page.file.src_uri
    return rewrite(markdown, sources.get(uri, f"docs/{uri}"), ROOT, config.repo_url or "")
