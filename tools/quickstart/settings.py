"""The environment in which `pulumi` and `tablestore-delivery` use the quickstart's emulator."""

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

INSTANCE = "quickstart"
# Throw-away: they open this emulator and nothing else.
CREDENTIALS = ("local", "local-secret")
STACK = "dev"

# A real account's settings, which would win over the emulator's or be sent to it.
FOREIGN = (
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "ALICLOUD_ACCESS_KEY",
    "ALICLOUD_REGION",
    "ALICLOUD_SECRET_KEY",
    "ALICLOUD_SECURITY_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_STACK",
)


def settings(folder: Path, endpoint: str, user: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to set."""
    key_id, secret = CREDENTIALS
    direct = ",".join(filter(None, [user.get("NO_PROXY") or user.get("no_proxy"), "127.0.0.1"]))
    return {
        "TABLESTORE_ENDPOINT": endpoint,
        "TABLESTORE_INSTANCE": INSTANCE,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
        "NO_PROXY": direct,
        "no_proxy": direct,
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_HOME": str(folder / "pulumi-home"),
        "PULUMI_CONFIG_PASSPHRASE": "quickstart",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # There is no provider to download: DeliveryTask comes with the Python package.
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def environment(changes: Mapping[str, str], user: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a program that the quickstart runs."""
    return {**{name: user[name] for name in user if name not in FOREIGN}, **changes}


def write_shell_file(path: Path, changes: Mapping[str, str], cli: Path) -> None:
    """Write the variables to a file that a shell can source."""
    programs = shlex.quote(os.pathsep.join([str(Path(sys.executable).parent), str(cli)]))
    lines = [
        "# Points pulumi and tablestore-delivery at the quickstart:  . .quickstart/env",
        f"unset {' '.join(FOREIGN)}",
        f"export PATH={programs}:$PATH",
        *(f"export {name}={shlex.quote(value)}" for name, value in changes.items()),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
