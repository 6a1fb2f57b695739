#!/usr/bin/env bash
# Writes docs/correctness.md: builds and runs the tests that measure what stands in it. The build
# folder may be given; it is ./build otherwise.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

setup
folder=${1:-$root/build}
say "building the tests in $folder"
configure "$folder" -DCMAKE_BUILD_TYPE=Release -DTINYDL_BUILD_TESTS=ON
build "$folder" tinydl_{functions,layers,reference}_tests tinydl_correctness
quietly ctest --test-dir "$folder" --output-on-failure --tests-regex '^(functions|layers|reference)$'
build "$folder" write_correctness
say "$root/docs/correctness.md is written"
