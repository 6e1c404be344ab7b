# SPDX-License-Identifier: Apache-2.0
# tmo-to-onnx --weights quantized: what the nodes make of the codes, by tests/helper/onnxeval.py, which
# knows ONNX and not tmo. onnx's checker and onnxruntime are asked by tests/ci/onnx_quantized.py;
# what is dense, and all else about ONNX, by onnx.bats.
load helper
load helper/onnx

# network OPSET LINE...: a stream ./s of such a network (see mkonnx.c) whose weights w, v and k (if they
# are in it) have random values.
network() {
	local opset=$1
	shift
	mkonnx "ir 8" "opset $opset" "$@" >m.onnx
	tmo-from-onnx m.onnx >plain
	rm -rf net
	mkdir net
	tar xf plain -C net
	mkstream w:f4:24x40:normal v:f4:40x18:normal k:f4:16x8x3x3:normal | tar xf - -C net
	for name in w v k; do
		members plain | grep -qx "tensors/$name.npy" || rm "net/tensors/$name.npy"
	done
	tar cf s -C net graph.onnx tensors
}

simple=("input x" "init w f32 24x40 raw" "init v f32 40x18 raw" "init k f32 16x8x3x3 raw"
	"node MatMul . x,w a" "node MatMul . a,v b" "node Conv . x,k c" "output b" "output c")

list() {
	python3 "$root/tests/helper/onnxeval.py" --list
}

# made MODEL NAME...: the elements of values, as `values` prints them.
made() {
	local model=$1
	shift
	python3 "$root/tests/helper/onnxeval.py" "$@" <"$model"
}

# same STREAM MODEL NAME...: the model makes of each what tmo-decode makes of it.
same() {
	local stream=$1 model=$2 name
	shift 2
	tmo-decode "$stream" >decoded
	made "$model" "$@" | cmp - <(for name; do values decoded "tensors/$name.npy"; done)
}

# lists LINE: a line of ./listed.
lists() {
	grep -Fqx -- "$1" listed || { echo "no line \"$1\" in:"; cat listed; return 1; }
}

# export STREAM: it as ./q.onnx, which is shown in ./graph and ./listed.
export_stream() {
	tmo-to-onnx -v "$1" 2>notes >q.onnx
	showonnx <q.onnx >graph
	list <q.onnx >listed
}

ways=("quant --bits 8" "quant --bits 8 -a -g tensor" "quant --bits 5 -g group:8"
	"quant --bits 4 -g channel" "quant --bits 4 -g tensor" "quant --bits 3 -a -g group:7"
	"quant --bits 2 -g channel" "quant --bits 4 -g group:16" "cluster -c 12"
	"cluster -c 3 -g channel" "cluster -c 20" "cluster -c 4 -g group:20" "quant --type f16")

@test "to-onnx: in every form the weights are what tmo-decode says, at every opset" {
	for opset in 7 21; do
		network "$opset" "${simple[@]}"
		for way in "${ways[@]}"; do
			# shellcheck disable=SC2086  # a program and its options
			tmo-$way s >q || return
			export_stream q
			same q q.onnx w k || { echo "opset $opset, $way:"; cat listed graph; return 1; }
			[ "$(grep -c dense notes)" -eq 0 ]
		done
	done
}

@test "to-onnx: codebooks with scales, nf4, fp8, ternary, halves of codebooks" {
	network 13 "${simple[@]}"
	for way in "tmo-cluster -c 16 s | tmo-quant --bits 8" \
		"tmo-cluster -c 12 -g channel s | tmo-quant --bits 8 -a -g channel" \
		"tmo-cluster -c 8 s | tmo-quant --type f16" "tmo-quant --type nf4 s" \
		"tmo-quant --type f8e4m3 s" "tmo-quant --type f8e5m2 --scale none s" \
		"tmo-quant --type ternary s" "tmo-quant --type binary s" "tmo-quant --type bf16 s"; do
		bash -c "$way" >q
		export_stream q
		same q q.onnx w v k || { echo "$way:"; cat listed graph; return 1; }
		[ "$(grep -c dense notes)" -eq 0 ]
	done
}

