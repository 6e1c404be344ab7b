# SPDX-License-Identifier: Apache-2.0
# tmo-pack and tmo-unpack: what goes in comes out, and what is damaged does not.

load helper

# odd [small]: a stream with one of everything, as tmo writes it, in odd.tar.
odd() {
	python3 "$root/tests/helper/oddstream.py" "$@" | tmo-unpack >odd.tar
}

# witness PACKED PLAIN: the second implementation, made from tmo-stream(5), agrees.
witness() {
	python3 "$root/tests/ci/unpack.py" "$1" "$2"
}

# coding STREAM TENSOR: how its codes are written, without the number of bits.
coding() {
	member "$1" tensors.yaml | sed -n "s/^{\"name\": \"$2\".*\[\"codes.npy\", \"\([a-z]*\).*/\1/p"
}

@test "pack: every encoding, type, name and place comes back, bit for bit" {
	odd
	tmo-pack odd.tar >packed.tar
	tmo-unpack packed.tar | cmp - odd.tar
	tmo-unpack --test packed.tar
	witness packed.tar odd.tar
	tmo-pack --zstd 3 odd.tar >packed.tar.zst
	zstd -tq packed.tar.zst
	tmo-unpack <packed.tar.zst | cmp - odd.tar
	witness packed.tar.zst odd.tar
}

@test "pack: real work comes back: quantized, pruned, half precision" {
	mkstream a.weight:f4:40x30:normal b.weight:f4:64x16x3x3:sparse b.bias:f4:64:normal \
		e.weight:f4:0x3:zeros i:i8:5:ramp s:f8:-:normal >in
	local filter
	for filter in 'quant --bits 2' 'quant --bits 3' 'quant --bits 5 --asymmetric' 'quant' \
		'quant --bits 4 --granularity group:16' 'quant --type f16' 'quant --type bf16' \
		'prune --sparsity 0.9'; do
		# shellcheck disable=SC2086
		tmo-$filter in >plain
		tmo-pack plain >packed
		tmo-unpack packed | cmp - plain
		witness packed plain
	done
}

@test "pack: SHA256SUMS is first, and sha256sum and other tars agree" {
	odd small
	tmo-pack odd.tar >packed.tar
	[ "$(members packed.tar | head -1)" = SHA256SUMS ]
	[ "$(members packed.tar | sed -n 2p)" = model.yaml ]
	mkdir gnu bsd
	tar xf packed.tar -C gnu
	(cd gnu && sha256sum --quiet -c SHA256SUMS)
	bsdtar xf packed.tar -C bsd
	diff -r gnu bsd
	[ "$(wc -l <gnu/SHA256SUMS)" -eq $(($(members packed.tar | wc -l) - 1)) ]
	# nothing that was not there
	mkstream a:f4:3:ones | tmo-pack >packed.tar
	[ "$(members packed.tar | tr '\n' ' ')" = 'SHA256SUMS tensors.yaml tensors.bin ' ]
}

@test "pack: taken apart and put together by tar --sort=name it is read too" {
	mkstream a.weight:f4:40x30:normal b.bias:f4:40:normal | tmo-quant >plain
	tmo-pack plain >packed
	mkdir apart
	tar xf packed -C apart
	tar --sort=name -C apart -cf again .
	tmo-unpack --test again
	tmo-unpack again | cmp - plain
}

@test "pack: packing what is packed changes nothing" {
	odd small
	tmo-pack odd.tar >packed
	tmo-pack packed | cmp - packed
	tmo-pack --zstd 19 packed >packed.zst
	tmo-pack --zstd 19 odd.tar | cmp - packed.zst
	tmo-pack packed.zst | cmp - packed
	zstd -q19 <packed | tmo-pack --zstd 19 | cmp - packed.zst
}

