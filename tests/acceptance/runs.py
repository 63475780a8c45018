"""Names of tables and objects of a run. They contain its id and time, to remove leftovers later."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timezone

_FORM = "%Y%m%dT%H%M%S"
_ID = re.compile(r"[0-9]{8}T[0-9]{6}_[0-9a-f]{4}")
_TABLE = re.compile(rf"pulumi_acceptance_({_ID.pattern})_.*")
_FOLDER = re.compile(rf"pulumi-acceptance/({_ID.pattern})/.*", re.DOTALL)
RUN = "TABLESTORE_ACCEPTANCE_RUN"
"""The environment variable with which a run passes its id to its tests. Without it, tests use the
emulator."""
ROOT = "pulumi-acceptance/"
"""The folder of the bucket that all runs write below."""


@dataclass(frozen=True)
class RunId:
    """The id of a run: the time of its start, and a random end."""

    text: str

    def __post_init__(self):
        if not _ID.fullmatch(self.text):
            raise ValueError(f"{self.text!r} is not a run, such as 20260131T235959_0f0f")

    @classmethod
    def new(cls):
        return cls(f"{datetime.now(timezone.utc).strftime(_FORM)}_{secrets.token_hex(2)}")

    @classmethod
    def of_table(cls, name):
        """The run that created a table; None for a table that no run created."""
        return cls._of(_TABLE.fullmatch(name))

    @classmethod
    def of_key(cls, key):
        """The run that wrote an object; None for an object that no run wrote."""
        return cls._of(_FOLDER.fullmatch(key))

    @classmethod
    def _of(cls, match):
        return cls(match[1]) if match else None

    @property
    def started(self):
        return datetime.strptime(self.text[:15], _FORM).replace(tzinfo=timezone.utc)

    @property
    def folder(self):
        return f"{ROOT}{self.text}/"

    def table(self, name):
        return f"pulumi_acceptance_{self.text}_{name}"
