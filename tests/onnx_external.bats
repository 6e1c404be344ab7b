# SPDX-License-Identifier: Apache-2.0
# tmo-from-onnx: external data, size, and files that are not what they say.
load helper
load helper/onnx

is_sanitized() {
	grep -q fsanitize "$root/config.mk"
}

@test "onnx: external data, beside the model or in --dir" {
	mkdir -p models/sub elsewhere
	mkonnx "init w f32 16x16 raw" "init b f32 4 raw" >inside.onnx
	tmo-from-onnx inside.onnx >wanted
	{ head -c 100 /dev/zero; tar xOf wanted tensors/w.npy | tail -c +129; echo tail; } >models/sub/w.bin
	printf '\0\0\100\77\0\0\40\100\0\0\210\100\0\0\300\100' >models/b
	mkonnx "init w f32 16x16 sub/w.bin:100:1024" "init b f32 4 b:0:-" >models/m.onnx
	tmo-from-onnx models/m.onnx | cmp - wanted
	tmo-from-onnx --dir models <models/m.onnx | cmp - wanted
	(cd models && tmo-from-onnx m.onnx) | cmp - wanted
	(cd models && tmo-from-onnx <m.onnx) | cmp - wanted
	mv models/sub elsewhere
	cp models/b elsewhere
	fails 1 'external data in "sub/w.bin": No such file.*--dir' tmo-from-onnx models/m.onnx
	tmo-from-onnx --dir elsewhere models/m.onnx | cmp - wanted
}

@test "onnx: external data outside the folder are refused" {
	mkdir models
	head -c 2000 /dev/zero >secret
	ln -s ../secret models/link
	ln -s . models/here
	head -c 2000 /dev/zero >models/w
	mkfifo models/fifo
	for location in ../secret /etc/passwd here/../../secret sub/../../secret link ..; do
		mkonnx "init w f32 16x16 $location:0:1024" >models/m.onnx
		fails 1 'outside' tmo-from-onnx models/m.onnx
		[ "$(grep -c secret out)" -eq 0 ]
	done
	mkonnx "init w f32 16x16 here/w:0:1024" >models/m.onnx
	tmo-from-onnx models/m.onnx >s
	mkonnx "init w f32 16x16 fifo:0:1024" >models/m.onnx
	fails 1 'no regular file' tmo-from-onnx models/m.onnx
	mkonnx "init w f32 16x16 here:0:1024" >models/m.onnx
	fails 1 'no regular file' tmo-from-onnx models/m.onnx
}

# As hubs keep them: names are links, what they stand for lies elsewhere under names of its own.
@test "onnx: a cache of links to model and data is read, as onnxruntime reads it" {
	mkdir -p blobs snapshots/rev/onnx
	mkonnx "init w f32 16x16 raw" >inside.onnx
	tmo-from-onnx inside.onnx >wanted
	member wanted tensors/w.npy | tail -c +129 >blobs/bbbb
	mkonnx "init w f32 16x16 model.onnx_data:0:1024" >blobs/aaaa
	ln -s ../../../blobs/aaaa snapshots/rev/onnx/model.onnx
	ln -s ../../../blobs/bbbb snapshots/rev/onnx/model.onnx_data
	tmo-from-onnx snapshots/rev/onnx/model.onnx | cmp - wanted
	(cd snapshots/rev/onnx && tmo-from-onnx model.onnx) | cmp - wanted
	(cd snapshots/rev/onnx && tmo-from-onnx <model.onnx) | cmp - wanted
	tmo-from-onnx --dir snapshots/rev/onnx snapshots/rev/onnx/model.onnx | cmp - wanted
	tmo import snapshots/rev/onnx/model.onnx | cmp - <(tmo-unpack wanted)
	# a link of links, and data in a folder below
	ln -s rev snapshots/main
	tmo-from-onnx snapshots/main/onnx/model.onnx | cmp - wanted
	mkdir blobs/deep
	mv blobs/bbbb blobs/deep/
	ln -sf ../../../blobs/deep/bbbb snapshots/rev/onnx/model.onnx_data
	tmo-from-onnx snapshots/rev/onnx/model.onnx | cmp - wanted
	# what the model's file does not lie beside stays outside
	mv blobs/deep/bbbb .
	ln -sf ../../../bbbb snapshots/rev/onnx/model.onnx_data
	fails 1 'a link that leads outside the model.s folder' tmo-from-onnx snapshots/rev/onnx/model.onnx
	fails 1 'a link that leads outside' sh -c 'cd snapshots/rev/onnx && cat model.onnx | tmo-from-onnx'
	for location in ../../../blobs/deep/bbbb ../model.onnx_data; do
		mkonnx "init w f32 16x16 $location:0:1024" >blobs/aaaa
		fails 1 'outside' tmo-from-onnx snapshots/rev/onnx/model.onnx
	done
	# a model that is a file lends nothing: its link would be whoever's packed it
	mkdir models
	mkonnx "init w f32 16x16 link:0:1024" >models/m.onnx
	ln -s ../bbbb models/link
	fails 1 'a link that leads outside' tmo-from-onnx models/m.onnx
	# the same cache of a model in several files
	tmo-to-safetensors wanted >blobs/cccc
	ln -s ../../blobs/cccc snapshots/rev/m1.safetensors
	echo '{"weight_map": {"w": "m1.safetensors"}}' >blobs/dddd
	ln -s ../../blobs/dddd snapshots/rev/model.safetensors.index.json
	tmo-from-safetensors snapshots/rev >s.tar
	cmp <(member s.tar tensors/w.npy) <(member wanted tensors/w.npy)
}

