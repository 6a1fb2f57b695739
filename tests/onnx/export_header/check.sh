#!/usr/bin/env bash
# check.sh FOLDER COMPILER: compiles each header of FOLDER as freestanding C++17 without exceptions,
# looks at what the object wants of others and may write, and runs it on NAME.x: the results are
# those of NAME.y, in many threads, too. The same on aarch64, emulated, where that can be done.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1 compiler=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
freestanding=(-std=c++17 -O2 -ffreestanding -fno-exceptions -fno-rtti
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
failed=0

fail() {
  echo "$*"
  failed=1
}

# What freestanding compilers ask for is these alone; and there is nothing that could be written.
check_symbols() {
  local wanted writable
  wanted=$(nm --undefined-only --format=posix "$1" |
    grep -Ev '^(memcpy|memmove|memset|memcmp|_GLOBAL_OFFSET_TABLE_) ' || true)
  writable=$(nm --format=posix "$1" | grep -E '^[^ ]+ [BbDdGgSsC] ' || true)
  [ -z "$wanted" ] || fail "$1 wants $wanted"
  [ -z "$writable" ] || fail "$1 could write $writable"
}

# check compiler way-to-run name...
check() {
  local compiler=$1 emulator=$2 name
  "$compiler" -std=c++17 -O1 -c "$here/run.cpp" -o "$work/run.o"
  for name in "${@:3}"; do
    "$compiler" "${freestanding[@]}" -DNETWORK="$name" -include "$folder/$name.hpp" \
      -c "$here/network.cpp" -o "$work/$name.o"
    check_symbols "$work/$name.o"
    "$compiler" ${emulator:+-static} "$work/run.o" "$work/$name.o" -o "$work/$name" -pthread
    printf '%-14s ' "$name"
    $emulator "$work/$name" "$folder/$name.x" "$folder/$name.y" || fail "$name: not as expected"
  done
  "$compiler" -std=c++17 -O2 -I"$folder" "$here/functions.cpp" ${emulator:+-static} \
    -o "$work/functions"
  $emulator "$work/functions" || fail "functions: less accurate than they say"
}

# A symbol that is wanted, or can be written, must be found out.
echo 'extern int other(); int state; int f() { return state = other(); }' >"$work/bad.cpp"
"$compiler" -c "$work/bad.cpp" -o "$work/bad.o"
[ "$(check_symbols "$work/bad.o" | wc -l)" = 2 ] || fail "nm does not tell what an object wants"

names=()
for input in "$folder"/*.x; do
  names+=("$(basename "$input" .x)")
done
[ ${#names[@]} -ge 12 ] || fail "only ${#names[@]} networks in $folder"

check "$compiler" "" "${names[@]}"
if command -v aarch64-linux-gnu-g++ qemu-aarch64 >/dev/null; then
  echo "on aarch64:"
  check aarch64-linux-gnu-g++ qemu-aarch64 "${names[@]}"
else
  echo "no g++ for aarch64, or no qemu: the headers are not run there"
fi
exit $failed
