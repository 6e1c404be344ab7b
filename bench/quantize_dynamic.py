# SPDX-License-Identifier: Apache-2.0
"""quantize_dynamic.py IN OUT: what most people do today."""
import sys

from onnxruntime.quantization import QuantType, quantize_dynamic

quantize_dynamic(sys.argv[1], sys.argv[2], weight_type=QuantType.QInt8, per_channel=True,
                 op_types_to_quantize=["Conv", "MatMul", "Gemm"])
