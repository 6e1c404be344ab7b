# SPDX-License-Identifier: Apache-2.0
# tmo-cluster --importance: weights that do not count alike.
load helper
load helper/cluster

# npy FILE SHAPE NUMBER...: as f32.
npy() {
	python3 - "$@" <<-'EOF'
		import struct, sys
		head = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % sys.argv[2]
		v = [float(x) for x in sys.argv[3:]]
		with open(sys.argv[1], 'wb') as f:
		    f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + (head.ljust(117) + '\n').encode())
		    f.write(struct.pack('<%df' % len(v), *v))
	EOF
}

@test "cluster: the optimum for weights that do not count alike" { unit weighted_values; }

@test "cluster: an importance of n is as good as n of the weight" {
	local init
	mkdir x i many
	python3 - <<-'EOF' >numbers
		x = [((i * 7919) % 1009) / 17 for i in range(120)]
		w = [(i * 31) % 5 for i in range(120)]
		print(*x)
		print(*w)
		print(*[a for a, n in zip(x, w) for _ in range(n)])
	EOF
	{ read -ra x; read -ra w; read -ra many; } <numbers
	npy x/w.npy '(2, 60)' "${x[@]}"
	npy i/w.npy '(2, 60)' "${w[@]}"
	npy many/w.npy "(1, ${#many[@]})" "${many[@]}"
	for d in x i many; do tar -C $d -cf $d.tar w.npy; done
	for k in 2 5 16; do
		for init in optimal linear density; do
			tmo-cluster -c $k --no-keep-zeros --init $init --importance i.tar <x.tar >weighted.tar
			tmo-cluster -c $k --no-keep-zeros --init $init <many.tar >plain.tar
			paste <(member weighted.tar tensors/w/codebook.npy >a.npy; python3 "$root/tests/helper/npy.py" <a.npy) \
				<(member plain.tar tensors/w/codebook.npy >b.npy; python3 "$root/tests/helper/npy.py" <b.npy) |
				awk 'NF != 2 || $1 - $2 > 1e-5 || $2 - $1 > 1e-5 { exit 1 }'
		done
	done
	# What has an importance of 0 does not count, and has the nearest value all the same.
	npy x/w.npy '(1, 6)' 1 2 10 11 500 1000
	npy i/w.npy '(1, 6)' 1 1 2 2 0 0
	for d in x i; do tar -C $d -cf $d.tar w.npy; done
	tmo-cluster -c 2 --importance i.tar <x.tar | tmo-decode >out.tar
	[ "$(values out.tar tensors/w.npy | xargs)" = '1.5 1.5 10.5 10.5 10.5 10.5' ]
	# Nothing counts: then all do.
	npy i/w.npy '(1, 6)' 0 0 0 0 0 0
	tar -C i -cf i.tar w.npy
	tmo-cluster -c 2 --importance i.tar <x.tar | tmo-decode >out.tar
	tmo-cluster -c 2 <x.tar | tmo-decode >alike.tar
	cmp <(member out.tar tensors/w.npy) <(member alike.tar tensors/w.npy)
}

@test "cluster: importances of any order, type and encoding, found by name" {
	mkstream a:f4:20x30:normal b:f4:9x50:normal c:f8:20x30:normal >in.tar
	mkstream c:u1:20x30:uniform b:f2:9x50:ones a:f8:20x30:ramp other:f4:5:nan >i.tar
	tmo-cluster --clusters 6 --importance i.tar <in.tar >out.tar
	tmo-cluster --clusters 6 <in.tar >alike.tar
	# b's are all the same.
	cmp <(tmo-decode <out.tar | tar xO tensors/b.npy) <(tmo-decode <alike.tar | tar xO tensors/b.npy)
	run -1 cmp -s <(tmo-decode <out.tar | tar xO tensors/a.npy) <(tmo-decode <alike.tar | tar xO tensors/a.npy)
	member out.tar model.yaml | grep -q 'importance: i.tar'
	# A pipe will do, and so will a packed stream, for every start and granularity.
	for how in '-g channel' '-g group:8' '--init kmeans++' '--init density -g channel'; do
		# shellcheck disable=SC2086  # words
		tmo-cluster $how --clusters 4 --importance i.tar <in.tar >one.tar
		# shellcheck disable=SC2086
		tmo-cluster $how --clusters 4 --importance <(tmo-pack <i.tar) <in.tar >other.tar
		cmp <(tar xOf one.tar --wildcards 'tensors/*') <(tar xOf other.tar --wildcards 'tensors/*')
	done
	tmo-quant --type f16 --only b <i.tar >encoded.tar
	tmo-cluster --clusters 6 --importance encoded.tar <in.tar | tar xO --wildcards 'tensors/*' |
		cmp - <(tar xOf out.tar --wildcards 'tensors/*')
}

@test "cluster: importances that make no sense are refused, with tensor and index" {
	mkstream a:f4:3x4:normal b:f4:3x4:normal >in.tar
	mkstream a:f4:3x4:ramp >i.tar
	fails 1 'tmo-cluster: tensors/b: the importance stream has no tensor of this name; ' \
		tmo-cluster --importance i.tar <in.tar
	tmo-cluster --importance i.tar --skip b <in.tar >out.tar
	mkstream a:f4:3x4:ramp b:f4:4x3:ramp >i.tar
	fails 1 'tmo-cluster: tensors/b: shape \[3, 4\], in the importance stream \[4, 3\]; ' \
		tmo-cluster --importance i.tar <in.tar
	mkstream a:f4:3x4:ramp b:f4:3x4:nan >i.tar
	fails 1 'tmo-cluster: tensors/b: importance nan at index 0; ' tmo-cluster --importance i.tar <in.tar
	mkstream a:f4:3x4:ramp b:f8:3x4:inf >i.tar
	fails 1 'tmo-cluster: tensors/b: importance inf at index 0; ' tmo-cluster --importance i.tar <in.tar
	mkstream b:f4:3x4:ramp a:i4:3x4:normal >i.tar
	fails 1 'tmo-cluster: tensors/a: importance -[0-9]* at index ' tmo-cluster --importance i.tar <in.tar
	run ! tar tf out
	mkstream a:f4:3x4:ramp b:f4:3x4:ramp >i.tar
	head -c 2048 i.tar >cut.tar
	fails 1 'cut.tar: ' tmo-cluster --importance cut.tar <in.tar
	head -c $(($(wc -c <i.tar) - 1024)) i.tar >cut.tar
	fails 1 'cut.tar: ' tmo-cluster --importance cut.tar <in.tar
	fails 1 'none.tar: cannot open' tmo-cluster --importance none.tar <in.tar
	fails 2 'importance: stdin is the stream itself' tmo-cluster --importance - <in.tar
}
