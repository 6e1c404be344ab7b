#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# same_bytes.sh BIN OTHER_BIN: the programs of two builds (compilers, flags, processors) write the same
# bytes. mkstream is looked for in PATH. Ends with "N passed, N failed".
set -u -o pipefail
one=$(cd "$1" && pwd) other=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

mkstream a:f4:64x300:normal b:f4:16x8x3x3:sparse c:f2:30x20:normal d:f8:20x30:normal \
	e:f4:1x1:normal f:f4:0x3:zeros g:f4:33x129:uniform h:i4:7x7:ramp >plain.tar
mkstream a:f4:64x300:uniform b:f4:16x8x3x3:uniform c:f2:30x20:uniform g:f4:33x129:uniform |
	"$one/tmo-quant" --skip '*' >other.tar # any second stream of the same names

compare() { # COMMAND, with the programs of either build first in PATH
	local a b
	a=$(PATH=$one:$PATH bash -o pipefail -c "$1" 2>/dev/null | sha256sum; echo "${PIPESTATUS[0]}")
	b=$(PATH=$other:$PATH bash -o pipefail -c "$1" 2>/dev/null | sha256sum; echo "${PIPESTATUS[0]}")
	if [ "$a" = "$b" ] && [ "${a##*$'\n'}" = 0 ]; then
		echo "ok: $1"
	else
		echo "not ok: $1 (${a##*$'\n'}, ${b##*$'\n'})"
	fi
}
export -f compare
export one other

commands() { # one a line
	local options
	for options in '' '--bits 2' '--bits 4 --granularity group:32' '--bits 3 --granularity group:7 --asymmetric' \
		'--granularity tensor --asymmetric' '--type f16' '--type bf16' '--type f8e4m3' '--type f8e5m2' \
		'--type nf4' '--type ternary' '--type binary --skip b' '--range mse --bits 4' '--range mse --asymmetric' \
		'--range mse --bits 4 --granularity group:32' '--range percentile:99.5' '--range entropy' \
		'--scale pow2' '--scale pow2 --range mse' '--round away' '--preset tflite' '--preset onnxruntime'; do
		echo "tmo-quant $options <plain.tar"
	done
	for options in '' '--scope global' '--pattern 2:4' '--pattern block:2x4' '--pattern channel:l2' \
		'--criterion random' '--scope global --normalize' '--sparsity 0.9 --ties keep'; do
		echo "tmo-prune $options <plain.tar"
	done
	for options in '--clusters 16' '--clusters 300' '--clusters 5 --granularity channel' \
		'--clusters 16 --init kmeans++' '--clusters 16 --init density' '--clusters 16 --init linear' \
		'--clusters 16 --init random' '--clusters 4 --granularity group:16'; do
		echo "tmo-cluster $options <plain.tar"
	done
	echo 'tmo-prune plain.tar | tmo-cluster --clusters 8 | tmo-quant | tmo-pack --zstd 9'
	echo 'tmo-quant plain.tar | tmo-pack | tmo-unpack | tmo-decode'
	echo 'tmo-to-npz plain.tar'
	echo 'tmo-to-safetensors plain.tar | tmo-from-safetensors'
	echo 'tmo-quant plain.tar | tmo-eval --reference plain.tar 2>&1 >/dev/null'
	echo "tmo-from-onnx '$here/examples/digits.onnx' | tmo-quant | tmo-to-onnx"
	echo "tmo-from-onnx '$here/examples/digits.onnx' | tmo-quant --bits 4 --granularity group:16 | tmo-to-onnx"
	echo "tmo run -q '$here/pipelines/ota-int8.yaml' -i '$here/examples/digits.onnx'"
}

commands >list
# shellcheck disable=SC2016  # $0 is the inner shell's
xargs -d '\n' -P "$(getconf _NPROCESSORS_ONLN)" -n 1 bash -c 'compare "$0"' <list >results
grep -v '^ok: ' results
passed=$(grep -c '^ok: ' results)
failed=$(($(wc -l <list) - passed))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
