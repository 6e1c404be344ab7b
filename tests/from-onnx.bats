# SPDX-License-Identifier: Apache-2.0
# tmo-from-onnx on models whose weights are in codes. What onnxruntime's quantizers write, and
# whether networks compute the same afterwards, tests/ci/onnx_read_quantized.py asks.
load helper
load helper/onnx

# codes NAME [SIGN]: the codes of a tensor of the stream on one line.
codes() {
	values s "tensors/$1/codes.npy" | xargs
}

yaml() {
	member s "tensors/$1/tensor.yaml" | paste -sd' '
}

# mkonnx_codes N [LEAST BITS]: its elements as codes of so many bits from LEAST on.
mkonnx_codes() {
	awk -v n="$1" -v low="${2:-0}" -v bits="${3:-8}" 'BEGIN {
		for (i = 0; i < n; i++) {
			v = (7 * i + 3) % 101 % 2 ^ bits
			printf "%s%d", (i ? " " : ""), (v >= 2 ^ bits + low ? v - 2 ^ bits : v)
		}
		print ""
	}'
}

@test "from-onnx: DequantizeLinear of constants is a weight in codes" {
	import "input x" "init w_q i8 4x6 raw" "init s f32 - raw" "node DequantizeLinear d w_q,s w" \
		"node MatMul m x,w y" "output y"
	has "init w 4x6 tensors/w.npy:128:96"
	has "node MatMul x,w y"
	lacks Dequantize
	lacks w_q
	lacks "init s "
	[ "$(members s | xargs)" = "model.yaml graph.onnx tensors/w/tensor.yaml tensors/w/codes.npy \
tensors/w/scale.npy" ]
	[ "$(yaml w)" = "shape: [4, 6] dtype: f32 bits: 8" ]
	[ "$(codes w)" = "$(mkonnx_codes 24)" ]
	[ "$(values s tensors/w/scale.npy)" = 0.75 ]
	tmo-decode s >d
	cmp <(values d tensors/w.npy) <(mkonnx_codes 24 | tr ' ' '\n' | awk '{ print $1 * 0.75 }')
	member s model.yaml | grep -q 'bytes: 28'
}

@test "from-onnx: scale and zero point of an axis, counted from either end" {
	for axis in "axis 0" "axis -2"; do
		import "init q u8 3x2 raw" "init s f32 3 typed" "init z u8 3 single" \
			"node DequantizeLinear . q,s,z w $axis" "node Relu . w y" "output y"
		[ "$(members s | tail -n 1)" = tensors/w/zero_point.npy ]
		[ "$(values s tensors/w/zero_point.npy | xargs)" = "3 10 17" ]
		tmo-decode s >d # (code - zero) * scale: codes 3 10 17 24 31 38
		[ "$(values d tensors/w.npy | xargs)" = "0 5.25 17.5 35 59.5 89.25" ]
	done
	import "init q u8 3x2 raw" "init s f32 2 typed" "node DequantizeLinear . q,s w" "node Relu . w y" \
		"output y" # axis 1 unless it says so
	tmo-decode s >d
	[ "$(values d tensors/w.npy | xargs)" = "2.25 25 12.75 60 23.25 95" ]
}

@test "from-onnx: a zero point of zeros is none for signed codes, a scale of one entry is for all" {
	import "init q i8 1x5 raw" "init s f32 1 raw" "init p i8 - raw" \
		"node DequantizeLinear . q,s,p w" "node Relu . w y" "output y"
	[ "$(values s tensors/w/zero_point.npy)" = 3 ]
	member s tensors/w/scale.npy | head -c 100 | grep -aq '(1, 1)'
	printf '\0\0\0' >zeros
	for kind in i8 u8; do
		import "init q $kind 3x4 raw" "init s f32 3 raw" "init z $kind 3 zeros:0:3" \
			"node DequantizeLinear . q,s,z w axis 0" "node Relu . w y" "output y"
		[ "$(members s | grep -c zero_point)" -eq "$([ $kind = i8 ] && echo 0 || echo 1)" ]
	done
}

