# SPDX-License-Identifier: Apache-2.0
# eval.bats: tmo-eval: its numbers, its gates, and that it passes on what it got.
load helper

# A stream of many kinds, and what became of it.
mixed() {
	mkstream a:f4:16x3x3x3:normal 'w/x y:f4:40x50:sparse' c:f8:30x20:normal d:i4:5:ramp \
		e:f4:10:zeros h:f2:20x30:normal k:u1:300:ramp n:i8:7:ramp s:f4:-:ones >in.tar
	tmo-cluster --clusters 16 --only a --only 'w*' --only c <in.tar |
		tmo-quant --bits 8 --only a --only e |
		tmo-quant --bits 4 --asymmetric --granularity group:8 --only h >out.tar
}

@test "eval: the kernels, against the definitions" { unit measure; }

@test "eval: every number of a plain stream, computed anew" {
	mixed
	tmo-eval --report r.json <in.tar >copy.tar
	cmp in.tar copy.tar
	python3 "$root/tests/helper/streams.py" r.json in.tar
}

@test "eval: every number of an encoded stream against its reference, computed anew" {
	mixed
	tmo-eval --report r.json --reference in.tar <out.tar >copy.tar
	cmp out.tar copy.tar
	python3 "$root/tests/helper/streams.py" r.json out.tar in.tar
	grep -q '"encoding": "codebook+affine"' r.json
	grep -q '"encoding": "affine"' r.json
	grep -q '"sqnr_db": null' r.json
	# stream_bytes is what came in.
	grep -q "\"stream_bytes\": $(wc -c <out.tar)\$" r.json
}

@test "eval: passes packed and compressed streams on as they came, and counts their bytes" {
	mixed
	tmo-pack <out.tar >packed.tar
	zstd -q packed.tar out.tar
	for f in packed.tar packed.tar.zst out.tar.zst; do
		tmo-eval --reference in.tar --report "r.json" $f >copy
		cmp $f copy
		grep -q "\"stream_bytes\": $(wc -c <$f)\$" r.json
		# What the stream decodes to does not depend on its form.
		grep -v bytes r.json >numbers.$f
		cmp numbers.$f numbers.packed.tar
	done
	# `bytes` is what tensors take in this stream: no more than there is.
	tmo-eval -q --require "bytes<=$(wc -c <packed.tar)" packed.tar >copy
	# The reference can be of any form as well, and need not be a file that seeks.
	tmo-pack --zstd 3 <in.tar >in.tar.zst
	tmo-eval -q --reference in.tar.zst --require 'sqnr_db>=1000' in.tar >copy
	tmo-eval -q --reference <(cat in.tar) --require 'max_abs_error=0' in.tar >copy
}

@test "eval: requirements that are met let the stream pass" {
	mixed
	tmo-eval -q --reference in.tar --require 'sqnr_db>=10' --require 'sqnr_db > 10' \
		--require "stream_bytes=$(wc -c <out.tar)" --require 'cosine<1' --require 'sparsity<=0.9' \
		--require 'distinct<1e9' --require 'max_abs_error>0' <out.tar >copy.tar
	cmp out.tar copy.tar
	# Nothing lost: infinite, which meets every minimum.
	tmo-eval -q --reference out.tar --require 'sqnr_db>=1e300' <out.tar >copy.tar
	cmp out.tar copy.tar
	tmo-eval -q -o saved.tar --require 'elements>0' <out.tar
	cmp out.tar saved.tar
}

@test "eval: a requirement that is not met leaves no stream that looks complete" {
	local form
	mixed
	tmo-pack <out.tar >packed.tar
	zstd -q packed.tar -o packed.tar.zst
	mkstream big:f4:1000x400:normal >big.tar
	zstd -q big.tar -o big.tar.zst
	for form in out.tar packed.tar packed.tar.zst big.tar big.tar.zst; do
		fails 1 'tmo-eval: sparsity is .*, [23][.0-9]* short of >=3; ' \
			tmo-eval -q --require 'sparsity>=3' --require 'bytes>1' $form
		[ "$(wc -c <out)" -lt "$(wc -c <$form)" ]
		# Nor after zeros, as other tars append them.
		run ! tmo-decode <out
	done
	# Says each, and by how much; no -o file; the report is written all the same.
	fails 1 'elements is 3, 1 short of >=4, bytes is 140, 10 beyond <130; ' tmo-eval -q \
		--report r.txt -o no.tar --require 'elements>=4' --require 'bytes<130' \
		<(mkstream a:f4:3:ramp)
	[ ! -e no.tar ]
	grep -q '^total' r.txt
}

