/* SPDX-License-Identifier: Apache-2.0 */
/* main_abi.c: tmo_main as tmo.h has it: with the networks of all formats. */
#include "formats/onnx/onnx_network.h"
#include "run/main.h"

int
tmo_main_abi(const struct tmo_filter *filter, int abi, int argc, char **argv)
{
	return tmo_main_with(filter, abi, tmo_onnx_network, argc, argv);
}

/*
 * What tmo_main was before it was a macro, for programs that were built then: libtmo.so.0's, and
 * object files that are linked with a newer libtmo.
 */
#undef tmo_main
__attribute__((visibility("default"))) int tmo_main(const struct tmo_filter *, int, char **);
int
tmo_main(const struct tmo_filter *filter, int argc, char **argv)
{
	return tmo_main_with(filter, 0, NULL, argc, argv);	/* refuses */
}
