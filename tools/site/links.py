"""Which file of the repository is which page of the site, and links between them.

The pages of `docs/` link to other files of the repository as a reader of the repository needs it.
The site holds some of these files as pages. A link to any other file leads to the repository, if
the site knows its address; otherwise only the link's text stays.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# Pages that are not in docs/: the file in the repository, and the page of the site.
_TOP: Final[Mapping[str, str]] = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
_LINK: Final = re.compile(r"(?P<text>\[[^\]\[]*\])\((?P<path>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")


def outside_pages(root: Path) -> dict[str, str]:
    """Return the pages that are not in `docs/`, by their file in the repository."""
    examples = {
        f"examples/{path.parent.name}/README.md": f"examples/{path.parent.name}.md"
        for path in sorted(root.glob("examples/*/README.md"))
    }
    return {**_TOP, **examples}


def rewrite(markdown: str, source: str, root: Path, repository: str = "") -> str:
    """Return a page's text with its links as the site needs them.

    Args:
        markdown: The text.
        source: The page's file in the repository, such as docs/rules.md.
        root: The repository.
        repository: URL of the repository; empty if it is not known.
    """
    pages = outside_pages(root)
    here = posixpath.dirname(pages.get(source, source.removeprefix("docs/")))

    def link(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), found["path"]))
        if target.startswith("..") or not (root / target).exists():
            return found[0]
        page = pages.get(target) or pages.get(f"{target}/README.md")
        if page is None and target.startswith("docs/"):
            page = target.removeprefix("docs/")
        anchor = found["anchor"] or ""
        if page is not None:
            return f"{found['text']}({posixpath.relpath(page, here or '.')}{anchor})"
        if repository:
            return f"{found['text']}({repository.rstrip('/')}/blob/main/{target}{anchor})"
        return found["text"][1:-1]

    return _LINK.sub(link, markdown)
