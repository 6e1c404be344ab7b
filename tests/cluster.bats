# SPDX-License-Identifier: Apache-2.0
# cluster.bats: tmo-cluster, and libcommon's sorts that it stands on.
load helper
load helper/cluster

@test "cluster: radix sorts and float keys" { unit sort; }

@test "cluster: the optimal partition, against brute force" { unit optimal; }

@test "cluster: the least squared error there is, one codebook a tensor" {
	mkstream a:f4:10x12:normal b:f4:5x5x3:uniform c:f8:9x11:normal d:f4:3x4:ramp >in.tar
	for k in 2 3 7 16; do
		tmo-cluster --clusters $k <in.tar >out.tar
		check out.tar in.tar $k
	done
	# 16 is the default.
	tmo-cluster <in.tar | tmo-decode >default.tar
	tmo-decode <out.tar >out.plain
	diff <(values default.tar tensors/a.npy) <(values out.plain tensors/a.npy)
}

@test "cluster: one codebook a channel, along any axis" {
	mkstream a:f4:6x40:normal b:f4:4x3x3x3:normal >in.tar
	tmo-cluster --clusters 5 --granularity channel <in.tar >out.tar
	check out.tar in.tar 5
	member out.tar tensors/b/codebook.npy | head -c 128 | grep -aq "'shape': (4, 1, 1, 1, 5)"
	# Along axis 1: as along axis 0 of the transposed tensor.
	python3 - <<-'EOF'
		import sys
		import struct
		def npy(name, shape, values):
		    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)).ljust(117) + '\n'
		    with open(name, 'wb') as f:
		        f.write(b'\x93NUMPY\1\0' + struct.pack('<H', len(head)) + head.encode())
		        f.write(struct.pack('<%df' % len(values), *values))
		v = [((i * 7919) % 1009) / 17 for i in range(8 * 30)]
		npy('t.npy', (30, 8), v)
		npy('u.npy', (8, 30), [v[i * 8 + j] for j in range(8) for i in range(30)])
	EOF
	tar cf t.tar t.npy
	tar cf u.tar u.npy
	tmo-cluster --clusters 4 --granularity channel --axis 1 <t.tar >tc.tar
	tmo-cluster --clusters 4 --granularity channel <u.tar >uc.tar
	member tc.tar tensors/t/codebook.npy | tail -c 128 >one
	member uc.tar tensors/u/codebook.npy | tail -c 128 >other
	cmp one other
	member tc.tar tensors/t/codebook.npy | head -c 128 | grep -aq "'shape': (1, 8, 4)"
}

@test "cluster: zeros are kept where there are many, and only zeros become zero" {
	mkstream a:f4:20x30:sparse b:f4:20x30:normal >in.tar
	tmo-cluster --clusters 9 <in.tar | tmo-decode >out.tar
	diff <(values in.tar tensors/a.npy | grep -n '^-\?0$' | cut -d: -f1) \
		<(values out.tar tensors/a.npy | grep -n '^-\?0$' | cut -d: -f1)
	[ "$(values out.tar tensors/a.npy | sort -u | wc -l)" -eq 9 ]
	# A tensor without zeros loses no value to them, even if they are to be kept.
	tmo-cluster --clusters 9 --keep-zeros <in.tar | tmo-decode >kept.tar
	[ "$(values kept.tar tensors/b.npy | sort -u | wc -l)" -eq 9 ]
	tmo-cluster --clusters 9 --no-keep-zeros <in.tar >free.tar
	check free.tar in.tar 9
	# Two values: 0.0 and the mean of the others.
	mkstream a:f4:20x30:sparse >in.tar
	tmo-cluster --clusters 2 <in.tar | tmo-decode >out.tar
	[ "$(values out.tar tensors/a.npy | sort -u | wc -l)" -eq 2 ]
	# Which may be 0.0 too.
	python3 - <<-'END'
		import struct
		head = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 6), }".ljust(117) + '\n'
		with open('w.npy', 'wb') as f:
		    f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode() + struct.pack('<6f', 0, 1, -1, 0, -1, 1))
	END
	tar cf in.tar w.npy
	tmo-cluster --clusters 2 --keep-zeros <in.tar | tmo-decode >out.tar
	[ "$(values out.tar tensors/w.npy | sort -u)" = 0 ]
	tmo-cluster --clusters 3 --keep-zeros <in.tar | tmo-eval -q --reference in.tar --require max_abs_error=0 >copy
	# Nothing but zeros: one value, one bit.
	mkstream z:f4:20x30:zeros >in.tar
	tmo-cluster <in.tar >out.tar
	member out.tar tensors/z/tensor.yaml | grep -qx 'bits: 1'
	tmo-decode <out.tar >plain.tar
	cmp <(member in.tar tensors/z.npy) <(member plain.tar tensors/z.npy)
}

