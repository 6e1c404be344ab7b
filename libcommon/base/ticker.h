/* SPDX-License-Identifier: Apache-2.0 */
/* ticker.h: something that is done again and again while a program works on something else. */
#ifndef TMO_TICKER_H
#define TMO_TICKER_H

struct tmo_ticker;
/*
 * Calls tick(arg) every so many seconds, in a thread of its own, which takes no signals. NULL if there
 * is no thread to be had: then it is not called.
 */
struct tmo_ticker *tmo_ticker_start(double seconds, void (*tick)(void *arg), void *arg);
/* Afterwards tick does not run and will not be called. Frees; NULL is fine. */
void tmo_ticker_stop(struct tmo_ticker *t);

#endif
