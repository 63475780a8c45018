"""HTTP against servers that misbehave."""

import contextlib
import gzip
import socket
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from support.fault_server import CERTIFICATE, FaultServer, ends_within, read_request, response

from pulumi_tablestore_delivery.client import bounded
from pulumi_tablestore_delivery.client.client import TablestoreClient
from pulumi_tablestore_delivery.client.http import RequestsTransport, route_to
from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.client.transport import NoAnswerError, NotSentError, Phase
from pulumi_tablestore_delivery.errors import ConnectionLostError

DEADLINE = 0.5
LARGEST_ANSWER = 64 * 1024 * 1024


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Remove all proxies and certificates from the environment."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def trusted(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))


def post(server, scheme="http", timeout=DEADLINE, transport=None):
    transport = transport or RequestsTransport()
    return transport.post(f"{scheme}://{server.address}/Op", {"x-ots-date": "d"}, b"b", timeout)


@contextlib.contextmanager
def unanswered(seconds=DEADLINE, match=None):
    """Expect that the block ends at its deadline, without an answer."""
    with ends_within(seconds), pytest.raises(NoAnswerError, match=match) as caught:
        yield caught


def refused_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


# Each waits, and gets no whole answer in time.


def drip_status_line(server, connection):
    read_request(connection)
    server.drip(connection, b"HTTP/1.1 200 OK\r\n" * 100)


