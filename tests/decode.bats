# SPDX-License-Identifier: Apache-2.0
# tmo-decode.
load helper

@test "decode: (code - zero point) * scale, by channel" {
	mkstream w:f4:3x4:normal >in
	tmo-quant --asymmetric <in >out
	tmo-decode <out >back
	python3 - <(values out tensors/w/codes.npy) <(values out tensors/w/scale.npy) \
		<(values out tensors/w/zero_point.npy) <(values back tensors/w.npy) <<'END'
import struct, sys
f32 = lambda x: struct.unpack("<f", struct.pack("<f", x))[0]
codes, scale, zero, w = ([float(x) for x in open(name)] for name in sys.argv[1:])
for i in range(12):
    assert f32((codes[i] - zero[i // 4]) * f32(scale[i // 4])) == f32(w[i]), i
END
}

@test "decode: gives each tensor its own type back, in its place" {
	mkstream a:f4:4x5:normal b:f2:4x5:normal c:f8:4x5:normal bias:f4:5:normal i:i8:3x3:ramp >in
	tmo-quant <in | tmo-decode >out
	cmp <(members in) <(members out | grep -v model.yaml)
	for name in a b c bias i; do
		cmp <(member in tensors/$name.npy | head -c 128) <(member out tensors/$name.npy | head -c 128)
	done
	tmo-cluster --clusters 4 --granularity channel <in | tmo-quant | tmo-decode >out
	cmp <(members in) <(members out | grep -v model.yaml)
}

@test "decode: what is plain passes byte for byte" {
	mkstream a:f4:4x5:nan b:f2:4x5:inf i:u2:3x3:ramp t:b1:7:ramp s:f8:-:normal e:f4:0x3:ones >in
	tmo-decode <in >out
	members in | while read -r name; do
		cmp <(member in "$name") <(member out "$name")
	done
	# Also .npy members as other programs write them: a header of other length, outside tensors/.
	mkdir other
	{ printf '\223NUMPY\1\0\107\0'
	  printf "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }%11s\n" ''
	  printf '\0\1\2\3\4\5\6\7'; } >other/x.npy
	tar cf foreign other/x.npy
	tmo-decode <foreign >out
	cmp other/x.npy <(member out other/x.npy)
}

@test "decode: also what a filter would leave alone, unless told otherwise" {
	mkstream w:f4:4x5:normal bias:f4:5:normal >in
	tmo-quant --only '*' <in >all
	tmo-decode <all >out
	[ "$(members out | grep -c 'npy$')" -eq 2 ]
	tmo-decode --skip bias <all >out
	members out | grep -x tensors/bias/codes.npy
	members out | grep -x tensors/w.npy
}

@test "decode: types that .npy has no name for stay encoded, and -v says so" {
	mkdir -p tensors/w
	mkstream c:u2:2x3:ramp | tar xOf - tensors/c.npy >tensors/w/codes.npy
	printf 'shape: [2, 3]\ndtype: bf16\ncode: bf16\nbits: 16\n' >tensors/w/tensor.yaml
	tar cf in tensors/w/tensor.yaml tensors/w/codes.npy
	tmo-decode -v <in >out 2>err
	grep -q 'tensors/w: left as it is: .npy has no bf16' err
	cmp tensors/w/codes.npy <(member out tensors/w/codes.npy)
	cmp tensors/w/tensor.yaml <(member out tensors/w/tensor.yaml)
	tmo-quant <in | tmo-decode >out
	members out | grep -x tensors/w/codes.npy
}

@test "decode: a code beyond the codebook is an error by index" {
	mkstream w:f4:4x8:normal | tmo-cluster --clusters 4 >in
	tar xf in
	{ head -c -1 tensors/w/codes.npy; printf '\7'; } >x && mv x tensors/w/codes.npy
	tar cf bad tensors/w/tensor.yaml tensors/w/codes.npy tensors/w/codebook.npy
	fails 1 'tmo-decode: tensors/w: code at index 31 is beyond the codebook of 4 values' tmo-decode bad
}