@test "cluster: 20 % of zeros are not many yet" {
	local zeros
	for zeros in 20 21; do
		python3 - $zeros <<-'EOF'
			import struct, sys
			zeros = int(sys.argv[1])
			head = "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 10), }".ljust(117) + '\n'
			v = [0.0] * zeros + [1.0 + i / 64 for i in range(100 - zeros)]
			with open('w.npy', 'wb') as f:
			    f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode())
			    f.write(struct.pack('<100f', *[-x if i % 2 else x for i, x in enumerate(v)]))
		EOF
		tar cf in.tar w.npy
		tmo-cluster -v --clusters 3 <in.tar 2>err >out.tar
		[ "$(grep -c 'zeros kept' err)" -eq $((zeros - 20)) ]
	done
}

@test "cluster: zeros that get another value are said, unless it was asked for" {
	zeros() {
		python3 - "$@" <<-'EOF'
			import struct, sys
			for name, zeros in zip('ab', map(int, sys.argv[1:])):
			    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 10), }".ljust(117) + '\n'
			    v = [0.0] * zeros + [1.0 + i / 64 for i in range(100 - zeros)]
			    with open(name + '.npy', 'wb') as f:
			        f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode())
			        f.write(struct.pack('<100f', *v))
		EOF
		tar cf in.tar a.npy b.npy
	}
	zeros 7 40
	tmo-cluster -c 2 <in.tar 2>err >out.tar
	[ "$(cat err)" = 'tmo-cluster: tensors/a: 7 of 100 weights were 0 and are not now; --keep-zeros keeps them' ]
	for how in --keep-zeros --no-keep-zeros -q; do
		tmo-cluster $how -c 2 <in.tar 2>err >out.tar
		[ ! -s err ]
	done
	# One of three values is 0.0 by itself: nothing is lost.
	tmo-cluster -c 3 <in.tar 2>err >out.tar
	[ ! -s err ]
}

@test "cluster: more than ten such lines are a count, but with -v" {
	python3 - <<-'EOF'
		import struct
		for i in range(13):
		    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 10), }".ljust(117) + '\n'
		    with open('w%02d.npy' % i, 'wb') as f:
		        f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode())
		        f.write(struct.pack('<100f', *[max(k - 5, 0) + (k > 5) for k in range(100)]))
	EOF
	tar cf in.tar w*.npy
	tmo-cluster -c 3 <in.tar 2>err >out.tar
	[ "$(grep -c 'were 0 and are not now' err)" -eq 10 ]
	[ "$(tail -n 1 err)" = 'tmo-cluster: 3 more such lines; -v shows all' ]
	tmo-cluster -v -c 3 <in.tar 2>err >out.tar
	[ "$(grep -c 'were 0 and are not now' err)" -eq 13 ]
	run ! grep -q 'more such' err
}

@test "cluster: few different values are kept exactly" {
	mkstream a:f4:40x40:normal b:f8:40x40:normal c:f2:30x40:normal d:f4:9x9:ones |
		tmo-quant -q --bits 4 -g tensor | tmo-decode >in.tar
	tmo-cluster --clusters 16 <in.tar >out.tar
	tmo-eval -q --reference in.tar --require 'max_abs_error=0' <out.tar >copy.tar
	member out.tar tensors/c/tensor.yaml | grep -qx 'bits: 4'
	member out.tar tensors/d/tensor.yaml | grep -qx 'bits: 1'
}

@test "cluster: codes are u8 up to 256 values, u16 beyond" {
	mkstream a:f4:50x60:normal >in.tar
	tmo-cluster --clusters 256 <in.tar >out.tar
	member out.tar tensors/a/codes.npy | head -c 128 | grep -aq '|u1'
	member out.tar tensors/a/tensor.yaml | grep -qx 'bits: 8'
	tmo-cluster --clusters 257 <in.tar >out.tar
	member out.tar tensors/a/codes.npy | head -c 128 | grep -aq '<u2'
	member out.tar tensors/a/tensor.yaml | grep -qx 'bits: 9'
	# 65,536 are enough for each of 3,000 to stay what it is.
	tmo-cluster --clusters 65536 <in.tar | tmo-eval -q --reference in.tar --require 'max_abs_error=0' >copy
	# Few values: u8 whatever was allowed.
	mkstream a:f4:50x60:normal | tmo-quant -q --bits 4 -g tensor | tmo-decode >in.tar
	tmo-cluster --clusters 1000 <in.tar >out.tar
	member out.tar tensors/a/codes.npy | head -c 128 | grep -aq '|u1'
}