@test "onnx: external data that are not all there" {
	head -c 1000 /dev/zero >w
	for where in w:0:1024 w:0:- w:900:- w:1000:1024; do
		mkonnx "init net/w f32 16x16 $where" >m.onnx
		fails 1 'tensors/net%2Fw: [0-9]* bytes of data, its shape and type make 1024' \
			tmo-from-onnx m.onnx
	done
	mkonnx "init w f32 16x16 w:1001:-" >m.onnx
	fails 1 'from byte 1001 of "w" on, which has only 1000' tmo-from-onnx m.onnx
	mkonnx "init w f32 16x16 w:99999999999999999999:-" >m.onnx
	fails 1 'offset of its external data is no number' tmo-from-onnx m.onnx
	mkonnx "init w f32 16x16 w:0:-5" >m.onnx
	fails 1 'length of its external data is no number' tmo-from-onnx m.onnx
}

@test "onnx: small and exotic tensors get their external data into the graph" {
	head -c 5000 /dev/zero >w
	import "init shape i64 4 w:8:32" "init q 22 20x20 w:0:200" "init z f32 0x4 w:0:0"
	has "init shape 4 data"
	has "init q 20x20 data"
	has "init z 0x4 data"
	[ "$(members s | wc -l)" -eq 2 ]
}

@test "onnx: external data beyond 2 GiB, and a model that would be larger" {
	truncate -s 3G w.bin
	printf end >>w.bin
	mkonnx "init v u8 1024 w.bin:3221224451:1024" >m.onnx
	tmo-from-onnx m.onnx | tar xO tensors/v.npy | tail -c 4 | cmp - <(printf '\0end')
	# One tensor of 3 GiB: its stream begins well, to-onnx says what to do without reading more.
	mkonnx "init w f32 805306368 w.bin:0:3221225472" >m.onnx
	(tmo-from-onnx m.onnx || true) | head -c 100000 >begin
	fails 1 'protobuf ends at 2 GiB; .*--external FILE' tmo-to-onnx begin
}

@test "onnx: no more than a tensor is in memory" {
	if is_sanitized; then skip "sanitizers need the address space"; fi
	truncate -s 32M w.bin
	lines=()
	for i in {1..4}; do lines+=("init w$i f32 4096x2048 w.bin:0:33554432"); done
	mkonnx "${lines[@]}" >m.onnx
	(ulimit -v 60000; tmo-from-onnx m.onnx >s)
	(ulimit -v 100000; tmo-to-onnx <s >m2.onnx)
	(ulimit -v 60000; tmo-from-onnx <m2.onnx | cmp - s)
	(ulimit -v 100000; tmo-to-onnx --external w2.bin -o m3.onnx s)
	[ "$(stat -c %s w2.bin)" -eq $((4 * 32 << 20)) ]
}