@test "eval: a truncated stream ends without its end, whatever was required" {
	local size
	mixed
	for size in 100 512 1000 5000 12000 $(($(wc -c <out.tar) - 9000)); do
		head -c "$size" out.tar >cut.tar
		fails 1 'tmo-eval: ' tmo-eval -q cut.tar
		run ! tmo-decode <out
	done
}

@test "eval: what is no requirement is wrong usage, before anything is read" {
	fails 2 'no key "sparsty"; did you mean sparsity?' tmo-eval --require 'sparsty>=1' /dev/null
	fails 2 'is no requirement' tmo-eval --require 'sparsity' /dev/null
	fails 2 'is no requirement' tmo-eval --require 'sparsity=>1' /dev/null
	fails 2 'is no requirement' tmo-eval --require '>=1' /dev/null
	fails 2 'does not end in a number' tmo-eval --require 'sparsity>=1x' /dev/null
	fails 2 'does not end in a number' tmo-eval --require 'sparsity>=nan' /dev/null
	fails 2 'add --reference' tmo-eval --require 'sqnr_db>=30' /dev/null
	fails 2 'add --reference' tmo-eval --require 'max_abs_error<1' /dev/null
	fails 2 'neither .txt nor .json' tmo-eval --report r.pdf /dev/null
	fails 2 'name a file' tmo-eval --reference - /dev/null
}

@test "eval: a reference in another order, with more and with fewer tensors" {
	mkstream a:f4:3x4:normal b:f4:5x6:normal c:f4:7x8:normal >in.tar
	mkdir x && tar xf in.tar -C x
	tar cf reversed.tar -C x tensors/c.npy tensors/b.npy tensors/a.npy
	tar cf fewer.tar -C x tensors/c.npy tensors/a.npy
	tmo-eval -q --reference reversed.tar --report r.json --require 'max_abs_error=0' in.tar >copy
	[ "$(grep -c '"sqnr_db"' r.json)" -eq 4 ]
	tmo-eval -q --reference fewer.tar --report r.json --require 'max_abs_error=0' in.tar >copy
	[ "$(grep -c '"sqnr_db"' r.json)" -eq 3 ]
	tmo-eval --reference fewer.tar in.tar 2>table >copy
	grep -q '^b .* - *-$' table
	tmo-eval -q --reference in.tar --require 'max_abs_error=0' fewer.tar >copy
}

@test "eval: a reference that cannot be the right one is an error" {
	mkstream a:f4:3x4:normal >in.tar
	mkstream b:f4:3x4:normal >other.tar
	mkstream a:f4:4x3:normal >shape.tar
	fails 1 "other.tar: none of the stream's 1 tensors is in it" \
		tmo-eval -q --reference other.tar in.tar
	fails 1 'tensors/a: shape \[3, 4\], in the reference \[4, 3\]; ' \
		tmo-eval -q --reference shape.tar in.tar
	head -c 700 in.tar >cut.tar
	fails 1 'cut.tar: ' tmo-eval -q --reference cut.tar in.tar
	fails 1 'nowhere.tar: cannot open' tmo-eval -q --reference nowhere.tar in.tar
}

@test "eval: NaN and infinity, equal on both sides or not" {
	mkstream a:f4:4x5:nan b:f4:4x5:inf >in.tar
	tmo-eval -q --reference in.tar --require 'sqnr_db>=1000' in.tar >copy
	mkstream a:f4:4x5:normal b:f4:4x5:inf >finite.tar
	fails 1 'sqnr_db is -inf' tmo-eval -q --reference finite.tar --require 'sqnr_db>=0' in.tar
	tmo-eval -q --reference finite.tar --report r.json in.tar >copy
	python3 -c 'import json; assert json.load(open("r.json"))["total"]["sqnr_db"] < -1e308'
}

