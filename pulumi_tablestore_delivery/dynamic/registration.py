"""How a program registers a resource of the dynamic provider.

Only the provider's process loads `host` and `service`. This module keeps a program's imports few.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Final

import pulumi
from pulumi.dynamic import dynamic

DECLARATION: Final = "_declaration"
"""The property by which a program describes a resource; check takes it out."""

PROVIDER_KEY: Final = "__provider"
"""The property that holds the provider in the state of every resource."""

PROVIDER_TEXT: Final = (
    "gASVPAAAAAAAAACMI3B1bHVtaV90YWJsZXN0b3JlX2RlbGl2ZXJ5LnBy"
    "b3ZpZGVylIwNbG9hZF9wcm92aWRlcpSTlClSlC4="
)
"""The pickled reference to `provider.load_provider`, as every state has it.

Pulumi pickles with the protocol that the running Python prefers, and keeps a provider object
for each text: another text would mean two providers in the first run after an upgrade of Python.
"""

_CONSTRUCTOR: Final = ("self", "provider", "name", "props", "opts")


@lru_cache(maxsize=1)
def can_write_provider() -> bool:
    """Return whether a resource may be registered with a provider's text that is known.

    Pulumi's own constructor does nothing but pickle the provider and register the resource with
    that text. If the constructor looks different, it has to do its work itself.
    """
    try:
        parameters = tuple(inspect.signature(dynamic.Resource.__init__).parameters)
        return (
            getattr(dynamic, "PROVIDER_KEY", None) == PROVIDER_KEY
            and callable(getattr(dynamic, "serialize_provider", None))
            and parameters == _CONSTRUCTOR
            and "_resource_type_name" in dynamic.Resource.__annotations__
            and dynamic.Resource.__bases__ == (pulumi.CustomResource,)
        )
    except (AttributeError, TypeError, ValueError):
        return False
