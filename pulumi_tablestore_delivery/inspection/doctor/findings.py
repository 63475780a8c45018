"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(str, Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        status: How it ended.
        detail: What it saw, or why it could not look.
        remedy: What to do; empty where nothing is to be done.
    """

    status: Status
    detail: str
    remedy: str = ""


class NotCheckedError(Exception):
    """A check cannot be made; the text says why."""


def ok(detail: str) -> Finding:
    """All is well."""
    return Finding(Status.OK, detail)


def warning(detail: str, remedy: str) -> Finding:
    """It may work, and somebody should look."""
    return Finding(Status.WARNING, detail, remedy)


def problem(detail: str, remedy: str) -> Finding:
    """Deployments fail."""
    return Finding(Status.PROBLEM, detail, remedy)
