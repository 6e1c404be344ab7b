# SPDX-License-Identifier: Apache-2.0
# docs.bats: what is written agrees with what the programs do: manual pages with --describe, the
# examples with the programs, the completion with all of it.
load helper

# setup runs before each test; the folder is the example reader's: what examples name is there.
setup() {
	tmo_setup
	programs=$(tmo list --names)
	ln -s "$root/pipelines" pipelines
	mkdir models
	mkonnx 'ir 8' 'opset 13' 'input x' 'init conv.weight f32 16x8x3x3 raw' \
		'init fc.weight f32 64x48 raw' 'node Conv conv x,conv.weight h' \
		'node MatMul fc h,fc.weight y' 'output y' >model.onnx
	tmo-from-onnx model.onnx >model.tar
	tmo-quant model.tar >b.tar
	tmo-pack --zstd 3 b.tar >model.tar.zst
	cp model.onnx m.onnx
	tmo-to-npz model.tar >model.npz
	mkdir model
	tmo-to-safetensors model.tar | tee model.safetensors >model/model.safetensors
	member model.tar tensors/fc.weight.npy >weights.npy
	cp model.tar in.tar
	cp model.tar a.tar
}

# options NAME: "name letter" of those that are its own; common is for all that are not.
options() {
	"tmo-$1" --describe | awk '
		function tell() { if (name != "" && !common) print name, letter }
		{ gsub(/\x27/, "") } # quotes: n is a truth value to some readers
		$1 == "-" && $2 == "name:" { tell(); name = $3; letter = "-"; common = 0 }
		$1 == "letter:" { letter = $2 }
		$1 == "common:" { common = 1 }
		END { tell() }'
}

# section PAGE NAME
section() {
	awk -v name="$2" '/^\.Sh / { on = $0 == ".Sh " name; next } on' "$1"
}

