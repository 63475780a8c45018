"""The answer to a client, or a reset of its connection."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: The HTTP status.
        headers: The headers.
        body: The whole body.
        delay: How many seconds the answer is kept back; other requests go on meanwhile.
        dropped: Whether the connection is reset instead; nothing of the answer is sent then.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    dropped: bool = False
