# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# cluster.bash: what the tests of tmo-cluster share.

# check STREAM REFERENCE [CLUSTERS]: every clustered tensor of STREAM decodes to the partition of
# least squared error of REFERENCE's, by dynamic programming anew; each weight has the nearest value.
check() {
	PYTHONPATH=$root/tests/helper python3 - "$@" <<-'EOF'
		import math, sys
		import streams

		def least(values, k):
		    """The least squared error of k clusters."""
		    v = sorted(values)
		    n = len(v)
		    s, q = [0.0], [0.0]
		    for x in v:
		        s.append(s[-1] + x)
		        q.append(q[-1] + x * x)
		    cost = lambda i, j: max(0.0, q[j] - q[i] - (s[j] - s[i]) ** 2 / (j - i))
		    best = [0.0] + [cost(0, j) for j in range(1, n + 1)]
		    for _ in range(k - 1):
		        best = [0.0] + [min(best[i] + cost(i, j) for i in range(j)) for j in range(1, n + 1)]
		    return best[n]

		out, reference = streams.load(sys.argv[1]), streams.load(sys.argv[2])
		clusters = int(sys.argv[3])
		checked = 0
		for name, t in out.items():
		    if not t.codebook:
		        continue
		    channels = t.codebook.shape[0]
		    k = t.codebook.shape[-1]
		    per = len(t.values) // channels
		    for c in range(channels):
		        book = t.codebook.values[c * k:(c + 1) * k]
		        x = reference[name].values[c * per:(c + 1) * per]
		        got = t.values[c * per:(c + 1) * per]
		        assert book == sorted(book), 'codebook in order'
		        used = set(t.codes.values[c * per:(c + 1) * per])
		        n = max(used) + 1
		        assert used == set(range(n)), 'an unused value'
		        assert len(set(book[:n])) == n and set(book[n:]) <= {book[n - 1]}, 'padding'
		        for a, b in zip(x, got):
		            assert abs(a - b) == min(abs(a - v) for v in book), 'not the nearest'
		        error = math.fsum((a - b) ** 2 for a, b in zip(x, got))
		        wanted = least(x, min(clusters, len(set(x))))
		        assert error <= wanted * (1 + 1e-6) + 1e-12, (name, c, error, wanted)
		        checked += 1
		assert checked, 'nothing was clustered'
	EOF
}
