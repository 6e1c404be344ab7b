/* SPDX-License-Identifier: Apache-2.0 */
/* source_tree.h: a tmo that was built but not installed has its pipelines and pages where they are written. */
#ifndef SOURCE_TREE_H
#define SOURCE_TREE_H

/* The folder of tmo's sources if the running program lies in its build/bin, else NULL. The caller frees. */
char *driver_source_tree(void);

#endif
