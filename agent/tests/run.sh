#!/bin/sh
# The wrapper's tests, with the agent's own Python; pytest lies beside it, so the agent's environment stays as pinned.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
deps=${PERSAIS_DEPS:-$root/build/deps}
PYTHONPATH=$deps/agent-test exec "$deps/agent-env/bin/python" -B -m pytest -q -p no:cacheprovider "$root/agent/tests" "$@"
