"""The dynamic provider, by the path that states know it by.

The state of every resource holds a reference to `load_provider` in this module. Its import path
is therefore frozen: without it, neither refresh nor destroy would work.
"""

from __future__ import annotations

from pulumi_tablestore_delivery.dynamic.provider import DeliveryTaskProvider


def load_provider() -> DeliveryTaskProvider:
    """Create the provider. The state refers to this function."""
    return DeliveryTaskProvider(load_provider)
