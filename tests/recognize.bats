# SPDX-License-Identifier: Apache-2.0
# recognize.bats: what was given in place of what is read. Every program says what it is and what to do.
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	python3 "$BATS_TEST_DIRNAME/helper/kinds.py"
	export PATH="$BATS_TEST_DIRNAME/../build/bin:$BATS_TEST_DIRNAME/../build/tests:$PATH" LC_ALL=C
	mkstream w:f4:4x4:normal >stream
	: >none
	zstd -q <onnx >onnx.zst
	readers='' importers=''
	local name
	for name in $(tmo list --names); do
		[ "$name" = info ] && continue # it reads models too: below
		case $(tmo-"$name" --describe) in *'kind: source'*) importers+=" $name" ;; *) readers+=" $name" ;; esac
	done
	export readers importers
}

setup() {
	tmo_setup
	cd "$BATS_FILE_TMPDIR" || return
}

# FILE: what it is; what a reader of streams is told to do.
kinds() {
	cat <<-'E'
	onnx: an ONNX model; put tmo-from-onnx in front
	onnx-large: an ONNX model; put tmo-from-onnx in front
	safetensors: a safetensors file; put tmo-from-safetensors in front
	index: the index of a safetensors model; put tmo-from-safetensors in front
	npy: a .npy array; put tmo-from-npz in front
	npz: a .npz file; put tmo-from-npz in front
	npz-deflated: a .npz file; put tmo-from-npz in front
	zip: a zip archive; unzip it, or, if it is a .npz, give it to tmo-from-npz
	pytorch: a PyTorch file; in Python, torch.onnx.export makes an ONNX model of it, or safetensors.torch.save_file a file of its weights
	torchscript: a PyTorch file; in Python, torch.onnx.export
	pytorch-old: a PyTorch file; in Python, torch.onnx.export
	keras: a Keras model; in Python, model.export("model.onnx", format="onnx")
	hdf5: an HDF5 file, such as Keras's .h5; in Python, model.export("model.onnx", format="onnx")
	pickle0: a Python pickle; load it in Python, if you trust it, and save its arrays with numpy.savez
	pickle2: a Python pickle; load it in Python
	pickle5: a Python pickle; load it in Python
	gguf: a GGUF model; take the ONNX model or the safetensors that it was made from
	ggml: a GGML model; take the ONNX
	tflite: a TFLite model; make an ONNX model of it: python -m tf2onnx.convert --tflite FILE --output model.onnx
	saved-model: a TensorFlow SavedModel; make an ONNX model of it: python -m tf2onnx.convert --saved-model FOLDER
	frozen: a TensorFlow graph; make an ONNX model of it: python -m tf2onnx.convert --graphdef
	tfjs: a TensorFlow.js model; make an ONNX model of it: python -m tf2onnx.convert --tfjs
	coreml: a Core ML model; take the ONNX
	coreml1: a Core ML model; take the ONNX
	ort: an ORT model of onnxruntime; take the ONNX
	executorch: an ExecuTorch program; take the ONNX
	openvino: an OpenVINO model; take the ONNX
	ncnn: the network of an ncnn model; take the ONNX
	matlab: a MATLAB file; in Python, numpy.savez
	json: a JSON text; its weights, if it has any, are in a file beside it
	json-list: a JSON text; its weights
	xml: an XML text; fetch the file itself again
	html: an HTML page; fetch the file itself again
	html-bare: an HTML page; fetch the file itself again
	s3-error: a server's error message; fetch the file itself again
	lfs: a Git LFS pointer in place of the file; run git lfs pull
	lfs-old: a Git LFS pointer in place of the file; run git lfs pull
	annex: a git-annex pointer in place of the file; run git annex get
	dvc: a DVC pointer in place of the file; run dvc pull
	pipeline: a pipeline; run it: tmo run FILE -i MODEL
	text: a text; is it the right file?
	utf16: a text in UTF-16, which is what > of PowerShell makes of data; write it again with -o FILE
	xz: data compressed with xz; put xz -dc in front: xz -dc FILE |
	lzma: data compressed with lzma; put xz -dc in front: xz -dc FILE |
	lzma9: data compressed with lzma; put xz -dc in front: xz -dc FILE |
	gzip: data compressed with gzip; put gzip -dc in front: gzip -dc FILE |
	compress: data compressed with compress; put gzip -dc in front: gzip -dc FILE |
	bzip2: data compressed with bzip2; put bzip2 -dc in front: bzip2 -dc FILE |
	lz4: data compressed with lz4; put lz4 -dc in front: lz4 -dc FILE |
	lz4-old: data compressed with lz4; put lz4 -dc in front: lz4 -dc FILE |
	lzip: data compressed with lzip; put lzip -dc in front: lzip -dc FILE |
	lzop: data compressed with lzop; put lzop -dc in front: lzop -dc FILE |
	7z: a 7z archive; unpack it: 7z x FILE
	rar: a RAR archive; unpack it
	E
}

