# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# quant.bash: what the tests of tmo-quant share.

# shape STREAM NAME.npy: the array's shape, as its header has it.
shape() {
	member "$1" "$2" | head -c 128 | tr '\0' ' ' | sed -n "s/.*'shape': \(([^)]*)\).*/\1/p"
}

# floats f|d VALUE...: a .npy of one row.
floats() {
	python3 -c 'import struct, sys
w = [float(x) for x in sys.argv[2:]]
size = struct.calcsize(sys.argv[1])
head = "{\x27descr\x27: \x27<f%d\x27, \x27fortran_order\x27: False, \x27shape\x27: (1, %d), }" % (size, len(w))
sys.stdout.buffer.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + head.ljust(117).encode() + b"\n" +
                        struct.pack("<%d%s" % (len(w), sys.argv[1]), *w))' "$@"
}

# Python with tests/helper's weights.py.
python() {
	PYTHONPATH=$root/tests/helper python3 -
}
