# SPDX-License-Identifier: Apache-2.0
# conventions.bats: what all programs must do alike. Every program of `tmo list --names` is asked
# the same questions, without knowledge of what it does; plugins in examples/plugins the first few.
load helper

setup_file() {
	export PATH="$BATS_TEST_DIRNAME/../build/bin:$BATS_TEST_DIRNAME/../build/tests:$PATH" LC_ALL=C
	unset TMO_PATH
	cd "$BATS_FILE_TMPDIR" || return
	network 8x4x3x3 24x20 >small.onnx
	network 64x64x3x3 300x300 >large.onnx
	local size format
	for size in small large; do
		tmo-from-onnx $size.onnx >$size.tar
		tmo-quant --bits 4 --only conv.w $size.tar >$size-encoded.tar
		tmo-pack $size-encoded.tar >$size-packed.tar
		tmo-pack --zstd 3 $size-encoded.tar >$size.tar.zst
	done
	programs="$(tmo list --names)"
	for format in $(sed -n 's/^from-//p' <<<"$programs"); do # each importer's input
		for size in small large; do
			[ -e "$size.$format" ] || "tmo-to-$format" $size.tar >"$size.$format"
		done
	done
	export programs
}

network() { # SHAPE SHAPE: a convolution and a product of matrices
	mkonnx 'ir 8' 'opset 13' 'input x' "init conv.w f32 $1 raw" "init fc/w:0 f32 $2 raw" \
		'node Conv conv x,conv.w h' 'node MatMul fc h,fc/w:0 y' 'output y'
}

# is_source NAME: it reads a model file, not a stream.
is_source() {
	"tmo-$1" --describe | grep -qx 'kind: source'
}

# input NAME SIZE: a file for that program.
input() {
	if is_source "$1"; then echo "$BATS_FILE_TMPDIR/$2.${1#from-}"; else echo "$BATS_FILE_TMPDIR/$2-encoded.tar"; fi
}

# each FUNCTION: with every program's name; says which failed.
each() {
	local name bad=
	[ -n "$programs" ]
	for name in $programs; do
		# errexit would be off in a function that `if` or && ask
		set +e
		(set -e; exec 4>&1; "$1" "$name")
		# shellcheck disable=SC2181  # see above
		[ $? -eq 0 ] || bad="$bad tmo-$name"
		set -e
	done
	[ -z "$bad" ] || { echo "$1:$bad"; return 1; }
}

# status WANTED CMD...: for functions that `each` calls; what it says goes to the descriptor that each
# keeps, since the output of status is CMD's.
status() {
	local want=$1 got=0
	shift
	"$@" || got=$?
	[ "$got" -eq "$want" ] || { { echo "$*: status $got, wanted $want"; [ ! -s err ] || cat err; } >&4; return 1; }
}

# wrong STATUS PATTERN CMD...: like fails, and names the command.
wrong() {
	fails "$@" || { echo "that was: ${*:3}"; return 1; }
}

@test "conventions: the list of programs is what was built" {
	local path names
	names=$(for path in "$root"/build/bin/tmo-*; do echo "${path##*/tmo-}"; done)
	[ "$names" = "$programs" ]
}

