#!/usr/bin/env bash
# Installs what is missing, builds, downloads MNIST and trains on it. Arguments go to the program:
# scripts/mnist.sh --help lists them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

data=$root/data/mnist
mirrors=(
  https://ossci-datasets.s3.amazonaws.com/mnist
  https://storage.googleapis.com/cvdf-datasets/mnist
)
# SHA-256 of the unpacked files: mirrors compress them differently.
files=(
  train-images-idx3-ubyte:ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
  train-labels-idx1-ubyte:65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
  t10k-images-idx3-ubyte:0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
  t10k-labels-idx1-ubyte:ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2
)

sha256() { if have sha256sum; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

# fetch file sum: into the current folder, from the first mirror that has the right content.
fetch() {
  local mirror
  for mirror in "${mirrors[@]}"; do
    if [ -e "$1.gz" ] || curl -fsSL --connect-timeout 3 --speed-limit 1000 --speed-time 10 \
      -o "$1.gz" "$mirror/$1.gz" 2>/dev/null; then
      [ "$(gzip -dc "$1.gz" 2>/dev/null | sha256)" != "$2" ] || return 0
    fi
    rm -f "$1.gz"
  done
  return 1
}

# The folder gets its name when it is complete: a download that was broken off is taken up again.
download() {
  local entry
  mkdir -p "$data.part" && cd "$data.part" || return 1
  for entry in "${files[@]}"; do
    fetch "${entry%%:*}" "${entry##*:}" || return 1
  done
  mv "$data.part" "$data"
}

needs_download() {
  local argument
  [ ! -e "$data" ] && [ -z "${TINYDL_DATA:-}" ] || return 1
  for argument in "$@"; do
    case $argument in --data | --data=* | --digits | --help | -h) return 1 ;; esac
  done
}

setup
say "building in $root/build"
configure "$root/build" -DCMAKE_BUILD_TYPE=Release -DTINYDL_BUILD_EXAMPLES=ON
build "$root/build" mnist
if needs_download "$@"; then
  say "downloading MNIST into $data"
  (download) || say "MNIST cannot be downloaded now: training on digits drawn here instead"
fi
exec "$root/build/examples/mnist" "$@"
