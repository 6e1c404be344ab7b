# SPDX-License-Identifier: Apache-2.0
# limits.bats: what announces more than anybody can hold, or nests and repeats without end, is
# refused before memory and time are spent. tests/helper/hostile.py makes the inputs, as they are read.
load helper

# spends MIB INPUT PATTERN [PROGRAM [SECONDS]]: on that input the program fails with one line that
# matches, or, with the pattern "fine", succeeds in silence; never over MIB of memory, nor over
# SECONDS (5) of processor time, which other work on the machine changes less than the clock's.
spends() {
	local mib=$1 input=$2 pattern=$3 program=${4-tmo-decode} most=${5-5} want=1
	local status used seconds said
	sanitized && mib=4000 most=$((4 * most))
	[ "$pattern" != fine ] || { want=0 pattern='^$'; }
	# shellcheck disable=SC2086  # a program and its options
	python3 "$root/tests/helper/hostile.py" "$input" $program -q >told
	read -r status used seconds said <told
	if [ "$status" != "$want" ] || [ "$(wc -l <told)" -ne 1 ] || ! grep -q -- "$pattern" <<<"$said" ||
		[ "$used" -gt "$mib" ] || [ "${seconds%.*}" -ge "$most" ]; then
		echo "$program of $input: wanted status $want, at most $mib MiB, '$pattern';"
		echo "got status, MiB, seconds, message:"
		cat told
		return 1
	fi
}

@test "limits: .npy headers that declare 2^60 elements, or a million axes" {
	spends 64 npy-shape '0 bytes of data, its header says 4611686018427387904; '
	spends 64 npy-shape-product 'too large'
	spends 64 npy-shape-zero fine
	spends 64 npy-digits 'bad .npy header'
	spends 64 npy-announced '4611686018427387904 bytes\|truncated'
	spends 64 npy-axes 'bad .npy header'
	spends 64 npy-axes-million 'header of 3000128 bytes, at most 65536'
	spends 64 npy-header 'header of 4294967295 bytes, at most 65536'
	spends 64 npy-nested 'bad .npy header'
}

@test "limits: tensor.yaml: shapes, axes, blocks" {
	spends 64 yaml-shape 'another shape than tensor.yaml says'
	spends 64 yaml-axes '3000027 bytes of tensor.yaml, at most 1048576'
	spends 64 yaml-block fine
}

@test "limits: a tensor.yaml of 1 GiB, of whatever, compressed or not" {
	local input
	for input in tensor-zeros tensor-list tensor-comment tensor-flow zstd-tensor; do
		spends 64 $input '1073741824 bytes of tensor.yaml, at most 1048576'
	done
}

@test "limits: a model.yaml or an index of 1 GiB, compressed or not" {
	local input
	for input in manifest-zeros manifest-list manifest-spaces zstd-manifest; do
		spends 64 $input 'model.yaml: 1073741824 bytes, at most 16 MiB'
	done
	spends 64 index-list 'tensors.yaml: 1073741824 bytes, at most 256 MiB'
	spends 64 zstd-index 'tensors.yaml: 1073741824 bytes, at most 256 MiB'
	# All of the values have to be read to be too many: that takes 4 seconds, 25 with AddressSanitizer,
	# libyaml's own memory for each of them alone 2 and 13.
	spends 800 packed-values 'more than 8388608 values' tmo-decode 12
}

@test "limits: a graph.onnx of 3 GiB, and one that is announced and not there" {
	spends 64 graph-announced '3221225472 bytes, at most 2 GiB'
	spends 64 graph-cut 'truncated'
}

@test "limits: YAML alias bombs" {
	local input
	for input in manifest-laughs tensor-laughs names-laughs; do
		spends 64 $input 'line 1, column 4: anchors and tags are not supported'
	done
}

@test "limits: YAML that nests a million deep" {
	local input
	for input in deep-lists deep-maps deep-dashes deep-blocks flow-open packed-deep; do
		spends 64 $input 'nested more than 32 deep'
	done
	spends 64 deep-keys 'a list or mapping as a key'
}

@test "limits: long YAML of one kind takes time that grows with it, not with its square" {
	spends 128 long-scalar 'not a mapping'
	spends 128 open-quote 'a quote that is not closed'
	spends 128 many-lines fine
	spends 300 many-keys fine
	spends 64 flow-colons '{ without its }'
	spends 64 questions 'twice'
	spends 64 directives 'a directive of YAML.s, twice'
}

@test "limits: a packed index that announces huge parts" {
	spends 64 packed-plain '4611686018427387904 bytes'
	spends 64 packed-beyond '8 bytes, tensors.yaml says 4611686018427387904'
	spends 64 packed-mask '8 bytes hold no 1152921504606846976 elements'
	spends 64 packed-bits '144115188075855872 bytes\|truncated'
	spends 64 packed-bomb '1073741824 bytes in memory, 349525333 are allowed' 'tmo-unpack --max-memory 1000M'
	spends 64 packed-offset 'should follow 0'
	spends 200 packed-axes 'no list of at most 32'
}

