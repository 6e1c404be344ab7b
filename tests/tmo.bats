#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016  # what stands in single quotes is for another shell
# The driver: discovery, run, import, --set, --dry-run, --make.
load helper
load helper/tmo

described="printf 'tmo: 1\nname: x\nkind: filter\nsummary: %s\noptions: []\n'"

@test "tmo: help and version go to stdout, mistakes are one line and status 2" {
	tmo --help | grep -q '^usage: tmo run'
	[ "$(tmo --version)" = "tmo $(cat "$root/VERSION")" ]
	tmo run --help | grep -q 'usage: tmo run \[options\] PIPELINE'
	tmo list --help | grep -q -- --names
	[ "$(tmo run --version)" = "$(tmo --version)" ]
	tmo run --describe | grep -qx 'tmo: 1'
	fails 2 'tmo: .*tmo --help' tmo
	fails 2 'tmo: unknown option --frobnicate; ' tmo --frobnicate
	fails 2 'unknown option --sett, perhaps --set; see tmo run --help' tmo run --sett x p.yaml
	fails 2 'one pipeline file is wanted, 2 are given' tmo run a b
	fails 2 'there is no program tmo-qant; did you mean "quant"' tmo qant
	fails 2 'there is no program tmo-../x' tmo ../x
	fails 1 'stdout: ' sh -c 'tmo --help >/dev/full'
}

@test "tmo NAME runs tmo-NAME with its arguments and status" {
	tmo prune --sparsity 0.25 <in.tar >one
	tmo-prune --sparsity 0.25 <in.tar >two
	cmp one two
	plugin bin mirror 'echo "$0 $*"; exit 7'
	TMO_PATH=$PWD/bin run -7 tmo mirror "a b" --c
	[[ $output == *'tmo-mirror a b --c' ]]
}

@test "discovery: order of folders, and what is passed over" {
	plugin one x "$described one"
	plugin two x "$described two"
	plugin two broken 'exit 3'
	plugin two silent 'exit 0'
	plugin two slow 'sleep 10'
	plugin two large 'yes tmo: 1'
	plugin two other 'echo "tmo: 2"'
	plugin two run "$described builtin"
	plugin two twice "$described '\"two\\nlines\\e[31m\"'"
	plugin two Capital "$described capital"
	plugin two text "$described text"
	chmod -x two/tmo-text
	mkdir two/tmo-folder
	ln -s nowhere two/tmo-dangling
	export TMO_PATH=:$PWD/one:.:two:$PWD/two
	tmo list >list
	grep -qx 'x  *one' list
	run ! grep -qE '^(broken|silent|slow|large|other|run|Capital|text|folder|dangling) ' list
	grep -qx 'twice  *two?lines?\[31m' list
	tmo list -v >list
	grep -q "^x .*not used: $PWD/two/tmo-x: hidden by $PWD/one/tmo-x" list
	grep -q '^broken .*exit 3' list
	grep -q '^silent .*tmo: 1' list
	grep -q '^other .*tmo: 1' list
	grep -q '^slow .*2 seconds' list
	grep -q '^large .*more than 65536 bytes' list
	grep -q '^run .*command of this name' list
	grep -q '^text .*not executable' list
	grep -q '^dangling .*link to nothing' list
	grep -q "^ *$root/build/bin/tmo-quant" list
	TMO_PATH=two:. tmo list >list
	run ! grep -q '^x ' list
	cd two
	unset TMO_PATH
	PATH=.::$PATH tmo list --names >../list
	run ! grep -qx x ../list
}

@test "list --names runs nothing" {
	plugin bin x 'touch "$BATS_TEST_TMPDIR/ran"'
	TMO_PATH=$PWD/bin tmo list --names >list
	grep -qx x list
	grep -qx quant list
	[ ! -e ran ]
}

@test "complete prints what --describe lists" {
	[ "$(tmo complete clip)" = "$(printf '%s\n' --max= --strict --bounds=)" ]
	tmo complete run >words
	grep -qx -- --dry-run words
	grep -qx -- --set= words
	fails 2 'no program' tmo complete nothing
}

@test "help: --help where no page is installed" {
	plugin bin x 'echo "help: $*"'
	TMO_PATH=$PWD/bin MANPATH=/nonexistent tmo help x >text
	grep -qx 'help: --help' text
	MANPATH=/nonexistent tmo help run | grep -q PIPELINE
	fails 2 'no program tmo-nothing' tmo help nothing
}

