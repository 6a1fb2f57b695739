# Sourced by the scripts that train on images: downloads the data, builds and runs the program.
# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

# They set: program, folder (under data/), folder_variable, title, mirrors, and files as NAME:SUM, the
# SHA-256 of the unpacked file (mirrors compress them differently).

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
  [ ! -e "$data" ] && [ -z "${!folder_variable:-}" ] || return 1
  for argument in "$@"; do
    case $argument in --data | --data=* | --digits | --help | -h) return 1 ;; esac
  done
}

train_on_images() {
  local tests=OFF  # they need more; where they were built once, they stay
  [ ! -d "$root/build/tests" ] || tests=ON
  data=$root/data/$folder
  setup
  say "building in $root/build"
  configure "$root/build" -DCMAKE_BUILD_TYPE=Release -DTINYDL_BUILD_EXAMPLES=ON \
    -DTINYDL_BUILD_TESTS=$tests
  build "$root/build" "$program"
  if needs_download "$@"; then
    say "downloading $title into $data"
    (download) || say "$title cannot be downloaded now: training on digits drawn here instead"
  fi
  exec "$root/build/examples/$program" "$@"
}
