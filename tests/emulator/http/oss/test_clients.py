"""Outside clients, unmodified: the official OSS SDK, boto3, pyarrow's S3 filesystem, DuckDB."""

import io
import json
import os
import subprocess
import time
import venv
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import alibabacloud_oss_v2 as oss_sdk
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from pyarrow import fs
from support.oss_world import BUCKET, REGION

KEY = "a folder/b+c~d*é.txt"


@pytest.fixture
def sdk(oss):
    """The official SDK's client."""
    config = oss_sdk.config.load_default()
    config.credentials_provider = oss_sdk.credentials.StaticCredentialsProvider(
        oss.key_id, oss.secret
    )
    config.region, config.endpoint, config.retry_max_attempts = REGION, oss.url, 1
    return oss_sdk.Client(config)


@pytest.fixture
def arrow(oss):
    return fs.S3FileSystem(
        access_key=oss.key_id,
        secret_key=oss.secret,
        endpoint_override=oss.host,
        scheme="http",
        region=REGION,
        allow_bucket_creation=True,
        allow_bucket_deletion=True,
    )


def lake(oss, files=3, rows=1000):
    """Parquet files as delivery writes them."""
    for number in range(files):
        path = oss.put_file(f"orders/year=2024/month={number + 1:02}/t_0_orders__{number}", b"")
        pq.write_table(pa.table({"id": range(rows), "month_number": [number + 1] * rows}), path)
    return files * rows


def sdk_error(call, *arguments):
    with pytest.raises(oss_sdk.exceptions.OperationError) as raised:
        call(*arguments)
    return raised.value.unwrap()


def test_official_sdk_puts_reads_lists_and_deletes(sdk, oss):
    sdk.put_bucket(oss_sdk.PutBucketRequest(bucket="second"))
    assert [each.name for each in sdk.list_buckets(oss_sdk.ListBucketsRequest()).buckets] == [
        BUCKET, "second",
    ]  # fmt: skip
    put = sdk.put_object(
        oss_sdk.PutObjectRequest(bucket=BUCKET, key=KEY, body=b"hello", metadata={"who": "me"})
    )
    assert put.etag == '"5D41402ABC4B2A76B9719D911017C592"'
    assert (oss.bucket / KEY).read_bytes() == b"hello"
    read = sdk.get_object(oss_sdk.GetObjectRequest(bucket=BUCKET, key=KEY))
    assert (read.body.read(), read.metadata, read.content_type) == (
        b"hello", {"who": "me"}, "text/plain",
    )  # fmt: skip
    part = sdk.get_object(
        oss_sdk.GetObjectRequest(bucket=BUCKET, key=KEY, range_header="bytes=1-3")
    )
    assert (part.body.read(), part.content_range) == (b"ell", "bytes 1-3/5")
    head = sdk.head_object(oss_sdk.HeadObjectRequest(bucket=BUCKET, key=KEY))
    assert (head.content_length, head.etag) == (5, put.etag)
    listed = sdk.list_objects_v2(oss_sdk.ListObjectsV2Request(bucket=BUCKET, prefix="a f"))
    assert [(each.key, each.size, each.etag) for each in listed.contents] == [(KEY, 5, put.etag)]
    assert sdk.list_objects(oss_sdk.ListObjectsRequest(bucket=BUCKET)).contents[0].key == KEY
    sdk.delete_object(oss_sdk.DeleteObjectRequest(bucket=BUCKET, key=KEY))
    assert not (oss.bucket / KEY).exists()


def test_official_sdk_describes_a_bucket(sdk):
    info = sdk.get_bucket_info(oss_sdk.GetBucketInfoRequest(bucket=BUCKET)).bucket_info
    assert (info.name, info.location, info.storage_class) == (
        BUCKET, "oss-cn-hangzhou", "Standard",
    )  # fmt: skip
    location = sdk.get_bucket_location(oss_sdk.GetBucketLocationRequest(bucket=BUCKET))
    assert location.location == "oss-cn-hangzhou"
    assert sdk.is_bucket_exist(BUCKET)
    assert not sdk.is_bucket_exist("missing")
    assert not sdk.is_object_exist(BUCKET, "missing")