@test "from-onnx: codes of 4 bits, packed in the model, one a byte in the stream" {
	import "opset 21" "ir 10" "init a i4 3x3 raw" "init b u4 3x3 typed" "init s f32 - raw" \
		"node DequantizeLinear . a,s v" "node DequantizeLinear . b,s w" "node Add . v,w y" "output y"
	[ "$(codes v)" = "$(mkonnx_codes 9 -8 4)" ]
	[ "$(codes w)" = "$(mkonnx_codes 9 0 4)" ]
	[ "$(yaml v)" = "shape: [3, 3] dtype: f32 bits: 4" ]
	[ "$(yaml w)" = "shape: [3, 3] dtype: f32 bits: 4" ]
	member s tensors/v/codes.npy | head -c 64 | grep -aq "'|i1'"
	member s tensors/w/codes.npy | head -c 64 | grep -aq "'|u1'"
}

@test "from-onnx: blocks along an axis, the last of them short" {
	import "opset 21" "ir 10" "init q u4 5x3 raw" "init s f32 3x3 raw" "init z u4 3x3 raw" \
		"node DequantizeLinear . q,s,z w axis 0 block_size 2" "node Relu . w y" "output y"
	[ "$(yaml w)" = "shape: [5, 3] dtype: f32 bits: 4 block: [2, 1]" ]
	tmo-decode s >d
	python3 - <<-'END' >want
		e = [(7 * i + 3) % 101 for i in range(15)]
		for i in range(15):
		    p = i // 3 // 2 * 3 + i % 3
		    print(f"{(e[i] % 16 - e[p] % 16) * e[p] / 4:.9g}")
	END
	cmp <(values d tensors/w.npy | sed 's/^-0$/0/') <(sed 's/^-0$/0/' want)
}

@test "from-onnx: names that onnxruntime's quantizer made are what they were before, if free" {
	import "init c.w_quantized i8 4x4 raw" "init s f32 - raw" \
		"node DequantizeLinear . c.w_quantized,s c.w_DequantizeLinear_Output" \
		"node MatMul . x,c.w_DequantizeLinear_Output y" "input x" "output y"
	has "init c.w 4x4 tensors/c.w.npy:128:64"
	has "node MatMul x,c.w y"
	import "init q i8 4x4 raw" "init s f32 - raw" "node DequantizeLinear . q,s x_DequantizeLinear_Output" \
		"node MatMul . x,x_DequantizeLinear_Output y" "input x" "output y"
	has "node MatMul x,x_DequantizeLinear_Output y"
}

@test "from-onnx: constants that something else uses stay; two weights may share codes" {
	import "init q i8 40x40 raw" "init s f32 - raw" "node DequantizeLinear . q,s v" \
		"node DequantizeLinear . q,s w" "node Add . v,w y" "node Cast . q z to 1" "node Mul . z,s u" \
		"node Relu . u o" "output y" "output o" "node QuantizeLinear . y,s t" "output t"
	lacks "node Deq"
	has "init s  data"
	[ "$(members s | grep -c codes.npy)" -eq 3 ]
	cmp <(member s tensors/v/codes.npy) <(member s tensors/w/codes.npy)
}

@test "from-onnx: what is no constant weight stays as it is" {
	local lines=("input x" "init s f32 - raw" "init t f32 4 raw" "init q i8 4x4 raw" "init one i8 - raw"
		"init z u8 - raw" "node QuantizeLinear . x,s xq" "node DequantizeLinear . xq,s a"
		"node DequantizeLinear . q,r b" "node Identity . s r" "node DequantizeLinear . q,t c axis 2"
		"node DequantizeLinear . q,s,z d" "node DequantizeLinear . one,s e"
		"node DequantizeLinear . q,s out" "output out" "node Sum . a,b,c,d,e y" "output y"
		"init twice i8 4x4 raw" "if c u" "init twice i8 4x4 raw" "node DequantizeLinear . twice,s u" "output u"
		"else" "node Identity . e u" "output u" "end" "node DequantizeLinear . twice,s f" "output f")
	import "${lines[@]}"
	[ "$(grep -c 'node DequantizeLinear' graph)" -eq 8 ]
	tmo-from-onnx --keep-quantized m.onnx | cmp - s
	tmo-from-onnx -v m.onnx 2>err >/dev/null
	grep -q 'q: stays as it is, for DequantizeLinear b' err
}