@test "limits: 1 GiB of zeros under zstd: passes where it may stand, in little memory" {
	spends 64 zstd-zeros fine
	spends 64 zstd-other fine
	spends 160 zstd-others fine
	spends 64 zstd-junk "a text under zstd, not a tensor stream"
	spends 64 names-list fine
}

@test "limits: names of a million bytes, members without number" {
	spends 64 long-name 'name or pax header of 1000001 bytes, at most 65536'
	spends 64 long-pax 'name or pax header of 1000014 bytes, at most 65536'
	spends 128 many-others fine
}

@test "limits: ONNX models that declare what is not there" {
	spends 64 onnx-shape '64 bytes of data, its shape and type make 4611686018427387904' tmo-from-onnx
	spends 64 onnx-external 'w.bin.*No such file' tmo-from-onnx
	spends 64 onnx-outside "outside the model's folder" tmo-from-onnx
	spends 64 onnx-length '4611686018427387904 bytes are announced' tmo-from-onnx
	spends 640 onnx-nodes fine tmo-from-onnx
	spends 300 onnx-axes fine tmo-from-onnx
}

@test "limits: external data that is the model itself, a loop, a folder, a device without end" {
	python3 "$root/tests/helper/hostile.py" onnx-itself >m.onnx
	fails 1 'tensors/w: ' timeout 5 tmo-from-onnx m.onnx
	python3 "$root/tests/helper/hostile.py" onnx-external >e.onnx
	ln -s w.bin w.bin
	fails 1 'w.bin.*symbolic links' timeout 5 tmo-from-onnx e.onnx
	ln -sf /dev/zero w.bin
	fails 1 'w.bin' timeout 5 tmo-from-onnx e.onnx
	rm w.bin
	mkdir w.bin
	fails 1 'w.bin' timeout 5 tmo-from-onnx e.onnx
}

@test "limits: safetensors headers" {
	spends 64 safetensors-length '9223372036854775808 bytes, at most 100000000' tmo-from-safetensors
	spends 64 safetensors-announced 'a header of 99000000 bytes is announced, 2 are there' tmo-from-safetensors
	spends 64 safetensors-shape 'truncated: 4611686018427387904 bytes' tmo-from-safetensors
	spends 128 safetensors-axes 'no list of at most 32' tmo-from-safetensors
	spends 64 safetensors-deep 'maximum parsing depth' tmo-from-safetensors
	spends 64 safetensors-lists 'maximum parsing depth' tmo-from-safetensors
}

@test "limits: .npz archives whose headers and directory lie" {
	spends 64 npz-shape 'its header says 128 and 4611686018427387904' tmo-from-npz
	spends 64 npz-claimed 'wrong size' tmo-from-npz
	spends 64 npz-axes 'header of 3000128 bytes, at most 65536' tmo-from-npz
	spends 64 npz-short 'its header says 128 and 8;' tmo-from-npz
	spends 48 npz-fortran '67108864 bytes in memory, 34952533 are allowed' 'tmo-from-npz --max-memory 100M'
	spends 128 npz-members fine tmo-from-npz
	spends 64 npz-text 'none is an array' tmo-from-npz
}

@test "limits: --max-memory refuses a tensor that needs more, lets it pass untouched, and takes sizes" {
	mkstream w:f4:1000x1000:uniform b:u1:1000x1000:ramp >in.tar
	fails 1 'tensors/w.npy: 4000000 bytes in memory, 3495253 are allowed at once' \
		tmo-quant --max-memory 10M in.tar
	tmo-quant --max-memory 10M --skip '*' in.tar >out.tar
	tmo-quant --skip '*' in.tar | cmp - out.tar
	tmo-quant --max-memory 12M in.tar >out.tar
	tmo-quant in.tar | cmp - out.tar
	# Integers are not decoded: they count as they are.
	mkstream b:u1:1000x1000:ramp >bytes.tar
	tmo-eval -q --max-memory 3000k bytes.tar >out.tar
	# Codes of one byte become floats of four.
	tmo-quant --only w in.tar >codes.tar
	fails 1 '4000000 bytes in memory' tmo-decode --max-memory 10M codes.tar
	# Streams that options name are held to it too.
	mkstream w:f4:10x10:normal >small.tar
	fails 1 'tensors/w.npy: 4000000 bytes in memory, 3495253' \
		tmo-eval -q --max-memory 10M --reference in.tar small.tar
	fails 1 'tensors/w.npy: 4000000 bytes in memory' \
		tmo-cluster --max-memory 10M --importance in.tar small.tar
	fails 1 'tensors/w.npy: 4000000 bytes in memory' \
		tmo-prune --max-memory 10M --criterion wanda --input-norms in.tar small.tar
	for size in 0 x -1 1Q 5MB ''; do
		fails 2 '--max-memory: ".*" is no size' tmo-quant --max-memory "$size" in.tar
	done
}
