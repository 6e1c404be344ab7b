# SPDX-License-Identifier: Apache-2.0
# What a filter loses that nobody asked for is said on stderr, without -v too, but never endlessly.
load helper

# In Python: numbers as a stream, and what lost all of its weights from one stream to another.
python() {
	{
		cat <<'EOF'
import re, subprocess
from pruning import math, some, units, write
from weights import load, run
def live(shape, axis, values):
    """Of each output channel whether it has a weight."""
    numbers, count = units(shape, axis, 1, math.prod(shape))
    return [any(v != 0 for i, v in enumerate(values) if numbers[i] == c) for c in range(count)]
def said(command):
    """{tensor: channels that stderr says are lost, or "all"}"""
    lines = subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stderr
    found = {}
    for line in lines.splitlines():
        if "lost all of" not in line:
            continue
        name = re.match(r"tmo-\w+: tensors/(\w+): ", line).group(1)
        some = re.search(r"(\d+) of \d+ output channels lost all of their weights: ([\d, ]+)", line)
        found[name] = [int(c) for c in some.group(2).split(",")] if some else "all"
        assert some is None or len(found[name]) == int(some.group(1)), line
        assert some or "it lost all of its weights; " in line, line
    return found
def lost(tensors, axis, after):
    gone = {}
    for name, (_, shape, values) in tensors.items():
        was, now = live(shape, axis, values), live(shape, axis, after[name])
        channels = [c for c in range(len(was)) if was[c] and not now[c]]
        if channels:
            gone[name] = channels if any(now) else "all"
    return gone
EOF
		cat
	} | PYTHONPATH=$root/tests/helper python3 -
}