@test "eval: f64 values whose squares overflow, or vanish" {
	python3 - <<-'E'
	import io, struct, tarfile
	def tar(path, values):
	    head = ("{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }" % len(values)).ljust(117) + "\n"
	    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + head.encode() + struct.pack("<%dd" % len(values), *values)
	    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as out:
	        info = tarfile.TarInfo("tensors/w.npy")
	        info.size = len(data)
	        out.addfile(info, io.BytesIO(data))
	for name, scale in ("large", 2.0 ** 1000), ("small", 2.0 ** -1000):
	    tar(name + ".tar", [scale, 2 * scale])
	    tar(name + "-other.tar", [scale, 2.5 * scale])
	E
	for size in large small; do
		tmo-eval -q --reference $size.tar --report r.json --require 'sqnr_db<13.0103' \
			--require 'sqnr_db>13.0102' --require 'cosine<0.9966' $size-other.tar >copy
		python3 -c 'import json; json.load(open("r.json"))'
		tmo-eval --reference $size.tar $size-other.tar 2>&1 >copy | grep -q '^total .* 13.01 '
	done
}

@test "eval: the table fits 80 columns, cuts names in the middle, and has the total last" {
	local name
	name=$(printf 'layer%.0s/' $(seq 40))weight
	mkstream "$name:f4:128x64x3x3:normal" "bias:f4:100:zeros" >in.tar
	tmo-eval in.tar 2>plain >copy
	tmo-eval --reference in.tar in.tar 2>compared >copy
	for table in plain compared; do
		[ "$(wc -L <$table)" -le 80 ]
		grep -q '^layer/.*\.\..*weight ' $table
		[ "$(tail -n 1 $table | cut -c 1-5)" = total ]
		[ "$(wc -l <$table)" -eq 5 ]
	done
	tmo-eval --report table.txt in.tar 2>err >copy
	cmp plain table.txt
	[ ! -s err ]
	# Silent under -q; the report goes to stdout if that is a terminal, and no stream then.
	tmo-eval -q in.tar 2>err >copy
	[ ! -s err ]
	script -qec 'tmo-eval in.tar 2>err' /dev/null </dev/null | tr -d '\r' >terminal
	cmp plain terminal
	[ ! -s err ]
}

@test "eval: threads change no byte" {
	mkstream a:f4:300x1000:normal b:f2:300x700:normal c:f8:200x500:sparse >in.tar
	tmo-prune --sparsity 0.4 <in.tar >out.tar
	for j in 1 2 7; do
		tmo-eval -j$j --reference in.tar --report r$j.json out.tar >copy
	done
	cmp r1.json r2.json
	cmp r1.json r7.json
}

@test "eval: a full disk, a closed reader, an empty stream, empty and 0-d tensors" {
	mixed
	full() { "$@" >/dev/full; }
	fails 1 'tmo-eval: ' full tmo-eval -q out.tar
	ln -s /dev/full full.txt
	fails 1 'tmo-eval: full.txt: ' tmo-eval -q --report full.txt out.tar
	fails 1 'tmo-eval: no/where.txt: ' tmo-eval -q --report no/where.txt out.tar
	run -141 bash -c "mkstream a:f4:1000x1000:normal | { tmo-eval -q; exit \$?; } | true; exit \${PIPESTATUS[1]}"
	tar cf empty.tar -T /dev/null
	tmo-eval --report r.json --reference empty.tar empty.tar >copy
	cmp empty.tar copy
	grep -q '"tensors": \[\]' r.json
	mkstream z:f4:0x5:normal s:f4:-:ones >small.tar
	tmo-eval --report r.json --reference small.tar small.tar >copy
	python3 "$root/tests/helper/streams.py" r.json small.tar small.tar
}

@test "eval: names that are no UTF-8 still make JSON" {
	mkstream a:f4:2x3:normal >in.tar
	mkdir -p x/tensors && tar xOf in.tar tensors/a.npy >x/tensors/%FF%C3%A9.npy
	tar cf odd.tar -C x tensors/%FF%C3%A9.npy
	tmo-eval --report r.json odd.tar >copy
	python3 -c 'import json; assert json.load(open("r.json"))["tensors"][0]["name"] == "%FF%C3%A9"'
}

