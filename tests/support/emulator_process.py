"""The emulator in a separate process."""

import subprocess
import sys
from pathlib import Path

from support.tablestore_instance import TablestoreInstance

READY = "Tablestore emulator ready at "


class EmulatorProcess(TablestoreInstance):
    """`tablestore-delivery emulator` on a port of its own; stopped at the end."""

    instance = "local"
    access_key_id = "local"
    access_key_secret = "local-secret"

    def __init__(self, data_dir: Path, *options: str, port: int = 0):
        self.data_dir = data_dir
        self.options = options
        self.port = port

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, *options):
        self.process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "tablestore-delivery"), "emulator",
                "--port", str(self.port), "--data-dir", str(self.data_dir), *self.options, *options,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert line.startswith(READY), line
        self.url = line.removeprefix(READY).strip()
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        self.process.terminate()
        assert self.process.wait(10) == 0
        self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()
