# SPDX-License-Identifier: Apache-2.0
# onnx_edit.bats: networks that net/edit.h changes and formats/onnx writes back, by the helper editonnx.
# tests/ci/onnx_edit.py has onnxruntime compute what comes out.
load helper
load helper/onnx

# Two layers with an Identity between them, and an If whose graphs use what is around them.
model() {
	mkonnx 'opset 13' 'input x' 'input c' 'init w f32 4x4 raw' 'init b f32 4 typed' 'init v f32 4x4 raw' \
		'node Gemm g1 x,w,b h transB 1' 'node Identity id h i' 'node Relu relu i r' \
		'node Gemm g2 r,v m' 'if c y' 'const k f32 - raw' 'node Mul mul m,k t' \
		'node Identity inner t u' 'output u' else 'node Neg neg m e' 'output e' end \
		'output y' 'output r' >m.onnx
}

# edit EDIT...: m.onnx with them as e.onnx, shown as ./graph.
edit() {
	editonnx "$@" <m.onnx >e.onnx
	showonnx <e.onnx >graph
}

@test "onnx edit: what nobody changed is the same bytes" {
	local file
	model
	for file in m.onnx "$root"/examples/*.onnx "$root"/tests/fuzz/corpus/onnx/*; do
		editonnx <"$file" >same 2>/dev/null || continue # not every crash is a model
		cmp "$file" same
	done
	cmp m.onnx <(editonnx <m.onnx)
	tmo-from-onnx "$root/examples/digits.onnx" >s
	member s graph.onnx >g
	cmp g <(editonnx <g)
}

@test "onnx edit: a node comes where what it needs is there, and takes the place of its input" {
	model
	edit 'scale h 2'
	showonnx <m.onnx >before
	diff before graph >changes && false
	[ "$(grep -c '^[<>]' changes)" -eq 4 ] # a constant and a node come; the Identity's line twice
	has 'init factor  data'
	has 'node Mul h,factor h_Mul'
	has 'node Identity h_Mul i'
	[ "$(grep -n 'node Mul h,' graph | cut -d: -f1)" -eq $(($(grep -n 'node Gemm x,' graph | cut -d: -f1) + 1)) ]
}

@test "onnx edit: what a graph gives keeps its name, whatever comes behind it" {
	model
	edit 'insert r Neg 6' 'insert u Neg 6'
	has 'node Relu i r_Neg'
	has 'node Neg r_Neg r'
	has 'node Gemm r,v m'
	has 'node Identity t u_Neg'
	has 'node Neg u_Neg u'
	has 'output u'
	has 'output r'
}

@test "onnx edit: a node goes, in the main graph and in an If" {
	model
	edit 'bypass id' 'bypass inner'
	has 'node Relu h r'
	has 'node Mul m,k u'
	lacks Identity
}

@test "onnx edit: data change, and go to the stream and come from it" {
	model
	edit 'add b 1' 'add k 1'
	lacks ':' # no data outside
	editonnx 'data b 1,2,3' <m.onnx | showonnx | grep -qx 'init b 3 data'
	edit 'stream v' 'weight new 2,3'
	has 'init v 4x4 tensors/v.npy:128:64'
	has 'init new 2x3 tensors/new.npy:128:24'
}

@test "onnx edit: a batch normalization that went into its layer leaves nothing behind" {
	mkonnx 'opset 13' 'input x' 'init w f32 4x4 raw' 'init s f32 4 raw' 'init o f32 4 raw' \
		'init m f32 4 raw' 'init v f32 4 raw' 'node Gemm g x,w h' \
		'node BatchNormalization bn h,s,o,m,v y' 'output y' >m.onnx
	edit 'bias g 1,2,3,4' 'bypass bn' 'remove-value s' 'remove-value o' 'remove-value m' 'remove-value v'
	printf '%s\n' 'input x' 'init w 4x4 data' 'init bias 4 data' 'node Gemm x,w,bias y' 'output y' |
		diff - <(grep -v '^ir' graph)
}

@test "onnx edit: weights that are inputs too, as until IR version 3, go from both places" {
	mkonnx 'ir 3' 'opset 7' 'input x' 'input w' 'input v' 'init w f32 4x4 raw' 'init v f32 4x4 raw' \
		'node MatMul mm x,w h' 'node MatMul other x,v y' 'output h' 'output y' >m.onnx
	edit 'input mm 1 v' 'remove-value w' 'scale x 2'
	has 'ir 4'
	lacks ' w'
	has 'init factor  data'
}

@test "onnx edit: what cannot be is refused, and says why" {
	model
	fails 1 'id cannot use m, which is made later' editonnx 'input id 0 m' <m.onnx
	fails 1 'g2 cannot use t, which is not there' editonnx 'input g2 0 t' <m.onnx
	fails 1 'the model is of operator set 13, 20 is needed' editonnx 'insert h Gelu 20' <m.onnx
	fails 1 'Identity cannot go: i is used' editonnx 'remove id' <m.onnx
	fails 1 'b is used, or no constant' editonnx 'remove-value b' <m.onnx
	fails 1 'the network has a value w already' editonnx 'weight w 2' <m.onnx
	fails 1 'k is no initializer of the main graph' editonnx 'stream k' <m.onnx
	mkonnx 'opset 13' 'input x' 'input c' 'node Neg a x h' 'if c y' 'node Neg b x h' 'node Neg d h e' \
		'output e' else 'node Neg f x g' 'output g' end 'output y' 'output h' >m.onnx
	fails 1 'another value has the name' editonnx 'input d 0 h' <m.onnx
}
