# SPDX-License-Identifier: Apache-2.0
# What comes in goes out as it was, where nothing changed it. What onnx and onnxruntime say of that,
# with every field of real models, tests/ci/onnx_back.py asks.
load helper
load helper/onnx

same() {
	python3 "$BATS_TEST_DIRNAME/helper/samemodel.py" "$1" "$2"
}

origin() {
	python3 "$BATS_TEST_DIRNAME/helper/origin.py" "$1"
}

# comes_back LINE...: the model of these lines does, from ./s, also packed.
comes_back() {
	import "$@"
	tmo-to-onnx s >back.onnx
	same m.onnx back.onnx
	tmo-pack --zstd 3 s | tmo-to-onnx | cmp - back.onnx
	tmo-from-onnx back.onnx | cmp - s
}

branches=("input c" "input x" "init k f32 16x16 raw" "if c y"
	"init w f32 16x16 raw" "init only f32 16x16 raw" "init small f32 4 raw"
	"node MatMul . x,w t" "node Add . t,only t2" "output t2"
	"else" "const w f32 16x16 raw named" "node MatMul . x,w u"
	"if c z" "node MatMul . u,w d" "output d" "else" "const d2 f32 16x16 raw" "output d2" "end" "output z"
	"end" "node MatMul last x,k v" "output y" "output v")

@test "back: weights in Constants, in branches, in a loop's body, with names that clash" {
	comes_back "input x" "const w f32 16x16 raw made" "const s i64 2 raw" "const v f32 300 raw" \
		"node MatMul a x,w m" "node Add b m,v n" "node Reshape c n,s y" "output y"
	comes_back "${branches[@]}"
	comes_back "const w f32 16x16 raw" "node Relu . w y" "output w" "output y"
	comes_back "input n" "input g" "init s f32 16x16 raw" "loop n,g,s y" "input i" "input go" \
		"input s" "init w f32 16x16 raw" "node MatMul . s,w t" "output go" "output t" "end" "output y"
}

@test "back: IR version 3, whose initializers are inputs, unless a weight is encoded" {
	comes_back "ir 3" "opset 7" "input x" "input w" "input b" "init w f32 8x8 raw" "init b f32 8 raw" \
		"node Gemm . x,w,b y" "output y"
	tmo-quant s | tmo-to-onnx | showonnx >graph
	has "ir 4"
	lacks "input w"
}

@test "back: operators over integers, and nodes that decode" {
	comes_back "input x" "init w_quantized i8 4x6 raw" "init w_scale f32 6 raw" "init w_zero i8 6 raw" \
		"node DynamicQuantizeLinear . x q,s,z" "node Mul . s,w_scale f" \
		"node MatMulInteger mm q,w_quantized,z,w_zero i" "node Cast . i c to 1" "node Mul . c,f m" \
		"init b f32 6 raw" "node Add . m,b y" "output y"
	comes_back "input x" "init w_quantized u8 4x3x2x2 raw" "init w_scale f32 - raw" "init w_zero u8 - raw" \
		"node DynamicQuantizeLinear . x q,s,z" "node Mul . s,w_scale f" \
		"node ConvInteger mm q,w_quantized,z,w_zero i" "node Cast . i c to 1" "node Mul . f,c m" "output m"
	comes_back "input i" "init t_quantized u8 5x4 raw" "init s f32 - raw" "init z u8 - raw" \
		"node Gather g t_quantized,i q axis 1" "node DequantizeLinear . q,s,z y" "output y"
	comes_back "opset 21" "ir 10" "input x" "init q i4 30x37 raw" "init s f32 37 raw" \
		"node DequantizeLinear d q,s w axis 1" "node MatMul m x,w y" "output y"
	comes_back "input x" "init q f16 8x300 raw" "node Cast widen q w to 1" "node MatMul m x,w y" "output y"
	# Scales of 1,024 bytes and more are the stream's, too.
	comes_back "input x" "init q i8 4x300 raw" "init s f32 300 raw" "const z i8 300 raw" \
		"node DequantizeLinear . q,s,z w axis 1" "node MatMul . x,w y" "output y"
	# In branches, under one name.
	comes_back "input c" "input x" "if c y" "init q i8 40x40 raw" "init s f32 - raw" \
		"node DequantizeLinear . q,s w" "node MatMul . x,w t" "output t" "else" \
		"const q2 u8 40x40 raw" "init s2 f32 - raw" "init z2 u8 - raw" \
		"node DequantizeLinear . q2,s2,z2 w2" "node MatMul . x,w2 u" "output u" "end" "output y"
}

