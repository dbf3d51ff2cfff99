#!/bin/sh
# Rebuilds the vendored web assets from npm. Run it after changing style/ or a
# version below, and commit what it writes: go build needs no Node.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
echo '{"private":true}' >package.json
# htmx.org stays on 2.x: the npm tag "latest" is 4.x, which htmx-ext-sse cannot use.
npm install --silent --no-audit --no-fund --save-exact --ignore-scripts \
	govuk-frontend@6.6.0 sass@1.108.2 htmx.org@2.0.11 htmx-ext-sse@2.2.4 axe-core@4.14.1

cp -R "$here/style" style
npx sass --pkg-importer=node --style=compressed --no-source-map --quiet-deps \
	style/office.scss "$here/assets/office.css"

cp node_modules/htmx.org/dist/htmx.min.js "$here/assets/htmx.min.js"
cp node_modules/htmx-ext-sse/dist/sse.min.js "$here/assets/htmx-sse.min.js"
cp node_modules/axe-core/axe.min.js "$here/axetest/axe.min.js"

# The npm package of govuk-frontend carries no licence text; ours is a copy of
# LICENSE.txt in its repository and stays as it is.
cp node_modules/htmx.org/LICENSE "$here/assets/LICENSES/htmx.txt"
cp node_modules/htmx-ext-sse/LICENSE "$here/assets/LICENSES/htmx-ext-sse.txt"
cp node_modules/axe-core/LICENSE "$here/axetest/LICENSE"
cp node_modules/axe-core/LICENSE-3RD-PARTY.txt "$here/axetest/LICENSE-3RD-PARTY.txt"

if grep -Eq 'GDS Transport|@font-face|url\(' "$here/assets/office.css"; then
	echo "office.css still carries a font or an image of GOV.UK's brand" >&2
	exit 1
fi
