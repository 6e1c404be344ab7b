# SPDX-License-Identifier: Apache-2.0
# tmo-quant: codes that are no integers (fp8, nf4, ternary, binary), and weights that are no numbers.
load helper
load helper/quant

@test "quant: fp8, nf4, ternary and binary decode by the one rule" {
	local type
	mkstream w:f4:12x130:normal h:f2:6x40:normal d:f8:7x20:normal >in
	for type in f8e4m3 f8e5m2 nf4 ternary binary; do
		tmo-quant --type $type <in >$type
		tmo-decode <$type >$type.back
	done
	[ "$(member f8e4m3 tensors/w/tensor.yaml | xargs)" = "shape: [12, 130] dtype: f32 code: f8e4m3 bits: 8" ]
	[ "$(member nf4 tensors/w/tensor.yaml | xargs)" = "shape: [12, 130] dtype: f32 bits: 4 block: [1, 64]" ]
	[ "$(member ternary tensors/d/tensor.yaml | xargs)" = "shape: [7, 20] dtype: f64 bits: 2" ]
	[ "$(member binary tensors/h/tensor.yaml | xargs)" = "shape: [6, 40] dtype: f16 bits: 1" ]
	[ "$(shape nf4 tensors/w/codebook.npy)" = "(1, 1, 16)" ]
	[ "$(shape nf4 tensors/w/scale.npy)" = "(12, 3)" ]
	[ "$(shape binary tensors/w/codebook.npy)" = "(1, 1, 2)" ]
	[ "$(shape f8e4m3 tensors/w/scale.npy)" = "(12, 1)" ]
	python <<'END'
import struct
from weights import load, f32

def fp8(mantissa, bias):
    def value(code):
        e, m = (code & 127) >> mantissa, code & ((1 << mantissa) - 1)
        x = m * 2.0 ** (1 - bias - mantissa) if e == 0 else (1 + m * 2.0 ** -mantissa) * 2.0 ** (e - bias)
        return -x if code > 127 else x
    return value

half = lambda x: struct.unpack("<e", struct.pack("<e", x))[0]
columns, block = {"w": 130, "h": 40, "d": 20}, 64
before = load("in")
errors = {}
for name in ("f8e4m3", "f8e5m2", "nf4", "ternary", "binary"):
    parts, back = load(name), load(name + ".back")
    value = {"f8e4m3": fp8(3, 7), "f8e5m2": fp8(2, 15)}.get(name, lambda code: code)
    for t, n in columns.items():
        book, scale = parts.get(t + "/codebook"), parts[t + "/scale"]
        per_row = len(scale) // (len(before[t]) // n)
        rounded = (lambda x: x) if t == "d" else f32
        for i, code in enumerate(parts[t + "/codes"]):
            v = book[code] if book else value(code)
            w = rounded(v * scale[i // n * per_row + (i % n // block if name == "nf4" else 0)])
            w = half(w) if t == "h" else w
            assert w == back[t][i], (name, t, i, w, back[t][i])
    noise = sum((x - y) ** 2 for x, y in zip(before["w"], back["w"]))
    errors[name] = noise / sum(x * x for x in before["w"])
# What is to be expected of normal numbers: 31, 25, 20, 7 and 4 dB.
assert errors["f8e4m3"] < 1.5e-3 and errors["f8e5m2"] < 5e-3 and errors["nf4"] < 1.5e-2, errors
assert 0.1 < errors["ternary"] < 0.25 < errors["binary"] < 0.45, errors
END
}

@test "quant: tmo-pack and tmo-eval take every type" {
	local type
	mkstream w:f4:12x130:normal h:f2:6x40:normal d:f8:7x20:normal >in
	for type in int f16 bf16 f8e4m3 f8e5m2 nf4 ternary binary; do
		tmo-quant --type $type <in >out
		tmo-pack out >packed
		tmo-unpack packed | cmp - out
		tmo-decode out >back
		tmo-decode packed | cmp - back
		tmo-eval --reference in --report report.json <out | cmp - out
		[ "$(python3 -c 'import json; print(len(json.load(open("report.json"))["tensors"]))')" -eq 3 ]
	done
	# 12 * 130 codes of a bit are 195 bytes.
	tmo-quant --only w --type binary <in | tmo-pack >packed
	member packed tensors.yaml | grep -qF '["codes.npy", "bits1", 0, 195, "u8"]'
}

@test "quant: fp8 without a scale is the plain cast" {
	mkstream w:f4:40x30:normal r:f4:1x600:ramp >in
	tmo-quant --type f8e4m3 --scale none <in >out
	run ! tar xf out tensors/w/scale.npy
	# Ties go to the even code: 17 lies between 16 and 18. What is beyond 448 is cut.
	tmo-decode out >back
	[ "$(values back tensors/r.npy | sed -n '18p;20p;449p;450p;600p' | xargs)" = "16 20 448 448 448" ]
	[ "$(member out tensors/w/tensor.yaml | tail -n 2 | xargs)" = "code: f8e4m3 bits: 8" ]
	tmo-quant -v --type f8e4m3 --scale none out 2>err >again
	cmp <(member out tensors/w/codes.npy) <(member again tensors/w/codes.npy)
	grep -q 'tensors/w: left as it is: f8e4m3 already' err
	mkstream w:f4:1x70000:ramp >in
	fails 1 'tensors/w: 61440 at index 61440 is beyond the largest f8e5m2, 57344; --saturate' \
		tmo-quant --type f8e5m2 --scale none in
	tmo-quant --type f8e5m2 --scale none --saturate in | tmo-decode >back
	values back tensors/w.npy | tail -n 1 | grep -qx 57344
	tmo-quant --type f8e5m2 in | tmo-decode >back
	values back tensors/w.npy | tail -n 1 | grep -qx 69999
}

@test "quant: zeros stay zeros in fp8, nf4 and ternary, and binary refuses them" {
	local type
	mkstream a:f4:16x20:sparse b:f8:9x7x3:sparse c:f2:5x64:sparse >in
	for type in f8e4m3 f8e5m2 nf4 ternary; do
		tmo-quant --type $type <in | tmo-decode >out
		python <<'END'
from weights import load
before, after = load("in"), load("out")
for name in "abc":
    assert all(y == 0 for x, y in zip(before[name], after[name]) if x == 0), name
END
	done
	fails 1 'tmo-quant: tensors/a: 0 at index [0-9]* has no binary code; take --type ternary' \
		tmo-quant --type binary in
}

@test "quant: ternary scales are TWN's, and the best under --range mse" {
	mkstream w:f4:7x40:normal >in
	tmo-quant --type ternary <in >twn
	tmo-quant --type ternary --range mse <in >mse
	for how in twn mse; do tmo-decode $how >$how.back; done
	python <<'END'
from weights import load
w, twn, a, b = (load(x) for x in ("in", "twn", "twn.back", "mse.back"))
for row in range(7):
    x = w["w"][row * 40:row * 40 + 40]
    border = 0.7 * sum(map(abs, x)) / 40
    large = [abs(v) for v in x if abs(v) > border]
    assert abs(twn["w/scale"][row] - sum(large) / len(large)) < 1e-6
    assert twn["w/codes"][row * 40:row * 40 + 40] == [(v > border) - (v < -border) for v in x]
    error = lambda back: sum((u - v) ** 2 for u, v in zip(x, back["w"][row * 40:row * 40 + 40]))
    order = sorted(map(abs, x), reverse=True)
    best = sum(v * v for v in x) - max(sum(order[:k]) ** 2 / k for k in range(1, 41))
    assert abs(error(b) - best) < 1e-5 and error(b) <= error(a) + 1e-6, (row, error(b), best)
END
}

@test "quant: the largest and the least numbers of a type decode to finite ones" {
	local how scale
	many() { # TYPE VALUE...: so many that codes and scales take less room
		local type=$1
		shift
		# shellcheck disable=SC2046
		floats "$type" $(for i in {1..20}; do echo "$@"; done)
	}
	many f 3.4028234e38 -3.4028234e38 1 >a.npy
	many d 1.7976931348623157e308 -1e308 1 >b.npy
	many f 1e-45 -1e-45 3e-45 >c.npy
	many d 5e-324 -5e-324 1e-322 >d.npy
	many d 1e308 1e308 1e308 >e.npy
	tar cf in a.npy b.npy c.npy d.npy e.npy
	for how in '-t int' '-t int -a' '-t int -p tflite' '-t f8e4m3' '-t f8e5m2' '-t nf4' '-t ternary -r mse'; do
		for scale in float pow2; do
			# shellcheck disable=SC2086
			timeout 20 tmo-quant $how --scale $scale in | tmo-decode >"out $how $scale"
		done
	done
	python <<'END'
import glob, math
from weights import load
for path in glob.glob("out *"):
    arrays = load(path)
    assert len(arrays) == 5 and all(map(math.isfinite, sum(arrays.values(), []))), (path, arrays)
END
	fails 1 'tensors/e: weights are too large to be added up' tmo-quant --only e -t binary in
	fails 1 'tensors/e: weights are too large to be added up' tmo-quant --only e -t ternary in
}

@test "quant: --nan zero and keep, where the type allows" {
	local type
	mkstream w:f4:4x10:nan >nan
	mkstream w:f8:4x10:inf >inf
	for type in int f16 f8e4m3 nf4 ternary; do
		tmo-quant -v --type $type --nan zero nan 2>err | tmo-decode >out
		grep -q 'tensors/w: 1 value was NaN or infinite, now 0' err
		values out tensors/w.npy | awk 'NR == 1 && $1 != 0 { exit 1 }'
		tmo-quant --type $type --nan zero inf | tmo-decode >out
		values out tensors/w.npy | awk 'NR == 1 && $1 != 0 { exit 1 }'
	done
	fails 1 '0 at index 0 has no binary code' tmo-quant --type binary --nan zero nan
	for type in f16 bf16 'f8e5m2 --scale none' f8e5m2 f8e4m3 'f8e4m3 --scale none'; do
		# shellcheck disable=SC2086
		tmo-quant --type $type --nan keep nan | tmo-decode >out
		[ "$(values out tensors/w.npy | sed -n 1p)" = nan ]
		[ "$(values out tensors/w.npy | grep -c nan)" -eq 1 ]
		# shellcheck disable=SC2086
		tmo-quant --type $type --nan keep inf | tmo-decode >out
		case $type in
		f8e4m3*none) [ "$(values out tensors/w.npy | sed -n 1p)" = 448.0 ] ;;
		f8e4m3) [ "$(values out tensors/w.npy | grep -c inf)" -eq 0 ] ;;
		*) [ "$(values out tensors/w.npy | sed -n 1p)" = inf ] ;;
		esac
		# shellcheck disable=SC2086
		fails 1 'tmo-quant: tensors/w: NaN at index 0; ' tmo-quant --type $type nan
	done
}