# With plugins: whoever is called tmo-NAME, in any language.
everyone() {
	local path
	programs="$programs $(for path in "$root"/examples/plugins/tmo-*; do echo "${path##*/tmo-}"; done)"
	PATH=$PATH:$root/examples/plugins
}

help_and_version() {
	status 0 "tmo-$1" --help >help 2>err
	[ ! -s err ]
	[[ $(head -n 1 help) == "usage: tmo-$1 "* ]] || { head -n 1 help; return 1; }
	status 0 "tmo-$1" -h >help2
	cmp help help2
	awk -v name="$1" 'length > 79 { print "tmo-" name " --help is too wide: " $0; bad = 1 }
		END { if (NR > 24) print "tmo-" name " --help: " NR " lines"; exit bad || NR > 24 }' help
	status 0 "tmo-$1" --version >version 2>err
	[ ! -s err ]
	[[ $(cat version) =~ ^tmo-$1\ [0-9]+(\.[0-9]+)*$ ]]
}

@test "conventions: --help and --version: stdout, status 0, one screen" {
	everyone
	each help_and_version
}

# The YAML that --describe prints, as "name min max" lines of numbers.
ranges() {
	awk '$1 == "-" && $2 == "name:" { name = $3 } $1 == "min:" { low[name] = $2; seen[name] }
		$1 == "max:" { high[name] = $2; seen[name] }
		END { for (n in seen) print n, (n in low ? low[n] : "-"), (n in high ? high[n] : "-") }'
}

describes() {
	status 0 "tmo-$1" --describe >yaml 2>err
	[ ! -s err ]
	[ "$(wc -c <yaml)" -le 65536 ]
	grep -qx 'tmo: 1' yaml
	grep -qx "name: $1" yaml
	grep -qxE 'kind: (source|filter|sink)' yaml
	grep -qE '^summary: .+' yaml
	fuzz-yaml yaml
	status 0 tmo complete "$1" >options
	[ "$(grep -cE '^ *- name: ' yaml)" -eq "$(wc -l <options)" ]
}

@test "conventions: --describe is a description, and tmo reads it" {
	everyone
	TMO_PATH=$root/examples/plugins
	export TMO_PATH
	each describes
}

unknown_options() {
	wrong 2 "^tmo-$1: .*--frobnicate.*see tmo-$1 --help$" "tmo-$1" --frobnicate </dev/null
	[ ! -s out ]
}

@test "conventions: an unknown option: status 2, one line that says where help is" {
	everyone
	each unknown_options
}

wrong_usage() {
	wrong 2 "perhaps --verbose; see tmo-$1 --help" "tmo-$1" --vrebose </dev/null
	wrong 2 "unknown option -%" "tmo-$1" -% </dev/null
	wrong 2 "at most one" "tmo-$1" one two </dev/null
	wrong 2 "needs a value" "tmo-$1" --threads </dev/null
	wrong 2 "takes no value" "tmo-$1" --quiet=1 </dev/null
	wrong 2 "--output is empty; it must name a file" "tmo-$1" --output= </dev/null
	status 0 "tmo-$1" --frobnicate --threads=x --help >out
	status 0 "tmo-$1" --frobnicate --version >out
	local name low high
	while read -r name low high; do
		[ "$low" = - ] || wrong 2 "--$name .*$low" "tmo-$1" "--$name" "$(awk "BEGIN { print $low - 1 }")" </dev/null
		[ "$high" = - ] || wrong 2 "--$name .*$high" "tmo-$1" "--$name" "$(awk "BEGIN { print $high + 1 }")" </dev/null
		wrong 2 "--$name " "tmo-$1" "--$name=nan" </dev/null
		wrong 2 "--$name " "tmo-$1" "--$name=1x" </dev/null
	done < <("tmo-$1" --describe | ranges)
}

@test "conventions: wrong usage: the nearest name, the range; help and version win" {
	each wrong_usage
}

# Only a report is said unasked, and what weights lost that they were not to lose.
lost='were 0 and are not now; \|and is plain now; '
silent() {
	[ "$1" = eval ] || ! grep -v "$lost" err
}

ways_in_and_out() {
	local in want
	in=$(input "$1" small)
	status 0 "tmo-$1" <"$in" >want 2>err
	[ -s want ]
	silent "$1"
	for want in "$in" '-' '-o - --' '-q' '-v' '-qj2' '-o file' "--output=file $in" '--thr 3 -'; do
		rm -f file
		# shellcheck disable=SC2086
		status 0 "tmo-$1" $want <"$in" >out 2>err
		[ ! -e file ] || { [ ! -s out ] && mv file out; }
		cmp want out || { echo "that was tmo-$1 $want"; return 1; }
		# the first letters only: a folder of the input may be called anything
		[[ $want == -v* ]] || silent "$1"
		[[ $want != -q* ]] || [ ! -s err ] || { echo "tmo-$1 $want is not quiet:"; cat err; return 1; }
	done
	# through a pipe, in pieces
	(head -c 700; sleep 0.01; cat) <"$in" | "tmo-$1" -q | cmp - want
	[ -z "$(find . -name '.*' -type f)" ]
}

@test "conventions: FILE, stdin, -o FILE, stdout: the same bytes, and silence" {
	each ways_in_and_out
}

# What a packed or compressed stream stands for is the same stream; eval passes on what came, and info
# says what it was.
any_form() {
	is_source "$1" && return
	case $1 in eval | info) return 0 ;; esac
	status 0 "tmo-$1" "$BATS_FILE_TMPDIR/small-encoded.tar" >want
	status 0 "tmo-$1" "$BATS_FILE_TMPDIR/small-packed.tar" | cmp - want
	status 0 "tmo-$1" "$BATS_FILE_TMPDIR/small.tar.zst" | cmp - want
	zstd -q "$BATS_FILE_TMPDIR/small-encoded.tar" -c | status 0 "tmo-$1" | cmp - want
}

