# SPDX-License-Identifier: Apache-2.0
# A choice that matches nothing, a stream that has nothing: said in one line, and the work goes on.
load helper

# says PATTERN CMD...: CMD ends well and puts one line on stderr, which matches.
says() {
	local pattern=$1
	shift
	"$@" >out 2>err
	if [ "$(wc -l <err)" -ne 1 ] || ! grep -q -- "$pattern" err; then
		cat err
		return 1
	fi
}

@test "slips: an --only or --skip that no tensor matches" {
	mkstream a:f4:3x4:normal b:f4:5x6:normal n:i4:5:ramp >in
	for filter in quant prune cluster decode; do
		says "tmo-$filter: no tensor matches --skip nosuch\\*$" "tmo-$filter" --skip 'nosuch*' in
		says "tmo-$filter: no tensor matches --only x$" "tmo-$filter" --only a --only x in
		"tmo-$filter" -q --skip 'nosuch*' in 2>err >out
		[ ! -s err ]
		"tmo-$filter" --skip a --skip n in 2>err >out
		[ ! -s err ]
	done
	tmo-from-onnx "$root/examples/digits.onnx" >net
	says 'no tensor matches --skip op:LSTM$' tmo-prune -s 0.1 --skip op:LSTM net
	says 'no tensor is chosen by --only x; ' tmo-prune --only x --only y in
}

@test "slips: a stream without tensors, whatever reads it" {
	local program
	mkdir dir && echo x >dir/model.bin
	tar cf nothing dir
	for program in quant prune cluster decode pack unpack to-npz; do
		says "tmo-$program: no tensors in the stream; " "tmo-$program" nothing
		"tmo-$program" -q nothing >out 2>err
		[ ! -s err ]
	done
	tmo-eval nothing 2>err >out
	tail -n 1 err | grep -q 'tmo-eval: no tensors in the stream; '
	cmp nothing out
}

@test "slips: tensors of which none is a weight" {
	mkstream b:f4:5:normal n:i4:5x6:ramp >in
	for filter in quant prune cluster; do
		says "tmo-$filter: nothing to work on: no tensor of floats has 2 axes; " "tmo-$filter" in
	done
	tmo-decode in 2>err >out
	[ ! -s err ]
	mkstream w:f4:5x6:normal >in
	says 'nothing to work on: .* left by --skip; ' tmo-quant --skip w in
}

@test "slips: first and last without a network are named" {
	mkstream embed:f4:9x4:normal layer:f4:4x4:normal bias:f4:4:normal head:f4:9x4:normal >in
	says 'no network in the stream: .* embed is taken for the first layer and head for the last; ' \
		tmo-quant --exclude-first-last in
	[ "$(tar tf out | grep -c codes)" -eq 1 ]
	tmo-from-onnx "$root/examples/digits.onnx" | tmo-quant --exclude-first-last 2>err >out
	[ ! -s err ]
}

@test "first and last: of a network with several heads the last layer of each, also behind an If" {
	mkonnx 'input x f32 1x8' 'input c bool -' 'init a f32 8x8 raw' 'init b f32 8x8 raw' 'init left f32 8x16 raw' \
		'init right f32 8x8 raw' 'init deep f32 8x8 raw' \
		'node MatMul . x,a p' 'node MatMul . p,b q' 'node MatMul . q,left y' 'node MatMul . q,right r' \
		'if c s' 'node MatMul . r,deep s' 'else' 'node Relu . r s' 'end' 'node Relu . s z' \
		'output y' 'output z' >heads.onnx
	tmo-from-onnx heads.onnx | tmo-quant -v --exclude-first-last 2>err >out
	[ "$(sed -n 's|^tmo-quant: tensors/\([a-z]*\): .*first or last.*|\1|p' err | sort | xargs)" = "a deep left" ]
}
