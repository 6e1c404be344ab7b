#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every pipeline that is shipped, end to end, and what its comment promises, measured by tmo-eval.
load helper

# Each pipeline's payload of the model, and what was said, in made/NAME.tar.zst and made/NAME.said.
setup_file() {
	local root=$BATS_TEST_DIRNAME/.. p
	export LC_ALL=C PATH="$BATS_TEST_DIRNAME/../build/bin:$PATH"
	unset TMO_PATH TMO_THREADS
	cd "$BATS_FILE_TMPDIR" || return
	cp "$root/examples/digits.onnx" model.onnx
	mkdir made
	for p in "$root"/pipelines/*.yaml; do
		p=${p##*/} p=${p%.yaml}
		tmo run "$root/pipelines/$p.yaml" -i model.onnx -o "made/$p.tar.zst" 2>"made/$p.said" || return
	done
}

# made PIPELINE: the payload that setup_file made.
made() {
	echo "$BATS_FILE_TMPDIR/made/$(basename "$1" .yaml).tar.zst"
}

model() {
	cp "$root/examples/digits.onnx" model.onnx
	tmo-from-onnx model.onnx -o original.tar
}

# random: a stream without a network, of normal weights, and some that are no weights.
random() {
	mkstream wide:f4:300x200:normal conv:f4:32x16x3x3:normal bias:f4:32:normal steps:i4:5:ramp \
		--seed 3 >original.tar
}

# meets PIPELINE INPUT REQUIREMENT...: the payload is verified, and measured against original.tar.
meets() {
	local pipeline=$1 input=$2 requirements=()
	shift 2
	for r in "$@"; do requirements+=(--require "$r"); done
	tmo run "$root/pipelines/$pipeline.yaml" -i "$input" -o out.tar.zst 2>report
	tmo-unpack --test out.tar.zst
	tmo-eval --reference original.tar "${requirements[@]}" out.tar.zst 2>measured | cmp - out.tar.zst ||
		{ cat measured; return 1; }
	grep -q SQNR report
	rm -f out.tar.zst
}

@test "each pipeline says what it does, when to use it, what to expect, and has a test here" {
	for p in "$root"/pipelines/*.yaml; do
		for text in 'What it does: ' 'When to use it: ' 'What to expect: '; do
			sed '/^[^#]/,$d' "$p" | grep -q "^# $text"
		done
		grep -q '^summary: ' "$p"
		name=${p##*/}
		grep -q "meets ${name%.yaml} model.onnx" "$BATS_TEST_FILENAME"
		grep -q "meets ${name%.yaml} original.tar" "$BATS_TEST_FILENAME"
	done
}

@test "ota-int8" {
	model
	size=$(stat -c %s model.onnx)
	meets ota-int8 model.onnx 'sqnr_db>=24' 'bits_per_weight<=5.2' 'distinct>=160' "stream_bytes<=$((size / 6))"
	random
	meets ota-int8 original.tar 'sqnr_db>=23' 'bits_per_weight<=5.2'
}

@test "ota-int8: a tensor of a few large weights keeps its small ones" {
	python3 - <<-'EOF'
		import random
		import struct
		random.seed(9)
		head = ("{'descr': '<f4', 'fortran_order': False, 'shape': (64, 64), }").ljust(117) + '\n'
		with open('w.npy', 'wb') as f:
		    f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode())
		    f.write(struct.pack('<4096f', *[random.gauss(0, .01) * (5000 if i % 1000 == 5 else 1)
		                                    for i in range(4096)]))
	EOF
	tar cf original.tar w.npy
	meets ota-int8 original.tar 'distinct>=32' 'sparsity<=0.1'
}

@test "int5" {
	model
	size=$(stat -c %s model.onnx)
	meets int5 model.onnx 'sqnr_db>=22' 'bits_per_weight<=5.1' "stream_bytes<=$((size / 6))"
	random
	meets int5 original.tar 'sqnr_db>=20' 'bits_per_weight<=5.2'
}

@test "int6" {
	model
	size=$(stat -c %s model.onnx)
	meets int6 model.onnx 'sqnr_db>=29' 'bits_per_weight<=6.1' "stream_bytes<=$((size / 5))"
	random
	meets int6 original.tar 'sqnr_db>=26' 'bits_per_weight<=6.2'
}

