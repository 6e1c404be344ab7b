# SPDX-License-Identifier: Apache-2.0
# tmo-from-onnx and tmo-to-onnx, on models that tests/helper/mkonnx.c makes. What onnx's checker and
# onnxruntime say of them, tests/ci/onnx_compare.py asks.
load helper
load helper/onnx

@test "onnx: raw_data and typed fields, packed or not, mean the same" {
	for type in f32 f64 f16 bool i8 i16 i32 i64 u8 u16 u32 u64; do
		import "init raw $type 40x40 raw" "init typed $type 40x40 typed"
		cmp <(member s tensors/raw.npy) <(member s tensors/typed.npy)
	done
	for type in f32 i64 i32 u8; do
		import "init raw $type 40x40 raw" "init single $type 40x40 single"
		cmp <(member s tensors/raw.npy) <(member s tensors/single.npy)
	done
}

@test "onnx: elements are what they were" {
	import "init f f32 30x20 typed" "init d f64 30x20 raw" "init i i64 30x20 typed" \
		"init u u8 60x20 typed"
	cmp <(numbers s tensors/f.npy) <(elements 600 0.25)
	cmp <(numbers s tensors/d.npy) <(elements 600 0.25)
	cmp <(numbers s tensors/i.npy) <(elements 600 1)
	cmp <(numbers s tensors/u.npy) <(elements 1200 1)
}

@test "onnx: small integers and vectors stay in the graph, the others leave it" {
	import "init shape i64 4 raw" "init limit i64 127 raw" "init long i64 128 typed" \
		"init bias f32 255 raw" "init wide f32 256 raw" "init scalar f32 - typed" \
		"init w f32 1x1 raw" "init h f16 2x2 raw" "init b i8 31x33 raw" "init e f32 0x5 raw" \
		"init z f32 300x0 none" "init m bool 1023 raw" "init n bool 1024 raw"
	for name in "shape 4" "limit 127" "bias 255" "scalar " "b 31x33" "e 0x5" "z 300x0" "m 1023"; do
		has "init $name data"
	done
	has "init long 128 tensors/long.npy:128:1024"
	has "init wide 256 tensors/wide.npy:128:1024"
	has "init w 1x1 tensors/w.npy:128:4"
	has "init h 2x2 tensors/h.npy:128:8"
	has "init n 1024 tensors/n.npy:128:1024"
	[ "$(members s | xargs)" = "model.yaml graph.onnx tensors/long.npy tensors/wide.npy \
tensors/w.npy tensors/h.npy tensors/n.npy" ]
}

@test "onnx: graph.onnx points at the bytes in the unpacked members, whatever their names" {
	long=$(printf 'scope/%.0s' {1..60})weight
	import "init a/b:0 f32 3x5 raw" "init 50%.q f32 7x9 typed" "init .hidden f16 4x4 raw" \
		"init $long f32 2x2 raw" "init ../../up f32 2x2 raw" "init größe f32 2x3 raw"
	has "init a/b:0 3x5 tensors/a%2Fb%3A0.npy:128:60"
	has "init 50%.q 7x9 tensors/50%25.q.npy:128:252"
	has "init .hidden 4x4 tensors/%2Ehidden.npy:128:32"
	has "init ../../up 2x2 tensors/%2E.%2F..%2Fup.npy:128:16"
	tar xf s
	[ "$(grep -c ' tensors/' graph)" -eq 6 ]
	sed -n 's|.* \(tensors/.*\):\([0-9]*\):\([0-9]*\)$|\1 \2 \3|p' graph | while read -r file at bytes; do
		[ "$(stat -c %s "$file")" -eq $((at + bytes)) ]
	done
	cmp <(tail -c +129 tensors/a%2Fb%3A0.npy | head -c 4) <(printf '\0\0\100\77') # 3 / 4
	tmo-from-onnx graph.onnx | cmp - s
	tmo-to-onnx <s | tmo-from-onnx | cmp - s
}