@test "from-onnx: --keep-quantized, and models without codes" {
	import "input x" "init w_q i8 40x60 raw" "init s f32 - raw" "node DequantizeLinear d w_q,s w" \
		"node MatMul m x,w y" "output y"
	tmo-from-onnx --keep-quantized m.onnx >k
	[ "$(members k | tail -n 1)" = tensors/w_q.npy ]
	member k graph.onnx | showonnx | grep -qx 'node DequantizeLinear w_q,s w'
	tmo-to-onnx k | cmp - <(mkonnx "input x" "init w_q i8 40x60 raw" "init s f32 - raw" \
		"node DequantizeLinear d w_q,s w" "node MatMul m x,w y" "output y") || true
	mkonnx "input x" "init w f32 40x60 raw" "node MatMul m x,w y" "output y" >p.onnx
	tmo-from-onnx --keep-quantized p.onnx | cmp - <(tmo-from-onnx p.onnx)
}

@test "from-onnx: in Constants and inner graphs too" {
	import "const q i8 40x40 raw" "const s f32 40 raw" "if c y" "const p u8 4x4 raw" \
		"node DequantizeLinear . p,s2 v" "init s2 f32 - raw" "node Relu . v t" "output t" "else" \
		"node DequantizeLinear . q,s w axis -1" "node Relu . w u" "output u" "end" "output y"
	lacks "node Constant"
	lacks "node Deq"
	has "init w 40x40 tensors/w.npy:128:6400"
	has "init v 4x4 tensors/v.npy:128:64"
	has "node Relu v t"
	[ "$(codes v)" = "$(mkonnx_codes 16)" ]
}

@test "from-onnx: Cast of halves" {
	import "input x" "init h f16 3x4 raw" "init b bf16 3x4 typed" "init e f8e4m3 3x4 raw" \
		"node Cast . h v to 1" "node Cast . b w to 1" "node Cast . e u to 1" "node Sum . x,v,w,u y" \
		"init i f16 - raw" "node Cast . i j to 1" "output j" "node Cast . x k to 10" "output k" "output y"
	[ "$(yaml v)" = "shape: [3, 4] dtype: f32 code: f16 bits: 16" ]
	[ "$(yaml w)" = "shape: [3, 4] dtype: f32 code: bf16 bits: 16" ]
	[ "$(yaml u)" = "shape: [3, 4] dtype: f32 code: f8e4m3 bits: 8" ]
	[ "$(grep -c 'node Cast' graph)" -eq 2 ]
	[ "$(codes u)" = "$(mkonnx_codes 12)" ]
}