@test "cluster: one outlier costs the others nothing" {
	python3 - <<-'EOF'
		import struct
		v = [1e30] + [((i * 7919) % 1009) / 1009 for i in range(99)]
		head = "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 10), }".ljust(117) + '\n'
		with open('w.npy', 'wb') as f:
		    f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode() + struct.pack('<100f', *v))
	EOF
	tar cf in.tar w.npy
	tmo-cluster --clusters 8 <in.tar | tmo-decode >out.tar
	paste <(values in.tar w.npy) <(values out.tar tensors/w.npy) |
		awk '{ d = $1 - $2; if (d > .1 || d < -.1) exit 1 }'
}

@test "cluster: a quantized tensor is decoded first, and said so" {
	mkstream a:f4:10x12:normal >in.tar
	tmo-quant --bits 8 <in.tar >quant.tar
	tmo-decode <quant.tar >plain.tar
	tmo-cluster -v --clusters 6 <quant.tar 2>err >out.tar
	grep -q 'tensors/a: decoded first' err
	check out.tar plain.tar 6
}

@test "cluster: NaN and infinity are refused, with their index" {
	mkstream a:f4:3x4:normal b:f4:3x4:nan >in.tar
	fails 1 'tmo-cluster: tensors/b: NaN at index 0, ' tmo-cluster <in.tar
	run ! tar tf out
	mkstream b:f8:3x4:inf >in.tar
	fails 1 'tmo-cluster: tensors/b: inf at index 0, ' tmo-cluster -g channel <in.tar
}

@test "cluster: numbers of clusters that make no sense are wrong usage" {
	for n in 0 1 65537 x 2.5 -3; do
		fails 2 'clusters' tmo-cluster --clusters=$n </dev/null
	done
	fails 2 'granularity' tmo-cluster --granularity row </dev/null
}

@test "cluster: threads change no byte" {
	mkstream a:f4:400x500:normal b:f4:64x100:sparse c:f8:100x50:normal >in.tar
	for k in 16 300; do
		for g in tensor channel; do
			for j in 1 2 7; do
				tmo-cluster -j$j --clusters $k --granularity $g <in.tar >$j.tar
			done
			cmp 1.tar 2.tar
			cmp 1.tar 7.tar
		done
	done
}

@test "cluster: empty tensors pass, empty channels too" {
	mkstream a:f4:0x5:normal b:f4:5x0:normal c:f4:3x4:normal >in.tar
	for g in tensor channel; do
		tmo-cluster -v -g $g <in.tar 2>err >out.tar
		[ "$(grep -c 'no elements' err)" -eq 2 ]
		tmo-eval -q --reference in.tar --require 'max_abs_error=0' <out.tar >copy
	done
}

@test "cluster: memory stays under 8 times the largest tensor and 32 MiB" {
	if sanitized; then skip "sanitizers need memory of their own"; fi
	mkstream a:f4:2000x1500:normal b:f4:2000x1500:normal >in.tar
	python3 - <<-'EOF'
		import resource, subprocess
		with open('in.tar') as stream, open('/dev/null', 'w') as out:
		    subprocess.run(['tmo-cluster', '--clusters', '16'], stdin=stream, stdout=out, check=True)
		peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
		assert peak < 8 * 3000000 * 4 / 1024 + 32768, peak
	EOF
}