@test "onnx: there and back, and the stream is the same" {
	import "ir 8" "opset 13" "graph net" "input x" "init w f32 16x40 raw" "init b f32 40 raw" \
		"init h f16 16x40 raw" "init q bf16 16x40 typed" "init s i64 2 raw" \
		"node MatMul n x,w m" "node Add . m,b y" "output y"
	tmo-to-onnx <s >m2.onnx
	tmo-from-onnx <m2.onnx | cmp - s
	tmo-from-onnx m2.onnx -o s2
	cmp s2 s
	tmo-pack --zstd 3 s | tmo-to-onnx | cmp - m2.onnx
	showonnx <m2.onnx >graph
	has "init w 16x40 data"
	has "node MatMul x,w m"
	member s model.yaml >yaml
	grep -qx 'name: net' yaml
	grep -q 'producer: mkonnx' yaml
	grep -q 'ir_version: 8' yaml
	grep -q 'ai.onnx: 13' yaml
	grep -q 'tensors: 3' yaml
}

@test "onnx: Constants become initializers, unless they would stay" {
	import "input x" "const w f32 16x16 raw made" "const s i64 2 raw" "const v f32 300 typed" \
		"node MatMul a x,w m" "node Add b m,v n" "node Reshape c n,s y" "output y"
	has "init w 16x16 tensors/w.npy:128:1024"
	has "init v 300 tensors/v.npy:128:1200"
	has "node Constant - s"
	lacks "node Constant - w"
}

@test "onnx: a Constant that is an output goes on being made" {
	import "const w f32 16x16 raw" "node Relu . w y" "output w" "output y"
	has "init w_1 16x16 tensors/w_1.npy:128:1024"
	has "node Identity w_1 w"
	has "node Relu w y"
}

@test "onnx: weights of inner graphs move out, renamed where they clash" {
	import "input c" "input x" "init k f32 16x16 raw" \
		"if c y" \
		"init w f32 16x16 raw" "init only f32 16x16 raw" "init small f32 4 raw" \
		"node MatMul . x,w t" "node Add . t,only t2" "output t2" \
		"else" \
		"const w f32 16x16 typed" "node MatMul . x,w u" \
		"if c z" "node MatMul . u,w d" "output d" \
		"else" "const d2 f32 16x16 raw" "output d2" "end" "output z" \
		"end" "output y"
	has "init k 16x16 tensors/k.npy:128:1024"
	has "init only 16x16 tensors/only.npy:128:1024"
	has "init w_1 16x16 tensors/w_1.npy:128:1024"
	has "init w_2 16x16 tensors/w_2.npy:128:1024"
	has "init d2_1 16x16 tensors/d2_1.npy:128:1024"
	has "init small 4 data"
	has "node MatMul x,w_1 t"
	has "node MatMul x,w_2 u"
	has "node MatMul u,w_2 d"
	has "node Add t,only t2"
	has "node Identity d2_1 d2"
	lacks "Constant"
}

@test "onnx: an inner graph's own name is not taken for an outer one" {
	import "input c" "input x" "const w f32 16x16 raw" "const w_1 f32 4 raw" \
		"if c y" "node Relu . x w" "node Neg . w t" "output t" \
		"else" "node Neg . w u" "output u" "end" "node Abs . w v" "output y"
	has "init w_2 16x16 tensors/w_2.npy:128:1024"
	has "node Relu x w"
	has "node Neg w t"
	has "node Neg w_2 u"
	has "node Abs w_2 v"
}

@test "onnx: a Loop's body gives its weights away, its inputs stay its own" {
	import "input n" "input g" "init s f32 16x16 raw" "loop n,g,s y" "input i" "input go" \
		"input s" "init w f32 16x16 raw" "node MatMul . s,w t" "output go" "output t" "end" \
		"output y"
	has "init w 16x16 tensors/w.npy:128:1024"
	has "node MatMul s,w t"
	[ "$(grep -c '^input s$' graph)" -eq 1 ]
}

@test "onnx: IR version 3 becomes 4, and initializers are no inputs any more" {
	import "ir 3" "opset 7" "input x" "input w" "input b" "init w f32 8x8 raw" "init b f32 8 raw" \
		"node Gemm . x,w,b y" "output y"
	has "ir 4"
	has "input x"
	lacks "input w"
	lacks "input b"
	import "ir 6" "input x" "input w" "init w f32 8x8 raw" "node MatMul . x,w y" "output y"
	has "ir 6"
	has "input w"
}

