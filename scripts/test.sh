#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests. Arguments go to ctest.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

setup
say "building the tests in $root/build (ten minutes on two cores, the first time)"
configure "$root/build" -DCMAKE_BUILD_TYPE=Release -DTINYDL_BUILD_TESTS=ON
build "$root/build"
exec ctest --parallel "$CMAKE_BUILD_PARALLEL_LEVEL" --test-dir "$root/build" --output-on-failure "$@"
