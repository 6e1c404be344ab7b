#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sizes.sh MODEL.onnx PAYLOAD: their bytes, those of the model under zstd -19, and the ratios.

if [ $# -ne 2 ]; then
	echo "usage: sizes.sh MODEL.onnx PAYLOAD" >&2
	exit 2
fi
model=$(wc -c <"$1") && payload=$(wc -c <"$2") && zstd=$(zstd -q -19 -c "$1" | wc -c) || exit 1

line() { # NAME BYTES
	awk -v name="$1" -v bytes="$2" -v model="$model" 'BEGIN {
		printf "%-32s %9d bytes  %6.2f x smaller\n", name, bytes, model / bytes
	}'
}
echo
line "${1##*/}" "$model"
line "${1##*/}, zstd -19" "$zstd"
line "${2##*/}" "$payload"
