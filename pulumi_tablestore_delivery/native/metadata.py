"""Metadata of the schema: the project's address, and the package's names in each language."""

from __future__ import annotations

from typing import Any, Final

HOST: Final = "pulumi-tablestore-delivery.invalid"
"""The host of all addresses of the project, until it has a public one.

Pulumi runs a plugin that it downloads, and Go compiles a package that it fetches. So an address
must not be one that a stranger can register. No machine has a name that ends with `.invalid`
(RFC 2606).
Pulumi finds the plugin on `PATH`, where the Python package installs it.
"""

REPOSITORY: Final = f"https://{HOST}"

_DESCRIPTION: Final = "Alibaba Cloud Tablestore delivery tasks: table rows to OSS as Parquet"

GO_PACKAGE: Final = f"{HOST}/sdk/go/tablestoredelivery"
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
Tablestore delivery tasks. Programs need the provider too. It is the Python package
`pulumi-tablestore-delivery`; its documentation says how to install it.

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
    "pluginDownloadURL": f"{REPOSITORY}/plugins",
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
