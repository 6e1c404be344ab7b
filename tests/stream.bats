# SPDX-License-Identifier: Apache-2.0
# What every reader and writer of streams must do; see tmo-stream(5).

load helper

# archive FILE MEMBER=CONTENT...: a tar made by somebody else's program.
archive() {
	python3 - "$@" <<-'PY'
	import io, sys, tarfile
	with tarfile.open(sys.argv[1], "w", format=tarfile.GNU_FORMAT) as tar:
	    for argument in sys.argv[2:]:
	        name, _, content = argument.partition("=")
	        data = open(content[1:], "rb").read() if content[:1] == "@" else content.encode()
	        info = tarfile.TarInfo(name)
	        info.size = len(data)
	        tar.addfile(info, io.BytesIO(data))
	PY
}

# npy FILE DESCR FORTRAN SHAPE BYTES: a .npy with a header of one's own.
npy() {
	python3 - "$@" <<-'PY'
	import sys
	name, descr, fortran, shape, data = sys.argv[1:]
	head = "{'shape':%s,\t\"descr\": %s, 'fortran_order':%s}" % (shape, descr, fortran)
	open(name, "wb").write(b"\x93NUMPY\2\0" + len(head).to_bytes(4, "little") + head.encode()
	                       + bytes.fromhex(data))
	PY
}

@test "stream: what is not touched comes out byte for byte, members that are no tensors too" {
	mkstream a.weight:f4:4x3:normal b.bias:i8:7:ramp c:b1:-:ones >in.tar
	mkdir d && tar xf in.tar -C d
	echo hello >d/README && npy d/odd.npy "'<c8'" False '(1,)' 0000803f00000040
	npy d/foreign.npy "'>f4'" True '(2,2)' 3f800000400000004040000040800000
	(cd d && tar cf ../all.tar --sort=name -- *)
	tmo-quant --skip '*' <all.tar >out.tar
	mkdir e && tar xf out.tar -C e && rm e/model.yaml
	diff -r d e
	[ "$(members out.tar | grep -v model.yaml)" = "$(members all.tar | grep -v '/$')" ]
}

@test "stream: an unpacked stream put together again by tar is read as before" {
	mkstream a:f4:64x32:normal b/c:f4:32x32:sparse d:f4:8:normal >in.tar
	tmo-quant --only a <in.tar | tmo-cluster --only 'b*' --clusters 5 >coded.tar
	for kind in in coded; do
		mkdir $kind && tar xf $kind.tar -C $kind
		tar --sort=name -cf again.tar -C $kind .
		tmo-decode <$kind.tar >one.tar
		tmo-decode <again.tar >two.tar
		mkdir one two && tar xf one.tar -C one && tar xf two.tar -C two
		diff -r one two
		rm -r one two
	done
}

@test "stream: a packed stream unpacked and put together again by tar is read as before" {
	mkstream a:f4:640x320:normal b:f4:32x32:sparse >in.tar
	tmo-quant <in.tar >q.tar
	tmo-pack <q.tar >p.tar
	mkdir p && tar xf p.tar -C p
	tar --sort=name -cf again.tar -C p .
	tmo-unpack <again.tar | cmp - q.tar
	printf x >>p/tensors.bin
	tar --sort=name -cf again.tar -C p .
	fails 1 'tensors.bin' tmo-unpack again.tar
}

@test "stream: model.yaml and graph.onnx are written in their order, however they came" {
	mkonnx 'ir 8' 'opset 13' 'input x' 'init w f32 24x20 raw' 'node MatMul m x,w y' 'output y' |
		tmo-from-onnx | tmo-quant >q.tar
	mkdir q
	tar xf q.tar -C q
	tar --sort=name -cf again.tar -C q .
	[ "$(members again.tar | sed -n 2,3p | xargs)" = './graph.onnx ./model.yaml' ]
	tmo-pack q.tar >p.tar
	[ "$(members p.tar | head -n 3 | xargs)" = 'SHA256SUMS model.yaml graph.onnx' ]
	members p.tar | cmp - <(tmo-pack again.tar | members -)
	tmo-unpack again.tar >u.tar
	[ "$(members u.tar | head -n 2 | xargs)" = 'model.yaml graph.onnx' ]
	mkdir p
	tar xf p.tar -C p
	tar --sort=name -cf again.tar -C p .
	tmo-unpack again.tar | cmp - q.tar
}

@test "stream: every encoding decodes as an independent reading of the format says" {
	for seed in 1 2 3 4; do
		python3 "$root/tests/helper/encoded.py" make $seed >coded.tar
		tmo-decode <coded.tar >plain.tar
		python3 "$root/tests/helper/encoded.py" decode <coded.tar >want
		python3 "$root/tests/helper/encoded.py" plain <plain.tar >got
		[ "$(wc -l <want)" -gt 1000 ]
		cmp want got
	done
}