def test_official_sdk_understands_the_errors(sdk):
    error = sdk_error(sdk.get_object, oss_sdk.GetObjectRequest(bucket=BUCKET, key="missing"))
    assert (error.status_code, error.code) == (404, "NoSuchKey")
    assert error.request_id == error.headers["x-oss-request-id"]
    error = sdk_error(sdk.head_object, oss_sdk.HeadObjectRequest(bucket="missing", key="a"))
    assert (error.status_code, error.code) == (404, "NoSuchBucket")
    error = sdk_error(
        sdk.put_object_acl, oss_sdk.PutObjectAclRequest(bucket=BUCKET, key="a", acl="private")
    )
    assert (error.code, "'acl'" in error.message) == ("NotImplemented", True)


def test_official_sdk_pages_through_a_listing(sdk, oss):
    keys = sorted(f"p/{number:03}/x&y" for number in range(25))
    for key in keys:
        oss.put_file(key)
    pages = sdk.list_objects_v2_paginator(limit=10)
    request = oss_sdk.ListObjectsV2Request(bucket=BUCKET, prefix="p/")
    found = [each.key for page in pages.iter_page(request) for each in page.contents]
    assert found == keys
    request = oss_sdk.ListObjectsV2Request(bucket=BUCKET, prefix="p/", delimiter="/")
    folders = [each.prefix for page in pages.iter_page(request) for each in page.common_prefixes]
    assert folders == [f"p/{number:03}/" for number in range(25)]


def test_official_sdk_uploads_and_downloads_in_parts(sdk, oss, tmp_path):
    content = os.urandom(700_000)
    uploader = sdk.uploader(part_size=200_000, parallel_num=3)
    uploader.upload_from(oss_sdk.PutObjectRequest(bucket=BUCKET, key="big"), io.BytesIO(content))
    assert (oss.bucket / "big").read_bytes() == content
    sdk.downloader(part_size=150_000).download_file(
        oss_sdk.GetObjectRequest(bucket=BUCKET, key="big"), str(tmp_path / "big")
    )
    assert (tmp_path / "big").read_bytes() == content


def test_official_sdk_signs_urls(sdk, oss):
    oss.put_file(KEY)
    url = sdk.presign(oss_sdk.GetObjectRequest(bucket=BUCKET, key=KEY)).url
    with urlopen(url) as answer:
        assert answer.read() == b"content"


def test_official_sdk_deletes_many(sdk, oss):
    for key in ("a", "b/<&>", "c"):
        oss.put_file(key)
    sdk.delete_multiple_objects(
        oss_sdk.DeleteMultipleObjectsRequest(
            bucket=BUCKET,
            objects=[oss_sdk.DeleteObject(key=key) for key in ("a", "b/<&>", "missing")],
        )
    )
    assert [path.name for path in oss.bucket.rglob("*") if path.is_file()] == ["c"]


def test_official_sdk_does_not_overwrite_with_forbid_overwrite(sdk, oss):
    oss.put_file("a")
    request = oss_sdk.PutObjectRequest(bucket=BUCKET, key="a", body=b"x", forbid_overwrite=True)
    assert sdk_error(sdk.put_object, request).code == "FileAlreadyExists"
    assert (oss.bucket / "a").read_bytes() == b"content"


def test_official_sdk_with_signature_1_is_refused_with_advice(oss):
    config = oss_sdk.config.load_default()
    config.credentials_provider = oss_sdk.credentials.StaticCredentialsProvider(
        oss.key_id, oss.secret
    )
    config.region, config.endpoint, config.signature_version = REGION, oss.url, "v1"
    error = sdk_error(
        oss_sdk.Client(config).list_objects_v2, oss_sdk.ListObjectsV2Request(bucket=BUCKET)
    )
    assert "signature version 4" in error.message


