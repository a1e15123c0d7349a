#!/bin/sh
# Makes a Chromium available to the browser tests: `install.sh BIN`, BIN the environment's bin folder.
set -eu
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q chromium >/dev/null && exit 0
fi
"$1/playwright" install chromium || {
  echo "The browser tests need Chromium. Found: none. Install it (Debian: apt-get install chromium) and run again." >&2
  exit 1
}