@test "quant: what falls short with NaN or infinity kept leaves as it came" {
	local type name
	mkstream nan:f4:4x10:nan inf:f8:4x10:inf all:f4:4x10:normal >in
	for type in f8e5m2 f8e4m3 'f8e5m2 --scale none' 'f8e4m3 --scale none'; do
		# shellcheck disable=SC2086
		tmo-quant -v --type $type --nan keep --min-sqnr 40 in >out 2>err
		for name in nan inf; do
			grep -q "tensors/$name: left as it is: it would lose too much" err
			cmp <(member in tensors/$name.npy) <(member out tensors/$name.npy)
		done
		grep -q 'tensors/all: 8 bits, ' err
	done
	# Infinity became 448 steps: however near the rest is, that is no dB at all.
	tmo-quant -v --type f8e4m3 --nan keep --min-sqnr 1 in >out 2>err
	grep -q 'tensors/nan: f8e4m3, 4 scales' err
	grep -q 'tensors/inf: left as it is' err
}

@test "quant: types of few values decode a codebook first, fp8 keeps it" {
	mkstream w:f4:16x64:normal >in
	tmo-cluster --clusters 20 <in >clustered
	tmo-quant -v --type nf4 clustered 2>err >out
	grep -q 'tensors/w: nf4, 16 scales; was decoded first' err
	tmo-decode clustered | tmo-quant --type nf4 >want
	cmp <(member want tensors/w/codes.npy) <(member out tensors/w/codes.npy)
	tmo-cluster --clusters 12 <in >clustered
	for how in '' '--scale none'; do
		# shellcheck disable=SC2086
		tmo-quant -v --merge --type f8e4m3 $how clustered 2>err >out
		grep -q 'tensors/w: codebook to f8e4m3' err
		cmp <(member clustered tensors/w/codes.npy) <(member out tensors/w/codes.npy)
		member out tensors/w/codebook.npy | head -c 60 | grep -aq f2
		tmo-decode out >back
		[ "$(values back tensors/w.npy | sort -u | wc -l)" -le 12 ]
	done
	# The values are fp8's own: their halves end in seven zero bits.
	member out tensors/w/codebook.npy | tail -c 24 | od -An -v -tu2 -w2 | awk '$1 % 128 != 0 { exit 1 }'
}