@test "onnx: types without a .npy become encoded tensors or stay, and come back" {
	import "init b bf16 20x30 raw" "init t bf16 20x30 typed" "init e f8e4m3 20x30 raw" \
		"init m f8e5m2 40x40 typed" "init z 18 40x40 typed" "init i4 22 50x60 typed" \
		"init u4 21 64x64 raw" "init c c64 20x30 raw" "init s string 2000 none" \
		"init new 99 40x40 raw" "init . f32 20x20 raw" "init w f32 4x4 raw" "sparse p" \
		"node Relu . w y"
	for name in "z 40x40" "i4 50x60" "u4 64x64" "c 20x30" "s 2000" "new 40x40" " 20x20"; do
		has "init $name data"
	done
	has "sparse p 300 data"
	[ "$(members s | grep -c codes.npy)" -eq 4 ]
	cmp <(member s tensors/b/codes.npy) <(member s tensors/t/codes.npy)
	member s tensors/e/tensor.yaml | grep -qx 'code: f8e4m3'
	member s tensors/m/tensor.yaml | grep -qx 'dtype: f8e5m2'
	tmo-to-onnx <s >m2.onnx
	tmo-from-onnx m2.onnx | cmp - s
	[ "$(stat -c %s m2.onnx)" -gt $((20 * 30 * 13 + 50 * 60 + 64 * 64)) ]
}

@test "onnx: to-onnx wants the tensors that the graph wants" {
	import "init w f32 16x16 raw" "init v f16 4x4 raw" "init b bf16 2x2 raw"
	tar xf s
	pack() { tar cf t model.yaml graph.onnx "$@"; }
	rm tensors/v.npy
	pack tensors
	fails 1 'tensors/v: the graph needs it' tmo-to-onnx -o m2.onnx t
	[ ! -e m2.onnx ]
	mkstream v:f4:4x4:ramp | tar xf - tensors/v.npy
	pack tensors
	fails 1 'tensors/v: f32 in the stream, f16 in graph.onnx' tmo-to-onnx t
	mkstream v:f2:2x8:ramp | tar xf - tensors/v.npy
	pack tensors
	fails 1 'tensors/v: shape \[2, 8\] in the stream, \[4, 4\] in graph.onnx' tmo-to-onnx t
	mkstream v:f2:4x4:ramp extra:f4:3:ramp | tar xf - tensors
	pack tensors
	tmo-to-onnx -v t 2>err >m2.onnx
	grep -q 'tensors/extra: left out' err
	showonnx <m2.onnx >graph
	has "init v 4x4 data"
	lacks extra
	mkstream v:f2:4x4:ramp >plain
	fails 1 'no graph.onnx' tmo-to-onnx plain
}

@test "onnx: encoded tensors are decoded in the graph's types" {
	import "input x" "init w f32 16x40 raw" "init h f16 16x40 raw" "init d f64 16x40 raw" \
		"node MatMul . x,w y" "output y"
	for type in f16 bf16; do
		tmo-quant --type $type <s >q
		tmo-decode <q >d
		tmo-to-onnx --weights dense <q | tmo-from-onnx >again
		for name in w h d; do
			cmp <(member d tensors/$name.npy) <(member again tensors/$name.npy)
		done
	done
	tmo-quant --bits 4 <s >q
	members q | grep -q tensors/w/codes.npy
	tmo-decode <q >d
	tmo-to-onnx --weights dense <q | tmo-from-onnx >again
	cmp <(member d tensors/w.npy) <(member again tensors/w.npy)
}

