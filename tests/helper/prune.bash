# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# prune.bash: what the tests of tmo-prune share.

# nonzero STREAM NAME: how many elements of the tensor are not 0.
nonzero() {
	values "$1" "tensors/$2.npy" | awk '$1 != 0 { n++ } END { print n + 0 }'
}
