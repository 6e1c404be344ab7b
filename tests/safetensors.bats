# SPDX-License-Identifier: Apache-2.0
# tmo-from-safetensors and tmo-to-safetensors, on files that tests/helper/safetensors.py writes by
# the format's description. What the library itself writes, tests/ci/safetensors_library.py asks.
load helper

st() {
	python3 "$root/tests/helper/safetensors.py" "$@"
}

# there_and_back FILE: by all ways; the stream stays in ./s.
there_and_back() {
	tmo-from-safetensors "$1" >s
	tmo-to-safetensors s >back
	cmp back "$1"
	tmo-from-safetensors <"$1" | cat | tmo-to-safetensors | cmp - "$1"
	head -c 100000000 "$1" | tmo-from-safetensors >s2
	head -n 1 s2 | grep -aq '^model.yaml'
	tmo-to-safetensors s2 | cmp - "$1"
}

# header FILE
header() {
	head -c $((8 + $(od -An -N 8 -t u8 "$1"))) "$1" | tail -c +9
}

# yaml NAME: that tensor's tensor.yaml.
yaml() {
	member s "tensors/$1/tensor.yaml"
}

all_types() {
	local dtype
	for dtype in BOOL U8 I8 F8_E5M2 F8_E4M3 I16 U16 F16 BF16 I32 U32 F32 F64 I64 U64; do
		echo "t.$dtype:$dtype:3x5"
	done
}

