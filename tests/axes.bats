# SPDX-License-Identifier: Apache-2.0
# axes.bats: what the network says of the axes of weights: which are outputs, which are summed over, which
# are neither, for each operator that has weights and through all that a weight goes through. What the
# filters make of that is measured by tests/ci/axes_roles.py, with onnxruntime.
load helper
load helper/onnx

# axes "NAME ROLES" LINE...: the model of these lines, for mkonnx, says that of the weight; see showonnx.
axes() {
	local wanted=$1
	shift
	mkonnx "$@" >axes.onnx
	showonnx --axes <axes.onnx >axes
	grep -qxF -- "$wanted" axes || { echo "no \"$wanted\" in:"; cat axes; return 1; }
}

@test "axes: Conv and ConvTranspose, of any group and in 1 to 3 dimensions" {
	axes "w o8 i4 k3" "input x" "init w f32 8x4x3 raw" "node Conv n x,w y" "output y"
	axes "w o8 i4 k3 k5" "input x" "init w f32 8x4x3x5 raw" "node Conv n x,w y" "output y"
	axes "w o8 i4 k3 k3 k3" "input x" "init w f32 8x4x3x3x3 raw" "node Conv n x,w y" "output y"
	axes "w g2.o4 i4 k3 k3" "input x" "init w f32 8x4x3x3 raw" "node Conv n x,w y group 2" "output y"
	axes "w g8.o1 i1 k3 k3" "input x" "init w f32 8x1x3x3 raw" "node Conv n x,w y group 8" "output y"
	axes "w i8 o4 k3 k3" "input x" "init w f32 8x4x3x3 raw" "node ConvTranspose n x,w y" "output y"
	axes "w g2.i4 o4 k3" "input x" "init w f32 8x4x3 raw" "node ConvTranspose n x,w y group 2" "output y"
	axes "w g8.i1 o1 k3 k3" "input x" "init w f32 8x1x3x3 raw" \
		"node ConvTranspose n x,w y group 8" "output y"
	axes "w g2.o4 i4 k3 k3" "input x" "init w f32 8x4x3x3 raw" \
		"node com.microsoft:FusedConv n x,w y group 2" "output y"
	axes "w g2.o4 i4 k3 k3" "input x" "init s f32 - raw" "init w u8 8x4x3x3 raw" "init z u8 - raw" \
		"node QLinearConv n x,s,z,w,s,z,s,z y group 2" "output y"
}

@test "axes: products of matrices, the constant on either side, of any rank" {
	axes "w i6 o8" "input x" "init w f32 6x8 raw" "node MatMul n x,w y" "output y"
	axes "w o6 i8" "input x" "init w f32 6x8 raw" "node MatMul n w,x y" "output y"
	axes "w g3 i6 o8" "input x" "init w f32 3x6x8 raw" "node MatMul n x,w y" "output y"
	axes "w g2 g3 o6 i8" "input x" "init w f32 2x3x6x8 raw" "node MatMul n w,x y" "output y"
	for t in 0 1; do
		axes "w $([ $t = 0 ] && echo i6 o8 || echo o6 i8)" "input x" "init w f32 6x8 raw" \
			"node Gemm n x,w y transB $t" "output y"
		axes "w $([ $t = 0 ] && echo o6 i8 || echo i6 o8)" "input x" "init w f32 6x8 raw" \
			"node Gemm n w,x y transA $t" "output y"
	done
	axes "w i6 o8" "input x" "init w u8 6x8 raw" "node MatMulInteger n x,w y" "output y"
}

@test "axes: recurrent layers have directions, gates and units" {
	local op
	for op in LSTM GRU RNN; do
		axes "w g2 o32 i8" "input x" "init w f32 2x32x8 raw" "init r f32 2x32x8 raw" \
			"node $op n x,w,r y" "output y"
		grep -qxF "r g2 o32 i8" axes
	done
}

@test "axes: through Transpose, Reshape that merges or splits, Squeeze, Unsqueeze" {
	axes "w o6 i8" "input x" "init w f32 6x8 raw" "node Transpose . w t" "node MatMul n x,t y" "output y"
	axes "w i16 o4 o8" "input x" "init w f32 16x4x8 raw" \
		"node Constant . - s value_ints 16,32" "node Reshape . w,s f" "node MatMul n x,f y" "output y"
	axes "w i64.o4" "input x" "init w f32 256 raw" \
		"node Constant . - s value_ints 64,4" "node Reshape . w,s f" "node MatMul n x,f y" "output y"
	axes "w g4.i16 o8" "input x" "init w f32 64x8 raw" \
		"node Constant . - s value_ints 4,16,8" "node Reshape . w,s f" "node MatMul n x,f y" "output y"
	axes "w o6 i8" "input x" "init w f32 6x8 raw" "node Unsqueeze . w u axes 0,3" \
		"node Squeeze . u v axes 3" "node Squeeze . v s axes 0" "node MatMul n s,x y" "output y"
}

