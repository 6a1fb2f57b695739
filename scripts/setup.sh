# Sourced by the other scripts: finds out what is missing, installs that, and builds.
# shellcheck shell=bash disable=SC2206

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(getconf _NPROCESSORS_ONLN)}

say() { printf '%s\n' "tinydl: $*"; }
have() { command -v "$1" >/dev/null 2>&1; }
have_any() { local c; for c in "$@"; do have "$c" && return; done; return 1; }

# have_header path: true where a compiler or CMake would look for it.
have_header() {
  local prefix
  for prefix in /usr /usr/local /opt/homebrew $(have xcrun && xcrun --show-sdk-path 2>/dev/null)/usr \
    ${CMAKE_PREFIX_PATH:+${CMAKE_PREFIX_PATH//[:;]/ }}; do
    [ -e "$prefix/include/$1" ] && return
  done
  return 1
}

# as_root command...: through sudo where that is needed and there; asks for a password only if
# somebody is there to give it.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
  else
    echo "not root, and there is no sudo"
    return 1
  fi
}

install_apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }
install_dnf() { as_root dnf install -y "$@"; }
install_pacman() { as_root pacman -S --needed --noconfirm "$@"; }
install_brew() { brew install "$@"; }

package_manager() {
  if have apt-get; then echo apt
  elif have dnf; then echo dnf
  elif have pacman; then echo pacman
  elif have brew; then echo brew
  else echo none
  fi
}

# install package...: all at once, or, if one of them is not to be had, each by itself.
install() {
  local manager log package refusal
  manager=$(package_manager)
  if [ "$manager" = none ]; then
    say "no apt, dnf, pacman or brew here; missing: $*"
    return
  fi
  say "installing with $manager: $*"
  if [ "$manager" != brew ] && ! refusal=$(as_root true 2>&1); then
    say "cannot install them: ${refusal##*$'\n'}"
    return
  fi
  log=$(mktemp)
  [ "$manager" != apt ] || as_root apt-get update >"$log" 2>&1 || true
  [ "$manager" != pacman ] || as_root pacman -Sy >"$log" 2>&1 || true
  if ! "install_$manager" "$@" >>"$log" 2>&1; then
    for package in "$@"; do
      "install_$manager" "$package" >"$log" 2>&1 || say "cannot install $package: $(tail -n 1 "$log")"
    done
  fi
  rm -f "$log"
}

# want apt dnf pacman brew: notes as missing what each of them calls by that name, or names.
missing=()
want() {
  case $(package_manager) in
    dnf) missing+=($2) ;;
    pacman) missing+=($3) ;;
    brew) missing+=($4) ;;
    *) missing+=($1) ;;
  esac
}

install_missing() {
  [ ${#missing[@]} = 0 ] || install "${missing[@]}"
  missing=()
}

setup() {
  have_any c++ g++ clang++ || want g++ gcc-c++ gcc gcc
  have cmake || want cmake cmake cmake cmake
  have_any make ninja || want make make make make
  have curl || want "curl ca-certificates" curl curl curl
  have_header eigen3/Eigen/Core || want libeigen3-dev eigen3-devel eigen eigen
  have_header doctest/doctest.h || want doctest-dev doctest-devel doctest doctest
  have_header CLI/CLI.hpp || want libcli11-dev cli11-devel cli11 cli11
  have_header nlohmann/json.hpp || want nlohmann-json3-dev json-devel nlohmann-json nlohmann-json
  have_header zlib.h || want zlib1g-dev zlib-devel zlib zlib
  have gnuplot || want gnuplot-nox gnuplot gnuplot gnuplot
  install_missing
  have_any c++ g++ clang++ || { say "a C++20 compiler is needed (g++ 12, clang 14 or newer)"; exit 1; }
  have cmake || { say "CMake 3.23 or newer is needed"; exit 1; }
}

# quietly command...: shows what it printed only if it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  if [ $status != 0 ]; then cat "$log"; fi
  rm -f "$log"
  return $status
}

# configure folder option...: says which parts were left out, and nothing else.
configure() {
  local folder=$1 log status=0
  shift
  log=$(mktemp)
  cmake -S "$root" -B "$folder" "$@" >"$log" 2>&1 || status=$?
  if [ $status = 0 ]; then grep '^-- tinydl:' "$log" || true; else cat "$log"; fi
  rm -f "$log"
  return $status
}

# build folder target...
build() {
  local folder=$1
  shift
  quietly cmake --build "$folder" ${1:+--target "$@"}
}
