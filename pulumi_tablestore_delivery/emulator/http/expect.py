"""The answer to `Expect: 100-continue`, which clients wait for before they send a body."""

from aiohttp import web


async def send_continue(request: web.BaseRequest) -> None:
    """Tell a client that waits for it to send the body."""
    expected = request.headers.get("Expect", "").lower()
    if expected == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
