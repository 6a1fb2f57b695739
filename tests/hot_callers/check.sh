#!/usr/bin/env bash
# check.sh COMPILER "FOLDER;FOLDER": whether g++, including from these folders, takes a function that
# uses the library for one that hardly ever runs. What calls something [[gnu::cold]] in any case is
# compiled for size as a whole, with all loops of its own.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
compiler=$1
IFS=';' read -ra folders <<<"$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$compiler" -std=c++20 -O2 "${folders[@]/#/-isystem}" -c "$here/callers.cpp" -o "$work/callers.o"
objdump --disassemble --reloc --demangle "$work/callers.o" |
  awk '/^Disassembly of section/ { section = $4 }
       match($0, /hot_[a-z_]+/) { print section, substr($0, RSTART, RLENGTH) }' |
  sort -u >"$work/loops"
loops=$(grep -c '^void hot_' "$here/callers.cpp")
found=$(grep -c ' hot_' "$work/loops" || true)
if ((found != loops)); then
  echo "$found loops found in the object file, not $loops"
  exit 1
fi
if grep '^\.text\.unlikely' "$work/loops"; then
  echo "these loops are compiled for size: what goes before them calls something cold"
  exit 1
fi
echo "$loops loops, none of them compiled for size"
