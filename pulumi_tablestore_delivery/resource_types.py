"""The types that `DeliveryTask` has in a stack's state, one for each front end."""

from typing import Final

DYNAMIC_TYPE: Final = "pulumi-python:dynamic/tablestore:DeliveryTask"

NATIVE_PACKAGE: Final = "tablestore-delivery"
NATIVE_TYPE: Final = f"{NATIVE_PACKAGE}:index:DeliveryTask"
