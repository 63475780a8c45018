"""The sources of the keys: environment, configuration, then the default chain.

The default chain (profiles, instance role, OIDC, …) is that of the PyPI package
`alibabacloud-credentials`. It needs the extra `credentials`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.message import Message, Name


class CredentialsSource(Protocol):
    """A source of keys. It is called before each request."""

    @property
    def origin(self) -> str:
        """The source in words, such as the name of the variable that has the key's id."""
        ...

    def __call__(self) -> Credentials:
        """Return the current keys.

        Raises:
            ConfigurationError: The source does not have keys.
        """
        ...


_ENVIRONMENT: Final = (
    (
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ),
    ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"),
)
_CONFIGURATION: Final = (
    ("tablestore:accessKeyId", "tablestore:accessKeySecret", "tablestore:securityToken"),
    ("alicloud:accessKey", "alicloud:secretKey", "alicloud:securityToken"),
)
_CHAIN_MODULE: Final = "alibabacloud_credentials"


def find_credentials(
    environment: Mapping[str, str],
    configuration: Callable[[str], str],
    remedy: str,
    *,
    configuration_first: bool = False,
) -> CredentialsSource:
    """Find the first source that has keys.

    Args:
        environment: The process's environment variables.
        configuration: Returns a value of the stack's configuration by its full key; empty if it
            is not set.
        remedy: What to do if no source has keys, as the rest of a sentence.
        configuration_first: Whether the configuration comes before the environment.

    Raises:
        ConfigurationError: No source has keys, or a source has only the id or only the secret.
    """
    sources = [*_ENVIRONMENT, *_CONFIGURATION]
    if configuration_first:
        sources = [*_CONFIGURATION, *_ENVIRONMENT]
    for names in sources:
        read = configuration if names in _CONFIGURATION else lambda name: environment.get(name, "")
        key_id, secret, token = (_checked(Name(name), read(name)) for name in names)
        if key_id and secret:
            return _Given(names[0], Credentials(key_id, secret, token))
        if key_id or secret:
            given, missing = (names[0], names[1]) if key_id else (names[1], names[0])
            raise ConfigurationError(
                Message(
                    "{given} is set, but {missing} is not: set both.",
                    given=Name(given),
                    missing=Name(missing),
                )
            )
    if importlib.util.find_spec(_CHAIN_MODULE) is not None:
        return _DefaultChain()
    raise ConfigurationError(Message("no credentials: {remedy}", remedy=remedy))


def cli_profile(name: str) -> CredentialsSource:
    """Return the keys of a profile of the Alibaba Cloud CLI, in ~/.aliyun/config.json.

    Raises:
        ConfigurationError: The extra `credentials` is not installed.
    """
    if importlib.util.find_spec(_CHAIN_MODULE) is None:
        raise ConfigurationError(
            f"profile {name!r}: reading profiles needs the extra `credentials`: "
            "pip install 'pulumi-tablestore-delivery[credentials]'"
        )
    return _CliProfile(name)


@dataclass(frozen=True)
class _Given:
    """Keys from the environment or from the configuration."""

    origin: str
    credentials: Credentials

    def __call__(self) -> Credentials:
        return self.credentials


class _DefaultChain:
    """The default chain of `alibabacloud-credentials`, created at its first use."""

    origin = "the default chain of alibabacloud-credentials"

    def __init__(self) -> None:
        self._client: Any = None

    def __call__(self) -> Credentials:
        from alibabacloud_credentials.client import Client  # noqa: PLC0415 - an extra, and slow

        try:
            if self._client is None:
                self._client = Client()
            found = self._client.get_credential()
        except Exception as error:  # noqa: BLE001 - the package raises its own and any other
            raise ConfigurationError(
                f"no credentials: the default chain of alibabacloud-credentials found none "
                f"({type(error).__name__}). Set ALIBABA_CLOUD_ACCESS_KEY_ID and "
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET, a profile, or an instance role."
            ) from None
        return Credentials(
            *(
                _checked(f"{part} of the default chain", getattr(found, part) or "")
                for part in ("access_key_id", "access_key_secret", "security_token")
            )
        )


class _CliProfile:
    """A profile of the Alibaba Cloud CLI, read at its first use.

    Args:
        name: The profile's name.
    """

    def __init__(self, name: str) -> None:
        self.origin = f"profile {name!r} of the Alibaba Cloud CLI"
        self._name = name
        self._provider: Any = None

    def __call__(self) -> Credentials:
        # An extra, and slow to import.
        from alibabacloud_credentials.provider import CLIProfileCredentialsProvider  # noqa: PLC0415 - an extra, and slow

        try:
            if self._provider is None:
                self._provider = CLIProfileCredentialsProvider(profile_name=self._name)
            found = self._provider.get_credentials()
        except Exception as error:  # noqa: BLE001 - the package raises its own and any other
            raise ConfigurationError(
                f"{self.origin}: it does not give any keys ({type(error).__name__}). Check its "
                "name and its mode in ~/.aliyun/config.json, or run `aliyun configure list`."
            ) from None
        return Credentials(
            *(
                _checked(f"{part} of {self.origin}", value or "")
                for part, value in (
                    ("access_key_id", found.get_access_key_id()),
                    ("access_key_secret", found.get_access_key_secret()),
                    ("security_token", found.get_security_token()),
                )
            )
        )


def _checked(name: str, value: str) -> str:
    """Return a key without the white space around it, such as the end of a line.

    Raises:
        ConfigurationError: The key has a character that a key cannot have. The message does not
            show the key.
    """
    value = value.strip()
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ConfigurationError(
            Message(
                "{name} contains a space, a line break or another character that a key cannot "
                "have: copy it again.",
                name=name,
            )
        )
    return value
