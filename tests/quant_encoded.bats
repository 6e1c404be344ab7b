# SPDX-License-Identifier: Apache-2.0
# What tmo-quant makes of tensors that are encoded already.
load helper
load helper/quant

@test "quant: another encoding is decoded first, and -v says so" {
	mkstream w:f4:8x30:normal >in
	tmo-quant <in >eight
	tmo-quant -v -b 4 <eight 2>err >four
	grep -q 'tensors/w: .*decoded first' err
	tmo-decode <eight | tmo-quant -b 4 >want
	tar xf four && mv tensors four.d && tar xf want && diff -r tensors four.d
}

@test "quant: integer codes of no more bits are left as they are" {
	local how
	mkstream w:f4:8x30:normal >in
	tmo-quant -b 4 -g group:10 <in >four
	for how in '' '-b 4' '-b 8 -g tensor' '-a' '-r mse'; do
		# shellcheck disable=SC2086
		tmo-quant -v $how <four 2>err >out
		grep -q 'tensors/w: left as it is: 4 bits already' err
		cmp <(member four tensors/w/codes.npy) <(member out tensors/w/codes.npy)
		cmp <(member four tensors/w/scale.npy) <(member out tensors/w/scale.npy)
	done
	tmo-quant -v --preset tflite <four 2>err >out
	grep -q 'tensors/w: .*decoded first' err
}

@test "quant: once more gives the same codes" {
	local how
	mkstream w:f4:20x33:normal >in
	for how in '-b 8' '-b 3 -g group:8' '-a -g tensor' '--type f16' '--type f8e4m3' '--type nf4' \
		'--scale pow2' '--preset tflite' '--preset onnxruntime -a'; do
		# shellcheck disable=SC2086
		tmo-quant $how <in >once
		# shellcheck disable=SC2086
		tmo-decode <once | tmo-quant $how >twice
		cmp <(member once tensors/w/codes.npy) <(member twice tensors/w/codes.npy)
	done
}