@test "to-onnx: what is stored, for one scale, a scale a channel, a scale a group" {
	network 13 "${simple[@]}"
	tmo-quant --bits 8 -g tensor s >q
	export_stream q
	lists "w_quantized i8 24x40 960"
	lists "w_scale f32 - 4"
	has "node DequantizeLinear w_quantized,w_scale w"
	tmo-quant --bits 6 -a -g channel s >q
	export_stream q
	lists "opset 13"
	lists "w_quantized u8 24x40 960"
	lists "w_scale f32 40 160"
	lists "w_zero_point u8 40 40"
	lists "k_scale f32 16 64"
	has "node DequantizeLinear w_quantized,w_scale,w_zero_point w"
	# Groups at 8 bits are no reason to raise the opset; where it is 21, they are what it has.
	tmo-quant --bits 8 -a -g group:8 s >q
	export_stream q
	lists "opset 13"
	lists "w_scale f32 3x1x40 480"
	has "node Cast w_quantized w_cast"
	has "node Reshape w_cast,w_shape w_reshape"
	has "node Cast w_zero_point w_cast_1"
	has "node Sub w_reshape,w_cast_1 w_sub"
	has "node Mul w_sub,w_scale w_mul"
	has "node Reshape w_mul,w_shape_1 w"
	network 21 "${simple[@]}"
	tmo-quant --bits 8 -a -g group:8 s >q
	export_stream q
	lists "w_scale f32 3x40 480"
	lists "w_zero_point u8 3x40 120"
	has "node DequantizeLinear w_quantized,w_scale,w_zero_point w"
}

@test "to-onnx: scales along two axes: along one of a view, or in blocks, or by arithmetic" {
	local opset network=("input x" "init e f32 3x24x20 raw" "init h f32 24x4x5 raw"
		"init l f32 2x20x6 raw" "init r f32 2x20x5 raw" "init t f32 12x5x3x3 raw"
		"node MatMul . x,e a" "node Flatten . h g" "node MatMul . x,g b"
		"node LSTM . x,l,r c hidden_size 5" "node ConvTranspose . x,t d group 3"
		"output a" "output b" "output c" "output d")
	for opset in 13 21; do
		mkonnx "ir 10" "opset $opset" "${network[@]}" >m.onnx
		tmo-from-onnx m.onnx | tmo-quant -a >q
		export_stream q
		same q q.onnx e h l t || { echo "opset $opset:"; cat listed graph; return 1; }
		lists "e_scale f32 3x1x20 240"
		has "node Reshape t_cast,t_shape t_reshape" # groups and outputs, with inputs between and kernels behind
		tmo-from-onnx q.onnx >back
		rm -rf one two
		mkdir one two
		tar xf q -C one
		tar xf back -C two
		diff -r one/tensors two/tensors
	done
	has "node DequantizeLinear e_quantized,e_scale,e_zero_point e"
	mkonnx "ir 10" "opset 13" "${network[@]}" | tmo-from-onnx | tmo-quant >q
	export_stream q
	has "node Mul e_cast,e_scale e"
	lists "h_quantized i8 24x20 480"
	lists "h_scale f32 20 80"
	has "node DequantizeLinear h_quantized,h_scale h_f32"
	has "node Reshape h_f32,h_shape h"
	lists "l_quantized i8 40x6 240"
	lists "l_scale f32 40 160"
}

@test "to-onnx: a Reshape of a weight that is the network's own stays" {
	mkonnx "ir 8" "opset 13" "input x" "init q i8 6x5 raw" "init q_scale f32 6 raw" "init s i64 2 raw" \
		"node DequantizeLinear . q,q_scale v axis 0" "node Reshape . v,s w" "node MatMul . x,w y" \
		"output y" | tmo-from-onnx >back
	member back graph.onnx | showonnx | grep -q 'node Reshape'
	members back | grep -q tensors/v/codes.npy
}

