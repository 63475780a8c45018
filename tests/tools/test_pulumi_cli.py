"""Getting the Pulumi CLI, with fake programs and a server on the loopback."""

import contextlib
import hashlib
import http.server
import io
import os
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest
from provide import build, cache, download, existing, main, recipe
from provide.progress import Progress
from provide.recipe import UnavailableError

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "pulumi-cli" / "pulumi_cli.py"
PINNED = recipe.cli_version()
NOWHERE = "http://127.0.0.1:9/"  # nothing listens there
SYSTEM_PATH = "/usr/bin:/bin"


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def fake_cli(folder: Path, version: str = f"v{PINNED}", *, without: str = "") -> Path:
    for name in recipe.PROGRAMS:
        if name != without:
            script(folder / name, f"echo '{version}'")
    return folder


def fake_go(folder: Path, sdk: Path, *, version: str = "go1.99.0", fails: bool = False) -> None:
    """Write a `go` that notes how it is called and "builds" a program that prints the version."""
    for path in build.SCRIPTS.values():
        script(sdk / path, "true")
    broken = "echo 'some/package'; echo 'broken.go:1: broken' >&2; exit 1" if fails else ""
    script(
        folder / "go",
        f"""echo "$@" >> "{folder}/calls"
case $1 in
env) echo {version} ;;
list) echo "{sdk}" ;;
build) {broken}
  while [ "$1" != -o ]; do shift; done
  printf '#!/bin/sh\\necho v{PINNED}\\n' > "$2"
  chmod +x "$2" ;;
esac""",
    )


@pytest.fixture
def environment(tmp_path):
    (tmp_path / "bin").mkdir()
    return {
        "PATH": f"{tmp_path}/bin:{SYSTEM_PATH}",
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }


@pytest.fixture
def said():
    return io.StringIO()


@pytest.fixture
def progress(said):
    return Progress(said)


