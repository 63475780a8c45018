"""Objects as files: every key has its own file inside its bucket, and is read back unchanged."""

import json
import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_tablestore_delivery.emulator.storage.object_keys import (
    KEY_BYTES,
    key_problem,
    plain_segments,
)
from pulumi_tablestore_delivery.emulator.storage.objects import (
    BucketNotEmptyError,
    NoSuchBucketError,
    ObjectExistsError,
    ObjectStore,
)

BUCKET = "my-lake"
HOSTILE = [
    "..",
    "../escaped",
    "../../etc/passwd",
    "a/../../escaped",
    "a/./b",
    ".",
    "a//b",
    "a/",
    "a/b/",
    "dir/..",
    "a\0b",
    "\0",
    "a\\..\\b",
    "..\\escaped",
    "C:\\x",
    "%2e%2e/%2fescaped",
    "..%2f..%2fescaped",
    "a%00b",
    "x" * 256,
    "x" * KEY_BYTES,
    "/".join("a" * 512),
    "a\nb\r",
    "\x1b[31m",
    "a b+c?d#e&f=g",
    "公司/Ω/😀",
    "\U0010ffff",
    ".objects/x",
    ".incoming",
    "~/.ssh",
    "<script>&amp;",
]


@pytest.fixture
def store(tmp_path):
    made = ObjectStore(tmp_path / "oss")
    made.create_bucket(BUCKET)
    return made


def put(store, key, content=b"x", bucket=BUCKET, **options):
    path = store.new_file()
    path.write_bytes(content)
    store.put(path, bucket, key, **{"etag": "E", "headers": {}, **options})


def read(store, key):
    opened = store.open(BUCKET, key)
    if opened is None:
        return None
    with opened[0] as file:
        return file.read()


