# SPDX-License-Identifier: Apache-2.0
# map.bats: --map FILE, options of single tensors, in the filters that take one.
load helper

setup() {
	tmo_setup
	mkstream a.weight:f4:16x32:normal b.weight:f4:8x64:normal embed:f4:100x8:normal \
		bias:f4:8:normal --seed 3 >in.tar
}

# history OUT: the options of the last program, as one line.
history() {
	member "$1" model.yaml | sed -n 's/^  options: //p' | tail -n 1
}

@test "map: entries hold in their order over the command line, the last wins" {
	cat >m.yaml <<-'END'
		'*.weight': {bits: 6, granularity: channel}
		'b*':       {granularity: "group:32"}
		embed:      {bits: 4}
	END
	tmo-quant --bits 3 -g tensor --map m.yaml in.tar >out.tar
	tmo-quant --only a.weight --bits 6 -g channel in.tar >a.tar
	tmo-quant --only b.weight --bits 6 -g group:32 in.tar >b.tar
	tmo-quant --only embed --bits 4 -g tensor in.tar >e.tar
	for part in codes scale; do
		cmp <(member out.tar "tensors/a.weight/$part.npy") <(member a.tar "tensors/a.weight/$part.npy")
		cmp <(member out.tar "tensors/b.weight/$part.npy") <(member b.tar "tensors/b.weight/$part.npy")
		cmp <(member out.tar "tensors/embed/$part.npy") <(member e.tar "tensors/embed/$part.npy")
	done
	cmp <(member out.tar tensors/bias.npy) <(member in.tar tensors/bias.npy)
}

@test "map: a map that says what the command line says makes the same tensors" {
	echo "'*': {bits: 5, granularity: tensor}" >m.yaml
	tmo-quant --map m.yaml in.tar >out.tar
	tmo-quant --bits 5 -g tensor in.tar >want.tar
	cmp <(members out.tar) <(members want.tar)
	for name in $(members out.tar | grep tensors/); do
		cmp <(member out.tar "$name") <(member want.tar "$name")
	done
	tmo-quant -j7 --map m.yaml in.tar >again.tar
	cmp out.tar again.tar
}

@test "map: skip leaves a tensor as it is, and a later entry takes it in again" {
	printf '%s\n' "'*': skip" "'b*': {bits: 4}" >m.yaml
	tmo-quant -v --map m.yaml in.tar >out.tar 2>err
	cmp <(member out.tar tensors/a.weight.npy) <(member in.tar tensors/a.weight.npy)
	member out.tar tensors/b.weight/tensor.yaml | grep 'bits: 4'
	grep 'a.weight: left as it is: skipped by --map' err
	printf '%s\n' "'b*': {bits: 4}" "'*': skip" >m.yaml
	tmo-quant --map m.yaml in.tar >out.tar
	run -1 grep codes <(members out.tar)
}

@test "map: the history has it, without comments and in order" {
	printf '%s\n' '# why' "'*.weight': {bits: 4, granularity: 'group:32'}" 'embed: skip' >m.yaml
	tmo-quant --map m.yaml --axis 0 in.tar >out.tar
	run -0 history out.tar
	[ "$output" = "{map: {'*.weight': {bits: 4, granularity: 'group:32'}, embed: skip}}" ]
	tmo-quant -r mse --map m.yaml in.tar >out.tar
	history out.tar | grep '{range: mse, map: {'
}

@test "map: op: and node: patterns, by the graph" {
	mkonnx 'ir 8' 'opset 13' 'input x' 'init conv.weight f32 16x8x3x3 raw' \
		'init fc.weight f32 64x48 raw' 'node Conv conv x,conv.weight h' \
		'node MatMul fc h,fc.weight y' 'output y' >m.onnx
	printf '%s\n' "'op:Conv': {bits: 5}" "'node:fc': {bits: 3}" >m.yaml
	tmo-from-onnx m.onnx | tmo-quant --map m.yaml >out.tar
	member out.tar tensors/conv.weight/tensor.yaml | grep 'bits: 5'
	member out.tar tensors/fc.weight/tensor.yaml | grep 'bits: 3'
}

@test "map: prune and cluster take one, each tensor its own" {
	printf '%s\n' "'a*': {sparsity: 0.75}" "'b*': {sparsity: 0}" >p.yaml
	tmo-prune --map p.yaml in.tar >out.tar
	[ "$(values out.tar tensors/a.weight.npy | grep -cx -- '-\?0')" -eq 384 ]
	cmp <(member out.tar tensors/b.weight.npy) <(member in.tar tensors/b.weight.npy)
	[ "$(values out.tar tensors/embed.npy | grep -cx -- '-\?0')" -eq 400 ]
	printf '%s\n' "'a*': {clusters: 4}" "'b*': {clusters: 32, granularity: channel}" >c.yaml
	tmo-cluster --map c.yaml in.tar >out.tar
	[ "$(values out.tar tensors/a.weight/codebook.npy | wc -l)" -eq 4 ]
	[ "$(values out.tar tensors/b.weight/codebook.npy | wc -l)" -eq 256 ]
	[ "$(values out.tar tensors/embed/codebook.npy | wc -l)" -eq 16 ]
}

@test "map: a global threshold leaves out what a map skips, and has one rule for the rest" {
	echo 'embed: skip' >m.yaml
	tmo-prune --scope global --map m.yaml in.tar >out.tar
	tmo-prune --scope global --skip embed in.tar >want.tar
	for name in a.weight b.weight embed bias; do
		cmp <(member out.tar "tensors/$name.npy") <(member want.tar "tensors/$name.npy")
	done
	echo 'embed: {sparsity: 0.1}' >m.yaml
	fails 2 'embed: --scope global has one rule' tmo-prune --scope global --map m.yaml in.tar
	echo 'embed: {scope: global}' >m.yaml
	fails 2 'm.yaml: line 1, column 9: scope holds for the whole run' tmo-prune --map m.yaml in.tar
}