def test_boto3_puts_reads_lists_and_deletes(oss):
    s3 = oss.s3()
    put = s3.put_object(
        Bucket=BUCKET, Key=KEY, Body=b"hello", ContentType="text/plain", Metadata={"who": "me"}
    )
    read = s3.get_object(Bucket=BUCKET, Key=KEY)
    assert (read["Body"].read(), read["Metadata"], read["ETag"]) == (
        b"hello", {"who": "me"}, put["ETag"],
    )  # fmt: skip
    assert s3.get_object(Bucket=BUCKET, Key=KEY, Range="bytes=-2")["Body"].read() == b"lo"
    listed = s3.list_objects_v2(Bucket=BUCKET, Delimiter="/")
    assert [each["Prefix"] for each in listed["CommonPrefixes"]] == ["a folder/"]
    assert s3.list_objects(Bucket=BUCKET)["Contents"][0]["Key"] == KEY
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == [BUCKET]
    s3.head_bucket(Bucket=BUCKET)
    s3.delete_object(Bucket=BUCKET, Key=KEY)
    with pytest.raises(ClientError) as raised:
        s3.get_object(Bucket=BUCKET, Key=KEY)
    assert raised.value.response["Error"]["Code"] == "NoSuchKey"


def test_boto3_pages_through_a_listing(oss):
    keys = sorted(f"p/{number:03}/é+ &" for number in range(25))
    for key in keys:
        oss.put_file(key)
    pages = oss.s3().get_paginator("list_objects_v2")
    found = [
        each["Key"]
        for page in pages.paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 7})
        for each in page["Contents"]
    ]
    assert found == keys
    options = {"Bucket": BUCKET, "Prefix": "p/", "Delimiter": "/"}
    folders = [
        each["Prefix"]
        for page in pages.paginate(**options, PaginationConfig={"PageSize": 7})
        for each in page["CommonPrefixes"]
    ]
    assert folders == [f"p/{number:03}/" for number in range(25)]


def test_boto3_works_with_virtual_hosted_style(oss):
    port = oss.host.rpartition(":")[2]
    s3 = oss.s3("virtual", url=f"http://localhost:{port}")
    hosts = []

    def resolve(request, **_):  # as a resolver does that knows *.localhost
        hosts.append(urlsplit(request.url).netloc)
        request.headers["Host"] = hosts[-1]
        request.url = request.url.replace(f"{BUCKET}.localhost", "127.0.0.1")

    s3.meta.events.register("before-send.s3", resolve)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"hello")
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == b"hello"
    assert set(hosts) == {f"{BUCKET}.localhost:{port}"}
    assert (oss.bucket / KEY).read_bytes() == b"hello"


def test_boto3_uploads_in_parts_and_streams(oss, tmp_path):
    content = os.urandom(9_000_000)
    s3 = oss.s3()
    s3.upload_fileobj(io.BytesIO(content), BUCKET, "big")
    assert s3.head_object(Bucket=BUCKET, Key="big")["ETag"].endswith('-2"')
    s3.download_file(BUCKET, "big", str(tmp_path / "big"))
    assert (tmp_path / "big").read_bytes() == content


def test_boto3_signs_urls_and_deletes_many(oss):
    s3 = oss.s3()
    oss.put_file("a b")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "a b"})
    with urlopen(url) as answer:
        assert answer.read() == b"content"
    done = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "a b"}, {"Key": "no"}]})
    assert {each["Key"] for each in done["Deleted"]} == {"a b", "no"}


def test_boto3_gets_the_errors_of_missing_buckets_and_objects(oss):
    s3 = oss.s3()
    oss.put_file("a")
    for call in (
        lambda: s3.get_bucket_acl(Bucket=BUCKET),
        lambda: s3.put_object_tagging(Bucket=BUCKET, Key="a", Tagging={"TagSet": []}),
        lambda: s3.copy_object(Bucket=BUCKET, Key="b", CopySource=f"{BUCKET}/a"),
        lambda: s3.put_object(Bucket=BUCKET, Key="b", Body=b"", ServerSideEncryption="AES256"),
        lambda: s3.list_object_versions(Bucket=BUCKET),
    ):
        with pytest.raises(ClientError) as raised:
            call()
        assert raised.value.response["Error"]["Code"] == "NotImplemented"
    assert not (oss.bucket / "b").exists()


def test_pyarrow_reads_delivered_files(oss, arrow):
    rows = lake(oss)
    dataset = ds.dataset(f"{BUCKET}/orders", filesystem=arrow, partitioning="hive")
    assert dataset.count_rows() == rows
    table = dataset.to_table(filter=ds.field("month") == 2)
    assert set(table["month_number"].to_pylist()) == {2}


