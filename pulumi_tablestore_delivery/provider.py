"""The dynamic provider, at the import path that states refer to.

The state of each resource has a reference to `load_provider` in this module. So its import path is
frozen: without it, refresh and destroy would fail.
"""

from __future__ import annotations

from pulumi_tablestore_delivery.dynamic.provider import DeliveryTaskProvider


def load_provider() -> DeliveryTaskProvider:
    """Create the provider. The state refers to this function."""
    return DeliveryTaskProvider(load_provider)
