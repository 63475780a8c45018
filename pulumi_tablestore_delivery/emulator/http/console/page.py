"""Render the page as HTML. It works without scripts and does not load anything from other hosts."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

import jinja2

from pulumi_tablestore_delivery.emulator.http.console.snapshot import Snapshot

_FOLDER: Final = Path(__file__).parent / "templates"


class Page:
    """Renders the page, with headers that forbid outside resources."""

    def __init__(self) -> None:
        """Read the template, the style and the script."""
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = environment.get_template("page.html")
        self._style = (_FOLDER / "page.css").read_text(encoding="utf-8")
        self._script = (_FOLDER / "page.js").read_text(encoding="utf-8")

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer: only the page's own style and script may run."""
        policy = (
            f"default-src 'none'; style-src '{_digest(self._style)}'; "
            f"script-src '{_digest(self._script)}'; connect-src 'self'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    def render(self, snapshot: Snapshot, *, instance: str, url: str, oss_url: str) -> str:
        """Render a snapshot.

        Args:
            snapshot: The contents.
            instance: The instance's name.
            url: The endpoint of the emulated Tablestore.
            oss_url: The endpoint of the emulated OSS.
        """
        return self._template.render(
            snapshot=snapshot,
            instance=instance,
            url=url,
            oss_url=oss_url,
            style=self._style,
            script=self._script,
        )


def _digest(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