def test_pyarrow_writes_lists_and_deletes(oss, arrow):
    table = pa.table({"id": range(100_000), "day": ["01", "02"] * 50_000})
    ds.write_dataset(
        table, f"{BUCKET}/out", filesystem=arrow, format="parquet",
        partitioning=["day"], partitioning_flavor="hive",
    )  # fmt: skip
    assert ds.dataset(oss.bucket / "out", partitioning="hive").count_rows() == 100_000
    arrow.create_dir(f"{BUCKET}/empty")
    found = arrow.get_file_info(fs.FileSelector(BUCKET, recursive=True))
    folders = {each.path for each in found if each.type == fs.FileType.Directory}
    assert folders == {f"{BUCKET}/{path}" for path in ("out", "out/day=01", "out/day=02", "empty")}
    arrow.delete_dir(f"{BUCKET}/out")
    assert not [path for path in oss.bucket.rglob("*") if path.is_file()]
    arrow.create_dir("another-one")
    arrow.delete_dir("another-one")
    assert arrow.get_file_info("another-one").type == fs.FileType.NotFound


DUCKDB = "1.5.5"  # the newest for which PyPI has httpfs
PROGRAM = """
import json, pathlib, sys
import duckdb, duckdb_extension_httpfs
host, key_id, secret, query = sys.argv[1:]
folder = pathlib.Path(duckdb_extension_httpfs.__file__).parent
database = duckdb.connect(config={"autoinstall_known_extensions": "false"})
database.execute(f"LOAD '{next(folder.rglob('httpfs.duckdb_extension'))}'")
database.execute(
    f"CREATE SECRET (TYPE s3, KEY_ID '{key_id}', SECRET '{secret}', REGION 'cn-hangzhou',"
    f" ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)"
)
print(json.dumps(database.execute(query).fetchall()))
"""


@pytest.fixture(scope="session")
def duckdb_python(tmp_path_factory):
    """A Python of its own that has DuckDB with httpfs: other tests use another DuckDB.

    The processes of a test run share it.
    """
    kept = os.environ.get("TABLESTORE_DELIVERY_DUCKDB_PYTHON")
    if kept:
        return Path(kept)
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "duckdb"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    outcome = folder / "outcome"
    try:
        folder.mkdir()
    except FileExistsError:  # another process makes it
        give_up = time.monotonic() + 300
        while not outcome.exists() and time.monotonic() < give_up:
            time.sleep(0.2)
    else:
        venv.create(folder, with_pip=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             f"duckdb=={DUCKDB}", f"duckdb-extension-httpfs=={DUCKDB}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        whole = folder / "whole"
        whole.write_text(done.stderr[-200:] if done.returncode else "")
        whole.rename(outcome)
    problem = outcome.read_text() if outcome.exists() else "it takes too long"
    if problem:
        pytest.skip(f"DuckDB {DUCKDB} with httpfs cannot be installed: {problem}")
    return python


@pytest.fixture
def duckdb(duckdb_python, oss):
    def query(text):
        done = subprocess.run(
            [duckdb_python, "-c", PROGRAM, oss.host, oss.key_id, oss.secret, text],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not done.returncode, done.stderr
        return json.loads(done.stdout)

    return query


def test_duckdb_reads_delivered_files(oss, duckdb):
    rows = lake(oss)
    files = f"'s3://{BUCKET}/orders/**/t*', hive_partitioning = true"
    assert duckdb(f"SELECT count(*), sum(id), min(month) FROM read_parquet({files})") == [
        [rows, 3 * 499_500, "01"]
    ]
    assert duckdb(f"SELECT count(*) FROM read_parquet({files}) WHERE month = '02'") == [[1000]]


def test_duckdb_pages_through_a_listing(oss, duckdb):
    for number in range(1200):
        oss.put_file(f"many/{number:04}", b"")
    assert duckdb(f"SELECT count(*) FROM glob('s3://{BUCKET}/many/*')") == [[1200]]


def test_duckdb_writes_a_file(oss, duckdb):
    duckdb(
        f"COPY (SELECT 1 AS x, 'a b' AS k) TO 's3://{BUCKET}/out' (PARTITION_BY k, FORMAT parquet)"
    )
    (path,) = [path for path in (oss.bucket / "out").rglob("*") if path.is_file()]
    assert pq.ParquetFile(path).read().to_pylist() == [{"x": 1}]
