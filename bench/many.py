# SPDX-License-Identifier: Apache-2.0
"""many.py COUNT >stream: that many tensors of 100 weights."""
import os
import struct
import sys

import material

out = os.fdopen(1, "wb")
for i in range(int(sys.argv[1])):
    data = material.npy_header((10, 10)) + struct.pack("<100f", *(
        ((i * 100 + j) * 2654435761 % 65521) / 65521 - .5 for j in range(100)))
    out.write(material.header("tensors/w%05d.npy" % i, len(data)) + data)
    out.write(bytes(-len(data) % material.BLOCK))
out.write(bytes(2 * material.BLOCK))
out.close()