@test "docs: every program has a manual page, and no page is without its program" {
	local name page bad=0
	for name in $programs; do
		page=$root/man/tmo-$name.1
		[ -e "$page" ] || { echo "no man/tmo-$name.1"; bad=1; continue; }
		grep -qx "\.Nm tmo-$name" "$page" || { echo "$page: no name"; bad=1; }
		grep -qx "\.Nd $("tmo-$name" --describe | sed -n 's/^summary: //p')" "$page" ||
			{ echo "$page: another summary than --describe's"; bad=1; }
	done
	for page in "$root"/man/tmo-*.1; do
		name=$(basename "$page" .1)
		[ -x "$root/build/bin/$name" ] || { echo "no program for $page"; bad=1; }
	done
	for page in tmo.1 tmo-stream.5 tmo-pipeline.5 tmo-plugin.7 tmo-choosing.7; do
		[ -e "$root/man/$page" ] || { echo "no man/$page"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

@test "docs: mandoc finds nothing wrong" {
	local page bad=0
	for page in "$root"/man/*.[1-8]; do
		# other pages are looked for in the system, where ours are not installed yet
		mandoc -T lint "$page" 2>&1 | grep -vE 'referenced manual not found|outdated mandoc.db' && bad=1
		[ "$(sed -n 's/^\.Sh //p' "$page" | head -n 1)" = NAME ] || { echo "$page: NAME first"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

# The other reader of mdoc, Debian's: to it an author called Li is a macro, and the page ends there.
@test "docs: no name in a reference is a macro to groff" {
	local macros='A[dnopqrt]|B[coqx]|C[dm]|D[coqvx]|E[mnrsv]|F[aclnotx]|Ic|L[ik]|M[st]|N[mosx]|O[copx]|P[acfopq]|Q[cloq]|S[cmoqxy]|Tn|Ux|V[at]|X[cor]'
	run -1 grep -nE "^\.%[A-Z] (.* )?($macros)( |$)" "$root"/man/*
	for page in "$root"/man/*; do
		run -0 groff -mdoc -Tascii -ww -P -c "$page"
		[[ $output != *'cannot chop'* ]] || { echo "$page"; return 1; }
	done
}

@test "docs: every option has its .It and stands in the SYNOPSIS; no other has" {
	local name letter option page bad=0
	for name in $programs; do
		page=$root/man/tmo-$name.1
		[ -e "$page" ] || continue
		while read -r option letter; do
			grep -qE "^\.It .*Fl -$option( |$)" "$page" || { echo "$page: no .It for --$option"; bad=1; }
			[ "$letter" = - ] || grep -qE "^\.It .*Fl $letter( |$)" "$page" ||
				{ echo "$page: no .It for -$letter"; bad=1; }
			section "$page" SYNOPSIS | grep -qE -- "[ |]-(no-)?$option( |$)|Fl -\\\\?(no-)?$option" ||
				{ echo "$page: --$option is not in the SYNOPSIS"; bad=1; }
		done < <(options "$name")
		while read -r option; do
			options "$name" | grep -q "^${option#no-} " || { echo "$page: --$option is no option"; bad=1; }
		done < <(grep '^\.It ' "$page" | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/^Fl -//' | sort -u)
	done
	[ "$bad" -eq 0 ]
}

@test "docs: tmo(1) has the options that all programs share, and those of its commands" {
	local option bad=0
	for option in help version describe output \
		$(tmo-quant --describe | awk '$2 == "name:" { name = $3 } $1 == "common:" { print name }') \
		$(tmo complete run | sed 's/^--//; s/=$//'); do
		grep -qE "^\.It .*Fl -$option( |$)" "$root/man/tmo.1" || { echo "tmo.1: no .It for --$option"; bad=1; }
	done
	for option in $(tmo complete list | sed 's/^--//; s/=$//'); do
		grep -qE "Fl -$option( |$)" "$root/man/tmo.1" || { echo "tmo.1: no word on --$option"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

# The functions, macros and fields that a plugin may use. A row of options is filled by its macro.
declared() {
	python3 - "$root/libcommon/tmo.h" <<-'E'
	import re, sys
	text = re.sub(r"/\*.*?\*/", "", open(sys.argv[1]).read(), flags=re.S)
	print(*re.findall(r"\btmo_\w+(?=\()", text), sep="\n")
	print(*re.findall(r"^#define (TMO_(?!H$)[A-Z0-9_]*[A-Z0-9])\b", text, re.M), sep="\n")
	for body in re.findall(r"^struct tmo_(?:array|tensor|choice|list|rule|scan|filter) {(.*?)^}", text, re.M | re.S):
	    body = re.sub(r"\)\(.*?\)", ")", body, flags=re.S)
	    print(*re.findall(r"(\w+)\)?(?:\[\w+\])?(?=[,;])", body), sep="\n")
	E
}

@test "docs: libtmo(3) has every function, macro and field of tmo.h" {
	local word bad=0
	declared | sort -u >words
	for word in tmo_put tmo_array_new TMO_CHOICE TMO_UNRECORDED TMO_TAKES_F64 input_axis not_in_map meaningless \
		wanted items; do
		grep -qx $word words
	done
	while read -r word; do
		grep -qw -- "$word" "$root/man/libtmo.3" || { echo "libtmo.3: no word on $word"; bad=1; }
	done <words
	[ "$bad" -eq 0 ]
}

# examples PAGE: the commands of its EXAMPLES, as they are shown. In pages of files (section 5) only
# what stands behind "$ ": the rest is what files hold.
examples() {
	section "$1" EXAMPLES | awk -v all="$([[ $1 == *.1 ]] && echo 1)" '
		/^\.Bd/ { block = 1; next }
		/^\.Ed/ { block = 0; next }
		sub(/^\.Dl /, "") || (block && all) {
			if (sub(/^\$ /, "") || all)
				print
		}' | sed 's/\\(dq/"/g; s/\\-/-/g; s/\\(aq/'\''/g; s/\\e/\\/g; s/\\&//g'
}

# What needs more than `make check` does is left to the reader.
possible() {
	grep -vE 'numpy|\bxz\b|\bscp\b|\bcurl\b|onnxruntime' || true
}

@test "docs: the examples of the manual pages work" {
	local page bad=0
	for page in "$root"/man/*.[1-8]; do
		examples "$page" | possible >script
		[ -s script ] || [[ $page != */tmo-*.1 ]] || { echo "$page has no examples"; bad=1; }
		(cp -r . "$BATS_TEST_TMPDIR/../page-$$" && cd "$BATS_TEST_TMPDIR/../page-$$" &&
			bash -e -o pipefail script >shown 2>&1 </dev/null) ||
			{ echo "$page:"; cat script "$BATS_TEST_TMPDIR/../page-$$/shown"; bad=1; }
		rm -rf "$BATS_TEST_TMPDIR/../page-$$"
	done
	[ "$bad" -eq 0 ]
}

@test "docs: the example of every --help works when pasted" {
	local name bad=0
	for name in $programs; do
		"tmo-$name" --help | sed -n '/^Example: /,$ { s/^Example: //; p; }' >script
		[ -s script ] || { echo "tmo-$name --help has no example"; bad=1; continue; }
		grep -q "tmo-$name" script
		bash -e -o pipefail script >shown 2>&1 </dev/null || { cat script shown; bad=1; }
	done
	tmo --help | sed -n 's/^Example: //p' >script
	bash -e script >shown 2>&1 || { cat script shown; bad=1; }
	[ "$bad" -eq 0 ]
}

# complete_line WORD...: what the completion offers for the last word, sorted.
complete_line() {
	bash -c 'set -u; . "$0/completions/tmo"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tmo
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}" | sort' "$root" "$@"
}

