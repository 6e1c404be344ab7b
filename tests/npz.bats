# SPDX-License-Identifier: Apache-2.0
# tmo-from-npz and tmo-to-npz, with Python's zipfile as the other side; numpy itself is asked by
# tests/ci/npz_numpy.py.
load helper

npz() {
	python3 "$root/tests/helper/npz.py" "$@"
}

# listing FILE: "name descr shape digest-of-data" for each member, by zipfile.
same() { # A B: the same members, order, types, shapes, data
	npz list "$1" >listing.a
	npz list "$2" >listing.b
	[ -s listing.a ]
	diff listing.a listing.b
}

types='b1 u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8'

@test "npz: every type and odd shapes, there and back: stored and deflated, the same members" {
	local method
	for method in stored deflated; do
		# shellcheck disable=SC2086
		npz make in.npz $method $types
		tmo-from-npz in.npz >s.tar
		[ "$(members s.tar | head -n 1)" = model.yaml ]
		tmo-to-npz s.tar >out.npz
		same in.npz out.npz
		tmo-to-npz --compress s.tar >deflated.npz
		same in.npz deflated.npz
	done
	[ "$(wc -c <deflated.npz)" -lt "$(wc -c <out.npz)" ]
	# and so the stream: what zipfile wrote and what we wrote is the same
	tmo-from-npz - <out.npz | tail -c +1025 | cmp - <(tail -c +1025 s.tar)
}

@test "npz: names: slashes, non-ASCII, dots, long ones, in the order of the archive" {
	npz names in.npz z/y a//b 'a b' $'\xc3\xa4\xe4\xb8\xad' .hidden /model/fc.weight ../up \
		"$(printf 'n%.0s' {1..300})" 'x%y' a.npy m
	tmo-from-npz in.npz >s.tar
	[ "$(members s.tar | sed -n 2p)" = tensors/z%2Fy.npy ]
	member s.tar model.yaml | grep -q 'tensors: 11, bytes: 132'
	for locale in C C.UTF-8; do
		LC_ALL=$locale tmo-to-npz s.tar >out.npz
		same in.npz out.npz
		LC_ALL=$locale tmo-from-npz in.npz | cmp - s.tar
	done
	tmo-quant s.tar | tmo-decode | tmo-to-npz >out.npz
	same in.npz out.npz
}

@test "npz: Fortran order, big-endian and .npy 2.0 and 3.0 become plain" {
	npz odd in.npz
	tmo-from-npz -v in.npz >s.tar 2>notes
	grep -q 'tensors/fortran: .*put into order' notes
	tmo-to-npz s.tar >out.npz
	npz values in.npz >want
	npz values out.npz | diff want -
	npz list out.npz >listing
	run ! grep -E '>[if]|True' listing
}

@test "npz: what is no tensor goes through, and comes back in its place" {
	npz others in.npz
	tmo-from-npz in.npz >s.tar
	[ "$(members s.tar | tr '\n' ' ')" = 'model.yaml notes.txt tensors/w.npy labels.npy c.npy rec.npy pickle.npy ' ]
	tmo-prune s.tar | tmo-pack --zstd 3 | tmo-to-npz >out.npz
	npz list in.npz | grep -v '^w\|^folder/' >want
	npz list out.npz | grep -v '^w' | diff want -
}

@test "npz: members that would mean something else in a stream are refused" {
	local name
	for name in model.yaml graph.onnx ./names.yaml SHA256SUMS tensors/x tensors.bin a/../b.txt /etc/x ../x; do
		npz other in.npz "$name"
		fails 1 "in.npz\|${name#./}: .*rename it$" tmo-from-npz in.npz
	done
}

@test "npz: a .npy alone is a tensor of the file's name" {
	npz npy weights.npy f4 2,3
	tmo-from-npz weights.npy >s.tar
	[ "$(members s.tar | tail -n 1)" = tensors/weights.npy ]
	member s.tar tensors/weights.npy | cmp - weights.npy
	tmo-from-npz --name a/b <weights.npy | members - | grep -qx tensors/a%2Fb.npy
	tmo-from-npz <weights.npy | members - | grep -qx tensors/array.npy
	npz npy big.npy '>i8' 4,5
	tmo-from-npz big.npy | tmo-to-npz | cat >out.npz
	npz values big.npy >want
	npz values out.npz | diff want -
	for cut in 4 9 11 60 127 130 151; do
		head -c $cut weights.npy >cut.npy
		fails 1 'cut.npy: ' tmo-from-npz cut.npy
	done
	{ cat weights.npy; printf x; } >long.npy
	fails 1 'long.npy: .*save it again' tmo-from-npz long.npy
	npz npy text.npy '<U4' 3
	fails 1 'text.npy: its elements are no numbers' tmo-from-npz text.npy
}

