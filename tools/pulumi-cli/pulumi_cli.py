"""Print the folder that holds the Pulumi CLI, getting one first where there is none.

    PATH="$(python tools/pulumi-cli/pulumi_cli.py):$PATH"

Standard output is one line, the folder to put on PATH. Everything else goes to standard error.
With `--yaml-host`, `--go-host` or `--nodejs-host` it is the folder of the host that runs programs
in that language, with `--sdk-generator` that of `generate-pulumi-sdks`: beside the CLI, on PATH,
else built with Go.
The order for the CLI: the `pulumi` on PATH, the one got earlier, Pulumi's own download, a build
with Go.
"""

import sys

from provide.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