@test "onnx: how a network uses its tensors" {
	import "opset 12" "input x" "input c" \
		"init conv f32 8x3x3x3 raw" "init up f32 8x4x2x2 raw" "init gemm f32 8x8 raw" \
		"init trans f32 8x8 raw" "init mm f32 8x8 raw" "init left f32 6x8 raw" \
		"init lstm f32 1x32x8 raw" "init rec f32 1x32x8 raw" "init emb f32 50x8 raw" \
		"init flat f32 4x16 raw" "init dw f32 8x1x3x3 raw" "init ids i64 50x8 raw" \
		"init shared f32 8x8 raw" "init unused f32 8x8 raw" "init bias f32 300 raw" \
		"init gate f32 8x8 raw" "init square i64 2 raw" "init parts f32 64x8 raw" \
		"node Conv c1 x,conv,bias a" "node ConvTranspose c2 a,up b" "node Gemm g1 b,gemm d" \
		"node Gemm g2 d,trans e transB 1" "node MatMul m1 e,mm f" "node MatMul m2 left,f g" \
		"node LSTM l1 g,lstm,rec h" "node Gather e1 emb,x i" "node Gather e2 ids,x j" \
		"node Transpose t1 emb embt perm 1,0" "node MatMul m3 i,embt k" \
		"node Cast . flat flat2" "node Reshape r1 flat2,square flat3" "node Identity . flat3 flat4" \
		"node MatMul m4 k,flat4 l" "node Conv c3 l,dw m group 8" \
		"node Unsqueeze u1 shared wide axes 0" "node Squeeze q1 wide narrow axes 0" \
		"node Transpose t2 narrow turned" "node MatMul m5 m,turned n" "node MatMul m6 n,shared o" \
		"node Slice s1 parts,ids,ids part1" "node Slice s2 parts,ids,ids part2" \
		"node Concat k1 part1,part2 whole axis 0" "node Gemm g3 o,whole p transB 1" \
		"if c q" "node MatMul m7 p,gate r" "output r" \
		"else" "node Relu gate x gate" "node MatMul m8 p,gate s" "output s" "end" "output q"
	member s graph.onnx | showonnx --uses >uses
	wanted() {
		grep -q -- "^$1\$" uses || { echo "no \"$1\" in:"; cat uses; return 1; }
	}
	wanted 'conv weight 0 1 Conv c1'
	wanted 'bias - -1 -1 Conv c1'
	wanted 'up weight 1 0 ConvTranspose c2'
	wanted 'gemm weight 1 0 Gemm g1'
	wanted 'trans weight 0 1 Gemm g2'
	wanted 'mm weight 1 0 MatMul m1'
	wanted 'left weight 0 1 MatMul m2'
	wanted 'lstm weight 1 2 LSTM l1'
	wanted 'rec weight 1 2 LSTM l1'
	wanted 'emb weight 0 1 Gather,Transpose,MatMul e1,t1,m3'
	wanted 'ids - -1 -1 Gather,Slice e2,s1,s2'
	wanted 'dw weight 0 1 Conv c3'
	wanted 'shared weight 0 1 Unsqueeze,Squeeze,Transpose,MatMul u1,q1,t2,m5,m6'
	wanted 'parts weight 0 1 Slice,Concat,Gemm s1,s2,k1,g3'
	wanted 'gate weight 1 0 MatMul m7'
	wanted 'unused - -1 -1 - -'
	[ "$(head -n 1 uses | cut -d' ' -f1)" = conv ]
	[ "$(grep weight uses | tail -n 1 | cut -d' ' -f1)" = gate ]
}

@test "onnx: axes through Reshape, where sizes tell which is which" {
	import "input x" "init w f32 64x3x2x2 raw" "init two i64 2 raw" "node Flatten . w f axis 1" \
		"node Transpose . f t" "node MatMul n x,t y" "output y"
	member s graph.onnx | showonnx --uses >uses
	grep -qx 'w weight 0 1 Flatten,Transpose,MatMul n' uses
	tmo-quant --bits 8 <s >q
	member q tensors/w/scale.npy | head -c 128 | grep -aqF '(64, 1, 1, 1)'
	# The shape in a Constant's list.
	import "input x" "init w f32 3x4x64 raw" "node Constant . - shape value_ints -1,64" \
		"node Reshape . w,shape f" "node MatMul n x,f y" "output y"
	member s graph.onnx | showonnx --uses >uses
	grep -qx 'w weight 2 0 Reshape,MatMul n' uses
}

@test "onnx: op: and node: choose what they name" {
	import "input x" "init a f32 16x16 raw" "init b f32 16x16 raw" "node MatMul first x,a m" \
		"node Gemm second m,b y" "output y"
	tmo-quant --only op:Gemm <s >q
	[ "$(members q | grep -c 'tensors/a.npy\|tensors/b/codes.npy')" -eq 2 ]
	tmo-quant --skip 'node:sec*' <s >q
	[ "$(members q | grep -c 'tensors/b.npy\|tensors/a/codes.npy')" -eq 2 ]
	tmo-quant --exclude-first-last <s >q
	[ "$(members q | grep -c codes.npy)" -eq 0 ]
}

@test "onnx: a name for the model" {
	mkonnx "graph ." "init w f32 4x4 raw" >net.v2.onnx
	tmo-from-onnx net.v2.onnx | tar xO model.yaml | grep -qx 'name: net.v2'
	tmo-from-onnx <net.v2.onnx | tar xO model.yaml | grep -qx 'name: model'
}
