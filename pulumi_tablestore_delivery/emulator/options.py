"""The settings of an emulator."""

from dataclasses import dataclass, field
from pathlib import Path

from pulumi_tablestore_delivery.emulator.faults import Fault


@dataclass(frozen=True)
class Options:
    """An emulator's settings. The repr does not have the secrets.

    Attributes:
        host: The address to listen on.
        port: The port to listen on; 0 for a free one.
        oss_port: The port of the emulated OSS; 0 for a free one. None for the port after `port`,
            or a free one if that port is in use or `port` is 0.
        data_dir: The folder of the database and of `oss/<bucket>/`. It is created if it is missing.
        instance: The instance to serve. Data of other instances in `data_dir` do not change.
        access_key_id: The only access key that the emulator accepts.
        access_key_secret: Its secret.
        security_token: The STS token that every request must have. None (the default) accepts
            requests without a token and with any signed token.
        create_buckets: Whether creating a task creates its bucket's folder.
        init_seconds: The number of seconds that a new task is in the phase INIT.
        flush_seconds: The age at which rows are written to a file, in seconds. A full scan takes at
            least as long.
        faults: Faults that are pending from the start.
    """

    host: str = "127.0.0.1"
    port: int = 8087
    oss_port: int | None = None
    data_dir: Path = Path(".tablestore")
    instance: str = "local"
    access_key_id: str = "local"
    access_key_secret: str = field(default="local-secret", repr=False)
    security_token: str | None = field(default=None, repr=False)
    create_buckets: bool = False
    init_seconds: float = 0.0
    flush_seconds: float = 1.0
    faults: tuple[Fault, ...] = ()

    @property
    def buckets_dir(self) -> Path:
        """The folder that has a folder for each bucket."""
        return self.data_dir / "oss"
