/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_chart.c: a row's histograms as SVG. Heights are square roots, of counts as of errors, so
 * that the zeros of a pruned tensor do not press all else flat. Colours come from the page.
 */
#include <inttypes.h>
#include <math.h>

#include "report_markup.h"

#define WIDTH 440
#define LEFT 8
#define STEP ((WIDTH - 2 * LEFT) / (double)HISTOGRAM_BINS)
#define PLOT 110			/* height of the values' histogram */
#define STRIP 46			/* of each of the two below it */
#define SMALL 14			/* height of the picture in a line */

static double
largest(const uint64_t *counts)
{
	uint64_t most = 1;

	for (int i = 0; i < HISTOGRAM_BINS; i++)
		most = counts[i] > most ? counts[i] : most;
	return (double)most;
}

static double
largest_error(const double *errors)
{
	double most = 0;

	for (int i = 0; i < HISTOGRAM_BINS; i++)
		most = errors[i] > most ? errors[i] : most;
	return most;
}

/* The counts as a stair from the left to the right, closed along the ground at `bottom`. */
static int
put_stair(const char *class, const uint64_t *counts, double most, int bottom,
          struct tmo_buffer *out, struct tmo_error *err)
{
	if (tmo_buffer_printf(out, err, "<path class=\"%s\" d=\"M%d %d", class, LEFT, bottom) < 0)
		return -1;
	for (int i = 0; i < HISTOGRAM_BINS; i++)
		if (tmo_buffer_printf(out, err, "V%.1fH%.1f",
		                      bottom - PLOT * sqrt((double)counts[i] / most),
		                      LEFT + STEP * (i + 1)) < 0)
			return -1;
	return tmo_buffer_printf(out, err, "V%dZ\"/>\n", bottom);
}

/* A bar for each bin, those of no error left out. */
static int
put_bars(const double *errors, int bottom, struct tmo_buffer *out, struct tmo_error *err)
{
	const double most = largest_error(errors);

	if (tmo_buffer_printf(out, err, "<path class=\"error\" d=\"M%d %d", LEFT, bottom) < 0)
		return -1;
	for (int i = 0; most > 0 && i < HISTOGRAM_BINS; i++) {
		const double height = isinf(most) ? 0 : (STRIP - 22) * sqrt(errors[i] / most);

		if (height >= 0.05 &&
		    tmo_buffer_printf(out, err, "M%.1f %dv-%.1fh%.1fv%.1fz", LEFT + STEP * i + 0.5,
		                      bottom, height, STEP - 1, height) < 0)
			return -1;
	}
	return tmo_buffer_printf(out, err, "\"/>\n<path class=\"ground\" d=\"M%d %dH%d\"/>\n", LEFT,
	                         bottom, WIDTH - LEFT);
}

static int
put_label(int x, int y, const char *anchor, const char *text, struct tmo_buffer *out,
          struct tmo_error *err)
{
	return tmo_buffer_printf(out, err, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x,
	                         y, anchor, text);
}

/* The ground of the values' histogram with its ends and, if it is inside, zero. */
static int
put_axis(const struct histogram *h, int bottom, struct tmo_buffer *out, struct tmo_error *err)
{
	const double zero = LEFT + (WIDTH - 2 * LEFT) * (-h->low / (h->high - h->low));

	if (tmo_buffer_printf(out, err, "<path class=\"ground\" d=\"M%d %dH%d\"/>\n"
	                      "<text x=\"%d\" y=\"%d\">%.4g</text>\n"
	                      "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.4g</text>\n",
	                      LEFT, bottom, WIDTH - LEFT, LEFT, bottom + 14, h->low,
	                      WIDTH - LEFT, bottom + 14, h->high) < 0)
		return -1;
	if (!(zero > LEFT + 55 && zero < WIDTH - LEFT - 55))
		return 0;
	return tmo_buffer_printf(out, err, "<path class=\"ground\" d=\"M%.1f %dv5\"/>\n"
	                         "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">0</text>\n", zero,
	                         bottom, zero, bottom + 14);
}

int
eval_put_chart(const struct row *row, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct histogram *h = row->histogram;
	const bool errors = h->compared && row->difference.error > 0;
	const int bottom = 6 + PLOT, height = bottom + 22 + (errors ? 2 * STRIP + 6 : 0);
	double most = largest(h->after);

	if (h->compared && largest(h->before) > most)
		most = largest(h->before);
	if (tmo_buffer_printf(out, err, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Where the "
	                      "weights lie%s%s\">\n", WIDTH, height,
	                      h->compared ? ", before and after" : "",
	                      errors ? ", and where the errors do" : "") < 0)
		return -1;
	if (h->compared && put_stair("before", h->before, most, bottom, out, err) < 0)
		return -1;
	if (put_stair(h->compared ? "after" : "alone", h->after, most, bottom, out, err) < 0 ||
	    put_axis(h, bottom, out, err) < 0)
		return -1;
	if (errors && (put_label(LEFT, bottom + 22 + 13, "start", "squared error, by the weight's value",
	                         out, err) < 0 ||
	               put_bars(h->error, bottom + 22 + STRIP, out, err) < 0 ||
	               put_label(LEFT, bottom + 24 + STRIP + 13, "start",
	                         "squared error, by place: first rows left, last right", out, err) < 0 ||
	               put_bars(h->place, bottom + 24 + 2 * STRIP, out, err) < 0))
		return -1;
	return tmo_buffer_printf(out, err, "</svg>\n");
}

/* The counts as steps one wide and as high as SMALL at most. */
static int
put_small_stair(const char *class, const uint64_t *counts, double most, struct tmo_buffer *out,
                struct tmo_error *err)
{
	if (tmo_buffer_printf(out, err, "<path class=\"%s\" d=\"M0 %d", class, SMALL) < 0)
		return -1;
	for (int i = 0; i < HISTOGRAM_BINS; i++)
		if (tmo_buffer_printf(out, err, "V%.1fh1", SMALL * (1 - sqrt((double)counts[i] / most))) < 0)
			return -1;
	return tmo_buffer_printf(out, err, "V%dZ\"/>", SMALL);
}

int
eval_put_small_chart(const struct row *row, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct histogram *const h = row->histogram;
	double most = largest(h->after);

	if (h->compared && largest(h->before) > most)
		most = largest(h->before);
	if (tmo_buffer_printf(out, err, "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
	                      "aria-hidden=\"true\">", HISTOGRAM_BINS, SMALL) < 0 ||
	    (h->compared && put_small_stair("before", h->before, most, out, err) < 0) ||
	    put_small_stair(h->compared ? "after" : "alone", h->after, most, out, err) < 0)
		return -1;
	return tmo_buffer_printf(out, err, "</svg>");
}