@test "to-onnx: 4 bits raise the opset, 2 bits take what there is" {
	network 13 "${simple[@]}"
	tmo-quant --bits 4 s >q
	export_stream q
	lists "opset 21"
	lists "ir 10"
	lists "w_quantized i4 24x40 480"
	grep -qx 'tmo-to-onnx: opset raised from 13 to 21' notes
	grep -qx 'tmo-to-onnx: tensors/w: written as int4: DequantizeLinear' notes
	tmo-quant --bits 2 -g channel s >q
	export_stream q
	lists "w_quantized i4 24x40 480"
	network 25 "${simple[@]}"
	tmo-quant --bits 2 -g channel s >q
	export_stream q
	lists "opset 25"
	lists "ir 13"
	lists "w_quantized i2 24x40 240"
	tmo-quant --bits 4 s >q
	export_stream q
	lists "w_quantized i4 24x40 480"
}

@test "to-onnx: codebooks" {
	network 13 "${simple[@]}"
	tmo-cluster -c 30 --only w s >q
	export_stream q
	lists "opset 13"
	lists "w_quantized u8 24x40 960"
	lists "w_codebook f32 30 120"
	has "node Cast w_quantized w_cast"
	has "node Gather w_codebook,w_cast w"
	tmo-cluster -c 16 --only w s >q
	export_stream q
	lists "opset 21"
	lists "w_quantized u4 24x40 480"
	tmo-cluster -c 4 -g channel --only w s >q
	export_stream q
	lists "w_codebook f32 160 640"
	lists "w_offset u8 1x40 40"
	has "node Add w_cast,w_cast_1 w_add"
	tmo-cluster -c 30 --only w s | tmo-quant --bits 8 --only w >q
	export_stream q
	lists "w_codebook i8 30 30"
	has "node DequantizeLinear w_codebook,w_scale w_f32"
	has "node Gather w_f32,w_cast w"
}

