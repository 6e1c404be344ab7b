# SPDX-License-Identifier: Apache-2.0
# tmo-prune --keep-at-least.
load helper
load helper/prune

# Python with the oracle of tests/helper/pruning.py, and what --keep-at-least should leave of single weights.
spared() {
	{
		cat <<'EOF'
from pruning import *
def spared(shape, axis, values, share):
    """The places of the largest, and of the largest of each channel; never of zeros."""
    numbers, count = units(shape, axis, 1, math.prod(shape))
    places = largest([abs(v) for v in values], max(1, round(len(values) * share)))
    for row in range(count):
        line = [i for i, n in enumerate(numbers) if n == row]
        places.add(max(line, key=lambda i: (abs(values[i]), -i)))
    return {i for i in places if values[i] != 0}
def globally(tensors, axis, sparsity, share):
    """All tensors as one: what is spared first, then the largest of the others."""
    flat, first = [], []
    for name, (_, shape, values) in tensors.items():
        first += [len(flat) + i for i in spared(shape, axis, values, share)]
        flat += values
    first = set(first)
    rest = [i for i in range(len(flat)) if i not in first]
    rest.sort(key=lambda i: (-abs(flat[i]), i))
    first.update(rest[:max(0, kept(len(flat), sparsity) - len(first))])
    return cut(flat, [i in first for i in range(len(flat))])
EOF
		cat
	} | PYTHONPATH=$root/tests/helper python3 -
}

@test "prune: --keep-at-least spares a share of each tensor and a weight of each channel, against sorting" {
	spared <<'END'
for ties in (False, True):
    tensors = {"a": some("f4", (7, 11), 1, ties), "b": some("f8", (6, 3, 5), 2, ties),
               "c": some("f2", (20, 20), 3, ties), "d": some("f4", (9, 2), 4, ties)}
    kind, shape, values = tensors["a"]
    tensors["a"] = kind, shape, [v * 2 ** -9 for v in values]
    tensors["b"][2][15:30] = [0.0] * 15
    write("in", tensors)
    for axis in (0, 1):
        for s in (0.3, 0.5, 0.9, 0.97, 1):
            for share in (0.01, 0.25, 0.6):
                run(f"tmo-prune -q -s {s} --scope global --keep-at-least {share} --axis {axis} <in >out")
                after = load("out")
                want = globally(tensors, axis, s, share)
                assert sum((after[n] for n in tensors), []) == want, (ties, axis, s, share)
END
}

@test "prune: --keep-at-least within each tensor, too" {
	spared <<'END'
tensors = {"a": some("f4", (7, 11), 1), "b": some("f8", (6, 3, 5), 2), "c": some("f2", (20, 20), 3, True)}
write("in", tensors)
for s in (0.3, 0.9, 1):
    run(f"tmo-prune -q -s {s} --keep-at-least 0.2 <in >out")
    after = load("out")
    for name, tensor in tensors.items():
        assert after[name] == globally({name: tensor}, 0, s, 0.2), (name, s)
END
}

@test "prune: --keep-at-least changes nothing where nothing would be emptied" {
	local name
	mkstream a:f4:16x40:normal b:f8:30x20:normal >in
	tmo-prune -s 0.5 --scope global <in >plain
	tmo-prune -s 0.5 --scope global --keep-at-least 0.05 <in >spared
	for name in a b; do
		cmp <(member plain "tensors/$name.npy") <(member spared "tensors/$name.npy")
	done
}

@test "prune: --keep-at-least of blocks: one with a weight of each channel" {
	spared <<'END'
tensor = some("f4", (9, 12), 5)
for row in (0, 1, 2, 7):      # channels that only one block has anything of
    tensor[2][row * 12:row * 12 + 12] = [0.0] * 12
tensor[2][1 * 12 + 7] = 2.0 ** -20
write("in", {"w": tensor})
run("tmo-prune -q -s 1 --pattern block:4x3 --keep-at-least 0.01 <in >out")
out = load("out")["w"]
rows = lambda values: {i // 12 for i, v in enumerate(values) if v != 0}
assert rows(out) == rows(tensor[2]), (rows(out), rows(tensor[2]))
numbers, count = units((9, 12), 0, 4, 3)
blocks = {numbers[i] for i, v in enumerate(out) if v != 0}
assert len(blocks) < 9, blocks
for i, v in enumerate(tensor[2]):
    assert out[i] == (v if numbers[i] in blocks else 0)
END
}

@test "prune: --keep-at-least of channels is a share of them" {
	mkstream small:f4:20x10:uniform large:f4:20x10:normal >in
	tmo-prune -q -s 0.9 --scope global -p channel:l2 --keep-at-least 0.2 <in >out
	[ "$(nonzero out small)" -ge 40 ]
	[ "$(nonzero out large)" -ge 40 ]
	[ $(($(nonzero out small) + $(nonzero out large))) -eq 80 ]
}

@test "prune: --keep-at-least with random; N:M has its own share" {
	mkstream a:f4:16x40:normal b:f4:16x40:normal >in

	tmo-prune -q -s 1 --scope global -c random --keep-at-least 0.25 <in >out
	[ "$(nonzero out a)" -ge 160 ]
	[ "$(nonzero out b)" -ge 160 ]
	fails 2 'keep-at-least' tmo-prune -p 2:4 --keep-at-least 0.1 in
	fails 2 'keep-at-least' tmo-prune --keep-at-least 2 in
}

@test "prune: --keep-at-least: the same bytes from any number of threads, a file and a pipe" {
	mkstream a:f4:300x1000:normal b:f4:400x500:sparse c:f8:1000x300:normal d:f4:2x2:ones >in
	tmo-prune -j 1 -s 0.95 --scope global --keep-at-least 0.1 in >one
	tmo-prune -j 2 -s 0.95 --scope global --keep-at-least 0.1 <in | cmp one
	# shellcheck disable=SC2002
	cat in | tmo-prune -j 7 -s 0.95 --scope global --keep-at-least 0.1 | cmp one
}
