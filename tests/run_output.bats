#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# run_output.bats: what `tmo run` makes of names: of the output, of files in a pipeline, of pipelines; and
# what it says at its end. Pages by name.
load helper
load helper/tmo

@test "run: -o NAME that promises what cannot be written is refused before anything starts" {
	pipeline 'quant: {bits: 4}'
	for name in x.pt x.h5 x.tflite x.gguf x.tar.gz; do
		fails 2 "tmo: $name: .* cannot be written; .tar, .tar.zst, .onnx" \
			tmo run p.yaml -i in.tar -o "$name"
		fails 2 "tmo: $name: .* cannot be written" tmo run p.yaml -i in.tar -o "$name" --make
		fails 2 "tmo: $name: .* cannot be written" tmo run p.yaml -i in.tar -o "$name" --dry-run
		fails 2 "tmo: $name: .* cannot be written" tmo import in.tar -o "$name"
		[ ! -e "$name" ]
	done
	# a command writes what it likes
	pipeline 'quant: {bits: 4}' 'sh: gzip -n'
	tmo run p.yaml -i in.tar -o x.tar.gz
	gzip -dc x.tar.gz | cmp - <(tmo-quant --bits 4 in.tar)
}

@test "run: -o NAME.zst is compressed, and a NAME.tar that is compressed is said" {
	pipeline 'quant: {bits: 4}'
	tmo run p.yaml -i in.tar -o x.tar.zst
	tmo-quant --bits 4 in.tar | tmo-pack --zstd 19 | cmp - x.tar.zst
	pipeline 'quant: {bits: 4}' 'pack: {zstd: 3}'
	tmo run p.yaml -i in.tar -o y.tar.zst
	tmo-quant --bits 4 in.tar | tmo-pack --zstd 3 | cmp - y.tar.zst
	tmo run p.yaml -i in.tar -o y.tar 2>err
	cmp y.tar y.tar.zst
	grep -qx 'tmo: y.tar: is compressed with zstd, which a name in .tar.zst would say' err
	pipeline 'quant: {bits: 4}' 'pack:'
	[ "$(tmo run p.yaml -i in.tar -o y.tar.zst --dry-run)" = \
		'tmo-quant --bits=4 <in.tar | tmo-pack --zstd=19 >y.tar.zst' ]
	# any other name: the stream as it is
	tmo run p.yaml -i in.tar -o payload.bin 2>err
	[ ! -s err ]
	tmo-quant --bits 4 in.tar | tmo-pack | cmp - payload.bin
}

@test "run: where the output's format makes nothing smaller, that is said" {
	pipeline 'quant: {bits: 4}'
	mkstream w:f4:100x100:normal | tmo-to-npz >in.npz
	tmo run p.yaml -i in.npz -o x.npz 2>err
	grep -qE '^tmo: x.npz: not smaller than in.npz: this format holds decoded weights; -o NAME' err
	[ "$(wc -l <err)" -eq 1 ]
	tmo run p.yaml -i in.npz -o x.safetensors 2>err
	grep -q '^tmo: x.safetensors: not smaller' err
	tmo run -q p.yaml -i in.npz -o x.npz 2>err
	[ ! -s err ]
	# a conversion was not meant to
	tmo import in.npz -o y.safetensors 2>err
	[ ! -s err ]
}