@test "npz: data descriptors, zip64 records, a comment, bytes before and behind" {
	npz make plain.npz stored f4 i8
	tmo-from-npz plain.npz | tail -c +1025 >want
	for kind in streamed zip64 comment before; do
		npz $kind in.npz f4 i8
		tmo-from-npz in.npz | tail -c +1025 | cmp - want
	done
}

@test "npz: an empty archive is a stream without tensors, and back" {
	npz make in.npz stored
	tmo-from-npz in.npz >s.tar
	[ "$(members s.tar)" = model.yaml ]
	tmo-to-npz s.tar >out.npz
	cmp in.npz out.npz
}

@test "npz: damage: one line, the member's name, status 1, nothing complete" {
	local what
	while read -r what pattern; do
		npz bad in.npz "$what"
		fails 1 "^tmo-from-npz: $pattern" tmo-from-npz in.npz || { echo "$what"; return 1; }
		[ "$(tail -c 1024 out | tr -d '\0' | wc -c)" -gt 0 ] || [ ! -s out ]
	done <<-'E'
		crc a.npy: .*CRC
		crc-deflated a.npy: .*CRC
		flipped a.npy: .*damaged
		longer a.npy: .*save it again
		larger-than-real a.npy: .*damaged\|a.npy: .*missing
		smaller-than-real a.npy: .*
		bomb a.npy: .*save it again
		bomb-true a.npy: .*
		twice a.npy: the archive has it twice
		encrypted a.npy: .*password
		link a.npy: .*link
		nameless .npy: a tensor must have a name
		no-header a.npy: not a .npy file
		no-arrays in.npz: 1 members, and none is an array
		method a.npy: .*
	E
}

@test "npz: encoded tensors are decoded; bf16 and fp8 become f32" {
	mkstream w:f4:64x48:normal v:f2:8x8:normal --seed 3 >s.tar
	tmo-quant --bits 4 s.tar >q.tar
	tmo-to-npz q.tar >out.npz
	tmo-decode q.tar >d.tar
	for t in w v; do
		npz data out.npz $t.npy | cmp - <(member d.tar tensors/$t.npy)
	done
	tmo-quant --type bf16 s.tar | tmo-to-npz >out.npz
	npz list out.npz >listing
	grep -q '^w.npy <f4 ' listing
	tmo-pack --zstd 3 q.tar | tmo-to-npz | cmp - <(tmo-to-npz q.tar)
}

@test "npz: no program but these three loads libarchive" {
	local program
	for program in "$root"/build/bin/*; do
		case $(ldd "$program") in
		*libarchive*) [[ ${program##*/} =~ ^tmo-(from-npz|to-npz|info)$ ]] ;;
		esac
	done
}

@test "npz: biases that stayed in the network are there too" {
	mkonnx 'ir 8' 'opset 13' 'input x' 'init conv.w f32 8x4x6x6 raw' 'init conv.b f32 8 raw' \
		'init fc.w f32 8x20 typed' 'init fc.b f16 20 typed' 'init shape i64 2 raw' \
		'node Conv conv x,conv.w,conv.b h' 'node MatMul fc h,fc.w z' 'node Add add z,fc.b y' 'output y' >m.onnx
	tmo-from-onnx m.onnx >m.tar
	run ! grep -q conv.b <(members m.tar)
	tmo-to-npz m.tar >m.npz
	npz list m.npz | cut -d' ' -f1-3 >listing
	printf '%s\n' 'conv.w.npy <f4 False' 'fc.w.npy <f4 False' 'conv.b.npy <f4 False' 'fc.b.npy <f2 False' |
		diff - <(sort listing | sort -t. -k2,2r -k1,1)
}

