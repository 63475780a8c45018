"""What the schema says of the package itself: where it is from, and its names in each language."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

REPOSITORY: Final = "https://github.com/pulumi-tablestore-delivery/pulumi-tablestore-delivery"
"""Where the project is. Everything that depends on it is derived from it."""

_LOCATION: Final = urlsplit(REPOSITORY)

PLUGIN_DOWNLOAD_URL: Final = "https://pulumi-tablestore-delivery.invalid/plugins"
"""Where Pulumi would download the plugin. It is on `PATH` instead, as a part of the Python package.

Pulumi runs what it downloads, so this must not be an address that a stranger can register. No
machine has a name that ends with `.invalid` (RFC 2606).
"""

_DESCRIPTION: Final = "Alibaba Cloud Tablestore delivery tasks: table rows to OSS as Parquet"

GO_PACKAGE: Final = f"{_LOCATION.netloc}{_LOCATION.path}/sdk/go/tablestoredelivery"
"""The import path of the generated Go package. Its module is the folder above it."""

NPM_PACKAGE: Final = "pulumi-tablestore-delivery"

PYTHON_PACKAGE: Final = "pulumi_tablestore_delivery_sdk"
"""The generated Python package and its distribution.

It must differ from `pulumi_tablestore_delivery`, which holds the provider. Pulumi's own name for
a generated package is exactly that one, and it would replace the provider.
"""

_README: Final = """\
# Tablestore delivery

Generated from the schema of the Pulumi provider `tablestore-delivery`, for Alibaba Cloud
Tablestore delivery tasks. Programs need the provider too. It is a Python package:

    pip install pulumi-tablestore-delivery

Pulumi finds its program `pulumi-resource-tablestore-delivery` on `PATH`.
"""
_PYTHON_README: Final = f"""{_README}
Python programs do not need this package. `pulumi_tablestore_delivery.native` has the same
resources, and checks the inputs' types.
"""

METADATA: Final[dict[str, Any]] = {
    "displayName": "Tablestore delivery",
    "description": _DESCRIPTION,
    "publisher": "The pulumi-tablestore-delivery maintainers",
    "homepage": REPOSITORY,
    "repository": REPOSITORY,
    "license": "Apache-2.0",
    "keywords": [
        "pulumi",
        "alibaba-cloud",
        "tablestore",
        "oss",
        "parquet",
        "category/cloud",
        "kind/native",
    ],
    "pluginDownloadURL": PLUGIN_DOWNLOAD_URL,
    "meta": {"moduleFormat": "(.*)", "supportPack": True},
    "language": {
        "go": {
            "importBasePath": GO_PACKAGE,
            "generateResourceContainerTypes": True,
            "respectSchemaVersion": True,
        },
        "nodejs": {
            "packageName": NPM_PACKAGE,
            "packageDescription": _DESCRIPTION,
            "readme": _README,
            "respectSchemaVersion": True,
        },
        "python": {
            "packageName": PYTHON_PACKAGE,
            "readme": _PYTHON_README,
            "pyproject": {"enabled": True},
            "respectSchemaVersion": True,
        },
    },
}