@test "warnings: what lost all of its weights is said, whatever the filter and the encoding" {
	python <<'END'
def weights(kind, seed):
    """Channels of very different size, and one of zeros."""
    _, shape, values = some(kind, (6, 5, 4), seed)
    size = [1, 2 ** -5, 2 ** -9, 0, 2 ** -14, 1]
    return kind, shape, [v * size[i // 20] for i, v in enumerate(values)]
seen = set()
for axis in (0, 1):
    tensors = {"a": weights("f4", 1), "b": weights("f8", 2), "c": weights("f2", 3), "d": some("f4", (3, 7), 4)}
    tensors["e"] = "f4", (3, 7), [v * 2 ** -20 for v in tensors["d"][2]]
    write("in", tensors)
    for filter in ("prune -s 0.7", "prune -s 0.5 --scope global", "prune -s 0.9 -p block:2x2", "prune -p 2:4",
                   "cluster -c 4", "cluster -c 3 -g channel", "quant -b 2 -g tensor", "quant -b 4 -g tensor",
                   "quant -b 3 -g channel", "quant -b 2 -g group:3", "quant -a -b 3 -g tensor",
                   "quant -t ternary -g tensor", "quant -t nf4 -g tensor", "quant -t f8e4m3 -s none",
                   "quant -t f8e5m2 -s none", "quant -t f16", "quant -s pow2 -b 4 -g tensor"):
        told = said(f"tmo-{filter} --axis {axis} <in >out")
        run("tmo-decode <out >plain")
        want = lost(tensors, axis, load("plain"))
        assert told == want, (axis, filter, told, want)
        seen.update(str(v) for v in want.values())
assert "all" in seen and len(seen) > 4, seen
END
}

@test "warnings: of what came encoded, too" {
	python <<'END'
_, shape, values = some("f4", (6, 5, 4), 1)
size = [1, 2 ** -5, 2 ** -9, 0, 2 ** -14, 1]
tensors = {"w": ("f4", shape, [v * size[i // 20] for i, v in enumerate(values)])}
write("in", tensors)
for first in ("cluster -c 12", "quant -b 8 -g channel", "quant -t bf16", "quant -t f8e5m2"):
    run(f"tmo-{first} <in >encoded; tmo-decode <encoded >decoded")
    before = {"w": ("f4", shape, load("decoded")["w"])}
    for then in ("quant -b 4 -g tensor", "quant -t ternary -g tensor", "prune -s 0.8", "cluster -c 2"):
        told = said(f"tmo-{then} <encoded >out")
        run("tmo-decode <out >plain")
        assert told == lost(before, 0, load("plain")), (first, then, told)
END
}

@test "warnings: -q silences them, -v does not hide them, channels that were to go are not said" {
	mkstream w:f4:20x30:normal v:f4:20x30:normal >in
	tmo-prune -s 0.99 <in >out 2>err
	[ "$(grep -c 'tmo-prune: tensors/[vw]: .* output channels lost all of their weights: .*; --keep-at-least' err)" -eq 2 ]
	[ "$(wc -l <err)" -eq 2 ]
	tmo-prune -q -s 0.99 <in 2>err | cmp - out
	[ ! -s err ]
	tmo-prune -v -s 0.99 <in >out 2>err
	[ "$(grep -c 'lost all of their weights' err)" -eq 2 ]
	tmo-prune -p channel:l2 <in >out 2>err
	[ ! -s err ]
	tmo-prune -s 0.99 --keep-at-least 0.01 <in >out 2>err
	[ ! -s err ]
}

@test "warnings: ten lines, then how many more; all with -v" {
	local names=() i
	for i in {10..22}; do names+=("w$i:f4:20x30:normal"); done
	mkstream "${names[@]}" >in
	tmo-prune -s 0.99 <in >out 2>err
	[ "$(wc -l <err)" -eq 11 ]
	[ "$(grep -c 'lost all of their weights: ' err)" -eq 10 ]
	[ "$(tail -n 1 err)" = "tmo-prune: 3 more such lines; -v shows all" ]
	tmo-prune -v -s 0.99 <in >out 2>err
	[ "$(grep -c 'lost all of their weights: ' err)" -eq 13 ]
	run -1 grep 'more such' err
}

@test "warnings: many channels of one tensor are one line that ends" {
	mkstream w:f4:400x30:normal >in
	tmo-prune -s 0.99 <in >out 2>err
	[ "$(wc -l <err)" -eq 1 ]
	grep -qE 'tmo-prune: tensors/w: [0-9]+ of 400 output channels lost all of their weights:( [0-9]+,){7} [0-9]+ and others; --keep' err
}

@test "warnings: a mask with infinities is left as it is, a damaged weight is an error" {
	PYTHONPATH=$root/tests/helper python3 - <<-'END'
		from pruning import some, write
		inf, n = float("inf"), 6
		masks = {"causal": [0.0 if j <= i else -inf for i in range(n) for j in range(n)],
		         "both": [(-inf, 0.0, 1.0, inf)[(i * j) % 4] for i in range(n) for j in range(n)]}
		weight = {"w": some("f4", (8, 8), 1)}
		for kind in ("f4", "f8", "f2"):
		    write(kind, {**{name: (kind, (n, n), v) for name, v in masks.items()}, **weight})
		damaged = some("f4", (n, n), 2)
		damaged[2][5] = inf
		write("damaged", {"d": damaged, **weight})
		write("nan", {"d": ("f4", (n, n), [float("nan")] + masks["causal"][1:]), **weight})
	END
	for kind in f4 f8 f2; do
		for filter in "quant" "quant -b 4 -g group:2" "quant -t f8e4m3" "cluster -c 4" "cluster -g channel"; do
			# shellcheck disable=SC2086
			tmo-$filter <$kind >out 2>err
			[ "$(grep -c ': tensors/\(causal\|both\): left as it is: a mask, ' err)" -eq 2 ]
			cmp <(member $kind tensors/causal.npy) <(member out tensors/causal.npy)
			cmp <(member $kind tensors/both.npy) <(member out tensors/both.npy)
			members out | grep -q '^tensors/w/codes.npy'
		done
	done
	fails 1 'tensors/d: infinity at index 5' tmo-quant damaged
	fails 1 'tensors/d: inf at index 5' tmo-cluster damaged
	fails 1 'tensors/d: NaN at index 0' tmo-quant nan
	fails 1 'tensors/d: NaN at index 0' tmo-cluster nan
	tmo-quant --nan zero f4 >out 2>err
	run -1 grep mask err
}

# advises TEXT OPTION...: that is what tmo-quant with these options says to do about channels that are lost.
advises() {
	local text=$1
	shift
	tmo-quant --axis 0 "$@" in.tar 2>err >/dev/null
	grep -qx "tmo-quant: tensors/w: .* lost all of their weights: 1; $text" err || { echo "$*:"; cat err; return 1; }
}

@test "warnings: what tmo-quant advises about lost channels is of the type that lost them" {
	python <<-'END'
	write("in.tar", {"w": ("f8", (2, 64), [1 + i / 64 for i in range(64)] + [2.0 ** -160] * 64)})
	END
	local skip='leave it out with --skip'
	advises "take more bits or smaller granularity, or $skip" -b 4 -g tensor
	advises "take smaller granularity, or $skip" -b 8 -g tensor
	advises "take smaller granularity, or $skip" -t f8e4m3 -g tensor
	advises "take a type of more bits or smaller granularity, or $skip" -t nf4 -g tensor
	advises "take a type of more bits or smaller granularity, or $skip" -t ternary -g tensor
	advises "take --scale float, or $skip" -t f8e5m2 -s none
	advises "take --type bf16, which has smaller numbers, or $skip" -t f16
	advises "$skip" -t bf16
}