@test "eval --diff: what changed, was encoded anew, added and removed" {
	mkstream a:f4:8x8:normal b:f4:8x8:ramp c:f4:4x4:normal d:i4:5:ramp e:f4:9x9:zeros >old.tar
	mkstream a:f4:8x8:normal b:f4:8x8:ramp new:f4:2x3:normal d:i4:5:ramp e:f4:9x9:zeros |
		tmo-quant --only a --only e >new.tar
	tmo-eval --diff --reference old.tar new.tar 2>said >copy.tar
	cmp new.tar copy.tar
	sed 's/SQNR [0-9.]* dB, largest error [0-9.e-]*/LOSS/' said >short
	diff - short <<-'E'
	changed    a: plain -> affine 8 bits, 8 scales, LOSS
	added      new: f32 [2, 3], plain
	re-encoded e: plain -> affine 8 bits, 9 scales
	removed    c
	1 changed, 1 re-encoded, 1 added, 1 removed, 2 the same
	E
	tmo-eval --diff --reference old.tar --report r.json new.tar >copy.tar
	python3 - <<-'E'
	import json
	r = json.load(open("r.json"))
	assert {t["name"]: t["change"] for t in r["tensors"]} == {
	    "a": "changed", "b": "same", "new": "added", "d": "same", "e": "re-encoded"}, r
	assert r["removed"] == ["c"], r
	E
	tmo-eval --diff --reference old.tar --report r.html new.tar >copy.tar
	xmllint --noout --nonet r.html
	grep -q '<th class="l">change</th></tr>' r.html
	sed -n 's|<tr><th scope="row">\(.*\)</th>.*<td class="l">\(.*\)</td></tr>|\1 \2|p' r.html |
		sed 's/<[^>]*>//g' | sort | diff - <(printf '%s\n' 'a changed' 'b same' 'd same' \
			'e re-encoded' 'new added' 'total ')
	grep -q 'Only in the reference: c<' r.html
	# The same values in other codes are another encoding; the same stream has no difference.
	tmo-quant --bits 4 --only e old.tar >e4.tar
	tmo-quant --bits 5 --only e old.tar | tmo-eval --diff --reference e4.tar 2>said >copy.tar
	grep -q '^re-encoded e: affine 4 bits, 9 scales -> affine 5 bits, 9 scales$' said
	tmo-eval --diff --reference new.tar new.tar 2>said >copy.tar
	[ "$(cat said)" = '0 changed, 0 re-encoded, 0 added, 0 removed, 5 the same' ]
	fails 2 '--diff: against what' tmo-eval --diff new.tar
}

@test "eval --report x.html: a page that is well-formed, stands alone and shows every tensor" {
	mixed
	tmo-eval --reference in.tar --report r.html out.tar >copy.tar
	cmp out.tar copy.tar
	xmllint --noout --nonet r.html
	run -1 grep -nE '<script[^>]|src=|href="[^#]|url\(|@import|https?:' <(grep -v ' xmlns="http://www.w3.org/1999/xhtml">' r.html)
	[ "$(grep -c '<script>' r.html)" -eq 1 ]
	[ "$(grep -c '^<section' r.html)" -eq 6 ] # the float tensors
	[ "$(grep -c '^<tr>' r.html)" -eq 10 ]   # nine tensors and the total
	grep -q '<a href="#t1">w/x y</a>' r.html
	grep -q 'prefers-color-scheme:dark' r.html
	grep -q '@media print' r.html
	# every link leads to a section
	grep -o 'href="#t[0-9]*"' r.html | grep -oE 't[0-9]+' | sort >links
	grep -o '<section id="t[0-9]*"' r.html | grep -oE 't[0-9]+' | sort | diff links -
	tmo-eval --report alone.html in.tar >copy.tar
	xmllint --noout --nonet alone.html
	tmo-eval --reference in.tar --report again.html out.tar -j1 >copy.tar
	cmp r.html again.html
}

