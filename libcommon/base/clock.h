/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h: how long something takes. */
#ifndef TMO_CLOCK_H
#define TMO_CLOCK_H

/* Seconds of a clock that only goes forward, from some moment on. */
double tmo_seconds(void);

#endif
