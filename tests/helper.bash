# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# helper.bash: what all test files load. Each test runs in its own empty folder, with the programs
# that were built here first on PATH. Streams go to files and cmp: `run` drops NUL bytes.

bats_require_minimum_version 1.5.0
set -o pipefail

root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)

tmo_setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset TMO_PATH TMO_THREADS NO_COLOR
	export PYTHONDONTWRITEBYTECODE=1 # tests write into their own folders only
	export LC_ALL=C TMPDIR=$BATS_TEST_TMPDIR PATH="$root/build/bin:$root/build/tests:$PATH"
	case $(command -v tmo-quant) in
	'' | "$root"/build/bin/*) ;;
	*) echo "tmo-quant is not the one that was built here; run make" >&2; return 1 ;;
	esac
}

setup() {
	tmo_setup
}

# fails 1|2 PATTERN CMD...: CMD ends with that status and one line on stderr that matches; a crash
# is no failure. Its output is in ./out, its messages in ./err.
fails() {
	local want=$1 pattern=$2 got=0 lines
	shift 2
	"$@" >out 2>err || got=$?
	mapfile lines <err
	if [ "$got" -ne "$want" ] || [ "${#lines[@]}" -ne 1 ] || [[ ${lines[0]} != *$'\n' ]] ||
		! grep -q -- "$pattern" err; then
		echo "status $got, wanted $want and one line with '$pattern'; stderr:"
		cat err
		return 1
	fi
}

# members STREAM: the names of its members, one a line. tar as other people's witness; that the
# reader of a pipe leaves early, as grep -q and head do, is no failure of tar's.
members() {
	tar tf "$1" || [ $? -eq 141 ]
}

# member STREAM NAME: that member's bytes.
member() {
	tar xOf "$1" "$2" || [ $? -eq 141 ]
}

# values STREAM NAME.npy: its elements, one a line; floats as Python writes them (f32: rounded to
# 9 digits, which are enough to tell any two apart).
values() {
	member "$1" "$2" | python3 "$root/tests/helper/npy.py"
}

# unit NAME [ARG...]: runs build/tests/unit-NAME.
unit() {
	local name=$1
	shift
	"$root/build/tests/unit-$name" "$@"
}

# sanitized: whether the programs are built with sanitizers, which need memory of their own.
sanitized() {
	grep -q -- '^CFLAGS = .*-fsanitize=' "$root/config.mk"
}
