# SPDX-License-Identifier: Apache-2.0
# info.bats: what tmo-info says of files and streams.
load helper

# A network of a convolution, a product and a bias that stays in the graph, with a shape among constants.
network() {
	mkonnx 'ir 8' 'opset 13' 'producer somebody 1.2' 'graph net' 'input x f32 batchx3x?x8' 'init conv.w f32 16x3x3x3 raw' \
		'init fc.w f32 64x128 raw' 'init bias f32 16 raw' 'init shape i64 2 raw' \
		'node Conv first x,conv.w,bias h' 'node Relu . h r' 'node Reshape . r,shape f' \
		'node com.microsoft:Gelu . f g' 'node MatMul second g,fc.w y' 'node Relu . y z' 'output z f32 batchx128' >net.onnx
}

# json FILE EXPRESSION: of the object j.
json() {
	python3 -c 'import json, sys; j = json.load(open(sys.argv[1])); t = {x["name"]: x for x in j["tensors"]}
print(eval(sys.argv[2]))' "$1" "$2"
}

@test "info: an ONNX model's head, inputs, outputs, operators and tensors" {
	network
	tmo-info net.onnx >said 2>err
	[ ! -s err ]
	diff said - <<-E
	format     onnx, bytes: $(wc -c <net.onnx | sed 's/\(.*\)\(...\)$/\1,\2/')
	name       net
	producer   somebody 1.2
	opset      ai.onnx 13
	inputs     x  f32 [batch, 3, ?, 8]
	outputs    z  f32 [batch, 128]
	operators  6 nodes: Relu 2, Conv 1, MatMul 1, Reshape 1, com.microsoft:Gelu 1
	tensors    3, elements: 8,640, bytes: 34,560
	constants  1 of integers in the graph, bytes: 16

	tensor shape    type stored bytes share used by
	conv.w 16x3x3x3 f32  plain   1728  5.0% Conv first
	fc.w   64x128   f32  plain  32768 94.8% MatMul second
	bias   16       f32  graph     64  0.2% Conv first
	E
	# a pipe says the same
	cat net.onnx | tmo-info | cmp - said
	tmo-info -o copy net.onnx
	cmp copy said
}

@test "info: a stream's history, forms of its tensors, other members" {
	network
	tmo-from-onnx net.onnx | tmo-prune --sparsity 0.25 --only 'f*' | tmo-quant --bits 4 -g group:32 >q.tar
	tmo-info q.tar >said
	grep -qx 'format     stream, bytes: [0-9,]*' said
	grep -qx 'came from  onnx' said
	grep -qx "history    tmo-prune $(tmo --version | cut -d' ' -f2) --sparsity 0.25 --only 'f\*'" said
	grep -qx "           tmo-quant .* --bits 4 --granularity group:32" said
	grep -q '^fc.w  *64x128  *f32  *4b/g32 ' said
	tmo-info --json q.tar >q.json
	[ "$(json q.json 't["fc.w"]["encoding"], t["fc.w"]["bits"], t["fc.w"]["granularity"], t["fc.w"]["block"], t["fc.w"]["scales"]')" = \
		"('affine', 4, 'group', [32, 1], 256)" ]
	[ "$(json q.json '[h["program"] for h in j["history"]], j["history"][1]["options"]["bits"]')" = \
		"(['tmo-prune', 'tmo-quant'], 4)" ]
	[ "$(json q.json 'j["inputs"], t["bias"]["in_graph"], t["bias"]["nodes"]')" = \
		"([{'name': 'x', 'type': 'f32', 'shape': ['batch', 3, None, 8]}], True, ['first'])" ]
	tmo-from-onnx net.onnx | tmo-cluster --clusters 16 -g channel --only conv.w | tmo-quant -t f16 --only 'fc*' >c.tar
	tmo-info c.tar >said
	grep -q '^conv.w .* cb16/ch ' said
	grep -q '^fc.w .* f16 ' said
	tmo-info --json c.tar >c.json
	[ "$(json c.json 't["conv.w"]["codebooks"], t["conv.w"]["codebook_size"], t["conv.w"]["block"], t["fc.w"]["code"]')" = \
		"(16, 16, [1, 3, 3, 3], 'f16')" ]
	# bytes are those that tmo-eval counts; a stream that tar made is one, too
	tmo-eval --report e.json q.tar >copy
	[ "$(json e.json 't["fc.w"]["bytes"], t["conv.w"]["bytes"]')" = "$(json q.json 't["fc.w"]["bytes"], t["conv.w"]["bytes"]')" ]
	mkdir unpacked
	tar xf q.tar -C unpacked
	echo hello >unpacked/readme
	tar -C unpacked --sort=name -cf - . | tmo-info >said
	grep -qx 'also in it readme, bytes: 6' said
	grep -q '^fc.w .*4b/g32 ' said
}