@test "quant: a number that the tensor's own type cannot hold is refused, or cut by --saturate" {
	local how
	mkdir tensors
	python3 - <<-'EOF'
		import struct
		head = ("{'descr': '<f2', 'fortran_order': False, 'shape': (4, 4), }").ljust(117) + '\n'
		for name, values in (('w', [65504, 1, -65504, 65408]), ('fits', [65280, 65376, -65280, 0])):
		    with open('tensors/' + name + '.npy', 'wb') as f:
		        f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode())
		        f.write(struct.pack('<16e', *values * 4))
	EOF
	tar cf in tensors/w.npy
	fails 1 '65504 at index 0 is beyond the largest bf16 that f16 can hold, 65280; --saturate cuts it' \
		tmo-quant -t bf16 in
	tmo-quant -t bf16 --saturate in | tmo-decode >out
	[ "$(values out tensors/w.npy | sort -gu | tr '\n' ' ')" = '-65280.0 1.0 65280.0 ' ]
	# as a codebook too
	tmo-cluster --no-keep-zeros in >clustered
	fails 1 'bf16 that f16 can hold, 65280; ' tmo-quant --merge -t bf16 clustered
	tmo-quant --merge -t bf16 --saturate clustered | tmo-decode >out
	[ "$(values out tensors/w.npy | sort -gu | tr '\n' ' ')" = '-65280.0 1.0 65280.0 ' ]
	tar cf in tensors/fits.npy
	tmo-quant -t bf16 in | tmo-decode >out
	[ "$(values out tensors/fits.npy | sort -gu | tr '\n' ' ')" = '-65280.0 0.0 65280.0 ' ]
	# no other type decodes to more than its tensor can hold
	for how in f16 f8e4m3 f8e5m2 'f8e4m3 -s none' 'f8e5m2 -s none --saturate' int nf4 'ternary -r mse'; do
		# shellcheck disable=SC2086
		tmo-quant -t $how in | tmo-decode >out
		run ! grep -q inf <(values out tensors/fits.npy)
	done
}
