"""A bare caller of the emulator that signs by itself, and a clock that a test moves."""

import base64
import hashlib
import http.client
from datetime import datetime, timezone
from urllib.parse import urlsplit

from pulumi_tablestore_delivery.emulator.http import signatures
from pulumi_tablestore_delivery.wire import delivery_pb2, table_pb2

START = 1_700_000_000_000_000_000


class Clock:
    """A clock in nanoseconds since 1970 that a test moves."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += round(seconds * 1_000_000_000)


class RefusedError(Exception):
    def __init__(self, status, body):
        error = delivery_pb2.Error.FromString(body)
        super().__init__(f"{status} {error.code}: {error.message}")
        self.status, self.code, self.message = status, error.code, error.message


class Caller:
    """Signs and sends requests, over one connection."""

    def __init__(self, url, *, secret="local-secret", token=None, v4=False):
        address = urlsplit(url)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
        self.secret, self.token, self.v4 = secret, token, v4

    def headers(self, path, body, **changes):
        headers = {
            "x-ots-apiversion": "2015-12-31",
            "x-ots-instancename": "local",
            "x-ots-accesskeyid": "local",
            "x-ots-date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "x-ots-contentmd5": base64.b64encode(hashlib.md5(body).digest()).decode(),
        }
        if self.token:
            headers["x-ots-ststoken"] = self.token
        if self.v4:
            headers |= {"x-ots-signdate": "20261123", "x-ots-signregion": "cn-hangzhou"}
        headers |= {f"x-ots-{name}": value for name, value in changes.items()}
        headers = {name: value for name, value in headers.items() if value is not None}
        if self.v4:
            key = signatures.derived_key(self.secret, "20261123", "cn-hangzhou")
            string = signatures.request_string_v4(path, headers)
            return headers | {"x-ots-signaturev4": signatures.sign_sha256(key, string)}
        string = signatures.request_string(path, headers)
        return headers | {"x-ots-signature": signatures.sign_sha1(self.secret.encode(), string)}

    def send(self, method, path, body=b"", headers=None):
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content

    def __call__(self, operation, message, **changes):
        """Send a request and return the answer's body. Raise RefusedError for an error."""
        path = f"/{operation}"
        body = message if isinstance(message, bytes) else message.SerializeToString()
        status, _, content = self.send("POST", path, body, self.headers(path, body, **changes))
        if status != 200:
            raise RefusedError(status, content)
        return content

    def create_table(self, name="tbl", keys=(("id", 2),), **fields):
        request = table_pb2.CreateTableRequest(**fields)
        request.table_meta.table_name = name
        for key, number, *option in keys:
            column = request.table_meta.primary_key.add(name=key, type=number)
            if option:
                column.option = option[0]
        self("CreateTable", request)

    def create(self, name="task1", mode=2, table="tbl", change=lambda _: None):
        request = task_request(name, mode, table)
        change(request)
        self("CreateDeliveryTask", request)

    def describe(self, name="task1", table="tbl"):
        request = delivery_pb2.DescribeDeliveryTaskRequest(tableName=table, taskName=name)
        return delivery_pb2.DescribeDeliveryTaskResponse.FromString(
            self("DescribeDeliveryTask", request)
        )

    def list(self, table="tbl"):
        answer = self("ListDeliveryTask", delivery_pb2.ListDeliveryTaskRequest(tableName=table))
        return [t.taskName for t in delivery_pb2.ListDeliveryTaskResponse.FromString(answer).tasks]

    def delete(self, name="task1", table="tbl"):
        request = delivery_pb2.DeleteDeliveryTaskRequest(tableName=table, taskName=name)
        self("DeleteDeliveryTask", request)


def task_request(name="task1", mode=2, table="tbl"):
    """Return a valid create request."""
    request = delivery_pb2.CreateDeliveryTaskRequest(tableName=table, taskName=name, taskType=mode)
    config = request.taskConfig
    config.ossPrefix = "p/year=$yyyy/"
    config.ossBucket = "bkt"
    config.ossEndpoint = "oss-cn-hangzhou.aliyuncs.com"
    config.ossStsRole = "acs:ram::1:role/r"
    config.schema.add(columnName="id", ossColumnName="id", type=2)
    return request
