"""Transformations, which change a resource's options after the program has given them."""

from __future__ import annotations

import pulumi
from pulumi.runtime import _callbacks, settings


def may_be_transformed(opts: pulumi.ResourceOptions | None) -> bool:
    """Return whether a transformation may change a resource's options.

    This reads private parts of the SDK. If they are missing, the answer is False.

    Args:
        opts: The resource's options as the program gives them.
    """
    if opts and (opts.transformations or getattr(opts, "transforms", None)):
        return True
    ancestor = (opts.parent if opts else None) or settings.get_root_resource()
    if getattr(ancestor, "_transformations", None):
        return True
    # The SDK starts such a server with the first transform or hook that a program registers. One
    # process may run several programs, each with its own monitor.
    servers = getattr(getattr(_callbacks, "_CallbackServicer", None), "_servicers", ())
    monitor = settings.get_monitor()
    return any(getattr(server, "_monitor", None) is monitor for server in servers)
