"""Findings of checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(str, Enum):
    """The status of a check."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """The result of a check.

    Attributes:
        status: The status.
        detail: The observation, or the reason why the check was not made.
        remedy: What to do; empty if there is nothing to do.
    """

    status: Status
    detail: str
    remedy: str = ""


class NotCheckedError(Exception):
    """A check cannot be made; the message says why."""


def ok(detail: str) -> Finding:
    """Report that everything is fine."""
    return Finding(Status.OK, detail)


def warning(detail: str, remedy: str) -> Finding:
    """Report something that may work and needs attention."""
    return Finding(Status.WARNING, detail, remedy)


def problem(detail: str, remedy: str) -> Finding:
    """Report why deployments fail."""
    return Finding(Status.PROBLEM, detail, remedy)
