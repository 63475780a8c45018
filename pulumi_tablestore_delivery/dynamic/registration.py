"""How a program registers a resource of the dynamic provider.

This module keeps a program's imports few: only the provider's process loads `host` and `service`.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Final

import pulumi
from pulumi.dynamic import dynamic

DECLARATION: Final = "_declaration"
"""The property with which a program describes a resource. Check removes it."""

PROVIDER_KEY: Final = "__provider"
"""The property that holds the provider in the state of every resource."""

PROVIDER_TEXT: Final = (
    "gASVPAAAAAAAAACMI3B1bHVtaV90YWJsZXN0b3JlX2RlbGl2ZXJ5LnBy"
    "b3ZpZGVylIwNbG9hZF9wcm92aWRlcpSTlClSlC4="
)
"""The pickled reference to `provider.load_provider`, as it is in every state.

Pulumi pickles with the default protocol of the running Python, and has one provider object for
each pickled text. Without this constant, the first run after an upgrade of Python would have two.
"""

_CONSTRUCTOR: Final = ("self", "provider", "name", "props", "opts")


@lru_cache(maxsize=1)
def can_write_provider() -> bool:
    """Return whether a resource may be registered with `PROVIDER_TEXT`.

    Pulumi's constructor only pickles the provider and registers the resource with that text. If
    the constructor is not as expected, it must be called instead.
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
