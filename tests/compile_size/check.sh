#!/usr/bin/env bash
# check.sh COMPILER "FOLDER;FOLDER": what a compiler that includes from these folders must do for
# three small programs, as the lines it sees and the functions it writes, and how long it takes.
# Fails where the first two are more than a fifth above those in sizes.txt: `program lines
# functions`. Seconds are for reading: they depend on the machine.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
compiler=$1
IFS=';' read -ra folders <<<"$2"
options=(-std=c++20 -O2 "${folders[@]/#/-isystem}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
TIMEFORMAT=%U

while read -r program lines functions; do
  source=$here/$program.cpp
  now_lines=$("$compiler" "${options[@]}" -E -P "$source" | wc -l)
  seconds=$( { time "$compiler" "${options[@]}" -c "$source" -o "$work/$program.o"; } 2>&1)
  now_functions=$(nm "$work/$program.o" | grep -ci ' [tw] ')
  printf '%-9s %6d lines (%d), %3d functions (%d), %5.1f s\n' \
    "$program" "$now_lines" "$lines" "$now_functions" "$functions" "$seconds"
  if ((now_lines * 5 > lines * 6 || now_functions * 5 > functions * 6)); then
    echo "$program has grown by more than a fifth: find out why, or note it in sizes.txt"
    failed=1
  fi
done <"$here/sizes.txt"
exit $failed
