"""Settings from the environment and the stack's configuration: endpoint, instance, region, keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Final

from pulumi_tablestore_delivery.client.credentials import (
    CredentialsSource,
    cli_profile,
    find_credentials,
)
from pulumi_tablestore_delivery.client.signing import SignatureVersion
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.message import Message, Name
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
HEALTH_GRACE: Final = ("TABLESTORE_HEALTH_GRACE", "tablestore:healthGrace")
SAMPLE_ROWS: Final = ("TABLESTORE_SAMPLE_ROWS", "tablestore:sampleRows")
OSS_ENDPOINT: Final = ("TABLESTORE_OSS_ENDPOINT", "tablestore:ossEndpoint")
"""The sources of each setting in order: environment variables, and keys of the stack's
configuration, which have a colon."""

_SIGNATURE_VERSIONS: Final[Mapping[str, SignatureVersion]] = {"v2": "v2", "v4": "v4"}
_DEFAULT_HEALTH_GRACE: Final = 15.0  # seconds, assumed: the service needs some to find a new role
_DEFAULT_SAMPLE_ROWS: Final = 100
_MOST_SAMPLE_ROWS: Final = 5000  # the service's own limit of a page
_NO_KEYS: Final = Message(
    "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET in the environment, or "
    "{.tablestore:accessKeyId=<id>} and {.tablestore:accessKeySecret=}, or install the extra "
    "`credentials` for profiles, instance roles and OIDC."
)
_NO_KEYS_OF_COMMAND: Final = (
    "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, give --profile for a "
    "profile of the Alibaba Cloud CLI, or give --stack to use a stack's configuration. With the "
    "extra `credentials`, instance roles and OIDC count too."
)
_BUCKET_PATTERN: Final = re.compile(r"(?:[a-z0-9._*?-]|\[!?[a-z0-9-]+\])+")


@dataclass(frozen=True)
class Setting:
    """A setting that was found.

    Attributes:
        value: Its value without white space around it; empty if the setting is not set.
        origin: The option, environment variable or key of the configuration that sets it, as a
            `Name`, or what it is made of; empty if the setting is not set.
    """

    value: str
    origin: str


@dataclass(frozen=True)
class Settings:
    """Reads each setting when it is used.

    Attributes:
        environment: The process's environment variables.
        configuration: Returns a value of the stack's configuration by its full key, empty if it
            is not set.
        configuration_first: Whether the configuration comes before the environment. It does if a
            program passes the configuration to a provider as arguments.
        profile: The profile of the Alibaba Cloud CLI that has the keys; empty for other sources.
        options: The command line's options by the environment variable that each replaces, so that
            messages name them; None outside the command line.
    """

    environment: Mapping[str, str]
    configuration: Callable[[str], str]
    configuration_first: bool = False
    profile: str = ""
    options: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        return "Settings(…)"  # both hold secrets

    @cached_property
    def instance_name(self) -> str:
        """The default instance; empty if none is set.

        Raises:
            ConfigurationError: It has white space inside.
        """
        return self.find_word(INSTANCE).value

    @property
    def required_instance_name(self) -> str:
        """The default instance.

        Raises:
            ConfigurationError: None is set, or it has white space inside.
        """
        if not self.instance_name:
            raise ConfigurationError(
                "no instance: give --instance, set TABLESTORE_INSTANCE, or give --stack to use a "
                "stack's configuration."
                if self.options is not None
                else Message(
                    "no instance: {.tablestore:instance=<name>}, or set TABLESTORE_INSTANCE or "
                    "the input {.instance_name}."
                ),
                "instance_name",
            )
        return self.instance_name

    @cached_property
    def _endpoint(self) -> Setting:
        if self.configuration_first:
            configured = self.find_word(ENDPOINT[1:])
            if configured.value or self.find_word(("tablestore:region",)).value:
                return configured  # empty: the endpoint is derived from the given region
        return self.find_word(ENDPOINT)

    @cached_property
    def _region(self) -> str:
        return self.find_word(REGION).value

    @cached_property
    def signature_version(self) -> SignatureVersion:
        """`v2` (default) or `v4`.

        Raises:
            ConfigurationError: Another version is set.
        """
        setting = self.find(SIGNATURE_VERSION)
        version = _SIGNATURE_VERSIONS.get(setting.value.lower() or "v2")
        if version is None:
            raise ConfigurationError(
                Message(
                    "{origin}: {value!r} is not a signature version. Allowed are v2 (the default) "
                    "and v4.",
                    origin=setting.origin,
                    value=setting.value,
                )
            )
        return version

    @cached_property
    def allowed_buckets(self) -> tuple[str, ...]:
        """Patterns of the buckets that tasks may write to, such as `lake-dev*`; any if empty.

        The setting is a list with commas or white space between the patterns, or the JSON list
        that `pulumi config set --path` makes.

        Raises:
            ConfigurationError: The setting is not such a list. A wrong setting must not allow all
                buckets.
        """
        names = self._in_order(ALLOWED_BUCKETS)
        origin = next((name for name in names if self._read(name)), "")
        if not origin:
            return ()
        patterns = _listed(self._read(origin).strip())
        for pattern in patterns or [self._read(origin)]:
            if not _BUCKET_PATTERN.fullmatch(pattern):
                raise ConfigurationError(
                    Message(
                        "{origin}: {pattern!r} is not a pattern of bucket names. Allowed are "
                        "lowercase letters, digits and hyphens with *, ? and […], several with "
                        "commas between them or as a JSON list of strings. Remove the setting to "
                        "allow any bucket.",
                        origin=Name(origin),
                        pattern=pattern,
                    )
                )
        return tuple(patterns)

    @cached_property
    def health_grace(self) -> float:
        """Seconds during which a task that was just created may report an error; 0 for none.

        Raises:
            ConfigurationError: The setting is not a number of seconds.
        """
        setting = self.find(HEALTH_GRACE)
        if not setting.value:
            return _DEFAULT_HEALTH_GRACE
        try:
            seconds = float(setting.value)
        except ValueError:
            seconds = -1.0
        if seconds < 0 or not isfinite(seconds):
            raise ConfigurationError(
                Message(
                    "{origin}: {value!r} is not a number of seconds. Use 0 (off) or more, such as "
                    "{default:g} (the default).",
                    origin=setting.origin,
                    value=setting.value,
                    default=_DEFAULT_HEALTH_GRACE,
                )
            )
        return seconds

    @cached_property
    def sample_rows(self) -> int:
        """The most rows that a preview reads at each end of a table; 0 for none.

        Raises:
            ConfigurationError: The setting is not such a number.
        """
        setting = self.find(SAMPLE_ROWS)
        if not setting.value:
            return _DEFAULT_SAMPLE_ROWS
        is_number = re.fullmatch("[0-9]{1,4}", setting.value) is not None
        if not is_number or int(setting.value) > _MOST_SAMPLE_ROWS:
            raise ConfigurationError(
                Message(
                    "{origin}: {value!r} is not a number of rows. Use 0 (off) to {most}, such as "
                    "{default} (the default).",
                    origin=setting.origin,
                    value=setting.value,
                    most=_MOST_SAMPLE_ROWS,
                    default=_DEFAULT_SAMPLE_ROWS,
                )
            )
        return int(setting.value)

    @cached_property
    def credentials(self) -> CredentialsSource:
        """The source of the keys.

        Raises:
            ConfigurationError: No source has keys, or the profile cannot be used.
        """
        if self.profile:
            return cli_profile(self.profile)
        return find_credentials(
            self.environment,
            self.configuration,
            _NO_KEYS if self.options is None else _NO_KEYS_OF_COMMAND,
            configuration_first=self.configuration_first,
        )

    def endpoint(self, instance_name: str, given: str | None) -> str:
        """Return the URL of an instance: as given, else from the settings, else the region's.

        Raises:
            ConfigurationError: None of them is set, or the configured one has white space inside.
        """
        return given or self.configured_endpoint(instance_name).value

    def configured_endpoint(self, instance_name: str) -> Setting:
        """Return the URL of an instance: the configured one, else the region's.

        Raises:
            ConfigurationError: None of them is set, or the configured one has white space inside.
        """
        if self._endpoint.value:
            return self._endpoint
        if instance_name and self._region:
            url = endpoints.tablestore_endpoint(instance_name, self._region)
            return Setting(url, "instance and region")
        raise ConfigurationError(
            "no endpoint: give --endpoint, or --instance and --region, or set TABLESTORE_ENDPOINT, "
            "or give --stack to use a stack's configuration."
            if self.options is not None
            else Message(
                "no endpoint: {.tablestore:region=<region>}, or {.tablestore:endpoint=<URL>}, or "
                "set TABLESTORE_REGION, TABLESTORE_ENDPOINT or the input {.tablestore_endpoint}. "
                "The URL is https://<instance>.<region>.ots.aliyuncs.com."
            ),
            "tablestore_endpoint",
        )

    @property
    def region_makes_endpoint(self) -> bool:
        """Whether the endpoint is made of the instance and the configured region.

        Raises:
            ConfigurationError: The endpoint or the region has white space inside.
        """
        return not self._endpoint.value and bool(self._region)

    def region(self, endpoint: str) -> str:
        """Return an endpoint's region: its own, else the configured one; empty if unknown."""
        return endpoints.region_of_tablestore(endpoint) or self._region

    def signing_region(self, endpoint: str) -> str:
        """Return the region that a V4 signature names; empty if it is unknown and not needed.

        Raises:
            ConfigurationError: It is needed and unknown.
        """
        region = self.region(endpoint)
        if not region and endpoints.is_loopback(endpoint):
            region = endpoints.EMULATOR_REGION
        if endpoint and not region and self.signature_version == "v4":
            raise ConfigurationError(
                "signature version v4 needs the region: give --region, or set TABLESTORE_REGION."
                if self.options is not None
                else Message(
                    "signature version v4 needs the region: {.tablestore:region=<region>}, or set "
                    "TABLESTORE_REGION."
                ),
            )
        return region

    def find(self, names: tuple[str, ...]) -> Setting:
        """Return the value of a setting such as `INSTANCE` from its first source that has one."""
        for name in self._in_order(names):
            if value := self._read(name).strip():
                return Setting(value, Name((self.options or {}).get(name, name)))
        return Setting("", "")

    def find_word(self, names: tuple[str, ...]) -> Setting:
        """Return a setting that is one word, or is not set.

        Raises:
            ConfigurationError: It has white space or an invisible character inside.
        """
        setting = self.find(names)
        has_space = re.search(r"\s", setting.value)
        if has_space or not setting.value.isprintable():
            what = "white space" if has_space else "an invisible character"
            raise ConfigurationError(
                Message(
                    "{origin}: {shown!r} has {what} inside. Remove it.",
                    origin=setting.origin,
                    shown=endpoints.mask_user_info(setting.value),
                    what=what,
                )
            )
        return setting

    def _in_order(self, names: tuple[str, ...]) -> tuple[str, ...]:
        if self.configuration_first:
            return (*filter(_is_configuration, names), *names)
        return names

    def _read(self, name: str) -> str:
        if _is_configuration(name):
            return self.configuration(name)
        return self.environment.get(name, "")


def _is_configuration(name: str) -> bool:
    return ":" in name


def _listed(text: str) -> list[str]:
    """Return the items of a JSON list, or of a text with commas or white space between items.

    Text that is not valid JSON is split. Its brackets and quotes stay in the items.
    """
    try:
        items = json.loads(text)
    except ValueError:
        items = None
    if isinstance(items, list):
        return [item.strip() if isinstance(item, str) else json.dumps(item) for item in items]
    return [item for item in re.split(r"[\s,]+", text) if item]