@test "no pipeline empties a tensor or a channel, but those that say so on their first line" {
	for p in "$root"/pipelines/*.yaml; do
		said=$(made "$p")
		said=${said%.tar.zst}.said
		grep -q SQNR "$said"
		grep -q '^summary: .*fine-tuning' "$p" || run ! grep 'lost all of' "$said"
	done
}

@test "half" {
	model
	size=$(stat -c %s model.onnx)
	meets half model.onnx 'sqnr_db>=70' 'bits_per_weight<=16' "stream_bytes<=$((size / 2))"
	random
	meets half original.tar 'sqnr_db>=70'
	mkstream w:f4:2x2:ramp --seed 1 >small.tar
	tmo run "$root/pipelines/half.yaml" --set quant.type=bf16 -i small.tar -o out 2>/dev/null
	tmo-eval --reference small.tar --require 'max_abs_error<=0' out 2>/dev/null >/dev/null
}

@test "int4-groups" {
	model
	size=$(stat -c %s model.onnx)
	meets int4-groups model.onnx 'sqnr_db>=19' 'bits_per_weight<=5.6' "stream_bytes<=$((size / 6))"
	random
	meets int4-groups original.tar 'sqnr_db>=19' 'bits_per_weight<=5.7'
}

@test "cluster-16" {
	model
	size=$(stat -c %s model.onnx)
	meets cluster-16 model.onnx 'sqnr_db>=18' 'bits_per_weight<=4.1' "stream_bytes<=$((size / 8))"
	random
	meets cluster-16 original.tar 'sqnr_db>=18' 'bits_per_weight<=4.1'
}

@test "int8" {
	model
	size=$(stat -c %s model.onnx)
	meets int8 model.onnx 'sqnr_db>=41' 'bits_per_weight<=8.1' "stream_bytes<=$((size / 4))"
	random
	meets int8 original.tar 'sqnr_db>=39' 'bits_per_weight<=8.2'
}

@test "sparse-int8" {
	model
	size=$(stat -c %s model.onnx)
	meets sparse-int8 model.onnx 'sqnr_db>=8' 'sparsity>=0.499' 'bits_per_weight<=8.1' \
		"stream_bytes<=$((size / 6))"
	random
	meets sparse-int8 original.tar 'sqnr_db>=7' 'sparsity>=0.499'
	# in every 4 along the input axis, by another program
	tmo run "$root/pipelines/sparse-int8.yaml" -i model.onnx 2>/dev/null | tmo-decode >out.tar
	values out.tar tensors/hidden.weight.npy | python3 -c '
import sys
rows, n = [float(x) for x in sys.stdin], 0
for i in range(0, len(rows), 4):
    assert sum(x != 0 for x in rows[i:i + 4]) <= 2
    n += 1
assert n > 1000'
}

@test "fixed-point" {
	model
	size=$(stat -c %s model.onnx)
	meets fixed-point model.onnx 'sqnr_db>=37' 'bits_per_weight<=8.1' "stream_bytes<=$((size * 23 / 100))"
	random
	meets fixed-point original.tar 'sqnr_db>=39' 'bits_per_weight<=8.2'
	# each scale is a power of two
	tmo run "$root/pipelines/fixed-point.yaml" -i model.onnx 2>/dev/null | tmo-unpack >out.tar
	for t in conv1 conv2 conv3 hidden scores; do
		values out.tar tensors/$t.weight/scale.npy
	done | python3 -c '
import math, sys
scales = [float(x) for x in sys.stdin]
assert len(scales) == 16 + 32 + 64 + 48 + 10 and all(math.isclose(math.log2(x), round(math.log2(x)), abs_tol=1e-6) for x in scales), scales'
	# channels far below the largest weight stay; one scale for all of them would empty them
	mkstream w:f4:2000x8:ramp >original.tar
	tmo run "$root/pipelines/fixed-point.yaml" -i original.tar -o out.tar.zst 2>said
	run -1 grep 'lost all of their weights' said
	tmo run "$root/pipelines/fixed-point.yaml" --set quant.granularity=tensor -i original.tar \
		-o out.tar.zst 2>said
	grep -q 'output channels lost all of their weights' said
}

@test "each pipeline exports, and what it exports is what the payload decodes to" {
	model
	for p in "$root"/pipelines/*.yaml; do
		tmo run -q "$p" -i model.onnx -o out.npz 2>/dev/null
		tmo-to-npz "$(made "$p")" | cmp - out.npz
		tmo run -q "$p" -i model.onnx -o out.onnx 2>/dev/null
		tmo-to-onnx "$(made "$p")" | cmp - out.onnx
	done
}

@test "the same bytes with any number of threads, twice, and as the line that --dry-run prints" {
	model
	for p in "$root"/pipelines/*.yaml; do
		want=$(made "$p")
		for j in 1 2 7; do
			tmo run -q -j$j "$p" -i model.onnx -o out 2>/dev/null
			cmp "$want" out
		done
		tmo run "$p" -i model.onnx -o line --dry-run >line.sh
		sh line.sh 2>/dev/null
		cmp "$want" line
	done
}

@test "a requirement in a pipeline is a gate: nothing is written if it is not met" {
	model
	cat >gate.yaml <<-'P'
		stages:
		  - quant: {bits: 8}
		  - pack:  {zstd: 19}
		  - eval:
		      reference: "@input"
		      require: ["sqnr_db>=30", "stream_bytes<=200000"]
	P
	tmo run gate.yaml -i model.onnx -o out 2>/dev/null
	[ -s out ]
	rm out
	got=0
	tmo run gate.yaml -i model.onnx -o out --set quant.bits=3 2>err || got=$?
	[ "$got" -eq 1 ]
	grep -q 'tmo: stage 3 (eval): exit 1' err
	grep -q 'tmo-eval: .*sqnr_db' err
	[ ! -e out ]
}

@test "pipelines: a model is known by its content, from a file or through a pipe" {
	tmo run -q "$root/pipelines/half.yaml" -i "$root/examples/digits.onnx" -o want.tar.zst
	# shellcheck disable=SC2002  # a pipe is what this is about
	cat "$root/examples/digits.onnx" | tmo run -q "$root/pipelines/half.yaml" | cmp - want.tar.zst
	tmo-from-onnx "$root/examples/digits.onnx" | tmo run -q "$root/pipelines/half.yaml" |
		cmp - want.tar.zst
	cp "$root/examples/digits.onnx" misnamed.tar
	tmo run -q "$root/pipelines/half.yaml" -i misnamed.tar | cmp - want.tar.zst
	printf abc >short
	fails 1 'neither a tensor stream nor a model' sh -c "cat short | tmo run '$root/pipelines/half.yaml'"
}