@test "onnx: 3,000 graphs in each other are refused, 30 are not" {
	nested() {
		local lines=("input c") i
		for ((i = 0; i < $1; i++)); do lines+=("if c y$i"); done
		lines+=("const w f32 16x16 raw" "node Neg . w z" "output z")
		for ((i = 0; i < $1; i++)); do
			lines+=(else "node Abs . c a$i" "output a$i" end)
		done
		mkonnx "${lines[@]}"
	}
	nested 30 >m.onnx
	tmo-from-onnx m.onnx >s
	member s graph.onnx | showonnx >graph
	has "init w 16x16 tensors/w.npy:128:1024"
	nested 3000 >m.onnx
	fails 1 'nested more than 100 deep' tmo-from-onnx m.onnx
	cp m.onnx graph.onnx
	mkstream w:f4:16x16:normal | tar xf -
	tar cf s graph.onnx tensors/w.npy
	fails 1 'nested more than 100 deep' tmo-to-onnx s
	fails 1 'nested more than 100 deep' tmo-prune -s 0.5 s
}

@test "onnx: thousands of tensors" {
	lines=("input v0")
	for i in {1..4000}; do
		lines+=("const layer/$i/w f32 1x2 raw" "node Add n$i v$((i - 1)),layer/$i/w v$i")
	done
	import "${lines[@]}" "output v4000"
	[ "$(members s | wc -l)" -eq 4002 ]
	tmo-to-onnx <s | tmo-from-onnx | cmp - s
	member s graph.onnx | showonnx --uses >uses
	grep -qx 'layer/4000/w - -1 -1 Add n4000' uses
}

@test "onnx: a model cut anywhere fails, and leaves nothing that looks complete" {
	mkonnx "ir 8" "graph net" "input x" "init w f32 8x8 raw" "init b f32 40 raw" \
		"const c f32 5x5 typed" "init t i64 150 typed" "init h bf16 4x4 raw" "input c" \
		"if c y" "init v f32 4x4 raw" "node Neg . v n" "output n" \
		"else" "const u f32 4x4 raw" "output u" "end" "node MatMul . x,w z" "output y" >m.onnx
	size=$(stat -c %s m.onnx)
	tmo-from-onnx m.onnx >whole
	for i in {0..199}; do
		head -c $((i * size / 200)) m.onnx >cut
		status=0
		tmo-from-onnx -o s cut 2>err || status=$?
		[ "$status" -eq 1 ] || { echo "cut at $((i * size / 200)): $status"; return 1; }
		[ ! -e s ]
		[ "$(wc -l <err)" -eq 1 ]
	done
	size=$(stat -c %s whole)
	for i in {0..199}; do
		head -c $((i * size / 200)) whole >cut
		status=0
		tmo-to-onnx -o m2.onnx --external w.bin cut 2>err || status=$?
		[ "$status" -eq 1 ] || { echo "cut at $((i * size / 200)): $status"; return 1; }
		[ ! -e m2.onnx ]
		[ ! -e w.bin ]
	done
	[ -z "$(find . -name 'w.bin*' -o -name 'm2.onnx*')" ]
}

@test "onnx: hostile lengths, wire types and numbers" {
	for bytes in '' '\72\377\377\377\377\17' '\72\377\377\377\377\377\377\377\377\377\1' \
		'\72\377\377\377\377\377\377\377\377\377\177\0' '\73\74' '\0\0' '\77\1\1' \
		'\72\4\52\5\12\1' '\72\2\52\200' '\10\4' '\72\0' 'not a model at all' '\377\377\377\377'; do
		printf "$bytes" >m.onnx
		fails 1 'm.onnx: ' tmo-from-onnx m.onnx
		[ ! -s out ]
	done
	mkonnx "init w f32 -1x5 raw" >m.onnx
	fails 1 'w: dimension 0 is -1' tmo-from-onnx m.onnx
	mkonnx "init w f32 4294967296x4294967296x4 none" >m.onnx
	fails 1 'w: .*too large' tmo-from-onnx m.onnx
	mkonnx "init w f32 1000000x1000000 none" >m.onnx
	fails 1 'w: 0 bytes of data' tmo-from-onnx m.onnx
	mkonnx "init w f32 16x16 raw" "init w f32 4x4 raw" >m.onnx
	fails 1 'w: two initializers have this name' tmo-from-onnx m.onnx
	# A shape that the data do not fit: dims 16x16 become 16x17, and 16x15.
	mkonnx "init w f32 16x16 raw" | sed 's/\x08\x10\x08\x10/\x08\x10\x08\x11/' >m.onnx
	fails 1 'w: 1024 bytes of data, its shape and type make 1088' tmo-from-onnx m.onnx
	mkonnx "init w i32 30x16 typed" | sed 's/\x08\x1e\x08\x10/\x08\x1e\x08\x0f/' >m.onnx
	fails 1 'w: more elements than its shape has' tmo-from-onnx m.onnx
	mkonnx "init w i32 16x16 typed" | sed 's/\x08\x10\x08\x10/\x08\x10\x08\x11/' >m.onnx
	fails 1 'w: 16 elements fewer than its shape has' tmo-from-onnx m.onnx
}