@test "back: QLinearMatMul, whose bias has the product of two scales" {
	comes_back "input x" "init xs f32 - raw" "init xz u8 - raw" "init w i8 8x6 raw" "init ws f32 - raw" \
		"init wz i8 - raw" "init ys f32 - raw" "init yz u8 - raw" \
		"node QLinearMatMul mm x,xs,xz,w,ws,wz,ys,yz y" "output y"
	comes_back "input x" "init xs f32 - raw" "init xz u8 - raw" "init w i8 8x3x3x3 raw" "init ws f32 8 raw" \
		"init wz i8 8 raw" "init ys f32 - raw" "init yz u8 - raw" "init b i32 8 raw" \
		"node QLinearConv c x,xs,xz,w,ws,wz,ys,yz,b y" "output y"
}

@test "back: MatMulNBits, turned, with scales that are the stream's, and rows that are not full" {
	comes_back "input x" "init q u8 24x4x8 raw" "init s f32 24x4 raw" \
		"node com.microsoft:MatMulNBits m x,q,s y K 64 N 24 block_size 16 bits 4 accuracy_level 4" "output y"
	comes_back "input x" "init q u8 96x4x8 raw" "init s f32 96x4 raw" "init z u8 96x2 raw" \
		"node com.microsoft:MatMulNBits m x,q,s,z y K 64 N 96 block_size 16 bits 4" "output y"
	# Of 60 rows the model has 64: what is in the rest counts for nothing, and comes back as 0.
	import "input x" "init q u8 24x4x8 raw" "init s f32 24x4 raw" \
		"node com.microsoft:MatMulNBits m x,q,s y K 60 N 24 block_size 16 bits 4" "output y"
	tmo-to-onnx s >back.onnx
	cmp <(showonnx <m.onnx) <(showonnx <back.onnx)
	tmo-from-onnx back.onnx >again
	cmp <(member s tensors/q_float/codes.npy) <(member again tensors/q_float/codes.npy)
}

@test "back: codes of two weights are one array again, unless one of the two has changed" {
	import "input x" "init q i8 30x30 raw" "init s f32 - raw" "init t f32 30 raw" \
		"node DequantizeLinear . q,s a" "node DequantizeLinear . q,t b axis 1" \
		"node MatMul . x,a m" "node MatMul . m,b y" "output y"
	tmo-to-onnx s >back.onnx
	same m.onnx back.onnx
	tmo-quant --bits 4 --only b s >q
	tmo-to-onnx q | tmo-from-onnx >again
	cmp <(member q tensors/a/codes.npy) <(member again tensors/a/codes.npy)
	cmp <(member q tensors/b/codes.npy) <(member again tensors/b/codes.npy)
	cmp <(member q tensors/b/scale.npy) <(member again tensors/b/scale.npy)
}

@test "back: values that changed go where the others were" {
	import "${branches[@]}"
	tmo-prune --sparsity 0.5 --only w_1 --only d2_1 s >p
	tmo-to-onnx p >back.onnx
	cmp <(showonnx <m.onnx) <(showonnx <back.onnx)
	tmo-from-onnx back.onnx >again
	for name in k w_1 w_2 only d2_1; do
		cmp <(member p tensors/$name.npy) <(member again tensors/$name.npy)
	done
	run ! cmp -s <(member s tensors/w_1.npy) <(member again tensors/w_1.npy)
}

@test "back: codes that changed stay in the operator that has them" {
	import "input x" "init w_quantized i8 4x6 raw" "init w_scale f32 - raw" "init w_zero i8 - raw" \
		"node DynamicQuantizeLinear . x q,s,z" "node Mul . s,w_scale f" \
		"node MatMulInteger mm q,w_quantized,z,w_zero i" "node Cast . i c to 1" "node Mul . c,f y" "output y"
	mkdir d
	tar xf s -C d
	printf '\1\2\3' | dd of=d/tensors/w/codes.npy bs=1 seek=128 conv=notrunc status=none
	tar --sort=name -cf changed -C d .
	tmo-to-onnx changed >back.onnx
	cmp <(showonnx <m.onnx) <(showonnx <back.onnx)
	tmo-from-onnx back.onnx >again
	[ "$(values again tensors/w/codes.npy | head -n 4 | xargs)" = "1 2 3 $(values s tensors/w/codes.npy | sed -n 4p)" ]
}

