/* SPDX-License-Identifier: Apache-2.0 */
#include "run/losses.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "tensor/axes.h"
#include "tensor/live_channels.h"

#define NAMED_MAX 8	/* channels; more are not read one by one */

void
tmo_losses_free(struct tmo_losses *l)
{
	free(l->live);
	*l = (struct tmo_losses){0};
}

int
tmo_losses_before(struct tmo_losses *l, const struct tmo_tensor *t, struct tmo_error *err)
{
	l->watched = false;
	l->channels_may_go = false;
	l->advice = "change less, or leave it out with --skip";
	if (t->count == 0 || (!tmo_is_encoded(t) && t->data == NULL && t->data64 == NULL))
		return 0;
	tmo_channels_of(&l->channels, &t->axes);
	if (l->channels.entries > l->room) {
		free(l->live);
		l->room = 0;
		l->live = tmo_alloc(l->channels.entries, 1, err);
		if (l->live == NULL)
			return -1;
		l->room = l->channels.entries;
	}
	tmo_live_channels(t, &l->channels, l->live);
	l->watched = true;
	return 0;
}

/* ": 3, 17, 20 and others": the numbers of the channels that are gone. */
static void
name_channels(const struct tmo_losses *l, const unsigned char *now, char *text, size_t size)
{
	size_t named = 0, used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < l->channels.entries && used < size; i++) {
		if (!l->live[i] || now[i])
			continue;
		if (named == NAMED_MAX) {
			snprintf(text + used, size - used, " and others");
			return;
		}
		used += (size_t)snprintf(text + used, size - used, "%s %zu", named > 0 ? "," : ":", i);
		named++;
	}
}

int
tmo_losses_after(const struct tmo_losses *l, const struct tmo_tensor *t, char *text, size_t size,
                 struct tmo_error *err)
{
	const size_t channels = l->channels.entries;
	size_t before = 0, after = 0;
	unsigned char *now;
	char names[240];

	text[0] = '\0';
	if (!l->watched || l->channels.count != t->count || !tmo_axes_fit(&t->axes, t->rank, t->shape))
		return 0;
	now = tmo_alloc(channels, 1, err);
	if (now == NULL)
		return -1;
	tmo_live_channels(t, &l->channels, now);
	for (size_t i = 0; i < channels; i++) {
		before += l->live[i];
		after += l->live[i] && now[i];
	}
	name_channels(l, now, names, sizeof(names));
	if (before > 0 && after == 0)
		snprintf(text, size, "it lost all of its weights; %s", l->advice);
	else if (after < before && !l->channels_may_go)
		snprintf(text, size, "%zu of %zu output channels lost all of their weights%s; %s",
		         before - after, channels, names, l->advice);
	free(now);
	return 0;
}
