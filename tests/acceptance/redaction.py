"""Keep names, ids and keys of an account out of the report."""

import re
from urllib.parse import urlsplit

_PATTERNS = {
    "<role>": re.compile(r"acs:ram::[^\s\"',;)]+"),
    "<key>": re.compile(r"\b(?:LTAI|STS\.)[0-9A-Za-z]+"),
    "<account>": re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])"),
    "<id>": re.compile(
        r"\b(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9A-F]{24})\b"
    ),
    "<address>": re.compile(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])"),
}
_NOT_SECRET = 3  # shorter values are not replaced
_INSIDE_WORDS = 8  # a shorter key, such as the emulator's `local`, may be part of another word


class LeakError(Exception):
    """The report would contain a value that identifies the account."""


class Redactor:
    """Replaces the names, ids and keys of an account.

    Args:
        account: The account.
    """

    def __init__(self, account):
        keys = account.credentials
        self._secrets = {
            value: name
            for value, name in (
                (keys.access_key_secret, "<secret>"),
                (keys.security_token, "<token>"),
                (keys.access_key_id, "<key>"),
            )
            if len(value) >= _INSIDE_WORDS
        }
        account_id = re.search(r"[0-9]{4,}", account.role_arn)
        values = {
            keys.access_key_secret: "<secret>",
            keys.security_token: "<token>",
            account.role_arn: "<role>",
            keys.access_key_id: "<key>",
            account_id[0] if account_id else "": "<account>",
            account.url: "<endpoint>",
            urlsplit(account.url).netloc: "<endpoint>",
            account.bucket: "<bucket>",
            account.instance: "<instance>",
        }
        self._values = {
            re.compile(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])", re.IGNORECASE): name
            for value, name in sorted(values.items(), key=lambda each: -len(each[0]))
            if len(value) >= _NOT_SECRET
        }

    def __call__(self, value):
        """Return a value with its names, ids and keys replaced, also inside dicts and lists."""
        if isinstance(value, dict):
            return {self(key): self(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self(each) for each in value]
        if not isinstance(value, str):
            return value
        for patterns in (self._values, {each: name for name, each in _PATTERNS.items()}):
            for pattern, name in patterns.items():
                value = pattern.sub(name, value)
        return value

    def require_clean(self, text):
        """Refuse a text that still contains a name, an id or a key.

        A secret, token or key id counts inside a longer word too. It is not replaced there.

        Raises:
            LeakError: The text contains one. The error does not contain the value.
        """
        found = [name for pattern, name in self._values.items() if pattern.search(text)]
        found += [name for value, name in self._secrets.items() if value.lower() in text.lower()]
        if found:
            raise LeakError(f"The report would contain {found[0]}, so it is not written.")