@test "run: on a terminal or with -v it ends with a line: payload, bytes, ratio, time" {
	mkstream w:f4:100x100:normal >m.tar
	pipeline 'quant: {bits: 8}' 'pack: {zstd: 3}'
	tmo run p.yaml -i m.tar -o out.tar.zst 2>err
	[ ! -s err ]
	out=$(wc -c <out.tar.zst) in=$(wc -c <m.tar)
	share=$(awk -v a="$out" -v b="$in" 'BEGIN { printf "%.1f", 100 * a / b }')
	tmo run -v p.yaml -i m.tar -o out.tar.zst 2>err
	tail -n 1 err | grep -qxE "tmo: out.tar.zst: $out bytes, $share % of m.tar \($in\), [0-9]+\.[0-9] s"
	terminal=$(python3 "$root/tests/helper/terminal.py" tmo run p.yaml -i m.tar -o out.tar.zst)
	[[ $terminal == *"tmo: out.tar.zst: $out bytes, $share % of m.tar ($in), "* ]]
	[ -z "$(python3 "$root/tests/helper/terminal.py" tmo run -q p.yaml -i m.tar -o out.tar.zst)" ]
	# what came through a pipe has no size, what goes into one neither; a file in its own place has both
	tmo run -v p.yaml -o out.tar.zst < <(cat m.tar) 2>err
	tail -n 1 err | grep -qxE "tmo: out.tar.zst: $out bytes, [0-9.]+ s"
	tmo run -v p.yaml -i m.tar 2>err | cat >out2
	tail -n 1 err | grep -qxE 'tmo: stdout: [0-9.]+ s'
	tmo run -v p.yaml -i m.tar -o m.tar 2>err
	grep -qF "tmo: m.tar: $out bytes, $share % of m.tar ($in), " err
}

@test "run: files that options name are looked for here, then beside the pipeline" {
	mkdir there
	mkstream conv1.weight:f4:16x3x3x3:normal --seed 2 >other.tar
	printf 'stages:\n  - quant: {bits: 4, map: map.yaml}\n  - eval: {reference: ref.tar}\n' >there/p.yaml
	printf '"*": {bits: 3}\n' >there/map.yaml
	cp in.tar there/ref.tar
	tmo run there/p.yaml -i in.tar -o out.tar 2>err
	tmo-quant --bits 4 --map there/map.yaml in.tar | cmp - out.tar
	[ "$(tmo run there/p.yaml -i in.tar -o out.tar --dry-run)" = "tmo-quant --bits=4 --map=there/map.yaml <in.tar |\
 tmo-eval --reference=there/ref.tar >out.tar" ]
	tmo run there/p.yaml -i in.tar -o out.tar --make | head -n 1 >rule
	grep -qxF 'out.tar: in.tar there/p.yaml there/map.yaml there/ref.tar' rule
	# what is here comes first, from --set too; what is nowhere keeps its name
	printf '"*": {bits: 2}\n' >map.yaml
	tmo run there/p.yaml -i in.tar --dry-run | grep -qF -- '--map=map.yaml'
	mv map.yaml there/mine.yaml
	tmo run there/p.yaml -i in.tar --dry-run --set quant.map=mine.yaml | grep -qF -- '--map=there/mine.yaml'
	tmo run there/p.yaml -i in.tar --dry-run --set quant.map=no.yaml | grep -qF -- '--map=no.yaml'
}

@test "run, list: pipelines by name from the tree that tmo was built in" {
	tmo list --pipelines --names >names
	(cd "$root/pipelines" && printf '%s\n' *.yaml) | sed 's/\.yaml$//' | LC_ALL=C sort | cmp - names
	tmo list --pipelines | grep -qE '^half +16-bit floats'
	tmo run half -i in.tar -o out.tar.zst
	tmo run "$root/pipelines/half.yaml" -i in.tar | cmp - out.tar.zst
	fails 2 'tmo: hlaf: no such file, nor a pipeline that came with tmo; there are: .*half' tmo run hlaf -i in.tar
}

@test "help: pages of no program too, from the tree that tmo was built in" {
	# pages of no program, from the tree that tmo was built in
	command -v mandoc >/dev/null || command -v man >/dev/null || skip 'nothing shows pages'
	for page in pipeline stream plugin quant; do
		MANPATH=/nonexistent tmo help $page >text </dev/null
		grep -qi "tmo-$page" text
		grep -q NAME text
	done
	for page in tmo libtmo; do
		MANPATH=/nonexistent tmo help $page >text </dev/null
		grep -qi "^ *$page([13])" text
	done
	# nobody to show them
	mkdir none
	ln -s "$(command -v sh)" none/sh
	fails 1 'tmo: stream: no page is installed, or neither man' env PATH=none "$root/build/bin/tmo" help stream
}