@test "back: a weight of another form leaves, the others do not" {
	import "${branches[@]}"
	tmo-quant --only w_2 s >q
	tmo-to-onnx q | showonnx >graph
	has "init only 16x16 data"
	[ "$(grep -c "init w 16x16 data" graph)" -eq 1 ]	# w_1, where it was
	has "node Constant - d2"
	lacks "node Constant - w"
	has "init w_2_quantized 16x16 data"
	tmo-to-onnx q | tmo-from-onnx | tmo-decode >again
	tmo-decode q >d
	for name in k w_2 only d2_1; do
		cmp <(member again tensors/$name.npy) <(member d tensors/$name.npy)
	done
	cmp <(member again tensors/w.npy) <(member d tensors/w_1.npy)	# the name is free

	# One of two layers over integers.
	import "input x" "init a i8 24x40 raw" "init as f32 - raw" "init az i8 - raw" \
		"init b i8 40x30 raw" "init bs f32 - raw" "init bz i8 - raw" \
		"node DynamicQuantizeLinear . x q,s,z" "node Mul . s,as f" "node MatMulInteger one q,a,z,az i" \
		"node Cast . i c to 1" "node Mul . c,f m" "node DynamicQuantizeLinear . m q2,s2,z2" \
		"node Mul . s2,bs f2" "node MatMulInteger two q2,b,z2,bz i2" "node Cast . i2 c2 to 1" \
		"node Mul . c2,f2 y" "output y"
	tmo-quant --bits 4 --only 'b*' s | tmo-to-onnx | showonnx >graph
	has "node MatMulInteger q,a,z,az i"
	lacks "node MatMulInteger q2"
	has "init a 24x40 data"
	tmo-quant --bits 4 s | tmo-to-onnx | showonnx >graph
	lacks "Integer"
}

@test "back: dense weights leave operators over integers, and Constants stay" {
	import "input x" "const c f32 16x16 raw" "init q i8 16x16 raw" "init s f32 - raw" \
		"node DequantizeLinear . q,s w" "node MatMul . x,w m" "node MatMul . m,c y" "output y"
	tmo-to-onnx --weights dense s | showonnx >graph
	has "node Constant - c"
	has "init w 16x16 data"
	lacks Dequantize
	cat s | tmo-to-onnx --weights dense | showonnx | cmp - graph
}

@test "back: with --external, weights of Constants and inner graphs are in the file" {
	import "${branches[@]}"
	tmo-to-onnx -e w.bin -o e.onnx s
	showonnx <e.onnx >graph
	lacks "Constant"
	[ "$(grep -c w.bin graph)" -eq 5 ]
	tmo-from-onnx e.onnx >again
	cmp <(member s tensors/w_2.npy) <(member again tensors/w_2.npy)
}

@test "back: a network that has changed, or whose stream says nothing of before, keeps its weights in front" {
	import "${branches[@]}"
	for how in forget note; do
		origin $how <s >other
		tmo-to-onnx -v other >o.onnx 2>err
		showonnx <o.onnx >graph
		has "init w_2 16x16 data"
		has "node Identity d2_1 d2"
		lacks "Constant"
	done
	grep -q 'the network has changed: weights stay where' err
	# The same bytes as a model that never had any of it, but for the note.
	origin forget <s | tmo-to-onnx >plain.onnx
	tmo-from-onnx plain.onnx >s2
	tmo-to-onnx s2 | cmp - plain.onnx
	origin damage <s >other
	fails 1 'tmo-to-onnx: graph.onnx: ' tmo-to-onnx other
}

@test "back: no more than a weight is in memory, in Constants too" {
	if sanitized; then skip "sanitizers need the address space"; fi
	truncate -s 16M w.bin
	lines=("input x" "if x y")
	for i in {1..4}; do lines+=("const w$i f32 4096x1024 w.bin:0:16777216"); done
	mkonnx "${lines[@]}" "output w1" "else" "init v f32 4096x1024 w.bin:0:16777216" "output v" "end" >m.onnx
	tmo-from-onnx m.onnx >s
	(ulimit -v 60000; tmo-to-onnx -o back.onnx s)
	cmp <(showonnx <m.onnx | sed 's/ w.bin.*/ data/') <(showonnx <back.onnx)
	[ "$(stat -c %s back.onnx)" -gt $((5 * 16 << 20)) ]
}