@test "stream: encoded tensors that nothing decodes keep their bytes" {
	python3 "$root/tests/helper/encoded.py" make 5 >coded.tar
	tmo-quant --skip '*' <coded.tar >out.tar
	mkdir a b && tar xf coded.tar -C a && tar xf out.tar -C b && rm b/model.yaml
	diff -r a b
}

@test "stream: Fortran order and big-endian are converted when a tensor is changed" {
	npy f.npy "'<f4'" True '(2, 3)' 000080bf000000400000404000008040000000000000c040
	npy b.npy "'>f4'" False '(2, 3)' bf80000040400000000000004000000040800000'40c00000'
	tar cf in.tar f.npy b.npy
	tmo-prune --sparsity 0.5 <in.tar >out.tar
	[ "$(values out.tar f.npy | tr '\n' ' ')" = "0 3 0 0 4 6 " ]
	[ "$(values out.tar b.npy | tr '\n' ' ')" = "0 3 0 0 4 6 " ]
}

@test "stream: bytes of any kind in a tensor's name survive, in folders that nothing climbs out of" {
	mkstream '../../x:y%':f4:2x2:normal 'läyer/0':f4:2x2:normal '.hid den':f4:2x2:normal >in.tar
	members in.tar >names
	grep -qx 'tensors/%2E./../x%3Ay%25.npy' names && return 1
	grep -qx 'tensors/%2E.%2F..%2Fx%3Ay%25.npy' names
	grep -qx 'tensors/l%C3%A4yer%2F0.npy' names
	grep -qx 'tensors/%2Ehid%20den.npy' names
	tmo-quant <in.tar | tmo-pack | tmo-decode >out.tar
	members out.tar | grep -v model.yaml | cmp - names
}

@test "stream: names too long for a file system are cut, announced, and found again" {
	long=$(printf 'encoder/layer/%.0s' $(seq 40))
	mkstream "${long}q":f4:8x8:normal "${long}k":f4:8x8:normal >in.tar
	[ "$(members in.tar | grep -c names.yaml)" -eq 2 ]
	[ "$(members in.tar | awk '{ if (length > 212) print }')" = "" ]
	tmo-quant --only '*q' -v <in.tar 2>err | tmo-pack | tmo-unpack >out.tar
	grep -c 'left as it is: skipped\|left as it is' err | grep -qx 1
	[ "$(members out.tar | grep -c 'codes.npy')" -eq 1 ]
	tmo-decode <out.tar >plain.tar
	tmo-eval -q --reference in.tar --report r.json <plain.tar >/dev/null
	python3 -c '
import json, sys
names = [t["name"] for t in json.load(open("r.json"))["tensors"]]
assert names == [sys.argv[1] + "q", sys.argv[1] + "k"], names' "$long"
}

@test "stream: cut names of filters survive an unpacked stream, put together again" {
	local folder name
	folder=$(printf 'layer/%.0s' {1..45})
	mkdir -p "$folder"
	for name in a b c; do
		mkstream "$name:f4:8x8:normal" --seed 3 | tar -xO "tensors/$name.npy" >"$folder$name.npy"
	done
	tar cf in.tar layer
	tmo-quant in.tar >quantized.tar
	[ "$(members quantized.tar | grep -c '^names.yaml$')" -eq 3 ]
	mkdir unpacked
	tar -C unpacked -xf quantized.tar
	tar -C unpacked --sort=name -cf again.tar .
	tmo-decode again.tar >decoded.tar
	tmo-eval -q --report r.json decoded.tar >/dev/null
	python3 -c '
import json, sys
names = sorted(t["name"] for t in json.load(open("r.json"))["tensors"])
assert names == [sys.argv[1] + n for n in "abc"], names' "$folder"
}

@test "stream: a tensor without a name stays plain, or is refused" {
	mkstream a:f4:4x3:normal >in.tar
	tar xf in.tar
	mv tensors/a.npy tensors/.npy
	tar cf in.tar tensors/.npy
	tmo-prune in.tar >out.tar
	members out.tar | grep -qx tensors/.npy
	fails 1 "tensors/: a tensor without a name has no folder to be encoded in; .* --skip ''$" tmo-quant in.tar
	tmo-quant --skip '' in.tar >out.tar
	member out.tar tensors/.npy | cmp - tensors/.npy
}

@test "stream: two tensors of one name are refused" {
	mkstream a:f4:2x2:normal >in.tar && tar xf in.tar && cp tensors/a.npy a.npy
	tar cf twice.tar tensors/a.npy a.npy
	fails 1 'a.npy: a second tensor of this name; ' tmo-quant <twice.tar
}

