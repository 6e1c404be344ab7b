/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "model_metadata.h"

int
info_add_model_metadata(struct info_contents *c, const Onnx__ModelProto *model, struct tmo_error *err)
{
	TMO_ONNX_EACH(Onnx__StringStringEntryProto, e, model, metadata_props)
		if (info_add_metadata(c, tmo_onnx_text((*e)->key), strlen(tmo_onnx_text((*e)->value)), err) < 0)
			return -1;
	return 0;
}
