# SPDX-License-Identifier: Apache-2.0
# tmo-quant.
load helper
load helper/quant

# codes_within LOW HIGH STREAM NAME: the smallest and largest code are LOW and HIGH.
codes_within() {
	[ "$(values "$3" "tensors/$4/codes.npy" | sort -n | sed -n '1p;$p' | xargs)" = "$1 $2" ]
}

@test "quant: kernels against a plain computation, and published numbers" {
	unit affine "$root/tests/vectors/quant.txt"
	unit nonuniform "$root/tests/vectors/round.txt"
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
	# A matrix [in, out] has its groups along the other axis: here two rows each.
	tmo-quant -b 4 --axis 1 -g group:2 <rows >a
	[ "$(values a tensors/w/scale.npy | wc -l)" -eq 192 ]
}

@test "quant: where there is no axis for groups or channels it takes what there is" {
	mkstream b:f4:10:normal s:f4:-:normal >in
	tmo-quant -v --only '*' -g group:4 <in >out 2>err
	grep -q '^tmo-quant: tensors/b: .*channels would take more room' err
	grep -q '^tmo-quant: tensors/s: left as it is: codes and scales would take more room' err
	[ "$(shape out tensors/b/scale.npy)" = "(1,)" ]
	cmp <(member in tensors/s.npy) <(member out tensors/s.npy)
	tmo-decode <out >back
	[ "$(members back | grep -c npy)" -eq 2 ]
}

@test "quant: scales never take more room than the weights as they are" {
	mkstream w:f4:24x16:normal h:f2:24x16:normal d:f4:24x1x3x3:normal >in
	tmo-quant -v -g group:1 <in >out 2>err
	grep -q '^tmo-quant: tensors/w: .*, 24 scales; groups would take more room' err
	[ "$(shape out tensors/w/scale.npy)" = "(24, 1)" ]
	[ "$(shape out tensors/d/scale.npy)" = "(24, 1, 1, 1)" ]
	# A scale of four bytes is too much for two halves, not for four.
	tmo-quant -g group:2 <in >out
	[ "$(shape out tensors/w/scale.npy)" = "(24, 8)" ]
	[ "$(shape out tensors/h/scale.npy)" = "(24, 1)" ]
	tmo-quant -g group:4 <in >out
	[ "$(shape out tensors/h/scale.npy)" = "(24, 4)" ]
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
	fails 2 'about integers' tmo-quant --type nf4 --bits 4 in
	fails 2 'about integers' tmo-quant --type f8e4m3 -a in
	fails 2 'round away is about' tmo-quant --type f8e5m2 --round away in
	fails 2 'preset is about' tmo-quant --type ternary --preset tflite in
	fails 2 'scale none is about fp8' tmo-quant --scale none in
	fails 2 'scale none is about fp8' tmo-quant --type nf4 --scale none in
	fails 2 'granularity is about scales' tmo-quant --type f8e4m3 --scale none -g tensor in
	fails 2 'about codes with scales' tmo-quant --type f8e4m3 --scale none --range mse in
	fails 2 'about codes with scales' tmo-quant --type f16 --scale pow2 in
	fails 2 'saturate' tmo-quant --type f8e5m2 --saturate in
	fails 2 'percentile:50' tmo-quant --range percentile:50 in
	fails 2 'percentile:101' tmo-quant --range percentile:101 in
	fails 2 'percentile means nothing' tmo-quant --type ternary --range percentile:99 in
	fails 2 'entropy is about integers' tmo-quant --type nf4 --range entropy in
	fails 2 'only float types' tmo-quant --nan keep in
	fails 2 'only float types' tmo-quant --type binary --nan keep in
}

@test "quant: scales that are powers of two cover the range, and no less would" {
	local how
	mkstream w:f4:30x20:normal d:f8:9x16:uniform >in
	for how in '-b 8' '-b 4 -g group:8' '-b 8 -a' '-t f8e4m3' '-t nf4 -g channel'; do
		# shellcheck disable=SC2086
		tmo-quant --scale pow2 $how <in >out
		tmo-decode out >back
		HOW=$how python <<'END'
import math, os
from weights import load
before, out, back = load("in"), load("out"), load("back")
how = os.environ["HOW"]
steps = {"-b 8": 127, "-b 4 -g group:8": 7, "-b 8 -a": 255, "-t f8e4m3": 448, "-t nf4 -g channel": 1}[how]
for name, row in (("w", 20), ("d", 16)):
    group = 8 if "group" in how else row
    starts = [r + g for r in range(0, len(before[name]), row) for g in range(0, row, group)]
    scales = out[name + "/scale"]
    assert len(starts) == len(scales), (how, name, len(scales))
    for start, s in zip(starts, scales):
        end = min(start + group, start - start % row + row)
        x = before[name][start:end]
        width = max(0, *x) - min(0, *x) if "-a" in how else max(map(abs, x))
        assert math.frexp(s)[0] == 0.5, (how, s)
        assert s * steps >= width * (1 - 1e-6) and s / 2 * steps < width, (how, name, start, s, width)
        if how.startswith("-b"):
            assert all(abs(u - v) <= s * 1.01 for u, v in zip(x, back[name][start:end])), (how, start)
END
	done
	tmo-quant --scale pow2 <in >out
	run ! tar xf out tensors/w/zero_point.npy
}

