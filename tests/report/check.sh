#!/usr/bin/env bash
# check.sh REPORT PICTURES: opens a report in a headless Chromium, light and dark, on a desktop and
# on a phone; leaves screenshots beside it. Fails unless all of so many pictures are shown, nothing
# but tables and pictures is to be scrolled sideways, and the page asks the network for nothing.
set -euo pipefail
report=$(realpath "$1") pictures=$2
folder=$(dirname "$report")

for browser in chromium chromium-browser google-chrome none; do
  ! command -v "$browser" >/dev/null || break
done
if [ "$browser" = none ]; then
  echo "no Chromium here: the report is not opened in a browser"
  exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "$report: $*"
  exit 1
}

# browse page option...: with a profile of its own, and no name is ever resolved.
browse() {
  timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
    --no-first-run --disable-background-networking --disable-component-update --disable-sync \
    --hide-scrollbars --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$work/profile" \
    "${@:2}" "file://$1" 2>"$work/log" || { cat "$work/log"; fail "$browser does not open it"; }
}

# What the page asked for, other than itself and what is in it. The browser's own requests come
# from no origin.
asked() {
  grep '"initiator":' "$1" | grep -v '"initiator":"not an origin"' |
    grep -o '"url":"[^"]*' | grep -Ev '^"url":"(file|data):' || true
}

# Pictures that are shown, all pictures, and by how much the page is wider than it may be: told by a
# script, to which the page itself would not agree, in a copy of it; to a page that has the copy in
# a frame, since a window cannot be as narrow as a phone.
sed -e '/Content-Security-Policy/d' "$report" >"$work/copy.html"
cat >>"$work/copy.html" <<'SCRIPT'
<script>addEventListener('load', () => {
  const images = [...document.images];
  const shown = images.filter(i => i.complete && i.naturalWidth > 0 && i.alt);
  const over = document.documentElement.scrollWidth - innerWidth;
  parent.postMessage([shown.length, images.length, over].join(' '), '*');
});</script>
SCRIPT
seen() {
  cat >"$work/frame.html" <<FRAME
<!doctype html>
<script>
addEventListener('message', event => document.documentElement.dataset.seen = event.data);
</script>
<iframe src="copy.html" style="width: $1px; height: 800px; border: 0"></iframe>
FRAME
  browse "$work/frame.html" --virtual-time-budget=5000 "${@:2}" --dump-dom |
    grep -o 'data-seen="[^"]*"' || echo nothing
}

# A page that is not self-contained must be found out.
echo '<!doctype html><img src="http://example.org/x.png">' >"$work/bad.html"
browse "$work/bad.html" --log-net-log="$work/bad.json" --screenshot="$work/bad.png"
[ -n "$(asked "$work/bad.json")" ] || fail "requests are not noticed with this $browser"

for look in dark light; do  # that is 0 and 1 for Chromium
  scheme=--blink-settings=preferredColorScheme=$([ $look = dark ] && echo 0 || echo 1)
  for device in desktop:1200 phone:390; do
    width=${device#*:} device=${device%:*}
    shot="$folder/report-$device-$look.png"
    rm -f "$shot"
    browse "$report" "$scheme" --window-size="$width,1600" --screenshot="$shot" \
      --log-net-log="$work/net.json"
    [ -s "$shot" ] || fail "no screenshot $shot"
    [ -z "$(asked "$work/net.json")" ] || fail "asks the network for $(asked "$work/net.json")"
    seen=$(seen "$width" "$scheme")
    [ "$seen" = "data-seen=\"$pictures $pictures 0\"" ] ||
      fail "$device, $look: shown, pictures, too wide by: $seen"
  done
done
echo "$pictures pictures, light and dark, on a desktop and a phone; no requests"