@test "stream: what a newer version wrote is refused with its version, unknown keys are kept" {
	mkstream a:f4:4x4:normal >in.tar && tar xf in.tar
	archive new.tar 'model.yaml=tmo: 2' tensors/a.npy=@tensors/a.npy
	fails 1 'model.yaml: stream version 2, ' tmo-quant <new.tar
	tmo-quant <in.tar >q.tar && tar xf q.tar tensors/a
	sed -i 's/dtype: f32/&\ncode: q9/' tensors/a/tensor.yaml
	tar cf code.tar tensors/a
	fails 1 'tensors/a.*"q9" is unknown; it needs a newer tmo' tmo-decode <code.tar
	sed -i 's/code: q9/code: [f16]/' tensors/a/tensor.yaml
	tar cf code.tar tensors/a
	fails 1 'tensors/a.*code in tensor.yaml is no word; it needs a newer tmo' tmo-decode <code.tar
	sed -i 's/code: \[f16\]/flavour: [sweet, 3]/' tensors/a/tensor.yaml
	archive kept.tar $'model.yaml=tmo: 1\ncolour: {deep: blue}' \
		tensors/a/tensor.yaml=@tensors/a/tensor.yaml tensors/a/codes.npy=@tensors/a/codes.npy \
		tensors/a/scale.npy=@tensors/a/scale.npy
	tmo-quant --skip '*' <kept.tar | tmo-pack | tmo-unpack >out.tar
	member out.tar tensors/a/tensor.yaml | cmp - tensors/a/tensor.yaml
	member out.tar model.yaml | grep -q 'blue'
	cp tensors/a/scale.npy tensors/a/twist.npy
	tar cf part.tar tensors/a
	fails 1 'twist.npy: a part that this version does not know; ' tmo-decode <part.tar
}

@test "stream: a graph that comes after a tensor is refused with what to do" {
	mkstream a:f4:4x4:normal >in.tar && tar xf in.tar && echo x >graph.onnx
	tar cf late.tar tensors/a.npy graph.onnx
	fails 1 'graph.onnx: it comes after a tensor; make the archive with tar --sort=name' \
		tmo-quant <late.tar
}

@test "stream: sizes that lie are refused before memory is taken" {
	npy huge.npy "'<f8'" False '(99999999999, 99999999999)' 00
	tar cf huge.tar huge.npy
	fails 1 'huge.npy: .* too large' tmo-decode <huge.tar
	npy short.npy "'<f4'" False '(1000,)' 00000000
	tar cf short.tar short.npy
	fails 1 'short.npy: 4 bytes of data, its header says 4000; ' tmo-decode <short.tar
	npy deep.npy "'<f4'" False "($(printf '1,%.0s' $(seq 40)))" 00000000
	tar cf deep.tar deep.npy
	fails 1 'deep.npy: bad .npy header; ' tmo-decode <deep.tar
}

@test "stream: encodings that do not fit are refused, by member" {
	mkstream a:f4:4x4:normal >in.tar && tmo-cluster --clusters 3 <in.tar >c.tar && tar xf c.tar
	head -c -16 tensors/a/codes.npy >codes && { cat codes; printf '\7%.0s' $(seq 16); } >tensors/a/codes.npy
	tar cf bad.tar tensors/a
	fails 1 'tensors/a: code at index 0 is beyond the codebook of 3 values' tmo-decode <bad.tar
	rm tensors/a/codes.npy
	tar cf bad.tar tensors/a
	fails 1 'tensors/a: codes.npy is missing' tmo-decode <bad.tar
	rm tensors/a/tensor.yaml
	tar cf bad.tar tensors/a
	fails 1 'tensors/a: tensor.yaml is missing' tmo-decode <bad.tar
}

@test "stream: 0-d, empty and one-element tensors go through every filter" {
	mkstream s:f4:-:normal e:f4:0x5:normal n:f4:3x0x2:normal o:f4:1x1:normal r:f4:4x4:normal >in.tar
	for filter in 'tmo-prune --only *' 'tmo-prune --only * --scope global' 'tmo-cluster --only *' \
		'tmo-quant --only *' 'tmo-quant --only * --asymmetric --granularity tensor' \
		'tmo-quant --only * --granularity group:3' 'tmo-quant --only * --type f16'; do
		set -f
		# shellcheck disable=SC2086  # words
		$filter <in.tar >coded.tar
		set +f
		tmo-pack <coded.tar | tmo-unpack | cmp - coded.tar
		tmo-decode <coded.tar >out.tar
		members in.tar >want
		members out.tar | grep -v model.yaml | cmp - want
		tmo-eval -q --reference in.tar <out.tar >/dev/null
	done
}

