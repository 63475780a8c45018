"""Files from an OSS whose answers are wrong or incomplete."""

import errno
import threading

import pytest
from support.fault_server import FaultServer

from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.inspection.verification import verify as module
from pulumi_tablestore_delivery.inspection.verification.location import BucketLocation
from pulumi_tablestore_delivery.inspection.verification.objects import (
    Bucket,
    DeliveredFile,
    OssError,
)

PAGE = (
    "<ListBucketResult><Name>lake</Name><IsTruncated>false</IsTruncated><Contents>"
    "<Key>data/t_0_data__1</Key><LastModified>2026-11-26T04:00:00.000Z</LastModified>"
    "<Size>10</Size></Contents></ListBucketResult>"
)
FILE = DeliveredFile(0.0, 1, "data/t_0_data__1", "data/", "t", 10)


def bucket(server):
    location = BucketLocation("lake", f"http://{server.address}", "cn-hangzhou", is_emulated=True)
    return Bucket(location, lambda: Credentials("local", "local-secret"))


def answering(*bodies, length=None):
    """Serve the bodies, one for each request and the last for all that follow."""
    left = list(bodies)

    def fault(_server, connection):
        connection.recv(65536)
        body = left.pop(0) if len(left) > 1 else left[0]
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {length or len(body)}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n{body}".encode())

    return FaultServer(fault)


def test_valid_list_is_read():
    with answering(PAGE) as server:
        (file,) = bucket(server).files("data/")
    assert (file.key, file.task, file.sequence) == ("data/t_0_data__1", "t", 1)


@pytest.mark.parametrize(
    "body",
    [
        "<html>Log in to the network</html>",
        "log in",
        PAGE.replace("<Name>lake</Name>", "<Name>other</Name>"),
        PAGE.replace("2026-11-26T04:00:00.000Z", "yesterday"),
        PAGE.replace("<Size>10", "<Size>ten"),
        PAGE.replace("<Key>data/t_0_data__1</Key>", ""),
        PAGE.replace("<LastModified>2026-11-26T04:00:00.000Z</LastModified>", ""),
    ],
)
def test_answer_that_is_not_a_list_is_an_error(body):
    with answering(body) as server, pytest.raises(OssError, match="not a list of this bucket"):
        list(bucket(server).files("data/"))


def test_download_that_breaks_off_is_tried_again(tmp_path):
    with answering("short", "0123456789", length=10) as server:
        (download,) = bucket(server).download([FILE], tmp_path)
        assert download.wait().read_text() == "0123456789"


def test_download_that_always_breaks_off_is_an_error(tmp_path):
    with answering("short", length=10) as server:
        (download,) = bucket(server).download([FILE], tmp_path)
        with pytest.raises(OssError, match=r"cannot read data/t_0_data__1.*Check the network"):
            download.wait()


def test_hanging_download_does_not_keep_the_process(tmp_path):
    with FaultServer(lambda server, connection: server.wait(connection)) as server:
        downloads = bucket(server).download([FILE] * 9, tmp_path)
        next(downloads)
        running = [each for each in threading.enumerate() if each.name == "oss-download"]
        assert running
        assert all(each.daemon for each in running)


def test_full_disk_is_explained(monkeypatch):
    class Full:
        def __init__(self, *_):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_Run", Full)
    with pytest.raises(ConfigurationError, match=r"No space left on device.*TMPDIR"):
        module.verify(None, None, None)