@test "pack: the same bytes for any number of threads" {
	mkstream a.weight:f4:400x300:normal b.weight:f4:64x16x3x3:sparse c.weight:f4:600x600:normal |
		tmo-quant --bits 4 >plain
	tmo-pack -j1 --zstd 19 plain >one
	tmo-pack -j2 --zstd 19 plain | cmp - one
	tmo-pack -j7 --zstd 19 plain | cmp - one
	tmo-pack -j7 plain >one
	tmo-pack -j1 plain | cmp - one
}

@test "pack: the coding is the one that zstd makes the smallest of" {
	python3 "$root/tests/helper/oddstream.py" codings | tmo-pack >packed.tar
	[ "$(coding packed.tar noise)" = bits ]
	[ "$(coding packed.tar rare)" = mask ]
	[ "$(coding packed.tar pattern)" = plain ]
}

@test "pack: codings are chosen for the whole, not for each tensor alone" {
	tmo-from-onnx "$root/examples/digits.onnx" | tmo-prune --sparsity 0.6 |
		tmo-cluster --clusters 16 | tmo-quant --bits 6 >plain
	tmo-pack --zstd 19 plain >packed.zst
	zstd -qdc packed.zst >packed
	# alone, bits are the smallest for the three large ones: 25,357 bytes
	[ "$(coding packed conv2.weight)" = mask ]
	[ "$(coding packed hidden.weight)" = mask ]
	[ "$(wc -c <packed.zst)" -lt 25000 ]
	tmo-unpack packed.zst | cmp - plain
}

@test "pack: many small tensors, for any number of threads" {
	local words=()
	for i in {1..300}; do words+=("w$i.weight:f4:10x1$((i % 10)):normal"); done
	mkstream "${words[@]}" | tmo-quant --bits 5 >plain
	tmo-pack -j1 plain >one
	tmo-pack -j2 plain | cmp - one
	tmo-pack -j7 plain | cmp - one
	tmo-unpack one | cmp - plain
}

@test "pack: a tensor larger than what is measured comes back" {
	mkstream w.weight:f4:700x800:normal | tmo-quant --bits 4 >plain
	tmo-pack plain >packed
	[ "$(coding packed w.weight)" = bits ]
	tmo-unpack packed | cmp - plain
}

@test "pack: the payload is smaller than the compressed plain stream" {
	mkstream a.weight:f4:64x64x3x3:normal b.weight:f4:100x784:normal |
		tmo-quant --bits 4 >plain
	tmo-pack --zstd 19 plain >packed.zst
	zstd -q19 <plain >plain.zst
	[ "$(wc -c <packed.zst)" -lt "$(wc -c <plain.zst)" ]
}

@test "pack: all programs read packed and compressed streams unasked" {
	mkstream a.weight:f4:64x64:normal b.weight:f4:10x64:normal >plain
	tmo-pack --zstd 3 plain >packed.zst
	tmo-quant plain >wanted
	tmo-quant packed.zst | cmp - wanted
	tmo-pack plain | tmo-quant | cmp - wanted
	zstd -q <plain | tmo-quant | cmp - wanted
}

@test "pack: options out of range are wrong usage" {
	mkstream a:f4:3:ones >in
	fails 2 'zstd' tmo-pack --zstd 23 in
	fails 2 'zstd' tmo-pack --zstd -1 in
	fails 2 'only' tmo-pack --only a in
	fails 2 'test' tmo-unpack --test -o out.tar in
	[ ! -e out.tar ]
}

# flip FILE STEP: copies in flipped/, each with one byte of every STEP inverted.
flip() {
	rm -rf flipped
	mkdir flipped
	python3 - "$@" <<-'PYTHON'
	import sys
	data = open(sys.argv[1], "rb").read()
	for at in range(0, len(data), int(sys.argv[2])):
	    copy = bytearray(data)
	    copy[at] ^= 0xff
	    open("flipped/%06d" % at, "wb").write(copy)
	PYTHON
}

