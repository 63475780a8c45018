"""What the environment and the stack's configuration say: endpoint, instance, region, keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pulumi_tablestore_delivery.client.credentials import CredentialsSource, find_credentials
from pulumi_tablestore_delivery.client.signing import SignatureVersion
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.spec import endpoints

INSTANCE: Final = ("TABLESTORE_INSTANCE", "tablestore:instance")
ENDPOINT: Final = ("TABLESTORE_ENDPOINT", "tablestore:endpoint")
REGION: Final = (
    "TABLESTORE_REGION",
    "tablestore:region",
    "ALIBABA_CLOUD_REGION_ID",
    "ALICLOUD_REGION",
    "alicloud:region",
)
SIGNATURE_VERSION: Final = ("TABLESTORE_SIGNATURE_VERSION", "tablestore:signatureVersion")
ALLOWED_BUCKETS: Final = ("TABLESTORE_ALLOWED_BUCKETS", "tablestore:allowedBuckets")
"""Where each setting is looked for, the first place first: environment variables, and keys of the
stack's configuration, which have a colon."""

_SIGNATURE_VERSIONS: Final[Mapping[str, SignatureVersion]] = {"v2": "v2", "v4": "v4"}


@dataclass(frozen=True)
class Setting:
    """A setting that was found.

    Attributes:
        value: Its value; empty if no place has one.
        origin: The environment variable or the configuration's key that has it; empty for none.
    """

    value: str
    origin: str


@dataclass(frozen=True)
class Settings:
    """Reads settings where they are asked for.

    Attributes:
        environment: The process's environment variables.
        configuration: A value of the stack's configuration by its full key, empty if not set.
        configuration_first: Whether the configuration comes before the environment, and not after
            it: so it is where a program gives it to a provider as arguments.
    """

    environment: Mapping[str, str]
    configuration: Callable[[str], str]
    configuration_first: bool = False

    def __repr__(self) -> str:
        return "Settings(…)"  # both hold secrets

    @cached_property
    def instance_name(self) -> str:
        """The default instance; empty if none is set."""
        return self.find(INSTANCE).value

    @property
    def required_instance_name(self) -> str:
        """The default instance.

        Raises:
            ConfigurationError: None is set.
        """
        if not self.instance_name:
            raise ConfigurationError(
                "no instance: set the input instance_name, TABLESTORE_INSTANCE, or `pulumi config "
                "set tablestore:instance …`.",
                "instance_name",
            )
        return self.instance_name

    @cached_property
    def _endpoint(self) -> str:
        configured = self.configuration("tablestore:endpoint")
        if self.configuration_first and (configured or self.configuration("tablestore:region")):
            return configured  # one that is derived from the region given, if there is none
        return self.find(ENDPOINT).value

    @cached_property
    def _region(self) -> str:
        return self.find(REGION).value

    @cached_property
    def signature_version(self) -> SignatureVersion:
        """`v2` (default) or `v4`.

        Raises:
            ConfigurationError: The configuration names another.
        """
        name = self.find(SIGNATURE_VERSION).value.lower()
        name = name or "v2"
        if name not in _SIGNATURE_VERSIONS:
            raise ConfigurationError(
                f"the signature version is {name!r}; it can be v2 (the default) or v4: set "
                "TABLESTORE_SIGNATURE_VERSION or tablestore:signatureVersion."
            )
        return _SIGNATURE_VERSIONS[name]

    @cached_property
    def allowed_buckets(self) -> tuple[str, ...]:
        """Patterns of the buckets that may be written to, such as `lake-dev*`; any if empty.

        Written with commas between them, or as the JSON list that `pulumi config set --path`
        makes.
        """
        text = self.find(ALLOWED_BUCKETS).value
        return tuple(pattern for pattern in re.split(r'[\s,"\[\]]+', text) if pattern)

    @cached_property
    def credentials(self) -> CredentialsSource:
        """Where the keys come from.

        Raises:
            ConfigurationError: No place holds keys.
        """
        return find_credentials(
            self.environment, self.configuration, configuration_first=self.configuration_first
        )

    def endpoint(self, instance_name: str, given: str | None) -> str:
        """The URL of an instance: the one given, else the configured, else the region's.

        Raises:
            ConfigurationError: Nothing tells.
        """
        endpoint = given or self._endpoint
        if endpoint:
            return endpoint
        if instance_name and self._region:
            return endpoints.tablestore_endpoint(instance_name, self._region)
        raise ConfigurationError(
            "no endpoint: set TABLESTORE_ENDPOINT, or `pulumi config set tablestore:endpoint "
            "https://<instance>.<region>.ots.aliyuncs.com`, or the input tablestore_endpoint.",
            "tablestore_endpoint",
        )

    def region(self, endpoint: str) -> str:
        """The region of an endpoint: the one in it, else the configured; empty if neither tells."""
        return endpoints.region_of_tablestore(endpoint) or self._region

    def signing_region(self, endpoint: str) -> str:
        """The region that a V4 signature names; empty if it is not known and not needed.

        Raises:
            ConfigurationError: It is needed, and nothing tells.
        """
        region = self.region(endpoint)
        if not region and endpoints.is_loopback(endpoint):
            region = endpoints.EMULATOR_REGION
        if endpoint and not region and self.signature_version == "v4":
            raise ConfigurationError(
                "signature version v4 needs the region: `pulumi config set tablestore:region …`."
            )
        return region

    def find(self, names: tuple[str, ...]) -> Setting:
        """The first of these places that has a value: `INSTANCE`, `ENDPOINT`, `REGION`, …."""
        if self.configuration_first:
            names = (*filter(_is_configuration, names), *names)
        for name in names:
            read = self.configuration if _is_configuration(name) else self.environment.get
            if value := read(name):
                return Setting(value, name)
        return Setting("", "")


def _is_configuration(name: str) -> bool:
    return ":" in name