def drip_headers(server, connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    server.drip(connection, b"x-a: b\r\n" * 100)


def drip_body(server, connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    server.drip(connection, b"x" * 1000)


def drip_chunks(server, connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    server.drip(connection, b"1\r\nx\r\n" * 1000)


def drip_100_continue(server, connection):
    read_request(connection)
    while not server.stopped.wait(0.05):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def flood_100_continue(server, connection):
    read_request(connection)
    while not server.stopped.is_set():
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def say_nothing(server, connection):
    server.wait(connection)


SLOW = [
    drip_status_line,
    drip_headers,
    drip_body,
    drip_chunks,
    drip_100_continue,
    flood_100_continue,
    say_nothing,
]


def get(server):
    return RequestsTransport().get(f"http://{server.address}/", DEADLINE)


@pytest.mark.parametrize("method", [post, get], ids=["post", "get"])
@pytest.mark.parametrize("fault", SLOW, ids=lambda fault: fault.__name__)
def test_slow_answer_ends_at_the_deadline(fault, method):
    with FaultServer(fault) as server, unanswered() as caught:
        method(server)
    assert caught.value.phase is Phase.READING


@pytest.mark.parametrize("fault", SLOW, ids=lambda fault: fault.__name__)
def test_slow_answer_over_tls_ends_at_the_deadline(fault, trusted):
    with FaultServer(fault, tls=True) as server, unanswered() as caught:
        post(server, "https")
    assert caught.value.phase is Phase.READING


def drip_tls_handshake(server, connection):
    connection.recv(65536)
    connection.sendall(b"\x16\x03\x03\x10\x00")  # a handshake record of 4,096 bytes
    server.drip(connection, b"\x00" * 4096)


@pytest.mark.parametrize(
    "fault", [say_nothing, drip_tls_handshake], ids=["silent", "dripping"]
)  # fmt: skip
def test_slow_tls_handshake_ends_at_the_deadline_with_unknown_outcome(fault):
    with FaultServer(fault) as server, unanswered() as caught:
        post(server, "https")
    assert caught.value.phase is Phase.SECURING


def read_nothing(server, connection):
    server.stopped.wait(10)


def test_server_that_reads_nothing_ends_at_the_deadline():
    with FaultServer(read_nothing) as server, unanswered() as caught:
        RequestsTransport().post(f"http://{server.address}/Op", {}, b"x" * 30_000_000, DEADLINE)
    assert caught.value.phase is Phase.SENDING


def test_slow_name_resolution_ends_at_the_deadline_as_not_sent(monkeypatch):
    monkeypatch.setattr(bounded.socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    with ends_within(DEADLINE), pytest.raises(NotSentError, match="timed out") as caught:
        RequestsTransport().post("http://slow.invalid/Op", {}, b"b", DEADLINE)
    assert caught.value.phase is Phase.CONNECTING


class TestNotSent:
    def test_refused_connection_is_not_sent(self):
        with pytest.raises(NotSentError, match="refused"):
            RequestsTransport().post(f"https://127.0.0.1:{refused_port()}/Op", {}, b"b", 5)

    @pytest.mark.parametrize("host", ["does-not-exist.invalid", "a" * 64 + ".invalid"])
    def test_unresolved_name_is_not_sent(self, host):
        with pytest.raises(NotSentError):
            RequestsTransport().post(f"http://{host}/Op", {}, b"b", 5)

    def test_connect_timeout_is_not_sent(self, monkeypatch):
        def time_out(*_):
            raise TimeoutError

        monkeypatch.setattr(bounded._Socket, "connect", time_out)
        with pytest.raises(NotSentError, match="timed out"):
            RequestsTransport().post("http://127.0.0.1:1/Op", {}, b"b", 5)

    def test_connection_refused_by_the_proxy_names_the_proxy(self, monkeypatch):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{refused_port()}")
        with pytest.raises(NotSentError, match="refused"):
            RequestsTransport().post("https://proxied.invalid/Op", {}, b"b", 5)

    def test_missing_certificates_file_is_reported(self, monkeypatch):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
        with pytest.raises(NotSentError, match=r"nowhere\.pem"):
            RequestsTransport().post("https://127.0.0.1:1/Op", {}, b"b", 5)


def test_second_address_is_used_when_the_first_refuses(monkeypatch):
    def two(host, port, **_):
        stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*stream, ("127.0.0.1", refused_port())), (*stream, ("127.0.0.1", port))]

    with FaultServer(answer_ok) as server:
        monkeypatch.setattr(bounded.socket, "getaddrinfo", two)
        assert post(server).body == b"ok"


def answer_ok(server, connection):
    read_request(connection)
    connection.sendall(response(b"ok"))


def close(server, connection):
    """Close without an answer."""


def close_after_request(server, connection):
    read_request(connection)


def close_in_body(server, connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")


def answer_nonsense(server, connection):
    read_request(connection)
    connection.sendall(b"\x00\xff nonsense\r\n\r\n")


class TestUnknownOutcome:
    @pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
    @pytest.mark.parametrize(
        "fault", [close, close_after_request, close_in_body, answer_nonsense],
        ids=lambda fault: fault.__name__,
    )  # fmt: skip
    def test_broken_answer_has_an_unknown_outcome(self, fault, tls, trusted):
        with FaultServer(fault, tls=tls) as server, pytest.raises(NoAnswerError):
            post(server, "https" if tls else "http", 5)
        assert server.connections == 1

    def test_tls_alert_after_the_request_has_an_unknown_outcome(self, trusted):
        with FaultServer(answer_ok, tls=True, wants_client_certificate=True) as server:
            with pytest.raises(NoAnswerError) as caught:
                post(server, "https", 5)
            assert caught.value.phase in {Phase.SENDING, Phase.READING}

    def test_close_during_the_tls_handshake_is_reported(self):
        with FaultServer(close) as server, pytest.raises(NoAnswerError) as caught:
            post(server, "https", 5)
        assert caught.value.phase is Phase.SECURING

    def test_untrusted_certificate_is_reported(self):
        with FaultServer(answer_ok, tls=True) as server, unanswered(5, "certificate") as caught:
            post(server, "https", 5)
        assert caught.value.phase is Phase.SECURING

    def test_plain_answer_to_a_tls_handshake_is_reported(self):
        def plain(server, connection):
            connection.recv(65536)
            connection.sendall(response(b"ok"))

        with FaultServer(plain) as server, pytest.raises(NoAnswerError) as caught:
            post(server, "https", 5)
        assert caught.value.phase is Phase.SECURING


class TestProxy:
    def through(self, monkeypatch, fault, timeout=DEADLINE):
        with FaultServer(fault) as server:
            monkeypatch.setenv("HTTPS_PROXY", f"http://me:hush@{server.address}")
            with unanswered(timeout) as caught:
                RequestsTransport().post("https://proxied.invalid/Op", {}, b"b", timeout)
        assert caught.value.phase is Phase.SECURING
        assert "hush" not in str(caught.value)
        return str(caught.value)

    @pytest.mark.parametrize(
        "fault", [say_nothing, drip_status_line, drip_headers], ids=lambda fault: fault.__name__
    )
    def test_slow_tunnel_ends_at_the_deadline(self, monkeypatch, fault):
        assert self.through(monkeypatch, fault) == "timed out"

    def test_slow_tls_handshake_in_the_tunnel_ends_at_the_deadline(self, monkeypatch):
        def open_tunnel(server, connection):
            read_request(connection)
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            drip_tls_handshake(server, connection)

        assert self.through(monkeypatch, open_tunnel) == "timed out"

    def test_refused_tunnel_has_an_unknown_outcome(self, monkeypatch):
        def refuse(server, connection):
            read_request(connection)
            connection.sendall(response(b"", status="407 Proxy Authentication Required"))

        assert "407" in self.through(monkeypatch, refuse, timeout=5)

    def test_https_proxy_s_slow_handshake_ends_at_the_deadline(self, monkeypatch):
        with FaultServer(say_nothing) as server:
            monkeypatch.setenv("HTTPS_PROXY", f"https://{server.address}")
            with unanswered():
                RequestsTransport().post("https://proxied.invalid/Op", {}, b"b", DEADLINE)

    def test_request_reaches_the_service_through_an_https_proxy(self, monkeypatch, trusted):
        """The target's TLS runs inside the proxy's, and still ends at the deadline."""

        def open_tunnel(server, connection):
            read_request(connection)
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            drip_tls_handshake(server, connection)

        with FaultServer(open_tunnel, tls=True) as server:
            monkeypatch.setenv("HTTPS_PROXY", f"https://{server.address}")
            with unanswered(match="timed out"):
                RequestsTransport().post("https://proxied.invalid/Op", {}, b"b", DEADLINE)

    @pytest.mark.parametrize(
        "proxy", ["http://me:hush@127.0.0.1:9x", "http://me:hu sh@[::1", "ftp://me:hush@127.0.0.1"]
    )
    def test_invalid_proxy_is_reported_without_its_password(self, monkeypatch, proxy):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        with pytest.raises(NotSentError) as caught:
            RequestsTransport().post("https://proxied.invalid/Op", {}, b"b", 5)
        assert "sh" not in str(caught.value).replace("should", "")

    @pytest.mark.parametrize("password", ["hush", "hu/sh", "hu//sh", "hu@sh"])
    def test_route_hides_the_proxy_s_password(self, monkeypatch, password):
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{password}@127.0.0.1:9")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/some.pem")
        route = route_to("https://inst.cn-hangzhou.ots.aliyuncs.com")
        assert (route.proxy, route.certificates) == ("http://127.0.0.1:9", "/some.pem")


def test_proxies_of_the_environment_are_honored(monkeypatch):
    recorder = Recorder(response(b"ok"))
    transport = RequestsTransport()
    with FaultServer(recorder) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://{server.address}")
        monkeypatch.setenv("NO_PROXY", "direct.invalid")
        assert transport.post("http://proxied.invalid/Op", {}, b"b", 5).status == 200
        assert recorder.heads[0].startswith("POST http://proxied.invalid/Op HTTP/1.1")
        with pytest.raises(NotSentError):
            transport.post("http://direct.invalid/Op", {}, b"b", 5)


@pytest.mark.parametrize("value", ["hush\r\nhush", "hush\u2028hush"])
def test_header_that_http_cannot_carry_is_reported_without_its_value(value):
    with pytest.raises(NotSentError, match="a header") as caught:
        RequestsTransport().post("http://127.0.0.1:1/Op", {"x-ots-ststoken": value}, b"b", 5)
    assert "hush" not in str(caught.value)


def test_calls_one_after_the_other_use_one_connection_in_any_thread():
    transport = RequestsTransport()
    with FaultServer(Recorder(response(b"ok"))) as server:
        for _ in range(10):
            with ThreadPoolExecutor(1) as other_thread:
                call = other_thread.submit(post, server, "http", 5, transport)
                assert call.result().body == b"ok"
        assert server.connections == 1


def test_calls_at_once_have_connections_of_their_own():
    transport = RequestsTransport()
    all_sent = threading.Barrier(3, timeout=5)

    def answer_when_all_are_sent(server, connection):
        while True:
            read_request(connection)
            all_sent.wait()
            connection.sendall(response(b"ok"))

    with FaultServer(answer_when_all_are_sent) as server, ThreadPoolExecutor(3) as pool:
        for _ in range(2):
            calls = [pool.submit(post, server, "http", 5, transport) for _ in range(3)]
            assert [call.result().body for call in calls] == [b"ok"] * 3
        assert server.connections == 3


def test_connection_is_used_again_after_a_request_that_was_not_sent():
    transport = RequestsTransport()
    with FaultServer(Recorder(response(b"ok"))) as server:
        assert post(server, transport=transport, timeout=5).body == b"ok"
        url, header = f"http://{server.address}/Op", {"x-ots-ststoken": "\u00e9"}
        with pytest.raises(NotSentError):
            transport.post(url, header, b"b", 5)
        assert post(server, transport=transport, timeout=5).body == b"ok"
        assert server.connections == 1


@pytest.mark.parametrize(
    "fault", [drip_headers, drip_body, close_in_body, answer_nonsense],
    ids=lambda fault: fault.__name__,
)  # fmt: skip
def test_connection_of_a_broken_answer_is_not_used_again(fault):
    transport = RequestsTransport()

    def break_the_first(server, connection):
        if server.connections == 1:
            fault(server, connection)
        else:
            Recorder(response(b"ok"))(server, connection)

    with FaultServer(break_the_first) as server:
        with pytest.raises(NoAnswerError):
            post(server, transport=transport, timeout=0.5)
        assert post(server, transport=transport, timeout=5).body == b"ok"
        assert server.connections == 2


def test_context_that_cannot_be_made_means_that_nothing_was_sent(monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "missing" / "keys"))
    with pytest.raises(NotSentError, match="No such file"):
        RequestsTransport().post("http://127.0.0.1:1/Op", {}, b"b", 5)


def test_environment_is_read_once_for_a_host(monkeypatch):
    read = []
    merge = requests.Session.merge_environment_settings

    def merged(session, url, *settings, **others):
        read.append(url)
        return merge(session, url, *settings, **others)

    monkeypatch.setattr(requests.Session, "merge_environment_settings", merged)
    transport = RequestsTransport()
    with FaultServer(Recorder(response(b"ok"))) as server, FaultServer(answer_ok) as other:
        for _ in range(3):
            post(server, transport=transport, timeout=5)
        post(other, transport=transport, timeout=5)
    assert len(read) == 2


class Recorder:
    """Answers every request on a connection alike, and keeps the requests' heads."""

    def __init__(self, answer):
        self.answer = answer
        self.heads = []

    def __call__(self, server, connection):
        while True:
            self.heads.append(read_request(connection))
            connection.sendall(self.answer)


class TestRequest:
    def test_request_has_only_the_headers_of_the_protocol(self, monkeypatch, tmp_path):
        netrc = tmp_path / "netrc"
        netrc.write_text("default login me password hush\n")
        monkeypatch.setenv("NETRC", str(netrc))
        recorder = Recorder(response(b"ok", "Set-Cookie: a=b; Path=/"))
        transport = RequestsTransport()
        with FaultServer(recorder) as server:
            for _ in range(2):
                assert post(server, transport=transport, timeout=5).body == b"ok"
            assert server.connections == 1
        for head in recorder.heads:
            names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:]}
            assert names == {
                "host",
                "x-ots-date",
                "content-length",
                "accept-encoding",
                "user-agent",
            }
            assert "Accept-Encoding: identity" in head

    def test_connection_is_used_again_under_a_new_deadline(self):
        recorder = Recorder(response(b"ok"))
        transport = RequestsTransport()
        with FaultServer(recorder) as server:
            post(server, transport=transport, timeout=0.3)
            time.sleep(0.4)
            post(server, transport=transport, timeout=5)
            assert server.connections == 1

    def test_redirect_is_not_followed(self):
        recorder = Recorder(response(b"moved", "Location: /else", status="307 Moved"))
        with FaultServer(recorder) as server:
            answer = post(server, timeout=5)
        assert (answer.status, answer.body, len(recorder.heads)) == (307, b"moved", 1)

    def test_own_certificates_are_trusted(self, trusted):
        with FaultServer(answer_ok, tls=True) as server:
            assert post(server, "https", 5).body == b"ok"


