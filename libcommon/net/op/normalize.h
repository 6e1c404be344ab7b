/* SPDX-License-Identifier: Apache-2.0 */
/* normalize.h: which normalization it is. */
#ifndef TMO_NORMALIZE_H
#define TMO_NORMALIZE_H

enum tmo_normalization {
	/* of the elements from an axis on */
	TMO_LAYER_NORM, TMO_RMS_NORM, TMO_SIMPLIFIED_LAYER_NORM, TMO_SKIP_LAYER_NORM, TMO_SKIP_SIMPLIFIED_LAYER_NORM,
	/* of pictures */
	TMO_INSTANCE_NORM,
	TMO_GROUP_NORM_18,		/* scale and bias of each group */
	TMO_GROUP_NORM,			/* of each channel */
	/* along some axes, without a scale */
	TMO_MEAN_VARIANCE_NORM, TMO_LP_NORM
};

#endif
