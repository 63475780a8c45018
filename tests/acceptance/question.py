"""Questions to the service. Each is about an assumption of docs/assumptions.md."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """An answer to a question.

    Attributes:
        answer: The answer in words.
        holds: Whether the assumption holds; None if the answer does not show it.
        evidence: The observations, for the report.
    """

    answer: str
    holds: bool | None = None
    evidence: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        id: The name in the report.
        assumes: The assumption of the package. "nothing: …" if the package does not rely on the
            answer.
        ask: Asks the question in a lab.
    """

    id: str
    assumes: str
    ask: Callable


QUESTIONS = []


def question(name, assumes):
    """Add a question. Its function takes a `Lab` and returns a `Finding`."""

    def add(ask):
        QUESTIONS.append(Question(name, assumes, ask))
        return ask

    return add