@test "to-onnx: zero points of elements beside scales of groups are written dense" {
	network 21 "${simple[@]}"
	tmo-quant --bits 8 -a -g group:8 --only w s >q
	rm -rf net
	mkdir net
	tar xf q -C net
	python3 - net/tensors/w/zero_point.npy <<-'E'
	import sys
	data = open(sys.argv[1], "rb").read()
	start = 10 + data[8] + 256 * data[9]
	assert b"(3, 40)" in data[:start], data[:start]
	rows = [data[start + 40 * i:start + 40 * i + 40] for i in range(3)]
	open(sys.argv[1], "wb").write(data[:start].replace(b"(3, 40), }", b"(24, 40), }").replace(b" \n", b"\n") +
	                              b"".join(rows[i // 8] for i in range(24)))
	E
	tar cf mixed -C net model.yaml graph.onnx tensors
	tmo-decode q >want
	tmo-decode mixed >got
	cmp <(values want tensors/w.npy) <(values got tensors/w.npy)
	export_stream mixed
	grep -q 'tensors/w: written dense' notes
	same mixed q.onnx w
}

@test "to-onnx: bit patterns become Cast, of f8 too, or a table" {
	network 13 "${simple[@]}"
	tmo-quant --type bf16 --only w s >q
	export_stream q
	lists "w_quantized bf16 24x40 1920"
	has "node Cast w_quantized w"
	tmo-quant --type f8e4m3 --scale none --only w s >q
	export_stream q
	lists "opset 19"
	lists "ir 9"
	lists "w_quantized f8e4m3 24x40 960"
	network 12 "${simple[@]}" "init s f32 4 raw" "node GroupNormalization . x,s,s g" "output g"
	tmo-quant --type bf16 --only w s >q
	export_stream q
	lists "opset 13"
}

@test "to-onnx: what cannot be raised stays, and the codes take a byte" {
	network 18 "${simple[@]}" "init s f32 4 raw" "node GroupNormalization . x,s,s g" "output g"
	tmo-quant --bits 4 -g group:8 s >q
	export_stream q
	lists "opset 18"
	lists "ir 8"
	lists "w_quantized i8 24x40 960"
	grep -q 'opset stays 18: GroupNormalization g cannot be raised to opset 21' notes
	same q q.onnx w v k
	tmo-quant --type f8e4m3 s >q
	export_stream q
	lists "opset 19"
	# Operators that are no more, or mean something else.
	local op
	for op in ImageScaler MeanVarianceNormalization; do
		network 8 "${simple[@]}" "node $op . b g" "output g"
		tmo-quant --bits 4 s >q
		export_stream q
		lists "opset 8"
		grep -q "opset stays 8: $op g cannot be raised" notes
		same q q.onnx w v k
	done
	network 6 "${simple[@]}"
	tmo-quant --bits 4 s >q
	export_stream q
	grep -q 'opset stays 6: opset 6 is too old' notes
	grep -q 'tensors/w: written dense' notes
	same q q.onnx w v k
}

@test "to-onnx: nodes of old form are rewritten, in inner graphs too" {
	network 9 "${simple[@]}" "input c" "node Softmax . b s axis 1" "node Squeeze . s q axes 0,2" \
		"node ReduceMean . q r axes 1" "node Split . r t1,t2 split 2,3" \
		"node TopK . t1 z,n k 3" \
		"if c y" "node Unsqueeze . z i axes 0" "output i" \
		"else" "node ReduceSum . z j axes 2,3" "output j" "end" "output y"
	tmo-quant --bits 4 s >q
	export_stream q
	lists "opset 21"
	has "node Shape b s_shape"
	has "node Flatten b s_flat"
	has "node Softmax s_flat s_rows"
	has "node Reshape s_rows,s_shape s"
	has "node Constant - q_axes"
	has "node Squeeze s,q_axes q"
	has "node ReduceMean q,r_axes r"
	has "node Split r,t1_split t1,t2"
	has "node TopK t1,z_k z,n"
	has "node Unsqueeze z,i_axes i"
	has "node ReduceSum z,j_axes j"
	# Nothing of the kind where the opset stays.
	tmo-quant --bits 8 s >q
	export_stream q
	lists "opset 9"
	has "node Squeeze s q"
	has "node Softmax b s"
}

@test "to-onnx: names that are taken, inputs, outputs, inner graphs" {
	network 13 "input x" "input w" "input w_scale" "init w f32 24x40 raw" "init v f32 40x18 raw" \
		"node MatMul . x,w w_quantized" "node Add . w_quantized,w_scale w_cast" \
		"if x y" "node MatMul . w_cast,v w_quantized_1" "output w_quantized_1" \
		"else" "node MatMul . w_cast,v e" "output e" "end" "output y" "output w"
	tmo-quant --bits 8 s >q
	export_stream q
	has "node DequantizeLinear w_quantized_2,w_scale_1 w"
	has "node MatMul x,w w_quantized"
	has "node MatMul w_cast,v w_quantized_1"
	has "output w"
	has "input w_scale"
	[ "$(grep -cx "input w" graph)" -eq 0 ]
	[ "$(grep -n '^node' graph | head -n 2 | grep -c DequantizeLinear)" -eq 2 ]
	same q q.onnx w v
}

@test "to-onnx: f16, f64 and bf16 networks keep their types" {
	for type in f16 f64 bf16; do
		mkonnx "opset 13" "init w $type 40x30 raw" "init v $type 30x30 raw" \
			"node MatMul . w,v y" "output y" | tmo-from-onnx >s
		tmo-quant --bits 8 -g tensor s >q
		export_stream q
		case $type in
		f64) has "node Mul w_cast,w_cast_1 w" || has "node Mul w_cast,w_scale w" ;;
		*) has "node Cast w_f32 w" ;;
		esac
		[ $type = bf16 ] || same q q.onnx w v
	done
}

@test "to-onnx: too small to be worth it" {
	network 13 "init w f32 24x40 raw" "init tiny f32 3x3 raw" "init b f32 40 raw" \
		"node MatMul . w,tiny y" "output y"
	tmo-quant --bits 8 --only '*' s >q
	export_stream q
	has "init tiny 3x3 data"
	grep -q 'tensors/tiny: written dense' notes
	lists "w_quantized i8 24x40 960"
}

@test "to-onnx: a file beside the model, a pipe, a payload" {
	network 13 "${simple[@]}"
	tmo-quant --bits 4 s >q
	tmo-to-onnx q >q.onnx
	dd if=q status=none | tmo-to-onnx | cmp - q.onnx
	tmo-pack --zstd 3 q | tmo-to-onnx | cmp - q.onnx
	for j in 1 2 7; do tmo-to-onnx -j $j q | cmp - q.onnx; done
	mkdir there
	tmo-to-onnx --external there/w.bin -o there/m.onnx q
	showonnx <there/m.onnx >graph
	tmo-quant --bits 8 s >q
	tmo-to-onnx --external there/w.bin -o there/m.onnx q
	showonnx <there/m.onnx >graph
	has "init k_quantized 16x8x3x3 w.bin:0:1152"
	has "init w_quantized 24x40 data"
	cmp <(head -c 1152 there/w.bin) <(member q tensors/k/codes.npy | tail -c +129)
	tmo-to-onnx q | cmp - <(tmo-to-onnx <q)
}

@test "to-onnx: dense is what decoding first gives" {
	network 13 "${simple[@]}"
	tmo-quant --bits 4 s >q
	tmo-to-onnx --weights dense q >d.onnx
	tmo-decode q | tmo-to-onnx | cmp - d.onnx
	fails 2 'weights' tmo-to-onnx --weights sparse q
}

@test "to-onnx: codes that the codebook does not have" {
	network 13 "${simple[@]}"
	tmo-cluster -c 30 --only w s | tar xf -
	python3 - <<-'END'
		path = "tensors/w/codes.npy"
		data = bytearray(open(path, "rb").read())
		data[-3] = 99
		open(path, "wb").write(data)
	END
	tar cf bad model.yaml graph.onnx tensors
	for form in quantized dense; do
		fails 1 'tensors/w: code 99 at index 957 is outside\|957' tmo-to-onnx -w $form -o m2.onnx bad
		[ ! -e m2.onnx ]
	done
}

@test "to-onnx: a stream cut anywhere leaves no model" {
	network 13 "${simple[@]}"
	tmo-quant --bits 4 s >q
	size=$(stat -c %s q)
	for i in {0..39}; do
		head -c $((i * (size - 1024) / 40)) q >cut
		status=0
		tmo-to-onnx -o m2.onnx --external w.bin cut 2>err || status=$?
		[ "$status" -eq 1 ]
		[ "$(wc -l <err)" -eq 1 ]
		[ ! -e m2.onnx ] && [ ! -e w.bin ]
	done
	[ -z "$(find . -name 'w.bin*' -o -name 'm2.onnx*')" ]
}

@test "to-onnx: no more than a tensor is in memory" {
	if sanitized; then skip "sanitizers need the address space"; fi
	truncate -s 16M w.bin
	lines=()
	for i in {1..6}; do lines+=("init w$i f32 4096x1024 w.bin:0:16777216" "node MatMul . x,w$i y$i"); done
	mkonnx "${lines[@]}" >m.onnx
	tmo-from-onnx m.onnx | tmo-quant --bits 4 -g tensor >q
	(ulimit -v 60000; tmo-to-onnx -o q.onnx q)
	[ "$(stat -c %s q.onnx)" -lt $((6 * 2100000)) ]
}