@test "info: a packed stream, and zstd around it" {
	network
	tmo-from-onnx net.onnx | tmo-quant --bits 3 | tmo-pack >p.tar
	tmo-info p.tar | grep -qx "format     packed stream, bytes: [0-9,]*"
	tmo-info --json p.tar >p.json
	zstd -q p.tar -o p.tar.zst
	tmo-info p.tar.zst | grep -qx 'format     packed stream, zstd around it, bytes: [0-9,]*'
	tmo-info --json <p.tar.zst >z.json
	[ "$(json z.json 'j["packed"], j["compressed"], j["file_bytes"]')" = "(True, True, $(wc -c <p.tar.zst))" ]
	diff <(json p.json 'j["tensors"]') <(json z.json 'j["tensors"]')
	# what stands in tensors.bin, but for padding
	[ "$(json p.json "0 <= $(member p.tar tensors.bin | wc -c) - t['fc.w']['bytes'] - t['conv.w']['bytes'] < 16")" = True ]
}

@test "info: quantized ONNX models: operators as they are, weights as they decode" {
	network
	tmo-from-onnx net.onnx | tmo-quant --bits 8 --only fc.w | tmo-to-onnx >q.onnx
	tmo-info q.onnx >said
	grep -q 'DequantizeLinear 1' said
	grep -q '^fc.w .* f32 .* 8b/ch .* MatMul second$' said
	tmo-info --json q.onnx >q.json
	[ "$(json q.json 't["fc.w"]["bytes"] in range(8192 + 512, 8192 + 512 + 129)')" = True ]
}

@test "info: safetensors, one file, several, and a folder; .npz and .npy" {
	mkstream a:f4:4x8:normal b/c:f2:16:normal d:i8:3:zeros >s.tar
	tmo-to-safetensors s.tar >m.safetensors
	tmo-info m.safetensors >said
	grep -qx 'format     safetensors, bytes: [0-9,]*' said
	grep -qE '^b/c +16 +f16 +plain +32 +17.4%$' said
	grep -qx 'tensors    3, elements: 51, bytes: 184' said
	tmo-info <m.safetensors | cmp - said
	cat m.safetensors | tmo-info | cmp - said
	mkdir folder
	cp m.safetensors folder/model.safetensors
	tmo-info folder | tail -n +2 | diff - <(tail -n +2 said)
	tmo-info --json folder >f.json
	[ "$(json f.json 'j["file_bytes"], j["format"], j["total"]["bytes"], "inputs" in j')" = "(None, 'safetensors', 184, False)" ]
	tmo-to-npz s.tar >m.npz
	tmo-info m.npz >said
	grep -qx 'format     npz, bytes: [0-9,]*' said
	grep -qE '^a +4x8 +f32 +plain +128 +69.6%$' said
	member s.tar tensors/a.npy >w.npy
	tmo-info w.npy | grep -qE '^w +4x8 +f32 +plain +128 100.0%$'
	python3 - <<-'E'
	head = b'{"q":{"dtype":"F4","shape":[2,2],"data_offsets":[0,2]}}'
	open("f4.safetensors", "wb").write(len(head).to_bytes(8, "little") + head + b"ab")
	E
	tmo-info f4.safetensors | grep -qE '^q +2x2 +F4 +plain +2 100.0%$'
}

@test "info: bytes of text for people, and what a model says of itself" {
	network
	tmo-info net.onnx >said
	run -1 grep -E '^(text|metadata) ' said
	python3 "$root/tests/helper/noted.py" <net.onnx >noted.onnx
	tmo-from-onnx -v noted.onnx 2>notes >noted.tar
	bytes=$(sed -n 's/.* \([0-9]*\) bytes of doc strings .*/\1/p' notes)
	[ "$bytes" -gt 200 ]
	tmo-info noted.onnx >said
	grep -qx "text       bytes of doc strings and notes that no runtime reads: $bytes" said
	grep -qx 'metadata   alphabet (3), author (2)' said
	tmo-info --json noted.tar >n.json
	[ "$(json n.json 'j["text_bytes"], j["metadata"]')" = "($bytes, [{'key': 'alphabet', 'bytes': 3}, {'key': 'author', 'bytes': 2}])" ]
	tmo-from-onnx --strip noted.onnx | tmo-info >said
	run -1 grep '^text ' said
	grep -qx 'metadata   alphabet (3), author (2)' said
	python3 - <<-'E'
	head = b'{"__metadata__":{"format":"pt"},"q":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}'
	open("m.safetensors", "wb").write(len(head).to_bytes(8, "little") + head + b"ab")
	E
	tmo-info m.safetensors | grep -qx 'metadata   format (2)'
}

