# SPDX-License-Identifier: Apache-2.0
# full_disk.bats: what does not fit is said with the file that it did not fit into. A limit on the size of files
# stands for the full disk: it works for anybody, and for each file.
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	export PATH="$BATS_TEST_DIRNAME/../build/bin:$BATS_TEST_DIRNAME/../build/tests:$PATH" LC_ALL=C
	mkonnx 'ir 8' 'opset 13' 'input x' 'init w f32 100x200 raw' 'init v f32 200x100 raw' \
		'node MatMul m x,w h' 'node MatMul n h,v y' 'output y' >model.onnx
	tmo-from-onnx model.onnx >in.tar
	tmo-to-npz in.tar >model.npz
	tmo-to-safetensors in.tar >model.safetensors
}

# input PROGRAM: what it reads.
input() {
	case $1 in from-*) echo "$BATS_FILE_TMPDIR/model.${1#from-}" ;; *) echo "$BATS_FILE_TMPDIR/in.tar" ;; esac
}

# small CMD...: no file of CMD's gets more than 16 KiB.
small() (
	trap '' XFSZ
	ulimit -f 16
	exec "$@"
)

# says PATTERN CMD...: fails so, with one line.
says() {
	local got=0 pattern=$1
	shift
	"$@" 2>err || got=$?
	[ "$got" -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q -- "$pattern" err && return
	echo "$*: status $got, wanted one line with '$pattern'; stderr:"
	cat err
	return 1
}

to() { # FILE CMD...
	"${@:2}" >"$1"
}

@test "full disk: every program names the file of -o, and that behind standard output" {
	local name spool full='\(cannot write\|cannot write a temporary file in .*\): File too large'
	for name in $(tmo list --names); do
		# info prints less than that; what pack and to-safetensors put together first does not fit either
		case $name in pack | to-safetensors) spool="tensors/[wv]: $full; set TMPDIR" ;; *) spool=never ;; esac
		[ "$name" = info ] || says "^tmo-$name: \(out.x: $full\|$spool\)" small "tmo-$name" -q -o out.x "$(input "$name")"
		[ ! -e out.x ]
		[ "$name" = info ] || says "^tmo-$name: \($PWD/out.y: $full\|$spool\)" to out.y small "tmo-$name" -q "$(input "$name")"
		says "^tmo-$name: /dev/full: cannot write: No space left on device" \
			to /dev/full "tmo-$name" -q "$(input "$name")"
		says "^tmo-$name: /dev/full: cannot write: No space left on device" \
			"tmo-$name" -q -o /dev/full "$(input "$name")"
		says "^tmo-$name: /dev/full: cannot write: No space left on device" to /dev/full "tmo-$name" --help
	done
}

@test "full disk: what goes into TMPDIR says so, and what to set" {
	local in=$BATS_FILE_TMPDIR/in.tar
	mkdir there
	export TMPDIR=$PWD/there
	temporary="cannot write a temporary file in $PWD/there: File too large; set TMPDIR"
	from() { small "${@:2}" <"$1" >/dev/null; }
	piped() { "${@:2}" < <(cat "$1") >/dev/null; }
	# an input that must be gone through twice, a model that must seek
	says "^tmo-quant: stdin: $temporary" piped "$in" small tmo-quant -q --exclude-first-last
	says "^tmo-prune: stdin: $temporary" piped "$in" small tmo-prune -q -s 0.5 --scope global
	says "^tmo-from-onnx: stdin: $temporary" piped "$BATS_FILE_TMPDIR/model.onnx" small tmo-from-onnx
	says "^tmo-from-npz: stdin: $temporary" piped "$BATS_FILE_TMPDIR/model.npz" small tmo-from-npz
	# a reference that cannot seek
	says "^tmo-eval: /dev/fd/[0-9]*: $temporary" small tmo-eval -q -r <(cat "$in") "$in" -o /dev/null
	# a form that is put together first
	says "^tmo-pack: tensors/[wv]: $temporary" from "$in" tmo-pack -q
	# what stands before the first tensor and is large
	mkdir s
	head -c 2000000 /dev/zero >s/a.bin
	tar xf "$in" -C s
	tar --sort=name -cf late.tar -C s a.bin model.yaml tensors
	says "^tmo-quant: a.bin: $temporary" from late.tar tmo-quant -q
	[ -z "$(ls there)" ]
}

@test "full disk: other files that are written are named too" {
	local in=$BATS_FILE_TMPDIR/in.tar
	says "^tmo-to-onnx: w.bin: cannot write: File too large" small tmo-to-onnx -e w.bin -o o.onnx "$in"
	ln -s /dev/full r.txt
	says "^tmo-eval: r.txt: cannot write: No space" tmo-eval -q --report r.txt -o /dev/null "$in"
	[ -z "$(ls w.bin o.onnx .??* 2>/dev/null)" ]
	printf 'stages:\n  - prune:\n  - quant:\n' >p.yaml
	run -1 --separate-stderr tmo run -q p.yaml -i "$in" -o /dev/full
	grep '^tmo-quant: /dev/full: cannot write: No space left on device' <<<"$stderr"
}