@test "run: a plugin in Python between our own filters, one in shell at the end" {
	pipeline 'prune: {sparsity: 0.5}' 'clip: {max: 0.5}' 'names:'
	tmo run p.yaml -i in.tar -o names
	printf '%s\n' model.yaml tensors/a.npy tensors/b.npy | cmp - names
	pipeline 'prune: {sparsity: 0.5}' 'clip: {max: 0.5}'
	tmo run p.yaml -i in.tar -o out.tar
	values in.tar tensors/b.npy | python3 -c '
import sys
for x in map(float, sys.stdin): print(max(-0.5, min(0.5, x)))' >want
	values out.tar tensors/b.npy | python3 -c '
import sys
for x in map(float, sys.stdin): print(x)' | cmp - want
}

@test "run: the same bytes from -i and -o, stdin and stdout, a pipe, a fifo" {
	pipeline 'prune:' 'clip: {max: 0.5, bounds: "@input"}'
	tmo run p.yaml -i in.tar -o one
	tmo run p.yaml <in.tar >two
	cat in.tar | tmo run p.yaml | cat >three
	tmo run p.yaml -i <(cat in.tar) -o - | cat >four
	tmo-prune in.tar | tmo clip --max=0.5 --bounds=in.tar >five
	for f in two three four five; do cmp one $f; done
	cp in.tar same
	tmo run p.yaml -i same -o same
	cmp one same
}

@test "run: -o replaces a file as a whole, with the mode of the umask, and follows links" {
	pipeline 'sh: cat'
	echo old >target
	ln -s target link
	(umask 027 && tmo run p.yaml -i in.tar -o link)
	cmp in.tar target
	[ -L link ]
	[ "$(stat -c %a target)" = 640 ]
	tmo run p.yaml -i in.tar -o /dev/null
	[ -c /dev/null ]
	fails 1 'no/where: ' tmo run p.yaml -i in.tar -o no/where
}

@test "run: the importer is chosen by content, -j -q -v --max-memory are handed down" {
	pipeline 'sh: cat'
	plugin bin from-npz 'case $1 in --describe) '"$described"' imports;; *) cat "$@" | tail -c +5;; esac'
	{ printf 'PK\3\4'; cat in.tar; } >m.npz
	export TMO_PATH=$PWD/bin
	tmo run p.yaml -i m.npz -o out.tar
	cmp in.tar out.tar
	tmo run p.yaml <m.npz >out.tar
	cmp in.tar out.tar
	printf '\30\0\0\0TFL3........' >m.tflite
	fails 1 'm.tflite: a TFLite model, and there is no tmo-from-tflite; .*tf2onnx' \
		tmo run p.yaml -i m.tflite -o x
	head -c 600 "$root/VERSION" >text
	fails 1 'text: a text, neither a tensor stream nor a model.*tar.zst, onnx, safetensors, npz' \
		tmo run p.yaml -i text -o x
	: >empty
	fails 1 'empty: is empty' tmo run p.yaml -i empty -o x
	fails 1 'none: cannot open: No such file' tmo run p.yaml -i none -o x
	fails 1 'is a directory' tmo run p.yaml -i bin -o x
	zstd -q in.tar
	tmo run p.yaml -i in.tar.zst -o out
	cmp in.tar.zst out
	pipeline 'prune: {sparsity: 0.5}'
	[ "$(tmo run -qv -j3 p.yaml --dry-run)" = "tmo-prune --quiet --verbose --threads=3 --sparsity=0.5" ]
	[ "$(tmo run --max-memory 2G p.yaml --dry-run)" = "tmo-prune --max-memory=2G --sparsity=0.5" ]
	tmo run --max-memory 2G p.yaml --make -i in.tar -o x | grep -q 'tmo run --max-memory 2G '
	run -1 tmo run --max-memory 300 p.yaml -i in.tar -o x
	[[ $output == 'tmo-prune: tensors/a.npy: 192 bytes in memory, 100 are allowed at once'* ]]
}

# net FILE: a small ONNX model.
net() {
	mkonnx 'ir 8' 'opset 13' 'input x' 'init conv.w f32 8x4x6x6 raw' 'init fc.w f32 24x20 raw' \
		'node Conv conv x,conv.w h' 'node MatMul fc h,fc.w y' 'output y' >"$1"
}

