# SPDX-License-Identifier: Apache-2.0
# tmo-eval --require: what the worst tensor and the worst channel are asked, and what nothing can meet.
load helper

# in.tar: a large tensor, and a small one of which out.tar has one channel, and none at all in none.tar.
streams() {
	mkstream large:f4:40x50:normal small:f4:4x5:normal bias:f4:7:zeros >in.tar
	tmo-prune -q -s 0.75 -p channel:l2 --only small in.tar -o out.tar
	PYTHONPATH=$root/tests/helper python3 - <<-'END'
		from pruning import load, write
		t = load("in.tar")
		write("none.tar", {"large": ("f4", (40, 50), t["large"]), "small": ("f4", (4, 5), [0.0] * 20),
		                   "bias": ("f4", (7,), [0.0] * 7)})
	END
}

@test "gate: the worst tensor counts, not the average" {
	streams
	tmo-eval -q -r in.tar --require 'sqnr_db>=15' --require 'sparsity<=0.02' none.tar >copy
	fails 1 'min_sqnr_db is 0 (small), 15 short of >=15; ' tmo-eval -q -r in.tar --require 'min_sqnr_db>=15' none.tar
	fails 1 'max_sparsity is 1 (small), 0.1 beyond <=0.9; ' tmo-eval -q --require 'max_sparsity<=0.9' none.tar
	fails 1 'max_sparsity is 0.75 (small), ' tmo-eval -q --require 'max_sparsity<0.7' out.tar
	tmo-eval -q -r in.tar --require 'min_sqnr_db>=300' --require 'max_sparsity<=0' in.tar >copy
}

@test "gate: the worst channel, by its number" {
	streams
	fails 1 'max_channel_sparsity is 1 (small, channel [0-3]), ' tmo-eval -q --require 'max_channel_sparsity<1' out.tar
	fails 1 'min_channel_sqnr_db is 0 (small, channel [0-3]), ' tmo-eval -q -r in.tar --require 'min_channel_sqnr_db>3' out.tar
	tmo-eval -q -r in.tar --require 'min_channel_sqnr_db>=300' --require 'max_channel_sparsity=0' in.tar >copy
}

@test "gate: dead outputs are those that were alive in the reference" {
	streams
	fails 1 'dead_outputs is 3 (small), 3 beyond =0' tmo-eval -q -r in.tar --require 'dead_outputs=0' out.tar
	fails 1 'dead_outputs is 4 (small), ' tmo-eval -q -r in.tar --require 'dead_outputs<4' none.tar
	fails 1 'dead_outputs is 3 ' tmo-eval -q --require 'dead_outputs=0' out.tar
	tmo-eval -q -r out.tar --require 'dead_outputs=0' out.tar >copy
	tmo-eval -q -r out.tar --require 'dead_outputs=1' none.tar >copy
	tmo-eval -r in.tar out.tar 2>table >copy
	head -n 1 table | grep -q ', 3 dead outputs$'
}

@test "gate: the axes are those of the network" {
	cp "$root/examples/digits.onnx" .
	tmo-from-onnx digits.onnx -o in.tar
	tmo-prune -q -s 0.95 --scope global in.tar -o out.tar
	tmo-eval -q -r in.tar --report r.json out.tar >copy
	python3 - <<-'END'
		import json
		total = json.load(open("r.json"))["total"]
		assert total["max_channel_sparsity"] == 1 and total["dead_outputs"] > 0, total
	END
	tmo-prune -s 0.95 --scope global in.tar 2>err >out.tar
	lost=$(awk '/output channels lost/ { n += $3 } END { print n }' err)
	tmo-eval -q -r in.tar --require "dead_outputs=$lost" out.tar >copy
	tmo-prune --keep-at-least 0.01 -s 0.95 --scope global in.tar 2>err |
		tmo-eval -q -r in.tar --require 'dead_outputs=0' --require 'max_sparsity<=0.99' >copy
	[ ! -s err ]
}

@test "gate: the same numbers with any number of threads" {
	local type
	for type in f2 f4 f8; do
		mkstream "w:$type:60x50:normal" >in.tar
		tmo-quant -b 3 in.tar -o out.tar
		for j in 1 2 7; do
			tmo-eval -j $j -q -r in.tar --report "r$j.json" out.tar >copy
			cmp r1.json "r$j.json"
		done
	done
}

@test "gate: a stream without tensors meets no requirement; one without weights none about weights" {
	mkdir dir && echo x >dir/model.bin
	tar cf nothing.tar dir
	fails 1 'no tensors in the stream, so nothing meets --require; ' tmo-eval -q --require 'stream_bytes<=1e9' nothing.tar
	fails 1 'no tensors in the stream' tmo-eval -q -r nothing.tar --require 'sqnr_db>=1' nothing.tar
	mkstream b:f4:5:normal >bias.tar
	tmo-eval -q --require 'stream_bytes<=1e9' bias.tar >copy
	fails 1 'max_sparsity is about weights, of which the stream has none; ' tmo-eval -q --require 'max_sparsity<1' bias.tar
	mkstream b:f4:5:normal w:f4:3x3:normal >more.tar
	fails 1 'has none that the reference has; ' tmo-eval -q -r bias.tar --require 'min_sqnr_db>1' more.tar
}
