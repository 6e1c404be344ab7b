# SPDX-License-Identifier: Apache-2.0
# tmo-quant.
load helper

# shape STREAM NAME.npy: the array's shape, as its header has it.
shape() {
	member "$1" "$2" | head -c 128 | tr '\0' ' ' | sed -n "s/.*'shape': \(([^)]*)\).*/\1/p"
}

# codes_within LOW HIGH STREAM NAME: the smallest and largest code are LOW and HIGH.
codes_within() {
	[ "$(values "$3" "tensors/$4/codes.npy" | sort -n | sed -n '1p;$p' | xargs)" = "$1 $2" ]
}

@test "quant: kernels against a plain computation, and published numbers" {
	unit quant "$root/tests/vectors/quant.txt"
	unit cast
}

@test "quant: codes span what the width has, and no more" {
	local bits
	mkstream w:f4:40x50:normal >in
	for bits in 2 3 8; do
		tmo-quant --bits $bits <in >out
		codes_within $((1 - (1 << (bits - 1)))) $(((1 << (bits - 1)) - 1)) out w
		run ! tar xf out tensors/w/zero_point.npy
		tmo-quant --bits $bits --asymmetric <in >out
		codes_within 0 $(((1 << bits) - 1)) out w
		[ "$(member out tensors/w/tensor.yaml | grep bits)" = "bits: $bits" ]
	done
}

# Python with tests/helper's weights.py.
python() {
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/tests/helper python3 -
}

