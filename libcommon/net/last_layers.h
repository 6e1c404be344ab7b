/* SPDX-License-Identifier: Apache-2.0 */
/* last_layers.h: which layers give results of the network without another layer between. */
#ifndef TMO_LAST_LAYERS_H
#define TMO_LAST_LAYERS_H

#include "net/uses.h"

/* Fills is_last of all uses, whose layers are known. */
int tmo_net_last_layers(const struct tmo_net *net, struct tmo_uses *uses, struct tmo_error *err);

#endif