def files_outside(folder):
    """Files that are neither in the bucket nor in the store's own folders."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != "oss"
    ] + [
        path
        for path in (folder / "oss").iterdir()
        if path.name not in {BUCKET, ".objects", ".incoming"}
    ]


@pytest.mark.parametrize("key", HOSTILE, ids=ascii)
def test_hostile_key_stays_inside_its_bucket_and_is_read_back(store, tmp_path, key):
    put(store, key, key.encode())
    assert list(store.keys(BUCKET)) == [key]
    assert read(store, key) == key.encode()
    assert store.find(BUCKET, key).etag == "E"
    assert not files_outside(tmp_path)
    assert not (tmp_path.parent / "escaped").exists()
    store.delete(BUCKET, key)
    assert list(store.keys(BUCKET)) == []
    assert read(store, key) is None


def test_hostile_keys_do_not_collide(store):
    for key in HOSTILE:
        put(store, key, key.encode())
    assert list(store.keys(BUCKET)) == sorted(HOSTILE)
    for key in HOSTILE:
        assert read(store, key) == key.encode()


KEYS = st.text(min_size=1, max_size=12).filter(lambda key: not key_problem(key)) | st.lists(
    st.sampled_from(["a", "b", ".", "..", "", "a-", "A", "\\", "%2f"]), min_size=1, max_size=5
).map("/".join).filter(lambda key: not key_problem(key))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["put", "delete"]), KEYS), max_size=12))
def test_store_behaves_as_a_dictionary_for_any_keys(tmp_path_factory, actions):
    store = ObjectStore(tmp_path_factory.mktemp("any") / "oss")
    store.create_bucket(BUCKET)
    expected = {}
    for number, (action, key) in enumerate(actions):
        if action == "put":
            expected[key] = str(number).encode()
            put(store, key, expected[key])
        else:
            expected.pop(key, None)
            store.delete(BUCKET, key)
        assert list(store.keys(BUCKET)) == sorted(expected)
    assert {key: read(store, key) for key in expected} == expected


@given(KEYS)
def test_joined_segments_are_the_key(key):
    segments = plain_segments(key)
    if segments is not None:
        assert "/".join(segments) == key
        assert not {"", ".", ".."} & set(segments)


@pytest.mark.parametrize("key", ["", "/a", "\\a", "x" * 1024, "é" * 512, "a\ud800"], ids=ascii)
def test_key_that_breaks_a_rule_is_named(key):
    assert key_problem(key)


def test_plain_key_is_a_plain_file(store, tmp_path):
    put(store, "orders/year=2024/t_0_x__1", b"PAR1")
    path = tmp_path / "oss" / BUCKET / "orders" / "year=2024" / "t_0_x__1"
    assert path.read_bytes() == b"PAR1"


def test_delivered_file_is_an_object(store, tmp_path):
    path = tmp_path / "oss" / BUCKET / "p" / "t_0_p__1"
    path.parent.mkdir()
    path.write_bytes(b"PAR1")
    found = store.find(BUCKET, "p/t_0_p__1")
    assert (found.size, found.modified) == (4, path.stat().st_mtime_ns)
    assert found.etag.endswith("-1")
    path.write_bytes(b"PAR1+")
    assert store.find(BUCKET, "p/t_0_p__1").etag != found.etag


def test_headers_and_etag_are_those_of_the_newest_content(store, tmp_path):
    put(store, "a", b"one", etag="E1", headers={"content-type": "text/plain"})
    found = store.find(BUCKET, "a")
    assert (found.etag, found.headers) == ("E1", {"content-type": "text/plain"})
    (tmp_path / "oss" / BUCKET / "a").write_bytes(b"another program's")
    found = store.find(BUCKET, "a")
    assert found.etag != "E1"
    assert found.headers == {}


def test_reader_during_a_put_gets_content_and_headers_of_one_object(store, monkeypatch):
    put(store, "a", b"old", etag="E1", headers={"content-type": "text/old"})
    found = []
    replace = Path.replace

    def look_before(path, target):
        reader = threading.Thread(target=lambda: found.append(store.find(BUCKET, "a")))
        reader.start()
        reader.join(0.2)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", look_before)
    put(store, "a", b"newer", etag="E2", headers={"content-type": "text/new"})
    monkeypatch.undo()
    give_up = time.monotonic() + 10
    while len(found) < 2:
        assert time.monotonic() < give_up
        time.sleep(0.01)
    assert {(each.etag, each.size, each.headers.get("content-type")) for each in found} <= {
        ("E1", 3, "text/old"), ("E2", 5, "text/new")
    }  # fmt: skip


def test_kill_during_a_put_leaves_the_older_object_with_its_headers(store, tmp_path, monkeypatch):
    put(store, "a", b"old", etag="E1", headers={"content-type": "text/old"})

    def kill(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(ObjectStore, "_put_plain", kill)
    with pytest.raises(KeyboardInterrupt):
        put(store, "a", b"newer", etag="E2")
    monkeypatch.undo()
    found = ObjectStore(tmp_path / "oss").find(BUCKET, "a")
    assert (found.etag, found.headers) == ("E1", {"content-type": "text/old"})
    put(store, "a", b"newest", etag="E3")
    assert store.find(BUCKET, "a").etag == "E3"


def test_key_and_keys_below_it_coexist(store):
    put(store, "a/b", b"below")
    put(store, "a", b"above")
    put(store, "a/c", b"beside")
    assert list(store.keys(BUCKET)) == ["a", "a/b", "a/c"]
    store.delete(BUCKET, "a/b")
    store.delete(BUCKET, "a/c")
    put(store, "x", b"above")
    put(store, "x/y/z", b"below")
    assert list(store.keys(BUCKET)) == ["a", "x", "x/y/z"]
    assert [read(store, key) for key in store.keys(BUCKET)] == [b"above", b"above", b"below"]


def test_put_without_overwriting_keeps_the_existing_object(store):
    put(store, "a", b"old")
    with pytest.raises(ObjectExistsError):
        put(store, "a", b"new", overwrite=False)
    assert read(store, "a") == b"old"


def test_reader_keeps_the_content_that_it_opened(store):
    put(store, "a", b"old")
    file, _ = store.open(BUCKET, "a")
    put(store, "a", b"new")
    with file:
        assert file.read() == b"old"


def test_symbolic_links_do_not_lead_out_of_the_bucket(store, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "file").write_bytes(b"secret")
    bucket = tmp_path / "oss" / BUCKET
    (bucket / "folder").symlink_to(secret)
    (bucket / "link").symlink_to(secret / "file")
    assert list(store.keys(BUCKET)) == []
    for key in ("folder/file", "link"):
        assert read(store, key) is None
        put(store, key, b"mine")
        assert read(store, key) == b"mine"
        store.delete(BUCKET, key)
    assert (secret / "file").read_bytes() == b"secret"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_named_pipe_is_not_an_object_and_does_not_block(store, tmp_path):
    os.mkfifo(tmp_path / "oss" / BUCKET / "pipe")
    assert read(store, "pipe") is None
    assert list(store.keys(BUCKET)) == []


def test_damaged_notes_do_not_hide_a_file(store, tmp_path):
    put(store, "a", b"x")
    for path in (tmp_path / "oss" / ".objects").rglob("*.json"):
        path.write_text("{broken")
    assert read(store, "a") == b"x"
    for path in (tmp_path / "oss" / ".objects").rglob("*.json"):
        path.write_text(json.dumps([1]))
    assert list(store.keys(BUCKET)) == ["a"]


def test_file_name_that_is_not_text_is_skipped(store, tmp_path):
    name = os.fsencode(tmp_path / "oss" / BUCKET) + b"/\xff"
    try:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    assert list(store.keys(BUCKET)) == []


def test_incomplete_files_of_a_crash_are_removed(store, tmp_path):
    store.new_file().write_bytes(b"half")
    ObjectStore(tmp_path / "oss")
    assert not list((tmp_path / "oss" / ".incoming").rglob("*"))


def test_missing_bucket_is_not_created(store, tmp_path):
    for name in ("missing", "..", "a/b", ".objects", ""):
        with pytest.raises(NoSuchBucketError):
            put(store, "a", bucket=name)
        with pytest.raises(NoSuchBucketError):
            list(store.keys(name))
    assert not (tmp_path / "oss" / "missing").exists()


def test_bucket_with_objects_is_not_deleted(store, tmp_path):
    put(store, "a/b")
    put(store, "dir/")
    with pytest.raises(BucketNotEmptyError):
        store.delete_bucket(BUCKET)
    store.delete(BUCKET, "a/b")
    with pytest.raises(BucketNotEmptyError):
        store.delete_bucket(BUCKET)
    store.delete(BUCKET, "dir/")
    store.delete_bucket(BUCKET)
    assert store.buckets() == []
    with pytest.raises(NoSuchBucketError):
        store.delete_bucket(BUCKET)


def test_bucket_with_strange_files_is_not_deleted(store, tmp_path):
    link = tmp_path / "oss" / BUCKET / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(BucketNotEmptyError):
        store.delete_bucket(BUCKET)
    assert Path(link).is_symlink()
