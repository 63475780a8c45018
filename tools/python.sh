#!/bin/sh
# Prints a Python that is new enough: the one asked for, or the first on PATH that runs.
# Running it is the only sure test: a version manager's shim can be there and refuse.
set -eu

works() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1
}

if [ -n "${1:-}" ]; then
    if works "$1"; then
        printf '%s\n' "$1"
        exit 0
    fi
    echo "PYTHON=$1 does not run, or is older than Python 3.10." >&2
    exit 1
fi
for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
    if works "$python"; then
        printf '%s\n' "$python"
        exit 0
    fi
done
echo 'No Python 3.10 or newer was found. Install one, or name it: make PYTHON=/path/to/python3' >&2
exit 1