@test "quant: decoded weights are at most half a step away" {
	mkstream w:f4:8x5x3x3:normal w2:f8:6x20:uniform >in
	python <<'END'
from weights import load, run
for bits in (2, 4, 8):
    for mode in ("--symmetric", "--asymmetric"):
        run(f"tmo-quant --bits {bits} {mode} <in >out && tmo-decode <out >back")
        before, out, back = load("in"), load("out"), load("back")
        for name in ("w", "w2"):
            scale = out[name + "/scale"]
            n = len(before[name]) // len(scale)
            for i, (x, y) in enumerate(zip(before[name], back[name])):
                assert abs(x - y) <= 0.5001 * scale[i // n], (bits, mode, name, i, x, y)
END
}

@test "quant: a zero stays a zero, in every width and granularity" {
	mkstream a:f4:16x20:sparse b:f8:9x7x3:sparse c:f2:5x64:sparse >in
	python <<'END'
from weights import load, run
before = load("in")
for bits in (2, 5, 8):
    for mode in ("--symmetric", "--asymmetric"):
        for how in ("tensor", "channel", "group:7"):
            run(f"tmo-quant -b {bits} {mode} -g {how} <in | tmo-decode >out")
            after = load("out")
            for name in "abc":
                assert all(y == 0 for x, y in zip(before[name], after[name]) if x == 0), name
END
}

@test "quant: scales have the shape of their granularity" {
	mkstream w:f4:16x6x3x5:normal >in
	tmo-quant <in >out
	[ "$(shape out tensors/w/scale.npy)" = "(16, 1, 1, 1)" ]
	tmo-quant -g tensor <in >out
	[ "$(shape out tensors/w/scale.npy)" = "(1, 1, 1, 1)" ]
	tmo-quant --axis 1 --asymmetric <in >out
	[ "$(shape out tensors/w/scale.npy)" = "(1, 6, 1, 1)" ]
	[ "$(shape out tensors/w/zero_point.npy)" = "(1, 6, 1, 1)" ]
	tmo-quant -g group:4 <in >out
	[ "$(shape out tensors/w/scale.npy)" = "(16, 2, 3, 5)" ]
	[ "$(member out tensors/w/tensor.yaml | grep block)" = "block: [1, 4, 1, 1]" ]
	tmo-quant -g group:6 <in >out
	[ "$(shape out tensors/w/scale.npy)" = "(16, 1, 3, 5)" ]
	run ! grep -a block out
	[ "$(member out tensors/w/codes.npy | wc -c)" -eq $((128 + 16 * 6 * 3 * 5)) ]
}

@test "quant: groups are the channels of a matrix of groups" {
	mkstream w:f4:6x64:normal --seed 3 >rows
	mkstream w:f4:24x16:normal --seed 3 >groups
	cmp <(values rows tensors/w.npy) <(values groups tensors/w.npy)
	tmo-quant -b 4 -g group:16 <rows >a
	tmo-quant -b 4 <groups >b
	cmp <(values a tensors/w/codes.npy) <(values b tensors/w/codes.npy)
	cmp <(values a tensors/w/scale.npy) <(values b tensors/w/scale.npy)
	# A matrix [in, out] has its groups along the other axis: each row is a group of one.
	tmo-quant -b 4 --axis 1 -g group:1 <rows >a
	[ "$(values a tensors/w/scale.npy | wc -l)" -eq 384 ]
}

@test "quant: where there is no axis for groups or channels it takes what there is" {
	mkstream b:f4:10:normal s:f4:-:normal >in
	tmo-quant -v --only '*' -g group:4 <in >out 2>err
	grep -q '^tmo-quant: tensors/b: .*no input axis' err
	grep -q '^tmo-quant: tensors/s: .*no output axis' err
	[ "$(shape out tensors/b/scale.npy)" = "(10,)" ]
	[ "$(shape out tensors/s/scale.npy)" = "()" ]
	tmo-decode <out >back
	[ "$(members back | grep -c npy)" -eq 2 ]
}

@test "quant: all zeros and a single value" {
	mkstream z:f4:3x4:zeros o:f4:3x4:ones e:f4:0x3:normal >in
	for mode in --symmetric --asymmetric; do
		tmo-quant $mode <in >out
		[ "$(values out tensors/z/scale.npy | sort -u)" = 1 ]
		tmo-decode <out >back
		for name in z o e; do
			cmp <(member in tensors/$name.npy) <(member back tensors/$name.npy)
		done
	done
}

@test "quant: f64 is computed and kept in f64" {
	mkstream w:f8:4x9:normal >in
	tmo-quant <in >out
	[ "$(member out tensors/w/tensor.yaml | grep dtype)" = "dtype: f64" ]
	member out tensors/w/scale.npy | head -c 60 | grep -aq f8
	python3 - <(values in tensors/w.npy) <(values out tensors/w/codes.npy) <<'END'
import sys
w = [float(x) for x in open(sys.argv[1])]
codes = [int(x) for x in open(sys.argv[2])]
for row in range(4):
    part = w[row * 9:row * 9 + 9]
    scale = max(abs(x) for x in part) / 127
    assert [round(x / scale) for x in part] == codes[row * 9:row * 9 + 9], row
END
}

@test "quant: f16 and bf16, and what is so already" {
	mkstream w:f4:5x7:normal h:f2:5x7:normal >in
	tmo-quant -v --type f16 <in >out 2>err
	grep -q 'tensors/h: left as it is: f16' err
	cmp <(member in tensors/h.npy) <(member out tensors/h.npy)
	[ "$(member out tensors/w/tensor.yaml | grep -v shape | xargs)" = "dtype: f32 code: f16 bits: 16" ]
	paste <(values in tensors/w.npy) <(values out tensors/w/codes.npy) >pairs
	python3 - pairs <<'END'
import struct, sys
for line in open(sys.argv[1]):
    x, code = line.split()
    x = struct.unpack("<f", struct.pack("<f", float(x)))[0]
    assert struct.pack("<e", x) == struct.pack("<H", int(code)), line
END
	tmo-quant -v --type f16 <out 2>err | tmo-decode >back
	grep -q 'tensors/w: left as it is: f16' err
	tmo-decode <out | cmp <(member back tensors/w.npy) <(tar xOf - tensors/w.npy)
	tmo-quant --type bf16 <in >out
	paste <(values in tensors/w.npy) <(values out tensors/w/codes.npy) >pairs
	python3 - pairs <<'END'
import struct, sys
for line in open(sys.argv[1]):
    x, code = line.split()
    bits = struct.unpack("<I", struct.pack("<f", float(x)))[0]
    assert (bits + 0x7FFF + (bits >> 16 & 1)) >> 16 == int(code), line
END
	[ "$(member out tensors/h/tensor.yaml | grep -v shape | xargs)" = "dtype: f16 code: bf16 bits: 16" ]
}

@test "quant: what is beyond f16 is an error by tensor and index, or cut" {
	mkstream a:f4:2x3:normal w:f4:2x40000:ramp >in
	fails 1 'tmo-quant: tensors/w: 65520 at index 65520 is beyond the largest f16, 65504; --saturate' \
		tmo-quant --type f16 in
	tmo-quant --type f16 --saturate in | tmo-decode >out
	values out tensors/w.npy | tail -n 1 | grep -qx 65504
	tmo-quant --type bf16 in >out
}

@test "quant: NaN and infinity are errors by tensor and index" {
	local how
	mkstream a:f4:2x3:normal w:f4:4x10:nan >nan
	mkstream w:f8:4x10:inf >inf
	for how in '-g tensor' '-g channel' '-g group:3' '--axis 1' '--type f16 --saturate' '--type bf16'; do
		# shellcheck disable=SC2086
		fails 1 'tmo-quant: tensors/w: NaN at index 0; ' tmo-quant $how nan
		# shellcheck disable=SC2086
		fails 1 'tmo-quant: tensors/w: infinity at index 0; ' tmo-quant $how inf
	done
	tmo-quant --skip w <nan >out
}

@test "quant: options that mean nothing together are refused" {
	mkstream w:f4:2x3:normal >in
	fails 2 'exclude each other' tmo-quant --symmetric --asymmetric in
	fails 2 'group:0' tmo-quant -g group:0 in
	fails 2 'group:2.5' tmo-quant -g group:2.5 in
	fails 2 'about integers' tmo-quant --type f16 --bits 4 in
	fails 2 'about integers' tmo-quant --type bf16 -a in
	fails 2 'about integers' tmo-quant --type bf16 -g tensor in
	fails 2 'saturate' tmo-quant --saturate in
	fails 2 'bits' tmo-quant --bits 9 in
	fails 2 'bits' tmo-quant --bits 1 in
}

@test "quant: a clustered tensor keeps its codes and gets a quantized codebook" {
	local mode distinct
	mkstream w:f4:16x30:sparse >in
	tmo-cluster --clusters 12 <in >clustered
	for mode in '' '--asymmetric' '--bits 5 -g tensor'; do
		# shellcheck disable=SC2086
		tmo-quant $mode <clustered >out
		cmp <(member clustered tensors/w/codes.npy) <(member out tensors/w/codes.npy)
		cmp <(member clustered tensors/w/tensor.yaml) <(member out tensors/w/tensor.yaml)
		[ "$(shape out tensors/w/scale.npy)" = "(1, 1)" ]
		member out tensors/w/codebook.npy | head -c 60 | grep -aqE 'i1|u1'
		tmo-decode <out >back
		distinct=$(values back tensors/w.npy | sort -u | wc -l)
		[ "$distinct" -le 12 ]
		paste <(values in tensors/w.npy) <(values back tensors/w.npy) |
			awk '$1 == 0 && $2 != 0 { exit 1 }'
	done
	tmo-cluster --clusters 4 --granularity channel <in >clustered
	tmo-quant <clustered >out
	[ "$(shape out tensors/w/scale.npy)" = "(16, 1)" ]
	cmp <(member clustered tensors/w/codes.npy) <(member out tensors/w/codes.npy)
	tmo-quant --type f16 <clustered >out
	member out tensors/w/codebook.npy | head -c 60 | grep -aq f2
	tmo-decode <out >back
}

@test "quant: another encoding is decoded first, and -v says so" {
	mkstream w:f4:8x30:normal >in
	tmo-quant <in >eight
	tmo-quant -v -b 4 <eight 2>err >four
	grep -q 'tensors/w: .*decoded first' err
	tmo-decode <eight | tmo-quant -b 4 >want
	tar xf four && mv tensors four.d && tar xf want && diff -r tensors four.d
}

@test "quant: once more gives the same codes" {
	local how
	mkstream w:f4:20x33:normal >in
	for how in '-b 8' '-b 3 -g group:8' '-a -g tensor' '--type f16'; do
		# shellcheck disable=SC2086
		tmo-quant $how <in >once
		# shellcheck disable=SC2086
		tmo-decode <once | tmo-quant $how >twice
		cmp <(member once tensors/w/codes.npy) <(member twice tensors/w/codes.npy)
	done
}

@test "quant: the same bytes from any number of threads" {
	local how
	mkstream a:f4:300x1000:normal b:f4:3x200000:normal c:f8:100000x3:normal >in
	for how in '-b 8' '-b 4 -g group:32' '-a -g tensor' '--axis 1' '--type bf16'; do
		# shellcheck disable=SC2086
		tmo-quant -j 1 $how <in >one
		# shellcheck disable=SC2086
		tmo-quant -j 2 $how <in | cmp one
		# shellcheck disable=SC2086
		tmo-quant -j 7 $how <in | cmp one
	done
}

@test "quant: the history says what was done, and no more" {
	mkstream w:f4:2x3:normal | tmo-quant -b 4 -g group:2 -j 2 -q | tmo-quant --type f16 >out
	member out model.yaml >history
	grep -q 'bits: 4' history
	grep -q 'group:2' history
	grep -q 'type: f16' history
	run ! grep -E 'thread|quiet|symmetric' history
}
