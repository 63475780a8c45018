"""An emulated OSS in this process, and requests signed by others' signers."""

import http.client
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import boto3
from alibabacloud_oss_v2 import credentials
from alibabacloud_oss_v2.signer import SignerV4
from alibabacloud_oss_v2.types import HttpRequest, SigningContext
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

REGION = "cn-hangzhou"
BUCKET = "my-lake"


@dataclass
class Reply:
    status: int
    headers: dict
    body: bytes

    @property
    def code(self):
        return ET.fromstring(self.body).findtext("Code")


class Oss:
    """An emulated OSS with one bucket."""

    key_id, secret, region = "local", "local-secret", REGION

    def __init__(self, emulator, folder):
        self.url = emulator.oss_url
        self.tablestore_url = emulator.url
        self.folder = folder
        self.bucket = folder / BUCKET
        self.bucket.mkdir(parents=True)
        self.host = urlsplit(self.url).netloc

    def put_file(self, key, content=b"content"):
        """A file in the bucket, as delivery puts it there."""
        path = self.bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def raw(self, method, target, body=b"", headers=None):
        """Send a request as it is."""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            given = {"Host": self.host, "Content-Length": str(len(body)), **(headers or {})}
            for name, value in given.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            received = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, received, answer.read())
        finally:
            connection.close()

    def oss(self, method, key=None, query="", body=b"", headers=None, **changes):
        """Send a request that the official SDK's signer has signed."""
        path = f"/{BUCKET}/" + (quote(key) if key is not None else "")
        target = path + (f"?{query}" if query else "")
        request = HttpRequest(method, self.url + target, headers=dict(headers or {}))
        secret = changes.get("secret", self.secret)
        context = SigningContext(
            product="oss", region=REGION, bucket=BUCKET, key=key, request=request,
            credentials=credentials.Credentials(changes.get("key_id", self.key_id), secret),
            signing_time=changes.get("time"),
        )  # fmt: skip
        context.auth_method_query = changes.get("in_url", False)
        context.expiration_time = changes.get("expires")
        SignerV4().sign(context)
        sent = {name: request.headers[name] for name in request.headers}
        sent |= changes.get("afterwards", {})
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return self.raw(changes.get("sent_method", method), target, body, sent)

    def aws(self, method, target, body=b"", headers=None, **changes):
        """Send a request that botocore has signed."""
        request = AWSRequest(method, self.url + target, data=body, headers=headers or {})
        S3SigV4Auth(
            Credentials(self.key_id, changes.get("secret", self.secret)), "s3", REGION
        ).add_auth(request)
        sent = dict(request.headers.items()) | changes.get("afterwards", {})
        return self.raw(
            changes.get("sent_method", method), changes.get("sent_target", target), body, sent
        )

    def s3(self, style="path", url=None):
        """A client of boto3."""
        return boto3.client(
            "s3", endpoint_url=url or self.url, region_name=REGION, aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
            config=Config(s3={"addressing_style": style}, retries={"max_attempts": 0}),
        )  # fmt: skip