@test "eval --report x.html: the model, its files, what was done to it; the worst tensor first" {
	mkonnx 'ir 8' 'opset 13' 'graph a<b' 'input x' 'init near f32 16x16 raw' 'init far f32 16x16 raw' 'init kept f32 16x32 raw' \
		'node MatMul . x,near y' 'node MatMul . y,far z' 'node MatMul . z,kept w' 'output w' >m.onnx
	tmo-from-onnx m.onnx >in.tar
	tmo-quant --bits 8 --only near in.tar | tmo-quant --bits 2 --only far -g channel >out.tar
	tmo-eval --reference in.tar --report r.html out.tar >copy.tar
	xmllint --noout --nonet r.html
	grep -qx '<title>a&lt;b - tmo-eval</title>' r.html
	grep -qx '<h1>a&lt;b</h1>' r.html
	grep -qx '<p>3 tensors, against in.tar</p>' r.html
	grouped() { wc -c <"$1" | sed ':a; s/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/; ta'; }
	grep -qx "<div><dt>bytes before</dt><dd>$(grouped in.tar)</dd></div>" r.html
	grep -qx "<div><dt>bytes after</dt><dd>$(grouped out.tar)</dd></div>" r.html
	grep -qE '^<li><code>tmo-quant [0-9.]+ --only near</code></li>$' r.html
	grep -qE '^<li><code>tmo-quant [0-9.]+ --bits 2 --granularity channel --only far</code></li>$' r.html
	# The table, and so the pictures: far, near, and what did not change; # is the place in the stream.
	sed -n 's|<tr><th scope="row"><a href="#t\([0-9]\)">\(.*\)</a></th><td>\([0-9]\)</td>.*|\1 \2 \3|p' r.html |
		diff - <(printf '%s\n' '1 far 2' '0 near 1' '2 kept 3')
	grep -o '<section id="t[0-9]"' r.html | tr -dc '0-9\n' | diff - <(printf '%s\n' 1 0 2)
	grep -q '<th aria-sort="ascending">SQNR dB</th>' r.html
	# Without a reference the largest comes first.
	tmo-eval --report alone.html in.tar >copy.tar
	[ "$(grep -o '<h3>[a-z]*' alone.html | head -n 1)" = '<h3>kept' ]
	grep -q '<th class="d" aria-sort="descending">bytes</th>' alone.html
	# A reference that comes through a pipe has no size.
	tmo-eval --reference <(cat in.tar) --report pipe.html out.tar >copy.tar
	run -1 grep 'bytes before' pipe.html
}

@test "eval: names that are cut can still be told apart, in the table and on the page" {
	local i names=()
	for i in $(seq 0 11); do names+=("model.encoder.layers.$i.self_attention.query.projection.weight:f4:16x16:normal"); done
	mkstream "${names[@]}" >in.tar
	tmo-quant --bits 4 in.tar >out.tar
	tmo-eval --reference in.tar out.tar 2>said >copy
	[ "$(wc -L <said)" -le 80 ]
	[ "$(grep -o '^model[^ ]*\.\.[^ ]*ight ' said | sort -u | wc -l)" -eq 12 ]
	tmo-eval out.tar 2>said >copy
	[ "$(wc -L <said)" -le 80 ]
	[ "$(grep -o '^model[^ ]*\.\.[^ ]*ight ' said | sort -u | wc -l)" -eq 12 ]
	tmo-eval --reference in.tar --report r.html out.tar >copy
	xmllint --noout --nonet r.html
	sed -n 's|<tr><th scope="row" title="\([^"]*\)"><a href="#t[0-9]*">\(.*\)</a></th>.*|\1 \2|p' r.html >titles
	[ "$(cut -d' ' -f1 titles | sort -u | grep -c '^model.encoder.layers.[0-9]*.self_attention.query.projection.weight$')" -eq 12 ]
	[ "$(cut -d' ' -f2 titles | sort -u | grep -c '\.\.')" -eq 12 ]
}

