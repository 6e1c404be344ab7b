# SPDX-License-Identifier: Apache-2.0
# tmo-prune.
load helper
load helper/prune

# What pruning should leave, by Python's own arithmetic and sorting; `weights` is tests/helper's.
pruned() {
	{
		cat <<'END'
from weights import load, run
def pruned(w, sparsity):
    kept = max(1, round(len(w) * (1 - sparsity)))
    stay = set(sorted(range(len(w)), key=lambda i: -abs(w[i]))[:kept])
    return [x if i in stay else 0.0 for i, x in enumerate(w)]
END
		cat
	} | PYTHONPATH=$root/tests/helper python3 -
}

@test "prune: the selection against sorting, and published numbers" {
	unit threshold "$root/tests/vectors/prune.txt"
}

@test "prune: keeps n * (1 - s), half to even, and never nothing" {
	pruned <<'END'
sizes = (1, 2, 3, 5, 8, 25, 100)
run("mkstream " + " ".join(f"w{n}:f4:1x{n}:normal" for n in sizes) + " >in")
for s in (0, 0.1, 0.3, 0.5, 0.9, 0.99, 1):
    run(f"tmo-prune -s {s} <in >out")
    for n in sizes:
        kept = sum(x != 0 for x in load("out")[f"w{n}"])
        assert kept == max(1, round(n * (1 - s))), (n, s, kept)
END
}

@test "prune: the largest stay as they were, the others are 0" {
	mkstream a:f4:7x11:normal b:f8:5x30:uniform c:f2:20x20:normal d:f4:9x9:sparse >in
	pruned <<'END'
for s in (0.2, 0.5, 0.85):
    run(f"tmo-prune -s {s} <in >out")
    before, after = load("in"), load("out")
    for name in "abcd":
        assert after[name] == pruned(before[name], s), (name, s)
END
}

@test "prune: of equal magnitudes the lower index stays" {
	mkstream w:f4:3x5:ones z:f4:3x5:zeros >in
	tmo-prune -s 0.6 <in >out
	[ "$(values out tensors/w.npy | xargs)" = "1 1 1 1 1 1 0 0 0 0 0 0 0 0 0" ]
	cmp <(member in tensors/z.npy) <(member out tensors/z.npy)
}

@test "prune: weights that were zero count and stay" {
	mkstream w:f4:20x20:sparse >in
	zeros=$((400 - $(nonzero in w)))
	[ "$zeros" -gt 100 ]
	tmo-prune -s 0.2 <in >out
	cmp <(member in tensors/w.npy) <(member out tensors/w.npy)
	tmo-prune -s 0.75 <in >out
	[ "$(nonzero out w)" -eq 100 ]
}

@test "prune: sparsity 0 changes no tensor, and -0 stays -0" {
	mkstream w:f4:20x20:normal v:f4:4x4:zeros >in
	tmo-prune -s 0 <in >out
	cmp <(member in tensors/w.npy) <(member out tensors/w.npy)
	tmo-prune -s 0 --scope global <in >out
	cmp <(member in tensors/w.npy) <(member out tensors/w.npy)
	mkdir tensors
	{ member in tensors/v.npy | head -c 128; printf '\0\0\0\200\0\0\200\277\0\0\0\200\0\0\0\0'; } >tensors/n.npy
	sed -i "1s/(4, 4)/(4, 1)/" tensors/n.npy
	tar cf minus tensors/n.npy
	tmo-prune -s 0.75 <minus >out
	cmp tensors/n.npy <(member out tensors/n.npy)
}

@test "prune: a global scope is pruning all tensors as one" {
	mkstream a:f4:7x11:normal b:f4:5x30:uniform c:f2:20x20:normal d:f4:9x9:sparse >floats
	mkstream a:f4:7x11:normal b:f8:5x30:uniform c:f2:20x20:normal d:f8:9x9:sparse >doubles
	pruned <<'END'
for s in (0.3, 0.5, 0.97, 1):
    for stream in ("floats", "doubles"):
        run(f"tmo-prune -s {s} --scope global <{stream} >out")
        before, after = load(stream), load("out")
        want = pruned(sum((before[n] for n in "abcd"), []), s)
        assert sum((after[n] for n in "abcd"), []) == want, (s, stream)
END
}

@test "prune: a global scope keeps the exact number among equals, first come" {
	mkstream a:f4:4x4:ones b:f4:4x4:ones c:f8:4x4:ones >in
	tmo-prune -s 0.55 --scope global <in >out
	[ "$(nonzero out a)" -eq 16 ]
	[ "$(nonzero out b)" -eq 6 ]
	[ "$(nonzero out c)" -eq 0 ]
	[ "$(values out tensors/b.npy | head -n 6 | xargs)" = "1 1 1 1 1 1" ]
}

@test "prune: a global scope of what --only leaves, from a file and from a pipe" {
	mkstream a:f4:40x4:normal b:f4:4x40:uniform bias:f4:9:normal >in
	tmo-prune -s 0.5 --scope global --only b <in >out
	cmp <(member in tensors/a.npy) <(member out tensors/a.npy)
	[ "$(nonzero out b)" -eq 80 ]
	tmo-prune -s 0.8 --scope global in >out
	# shellcheck disable=SC2002
	cat in | tmo-prune -s 0.8 --scope global | cmp - out
	[ $(($(nonzero out a) + $(nonzero out b))) -eq 64 ]
	cmp <(member in tensors/bias.npy) <(member out tensors/bias.npy)
	tmo-prune --scope global --only nothing <in >out
	cmp <(member in tensors/a.npy) <(member out tensors/a.npy)
}

@test "prune: NaN is an error by tensor and index, infinity the largest weight" {
	mkstream a:f4:3x4:normal w:f4:3x4:nan >nan
	mkstream w:f4:3x4:inf v:f8:3x4:inf >inf
	fails 1 'tmo-prune: tensors/w: NaN at index 0; ' tmo-prune nan
	fails 1 'tmo-prune: tensors/w: NaN at index 0; ' tmo-prune --scope global nan
	tmo-prune -s 1 <inf >out
	[ "$(values out tensors/w.npy | xargs)" = "inf 0 0 0 0 0 0 0 0 0 0 0" ]
	tmo-prune -s 0.95 --scope global <inf >out
	[ $(($(nonzero out w) + $(nonzero out v))) -eq 1 ]
}

@test "prune: an encoded tensor is decoded first" {
	mkstream w:f4:8x8:normal | tmo-quant >in
	tmo-prune -v <in >out 2>err
	grep -q 'tensors/w: .*decoded first' err
	tmo-decode <in | tmo-prune | cmp <(member out tensors/w.npy) <(tar xOf - tensors/w.npy)
}

@test "prune: bad sparsity is wrong usage" {
	mkstream w:f4:2x3:normal >in
	fails 2 'sparsity' tmo-prune -s 1.5 in
	fails 2 'sparsity' tmo-prune -s -0.1 in
	fails 2 'sparsity' tmo-prune -s nan in
	fails 2 'scope' tmo-prune --scope everything in
}

@test "prune: the same bytes from any number of threads" {
	local how
	mkstream a:f4:300x1000:normal b:f4:400x500:sparse c:f8:1000x300:normal d:f4:2x2:ones >in
	for how in '' '-s 0.9' '--scope global' '-s 0.9 --scope global'; do
		# shellcheck disable=SC2086
		tmo-prune -j 1 $how <in >one
		# shellcheck disable=SC2086
		tmo-prune -j 2 $how <in | cmp one
		# shellcheck disable=SC2086
		tmo-prune -j 7 $how <in | cmp one
	done
}
