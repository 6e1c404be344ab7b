# SPDX-License-Identifier: Apache-2.0
# What tmo-from-onnx --strip leaves out, and what it never does.
load helper
load helper/onnx

# noted [LINE...]: a model as ./noted.onnx with text in all places.
noted() {
	mkonnx "input x" "init w f32 3x2 raw" "node MatMul m x,w y" "output y" "$@" |
		python3 "$BATS_TEST_DIRNAME/helper/noted.py" >noted.onnx
}

leaks() {
	grep -ao 'leak-[a-z]* ' "$1" | sort -u | wc -l
}

@test "from-onnx: --strip leaves out doc strings and notes at every place, nothing else" {
	noted
	[ "$(leaks noted.onnx)" -eq 8 ]
	tmo-from-onnx noted.onnx >kept
	[ "$(leaks kept)" -eq 8 ]
	tmo-from-onnx --strip -v noted.onnx >s 2>err
	run ! grep -aq leak- s
	member s graph.onnx >stripped
	for word in alphabet abc author leaky/node; do
		grep -aq "$word" stripped
	done
	cmp <(showonnx <stripped) <(member kept graph.onnx | showonnx)
	cmp <(member s tensors/w.npy) <(member kept tensors/w.npy)
}

@test "from-onnx: --strip leaves nothing in what the network was before" {
	noted "const k f32 16x16 raw" "node Relu . k r" "output r"
	tmo-from-onnx --strip --strip-metadata author noted.onnx >s
	run ! grep -aqE "leak-|author" s
	grep -aq alphabet s
	tmo-to-onnx s | showonnx >graph
	has "node Constant - k"
}

@test "from-onnx: -v says how many bytes of text there are, and how many went" {
	noted
	tmo-from-onnx -v noted.onnx 2>err >kept
	bytes=$(sed -n 's/.* \([0-9]*\) bytes of doc strings and metadata that no runtime reads; --strip .*/\1/p' err)
	[ "$bytes" -gt 200 ]
	tmo-from-onnx -v --strip noted.onnx 2>err >s
	grep -q " $bytes bytes of doc strings and metadata left out" err
	# What is left of the lengths of what they stood in is a few bytes.
	gone=$(($(member kept graph.onnx | wc -c) - $(member s graph.onnx | wc -c)))
	[ "$gone" -ge "$bytes" ]
	[ "$gone" -le $((bytes + 20)) ]
	mkonnx "init w f32 3x2 raw" | tmo-from-onnx -v 2>err >s
	run ! grep -q strip err
}

@test "from-onnx: the model's own metadata goes by the names of its keys" {
	noted
	tmo-from-onnx --strip-metadata 'auth*' --strip-metadata nosuch noted.onnx >s
	member s graph.onnx >g
	run ! grep -aq author g
	grep -aq alphabet g
	grep -aq leak-node g
	tmo-from-onnx --strip --strip-metadata '*' noted.onnx >s
	run ! grep -aqE 'author|alphabet|leak-' s
}

@test "pack: nothing is stripped" {
	noted
	tmo-from-onnx noted.onnx >s
	tmo-pack s | tmo-unpack | cmp - s
	tmo-to-onnx s | tmo-from-onnx | cmp - s
}
