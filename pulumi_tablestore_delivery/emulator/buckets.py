"""Buckets: folders below the data folder, looked at anew whenever one is asked for."""

from pathlib import Path

from pulumi_tablestore_delivery.emulator import rules


class Buckets:
    """The buckets that the emulator's tasks may deliver to."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that holds one folder a bucket; it need not exist."""
        self._folder = folder

    def exists(self, name: str) -> bool:
        """Tell whether there is such a bucket."""
        return self._path(name).is_dir()

    def create(self, name: str) -> None:
        """Make the bucket, unless it is there."""
        self._path(name).mkdir(parents=True, exist_ok=True)

    def _path(self, name: str) -> Path:
        rules.bucket_name("ossBucket", name)  # no other folder can be reached by a name
        return self._folder / name