@test "docs: the completion knows programs, options and files, from the programs themselves" {
	[ "$(complete_line tmo qu)" = quant ]
	[ "$(complete_line tmo l)" = list ]
	[ "$(complete_line tmo help pr)" = prune ]
	[ "$(complete_line tmo quant --gran)" = --granularity= ]
	[ "$(complete_line tmo-quant --satur)" = --saturate ]
	[ "$(complete_line tmo-quant model.o)" = model.onnx ]
	[ "$(complete_line tmo-quant --output = | grep -x in.tar)" = in.tar ]
	[ "$(complete_line tmo run --dry)" = --dry-run ]
	[ -z "$(complete_line tmo nonsense --x)" ]
	[ "$(complete_line tmo-quant --outp)" = --output= ]
	[ "$(complete_line tmo run --outp)" = --output= ]
	[ -z "$(complete_line tmo list --outp)" ]
	[ "$(complete_line tmo help pip)" = pipeline ]
	for name in $programs; do
		[ "$(complete_line "tmo-$name" --hel)" = --help ]
	done
}

@test "docs: the completion knows words of choices, pipelines and what --set can say" {
	export TMO_PATH=$root/examples/plugins
	# as bash gives it: "=" and ":" are words of their own
	[ "$(complete_line tmo-quant --granularity = | tr '\n' ' ')" = 'auto channel group: tensor ' ]
	[ "$(complete_line tmo quant --granularity ch)" = channel ]
	[ "$(complete_line tmo quant --granularity = ch)" = channel ]
	[ "$(complete_line tmo run int4 | grep -v /)" = int4-groups ]
	# a file that is there, too
	printf 'stages:\n  - prune:\n  - quant: {bits: 4}\n  - sh: cat\n  - quant:\n' >p.yaml
	complete_line tmo run p.yaml --set '' >keys
	grep -qx 'prune.sparsity=' keys
	grep -qx 'quant.bits=' keys
	grep -qx 'quant.2.bits=' keys
	run ! grep -q '^sh' keys
	[ "$(complete_line tmo run p.yaml -i in.tar --set quant.gran)" = quant.granularity= ]
	[ "$(complete_line tmo run -i in.tar p.yaml --set = quant.2.gran)" = quant.2.granularity= ]
	[ "$(complete_line tmo run p.yaml --set quant.granularity = t)" = tensor ]
	[ "$(complete_line tmo run p.yaml --set = quant.2.granularity = t)" = tensor ]
	[ "$(complete_line tmo run p.yaml --set quant.symmetric = | tr '\n' ' ')" = 'false true ' ]
	[ -z "$(complete_line tmo run p.yaml --set nothing.x = t)" ]
}