@test "info: lines fit a terminal, and cut names can still be told apart" {
	local i lines=()
	for i in $(seq 0 11); do
		lines+=("init model.encoder.layers.$i.self_attention.query.projection.weight f32 16x16 raw"
			"node MatMul /encoder/layers.$i/self_attention/query/MatMul x,model.encoder.layers.$i.self_attention.query.projection.weight y$i")
	done
	mkonnx 'ir 8' 'opset 13' 'input x' "${lines[@]}" 'output y0' >m.onnx
	python3 "$root/tests/helper/terminal.py" --size 80 24 tmo-info m.onnx | grep -v '^$' >said
	[ "$(wc -L <said)" -le 80 ]
	[ "$(grep -c '^[^ ]*\.\.[^ ]*weight 16x16 .* MatMul ' said)" -eq 12 ]
	[ "$(grep '\.\..*weight 16x16' said | cut -d' ' -f1 | sort -u | wc -l)" -eq 12 ]
	# as wide as it is, and no narrower than 80
	python3 "$root/tests/helper/terminal.py" --size 200 24 tmo-info m.onnx | grep -q '^model.encoder.layers.11.self_attention.query.projection.weight 16x16 .*/encoder/layers.11/self_attention/query/MatMul'
	python3 "$root/tests/helper/terminal.py" --size 40 24 tmo-info m.onnx | grep -v '^$' | cmp - said
	# into a pipe names are whole
	tmo-info m.onnx | grep -q '^model.encoder.layers.11.self_attention.query.projection.weight '
}

@test "info: names of any bytes" {
	python3 - <<-'E'
	import io, tarfile
	head = ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }".ljust(117) + "\n").encode()
	data = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + head + bytes(4)
	with tarfile.open("odd.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
	    for name in ("%1b[2J", "%FF%FE", "%22q%22", "gr%C3%B6%C3%9Fe", "n" * 80):
	        member = tarfile.TarInfo("tensors/" + name + ".npy")
	        member.size = len(data)
	        tar.addfile(member, io.BytesIO(data))
	E
	tmo-info odd.tar >said
	run -1 grep -q $'\x1b' said
	grep -q '^?\[2J ' said
	grep -q '^%FF%FE ' said
	grep -q '^"q" ' said
	tmo-info --json odd.tar >odd.json
	[ "$(json odd.json '[x["name"] for x in j["tensors"]][:4] == ["\x1b[2J", "%FF%FE", "\"q\"", "gr\u00f6\u00dfe"]')" = True ]
}

@test "info: nothing, and what is no model" {
	head -c 1024 /dev/zero | tmo-info >said
	grep -qx 'tensors    0, elements: 0, bytes: 0' said
	: >empty
	fails 1 '^tmo-info: empty: is empty' tmo-info empty
	fails 1 '^tmo-info: stdin: ' tmo-info <empty
	echo 'hello, this is no model' >text
	fails 1 '^tmo-info: text: a text, neither a tensor stream nor a model' tmo-info text
	mkdir folder
	fails 1 '^tmo-info: folder: is a directory without a model in it; ' tmo-info folder
	fails 2 'at most one' tmo-info text text
	network
	tmo-from-onnx net.onnx | head -c 20000 >cut.tar
	fails 1 '^tmo-info: .*truncated' tmo-info cut.tar
	[ ! -s out ]
	head -c 20000 net.onnx >cut.onnx
	fails 1 '^tmo-info: cut.onnx: ' tmo-info cut.onnx
	mkonnx 'ir 8' 'opset 13' 'input x' 'init w f32 8x8 gone.bin:0:256' 'node MatMul . x,w y' 'output y' >gone.onnx
	[ "$(tmo-info gone.onnx 2>&1 | tail -n 1)" != '' ]
}

@test "info: of a large model only what describes it is read" {
	python3 - <<-'E'
	import json
	n = 1 << 28    # 1 GiB of f32, a hole on disk
	head = json.dumps({"w": {"dtype": "F32", "shape": [n // 1024, 1024], "data_offsets": [0, 4 * n]}}).encode()
	with open("large.safetensors", "wb") as f:
	    f.write(len(head).to_bytes(8, "little") + head)
	    f.truncate(8 + len(head) + 4 * n)
	E
	# What it asked of read(2), and what of the file and of its own it had in memory: both in MiB.
	python3 - >used <<-'E'
	import os, subprocess
	with open("said", "wb") as said:
	    child = subprocess.Popen(["tmo-info", "large.safetensors"], stdout=said)
	os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
	with open("/proc/%d/io" % child.pid) as f:
	    count = dict(line.split(": ") for line in f)
	usage = os.wait4(child.pid, 0)[2]
	print(int(count["rchar"]) >> 20, usage.ru_maxrss >> 10)
	E
	grep -qE '^w +262144x1024 +f32 +plain +1073741824 100.0%$' said
	local bytes memory
	read -r bytes memory <used
	echo "$bytes MiB read, $memory MiB in memory" # the file has 1024
	[ "$bytes" -le 8 ]
	[ "$memory" -le 128 ]
}
