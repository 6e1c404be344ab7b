# SPDX-License-Identifier: Apache-2.0
# tmo-cluster --start, --iterations, --seed: what is not the optimum.
load helper
load helper/cluster

@test "cluster: starts and Lloyd's algorithm, against slow arithmetic" { unit init; }

@test "cluster: the starts' numbers that tfmot publishes" {
	python3 "$root/tests/helper/starts.py" "$root/tests/vectors/cluster.txt"
}

@test "cluster: Lloyd's algorithm goes on until nothing changes, and each step is none worse" {
	mkstream a:f4:30x40:normal c:f8:20x30:normal >in.tar
	PYTHONPATH=$root/tests/helper python3 - <<-'EOF'
		import math, subprocess
		import streams

		def made(*options):
		    subprocess.run(['tmo-cluster', '-c', '9', *options, '-o', 'out.tar', 'in.tar'], check=True)
		    return streams.load('out.tar')

		def error(name, out):
		    return math.fsum((a - b) ** 2 for a, b in zip(reference[name].values, out[name].values))

		def same(one, other):
		    return all(one[n].codes.raw == other[n].codes.raw and
		               one[n].codebook.raw == other[n].codebook.raw for n in reference)

		def settled(x, t):
		    """Each value is the mean of the weights that have it, each weight has the nearest."""
		    book = t.codebook.values
		    assert book == sorted(set(book))
		    for a, b in zip(x, t.values):
		        assert abs(a - b) == min(abs(a - v) for v in book), 'not the nearest'
		    for code, value in enumerate(book):
		        mine = [a for a, c in zip(x, t.codes.values) if c == code]
		        assert abs(math.fsum(mine) / len(mine) - value) <= 1e-6 * max(abs(value), 1e-3)

		reference = streams.load('in.tar')
		best = made()
		assert same(best, made('--steps', '0')), 'the optimum is settled already'
		for init in 'kmeans++', 'density', 'linear', 'random':
		    last = made('--init', init)
		    before = dict.fromkeys(reference, math.inf)
		    for steps in '0', '1', '3', '1000':
		        out = made('--init', init, '--steps', steps)
		        for name in reference:
		            assert error(name, out) <= before[name] * (1 + 1e-6), (init, name, steps)
		            before[name] = error(name, out)
		    assert same(out, last), init
		    for name in reference:
		        settled(reference[name].values, last[name])
		        assert before[name] >= error(name, best) * (1 - 1e-6), (init, name)
	EOF
}

@test "cluster: seeds, and each tensor its own random numbers" {
	mkstream a:f4:30x40:normal | tar xO tensors/a.npy >one.npy
	cp one.npy other.npy
	tar cf two.tar one.npy other.npy
	book() { tmo-cluster --steps 0 "$@" <two.tar >out.tar && member out.tar "tensors/$name/codebook.npy"; }
	name=one
	for init in random kmeans++; do
		book --init $init >first
		book --init $init --seed 9 >again
		cmp first again
		book --init $init --seed 10 >second
		run -1 cmp -s first second
	done
	# Names make a difference to random numbers; tfmot's k-means++ starts each tensor alike.
	book --init kmeans++ >first
	name=other
	book --init kmeans++ >second
	cmp first second
	book --init random >second
	name=one
	book --init random >first
	run -1 cmp -s first second
	# So do channels.
	python3 - <<-'EOF'
		import struct
		head = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 50), }".ljust(117) + '\n'
		v = [((i * 7919) % 1009) / 17 for i in range(50)] * 2
		with open('w.npy', 'wb') as f:
		    f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode() + struct.pack('<100f', *v))
	EOF
	tar cf w.tar w.npy
	tmo-cluster -g channel -c 4 --init random --steps 0 <w.tar >out.tar
	member out.tar tensors/w/codebook.npy | tail -c +129 >books
	run -1 cmp -s <(head -c $(($(wc -c <books) / 2)) books) <(tail -c $(($(wc -c <books) / 2)) books)
}

@test "cluster: a tensor of few different values is kept exactly, whatever the start" {
	local init
	mkstream a:f4:4x4:ramp b:f8:4x4:ramp d:f4:9x9:ones z:f4:9x9:zeros >in.tar
	for init in optimal kmeans++ density linear random; do
		for steps in 0 100; do
			tmo-cluster --init $init --steps $steps --clusters 16 <in.tar |
				tmo-eval -q --reference in.tar --require 'max_abs_error=0' >copy
		done
		tmo-cluster --init $init --clusters 2 <in.tar >out.tar
	done
}

@test "cluster: zeros are kept from every start" {
	local init
	mkstream a:f4:20x30:sparse b:f8:20x30:sparse >in.tar
	for init in kmeans++ density linear random; do
		for clusters in 2 3 9; do
			tmo-cluster --init $init --clusters $clusters -o $init-$clusters.tar in.tar
		done
	done
	PYTHONPATH=$root/tests/helper python3 - <<-'EOF'
		import glob
		import streams
		reference = streams.load('in.tar')
		for path in glob.glob('*-*.tar'):
		    for name, t in streams.load(path).items():
		        assert [v == 0 for v in t.values] == [v == 0 for v in reference[name].values], path
		        assert t.codebook.count <= int(path[-5]), path
	EOF
}

@test "cluster: starts, steps, seeds and groups that make no sense are wrong usage" {
	fails 2 'init' tmo-cluster --init kmeans </dev/null
	for n in -1 x 1.5; do
		fails 2 'steps' tmo-cluster --steps=$n </dev/null
		fails 2 'seed' tmo-cluster --seed=$n </dev/null
		fails 2 'granularity' tmo-cluster --granularity group:$n </dev/null
	done
	fails 2 'granularity' tmo-cluster --granularity group:0 </dev/null
	fails 2 'granularity' tmo-cluster --granularity group </dev/null
}

@test "cluster: threads change no byte, whatever the start" {
	mkstream a:f4:200x300:normal b:f4:64x20x3x3:sparse c:f8:100x50:normal >in.tar
	mkstream a:f4:200x300:ramp b:f4:64x20x3x3:ramp c:f8:100x50:ramp >i.tar
	for how in '--init kmeans++' '--init density -g channel' '--init random -g group:8' \
		'--init linear --clusters 300' '-g group:32' '--init kmeans++ -g channel' \
		'--importance i.tar' '--importance i.tar --clusters 300' '--importance i.tar -g group:32'; do
		for j in 1 2 7; do
			# shellcheck disable=SC2086  # words
			tmo-cluster -j$j $how <in.tar >$j.tar
		done
		cmp 1.tar 2.tar
		cmp 1.tar 7.tar
	done
}

@test "cluster: other starts stay under 8 times the largest tensor and 32 MiB, importances 10" {
	if sanitized; then skip "sanitizers need memory of their own"; fi
	mkstream a:f4:2000x1500:normal b:f4:2000x1500:normal >in.tar
	mkstream a:f4:2000x1500:ramp b:f4:2000x1500:ramp >i.tar
	for how in '8 --init kmeans++ --clusters 4' '8 --init density' '8 --granularity group:8' \
		'8 --granularity group:1 --only a' '10 --importance i.tar'; do
		# shellcheck disable=SC2086  # words
		python3 - $how <<-'EOF'
			import resource, subprocess, sys
			with open('in.tar') as stream, open('/dev/null', 'w') as out:
			    subprocess.run(['tmo-cluster', *sys.argv[2:]], stdin=stream, stdout=out, check=True)
			peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
			assert peak < int(sys.argv[1]) * 3000000 * 4 / 1024 + 32768, peak
		EOF
	done
}