@test "run: -o FILE.onnx, .safetensors, .npz ends in an exporter, instead of a pack" {
	net model.onnx
	pipeline 'quant: {bits: 4}' 'pack: {zstd: 3}'
	tmo-from-onnx model.onnx | tmo-quant --bits 4 >q.tar
	for format in onnx safetensors npz; do
		tmo run p.yaml -i model.onnx -o out.$format
		tmo-to-$format q.tar | cmp - out.$format
		[ "$(tmo run p.yaml -i model.onnx -o out.$format --dry-run)" = \
			"tmo-from-onnx model.onnx | tmo-quant --bits=4 | tmo-to-$format >out.$format" ]
		tmo run p.yaml -i model.onnx -o out.$format --make >Makefile
		rm out.$format
		make -s
		tmo-to-$format q.tar | cmp - out.$format
	done
	# a sink is there already; a pack in the middle stays; sh may do what it likes
	pipeline 'to-npz:'
	tmo run p.yaml -i q.tar -o x.onnx
	cmp x.onnx out.npz
	pipeline 'pack:' 'sh: cat'
	[ "$(tmo run p.yaml -i q.tar -o x.npz --dry-run)" = \
		'tmo-pack <q.tar | sh -c cat | tmo-to-npz >x.npz' ]
	tmo run p.yaml -i q.tar -o x.npz
	cmp x.npz out.npz
	pipeline 'pack:'
	tmo run p.yaml -i q.tar -o x.npz
	cmp x.npz out.npz
	# a plugin may write one more
	plugin bin to-xyz "case \${1-} in --describe) printf 'tmo: 1\nname: to-xyz\nkind: sink\nsummary: x\noptions: []\n';; *) exec cat;; esac"
	TMO_PATH=$PWD/bin tmo run p.yaml -i q.tar -o x.xyz
	cmp x.xyz q.tar
	tmo run p.yaml -i in.tar -o y.onnx 2>err && got=0 || got=$?
	[ "$got" -eq 1 ]
	grep -qx 'tmo: export (to-onnx): exit 1' err
	[ ! -e y.onnx ]
}

@test "run, import: .npy, .npz, safetensors, alone, in parts, misnamed, through a pipe" {
	net model.onnx
	tmo-from-onnx model.onnx | tmo-decode --only '*' >m.tar
	tmo-to-npz m.tar >m.npz
	tmo-to-safetensors m.tar >m.safetensors
	member m.tar tensors/fc.w.npy >fc.npy
	mkdir folder
	cp m.safetensors folder/model.safetensors
	printf '{"metadata": {}, "weight_map": {"conv.w": "m.safetensors", "fc.w": "m.safetensors"}}' \
		>model.safetensors.index.json
	pipeline 'quant: {bits: 8}'
	for f in model.onnx m.npz m.safetensors fc.npy folder model.safetensors.index.json; do
		tmo import $f >want.tar
		case $f in
		fc.npy) [ "$(members want.tar | tail -n 1)" = tensors/fc.npy ] ;;
		*) member want.tar tensors/fc.w.npy | cmp - fc.npy ;;
		esac
		tmo import -o out.tar -j1 $f
		cmp out.tar want.tar
		tmo run p.yaml -i $f | cmp - <(tmo-quant --bits 8 want.tar)
		line=$(tmo import --dry-run $f)
		sh -c "$line" | cmp - want.tar
		line=$(tmo run p.yaml -i $f --dry-run)
		sh -c "$line" | cmp - <(tmo-quant --bits 8 want.tar)
		case $f in
		folder | *.json) continue ;;
		esac
		cp $f misnamed.onnx
		tmo import misnamed.onnx | members - | tail -n +2 >names
		tmo import <misnamed.onnx | members - | wc -l | grep -qx "$(members want.tar | wc -l)"
		# shellcheck disable=SC2002
		cat misnamed.onnx | tmo import | members - | wc -l | grep -qx "$(members want.tar | wc -l)"
		tmo run p.yaml -q -i <(cat misnamed.onnx) -o out.tar
	done
}

