/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tmo_put, tmo_pass, tmo_decode: what a filter does with the tensor at hand. Programs of others call
 * them, so they take nothing for granted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/string_map.h"
#include "run/run_state.h"
#include "tensor/encoding.h"

/* Whether t can be handed on now, by the function of that name. */
static int
check_turn(const struct tmo_run *run, const struct tmo_tensor *t, const char *function,
           struct tmo_error *err)
{
	if (run->filter->kind == TMO_SINK)
		return tmo_fail(err, "%s in a sink, which writes no stream; make tmo-%s a TMO_FILTER",
		                function, run->filter->name);
	if (run->scan != NULL)
		return tmo_fail(err, "%s in a scan, when nothing is written yet; call it in the filter's "
		                "own `tensor`", function);
	if (run->at_hand == NULL)
		return tmo_fail(err, "%s while no tensor is at hand; call it in the filter's `tensor`",
		                function);
	if (run->at_hand != t)
		return tmo_fail(err, "%s of another tensor than the one at hand; change that one",
		                function);
	if (run->handed_on)
		return tmo_fail(err, "%s of a tensor that has been handed on; do so once", function);
	return 0;
}

/* The same, and whether what t says of itself belongs together. */
static int
check_hand_on(struct tmo_run *run, const struct tmo_tensor *t, const char *function,
              struct tmo_error *err)
{
	struct tmo_error why = {0};

	if (check_turn(run, t, function, err) < 0)
		return -1;
	if (tmo_tensor_check(t, &why) < 0)
		/* What to do is for who wrote the program, not for who runs it. */
		return tmo_fail(err, "%s of what does not belong together: %.*s; correct tmo-%s",
		                function, (int)strcspn(why.text, ";"), why.text, run->filter->name);
	if (tmo_run_name_gone(run, t->name, err) < 0)
		return -1;
	run->handed_on = true;
	return 0;
}

int
tmo_run_name_gone(struct tmo_run *run, const char *name, struct tmo_error *err)
{
	bool added;

	if (run->names_gone == NULL && (run->names_gone = tmo_string_map_new(err)) == NULL)
		return -1;
	if (tmo_string_map_add(run->names_gone, name, NULL, &added, err) < 0)
		return -1;
	return added ? 0 : tmo_fail(err, "a tensor called \"%.100s\" has gone out before; give one of "
	                            "them another name", name);
}

static int
write_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const bool renamed = strcmp(t->name, run->item.name) != 0;

	return tmo_writer_tensor(run->writer, t, renamed ? NULL : run->item.path, err);
}

void
tmo_run_losses(struct tmo_run *run, bool channels_may_go, const char *advice)
{
	run->losses.channels_may_go = channels_may_go;
	run->losses.advice = advice;
}

static int
say_losses(struct tmo_run *run, const struct tmo_tensor *t, struct tmo_error *err)
{
	char text[400];

	if (tmo_losses_after(&run->losses, t, text, sizeof(text), err) < 0)
		return -1;
	if (text[0] != '\0')
		tmo_run_warn(run, "%s", text);
	return 0;
}

int
tmo_put(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	if (check_hand_on(run, t, "tmo_put", err) < 0 || say_losses(run, t, err) < 0)
		return -1;
	if (run->decoded_bits > 0 && !tmo_is_encoded(t))
		tmo_run_warn(run, "it had codes of %d bits, and is plain now; put tmo-%s before what made "
		             "them", run->decoded_bits, run->filter->name);
	return write_tensor(run, t, err);
}

/* Whether t is still called, and of the type and shape, that the item at hand is. */
static bool
is_the_item(const struct tmo_run *run, const struct tmo_tensor *t)
{
	const struct tmo_item *const item = &run->item;

	return strcmp(t->name, item->name) == 0 && t->dtype == item->dtype && t->rank == item->rank &&
	       memcmp(t->shape, item->shape, sizeof(*t->shape) * (size_t)t->rank) == 0;
}

int
tmo_pass(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	struct tmo_members parts;
	int status;

	if (check_hand_on(run, t, "tmo_pass", err) < 0 ||
	    (!tmo_is_encoded(t) && tmo_tensor_narrow(t, err) < 0))
		return -1;
	if (!is_the_item(run, t) || !tmo_reader_as_it_came(run->reader, t, &parts))
		return write_tensor(run, t, err);
	status = tmo_writer_members(run->writer, &parts, err);
	free(parts.member);
	return status;
}

int
tmo_decode(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	if (!tmo_is_encoded(t))
		return tmo_tensor_widen(t, err);
	if (tmo_tensor_check(t, err) < 0 || tmo_tensor_decode(t, run->threads, err) < 0)
		return -1;
	return 0;
}
