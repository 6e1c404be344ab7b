# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# tmo.bash: what the tests of the driver share. The plugins are in examples/plugins.

setup() {
	tmo_setup
	export TMO_PATH=$root/examples/plugins
	mkstream a:f4:16x3:normal b:f4:10:normal --seed 1 >in.tar
}

# pipeline STAGE...: p.yaml with these stages.
pipeline() {
	{ echo 'stages:'; printf '  - %s\n' "$@"; } >p.yaml
}

# plugin FOLDER NAME COMMAND: a program of one line.
plugin() {
	mkdir -p "$1"
	printf '#!/bin/sh\n%s\n' "$3" >"$1/tmo-$2"
	chmod +x "$1/tmo-$2"
}
