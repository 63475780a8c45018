"""The answer to a client, or a reset of its connection."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: The HTTP status.
        headers: The headers.
        body: The whole body.
        delay: Seconds to wait before the answer is sent. Other requests continue meanwhile.
        dropped: Whether to reset the connection instead of sending the answer.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    dropped: bool = False