# groups STREAM REFERENCE CLUSTERS N AXIS: groups of N along the axis have the optimal values each.
groups() {
	PYTHONPATH=$root/tests/helper python3 - "$@" <<-'EOF'
		import collections, math, sys
		import streams

		def least(v, k):
		    v = sorted(v)
		    n = len(v)
		    mean = lambda i, j: math.fsum(v[i:j]) / (j - i)
		    cost = [[math.fsum((x - mean(i, j)) ** 2 for x in v[i:j]) if i < j else 0.0
		             for j in range(n + 1)] for i in range(n + 1)]
		    best = [cost[0][j] for j in range(n + 1)]
		    for _ in range(k - 1):
		        best = [min([best[j]] + [best[i] + cost[i][j] for i in range(j)])
		                for j in range(n + 1)]
		    return best[n]

		out, reference = streams.load(sys.argv[1]), streams.load(sys.argv[2])
		clusters, size, axis = map(int, sys.argv[3:])
		for name, t in out.items():
		    stride = math.prod(t.shape[axis + 1:])
		    blocks = -(-t.shape[axis] // size)
		    shape = t.shape[:axis] + [blocks] + t.shape[axis + 1:]
		    assert t.codebook.shape[:-1] == shape, (name, t.codebook.shape, shape)
		    where = collections.defaultdict(list)
		    for i in range(len(t.values)):
		        along = i // stride % t.shape[axis]
		        where[i // stride // t.shape[axis], along // size, i % stride].append(i)
		    for places in where.values():
		        x = [reference[name].values[i] for i in places]
		        got = [t.values[i] for i in places]
		        assert len(set(got)) <= clusters
		        error = math.fsum((a - b) ** 2 for a, b in zip(x, got))
		        assert error <= least(x, clusters) * (1 + 1e-6) + 1e-12, (name, places)
	EOF
}

@test "cluster: groups along the input axis" {
	local n
	mkstream a:f4:12x20:normal b:f4:3x10x2x3:normal c:f8:5x18:normal >in.tar
	for n in 4 7 9; do
		tmo-cluster -v --clusters 3 --granularity group:$n <in.tar 2>err >out.tar
		grep -q 'tensors/a: 3 values a group, 2 bits' err
		groups out.tar in.tar 3 $n 1
		member out.tar tensors/b/tensor.yaml | grep -q "^block: \[1, $n, 1, 1\]"
	done
	# One group of all needs no block.
	tmo-cluster --clusters 3 -g group:99 <in.tar >out.tar
	groups out.tar in.tar 3 99 1
	run -1 grep -aq block out.tar
	# Groups of one, with a codebook each, would be larger than the weights: channels.
	tmo-cluster -v --clusters 3 -g group:1 <in.tar >out.tar 2>err
	grep -q 'tensors/a: 3 values a channel, 2 bits; groups would take more room' err
	tmo-cluster --clusters 3 -g channel <in.tar >channels.tar
	cmp <(member channels.tar tensors/a/codebook.npy) <(member out.tar tensors/a/codebook.npy)
	# What a codebook holds counts, not what it could.
	mkstream z:f4:8x6:zeros >zeros.tar
	tmo-cluster -v --clusters 200 -g channel <zeros.tar 2>err >out.tar
	grep -q 'tensors/z: 1 values a channel' err
	# The output axis moves the input axis.
	tmo-cluster --clusters 3 -g group:4 --axis 1 --only a <in.tar >out.tar
	tar --delete -f out.tar tensors/b.npy tensors/c.npy
	groups out.tar in.tar 3 4 0
	# Rank 1 has no input axis, rank 0 no axis at all.
	mkstream v:f4:30:normal s:f4:-:normal >in.tar
	tmo-cluster -v --only '*' -g group:4 --clusters 3 <in.tar 2>err >out.tar
	grep -q 'tensors/v: .*channels would take more room' err
	tmo-cluster -v --only '*' -g channel --clusters 3 <in.tar 2>err >out.tar
	grep -q 'tensors/s: left as it is: codes and codebook would take more room' err
}

@test "cluster: groups pass through decode, pack, eval and quant" {
	mkstream a:f4:12x40:normal b:f4:3x20x2x3:sparse >in.tar
	tmo-cluster --clusters 5 --granularity group:16 <in.tar >out.tar
	tmo-pack <out.tar | tmo-unpack >back.tar
	cmp out.tar back.tar
	tmo-eval -q --reference <(tmo-decode <out.tar) --require max_abs_error=0 <out.tar >copy
	PYTHONPATH=$root/tests/helper python3 - <<-'EOF'
		import subprocess, streams
		plain = open('plain.tar', 'wb')
		subprocess.run(['tmo-decode', 'out.tar'], stdout=plain, check=True)
		plain.close()
		ours, theirs = streams.load('plain.tar'), streams.load('out.tar')
		for name in ours:
		    assert ours[name].values == theirs[name].values, name
	EOF
	for g in tensor channel; do
		tmo-quant --bits 8 -g $g <out.tar >quant.tar
		member quant.tar tensors/a/tensor.yaml | grep -q '^block: \[1, 16\]'
		member quant.tar tensors/a/codebook.npy | head -c 128 | grep -aq '|i1'
		tmo-eval -q --reference out.tar --require 'max_abs_error<=0.02' <quant.tar >copy
		tmo-pack <quant.tar | tmo-unpack | cmp - quant.tar
	done
}