def archive(members: dict[str, bytes], *, link: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo(link)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(member)
    return buffer.getvalue()


PROGRAM = f"#!/bin/sh\necho v{PINNED}\n".encode()
GOOD = {f"pulumi/{name}": PROGRAM for name in recipe.PROGRAMS}


@contextlib.contextmanager
def serving(content: bytes, *, checksum: str = ""):
    """Serve an archive for this machine and its checksums, on the loopback."""
    name = f"pulumi-v{PINNED}-{recipe.operating_system()}-{recipe.architecture()}.tar.gz"
    line = f"{checksum or hashlib.sha256(content).hexdigest()}  {name}\n"
    files = {f"/pulumi-{PINNED}-checksums.txt": line.encode(), f"/{name}": content}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = files.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.mark.parametrize(
    "version",
    ["v3.255.0", "3.200.0", "v3.300.1-alpha.1764000000+dirty", "4.0.0-dev.0", "v3.200.0\nwarning"],
)
def test_new_enough_pulumi_on_path_is_used(environment, tmp_path, version):
    fake_cli(tmp_path / "bin", version)
    assert existing.find(environment) == tmp_path / "bin"


@pytest.mark.parametrize(
    ("prints", "why"),
    [
        ("echo v3.199.9", "older than 3.200.0"),
        ("echo v2.99.0", "older than 3.200.0"),
        ("echo hello", "no version"),
        ("echo 'shim: not selected' >&2; exit 127", "failed: shim: not selected"),
    ],
)
def test_unusable_pulumi_on_path_is_not_used(environment, tmp_path, prints, why):
    fake_cli(tmp_path / "bin")
    script(tmp_path / "bin" / "pulumi", prints)
    with pytest.raises(UnavailableError, match=why):
        existing.find(environment)


@pytest.mark.parametrize("missing", [recipe.LANGUAGE_HOST, recipe.EXECUTOR])
def test_pulumi_without_python_language_host_is_not_used(environment, tmp_path, missing):
    fake_cli(tmp_path / "bin", without=missing)
    with pytest.raises(UnavailableError, match="runs no Python"):
        existing.find(environment)


def test_language_host_is_found_on_path_or_next_to_the_linked_program(environment, tmp_path):
    fake_cli(tmp_path / "cellar")
    (tmp_path / "bin" / "pulumi").symlink_to(tmp_path / "cellar" / "pulumi")
    assert existing.find(environment) == tmp_path / "bin"

    (tmp_path / "bin" / "pulumi").unlink()
    script(tmp_path / "bin" / "pulumi", "echo 3.255.0")
    environment["PATH"] += f":{tmp_path}/cellar"
    assert existing.find(environment) == tmp_path / "bin"


def test_download_is_verified_unpacked_and_found_again(environment, tmp_path, said, progress):
    with serving(archive({**GOOD, "pulumi/docs/README": b"text", "LICENSE": b"text"})) as releases:
        folder = main.provide(environment, progress, releases)
    assert folder == cache.folder(environment)
    assert cache.is_complete(folder)
    assert recipe.printed_version(folder / "pulumi", environment) == f"v{PINNED}"
    assert (folder / "docs" / "README").read_bytes() == b"text"
    assert not list(folder.glob("*.tar.gz"))
    assert "Downloading the Pulumi CLI" in said.getvalue()

    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    said.truncate(0)
    assert main.provide(environment, progress, NOWHERE) == folder
    assert said.getvalue() == ""
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("content", "checksum", "why"),
    [
        (archive(GOOD), "0" * 64, "not what its checksum says"),
        (archive({**GOOD, "pulumi/../../escaped": b"x"}), "", "not to be unpacked"),
        (archive({**GOOD, "/tmp/escaped": b"x"}), "", "not to be unpacked"),
        (archive(GOOD, link="pulumi/link"), "", "not to be unpacked"),
        (b"no archive", "", "cannot be unpacked"),
        (archive(GOOD)[:-30], "", "cannot be unpacked"),
        (archive({"pulumi/pulumi": PROGRAM}), "", "came without pulumi-language-python"),
        (
            archive({**GOOD, "pulumi/pulumi": b"#!/bin/sh\necho v3.1.0\n"}),
            "",
            f"says it is v3.1.0, not v{PINNED}",
        ),
    ],
)
def test_invalid_download_is_removed(environment, progress, content, checksum, why):
    with (
        serving(content, checksum=checksum) as releases,
        pytest.raises(UnavailableError, match=why),
    ):
        main.provide(environment, progress, releases)
    left = [path.name for path in Path(environment["HOME"]).rglob("*") if path.is_file()]
    assert left == [f"{cache.folder(environment).name}.lock"]


def test_unsupported_machine_is_reported(progress, tmp_path, monkeypatch):
    with serving(archive(GOOD)) as releases:
        monkeypatch.setattr(recipe, "architecture", lambda: "pdp11")
        with pytest.raises(UnavailableError, match="no archive for this machine"):
            download.install(tmp_path, progress, releases)


def test_failed_download_falls_back_to_a_go_build(environment, tmp_path, said, progress):
    fake_go(tmp_path / "bin", tmp_path / "sdk")
    folder = main.provide(environment, progress, NOWHERE)
    assert cache.is_complete(folder)
    assert (folder / cache.STAMP).read_text() == f"{build.CLI_PACKAGE} built with go1.99.0\n"
    assert "some minutes, once" in said.getvalue()
    assert os.access(folder / recipe.EXECUTOR, os.X_OK)
    calls = (tmp_path / "bin" / "calls").read_text()
    assert f"Version=v{PINNED}" in calls
    assert calls.count("-mod=readonly") == 3


@pytest.mark.parametrize("extra", recipe.EXTRAS.values(), ids=recipe.EXTRAS)
class TestAnExtra:
    def test_extra_next_to_the_cli_is_used(self, environment, tmp_path, progress, extra):
        fake_cli(tmp_path / "bin")
        script(tmp_path / "bin" / extra.name, "true")
        assert main.provide_extra(extra, environment, progress) == tmp_path / "bin"

    def test_extra_is_built_once_into_its_own_folder(
        self, environment, tmp_path, progress, said, extra
    ):
        fake_cli(tmp_path / "bin")
        fake_go(tmp_path / "bin", tmp_path / "sdk")
        folder = main.provide_extra(extra, environment, progress)
        assert folder == main.provide_extra(extra, environment, progress)
        assert folder == cache.extra_folder(environment, extra) != cache.folder(environment)
        assert {path.name for path in folder.iterdir()} == {cache.STAMP, extra.name}
        assert said.getvalue().count(f"Building {extra.name} {recipe.extra_version(extra)}") == 1

    def test_missing_go_is_reported(self, environment, tmp_path, progress, extra):
        fake_cli(tmp_path / "bin")
        environment["PATH"] = str(tmp_path / "bin")
        with pytest.raises(UnavailableError, match="there is no go on PATH"):
            main.provide_extra(extra, environment, progress)


