"""Keep the SDK's list of outputs to wait for short.

Before a program ends, the SDK waits for every output of every resource, and looks at all of them
again each time one is done. All outputs of a resource are done together with its id, so it is
enough to wait for that one. This touches a private method of the SDK's newest version. Where the
method is missing, nothing changes.
"""

from __future__ import annotations

from typing import Final

from pulumi import Output, Resource

_WAITED_FOR: Final = frozenset({"id", "urn"})
_untrack: Final = getattr(Output, "_untrack", None)  # of the class: an output lifts any attribute


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
