/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.h: tmo_main for our own programs: with what makes a network of the stream's graph, or without,
 * so that a program that looks at no network links no library that reads one.
 */
#ifndef TMO_MAIN_H
#define TMO_MAIN_H

#include "net/net.h"

/* Such as tmo_onnx_network. */
typedef struct tmo_net *tmo_network_fn(const void *graph, size_t bytes, struct tmo_error *err);

/* network NULL: none is looked at; the filter must not select tensors (TMO_NO_SELECTION). */
int tmo_main_with(const struct tmo_filter *filter, int abi, tmo_network_fn *network, int argc,
                  char **argv);

#endif