@test "onnx: --external" {
	mkdir there
	import "input x" "init w f32 16x40 raw" "init s f32 2x2 raw" "init v f32 30x30 raw" \
		"init b f32 40 raw"
	tmo-to-onnx --external there/w.bin -o there/m.onnx s
	showonnx <there/m.onnx >graph
	has "init w 16x40 w.bin:0:2560"
	has "init v 30x30 w.bin:4096:3600"
	has "init s 2x2 data"
	[ "$(find there -type f | wc -l)" -eq 2 ]
	cmp <(head -c 2560 there/w.bin) <(member s tensors/w.npy | tail -c +129)
	tmo-from-onnx there/m.onnx >again
	for name in w s v; do
		cmp <(member s tensors/$name.npy) <(member again tensors/$name.npy)
	done
	# An older file stays as it was where the model cannot be made.
	echo old >there/w.bin
	mkstream w:f4:16x40:normal >plain
	tar xf s graph.onnx
	tar xf plain
	tar cf t graph.onnx tensors
	fails 1 'the graph needs it' tmo-to-onnx --external there/w.bin t
	[ "$(cat there/w.bin)" = old ]
	[ "$(find there -type f | wc -l)" -eq 2 ]
	fails 2 'no regular file' tmo-to-onnx --external there s
	fails 2 'no file name' tmo-to-onnx --external there/ s
	# One file cannot be both.
	fails 2 'where the model goes' tmo-to-onnx --external there/../one -o one s
	[ ! -e one ]
	fails 2 'where the model goes' tmo-to-onnx --external there/w.bin -o ./there/w.bin s
	[ "$(cat there/w.bin)" = old ]
	run -2 --separate-stderr sh -c 'tmo-to-onnx --external one s >one'
	[[ "$stderr" == *"where the model goes"* ]]
	mkdir also
	tmo-to-onnx --external also/one -o one2 s
}

@test "onnx: --external is called as it lies from the model's folder, or refused" {
	mkdir -p sub/deep other
	import "input x" "init w f32 16x40 raw"
	local model file
	# MODEL FILE: what the model calls it
	while read -r model file want; do
		tmo-to-onnx --external "$file" -o "$model" s
		showonnx <"$model" >graph
		has "init w 16x40 $want:0:2560"
		tmo-from-onnx "$model" >again
		cmp <(member s tensors/w.npy) <(member again tensors/w.npy)
	done <<-E
	o.onnx w.bin w.bin
	o.onnx sub/w.bin sub/w.bin
	o.onnx ./sub/../sub/deep//w.bin sub/deep/w.bin
	sub/o.onnx sub/w.bin w.bin
	sub/o.onnx $PWD/sub/deep/w.bin deep/w.bin
	$PWD/o.onnx w.bin w.bin
	E
	rm -r sub/* ./*.onnx w.bin
	mkdir sub/deep
	while read -r model file; do
		fails 2 'is outside the model.s folder, /.*; put it there' tmo-to-onnx --external "$file" -o "$model" s
		[ -z "$(find . -name 'w.bin' -o -name '*.onnx')" ]
	done <<-E
	sub/o.onnx w.bin
	sub/o.onnx other/w.bin
	sub/deep/o.onnx sub/w.bin
	other/o.onnx $PWD/w.bin
	E
	mkdir subway
	fails 2 'outside the model.s folder' tmo-to-onnx -e subway/w.bin -o sub/o.onnx s
	fails 1 'none/w.bin: cannot write there: No such file' tmo-to-onnx -e none/w.bin -o o.onnx s
	# standard output: a file has a folder, a pipe has none
	tmo-to-onnx -e sub/w.bin s >o.onnx
	showonnx <o.onnx >graph
	has "init w 16x40 sub/w.bin:0:2560"
	run -2 --separate-stderr sh -c 'tmo-to-onnx -e w.bin s >sub/o.onnx'
	[[ $stderr == *'outside the model'* ]]
	tmo-to-onnx -e w.bin s | showonnx >graph
	has "init w 16x40 w.bin:0:2560"
	run -2 --separate-stderr bash -o pipefail -c 'tmo-to-onnx -e sub/w2.bin s | cat'
	[[ $stderr == *'is not known; use -o FILE'* ]] && [ ! -e sub/w2.bin ]
}