@test "stream: --only replaces the choice, --skip narrows it, the last match wins" {
	mkstream a.w:f4:4x4:normal b.w:f4:4x4:normal b.b:f4:4:normal c.i:i4:4x4:ramp >in.tar
	coded() {
		tmo-quant "$@" <in.tar >out.tar
		members out.tar | sed -n 's|tensors/\(.*\)/codes.npy|\1|p' | tr '\n' ' '
	}
	[ "$(coded)" = "a.w b.w " ]
	[ "$(coded --skip 'a*')" = "b.w " ]
	[ "$(coded --only 'b*')" = "b.w b.b " ]
	[ "$(coded --only 'b*' --skip '*.b')" = "b.w " ]
	[ "$(coded --skip '*' --only 'b.b')" = "b.b " ]
	[ "$(coded --only '*')" = "a.w b.w b.b " ]
	[ "$(coded --min-elements 17)" = "" ]
	[ "$(coded --exclude-first-last)" = "" ]
	mkstream a:f4:4x4:normal i:i4:4x4:ramp b:f4:4x4:normal c:f4:4x4:normal >in.tar
	[ "$(coded --exclude-first-last)" = "b " ]
	[ "$(cat in.tar | tmo-quant --exclude-first-last | tar t | grep -c codes)" -eq 1 ]
}

@test "stream: history says what was done, in order, and nothing of the machine" {
	mkstream a:f4:4x4:normal >in.tar
	tmo-prune --sparsity 0.25 -j 2 <in.tar | tmo-quant --bits 4 --only a -o out.tar
	member out.tar model.yaml >history
	grep -A9 'program: tmo-prune' history | grep -q 'sparsity: 0.25'
	grep -A9 'program: tmo-quant' history | grep -q 'bits: 4'
	[ "$(grep -c 'program:' history)" -eq 2 ]
	run ! grep -q "threads\|$(hostname)\|$PWD" history
}

@test "stream: -o leaves the old file until all is done, and nothing beside it" {
	mkstream a:f4:64x64:normal >in.tar
	echo old >out.tar && ln -s out.tar link.tar
	head -c 9000 in.tar >cut.tar
	fails 1 'truncated' tmo-quant -o out.tar cut.tar
	[ "$(cat out.tar)" = old ]
	tmo-quant -o link.tar in.tar
	[ -L link.tar ]
	tmo-quant <in.tar | cmp - out.tar
	tmo-quant -o in.tar in.tar
	cmp in.tar out.tar
	[ "$(find . -name '.*.??????' | wc -l)" -eq 0 ]
	umask 027 && tmo-quant -o mode.tar cut.tar 2>/dev/null && return 1
	umask 027 && tmo-decode -o mode.tar out.tar && [ "$(stat -c %a mode.tar)" = 640 ]
}

@test "stream: a signal removes the half-written output and kills as it should" {
	local name number pid status writer
	mkstream a:f4:64x64:normal >in.tar
	mkfifo slow
	ulimit -c 0
	for name in TERM:15 HUP:1 QUIT:3; do
		{ head -c 5000 in.tar; exec sleep 5; } >slow 3>&- &
		writer=$!
		# (a shell has what it starts in the background ignore QUIT and INT)
		python3 -c '
import os, signal, sys
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
os.execvp("tmo-quant", ["tmo-quant", "-o", "out.tar", "slow"])' 3>&- &
		pid=$!
		for _ in $(seq 50); do
			[ "$(find . -name '.out.tar.*' | wc -l)" -eq 1 ] && break
			sleep 0.05
		done
		[ "$(find . -name '.out.tar.*' | wc -l)" -eq 1 ]
		kill "-${name%:*}" $pid
		status=0 && wait $pid || status=$?
		number=${name#*:}
		[ $status -eq $((128 + number)) ]
		[ "$(find . -name '.out.tar.*' -o -name out.tar | wc -l)" -eq 0 ]
		kill $writer
	done
}

@test "selection: an --only that chooses nothing is said, unless -q, and everything passes" {
	mkstream w:f4:4x4:normal b:f4:4:normal >in.tar
	tmo-quant --only 'W*' in.tar >out.tar 2>said
	[ "$(cat said)" = "tmo-quant: no tensor is chosen by --only W*; all pass as they came" ]
	[ "$(members out.tar | grep -c 'tensors/[wb].npy')" -eq 2 ]
	tmo-quant -q --only 'W*' in.tar >out.tar 2>said
	[ ! -s said ]
	tmo-quant --only 'w*' in.tar >out.tar 2>said
	[ ! -s said ]
	tmo-quant --skip '*' in.tar >out.tar 2>said
	grep -q '^tmo-quant: nothing to work on: .* left by --skip' said
	[ "$(wc -l <said)" -eq 1 ]
}
