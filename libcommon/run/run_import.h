/* SPDX-License-Identifier: Apache-2.0 */
/* run_import.h: an importer (formats/import.h) as what a program does. */
#ifndef TMO_RUN_IMPORT_H
#define TMO_RUN_IMPORT_H

#include "formats/import.h"
#include "run/run.h"

/*
 * Fills *model with the run's input, and hooks that make its notes and move its progress bar. An input that
 * is known not to be of that format fails, with what it is and what to do (stream/recognize.h). folder:
 * of files that the model names (--dir), NULL: its own. seekable: a pipe is copied, so that fd can seek.
 */
int tmo_run_import(struct tmo_run *run, const char *format, const char *folder, bool seekable,
                   struct tmo_import *model, struct tmo_error *err);

#endif
