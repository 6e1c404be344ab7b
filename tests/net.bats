# SPDX-License-Identifier: Apache-2.0
# net.bats: networks that run: netrun has libtmo run the network of a stream. ONNX's own cases of each
# operator are `make check-onnx`, other networks against onnxruntime are in tests/ci/.
load helper

# network LINE...: mkonnx's lines as the stream ./m.tar
network() {
	mkonnx "$@" | tmo-from-onnx -q >m.tar
}

# result NAME: the elements of an output in ./out, one a line
result() {
	tar xOf out "tensors/$1.npy" | python3 "$root/tests/helper/npy.py"
}

# One of everything that counts for arithmetic: border, strides, groups, tails, sums over more than 256 numbers.
pictures() {
	network 'opset 17' 'input x f32 2x20x9x11' 'init w f32 19x20x3x3 raw' 'init b f32 19 raw' \
		'node Conv . x,w,b c pads 1,1,1,1 strides 2,1' 'init d f32 19x1x3x3 raw' 'node Relu . c r' \
		'node Conv . r,d e group 19 pads 1,2,1,0' 'node Sigmoid . e s' 'node MaxPool . s m kernel_shape 2,2' \
		'node Flatten . m f' 'init g f32 760x33 raw' 'node MatMul . f,g h' 'node Softmax . h y axis 1' 'output y'
	mkstream x:f4:2x20x9x11:normal >in.tar
}

@test "net: the same bytes in every form of the kernels and for any number of threads" {
	local form threads forms=0
	pictures
	netrun -k portable m.tar in.tar >want
	[ "$(tar xOf want tensors/y.npy | python3 "$root/tests/helper/npy.py" | wc -l)" -eq 66 ]
	for form in portable avx2 avx512 neon; do
		netrun -k "$form" m.tar in.tar >out 2>err || { grep -q "no kernels $form" err; continue; }
		forms=$((forms + 1))
		for threads in 1 2 3 7; do
			netrun -k "$form" -j "$threads" m.tar in.tar | cmp - want
		done
	done
	[ "$forms" -ge 1 ]
}

@test "net: a sample's outputs do not depend on the samples beside it" {
	network 'opset 17' 'input x f32 batchx20x9x11' 'init w f32 19x20x3x3 raw' 'node Conv . x,w c' \
		'node GlobalAveragePool . c p' 'node Flatten . p f' 'init g f32 19x5 raw' 'node MatMul . f,g y' 'output y'
	mkstream x:f4:3x20x9x11:normal >three.tar
	netrun m.tar three.tar >out
	result y >all
	tar xf three.tar tensors/x.npy
	python3 - <<-'E'
	import struct
	data = open("tensors/x.npy", "rb").read()
	start, each = len(data) - 4 * 3 * 20 * 9 * 11, 4 * 20 * 9 * 11
	head = data[:start].replace(b"(3, ", b"(1, ")
	for i in range(3):
	    open(f"x{i}.npy", "wb").write(head + data[start + i * each:start + (i + 1) * each])
	E
	for i in 0 1 2; do
		tmo-from-npz -n x "x$i.npy" >one.tar
		netrun m.tar one.tar >out
		result y
	done | cmp - all
}

@test "net: weights are the stream's, decoded if they are encoded" {
	network 'opset 13' 'input x f32 2x16' 'init w f32 16x40 raw' 'node MatMul . x,w y' 'output y'
	mkstream x:f4:2x16:normal >in.tar
	netrun m.tar in.tar >plain
	tmo-quant -q -b 4 <m.tar >q.tar
	tmo-decode <q.tar >d.tar
	netrun q.tar in.tar >out
	netrun d.tar in.tar | cmp - out
	! cmp -s plain out
}

@test "net: other floats are computed in f32 and rounded at the end" {
	network 'opset 13' 'input x f16 3x4' 'init w f16 4x5 raw' 'node MatMul . x,w y' 'output y f16 3x5'
	mkstream x:f2:3x4:ramp >in.tar
	netrun m.tar in.tar >out
	result y >half
	tar xOf m.tar tensors/w.npy | python3 "$root/tests/helper/npy.py" >w
	python3 - <<-'E'
	import struct
	w = [float(line) for line in open("w")]
	def half(v):
	    return struct.unpack("<e", struct.pack("<e", v))[0]
	want = [half(sum((4 * i + k) * w[5 * k + j] for k in range(4))) for i in range(3) for j in range(5)]
	assert [float(line) for line in open("half")] == want, want
	E
}

@test "net: branches are taken and loops go round as the data say" {
	local truth
	network 'opset 13' 'input x f32 3' 'input c bool -' 'if c y' 'node Add . x,x a' 'output a' 'else' \
		'node Mul . x,x b' 'output b' 'end' 'output y'
	for truth in ones zeros; do
		mkstream x:f4:3:ramp c:b1:-:$truth >in.tar
		netrun m.tar in.tar >out
		result y | paste -sd' ' >$truth
	done
	grep -Eqx '0 2 4' ones
	grep -Eqx '0 1 4' zeros
}

@test "net: what only a loop reads stays until it has run, and its states until they are read" {
	network 'opset 13' 'input d f32 2' 'input n i64 -' 'input c bool -' 'node Add . d,d e' 'node Neg . e f' \
		'node Abs . f g' 'node Mul . g,g h' 'loop n,c,h q,r' 'input i i64 -' 'input k bool -' 'input s f32 2' \
		'node Identity . k ko' 'node Add . s,e t' 'node Identity . s u' 'output ko' 'output t' 'output u' 'end' \
		'output q' 'output r'
	mkstream d:f4:2:ones n:i8:-:ones c:b1:-:ones >in.tar
	netrun m.tar in.tar >out
	[ "$(result q | paste -sd' ')" = '6 6' ]	# (1 + 1) squared, and 2 more
	[ "$(result r | paste -sd' ')" = '4 4' ]
}

@test "net: what cannot be run is one line that says why" {
	network 'opset 13' 'input x f32 2x3' 'node odd:Thing the/node x y' 'output y'
	mkstream x:f4:2x3:ramp >in.tar
	fails 1 'operator odd.Thing of operator set 1, node "the/node", cannot be run by this tmo' netrun m.tar in.tar
	network 'opset 13' 'input x f32 2x3' 'init w f32 4x5 raw' 'node MatMul the/node x,w y' 'output y'
	fails 1 'node the/node (MatMul): matrices of ranks 2 and 2 that do not go together' netrun m.tar in.tar
	network 'opset 13' 'input x f32 2x3' 'node Reshape . x,s y' 'input s i64 2' 'output y'
	mkstream x:f4:2x3:ramp s:i8:2:ones >in.tar
	fails 1 '(Reshape): 6 elements do not fill a shape of 1' netrun m.tar in.tar
}