@test "import: streams in any form come out plain, by name into other formats" {
	tmo-quant in.tar >q.tar
	tmo-pack q.tar >p.tar
	tmo-pack --zstd 3 q.tar >p.tar.zst
	zstd -q q.tar
	for f in q.tar p.tar p.tar.zst q.tar.zst; do
		tmo import $f | cmp - q.tar
		tmo import <$f | cmp - q.tar
		tmo import $f -o x.npz
		cmp x.npz <(tmo-to-npz q.tar)
	done
	[ "$(tmo import q.tar -o x.npz --dry-run)" = 'tmo-to-npz <q.tar >x.npz' ]
	[ "$(tmo import q.tar --dry-run)" = 'tmo-unpack <q.tar' ]
	: >empty
	fails 1 'empty: is empty' tmo import empty
	fails 1 'none: cannot open: No such file' tmo import none
	fails 2 '2 files' tmo import a b
	fails 1 '^tmo: \.: is a directory' tmo import .
	fails 1 '^tmo: stdin: is a directory' sh -c 'tmo import <.'
	fails 1 'VERSION: a text, neither' tmo import "$root/VERSION"
	head -c 300 x.npz >cut.npz
	got=0
	tmo import cut.npz -o whole 2>err || got=$?
	[ "$got" -eq 1 ]
	grep -qx 'tmo: import (from-npz): exit 1' err
	[ ! -e whole ]
	tmo import --help | grep -q '^usage: tmo import'
	tmo complete import | grep -qx -- --dry-run
}

@test "run: mistakes in a pipeline, with place and nearest name, before anything starts" {
	pipeline 'sh: touch started; cat' 'prune: {sparsity: 0.5}' 'quant: {bitz: 8}'
	fails 2 'tmo: p.yaml: line 4, column 13: unknown option "bitz" of quant; did you mean "bits"' \
		tmo run p.yaml -i in.tar -o x
	while IFS='|' read -r stage message; do
		pipeline 'sh: touch started; cat' "$stage"
		fails 2 "tmo: p.yaml: line 3, column [0-9]*: $message" tmo run p.yaml -i in.tar -o x
	done <<-'E'
		qant:|there is no program tmo-qant; did you mean "quant"
		hs: cat|there is no program tmo-hs; did you mean "sh"
		import:|there is no program tmo-import; see tmo list
		quant: {bits: 9}|quant: bits is "9"; .*from 2 to 8
		quant: {bits: many}|quant: bits is "many"
		quant: {bits: "8"}|quant: bits is text, "8"; leave the quotes away
		quant: {bits: [4, 8]}|quant: bits takes one value, not a list
		quant: {bits: {n: 4}}|quant: bits takes one value, not a mapping
		quant: {bits: }|quant: bits has no value
		quant: {granularity: groups}|quant: granularity is "groups"; .*tensor.channel.group:N
		quant: {granularity: "group:0"}|quant: granularity is "group:0"
		quant: {saturate: 1}|quant: saturate is "1"; it must be true or false
		quant: {asym: true}|unknown option "asym" of quant
		quant: {output: x}|.*tmo run -o FILE
		quant: {help: true}|unknown option "help"
		quant: 8|quant takes a map
		quant|.*a colon is missing
		{quant: {bits: 8}, prune: }|.*here are more or none
		sh: [a]|sh takes a command
		from-onnx:|from-onnx makes a stream and can only be the first stage
		names: [a]|names takes a map
	E
	[ ! -e started ]
	pipeline 'names:' 'quant:'
	fails 2 'quant cannot follow names' tmo run p.yaml -i in.tar -o x
	while read -r text; do
		printf '%b' "$text" >p.yaml
		fails 2 'tmo: p.yaml: ' tmo run p.yaml -i in.tar -o x
	done <<-'E'
		stages: []
		stages: {quant: }
		stagse: [quant: ]
		- quant:
		stages:\n  - quant: {bits: 8, bits: 8}
		stages: [quant
		stages: &a [quant: ]
		stages: [quant: ]\nversion: 1
	E
	fails 2 'none.yaml: no such file, nor a pipeline' tmo run none.yaml -i in.tar -o x
	[ ! -e x ]
}

@test "--set replaces, in all stages of the name or in one, lists are added to" {
	pipeline 'quant: {bits: 8, only: [a, b]}' 'decode:' 'quant:'
	fails 2 'tmo: --set quant.bitz=4: unknown option "bitz" of quant; did you mean "bits"' \
		tmo run p.yaml --dry-run --set quant.bitz=4
	fails 2 'has no stage "qant"; did you mean "quant"' tmo run p.yaml --set qant.bits=4
	fails 2 'STAGE.OPTION=VALUE' tmo run p.yaml --set quant=4
	fails 2 'only 2 of the stage quant' tmo run p.yaml --set quant.3.bits=4
	fails 2 'no number of a stage' tmo run p.yaml --set quant.x.bits=4
	fails 2 'from 2 to 8' tmo run p.yaml --set quant.bits=1
	line() { tmo run p.yaml --dry-run "$@"; }
	[ "$(line --set quant.bits=4)" = \
		'tmo-quant --only=a --only=b --bits=4 | tmo-decode | tmo-quant --bits=4' ]
	[ "$(line --set quant.2.bits=4)" = \
		'tmo-quant --bits=8 --only=a --only=b | tmo-decode | tmo-quant --bits=4' ]
	[ "$(line --set quant.1.only=c --set quant.1.only=d)" = \
		'tmo-quant --bits=8 --only=c --only=d | tmo-decode | tmo-quant' ]
	[ "$(line --set quant.1.saturate=true --set quant.1.saturate=false)" = \
		'tmo-quant --bits=8 --only=a --only=b --no-saturate | tmo-decode | tmo-quant' ]
}

@test "--dry-run: what it prints gives the same bytes in sh, odd names included" {
	plugin 'my bin' 'odd' 'case $1 in
	--describe) '"$described"' odd | sed "s/options: ../options: [{name: t, type: text}]/";;
	*) printf "%s\n" "$1" >&3; cat;; esac'
	pipeline 'prune: {only: "*", sparsity: 0.5}' 'clip: {bounds: "@input", max: 0.75}' \
		"odd: {t: \"it's \$HOME \\\\ \`x\` *\\n#\"}" 'sh: "cat; echo \"$$\" >&2"' 'pack:'
	cp in.tar "in put.tar"
	TMO_PATH="$PWD/my bin:$TMO_PATH"
	for way in '-i "in put.tar" -o "o ut"' '<in.tar >"o ut"' '-i in.tar >"o ut"' \
		'-i "o ut" -o "o ut"'; do
		cp in.tar "o ut"
		eval "tmo run p.yaml $way" 3>said
		mv "o ut" want
		mv said want.said
		cp in.tar "o ut"
		eval "tmo run p.yaml --dry-run ${way/>*/}" >line.sh
		case $way in
		*'>'*) sh line.sh 3>said <in.tar >"o ut" ;;
		*) sh line.sh 3>said <in.tar ;;
		esac
		cmp "o ut" want
		cmp said want.said
		grep -qx -- "--t=it's \$HOME \\\\ \`x\` \*" said
	done
	[ -z "$(ls -A | grep '^tmp')" ]
}

