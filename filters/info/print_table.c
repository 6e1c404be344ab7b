/* SPDX-License-Identifier: Apache-2.0 */
/* print_table.c: a line for each tensor. Only its name and what uses it are cut where room is scarce. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cut_text.h"
#include "base/memory.h"
#include "print.h"
#include "stream/member_name.h"
#include "tensor/tensor.h"

#define CELL 64			/* bytes of any cell but name and use */
#define NAME_MIN 12		/* columns that a name keeps beside other cells, however wide they are */
#define USE_MIN 6
#define NODE_MIN 6		/* of a node's name, or it is left out */
#define USE_SHARE 3		/* a third of what is left for names goes to what uses them, at least */

enum column { SHAPE, TYPE, STORED, BYTES, SHARE, COLUMNS };

static const struct {
	const char *title;
	bool left;
} columns_of[COLUMNS] = {
	[SHAPE] = { "shape", true }, [TYPE] = { "type", true }, [STORED] = { "stored", true },
	[BYTES] = { "bytes", false }, [SHARE] = { "share", false },
};

/* t NULL: the titles. */
static void
cell(const struct info_contents *c, const struct info_tensor *t, enum column column, char *text)
{
	if (t == NULL) {
		snprintf(text, CELL, "%s", columns_of[column].title);
		return;
	}
	switch (column) {
	case SHAPE:
		tmo_shape_short(t->rank, t->shape, text, CELL);
		break;
	case TYPE:
		snprintf(text, CELL, "%s", t->type);
		break;
	case STORED:
		snprintf(text, CELL, "%s", t->stored);
		break;
	case BYTES:
		snprintf(text, CELL, "%" PRIu64, t->bytes);
		break;
	default:
		snprintf(text, CELL, "%.1f%%",
		         c->bytes > 0 ? 100 * (double)t->bytes / (double)c->bytes : 0.0);
	}
}

/* "a,b": some strings. */
static int
join(char *const *word, size_t count, struct tmo_buffer *text, struct tmo_error *err)
{
	int status = tmo_buffer_printf(text, err, "%s", "");

	for (size_t i = 0; i < count && status == 0; i++)
		status = tmo_buffer_printf(text, err, "%s%s", i > 0 ? "," : "", word[i]);
	return status;
}

/* Text as long as it is (room 0), or cut and, but for the last cell of a line, padded. */
static int
put_fitted(const char *text, size_t room, size_t head, bool pad, struct tmo_buffer *out,
           struct tmo_error *err)
{
	char fitted[1024];
	size_t has;

	tmo_text_fit(text, room > 0 ? room : sizeof(fitted), head, fitted, sizeof(fitted));
	has = tmo_text_columns(fitted);
	return tmo_buffer_printf(out, err, "%s%*s", fitted, pad && has < room ? (int)(room - has) : 0, "");
}

struct table {
	const struct info_contents *c;
	char **name;			/* owned, as they are shown: one for each tensor */
	size_t cell[COLUMNS], name_width, use_width;	/* use_width 0: as long as it is */
	size_t head;			/* where names are cut */
};

/* "Conv /encoder/conv1": operators that use it, and those nodes of them that have names, if there is room. */
static int
put_use(const struct info_contents *c, const struct info_tensor *t, size_t room, struct tmo_buffer *out,
        struct tmo_error *err)
{
	const struct tmo_use *const use = tmo_uses_find(&c->uses, t->name);
	struct tmo_buffer ops = { 0 }, nodes = { 0 };
	size_t used;
	int status = -1;