@test "npz: a names.yaml for each long name is no member" {
	mkstream "$(printf 'n%.0s' {1..300})":f4:2x2:ramp "$(printf 'm%.0s' {1..300})":f4:2x2:ramp >s.tar
	tmo-quant s.tar | tmo-decode >d.tar
	tmo-to-npz d.tar >out.npz
	[ "$(npz list out.npz | wc -l)" -eq 2 ]
}

@test "npz: what cannot be named so, or would be there twice, is refused" {
	python3 - "$root/tests/helper" <<-'E'
	import io, tarfile, sys
	sys.path.insert(0, sys.argv[1])
	from npz import npy
	def write(path, members):
	    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as t:
	        for name, data in members:
	            info = tarfile.TarInfo(name)
	            info.size = len(data)
	            t.addfile(info, io.BytesIO(data))
	array = npy("<f4", (1,), b"\0\0\0\0")
	write("bytes.tar", [("tensors/%FF%FE.npy", array)])
	write("twice.tar", [("a.npy", npy("<U1", (1,), b"abcd")), ("tensors/a.npy", array)])
	E
	fails 1 'tensors/%FF%FE: the name is not UTF-8' tmo-to-npz bytes.tar
	fails 1 'a.npy: a second member' tmo-to-npz twice.tar
}

# spelled ORDER [FILE SIZE DESCR]...: each FILE, 4 elements of SIZE bytes, whose header has this text for
# its type.
spelled() {
	python3 - "$@" <<-'P'
		import struct, sys
		order, words = sys.argv[1], iter(sys.argv[2:])
		for path, size, descr in zip(words, words, words):
		    text = "{'descr': %s, u'fortran_order': False, \"shape\": (4,), }" % descr
		    text += " " * (-(len(text) + 11) % 64) + "\n"
		    data = b"".join(i.to_bytes(int(size), order) for i in (0, 1, 1, 0))
		    with open(path, "wb") as file:
		        file.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode() + data)
	P
}

@test "npz: each spelling of a type that NumPy reads" {
	local type size line spelling kind words=()
	mkdir named plain
	while read -r type size line; do
		for spelling in $line; do
			words+=("named/$spelling.npy" "$size" "'$spelling'" "plain/$spelling.npy" "$size" "'$type'")
		done
	done <<-'E'
	<f2 2 f2 e =f2 |e float16 half
	<f4 4 f4 f =f4 |f4 <f float32 single
	<f8 8 f8 d <d float64 double float
	|i1 1 i1 b <i1 >b int8 byte
	<i2 2 i2 h int16 short
	<i4 4 i4 i int32 intc
	<i8 8 i8 l q p int64 int int_ intp long longlong
	|u1 1 u1 B =u1 uint8 ubyte
	<u2 2 u2 H uint16 ushort
	<u4 4 u4 I uint32 uintc
	<u8 8 u8 L Q P uint64 uint uintp ulong ulonglong
	|b1 1 b1 ? |? bool bool_
	E
	spelled little "${words[@]}"
	for kind in named plain; do
		python3 -m zipfile -c $kind.npz $kind/*
		mkdir $kind.out
		tmo-from-npz - <$kind.npz | tar -xf - -C $kind.out
	done
	[ "$(find plain.out/tensors -type f | wc -l)" -eq $((${#words[@]} / 6)) ]
	diff -r named.out plain.out
	spelled big w.npy 4 "'>f'"
	tmo-from-npz w.npy >out.tar
	# Python's own letters and quotes; an array alone, and in a stream
	for spelling in "u'<f4'" 'u"f4"' "r'float32'" 'U"<f4"'; do
		spelled little w.npy 4 "$spelling"
		tmo-from-npz w.npy | cmp - out.tar
		tar -cf in.tar w.npy
		tmo-quant -q in.tar >quantized.tar
	done
}

@test "npz: what is no spelling of a type of ours stays none" {
	local spelling words=()
	for spelling in "'<float32'" "' f4'" "'f4 '" "'f4 f'" "'f 4'" "'f5'" "'F4'" "'<'" "''" "'<f4,'" "'c8'" "'float128'" \
		"'int 8'" "'2f4'" "b'<f4'"; do
		words+=("$spelling.npy" 4 "$spelling")
	done
	spelled little "${words[@]}"
	for spelling in *.npy; do
		fails 1 'no numbers of a type that tmo has\|bad .npy header' tmo-from-npz "$spelling"
	done
}
