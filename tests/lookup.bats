# SPDX-License-Identifier: Apache-2.0
# lookup.bats: the other file of --reference, --input-norms and --importance: a stream, or a model of any format.
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	export PATH="$BATS_TEST_DIRNAME/../build/bin:$BATS_TEST_DIRNAME/../build/tests:$PATH" LC_ALL=C
	mkonnx 'ir 8' 'opset 13' 'input x' 'init w f32 16x24 raw' 'init fc/v:0 f32 24x8 raw' \
		'node MatMul m x,w h' 'node MatMul n h,fc/v:0 y' 'output y' >m.onnx
	tmo-from-onnx m.onnx >m.tar
	tmo-pack --zstd 3 m.tar >m.tar.zst
	tmo-to-npz m.tar >m.npz
	tmo-to-safetensors m.tar >m.safetensors
	mkdir folder
	cp m.safetensors folder/model.safetensors
	cp m.onnx ./-m.onnx
	cp m.onnx misnamed.tar
	tmo-quant --bits 4 m.tar >q.tar
}

setup() {
	tmo_setup
	cd "$BATS_FILE_TMPDIR" || return
	export TMPDIR=$BATS_TEST_TMPDIR
}

# same FUNCTION: it says the same of every form of the file as of the stream.
same() {
	local file
	"$1" m.tar >"$BATS_TEST_TMPDIR/want" 2>&1
	for file in m.tar.zst m.onnx m.npz m.safetensors folder -m.onnx misnamed.tar "$PWD/m.onnx"; do
		"$1" "$file" >"$BATS_TEST_TMPDIR/got" 2>&1
		cmp "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got" || { echo "$file"; cat "$BATS_TEST_TMPDIR/got"; return 1; }
	done
	# through a pipe too, of which nothing is left over
	for file in m.tar m.onnx m.npz m.safetensors; do
		"$1" <(cat $file) >"$BATS_TEST_TMPDIR/got" 2>&1
		cmp "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got" || { echo "$file through a pipe"; return 1; }
	done
	[ -z "$(find "$TMPDIR" -name 'tmo-*')" ]
}

evaluated() { tmo-eval -r "$1" q.tar -o /dev/null; }
different() { tmo-eval --diff -r "$1" q.tar -o /dev/null; }
@test "lookup: tmo-eval --reference measures against a model as against what its importer makes" {
	same evaluated
	grep -q '^tensors/w ' "$BATS_TEST_TMPDIR/want" || grep -q '^w ' "$BATS_TEST_TMPDIR/want"
	same different
}

# Codes and codebooks: the history has the file's name.
weighted() { tmo-cluster -q -c 4 --importance "$1" m.tar | tar xOf - tensors; }
@test "lookup: tmo-cluster --importance takes any format" {
	same weighted
	# and it counts
	run -1 cmp -s "$BATS_TEST_TMPDIR/want" <(tmo-cluster -q -c 4 m.tar | tar xOf - tensors)
}

normed() { tmo-prune --criterion wanda -s 0.5 --only w --input-norms "$1" m.tar | tar xOf - tensors; }
@test "lookup: tmo-prune --input-norms takes any format" {
	local file
	mkstream w:f4:16:ramp >norms.tar
	tmo-to-npz norms.tar >norms.npz
	tmo-to-safetensors norms.tar >norms.safetensors
	normed norms.tar >"$BATS_TEST_TMPDIR/want"
	for file in norms.npz norms.safetensors; do normed $file | cmp - "$BATS_TEST_TMPDIR/want"; done
	run -1 cmp -s "$BATS_TEST_TMPDIR/want" <(tmo-prune -s 0.5 --only w m.tar | tar xOf - tensors)
}

@test "lookup: what is wrong with the file is said in one line, with its name" {
	cd "$BATS_TEST_TMPDIR"
	local from=$BATS_FILE_TMPDIR
	head -c 500 "$from/m.onnx" >cut.onnx
	fails 1 '^tmo-eval: cut.onnx: .*truncated' tmo-eval -r cut.onnx "$from/q.tar"
	head -c 500 "$from/m.safetensors" >cut.safetensors
	fails 1 '^tmo-cluster: cut.safetensors: truncated: ' tmo-cluster --importance cut.safetensors "$from/m.tar"
	head -c 600 "$from/m.tar" >cut.tar
	fails 1 '^tmo-eval: model.yaml: truncated: ' tmo-eval -r cut.tar "$from/q.tar"
	printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' >lfs
	fails 1 '^tmo-eval: lfs: a Git LFS pointer in place of the file, not a tensor stream; run git lfs pull' \
		tmo-eval -r lfs "$from/q.tar"
	: >none
	fails 1 '^tmo-eval: none: is empty' tmo-eval -r none "$from/q.tar"
	fails 1 '^tmo-eval: missing: cannot open: No such file' tmo-eval -r missing "$from/q.tar"
	mkdir empty
	fails 1 '^tmo-eval: empty: is a directory' tmo-eval -r empty "$from/q.tar"
	printf '\30\0\0\0TFL3........' >m.tflite
	fails 1 '^tmo-eval: m.tflite: .*no tmo-from-tflite' tmo-eval -r m.tflite "$from/q.tar"
	[ ! -s out ]
}

@test "lookup: importers that are plugins count, and what they say is passed on" {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	printf '\30\0\0\0TFL3........' >m.tflite
	printf '#!/bin/sh\necho "tmo-from-tflite: a word" >&2\nexec cat "%s/m.tar"\n' "$BATS_FILE_TMPDIR" >bin/tmo-from-tflite
	chmod +x bin/tmo-from-tflite
	export TMO_PATH=$PWD/bin
	tmo-eval -r "$BATS_FILE_TMPDIR/m.tar" "$BATS_FILE_TMPDIR/q.tar" -o /dev/null 2>want
	tmo-eval -r m.tflite "$BATS_FILE_TMPDIR/q.tar" -o /dev/null 2>err
	grep -v 'a word' err | cmp - want
	grep -x 'tmo-from-tflite: a word' err
	printf '#!/bin/sh\nkill -9 $$\n' >bin/tmo-from-tflite
	fails 1 '^tmo-eval: m.tflite: tmo-from-tflite: killed by SIGKILL' tmo-eval -r m.tflite "$BATS_FILE_TMPDIR/q.tar"
	# one that says nothing, and one that says it under its own name
	printf '#!/bin/sh\nexit 3\n' >bin/tmo-from-tflite
	fails 1 '^tmo-eval: m.tflite: tmo-from-tflite: exit 3' tmo-eval -r m.tflite "$BATS_FILE_TMPDIR/q.tar"
	printf '#!/bin/sh\necho "tmo-from-tflite: $1: no good; try another" >&2\nexit 1\n' >bin/tmo-from-tflite
	fails 1 '^tmo-eval: m.tflite: no good; try another$' tmo-eval -r m.tflite "$BATS_FILE_TMPDIR/q.tar"
	# whoever ignores children's ends
	python3 -c 'import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execvp(sys.argv[1], sys.argv[1:])' \
		tmo-eval -r "$BATS_FILE_TMPDIR/m.onnx" "$BATS_FILE_TMPDIR/q.tar" -o /dev/null 2>err
	cmp err want
}