# says BEGIN CMD...: status 1, nothing but one line on stderr, which begins so.
says() {
	local begin=$1 got=0 said
	shift
	said=$("$@" 2>&1 >"$BATS_TEST_TMPDIR/out") || got=$?
	[ "$got" -eq 1 ] && [[ $said == "$begin"* ]] && [[ $said != *$'\n'* ]] && return
	echo "$*: status $got: $said"
	echo "wanted: $begin"
	return 1
}

# from FILE CMD...
from() {
	local file=$1
	shift
	"$@" <"$file"
}

# some NUMBER NAME...: one of the names, in turn.
some() {
	local number=$1
	shift
	shift $((number % $#))
	echo "$1"
}

# Each program is given some of all kinds, and these by all programs.
@test "recognize: every program that reads a stream says what it was given, and what to put in front" {
	local file what remedy name names number=0 bad=0 known=' '
	while IFS=: read -r file what; do
		remedy=${what#*; } what=${what%%; *} known+="$file "
		# shellcheck disable=SC2086  # names are words
		case $file in
		onnx | npz | pytorch | lfs | xz) names=$readers ;;
		*) names=$(some $((number++)) $readers) ;;
		esac
		for name in $names; do
			says "tmo-$name: stdin:$what, not a tensor stream; $remedy" from "$file" "tmo-$name" || bad=1
		done
	done < <(kinds)
	for file in $(python3 -c "exec(open('$root/tests/helper/kinds.py').read()); print(*KINDS)"); do
		[[ $known == *" $file "* ]] || { echo "$file is not in the table"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

@test "recognize: a file that is named is named in the message" {
	says 'tmo-quant: ./onnx: an ONNX model, not a tensor stream; ' tmo-quant ./onnx
	says 'tmo-from-npz: ./onnx: an ONNX model, not a .npz or .npy file; use tmo-from-onnx' tmo-from-npz ./onnx
}

@test "recognize: every importer says which importer a model of another format wants" {
	local name file bad=0
	declare -A wanted=([onnx]='an ONNX model' [safetensors]=safetensors [npz]='a .npz or .npy file')
	declare -A is=([onnx]='an ONNX model' [safetensors]='a safetensors file' [npz]='a .npz file')
	for name in $importers; do
		for file in onnx safetensors npz; do
			[ "$file" = "${name#from-}" ] ||
				says "tmo-$name: stdin: ${is[$file]}, not ${wanted[${name#from-}]}; use tmo-from-$file" \
					from "$file" "tmo-$name" || bad=1
		done
		says "tmo-$name: stdin: a tensor stream, not ${wanted[${name#from-}]}; it needs no importer" \
			from stream "tmo-$name" || bad=1
		says "tmo-$name: stdin: data compressed with zstd, not ${wanted[${name#from-}]}; put zstd -dc in front" \
			from onnx.zst "tmo-$name" || bad=1
	done
	[ "$bad" -eq 0 ]
}

@test "recognize: every importer knows what nothing of tmo reads" {
	local file what name number=0 bad=0
	while IFS=: read -r file what; do
		case $file in onnx* | safetensors | index | json | npy | npz* | zip) continue ;; esac
		# shellcheck disable=SC2086  # names are words
		name=$(some $((number++)) $importers)
		says "tmo-$name: stdin:${what%%; *}, not " from "$file" "tmo-$name" || bad=1
	done < <(kinds)
	[ "$bad" -eq 0 ]
}

@test "recognize: an importer's pipe is looked at as its file is" {
	says 'tmo-from-safetensors: stdin: an ONNX model, not safetensors; use tmo-from-onnx' \
		sh -c 'cat onnx | tmo-from-safetensors'
	says 'tmo-from-onnx: stdin: a Git LFS pointer in place of the file, not an ONNX model; run git lfs pull' \
		sh -c 'cat lfs | tmo-from-onnx'
	cat safetensors | tmo-from-safetensors | cmp - <(tmo-from-safetensors <safetensors)
}

@test "recognize: what zstd was put around is looked at too" {
	says 'tmo-eval: onnx.zst: an ONNX model under zstd, not a tensor stream; put zstd -dc | tmo-from-onnx in front' \
		tmo-eval onnx.zst
	zstd -q <gzip >gzip.zst
	says 'tmo-eval: gzip.zst: data compressed with gzip under zstd, not a tensor stream; put gzip -dc' tmo-eval gzip.zst
}

@test "recognize: an empty input is one, for every program" {
	local name
	for name in $readers $importers; do
		says "tmo-$name: stdin: empty input; " sh -c ": | tmo-$name"
		says "tmo-$name: none: empty input; " "tmo-$name" none
	done
}

@test "recognize: a member's name is no magic number" {
	local name
	for name in GGUF '{' BZh9 'Rar!' '<html' 'outs:'; do
		mkstream w:f4:2x2:normal | tar xOf - tensors/w.npy >"$BATS_TEST_TMPDIR/$name.npy"
		tar -C "$BATS_TEST_TMPDIR" -cf "$BATS_TEST_TMPDIR/in.tar" "$name.npy"
		tmo-quant -q "$BATS_TEST_TMPDIR/in.tar" >"$BATS_TEST_TMPDIR/out.tar"
	done
	# and a stream that is damaged is no text
	head -c 300 stream >cut
	says 'tmo-quant: cut: truncated' tmo-quant cut
}

@test "recognize: tmo run and tmo import say it too" {
	local command
	for command in 'import' "run $root/pipelines/half.yaml -i"; do
		# shellcheck disable=SC2086  # a command and its options
		{
			says 'tmo: pytorch: a PyTorch file, neither a tensor stream nor a model that can be read here; in Python, torch' \
				tmo $command pytorch
			says 'tmo: lfs: a Git LFS pointer in place of the file, neither a tensor stream nor a model that can be read here; run git lfs pull' tmo $command lfs
			says 'tmo: xz: data compressed with xz, neither a tensor stream nor a model that can be read here; put xz -dc' \
				tmo $command xz
			says 'tmo: text: a text, neither a tensor stream nor a model that can be read here; what is known: tar' \
				tmo $command text
			says 'tmo: tflite: a TFLite model, and there is no tmo-from-tflite; make an ONNX model' tmo $command tflite
		}
	done
}

@test "recognize: tmo-info, which reads streams and models, says it of all else" {
	local file what number=0
	while IFS=: read -r file what; do
		case $file in onnx* | safetensors | index | npy | npz* | zip | json | text | tflite) continue ;; esac
		[ $((number++ % 4)) -eq 0 ] || continue
		says "tmo-info: stdin:${what%%; *}, neither a tensor stream nor a model in " from "$file" tmo-info
		[[ $(tmo-info "$file" 2>&1) == *"; ${what#*; }"* ]]
	done < <(kinds)
	says 'tmo-info: none: is empty; ' tmo-info none
}

@test "recognize: a pointer among the files of a model is named" {
	mkdir -p hub
	cp index hub/model.safetensors.index.json
	cp lfs hub/m.safetensors
	says 'tmo-from-safetensors: hub/m.safetensors: a Git LFS pointer in place of the file, not safetensors; run git lfs' \
		tmo-from-safetensors hub
	mkonnx 'ir 8' 'opset 13' 'input x' 'init w f32 4x4 w.bin:0:64' 'node MatMul m x,w y' 'output y' >hub/m.onnx
	cp lfs hub/w.bin
	says 'tmo-from-onnx: tensors/w: external data in "w.bin": a Git LFS pointer in place of the file; run git lfs' \
		tmo-from-onnx hub/m.onnx
}