@test "quant: halves to even, or away from zero" {
	# 127 makes the scale 1; what follows are halves.
	floats f 127 0.5 1.5 2.5 -0.5 -1.5 -2.5 0.49999997 126.5 -126.5 >w.npy
	tar cf in w.npy
	tmo-quant in >even
	tmo-quant --round away in >away
	tmo-quant --preset tflite in >tflite
	tmo-quant --preset tflite --round even in >tflite-even
	[ "$(values even tensors/w/codes.npy | xargs)" = "127 0 2 2 0 -2 -2 0 126 -126" ]
	[ "$(values away tensors/w/codes.npy | xargs)" = "127 1 2 3 -1 -2 -3 0 127 -127" ]
	cmp <(values away tensors/w/codes.npy) <(values tflite tensors/w/codes.npy)
	cmp <(values even tensors/w/codes.npy) <(values tflite-even tensors/w/codes.npy)
}

@test "quant: presets are defaults, and options override them" {
	mkstream conv:f4:6x5x3x3:normal fc:f4:8x10:normal >in
	tmo-quant --preset tflite in >out
	[ "$(shape out tensors/conv/scale.npy)" = "(6, 1, 1, 1)" ]
	[ "$(shape out tensors/fc/scale.npy)" = "(1, 1)" ]
	tmo-quant --preset tflite -g channel in >out
	[ "$(shape out tensors/fc/scale.npy)" = "(8, 1)" ]
	tmo-quant --preset onnxruntime in >out
	[ "$(shape out tensors/conv/scale.npy)" = "(1, 1, 1, 1)" ]
	tmo-quant -g tensor in >plain
	cmp <(member plain tensors/conv/codes.npy) <(member out tensors/conv/codes.npy)
	tmo-quant --preset onnxruntime -a -g channel in >out
	[ "$(shape out tensors/conv/zero_point.npy)" = "(6, 1, 1, 1)" ]
	# onnxruntime's int4 goes to -8, in steps of range / 7.5.
	tmo-quant --preset onnxruntime -b 4 in >out
	python <<'END'
from weights import load, f32
w, out = load("in"), load("out")
for name in ("conv", "fc"):
    scale = f32(max(map(abs, w[name])) / 7.5)
    assert out[name + "/scale"] == [scale]
    assert out[name + "/codes"] == [max(-8, min(7, round(f32(x / scale)))) for x in w[name]]
END
	# Its blocks have the zero point from the rounded scale: 7.4999998, not the 7.5 of a channel.
	floats f -0.01 0.01 -0.01 0.29 -0.01 0.08 >w.npy
	tar cf odd w.npy
	tmo-quant --preset onnxruntime -b 4 -a -g group:2 odd >out
	[ "$(values out tensors/w/zero_point.npy | xargs)" = "7 0 2" ]
	floats f -0.01 0.01 >w.npy
	tar cf odd w.npy
	tmo-quant --preset onnxruntime -b 4 -a -g channel odd >out
	[ "$(values out tensors/w/zero_point.npy)" = 8 ]
	mkstream w:f4:1x70000:ramp >in
	tmo-quant --preset tflite --type f16 in | tmo-decode >back
	values back tensors/w.npy | tail -n 1 | grep -qx 65504
}

