# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# onnx.bash: what the tests of tmo-from-onnx and tmo-to-onnx share.

# import LINE...: the model of these lines as ./m.onnx, its stream as ./s, its graph shown as ./graph.
import() {
	mkonnx "$@" >m.onnx
	tmo-from-onnx m.onnx >s
	member s graph.onnx | showonnx >graph
}

# has LINE: a line of ./graph.
has() {
	grep -Fqx -- "$1" graph || { echo "no line \"$1\" in:"; cat graph; return 1; }
}

# lacks PATTERN: no line of ./graph matches.
lacks() {
	! grep -q -- "$1" graph || { echo "a line with \"$1\" in:"; cat graph; return 1; }
}

# What mkonnx puts into element i, times a factor.
elements() {
	awk -v n="$1" -v f="$2" 'BEGIN { for (i = 0; i < n; i++) print (7 * i + 3) % 101 * f }'
}

numbers() {
	values "$1" "$2" | awk '{ print $1 + 0 }'
}