class TestSize:
    def refused(self, answer, timeout=20):
        def send(server, connection):
            read_request(connection)
            for piece in answer:
                connection.sendall(piece)

        with FaultServer(send) as server, pytest.raises(NoAnswerError, match=r"too large|exceeded"):
            post(server, timeout=timeout)

    def test_endless_chunked_answer_is_refused(self):
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.refused([head, *[chunk] * 80])

    def test_endless_redirect_is_refused(self):
        head = b"HTTP/1.1 302 Found\r\nLocation: /else\r\n\r\n"
        self.refused([head, *[b"x" * 0x100000] * 80])

    def test_endless_line_is_refused(self):
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.refused([head, *[b"1" * 0x100000] * 80])

    def test_endless_chunk_of_negative_size_is_refused(self):
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"
        self.refused([head, *[b"x" * 0x100000] * 80])

    def test_compression_bomb_is_refused(self):
        bomb = gzip.compress(bytes(LARGEST_ANSWER + 1), 1)
        self.refused([response(bomb, "Content-Encoding: gzip")])

    @pytest.mark.parametrize(
        ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
    )
    def test_compressed_answer_is_read(self, encoding, compress):
        sent = response(compress(b"ok" * 1000), f"Content-Encoding: {encoding}")
        with FaultServer(Recorder(sent)) as server:
            assert post(server, timeout=5).body == b"ok" * 1000

    @pytest.mark.parametrize(
        "body",
        [b"not compressed", gzip.compress(b"x" * 1000)[:-12]],
        ids=["other bytes", "incomplete"],
    )
    def test_broken_compression_has_an_unknown_outcome(self, body):
        recorder = Recorder(response(body, "Content-Encoding: gzip"))
        with FaultServer(recorder) as server, unanswered(5, "gzip"):
            post(server, timeout=5)

    def test_large_answer_is_read_whole(self):
        body = b"x" * 10_000_000
        with FaultServer(Recorder(response(body))) as server:
            assert post(server, timeout=20).body == body


def test_call_of_the_client_ends_at_its_deadline_over_all_attempts():
    with FaultServer(drip_headers) as server:
        client = TablestoreClient(
            f"http://{server.address}",
            "inst",
            lambda: Credentials("ak", "secret"),
            transport=RequestsTransport(),
        )
        with ends_within(2), pytest.raises(ConnectionLostError, match="timed out"):
            client.describe_delivery_task("tbl", "task1", within=0.1)
