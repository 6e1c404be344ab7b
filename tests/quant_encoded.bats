# SPDX-License-Identifier: Apache-2.0
# What tmo-quant makes of tensors that are encoded already.
load helper
load helper/quant

@test "quant: another encoding is decoded first, and -v says so" {
	mkstream w:f4:8x30:normal >in
	tmo-quant <in >eight
	tmo-quant -v -b 4 <eight 2>err >four
	grep -q 'tensors/w: .*decoded first' err
	tmo-decode <eight | tmo-quant -b 4 >want
	tar xf four && mv tensors four.d && tar xf want && diff -r tensors four.d
}

@test "quant: integer codes of no more bits are left as they are" {
	local how
	mkstream w:f4:8x30:normal >in
	tmo-quant -b 4 -g group:10 <in >four
	for how in '' '-b 4' '-b 8 -g tensor' '-a' '-r mse'; do
		# shellcheck disable=SC2086
		tmo-quant -v $how <four 2>err >out
		grep -q 'tensors/w: left as it is: 4 bits already' err
		cmp <(member four tensors/w/codes.npy) <(member out tensors/w/codes.npy)
		cmp <(member four tensors/w/scale.npy) <(member out tensors/w/scale.npy)
	done
	tmo-quant -v --preset tflite <four 2>err >out
	grep -q 'tensors/w: .*decoded first' err
}

@test "quant: once more gives the same codes" {
	local how
	mkstream w:f4:20x33:normal >in
	for how in '-b 8' '-b 3 -g group:8' '-a -g tensor' '--type f16' '--type f8e4m3' '--type nf4' \
		'--scale pow2' '--preset tflite' '--preset onnxruntime -a'; do
		# shellcheck disable=SC2086
		tmo-quant $how <in >once
		# shellcheck disable=SC2086
		tmo-decode <once | tmo-quant $how >twice
		cmp <(member once tensors/w/codes.npy) <(member twice tensors/w/codes.npy)
	done
}

@test "quant: no value of a codebook moves by more than 1/8 of the way to its neighbour" {
	local how first row
	python3 - <<-'EOF'
		import random
		import struct
		random.seed(2)
		head = "{'descr': '<f4', 'fortran_order': False, 'shape': (20, 100), }".ljust(117) + '\n'
		for name, far in (('even', 1), ('far', 2e2), ('huge', 2e5)):
		    with open(name + '.npy', 'wb') as f:
		        f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode())
		        f.write(struct.pack('<2000f', *[
		            random.gauss(0, .01) * (far if i % 400 == 3 else i % 3 > 0) for i in range(2000)]))
	EOF
	tar cf in *.npy
	cat >apart.py <<-'EOF'
		"""apart.py ROW BEFORE AFTER DECODED DECODED: the same codes; no value of ROW elements moved far"""
		import struct
		import sys
		import tarfile

		def members(path):
		    with tarfile.open(path) as tar:
		        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}

		before, after, plain_before, plain_after = map(members, sys.argv[2:])
		row = int(sys.argv[1])  # that share a codebook
		for name in ('even', 'far', 'huge'):
		    codes = 'tensors/%s/codes.npy' % name
		    assert before[codes] == after[codes], codes
		    old, new = (struct.unpack('<2000f', m['tensors/%s.npy' % name][-8000:]) for m in (plain_before, plain_after))
		    for at in range(0, 2000, row):
		        v = sorted(set(zip(old[at:at + row], new[at:at + row])))
		        for i, (x, y) in enumerate(v):
		            gap = min(abs(x - v[k][0]) for k in (i - 1, i + 1) if 0 <= k < len(v))
		            assert abs(x - y) <= gap / 8, (name, x, y, gap)
		            assert x != 0 or y == 0
	EOF
	for first in '-c 4' '-c 32' '-c 8 -g channel' '-c 300'; do
		# shellcheck disable=SC2086
		tmo-cluster $first in >clustered
		tmo-decode clustered >plain
		for how in '' -a '-b 4' '-b 2' '-g tensor' '-r percentile:99' '-s pow2' '-t f16' '-t f8e4m3' \
			'-t f8e4m3 -s none' '-t bf16'; do
			# shellcheck disable=SC2086
			tmo-quant -q $how clustered >out
			tmo-decode out >plain_out
			[[ $first == *channel* ]] && row=100 || row=2000
			python3 apart.py "$row" clustered out plain plain_out || { echo "$first, then $how"; return 1; }
		done
	done
}