@test "eval --report x.html: odd names, odd values, no tensors" {
	python3 - <<-'E'
	import struct, sys
	sys.path.insert(0, sys.argv[0] or ".")
	def npy(values):
	    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }" % len(values)).ljust(117) + "\n"
	    return b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + head.encode() + struct.pack("<%df" % len(values), *values)
	import io, tarfile
	inf, nan = float("inf"), float("nan")
	with tarfile.open("odd.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
	    for name, values in (("%3Cscript%3E&%22%27", [1, 2]), ("%01%1b[0m", [nan, inf]), ("%ff%fe", [3.4e38, -3.4e38]),
	                         ("tiny", [1e-45, -1e-45]), ("none", []), ("one", [5.0]), ("zero", [0, -0.0])):
	        data = npy(values)
	        info = tarfile.TarInfo("tensors/%s.npy" % name)
	        info.size = len(data)
	        tar.addfile(info, io.BytesIO(data))
	E
	tmo-eval --report odd.html odd.tar >copy.tar
	xmllint --noout --nonet odd.html
	[ "$(grep -c '<script' odd.html)" -eq 1 ] # the page's own
	grep -q '>&lt;script&gt;&amp;&quot;.<' odd.html
	run -1 grep -nwE 'nan|-nan|inf' odd.html
	head -c 1024 /dev/zero | tmo-eval --report empty.html >copy.tar
	xmllint --noout --nonet empty.html
}

@test "eval --check: says which weights hold N:M along their input axis" {
	# rows of 8 inputs, 2 of every 4 kept; a convolution whose pattern runs over its kernel
	# instead; a tail of 2; one zero too few.
	python3 - <<-'E'
	import io, struct, tarfile
	def npy(shape, values):
	    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }" % "".join("%d, " % n for n in shape)).ljust(117)
	    return b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + (head + "\n").encode() + struct.pack("<%df" % len(values), *values)
	tensors = {
	    "good": ((3, 8), [1, 0, 2, -0.0, 0, 0, 3, 4] * 3),
	    "conv": ((2, 4, 1, 4), [1, 1, 0, 0] * 8),
	    "tail": ((2, 6), [1, 0, 2, 0, 1, 1] * 2),
	    "bad": ((2, 4), [1, 0, 0, 2, 1, 1, 0, 1]),
	    "bias": ((4,), [1, 1, 1, 1]),
	}
	with tarfile.open("in.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
	    for name, (shape, values) in tensors.items():
	        data = npy(shape, values)
	        info = tarfile.TarInfo("tensors/%s.npy" % name)
	        info.size = len(data)
	        tar.addfile(info, io.BytesIO(data))
	E
	tmo-eval --check 2:4 --report r.json in.tar >copy.tar
	python3 - <<-'E'
	import json
	r = json.load(open("r.json"))
	got = {t["name"]: t.get("pattern") for t in r["tensors"]}
	assert got == {"good": True, "conv": False, "tail": True, "bad": False, "bias": None}, got
	assert r["total"]["pattern"] == (24 + 12) / (24 + 32 + 12 + 8), r["total"]
	E
	tmo-eval --check 2:4 in.tar 2>&1 >copy.tar | grep -qE '^good .* 2:4$'
	tmo-eval --check 2:4 --report r.html in.tar >copy.tar
	xmllint --noout --nonet r.html
	grep -q '<th>pattern</th></tr>' r.html
	sed -n 's|<tr><th scope="row">\(.*\)</th>.*<td>\(.*\)</td></tr>|\1 \2|p' r.html |
		sed 's/<[^>]*>//g' | sort | diff - <(printf '%s\n' 'bad no' 'bias -' 'conv no' 'good 2:4' 'tail 2:4' \
			'total 47.4 %')
	fails 1 'pattern is 0.47' tmo-eval -q --check 2:4 --require 'pattern>=1' in.tar
	fails 2 'add --check N:M' tmo-eval --require 'pattern>=1' in.tar
	# What it says is what it takes: none of tmo-prune's other patterns.
	local pattern
	for pattern in 4 channel block:1x4 4:4 2:4x 2:1025; do
		fails 2 "^tmo-eval: --check: \"$pattern\" is not N:M, such as 2:4, .* at most 1024$" \
			tmo-eval --check $pattern in.tar
	done
	# What tmo-prune makes holds it, in any encoding.
	tmo-prune --pattern 2:4 in.tar | tmo-quant --bits 4 |
		tmo-eval -q --check 2:4 --require 'pattern>=1' >copy.tar
}