	if (use == NULL || use->op_count == 0)
		return 0;
	if (join(use->ops, use->op_count, &ops, err) < 0 ||
	    join(use->nodes, use->node_count, &nodes, err) < 0 ||
	    tmo_buffer_append(out, " ", 1, err) < 0 ||
	    put_fitted((const char *)ops.data, room, TMO_CUT_MIDDLE, false, out, err) < 0)
		goto out;
	used = tmo_text_columns((const char *)ops.data) + 1;
	status = 0;
	if (nodes.size > 0 && (room == 0 || used + NODE_MIN <= room)) {
		status = tmo_buffer_append(out, " ", 1, err);
		if (status == 0)
			status = put_fitted((const char *)nodes.data, room > 0 ? room - used : 0,
			                    TMO_CUT_MIDDLE, false, out, err);
	}
out:
	tmo_buffer_free(&ops);
	tmo_buffer_free(&nodes);
	return status;
}

/* i: of a tensor; c->tensor_count: the titles. */
static int
put_row(const struct table *table, size_t i, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct info_contents *const c = table->c;
	const struct info_tensor *const t = i < c->tensor_count ? &c->tensor[i] : NULL;
	char text[CELL];
	int status = put_fitted(t != NULL ? table->name[i] : "tensor", table->name_width, table->head, true,
	                        out, err);

	for (enum column k = 0; k < COLUMNS && status == 0; k++) {
		cell(c, t, k, text);
		status = tmo_buffer_printf(out, err, columns_of[k].left ? " %-*s" : " %*s",
		                           (int)table->cell[k], text);
	}
	if (status == 0 && c->net != NULL)
		status = t != NULL ? put_use(c, t, table->use_width, out, err) :
		                     tmo_buffer_printf(out, err, " used by");
	return status == 0 ? tmo_buffer_append(out, "\n", 1, err) : -1;
}

/* How wide each column is if there is room without end. */
static void
measure(struct table *table)
{
	const struct info_contents *const c = table->c;
	char text[CELL];

	table->name_width = strlen("tensor");
	for (size_t i = 0; i <= c->tensor_count; i++) {
		const struct info_tensor *const t = i < c->tensor_count ? &c->tensor[i] : NULL;

		if (t != NULL && tmo_text_columns(table->name[i]) > table->name_width)
			table->name_width = tmo_text_columns(table->name[i]);
		for (enum column k = 0; k < COLUMNS; k++) {
			cell(c, t, k, text);
			if (strlen(text) > table->cell[k])
				table->cell[k] = strlen(text);
		}
	}
}

/* Has names and uses share what the other columns leave. */
static int
squeeze(struct table *table, size_t columns, struct tmo_error *err)
{
	const bool used = table->c->net != NULL;
	size_t left, same, taken = 0;

	for (enum column k = 0; k < COLUMNS; k++)
		taken += table->cell[k] + 1;
	left = columns > taken + NAME_MIN ? columns - taken : NAME_MIN;
	if (used)
		left -= left / USE_SHARE + 1;
	if (table->name_width > left)
		table->name_width = left;
	if (used)
		table->use_width = columns > taken + table->name_width + USE_MIN ?
		                   columns - taken - table->name_width - 1 : USE_MIN;
	return tmo_text_choose_cut((const char *const *)table->name, table->c->tensor_count,
	                           table->name_width, &table->head, &same, err);
}

int
info_print_table(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
                 struct tmo_error *err)
{
	struct table table = { .c = c, .name = tmo_alloc(c->tensor_count, sizeof(char *), err) };
	int status = table.name != NULL ? 0 : -1;

	for (size_t i = 0; i < c->tensor_count && status == 0; i++) {
		table.name[i] = tmo_name_shown(c->tensor[i].name, err);
		status = table.name[i] != NULL ? 0 : -1;
	}
	if (status == 0) {
		measure(&table);
		if (columns > 0)
			status = squeeze(&table, columns, err);
	}
	if (status == 0)
		status = tmo_buffer_append(out, "\n", 1, err);
	if (status == 0)
		status = put_row(&table, c->tensor_count, out, err);
	for (size_t i = 0; i < c->tensor_count && status == 0; i++)
		status = put_row(&table, i, out, err);
	for (size_t i = 0; table.name != NULL && i < c->tensor_count; i++)
		free(table.name[i]);
	free(table.name);
	return status;
}