@test "safetensors: every type, there and back, the same bytes" {
	# shellcheck disable=SC2046
	st --meta format=pt $(all_types) >f
	there_and_back f
	[ "$(members s | grep -c '^tensors/.*\.npy$')" -eq 15 ]
	for dtype in U8:u8 I8:i8 I16:i16 U16:u16 F16:f16 I32:i32 U32:u32 F32:f32 F64:f64 I64:i64 U64:u64; do
		member s "tensors/t.${dtype%:*}.npy" | head -c 128 | grep -aq "$(
			case ${dtype#*:} in ?8) printf '|' ;; *) printf '<' ;; esac)$(
			echo "${dtype#*:}" | sed 's/8$/1/; s/16/2/; s/32/4/; s/64/8/')"
	done
	member s tensors/t.BOOL.npy | head -c 128 | grep -aq "'|b1'"
	[ "$(yaml t.BF16)" = "shape: [3, 5]
dtype: bf16
code: bf16
bits: 16" ]
	yaml t.F8_E4M3 | grep -qx 'code: f8e4m3'
	yaml t.F8_E5M2 | grep -qx 'dtype: f8e5m2'
}

@test "safetensors: a file that the library could have written leaves its metadata and no more" {
	st a:F32:2x3 b:F16:4 >f
	there_and_back f
	[ "$(members s | xargs)" = "model.yaml tensors/a.npy tensors/b.npy" ]
	st --meta z=1 --meta a=2 a:F32:2x3 >f
	there_and_back f
	[ "$(member s safetensors.json)" = '{"__metadata__":{"z":"1","a":"2"}}      ' ]
	st --meta = a:F32:2x3 >f
	there_and_back f
	[ "$(member s safetensors.json | tr -d ' ')" = '{"__metadata__":{}}' ]
	[ "$(member s model.yaml)" = "tmo: 1
source:
  format: safetensors
totals: {tensors: 1, bytes: 24}" ]
}

@test "safetensors: scalars, empty tensors, no tensors, names of all kinds" {
	long=$(printf 'encoder.layers/%.0s' {1..30})weight
	st s:F32:- e:F32:0x3 e2:BF16:0 'a/b:c"d\e:I8:2' größe:F32:2 .hidden:F16:3 "$long:F32:2x2" \
		"$long:BF16x:BF16:2" $'tab\tbell\a:U8:1' ../../up:U8:3 :I16:2 one:F8_E4M3:- >f
	there_and_back f
	[ "$(values s tensors/s.npy | wc -l)" -eq 1 ]
	members s | grep -Fqx 'tensors/a%2Fb%3Ac%22d%5Ce.npy'
	members s | grep -Fqx 'tensors/%2E.%2F..%2Fup.npy'
	st >f
	there_and_back f
	st --meta only=metadata >f
	there_and_back f
	printf '\2\0\0\0\0\0\0\0{}' >f # not padded
	there_and_back f
}

@test "safetensors: metadata with anything in it" {
	st --meta 'json={"a": [1, "\u00e9"]}' --meta $'lines=a\nb\tc\rd\b\f\001\037\177' --meta 'quote="\/' \
		--meta größe=ü --meta empty= --meta long="$(head -c 100000 /dev/zero | tr '\0' x)" w:F32:4x4 >f
	# Python escapes \b and \f as the library does, and 0x7f not at all
	there_and_back f
	tmo-prune --sparsity 0.5 s | tmo-to-safetensors >pruned
	cmp <(header pruned) <(header f)
	run ! cmp -s pruned f
}

@test "safetensors: a header that the library would not write is kept as it is" {
	while read -r header; do
		st --raw "$header" 40 >f
		there_and_back f
		[ "$(member s safetensors.json)" = "$header" ]
		tmo-pack s | tmo-to-safetensors | cmp - f
	done <<-'END'
		{"b":{"dtype":"F32","shape":[8],"data_offsets":[0,32]},"a":{"dtype":"F32","shape":[2],"data_offsets":[32,40]}}
		{"a":{"dtype":"F32","shape":[2],"data_offsets":[32,40]},"b":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}
		{"a":{"data_offsets":[0,40],"shape":[10],"dtype":"F32"}}
		{ "a" : {"dtype": "F32", "shape": [10], "data_offsets": [0, 40]} }
		{"a":{"dtype":"F32","shape":[10],"data_offsets":[0,40]},"__metadata__":{"k":"v"}}
		{"\u0061":{"dtype":"F32","shape":[10],"data_offsets":[0,40]}}
		{"a":{"dtype":"F32","shape":[10],"data_offsets":[0,40],"more":[{"x":1}]}}
		{"__metadata__":null,"a":{"dtype":"F32","shape":[10],"data_offsets":[0,40]}}
		{"__metadata__":{"nul":"a\u0000b"},"a":{"dtype":"F32","shape":[10],"data_offsets":[0,40]}}
		{"u8":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"f":{"dtype":"F64","shape":[4],"data_offsets":[8,40]}}
	END
}

@test "safetensors: types that a stream has no name for are kept as bytes" {
	st e8m0:F8_E8M0:4x6 fnuz:F8_E4M3FNUZ:2x2 fnuz2:F8_E5M2FNUZ:2x2 c:C64:2x3 four:F4:3x4 six:F6_E2M3:2x4 \
		six2:F6_E3M2:8 w:F32:4x4 >f
	there_and_back f
	tmo-from-safetensors -v f 2>err >s
	[ "$(grep -c 'kept as bytes$' err)" -eq 7 ]
	member s tensors/e8m0.npy | head -c 128 | grep -aFq "'|u1', 'fortran_order': False, 'shape': (4, 6)"
	member s tensors/c.npy | head -c 128 | grep -aFq "'|u1', 'fortran_order': False, 'shape': (48,)"
	tmo-quant --bits 4 s | tmo-prune --sparsity 0.5 | tmo-to-safetensors >q
	[ "$(wc -c <q)" -eq "$(wc -c <f)" ]
	# a type of the future
	st --raw '{"a":{"dtype":"F2_E1M0","shape":[16],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}' 8 >f
	there_and_back f
}

@test "safetensors: a tensor that is gone, or new, makes a new header; the others keep their types" {
	st --meta k=v c:C64:2 e:F8_E8M0:3 w:F32:2x2 >f
	tmo-from-safetensors f >s
	mkdir d
	tar xf s -C d
	rm d/tensors/w.npy
	tar --sort=name -C d -cf s .
	tmo-to-safetensors s >back
	st --meta k=v c:C64:2 e:F8_E8M0:3 | cmp - back
	cp d/tensors/e.npy d/tensors/n.npy
	tar --sort=name -C d -cf s .
	tmo-to-safetensors s >back
	header back | grep -q '"n":{"dtype":"U8","shape":\[3\]'
	header back | grep -q '"c":{"dtype":"C64","shape":\[2\]'
}

@test "safetensors: the order of the stream does not matter" {
	# shellcheck disable=SC2046
	st --meta format=pt $(all_types) z:F32:100x50 >f
	tmo-from-safetensors f >s
	mkdir d
	tar xf s -C d
	tar --sort=name -C d -cf sorted .
	run ! cmp -s <(members s) <(members sorted)
	tmo-to-safetensors sorted | cmp - f
	tmo-to-safetensors -o out sorted
	cmp out f
}

@test "safetensors: any stream becomes what the library would write" {
	mkstream b:f4:3x4:ramp a:f4:5:ramp h:f2:2x2:ramp i:i1:7:ones d:f8:2:ramp n:b1:3:ones >s
	tmo-to-safetensors s >f
	there_and_back f
	header f | grep -q '^{"d":{"dtype":"F64","shape":\[2\],"data_offsets":\[0,16\]},"a":{'
	[ "$(members s | xargs)" = "model.yaml tensors/d.npy tensors/a.npy tensors/b.npy tensors/h.npy tensors/i.npy tensors/n.npy" ]
	# the same numbers in another order of bytes or axes
	python3 - <<-'END'
		import struct, tarfile, io
		def npy(descr, fortran, shape, data):
		    text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, fortran, shape)
		    text += " " * (-(len(text) + 11) % 64) + "\n"
		    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode() + data
		def stream(path, array):
		    with tarfile.open(path, "w") as t:
		        member = tarfile.TarInfo("w.npy")
		        member.size = len(array)
		        t.addfile(member, io.BytesIO(array))
		stream("plain", npy("<f4", False, (2, 3), struct.pack("<6f", 1, 2, 3, 4, 5, 6)))
		stream("fortran", npy("<f4", True, (2, 3), struct.pack("<6f", 1, 4, 2, 5, 3, 6)))
		stream("big", npy(">f4", False, (2, 3), struct.pack(">6f", 1, 2, 3, 4, 5, 6)))
	END
	tmo-to-safetensors plain >f
	tmo-to-safetensors fortran | cmp - f
	tmo-to-safetensors big | cmp - f
}

@test "safetensors: casts are shipped as their type, all else decoded" {
	mkstream w:f4:32x64:normal b:f4:64:normal >w
	tmo-to-safetensors w >f
	tmo-quant --type bf16 w | tmo-to-safetensors >half
	header half | grep -q '"w":{"dtype":"BF16","shape":\[32,64\]'
	header half | grep -q '"b":{"dtype":"F32","shape":\[64\]'
	there_and_back half
	tmo-quant --type bf16 w | tmo-decode | tmo-to-safetensors >wide
	header wide | grep -q '"w":{"dtype":"F32","shape":\[32,64\]'
	cmp <(tmo-decode <(tmo-from-safetensors wide) | tar xO tensors/w.npy) \
		<(tmo-quant --type bf16 w | tmo-decode | tar xO tensors/w.npy)
	tmo-quant --type f16 w | tmo-to-safetensors >half
	header half | grep -q '"w":{"dtype":"F16"'
	for filter in 'quant --bits 4 --granularity group:16' 'cluster --clusters 8' 'quant --bits 8'; do
		# shellcheck disable=SC2086
		tmo-$filter w | tmo-to-safetensors >q
		cmp <(header q) <(header f)
		# shellcheck disable=SC2086
		cmp <(tmo-$filter w | tmo-decode | tar xO tensors/w.npy) <(tmo-from-safetensors q | tar xO tensors/w.npy)
	done
	# a bf16 tensor that was quantized is bf16 again
	st w:BF16:8x8 >f
	tmo-from-safetensors f | tmo-quant --bits 8 | tmo-to-safetensors >q
	cmp <(header q) <(header f)
}

@test "safetensors: a model in several files: by its index, by its folder, as one file of all" {
	mkdir -p model other/deep
	# shellcheck disable=SC2046
	st --shards model 4 --meta format=pt $(all_types) a.1:F32:20x30 a.10:F32:7 a.2:BF16:0 x:C64:2
	# shellcheck disable=SC2046
	st --meta format=pt $(all_types) a.1:F32:20x30 a.10:F32:7 a.2:BF16:0 x:C64:2 >one
	tmo-from-safetensors model >s
	tmo-to-safetensors s | cmp - one
	tmo-from-safetensors model/model.safetensors.index.json | tmo-to-safetensors | cmp - one
	tmo-from-safetensors --dir model <model/model.safetensors.index.json | tmo-to-safetensors | cmp - one
	(cd model && tmo-from-safetensors . | tmo-to-safetensors | cmp - ../one)
	(cd model && cat model.safetensors.index.json | tmo-from-safetensors | tmo-to-safetensors | cmp - ../one)
	# another name; links that lead out of the folder, as a download cache has them
	mv model/*.safetensors other/deep
	for file in other/deep/*; do ln -s "../$file" model; done
	mv model/model.safetensors.index.json model/unet.safetensors.index.json
	tmo-from-safetensors model/ | tmo-to-safetensors | cmp - one
	# one compact line is an index too
	python3 -c 'import json, sys; json.dump(json.load(sys.stdin), sys.stdout)' <model/unet.safetensors.index.json >line
	tmo-from-safetensors --dir model line | tmo-to-safetensors | cmp - one
}

@test "safetensors: a folder: model.safetensors, or the only file" {
	mkdir model
	st a:F32:2 >model/b.safetensors
	tmo-from-safetensors model | tmo-to-safetensors | cmp - model/b.safetensors
	st c:F32:3 >model/c.safetensors
	fails 1 '^tmo-from-safetensors: model: is a directory with 2 .safetensors files and 0 indices; name ' tmo-from-safetensors model
	st d:F32:4 >model/model.safetensors
	tmo-from-safetensors model | tmo-to-safetensors | cmp - model/model.safetensors
	mkdir empty
	fails 1 '^tmo-from-safetensors: empty: is a directory without' tmo-from-safetensors empty
	[ ! -s out ]
}

@test "safetensors: an index that lies" {
	mkdir model
	index() { printf '{"weight_map": {%s}}' "$1" >model/i.json; }
	st a:F32:2 c:F32:1 >model/1.safetensors
	st b:F32:2 c:F32:1 >model/2.safetensors
	index '"a": "1.safetensors", "b": "2.safetensors", "c": "2.safetensors"'
	tmo-from-safetensors model/i.json | tmo-to-safetensors | cmp - <(
		st a:F32:2 b:F32:2 c:F32:1)
	index '"a": "1.safetensors", "b": "2.safetensors"'
	fails 1 'model/2.safetensors: tensor "c" is in another file too' tmo-from-safetensors model/i.json
	index '"a": "1.safetensors", "x": "1.safetensors"'
	fails 1 'model/i.json: the index has tensor "x" in 1.safetensors, which lacks it' tmo-from-safetensors model/i.json
	index '"a": "3.safetensors"'
	fails 1 'model/3.safetensors: cannot open: No such file' tmo-from-safetensors model/i.json
	for path in /etc/passwd ../x.safetensors a/../../x.safetensors .. a/.. ''; do
		index "\"a\": \"$path\""
		fails 1 "model/i.json: weight_map names \"$path\", which is outside" tmo-from-safetensors model/i.json
		[ ! -s out ]
	done
	index '"a": 1'
	fails 1 'weight_map names no file for "a"' tmo-from-safetensors model/i.json
	index ''
	fails 1 'weight_map names no tensor' tmo-from-safetensors model/i.json
	index '"a": "1.safetensors", "a": "2.safetensors"'
	fails 1 'line 1, column [0-9]*: duplicate object key' tmo-from-safetensors model/i.json
	echo '{"weight_maps": {}}' >model/i.json
	fails 1 'no weight_map' tmo-from-safetensors model/i.json
	mkfifo model/fifo.safetensors
	index '"a": "fifo.safetensors"'
	fails 1 'model/fifo.safetensors: is no regular file' timeout 5 tmo-from-safetensors model/i.json
	head -c 20 model/1.safetensors >model/cut.safetensors
	index '"a": "cut.safetensors"'
	fails 1 'model/cut.safetensors: truncated' tmo-from-safetensors model/i.json
}

# refused PATTERN BYTES HEADER: from a file and from a pipe.
refused() {
	st --raw "$3" "$2" >bad
	fails 1 "^tmo-from-safetensors: bad: $1" tmo-from-safetensors bad
	fails 1 "^tmo-from-safetensors: stdin: $1" tmo-from-safetensors <bad
	[ ! -s out ]
}

@test "safetensors: headers that are refused, and why" {
	a='"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
	refused 'tensor "b" overlaps another: it begins at byte 4 ' 12 "{$a,\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}"
	refused 'tensor "b" overlaps another: it begins at byte 0 ' 8 "{$a,\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
	refused 'a hole before tensor "b": bytes 8 to 12 ' 20 "{$a,\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]}}"
	refused 'a hole before tensor "a": bytes 0 to 4 ' 8 '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'
	refused 'tensor "a": data_offsets run backwards' 8 '{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}'
	refused 'tensor "a": F32 \[3\] does not take the 8 bytes' 8 '{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}'
	refused 'tensor "a": F4 \[3\] does not take' 2 '{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}'
	refused 'tensor "a": shape \[4611686018427387904, 4, 2\] is too large' 8 '{"a":{"dtype":"F32","shape":[4611686018427387904,4,2],"data_offsets":[0,8]}}'
	refused 'tensor "a": shape' 8 '{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}'
	refused 'tensor "a": shape' 8 '{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}'
	refused 'tensor "a": shape' 8 '{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}'
	refused 'tensor "a": shape is no list of at most 32' 4 "{\"a\":{\"dtype\":\"F32\",\"shape\":[1$(printf ',1%.0s' {1..32})],\"data_offsets\":[0,4]}}"
	refused 'tensor "a": data_offsets are not' 8 '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}'
	refused 'tensor "a": data_offsets are not' 8 '{"a":{"dtype":"F32","shape":[2]}}'
	refused 'tensor "a" has no dtype' 8 '{"a":{"shape":[2],"data_offsets":[0,8]}}'
	refused 'tensor "a" has no dtype' 8 '{"a":[]}'
	refused 'byte [0-9]* of the header: .*integer' 8 '{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}'
	refused 'byte [0-9]* of the header: duplicate object key' 8 "{$a,$a}"
	refused 'byte [0-9]* of the header: duplicate object key' 8 '{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
	refused '__metadata__ has "k", which is no text' 8 "{\"__metadata__\":{\"k\":1},$a}"
	refused '__metadata__ is no mapping' 8 "{\"__metadata__\":\"k\",$a}"
	refused 'its header does not begin with a brace' 8 "[$a]"
	refused 'byte [0-9]* of the header' 8 "{$a} x"
	refused 'byte [0-9]* of the header' 8 "{$a"
	refused 'byte [0-9]* of the header' 0 "$(printf '{"a":%.0s' {1..3000})"
	refused 'byte [0-9]* of the header' 8 $'{"\xff":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
	refused 'byte [0-9]* of the header' 8 '{"a\u0000b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
}

@test "safetensors: files of another length than their header says" {
	st --raw '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}' 9 >bad
	fails 1 'bad: 1 bytes behind the last tensor' tmo-from-safetensors bad
	fails 1 'stdin: bytes behind the last tensor' from_pipe bad
	st --raw '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}' 7 >bad
	fails 1 'bad: truncated: tensors take 8 bytes, the file has 7 ' tmo-from-safetensors bad
	fails 1 'tensors/a: truncated: 1 bytes of its data are missing' from_pipe bad
	printf '\1\341\365\5\0\0\0\0{}' >bad # 100,000,001
	fails 1 'a header of 100000001 bytes, at most 100000000' tmo-from-safetensors bad
	printf '\0\341\365\5\0\0\0\0{}' >bad
	fails 1 'truncated: a header of 100000000 bytes is announced, 2 are there' tmo-from-safetensors bad
	printf '\377\377\377\377\377\377\377\377{}' >bad
	fails 1 'a header of 18446744073709551615 bytes' tmo-from-safetensors bad
	printf '\0\0\0\0\0\0\0\0' >bad
	fails 1 'does not begin with a brace' tmo-from-safetensors bad
	printf '\2\0\0' >bad
	fails 1 'it has only 3 bytes' tmo-from-safetensors bad
}

from_pipe() {
	cat "$1" | tmo-from-safetensors
}

@test "safetensors: streams that cannot be written" {
	mkstream __metadata__:f4:2:ones >s
	fails 1 'tensors/__metadata__: safetensors uses this name' tmo-to-safetensors s
	mkstream $'\377:f4:2:ones' >s
	fails 1 'its name is not UTF-8' tmo-to-safetensors s
	mkstream a:f4:2:ones >s
	[ ! -s out ]
	mkdir d
	tar xf s -C d
	echo 'nonsense' >d/safetensors.json
	tar --sort=name -C d -cf s .
	fails 1 'safetensors.json: its header does not begin' tmo-to-safetensors s
	echo '{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}' >d/safetensors.json
	tar --sort=name -C d -cf s .
	fails 1 'safetensors.json: tensor "a": F32 \[3\] does not take' tmo-to-safetensors s
	# one that speaks of other tensors is no harm
	echo '{"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}' >d/safetensors.json
	tar --sort=name -C d -cf s .
	tmo-to-safetensors s >f
	header f | grep -q '^{"a":{"dtype":"F32","shape":\[2\],"data_offsets":\[0,8\]}} *'
}

@test "safetensors: the network is left out, and -v says so" {
	mkonnx 'ir 8' 'opset 13' 'input x' 'init w f32 24x20 raw' 'node MatMul m x,w y' 'output y' | tmo-from-onnx >s
	tmo-to-safetensors -v s 2>err >f
	grep -qx 'tmo-to-safetensors: graph.onnx: only weights are taken: safetensors has no place for it' err
	grep -qx 'tmo-to-safetensors: tensors/w: F32 \[24, 20\]' err
	there_and_back f
}

@test "safetensors: memory does not grow with the file" {
	sanitized && skip "sanitizers take memory of their own"
	python3 - <<-'END'
		import struct
		size = 1 << 28
		text = b'{"a":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}}' % (size // 4, size)
		text += b" " * (-len(text) % 8)
		with open("big", "wb") as f:
		    f.write(struct.pack("<Q", len(text)) + text)
		    f.truncate(8 + len(text) + size)
	END
	(ulimit -v 60000 && tmo-from-safetensors big >big.tar)
	(ulimit -v 60000 && tmo-to-safetensors big.tar | cmp - big)
}

@test "safetensors: biases that stayed in the network are there too" {
	mkonnx 'ir 8' 'opset 13' 'input x' 'init conv.w f32 8x4x6x6 raw' 'init conv.b f32 8 raw' \
		'init fc.w f32 8x20 typed' 'init fc.b f16 20 typed' 'init shape i64 2 raw' \
		'node Conv conv x,conv.w,conv.b h' 'node MatMul fc h,fc.w z' 'node Add add z,fc.b y' 'output y' >m.onnx
	tmo-from-onnx m.onnx >m.tar
	run ! grep -q conv.b <(members m.tar)
	tmo-to-safetensors m.tar >m.safetensors
	tmo-from-safetensors m.safetensors >back.tar
	for name in conv.w conv.b fc.w fc.b; do
		members back.tar | grep -qx "tensors/$name.npy" || { members back.tar; return 1; }
	done
	run ! grep -q shape <(members back.tar)
	cmp m.safetensors <(tmo-to-safetensors back.tar)
	cmp m.safetensors <(tmo-to-safetensors <m.tar)
}
