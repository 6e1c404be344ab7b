# SPDX-License-Identifier: Apache-2.0
# Two stages, one after the other: the second may not spoil in silence what the first one did.
load helper

# weights: two tensors, one with a few weights far from all others.
weights() {
	mkdir tensors
	python3 - <<-'EOF'
		import random
		import struct
		random.seed(5)
		def npy(name, rows, columns, values):
		    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (rows, columns)).ljust(117) + '\n'
		    with open(name, 'wb') as f:
		        f.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + head.encode())
		        f.write(struct.pack('<%df' % len(values), *values))
		npy('tensors/even.npy', 24, 40, [random.gauss(0, 1) for i in range(960)])
		npy('tensors/far.npy', 16, 64, [random.gauss(0, .01) * (100 if i % 97 == 0 else 1) for i in range(1024)])
	EOF
	tar cf in.tar tensors
}

@test "pairs: zeros, shared values, codes and error of each stage outlive each other, or it is said" {
	weights
	python3 "$root/tests/helper/pairs.py" in.tar "$root/tests/vectors/stage_pairs.txt"
}

@test "pairs: what is lost is said, and nothing else" {
	weights
	says() { # PATTERN FIRST SECOND
		sh -c "tmo-$2 <in.tar" 2>/dev/null >first
		sh -c "tmo-$3 <first" 2>err >second
		if [ -z "$1" ]; then [ ! -s err ]; else grep -q "tmo-.*: tensors/even: .*$1" err; fi ||
			{ echo "$2 | $3:"; cat err; return 1; }
	}
	says 'had codes of 8 bits, and is plain now; put tmo-prune before' quant 'prune --keep-at-least 0.2'
	says 'had codes of 4 bits, and is plain now; put tmo-prune before' cluster 'prune --keep-at-least 0.2'
	says 'had codes of 16 bits, and is plain now' 'quant -t bf16' 'prune --keep-at-least 0.2'
	says 'its shared values are gone, other codes' 'cluster -c 32' 'quant -t ternary'
	says 'its shared values are gone, other codes' 'cluster -c 32' 'quant -t nf4'
	says '96 of 960 weights were 0 and are not now' 'prune -s 0.1' 'cluster -c 6'
	says '' 'cluster -c 32' 'quant --merge -t ternary --only even'
	says '' 'prune -s 0.1' 'cluster -c 6 --keep-zeros'
	says '' 'prune -s 0.5 --keep-at-least 0.2' cluster
	says '' cluster quant
	says '' 'quant -b 4' quant
	says '' quant decode
}
