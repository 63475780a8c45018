"""The settings of the provider, and names among them that it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_tablestore_delivery.native.names import PACKAGE
from pulumi_tablestore_delivery.spec.properties import suggestion


@dataclass(frozen=True)
class Setting:
    """A setting of the provider.

    Attributes:
        doc: Its meaning.
        type: Its type in the schema.
        is_secret: Whether it is never shown.
    """

    doc: str
    type: str = "string"
    is_secret: bool = False


CONFIGURATION: Final[Mapping[str, Setting]] = {
    "endpoint": Setting("URL of the instance; that of the region by default."),
    "instance": Setting("The instance of tasks that do not name one."),
    "region": Setting("The region of the instance, such as cn-hangzhou."),
    "accessKeyId": Setting("Access key id."),
    "accessKeySecret": Setting("Access key secret.", is_secret=True),
    "securityToken": Setting("Security token of temporary keys.", is_secret=True),
    "signatureVersion": Setting("v2 (the default) or v4."),
    "allowedBuckets": Setting(
        "Patterns of the buckets that may be written to, with commas between them."
    ),
    "sampleRows": Setting(
        "Rows that a preview reads at each end of a table; 0 switches it off.", "integer"
    ),
    "healthGrace": Setting(
        "Seconds during which a new task may report an error; 0 switches it off.", "number"
    ),
}
SECRETS: Final = frozenset(name for name, about in CONFIGURATION.items() if about.is_secret)

_OF_COMMANDS: Final = frozenset({"ossEndpoint"})
"""Settings in the same namespace that only the command line reads."""

_OF_THE_ENGINE: Final = frozenset({"version", "pluginDownloadURL"})


def unknown_settings(names: Iterable[str], *, in_stack: bool) -> Iterator[str]:
    """Yield a message for each name that is not a setting.

    A message never shows a value: a mistyped key may have a secret.

    Args:
        names: The names that the provider was given.
        in_stack: Whether they are from the stack's configuration, not a program's arguments.
    """
    for name in sorted(names):
        if name in CONFIGURATION or name in _OF_THE_ENGINE or name.startswith("__"):
            continue
        if not in_stack:
            yield f"{name!r} is not an argument of this provider.{_allowed(name)}"
        elif name not in _OF_COMMANDS:
            key = f"{PACKAGE}:{name}"
            yield (
                f"{key!r} is not a setting of this provider.{_allowed(name)} Remove it with "
                f"`pulumi config rm`. If another program reads it, use another namespace "
                f"than `{PACKAGE}:`."
            )


def _allowed(name: str) -> str:
    return f"{suggestion(name, tuple(CONFIGURATION))} Allowed are {', '.join(CONFIGURATION)}."