@test "--make: a rule that make follows, with the files that options name" {
	cp in.tar 'bounds $#.tar'
	cp in.tar 'i n.tar'
	pipeline 'prune:' 'clip: {bounds: "bounds $#.tar", max: 0.5}'
	tmo run p.yaml --make -i 'i n.tar' -o out.tar --set prune.sparsity=0.75 >Makefile
	make -s
	tmo run p.yaml -i in.tar -o want.tar --set prune.sparsity=0.75
	cmp out.tar want.tar
	make -q
	for f in 'bounds $#.tar' 'i n.tar' p.yaml; do
		touch -d '1 hour ago' ./*
		touch out.tar
		make -q
		touch -d '1 hour' "$f"
		run -1 make -q
	done
	fails 2 'needs -i FILE and -o FILE' tmo run p.yaml --make -o x
	fails 2 'make cannot take a file name such as "a:b"' tmo run p.yaml --make -i a:b -o x
}

@test "a terminal is not taken for a stream, and shows a line for each stage" {
	cat >terminal.py <<-'E'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.environ["TERM"] = "xterm"
		    os.execvp(sys.argv[1], sys.argv[1:])
		out = b""
		try:
		    while data := os.read(fd, 4096):
		        out += data
		except OSError:
		    pass
		sys.stdout.buffer.write(out)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	E
	pipeline 'sh: cat' 'sh: echo message >&2; sleep 0.7; cat'
	run -2 python3 terminal.py tmo run p.yaml -i in.tar
	[[ $output == *'stdout is a terminal'* ]]
	run -2 python3 terminal.py tmo run p.yaml -o x
	[[ $output == *'stdin is a terminal'* ]]
	python3 terminal.py tmo run p.yaml -i in.tar -o out.tar >shown
	cmp in.tar out.tar
	grep -q 'stage 1 (sh)  *done' shown
	grep -q 'stage 2 (sh)  *running' shown
	grep -q 'message' shown
	tmo run p.yaml -i in.tar -o out.tar 2>err
	[ "$(cat err)" = message ]
}