@test "unpack: a flipped byte is found, wherever it is" {
	local copy
	mkstream a.weight:f4:20x30:normal b.bias:f4:40:normal z:i8:-:ones | tmo-quant --bits 4 >plain
	tmo-pack plain >packed
	flip packed 97
	for copy in flipped/*; do
		fails 1 . tmo-unpack --test "$copy"
	done
	tmo-pack --zstd 19 plain >packed.zst
	flip packed.zst 97
	for copy in flipped/*; do
		fails 1 . tmo-unpack --test "$copy"
	done
}

# headers FILE: copies in changed/, each with one change in a tar header that no digest covers.
headers() {
	rm -rf changed
	mkdir changed
	python3 - "$1" <<-'PYTHON'
	import sys, tarfile
	data = open(sys.argv[1], "rb").read()
	def change(name, at, byte, mend):
	    copy = bytearray(data)
	    copy[at] = byte
	    head = at - at % 512
	    if mend:
	        copy[head + 148:head + 156] = b" " * 8
	        copy[head + 148:head + 156] = b"%6o \0" % sum(copy[head:head + 512])
	    open("changed/" + name, "wb").write(copy)
	for n, member in enumerate(tarfile.open(sys.argv[1])):
	    head = member.offset
	    for bit in range(64):       # the check sum, in ways that other tars would write it
	        at = head + 148 + bit // 8
	        change("%d.%02d" % (n, bit), at, data[at] ^ 1 << bit % 8, False)
	    for what, at, byte in (("name", 99, 1), ("mode", 104, ord("7")), ("owner", 113, ord("1")),
	                           ("time", 146, ord("1")), ("link", 200, 65), ("user", 270, 65),
	                           ("prefix", 499, 1), ("rest", 511, 1)):
	        change("%d.%s" % (n, what), head + at, byte, True)
	PYTHON
}

@test "unpack: a tar header that is not as tmo-pack writes it is found" {
	local copy
	mkstream a.weight:f4:4x6:normal | tmo-quant --bits 4 | tmo-pack >packed
	headers packed
	[ "$(find changed -type f | wc -l)" -eq $((4 * 72)) ]
	for copy in changed/*; do
		fails 1 . tmo-unpack --test "$copy"
	done
	fails 1 'tar header is not written as the others' tmo-unpack --test changed/2.time
	fails 1 'tar header is not written as the others' tmo-unpack --test changed/0.time
	# Not a word of that where another program wrote the archive.
	mkdir apart
	tar xf packed -C apart
	(cd apart && tar cf ../again SHA256SUMS model.yaml tensors.yaml tensors.bin)
	tmo-unpack --test again
}

@test "unpack: a damaged tensor is named" {
	mkstream a.weight:f4:200x30:normal b.weight:f4:40x40:normal | tmo-pack >packed
	python3 - <<-'PYTHON'
	import tarfile
	blob = tarfile.open("packed").getmember("tensors.bin")
	data = bytearray(open("packed", "rb").read())
	data[blob.offset_data + blob.size - 100] ^= 1
	open("packed", "wb").write(data)
	PYTHON
	fails 1 'tensors/b.weight.npy: SHA-256' tmo-unpack packed
	fails 1 'tensors/b.weight.npy: SHA-256' tmo-quant packed
}

@test "unpack: a truncated stream is found, wherever it ends" {
	local size at
	mkstream a.weight:f4:20x30:normal b.bias:f4:40:normal | tmo-quant --bits 4 >plain
	tmo-pack plain >packed
	tmo-pack --zstd 19 plain >packed.zst
	for file in packed packed.zst; do
		size=$(wc -c <$file)
		for ((at = 0; at < size; at += size / 60 + 1)); do
			head -c "$at" $file >cut
			fails 1 . tmo-unpack --test cut
		done
	done
}

@test "unpack: members that are missing, added or exchanged are found" {
	mkstream a:f4:3:ones | tmo-pack >packed
	mkdir apart
	tar xf packed -C apart
	cd apart
	tar cf ../no-sums tensors.yaml tensors.bin
	tar cf ../no-blob SHA256SUMS tensors.yaml
	tar cf ../twice SHA256SUMS tensors.yaml tensors.bin tensors.bin
	echo >extra
	tar cf ../extra SHA256SUMS tensors.yaml tensors.bin extra
	sed 's/"plain"/"dense"/' tensors.yaml >t && mv t tensors.yaml
	sha256sum tensors.yaml tensors.bin >SHA256SUMS
	tar cf ../coding SHA256SUMS tensors.yaml tensors.bin
	sed 's/"tmo": 1/"tmo": 2/' tensors.yaml >t && mv t tensors.yaml
	sha256sum tensors.yaml tensors.bin >SHA256SUMS
	tar cf ../version SHA256SUMS tensors.yaml tensors.bin
	cd ..
	fails 1 'SHA256SUMS' tmo-unpack --test no-sums
	fails 1 'without tensors.bin' tmo-unpack --test no-blob
	fails 1 'tensors.bin' tmo-unpack --test twice
	fails 1 'extra: not in SHA256SUMS' tmo-unpack --test extra
	fails 1 'coding "dense" .*newer tmo' tmo-unpack --test coding
	fails 1 'version 2' tmo-unpack --test version
}

@test "unpack: a plain stream with members of the packed form's names is plain" {
	mkdir -p x/tensors
	mkstream a:f4:3:ones | tar xf - -C x
	echo sums >x/SHA256SUMS
	echo index >x/tensors.yaml
	echo blob >x/tensors.bin
	tar cf in -C x SHA256SUMS tensors/a.npy tensors.bin tensors.yaml
	tmo-unpack in >plain
	[ "$(members plain)" = "$(members in)" ]
	[ "$(member plain SHA256SUMS) $(member plain tensors.yaml)" = 'sums index' ]
	tmo-pack plain | tmo-unpack | cmp - plain
	tar cf early -C x SHA256SUMS tensors.yaml tensors/a.npy
	fails 1 'packed stream does not begin with SHA256SUMS' tmo-unpack early
}

@test "unpack: --test says and writes nothing; what is not packed passes" {
	mkstream a.weight:f4:20x30:normal >plain
	tmo-unpack plain | cmp - plain
	run -0 --separate-stderr tmo-unpack --test plain
	# shellcheck disable=SC2154 # run sets it
	[ -z "$output$stderr" ]
	zstd -q19 <plain >plain.zst
	tmo-unpack plain.zst | cmp - plain
	tmo-unpack --test <plain.zst
}

@test "pack: the worked example of tmo-stream(5)" {
	python3 - <<-'PYTHON'
	import struct, tarfile, io
	def npy(descr, n, data):
	    text = "{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }" % (descr, n)
	    text += " " * (-(len(text) + 11) % 64) + "\n"
	    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode() + data
	with tarfile.open("tiny.tar", "w") as tar:
	    for name, data in [
	        ("model.yaml", b"tmo: 1\nname: tiny\n"),
	        ("tensors/w/tensor.yaml", b"shape: [5]\ndtype: f32\nbits: 3\n"),
	        ("tensors/w/codes.npy", npy("|i1", 5, struct.pack("5b", -3, 2, 0, 1, -4))),
	        ("tensors/w/scale.npy", npy("<f4", 1, struct.pack("<f", 0.5))),
	        ("tensors/b.npy", npy("<f4", 2, struct.pack("<2f", 1, -1)))]:
	        info = tarfile.TarInfo(name)
	        info.size = len(data)
	        tar.addfile(info, io.BytesIO(data))
	PYTHON
	tmo-pack tiny.tar >packed.tar
	# each word of the page's literal text, its folded lines joined
	{
		member packed.tar SHA256SUMS
		member packed.tar tensors.yaml
	} | tr -s ' \n' '\n\n' >ours
	sed -n '/^\$ tar xOf packed.tar SHA256SUMS/,/^\$ tar xOf packed.tar tensors.bin/p' \
		"$root/man/tmo-stream.5" | sed '1d;$d' | tr -s ' \n' '\n\n' >page
	cmp ours page
	[ "$(member packed.tar tensors.bin | od -An -tx1)" = \
		' 15 42 00 00 00 00 00 3f 00 00 80 3f 00 00 80 bf' ]
}
