"""Print the folder of the Pulumi CLI. Get the CLI first if there is none.

    PATH="$(python tools/pulumi-cli/pulumi_cli.py):$PATH"

Standard output is one line, the folder to put on PATH. Everything else goes to standard error. The
CLI is the first of: the `pulumi` on PATH, the one that was got earlier, Pulumi's own download, a
build with Go. With `--yaml-host`, `--go-host` or `--nodejs-host`, print the folder of the host that
runs programs in this language: next to the CLI, on PATH, or built with Go. With `--sdk-generator`,
print the folder of `generate-pulumi-sdks`.
"""

import sys

from provide.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