def test_each_extra_has_a_folder_of_its_own(environment):
    folders = {cache.extra_folder(environment, extra) for extra in recipe.EXTRAS.values()}
    assert len(folders) == len(recipe.EXTRAS)


def test_the_generators_are_of_the_clis_version():
    assert recipe.extra_version(recipe.EXTRAS["sdk-generator"]) == recipe.cli_version()


def test_failed_build_shows_the_output_of_go(environment, tmp_path, progress):
    fake_go(tmp_path / "bin", tmp_path / "sdk", fails=True)
    with pytest.raises(UnavailableError, match=r"broken\.go:1: broken"):
        main.provide(environment, progress, NOWHERE)


def test_old_go_is_not_used(environment, tmp_path, progress):
    fake_go(tmp_path / "bin", tmp_path / "sdk", version="go1.20.3")
    with pytest.raises(UnavailableError, match=r"go1\.20\.3, older than 1\.25"):
        main.provide(environment, progress, NOWHERE)
    assert "build" not in (tmp_path / "bin" / "calls").read_text()


def test_message_lists_all_attempts_if_all_fail(environment, progress, monkeypatch):
    monkeypatch.setitem(environment, "PATH", str(Path(environment["HOME"]) / "bin"))
    with pytest.raises(UnavailableError) as raised:
        main.provide(environment, progress, NOWHERE)
    message = str(raised.value)
    assert "The pulumi on PATH: there is no pulumi on PATH" in message
    assert "Pulumi's own download: http://127.0.0.1:9/ cannot be read: " in message
    assert "A build with Go: there is no go on PATH" in message
    assert "Install Pulumi 3.200.0 or newer" in message


def test_files_of_an_interrupted_run_are_replaced(environment, progress):
    target = cache.folder(environment)
    fake_cli(target)  # no stamp: not complete
    leftover = target.with_name(f"{target.name}.partial-abc")
    leftover.mkdir()
    with serving(archive(GOOD)) as releases:
        assert main.provide(environment, progress, releases) == target
    assert cache.is_complete(target)
    assert not leftover.exists()


def test_two_processes_at_once_produce_it_once(environment, progress):
    target = cache.folder(environment)
    produced = []
    together = threading.Barrier(2)

    def produce(into):
        produced.append(into)
        fake_cli(into)
        return "test"

    def run():
        together.wait()
        cache.fill(target, produce, progress)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(produced) == 1
    assert cache.is_complete(target)


def test_relative_cache_home_is_ignored(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.folder({"XDG_CACHE_HOME": "cache"}).is_relative_to(tmp_path / ".cache")


def test_standard_output_has_only_the_folder(environment, tmp_path):
    fake_cli(tmp_path / "bin")
    ran = subprocess.run(
        [sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=True
    )
    assert (ran.stdout, ran.stderr) == (f"{tmp_path}/bin\n", "")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_one_line_on_a_terminal_and_several_otherwise(monkeypatch):
    moment = [0.0]
    monkeypatch.setattr("provide.progress.time.monotonic", lambda: moment[0])
    stream = io.StringIO()
    progress = Progress(stream, {})
    for moment[0] in (1.0, 14.0, 15.0, 16.0, 31.0):
        progress.update(f"at {moment[0]:.0f}")
    assert stream.getvalue() == "at 15\nat 31\n"

    terminal = Terminal()
    live = Progress(terminal, {"TERM": "xterm"})
    live.update("at 10")
    live.update("at 9")
    live.line("done")
    assert terminal.getvalue() == "\rat 10\rat 9 \r    \rdone\n"
    assert not Progress(terminal, {"TERM": "dumb"})._live
