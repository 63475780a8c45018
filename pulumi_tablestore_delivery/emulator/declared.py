"""The declaration of an error that the emulator answers."""

from dataclasses import dataclass
from typing import Literal

Label = Literal["documented", "seen in an SDK", "assumed"]


@dataclass(frozen=True)
class Declared:
    """An error that the emulator may return.

    Attributes:
        status: The HTTP status.
        code: The service's code.
        label: The source of the code, its status and its use.
        meaning: The situation in which it is answered.
    """

    status: int
    code: str
    label: Label
    meaning: str
