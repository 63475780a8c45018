"""The bucket that the tasks of a run write to."""

import io
import re
from dataclasses import dataclass

import alibabacloud_oss_v2 as oss
import pyarrow.parquet as pq
import requests
from alibabacloud_oss_v2.transport import RequestsHttpClient

_KEYS_A_CALL = 1000


@dataclass(frozen=True, order=True)
class File:
    """An object: its key, and the time of its write in seconds since 1970."""

    key: str
    modified: float

    @property
    def folder(self):
        return self.key.rpartition("/")[0]

    @property
    def name(self):
        return self.key.rpartition("/")[2]

    def is_of(self, task):
        return re.match(rf"{re.escape(task)}_[0-9]+_", self.name) is not None


class Bucket:
    """Lists, reads and deletes objects with the official SDK."""

    def __init__(self, place, keys):
        self._name = place.bucket
        config = oss.config.load_default()
        config.credentials_provider = oss.credentials.StaticCredentialsProvider(
            keys.access_key_id, keys.access_key_secret, keys.security_token or None
        )
        config.region, config.endpoint = place.region, place.endpoint
        config.use_path_style = place.is_emulated
        if place.is_emulated:  # on this machine: without proxies
            session = requests.Session()
            session.trust_env = False
            config.http_client = RequestsHttpClient(session=session)
        self._client = oss.Client(config)

    def files(self, prefix):
        """The objects below a prefix, by their keys."""
        pages = self._client.list_objects_v2_paginator().iter_page(
            oss.ListObjectsV2Request(bucket=self._name, prefix=prefix)
        )
        return sorted(
            File(found.key, found.last_modified.timestamp())
            for page in pages
            for found in page.contents or []
        )

    def content(self, file):
        """The bytes of an object."""
        answer = self._client.get_object(oss.GetObjectRequest(bucket=self._name, key=file.key))
        with answer.body as body:
            return body.read()

    def rows(self, file):
        """The rows of a Parquet file."""
        return pq.read_table(io.BytesIO(self.content(file))).to_pylist()

    def delete(self, files):
        """Delete objects. Return the keys of those that the service does not report as deleted."""
        keys = [file.key for file in files]
        deleted = set()
        for start in range(0, len(keys), _KEYS_A_CALL):
            answer = self._client.delete_multiple_objects(
                oss.DeleteMultipleObjectsRequest(
                    bucket=self._name,
                    objects=[oss.DeleteObject(key) for key in keys[start : start + _KEYS_A_CALL]],
                )
            )
            deleted.update(each.key for each in answer.deleted_objects or [])
        return [key for key in keys if key not in deleted]