@test "map: an entry that matches nothing is told, not under -q" {
	printf '%s\n' "'*.wieght': {bits: 4}" 'bias: {bits: 3}' >m.yaml
	tmo-quant --map m.yaml in.tar >out.tar 2>err
	[ "$(wc -l <err)" -eq 2 ]
	grep 'tmo-quant: m.yaml: line 1, column 1: no tensor that is worked on matches "\*.wieght"' err
	tmo-quant -q --map m.yaml in.tar >out2.tar 2>err
	cmp out.tar out2.tar
	[ ! -s err ]
}

# wrong PATTERN LINE...: the map of these lines is refused, before the stream is read.
wrong() {
	local pattern=$1
	shift
	printf '%s\n' "$@" >wrong.yaml
	fails 2 "^tmo-quant: wrong.yaml: $pattern" tmo-quant --map wrong.yaml /dev/null
	[ ! -s out ]
}

@test "map: mistakes are told with their place and the nearest name" {
	wrong 'line 2, column 5: unknown option "bitz", perhaps "bits"' '# x' 'a: {bitz: 3}'
	wrong 'line 1, column 5: bits is "33"; it must be a whole number from 2 to 8' 'a: {bits: 33}'
	wrong 'line 1, column 5: bits is text, "3"' 'a: {bits: "3"}'
	wrong 'line 1, column 5: bits takes one value, not a list' 'a: {bits: [3]}'
	wrong 'line 1, column 5: granularity is "groups"; it must be one of' 'a: {granularity: groups}'
	wrong 'line 1, column 5: symmetric is "yes"; it must be true or false' 'a: {symmetric: yes}'
	wrong 'line 1, column 5: bits has no value' 'a: {bits: }'
	wrong 'line 1, column 5: threads holds for the whole run' 'a: {threads: 2}'
	wrong 'line 1, column 5: only holds for the whole run' 'a: {only: x}'
	wrong 'line 1, column 5: map holds for the whole run' 'a: {map: x}'
	wrong 'line 2, column 1: "b" needs options; write' 'a: {bits: 3}' 'b: 5'
	wrong 'line 1, column 1: "a" needs options; write' 'a:'
	wrong 'line 2, column 1: --symmetric and --asymmetric exclude' 'b: skip' \
		'a: {symmetric: true, asymmetric: true}'
	wrong 'line 2, column 1: a is there twice' 'a: {bits: 3}' 'a: skip'
	wrong 'line 2, column 1: \* begins an alias of YAML.s; put the text in quotes' 'a: skip' '*.b: skip'
	wrong 'no entries; write' ''
	wrong 'no entries; write' '[1, 2]'
	wrong 'line 1, column 6: a control byte; drop it' $'a: {b\x01'
}

@test "map: an entry's own options are not ignored, those of the command line give way" {
	echo "'b*': {pattern: '2:4'}" >m.yaml
	tmo-prune -s 0.9 --ties keep --map m.yaml in.tar >out.tar
	cmp <(member out.tar tensors/b.weight.npy) <(tmo-prune -p 2:4 in.tar | tar xO tensors/b.weight.npy)
	for entry in "{pattern: '2:4', sparsity: 0.9}" "{pattern: '2:4', ties: keep}"; do
		echo "'b*': $entry" >m.yaml
		fails 2 'm.yaml: line 1, column 1: --pattern N:M .*; drop --' tmo-prune --map m.yaml in.tar
	done
	echo 'embed: {sparsity: 0.9}' >m.yaml
	fails 2 'm.yaml: line 1, column 1: --pattern N:M .*; drop --sparsity' tmo-prune -p 2:4 --map m.yaml in.tar
	echo 'embed: {type: f16}' >m.yaml
	tmo-quant --bits 4 --symmetric --map m.yaml in.tar >out.tar
	member out.tar tensors/embed/tensor.yaml | grep -x 'code: f16'
	wrong 'line 1, column 1: --bits, .* are about integers' 'embed: {type: f16, bits: 4}'
}

@test "map: entries that are good alone and not together are refused where they meet" {
	printf '%s\n' "'*': {symmetric: true}" "'b*': {asymmetric: true}" >m.yaml
	fails 2 'tensors/b.weight: with all that m.yaml says of it: --symmetric' tmo-quant --map m.yaml in.tar
	run -0 tmo-quant --only a.weight --map m.yaml -o out.tar in.tar
	fails 2 'symmetric' tmo-quant --map m.yaml -o never.tar in.tar
	[ ! -e never.tar ]
}

@test "map: a file that is not there, is a folder, is huge" {
	fails 1 'none.yaml: cannot open' tmo-quant --map none.yaml in.tar
	fails 1 '\.: cannot read' tmo-quant --map . in.tar
	head -c 1100000 /dev/zero | tr '\0' '#' >big.yaml
	fails 1 'big.yaml: more than 1048576 bytes' tmo-quant --map big.yaml in.tar
	fails 2 'map' tmo-decode --map big.yaml in.tar
}

@test "map: in a pipeline, with the file among the prerequisites of --make" {
	echo "'a*': {bits: 4}" >m.yaml
	printf '%s\n' 'stages:' '- quant: {map: m.yaml}' >p.yaml
	tmo run p.yaml -i in.tar -o out.tar
	tmo-quant --map m.yaml in.tar >want.tar
	cmp out.tar want.tar
	tmo run --make p.yaml -i in.tar -o out.tar | grep '^out.tar:.* m.yaml'
	fails 2 'unknown option "map"' tmo run <(printf '%s\n' 'stages:' '- decode: {map: m.yaml}') -i in.tar
}
