# SPDX-License-Identifier: Apache-2.0
# What tmo-to-onnx makes of codes is codes again for tmo-from-onnx.
load helper

@test "onnx: what arithmetic makes of codes is read back: of f64, of codebooks, of fp8" {
	local how type
	for type in f32 f64; do
		mkonnx 'ir 8' 'opset 17' 'input x' "init w $type 24x40 raw" 'node MatMul m x,w y' 'output y' >m.onnx
		tmo-from-onnx m.onnx >s
		while IFS= read -r how; do
			sh -c "tmo-$how" <s >q
			tmo-to-onnx q >q.onnx
			tmo-from-onnx q.onnx >back
			for part in codes codebook scale zero_point; do
				member q "tensors/w/$part.npy" 2>/dev/null >"want.$part" || true
				member back "tensors/w/$part.npy" 2>/dev/null >"got.$part" || true
				cmp "want.$part" "got.$part" || { echo "$type, $how: $part"; return 1; }
			done
			tmo-eval -q --reference q --require 'max_abs_error<=0' back >same
		done <<-'END'
			cluster -q -c 12 | tmo-quant --merge
			cluster -q -c 12 | tmo-quant --merge -a
			cluster -q -c 4 -g channel | tmo-quant --merge
			cluster -q -c 4 -g channel | tmo-quant --merge -a
			cluster -q -c 12 | tmo-quant -t f16
			cluster -q -c 12
			quant -t f8e4m3
			quant -t f8e5m2
			quant -t f8e4m3 -g group:8
			quant -t f8e4m3 -g tensor
			quant -t f8e4m3 -s none
			quant -a
			quant -t nf4
		END
	done
}