@test "from-onnx: QLinearConv, QLinearMatMul, QGemm become operators over floats" {
	local c="init xs f32 - raw" z="init xz u8 - raw" ys="init ys f32 - raw" yz="init yz u8 - raw"
	import "input x" "$c" "$z" "$ys" "$yz" "init w_quantized u8 4x3x2x2 raw" "init ws f32 4 raw" \
		"init wz u8 4 none" "init b_quantized i32 4 raw" \
		"node QLinearConv conv x,xs,xz,w_quantized,ws,xz,ys,yz,b_quantized y strides 2" "output y"
	has "node DequantizeLinear x,xs,xz x_f32"
	has "node Conv x_f32,w,b y_f32"
	has "node QuantizeLinear y_f32,ys,yz y"
	[ "$(grep -c '^node' graph)" -eq 3 ]
	[ "$(codes b)" = "3 10 17 24" ]
	# the scale of b: that of x, 3 / 4, times that of w
	[ "$(values s tensors/b/scale.npy | xargs)" = "0.5625 1.875 3.1875 4.5" ]
	[ "$(values s tensors/w/zero_point.npy | xargs)" = 3 ]
	[ "$(member s tensors/w/scale.npy | head -c 100 | grep -ao '(4, 1, 1, 1)')" ]

	import "input x" "$c" "$z" "$ys" "$yz" "init w_quantized i8 3x5 raw" "init ws f32 5 raw" \
		"init wz i8 - raw" "node QLinearMatMul mm x,xs,xz,w_quantized,ws,wz,ys,yz y" "output y"
	has "node MatMul x_f32,w y_f32"
	[ "$(member s tensors/w/scale.npy | head -c 100 | grep -ao '(1, 5)')" ]

	import "input x" "$c" "$z" "$ys" "$yz" "init w_quantized i8 5x3 raw" "init ws f32 5 raw" \
		"init wz i8 - raw" "init b i32 5 raw" \
		"node com.microsoft:QGemm g x,xs,xz,w_quantized,ws,wz,b y transB 1" "output y"
	has "node Gemm x_f32,w,b_float y"
	[ "$(member s tensors/w/scale.npy | head -c 100 | grep -ao '(5, 1)')" ]
	[ "$(grep -c '^node' graph)" -eq 2 ]
}

@test "from-onnx: operators over integers that are not exactly known stay" {
	import "input x" "input xs" "init xz u8 - raw" "init w_quantized u8 40x40 raw" "init ws f32 40 raw" \
		"node QLinearMatMul mm x,xs,xz,w_quantized,ws,xz,xs,xz y" "node MatMulInteger i x,w_quantized j" \
		"output y" "output j"
	has "node QLinearMatMul x,xs,xz,w_quantized,ws,xz,xs,xz y"
	has "node MatMulInteger x,w_quantized j"
	[ "$(members s | tail -n 1)" = tensors/w_quantized.npy ]
}

@test "from-onnx: what dynamic quantization makes of MatMul, Conv and Gather" {
	import "input x" "init w_quantized i8 4x6 raw" "init w_scale f32 6 raw" "init w_zero i8 6 raw" \
		"node DynamicQuantizeLinear . x q,s,z" "node Mul . s,w_scale f" \
		"node MatMulInteger mm q,w_quantized,z,w_zero i" "node Cast . i c to 1" "node Mul . c,f m" \
		"init b f32 6 raw" "node Add . m,b y" "output y"
	has "node DequantizeLinear q,s,z q_f32"
	has "node MatMul q_f32,w m"
	has "node Add m,b y"
	lacks Mul$
	[ "$(grep -c '^node' graph)" -eq 4 ]
	[ "$(codes w)" = "$(mkonnx_codes 24)" ]

	import "input x" "init w_quantized i8 4x3x2x2 raw" "init w_scale f32 - raw" "init w_zero i8 - raw" \
		"node DynamicQuantizeLinear . x q,s,z" "node Mul . s,w_scale f" \
		"node ConvInteger mm q,w_quantized,z,w_zero i" "node Cast . i c to 1" "node Mul . f,c m" "output m"
	has "node Conv q_f32,w m"

	import "input i" "init t_quantized u8 5x4 raw" "init s f32 - raw" "init z u8 - raw" \
		"node Gather g t_quantized,i q axis 1" "node DequantizeLinear . q,s,z y" "output y"
	has "node Gather t,i y"
	has "init t 5x4 tensors/t.npy:128:80"
}