@test "axes: through Slice, Split, Concat, Expand and the mask of a pruned weight" {
	axes "w i8 o96" "input x" "init w f32 8x96 raw" "node Split . w q,k,v axis 1" \
		"node MatMul a x,k y" "output y"
	axes "w i8 o96" "input x" "init w f32 8x96 raw" "node Split . w q,k,v axis 1" \
		"node Constant . - s value_ints 8,4,8" "node Reshape . k,s h" \
		"node Constant . - t value_ints 8,32" "node Reshape . h,t f" "node MatMul a x,f y" "output y"
	axes "v i4 o8" "input x" "init w f32 4x8 raw" "init v f32 4x8 raw" "node Concat . w,v c axis 0" \
		"node MatMul n x,c y" "output y"
	axes "v i8 o4" "input x" "init w f32 8x4 raw" "init v f32 8x4 raw" "node Concat . w,v c axis 1" \
		"node MatMul n x,c y" "output y"
	axes "w i8 o4" "input x" "init w f32 8x4 raw" "node Constant . - s value_ints 3,8,4" \
		"node Expand . w,s e" "node MatMul n x,e y" "output y"
	axes "w i8 o4" "input x" "init w f32 8x4 raw" "init m f32 8x4 raw" "node Mul . w,m p" \
		"node MatMul n x,p y" "output y"
	run -1 grep m axes
	axes "w i8 o4" "input x" "init w_mask f32 8x4 raw" "init w f32 8x4 raw" "node Mul . w_mask,w p" \
		"node MatMul n x,p y" "output y"
	run -1 grep mask axes
	# times what is no constant it is no weight
	mkonnx "input x" "init w f32 8x4 raw" "node Mul . w,x p" "node MatMul n x,p y" "output y" |
		showonnx --axes >axes
	[ ! -s axes ]
}

@test "axes: rows of a table, and experts that are picked" {
	axes "w o50 i8" "input x" "init w f32 50x8 raw" "node Gather n w,x y" "output y"
	axes "w i8 o50" "input x" "init w f32 8x50 raw" "node Gather n w,x y axis 1" "output y"
	axes "w g4 i6 o8" "input x" "input e" "init w f32 4x6x8 raw" "node Gather . w,e p" \
		"node MatMul n x,p y" "output y"
	# picked rows are data where another weight follows
	axes "w o50 i8" "input x" "init w f32 50x8 raw" "init v f32 8x4 raw" "node Gather . w,x p" \
		"node MatMul n p,v y" "output y"
	grep -qxF "v i8 o4" axes
}

@test "axes: inside If and Loop, also where a branch makes the weight" {
	axes "w i8 o4" "input x" "input c" "init w f32 8x4 raw" "if c y" "node MatMul a x,w b" "output b" \
		"else" "node Relu r x d" "output d" "end" "output y"
	axes "w i8 o4" "input x" "input n" "input c" "init w f32 8x4 raw" "loop n,c y" \
		"node MatMul a x,w b" "output b" "end" "output y"
	# a branch makes the weight
	axes "w i8 o4" "input x" "input c" "init w f32 8x4 raw" "init v f32 4x8 raw" "if c p" \
		"node Identity . w b" "output b" "else" "node Transpose . v d" "output d" "end" \
		"node MatMul n x,p y" "output y"
	grep -qxF "v o4 i8" axes
}

@test "axes: where the network does not tell, they are not guessed" {
	axes "w ?" "input x" "input s" "init w f32 8x8 raw" "node Reshape . w,s f" "node MatMul n x,f y" \
		"output y"
	axes "w ?" "input x" "init w f32 6x10 raw" "node Constant . - s value_ints 4,15" \
		"node Reshape . w,s f" "node MatMul n x,f y" "output y"
}

@test "axes: of a weight whose axes are not known nothing is pruned by them, and -v says so" {
	local sparsity
	mkonnx "input x" "input s" "init w f32 16x16 raw" "node Reshape . w,s f" "node MatMul n x,f y" \
		"output y" | tmo-from-onnx >s
	for sparsity in 0.5 1; do
		tmo-prune -v -p channel -s $sparsity s 2>err >out
		grep -q 'tensors/w: left as it is: it has no output axis, or none that is known' err
		cmp <(member s tensors/w.npy) <(member out tensors/w.npy)
	done
	tmo-prune -v -p 2:4 s 2>err >out
	grep -q 'tensors/w: left as it is: it has no input axis, or none that is known' err
	cmp <(member s tensors/w.npy) <(member out tensors/w.npy)
	tmo-quant -v s 2>&1 >out | grep -q 'tensors/w: 8 bits, 1 scale; no output axis for channels'
}