@test "conventions: packed and compressed streams are read like plain ones" {
	each any_form
}

same_bytes() {
	local in threads
	in=$(input "$1" large)
	status 0 "tmo-$1" -j1 "$in" >want
	for threads in 2 7; do
		status 0 "tmo-$1" -j$threads "$in" | cmp - want || { echo "tmo-$1 -j$threads differs"; return 1; }
	done
	(
		umask 077
		cd /
		status 0 env -i PATH="$PATH" TZ=Asia/Tokyo LC_ALL=de_DE.UTF-8 LANG=tr_TR USER=nobody HOME=/x \
			TMPDIR="$BATS_TEST_TMPDIR" TMO_THREADS=3 "tmo-$1" "$in"
	) | cmp - want
}

@test "conventions: the same bytes for any number of threads, anywhere, at any time" {
	each same_bytes
}

bad_files() {
	wrong 1 "^tmo-$1: nowhere/x.tar: " "tmo-$1" nowhere/x.tar
	[ ! -s out ]
	wrong 1 "^tmo-$1: .*directory" "tmo-$1" .
	wrong 1 "^tmo-$1: nowhere/y: " "tmo-$1" -o nowhere/y "$(input "$1" small)"
	wrong 1 "^tmo-$1: " to_nothing "tmo-$1" -q "$(input "$1" small)"
	wrong 1 "^tmo-$1: " from_nothing "tmo-$1"
}

to_nothing() { "$@" >&-; }
from_nothing() { "$@" <&-; }

@test "conventions: files that are not there, folders, closed descriptors: status 1, by name" {
	mkdir -p folder
	each bad_files
}

full() {
	local in
	in=$(input "$1" small)
	wrong 1 "^tmo-$1: /dev/full: .*No space left on device" to_full "tmo-$1" -q "$in"
	wrong 1 "^tmo-$1: /dev/full: .*No space left on device" "tmo-$1" -q -o /dev/full "$in"
	wrong 1 "^tmo-$1: /dev/full: .*No space left on device" to_full "tmo-$1" --help
}

to_full() { "$@" >/dev/full; }

@test "conventions: a full disk: status 1" {
	each full
}

# left_by_reader CMD...: CMD into a pipe whose reader is gone.
left_by_reader() {
	local pipe status=0
	exec {pipe}> >(exec true)
	wait $!
	"$@" 1>&"$pipe" 2>err || status=$?
	exec {pipe}>&-
	[ "$status" -eq 141 ] || { echo "$*: status $status, wanted 141"; cat err; return 1; }
	! grep -v "$lost" err
}

closed_reader() {
	local in
	in=$(input "$1" large)
	set +e +o pipefail
	left_by_reader "tmo-$1" "$in" || return 1
	# a parent that ignores SIGPIPE, as some do
	trap '' PIPE
	left_by_reader "tmo-$1" "$in"
}

@test "conventions: a reader that leaves ends the program, also where the parent ignores SIGPIPE" {
	each closed_reader
}

# on_terminal COMMAND: with a terminal as stdin, stdout, stderr; what it showed is in ./shown.
on_terminal() {
	local got=0
	script -qec "$1" /dev/null </dev/null >shown 2>&1 || got=$?
	return "$got"
}

terminal() {
	local in got=0
	in=$(input "$1" small)
	status 2 on_terminal "tmo-$1 >out"
	grep -q "tmo-$1: stdin is a terminal; " shown
	on_terminal "tmo-$1 <'$in'" || got=$?
	case $got in
	0) [ "$(tr -d '\0' <shown | wc -c)" -eq "$(wc -c <shown)" ] ;; # a report, no stream
	2) grep -q "tmo-$1: stdout is a terminal; .* -o" shown ;;
	*) cat shown; return 1 ;;
	esac
	status 0 on_terminal "tmo-$1 -o - <'$in' >/dev/null"
	status 0 on_terminal "tmo-$1 --help"
}

@test "conventions: no stream from a terminal, none to a terminal" {
	each terminal
}