# nbits BITS K N BLOCK ZERO: the values of mkonnx's MatMulNBits, from its definition.
nbits() {
	python3 - "$@" <<-'END'
		import sys
		bits, k, n, block, zero = map(int, sys.argv[1:])
		blocks, each = -(-k // block), 8 // bits
		e = lambda i: (7 * i + 3) % 101
		row, zrow = blocks * block // each, -(-blocks // each)
		code = lambda start, i: e(start + i // each) >> i % each * bits & 2 ** bits - 1
		for i in range(k):
		    for j in range(n):
		        b = i // block
		        z = code(j * zrow, b) if zero else 2 ** (bits - 1)
		        print(f"{(code(j * row, i) - z) * e(j * blocks + b) / 4:.9g}")
	END
}

@test "from-onnx: MatMulNBits, its weight transposed, its codes and zero points unpacked" {
	local bits zero k=37 n=5 block=16 blob z
	for bits in 2 4 8; do
		for zero in 0 1; do
			blob=$((block * bits / 8)) z=$(((3 * bits + 7) / 8))
			import "input x" "init w_Q$bits u8 ${n}x3x$blob raw" "init s f32 $((n * 3)) raw" \
				"init z u8 ${n}x$z raw" "init b f32 $n raw" \
				"node com.microsoft:MatMulNBits m x,w_Q$bits,s$( ((zero)) && echo ,z) y \
K $k N $n bits $bits block_size $block accuracy_level 4" "output y" "output z"
			has "node MatMul x,w y"
			has "init w ${k}x$n tensors/w.npy:128:$((4 * k * n))"
			member s tensors/w/tensor.yaml | grep -qx "block: \[$block, 1\]"
			tmo-decode s >d
			cmp <(values d tensors/w.npy | sed 's/^-0$/0/') \
				<(nbits "$bits" $k $n $block "$zero" | sed 's/^-0$/0/')
		done
	done
	import "input x" "init w u8 5x1x8 raw" "init s f32 5x1 raw" "init b f32 5 raw" \
		"node com.microsoft:MatMulNBits m x,w,s,.,.,b y K 10 N 5 bits 4 block_size 16" "output y"
	has "node MatMul x,w_float y_product"
	has "node Add y_product,b y"
	run -1 grep -q block <(member s tensors/w_float/tensor.yaml)
}

@test "from-onnx: MatMulNBits whose numbers do not fit stays" {
	for wrong in "K 38 N 5 bits 4 block_size 8" "K 37 N 4611686018427387904 bits 4 block_size 16" \
		"K 37 N 5 bits 3 block_size 16" "K 37 N 5 bits 4 block_size 0" "N 5 bits 4 block_size 16"; do
		import "input x" "init w u8 5x3x8 raw" "init s f32 15 raw" \
			"node com.microsoft:MatMulNBits m x,w,s y $wrong" "output y"
		has "node MatMulNBits x,w,s y"
	done
}

@test "from-onnx: GatherBlockQuantized of 4 bits" {
	import "opset 21" "ir 10" "input i" "init t_Q4 i4 3x20 raw" "init s f32 3x2 raw" \
		"node com.microsoft:GatherBlockQuantized g t_Q4,i,s y block_size 16 quantize_axis 1 gather_axis 0" \
		"output y"
	has "node Gather t,i y"
	[ "$(yaml t)" = "shape: [3, 20] dtype: f32 bits: 4 block: [1, 16]" ]
}

@test "from-onnx: shared values out of a codebook, one or several" {
	import "input x" "init q u8 2x3 raw" "init book f32 101 raw" "node Cast . q i to 6" \
		"node Gather . book,i w" "node MatMul . x,w y" "output y"
	has "node MatMul x,w y"
	[ "$(grep -c ^node graph)" -eq 1 ]
	[ "$(yaml w)" = "shape: [2, 3] dtype: f32 bits: 7" ]
	[ "$(member s tensors/w/codebook.npy | head -c 100 | grep -ao '(1, 1, 101)')" ]
	[ "$(values s tensors/w/codebook.npy | head -n 2 | xargs)" = "0.75 2.5" ]
}

@test "from-onnx: codes and exports of ours come back as they were" {
	mkonnx "opset 21" "ir 10" "input x" "init w f32 30x37 raw" "init c f32 8x8x3x3 raw" \
		"node MatMul . x,w m" "node Conv . m,c y" "output y" >m.onnx
	for filter in "tmo-quant" "tmo-quant --bits 4 --granularity group:5" "tmo-quant -a --bits 5" \
		"tmo-quant --type f16" "tmo-cluster --clusters 9" "tmo-quant --granularity group:5" \
		"tmo-cluster --clusters 9 --granularity channel"; do
		tmo-from-onnx m.onnx | $filter >q
		tmo-to-onnx q | tmo-from-onnx >back
		mkdir one two
		tar xf q -C one
		tar xf back -C two
		diff -r one/tensors two/tensors
		rm -r one two
	done
}

@test "from-onnx: damaged codes, scales and zero points are errors that name them" {
	mkonnx "init q i8 40x40 none" "init s f32 - raw" "node DequantizeLinear . q,s w" "node Relu . w y" \
		"output y" >m.onnx
	fails 1 'tmo-from-onnx: tensors/w: 0 bytes of data, its shape and type make 1600' tmo-from-onnx m.onnx -o o
	[ ! -e o ]
	mkonnx "init q i8 40x40 raw" "init s f32 - raw" "init z i8 - gone.bin:0:-" \
		"node DequantizeLinear . q,s,z w" "node Relu . w y" "output y" >m.onnx
	fails 1 'tmo-from-onnx: z: external data in "gone.bin"' tmo-from-onnx m.onnx
	mkonnx "init q i8 -40x40 raw" "init s f32 - raw" "node DequantizeLinear . q,s w" "node Relu . w y" \
		"output y" >m.onnx
	fails 1 'dimension 0 is -40' tmo-from-onnx m.onnx
}

@test "from-onnx: a weight that was trained for integers comes in on the network's own grid" {
	local zero
	for zero in "" ,z; do
		mkonnx "opset 13" "input x" "init w f32 6x4 raw" "init s f32 4 raw" "init z i8 4 raw" \
			"node QuantizeLinear . w,s$zero q axis 1" "node DequantizeLinear . q,s$zero d axis 1" \
			"node MatMul n x,d y" "output y" >qat.onnx
		tmo-from-onnx qat.onnx >s
		member s graph.onnx | showonnx >shown
		run -1 grep -E 'QuantizeLinear|DequantizeLinear' shown
		grep -q 'node MatMul x,w y' shown
		tmo-decode s | values - tensors/w.npy >got
		python3 - "$zero" >want <<-'E'
		import sys
		element = lambda i: (7 * i + 3) % 101
		low, high = (-128, 127) if sys.argv[1] else (0, 255)
		for i in range(24):
		    scale, zero = element(i % 4) / 4, element(i % 4) if sys.argv[1] else 0
		    code = min(max(round(element(i) / 4 / scale) + zero, low), high)
		    print((code - zero) * scale)
		E
		paste got want | awk '$1 - $2 > 1e-4 || $2 - $1 > 1e-4 { print; bad = 1 } END { exit bad || NR != 24 }'
	done
}

@test "from-onnx: of a trained grid what something else uses stays" {
	mkonnx "opset 13" "input x" "init w f32 6x4 raw" "init s f32 - raw" \
		"node QuantizeLinear . w,s q" "node DequantizeLinear . q,s d" "node MatMul n x,d y" \
		"node MatMul m x,w v" "output y" "output v" >qat.onnx
	tmo-from-onnx qat.onnx >s
	members s | grep -qx tensors/w.npy
	members s | grep -qx tensors/d/codes.npy
	# codes that are an output themselves are not touched
	mkonnx "opset 13" "input x" "init w f32 6x4 raw" "init s f32 - raw" \
		"node QuantizeLinear . w,s q" "node DequantizeLinear . q,s d" "node MatMul n x,d y" \
		"output y" "output q" >qat.onnx
	tmo-from-onnx qat.onnx >s
	member s graph.onnx | showonnx | grep -q DequantizeLinear
}
