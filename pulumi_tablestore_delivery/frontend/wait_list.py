"""Keep the list of outputs short that the SDK waits for.

Before a program ends, the SDK waits for every output of every resource. Each time an output is
resolved, it checks all of them again. All outputs of a resource are resolved together with its id,
so it is enough to wait for the id. This uses a private method of the SDK's newest versions. If the
method is missing, nothing changes.
"""

from __future__ import annotations

from typing import Final

from pulumi import Output, Resource

_WAITED_FOR: Final = frozenset({"id", "urn"})
# Looked up in the class, because an output has every attribute.
_untrack: Final = getattr(Output, "_untrack", None)


def wait_for_id_only(resource: Resource) -> None:
    """Remove a resource's outputs from the SDK's wait list, except its id and its URN.

    Args:
        resource: A resource whose constructor has finished.
    """
    if _untrack is None:
        return
    for name, output in vars(resource).items():
        if name not in _WAITED_FOR and isinstance(output, Output):
            _untrack(output)