@test "quant: a codebook that its bits cannot tell apart becomes f16, or stays, and -v says so" {
	python3 - <<-'EOF'
		import struct
		def npy(name, values):
		    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': (20, 20), }").ljust(117) + '\n'
		    with open(name + '.npy', 'wb') as f:
		        f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode())
		        f.write(struct.pack('<400f', *[values[i % len(values)] for i in range(400)]))
		npy('bits', [0, 10, 20, 30, 100])
		npy('half', [0, 1, 2, 3, 4000])
		npy('stay', [0, 1, 2, 3, 4000000])
	EOF
	tar cf in bits.npy half.npy stay.npy
	tmo-cluster in >clustered
	tmo-quant -v clustered 2>err >out
	grep -q 'tensors/bits: codebook to 8 bits, 1 scale' err
	grep -q 'tensors/half: 8 bits would not keep shared values apart; --merge allows that' err
	grep -q 'tensors/half: codebook to f16' err
	grep -q 'tensors/stay: f16 would not keep shared values apart; --merge allows that' err
	grep -q 'tensors/stay: left as it is' err
	cmp <(member clustered tensors/stay/codebook.npy) <(member out tensors/stay/codebook.npy)
	member out tensors/half/codebook.npy | head -c 60 | grep -aq f2
	tmo-eval --reference in --report eval.json out >same
	[ "$(grep -c '"distinct": 5' eval.json)" -eq 3 ]
	# Merged, as it was asked for: 1, 2, 3 are one value or 0, and the report says how many are left.
	tmo-quant -v --merge clustered 2>err >out
	[ "$(grep -c 'codebook to 8 bits, 1 scale' err)" -eq 3 ]
	tmo-eval --reference in --report eval.json out >same 2>err
	[ "$(grep -c '"distinct": 2' eval.json)" -eq 2 ]
	# once more changes nothing
	tmo-quant clustered >out
	tmo-quant out >twice
	cmp <(member out tensors/bits/codebook.npy) <(member twice tensors/bits/codebook.npy)
	cmp <(member out tensors/half/codebook.npy) <(member twice tensors/half/codebook.npy)
}

@test "quant: what has no more bits already is left as it is, whatever the type" {
	mkstream w:f4:8x30:normal >in
	while IFS='|' read -r first second; do
		# shellcheck disable=SC2086
		tmo-quant $first in >once
		# shellcheck disable=SC2086
		tmo-quant -v $second once 2>err >twice
		grep -q 'tensors/w: left as it is: [1-8] bits already' err
		cmp <(member once tensors/w/codes.npy) <(member twice tensors/w/codes.npy)
	done <<-'END'
		-b 8|-t f16
		-b 8|-t bf16
		-b 4|-t f8e4m3
		-b 4|-t nf4
		-b 2|-t ternary
		-t nf4|-b 8
		-t ternary|-b 4
		-t binary|-t f16
	END
	tmo-cluster -c 12 in | tmo-quant -v -t nf4 2>err >out
	grep -q 'tensors/w: left as it is: 4 bits already' err
	tmo-cluster -c 32 in | tmo-quant --merge | tmo-quant -v -b 4 2>err >out
	grep -q 'tensors/w: left as it is: shared values of few bits already' err
}

@test "quant: a tensor that codes and scales would make larger stays as it is" {
	mkstream one:f4:1x1:normal two:f4:1x2:normal three:f4:1x3:normal book:f4:4x4:normal >in
	tmo-quant -v in 2>err >out
	grep -q 'tensors/one: left as it is: codes and scales would take more room' err
	cmp <(member in tensors/one.npy) <(member out tensors/one.npy)
	grep -q 'tensors/two: 8 bits, 1 scale' err
	# A codebook of 16 floats is larger than 16 weights.
	tmo-quant -v -t nf4 in 2>err >out
	[ "$(grep -c 'left as it is: codes and scales would take more room' err)" -eq 4 ]
	tmo-cluster -v in 2>err >out
	[ "$(grep -c 'left as it is: codes and codebook would take more room' err)" -eq 4 ]
	cmp <(member in tensors/book.npy) <(member out tensors/book.npy)
	# A codebook of one value has no room for a scale.
	mkstream zero:f4:9x9:zeros >zeros
	tmo-cluster zeros | tmo-quant -v 2>err >out
	grep -q 'tensors/zero: 8 bits and scales would take more room than the codebook' err
	grep -q 'tensors/zero: codebook to f16' err
}
