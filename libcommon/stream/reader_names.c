/* SPDX-License-Identifier: Apache-2.0 */
/* reader_names.c: whole names of tensors whose members' names are cut. */
#include "base/string_map.h"
#include "stream/reader.h"

int
tmo_reader_add_names(struct tmo_reader *r, const struct tmo_yaml *map, struct tmo_error *err)
{
	bool added;

	if (map->kind != TMO_YAML_MAP)
		return tmo_fail(err, "names is no mapping; write it again");
	for (const struct tmo_yaml *item = map->first; item != NULL; item = item->next)
		if (item->kind != TMO_YAML_SCALAR)
			return tmo_fail(err, "names: line %d: not a name; write it again", item->line);
		else if (tmo_string_map_add(r->names, item->key, item->text, &added, err) < 0)
			return -1;
	return 0;
}

int
tmo_reader_names_member(struct tmo_reader *r, const void *data, size_t size,
                        struct tmo_error *err)
{
	struct tmo_yaml *map;
	int status;

	if (size > TMO_SPOOL_IN_MEMORY)	/* as where it is no entry of an index: it maps nothing */
		return 0;
	map = tmo_yaml_parse(data, size, err);
	status = map == NULL ? -1 : tmo_reader_add_names(r, map, err);
	tmo_yaml_free(map);
	return status;
}