no_stream() {
	local text
	for text in '' 'hello\n' '\0' '\x1f\x8b\x08\0\0' '\x28\xb5\x2f\xfd' '\x28\xb5\x2f\xfd\0\0\0\0' 'PK\3\4'; do
		# shellcheck disable=SC2059  # it is the format that holds the bytes
		printf "$text" >in
		wrong 1 "^tmo-$1: " "tmo-$1" in || { echo "input: '$text'"; return 1; }
		[ ! -s out ] || [ "$(tail -c 1024 out | tr -d '\0' | wc -c)" -gt 0 ]
	done
	tail -c +200 "$BATS_FILE_TMPDIR/large.tar.zst" >in
	wrong 1 "^tmo-$1: " "tmo-$1" in
	# -o leaves nothing behind, and the old file as it was
	echo old >file
	wrong 1 "^tmo-$1: " "tmo-$1" -o file in
	[ "$(cat file)" = old ]
	wrong 1 "^tmo-$1: " "tmo-$1" -o new in
	[ ! -e new ] && [ -z "$(find . -name '.new*')" ]
}

@test "conventions: empty input and what is no stream: status 1, nothing that looks complete" {
	each no_stream
}

cuts() { # NAME FORM
	python3 "$root/tests/helper/cuts.py" 200 "$BATS_FILE_TMPDIR/$2" "tmo-$1" -q
}

cut_plain() {
	if is_source "$1"; then cuts "$1" "small.${1#from-}"; else cuts "$1" small-encoded.tar; fi
}
cut_packed() { is_source "$1" || cuts "$1" small-packed.tar; }
cut_compressed() { is_source "$1" || cuts "$1" small.tar.zst; }

@test "conventions: an input cut at any of 200 places fails" { each cut_plain; }

@test "conventions: a packed input cut at any of 200 places fails" { each cut_packed; }

@test "conventions: a compressed input cut at any of 200 places fails" { each cut_compressed; }

# damage FILE MEMBER OFFSET: FILE with one byte of that member changed, as damaged.tar.
damage() {
	python3 - "$@" <<-'P' >damaged.tar
		import sys, tarfile
		data = bytearray(open(sys.argv[1], "rb").read())
		data[tarfile.open(sys.argv[1]).getmember(sys.argv[2]).offset_data + int(sys.argv[3])] ^= 1
		sys.stdout.buffer.write(data)
	P
}

damaged_member() {
	is_source "$1" && return
	wrong 1 "^tmo-$1: tensors/conv\.w[./a-z]*: " "tmo-$1" -q damaged.tar
}

@test "conventions: one damaged member among others is named" {
	damage "$BATS_FILE_TMPDIR/small.tar" tensors/conv.w.npy 1
	each damaged_member
	damage "$BATS_FILE_TMPDIR/small-encoded.tar" tensors/conv.w/tensor.yaml 0
	each damaged_member
	damage "$BATS_FILE_TMPDIR/small-encoded.tar" tensors/conv.w/codes.npy 1
	each damaged_member
	damage "$BATS_FILE_TMPDIR/small-packed.tar" tensors.bin 0
	each damaged_member
}

# damage_model FORMAT: a model of that format whose weight conv.w is damaged, as damaged.FORMAT.
damage_model() {
	case $1 in
	onnx)
		mkonnx 'ir 8' 'opset 13' 'input x' 'init conv.w f32 8x4x3x3 none' 'init fc f32 24x20 raw' \
			'node Conv conv x,conv.w h' 'node MatMul fc h,fc y' 'output y' >damaged.onnx ;;
	npz) change conv.w.npy NUMPY NUMPX ;;
	safetensors) change conv.w '[8,4' '[8,5' ;;
	*) echo "how is a $1 damaged, so that tmo-from-$1 can name the weight?"; return 1 ;;
	esac
}

# change AFTER OLD NEW: the first OLD behind AFTER in the small model.
change() {
	python3 - "$BATS_FILE_TMPDIR/small.$format" "$@" <<-'P' >"damaged.$format"
		import sys
		data = open(sys.argv[1], "rb").read()
		after, old, new = (x.encode() for x in sys.argv[2:])
		at = data.index(old, data.index(after))
		sys.stdout.buffer.write(data[:at] + new + data[at + len(old):])
	P
}

damaged_model() {
	is_source "$1" || return 0
	local format=${1#from-}
	damage_model "$format"
	wrong 1 "^tmo-$1: .*conv\.w.*: " "tmo-$1" -q "damaged.$format"
}

@test "conventions: one damaged weight of a model is named" {
	each damaged_model
}