@test "quant: --min-sqnr keeps what falls short at 8 bits, or as it came" {
	mkstream a:f4:40x50:normal z:f4:3x4:zeros >in
	tmo-quant -v -b 2 --min-sqnr 1 in >out 2>err
	grep -q 'tensors/a: 2 bits, 40 scales' err
	tmo-quant -v -b 2 --min-sqnr 30 in >out 2>err
	grep -q 'tensors/a: 2 bits would be under 30 dB' err
	grep -q 'tensors/a: 8 bits, 40 scales' err
	grep -q 'tensors/z: 2 bits' err
	tmo-quant in >eight
	cmp <(member eight tensors/a/codes.npy) <(member out tensors/a/codes.npy)
	tmo-quant -v -b 2 --min-sqnr 60 in >out 2>err
	grep -q 'tensors/a: 8 bits would be under 60 dB' err
	grep -q 'tensors/a: left as it is' err
	cmp <(member in tensors/a.npy) <(member out tensors/a.npy)
	tmo-eval --reference in --require 'sqnr_db>=60' <out >same
	# What comes in encoded leaves as it came: codes, and shared values.
	tmo-quant -b 3 --min-sqnr 60 eight >out
	cmp <(member eight tensors/a/codes.npy) <(member out tensors/a/codes.npy)
	cmp <(member eight tensors/a/scale.npy) <(member out tensors/a/scale.npy)
	tmo-cluster --clusters 12 in >clustered
	tmo-quant -b 2 --min-sqnr 99 clustered >out
	cmp <(member clustered tensors/a/codebook.npy) <(member out tensors/a/codebook.npy)
	run ! tar xf out tensors/a/scale.npy
	tmo-quant -v -b 2 --merge --min-sqnr 30 clustered 2>err >out
	grep -q 'tensors/a: codebook to 8 bits' err
	cmp <(member clustered tensors/a/codes.npy) <(member out tensors/a/codes.npy)
}

@test "quant: --min-sqnr counts as tmo-eval does" {
	mkstream a:f4:40x50:normal >in
	tmo-quant -b 4 in >four
	tmo-eval --reference in --report report.json four >same
	python3 - >db <<'END'
import json
row, = json.load(open("report.json"))["tensors"]
print("%.6f %.6f" % (row["sqnr_db"] - 1e-5, row["sqnr_db"] + 1e-5))
END
	tmo-quant -v -b 4 --min-sqnr "$(cut -d' ' -f1 db)" in 2>err >out
	grep -q 'tensors/a: 4 bits, ' err
	tmo-quant -v -b 4 --min-sqnr "$(cut -d' ' -f2 db)" in 2>err >out
	grep -q 'tensors/a: 8 bits, ' err
}

@test "quant: a clustered tensor keeps its codes and gets a quantized codebook" {
	local mode distinct
	mkstream w:f4:16x30:sparse >in
	tmo-cluster --clusters 12 <in >clustered
	for mode in '' '--asymmetric' '--bits 5 -g tensor'; do
		# shellcheck disable=SC2086
		tmo-quant --merge $mode <clustered >out
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
	tmo-quant --merge <clustered >out
	[ "$(shape out tensors/w/scale.npy)" = "(16, 1)" ]
	cmp <(member clustered tensors/w/codes.npy) <(member out tensors/w/codes.npy)
	tmo-quant --type f16 <clustered >out
	member out tensors/w/codebook.npy | head -c 60 | grep -aq f2
	tmo-decode <out >back
}

@test "quant: the same bytes from any number of threads" {
	local how
	mkstream a:f4:300x1000:normal b:f4:3x200000:normal c:f8:100000x3:normal >in
	for how in '-b 8' '-b 4 -g group:32' '-a -g tensor' '--axis 1' '--type bf16' '--type f8e4m3' \
		'--type nf4' '--type ternary' '--type ternary -g tensor' '--type ternary -r mse' \
		'--preset tflite' '-b 3 --min-sqnr 20'; do
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

@test "quant: a map may give single tensors another type" {
	mkstream fc1:f4:30x64:normal fc2:f4:8x64:normal fc3:f4:5x64:normal fc4:f4:5x64:normal >in
	cat >mixed.yaml <<'END'
fc1: {type: f16}
fc3: {type: f8e4m3, scale: none}
fc4: {type: nf4, granularity: channel}
END
	# --bits, --round and groups of the command line mean nothing to a half.
	tmo-quant -v -b 4 -g group:32 --round away --map mixed.yaml in 2>err >out
	grep -qx 'tmo-quant: tensors/fc1: f16' err
	grep -qx 'tmo-quant: tensors/fc2: 4 bits, 16 scales' err
	grep -qx 'tmo-quant: tensors/fc3: f8e4m3' err
	grep -qx 'tmo-quant: tensors/fc4: nf4, 5 scales' err
	tmo-quant --only fc2 -b 4 -g group:32 --round away in | tmo-quant --only fc1 --type f16 >want
	cmp <(member want tensors/fc2/codes.npy) <(member out tensors/fc2/codes.npy)
	cmp <(member want tensors/fc1/codes.npy) <(member out tensors/fc1/codes.npy)
}
