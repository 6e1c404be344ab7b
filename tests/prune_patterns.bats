# SPDX-License-Identifier: Apache-2.0
# tmo-prune --pattern, --criterion, --ties, and a map of them.
load helper
load helper/prune

# Python, with tests/helper/pruning.py, which says slowly what should come out.
patterns() {
	{ echo 'from pruning import *'; cat; } |
		PYTHONPATH=$root/tests/helper python3 - "$@"
}

@test "prune: names of patterns, and who holds N:M, against published answers" {
	unit pattern "$root/tests/vectors/prune-groups.txt"
}

@test "prune: units, scores, groups against slow arithmetic" {
	unit units
}

@test "prune: published masks of other programs come out of ours" {
	patterns "$root/tests/vectors/prune-patterns.txt" "$root/tests/vectors/prune.txt" <<'END'
import sys
cases = 0
for line in open(sys.argv[1]):
    word, _, rest = line.strip().partition(" ")
    if word == "case":
        name, _, options = rest.partition(" ")
    elif word == "shape":
        shape = tuple(map(int, rest.split()))
    elif word == "weights":
        weights = list(map(float, rest.split()))
    elif word == "mask":
        for kind in ("f4", "f8"):
            write("in", {"w": (kind, shape, weights)})
            run(f"tmo-prune {options} <in >out")
            before, after = load("in")["w"], load("out")["w"]
            want = cut(before, [bit == "1" for bit in rest.split()])
            assert after == want, (name, kind, after)
            cases += 1
assert cases == 20, cases
for line in open(sys.argv[2]):
    word, _, rest = line.strip().partition(" ")
    if word == "case":
        name, sparsity, first, last = rest.split()
        values = [float(x) for x in range(int(first), int(last) + 1)]
        write("in", {"w": ("f4", (1, len(values)), values)})
        run(f"tmo-prune -s {sparsity} --ties keep <in >out")
        left = [x for x in load("out")["w"] if x != 0]
        cases += 1
    elif word == "kept":
        assert len(left) == int(rest), (name, left)
    elif word == "threshold":
        assert min(left) == float(rest), (name, left)
assert cases == 24, cases
END
}

@test "prune: N:M along the input axis, whatever the rank and axis; short tails keep up to N" {
	patterns <<'END'
shapes = ((5, 7), (8, 1), (1, 9), (3, 4, 5), (6, 8, 3, 3), (2, 3, 2, 5, 2), (70, 40))
for axis in range(5):
    for n, m in ((1, 2), (2, 4), (3, 8), (1, 4), (5, 7), (20, 33)):
        tensors = {f"{i}-{ties}": some("f8" if ties and m == 4 else "f4", shape, n + m, ties)
                   for i, shape in enumerate(shapes) if len(shape) > axis for ties in (False, True)}
        write("in", tensors)
        run(f"tmo-prune -p {n}:{m} --axis {axis} <in >out")
        after = load("out")
        for name, w in tensors.items():
            assert after[name] == in_groups(w, input_axis(w[1], axis), n, m), (name, axis, n, m)
END
}

@test "prune: blocks and channels of any rank, aligned at 0, cut at the edge" {
	patterns <<'END'
shapes = ((6, 9), (1, 5), (5, 1), (3, 4, 5), (6, 4, 3, 3))
for axis in range(4):
    for pattern, rows, columns, measure in (
            ("block:2x2", 2, 2, "avg"), ("block:3x2:max", 3, 2, "max"),
            ("block:1x4:avg", 1, 4, "avg"), ("block:4x1:max", 4, 1, "max"),
            ("block:100x100", 100, 100, "avg"), ("channel", 1, 10**9, "l1"),
            ("channel:l2", 1, 10**9, "l2"), ("channel:l1", 1, 10**9, "l1")):
        for sparsity, ties in ((0.5, "first"), (0.8, "keep")):
            tensors = {str(i): some("f8" if rows == 3 else "f4", shape, rows, ties == "keep")
                       for i, shape in enumerate(shapes) if len(shape) > axis}
            write("in", tensors)
            run(f"tmo-prune -p {pattern} -s {sparsity} --axis {axis} --ties {ties} <in >out")
            after = load("out")
            for name, w in tensors.items():
                want = in_blocks(w, axis, rows, columns, measure, sparsity, ties)
                assert after[name] == want, (name, axis, pattern, sparsity)
END
}

@test "prune: no expert, group or direction loses all its channels" {
	local name out
	mkonnx 'ir 8' 'opset 13' 'input x' 'init experts f32 3x6x4 raw' 'init grouped f32 6x2x3x3 raw' \
		'init depthwise f32 6x1x3x3 raw' 'node MatMul . x,experts a' \
		'node Conv . b,grouped c group 3' 'node Conv . d,depthwise e group 6' 'output a' >m.onnx
	tmo-from-onnx m.onnx >in.tar
	for name in experts grouped depthwise; do
		out=$(tmo-prune -p channel -s 0.5 -v --only "$name" <in.tar 2>&1 >$name.tar)
		case $name in
		experts) echo "$out" | grep -q ' 6 of 12 channels stay' ;;
		*) echo "$out" | grep -q ' 3 of 6 channels stay' ;;
		esac
	done
	PYTHONPATH=$root/tests/helper python3 - <<-'EOF'
		import streams
		w = streams.load('experts.tar')['experts'].values
		for e in range(3):      # [expert, input, output]: two of each expert's four outputs are left
		    kept = [n for n in range(4) if any(w[e * 24 + k * 4 + n] for k in range(6))]
		    assert len(kept) == 2, (e, kept)
		w = streams.load('grouped.tar')['grouped'].values
		for g in range(3):      # one of each group's two
		    assert sum(any(w[(2 * g + o) * 18:][:18]) for o in range(2)) == 1, g
	EOF
	# Over all of the network a group may have nothing that is large; its best stays.
	tmo-prune -p channel -s 0.9 --scope global --only experts --only grouped <in.tar >out.tar
	PYTHONPATH=$root/tests/helper python3 - <<-'EOF'
		import streams
		w = streams.load('out.tar')['experts'].values
		assert all(any(w[e * 24:][:24]) for e in range(3))
		w = streams.load('out.tar')['grouped'].values
		assert all(any(w[g * 36:][:36]) for g in range(3))
	EOF
}

@test "prune: N:M within a group of a transposed convolution" {
	mkonnx 'ir 8' 'opset 13' 'input x' 'init w f32 6x2x1x1 raw' \
		'node ConvTranspose . x,w y group 2' 'output y' >m.onnx
	tmo-from-onnx m.onnx | tmo-prune -p 1:2 >out.tar
	PYTHONPATH=$root/tests/helper python3 - <<-'EOF'
		import streams
		w = streams.load('out.tar')['w'].values
		for group in range(2):          # [group * 3 inputs, output]: 1 of inputs 0, 1; then 2 alone
		    for o in range(2):
		        x = [w[(group * 3 + i) * 2 + o] for i in range(3)]
		        assert [bool(v) for v in x].count(True) == 2 and x[2], (group, o, x)
	EOF
	tmo-eval -q --check 1:2 --require 'pattern>=1' out.tar >copy
}

@test "prune: --ties keep keeps all that equal the threshold, first none too many" {
	mkstream w:f4:3x5:ones >in
	tmo-prune -s 0.6 --ties keep <in >out
	cmp <(member in tensors/w.npy) <(member out tensors/w.npy)
	tmo-prune -s 0.6 --ties keep --scope global <in >out
	cmp <(member in tensors/w.npy) <(member out tensors/w.npy)
	tmo-prune -s 0.6 --ties first <in >out
	[ "$(nonzero out w)" -eq 6 ]
	tmo-prune -s 0.6 -p channel --ties keep <in >out
	cmp <(member in tensors/w.npy) <(member out tensors/w.npy)
	tmo-prune -s 0.6 -p channel <in >out
	[ "$(values out tensors/w.npy | xargs)" = "1 1 1 1 1 0 0 0 0 0 0 0 0 0 0" ]
	patterns <<'END'
for how in ("", " --scope global"):
    for seed in range(4):
        w = some("f4", (4, 25), seed, True)
        write("in", {"w": w})
        for sparsity in (0.2, 0.5, 0.8):
            run(f"tmo-prune -s {sparsity} --ties keep{how} <in >out")
            stay = largest([abs(x) for x in w[2]], kept(100, sparsity), "keep")
            assert load("out")["w"] == cut(w[2], [i in stay for i in range(100)]), (seed, sparsity)
END
}

@test "prune: a global scope pools blocks, channels and normalized magnitudes" {
	patterns <<'END'
a, b, c = some("f4", (6, 8), 1), some("f4", (4, 3, 3, 3), 2), some("f8", (10, 5), 3)
b = (b[0], b[1], [x * 16 for x in b[2]])
tensors = {"a": a, "b": b, "c": c}
write("in", tensors)

def check(options, rows, columns, measure, sparsity, over):
    run(f"tmo-prune --scope global -s {sparsity} {options} <in >out")
    scores, numbers = [], {}
    for name, (_, shape, values) in tensors.items():
        own, count = units(shape, 0, rows, columns)
        numbers[name] = [len(scores) + n for n in own]
        scores += [s / over(values) for s in unit_scores(values, own, count, measure)]
    stay = largest(scores, kept(len(scores), sparsity))
    after = load("out")
    for name, (_, shape, values) in tensors.items():
        want = cut(values, [n in stay for n in numbers[name]])
        assert after[name] == want, (options, sparsity, name)

for sparsity in (0.3, 0.75, 1):
    for over, option in ((lambda v: 1, ""), (rms, "--normalize")):
        check(f"{option} -p block:2x3", 2, 3, "avg", sparsity, over)
        check(f"{option} -p block:4x1:max", 4, 1, "max", sparsity, over)
        check(f"{option} -p channel:l1", 1, 10**9, "l1", sparsity, over)
        check(f"{option} -p channel:l2", 1, 10**9, "l2", sparsity, over)
        check(f"{option} -p unstructured", 1, 1, "max", sparsity, over)
END
}

@test "prune: wanda compares |w| times its input's norm, in each output channel" {
	patterns <<'END'
r = random.Random(5)
cases = {"fc": ((6, 9), 1), "conv": ((4, 6, 3, 3), 1), "deep": ((6, 1, 3, 3), 6), "two": ((4, 3, 2), 2)}
tensors = {name: some("f8" if name == "two" else "f4", shape, 1) for name, (shape, _) in cases.items()}
norms = {name: some("f4", (shape[1] * groups,), 2) for name, (shape, groups) in cases.items()}
norms = {name: (k, s, [abs(x) for x in v]) for name, (k, s, v) in norms.items()}
write("in", tensors)
write("norms", dict(reversed(norms.items())))
scores = {}
for name, (shape, groups) in cases.items():
    scores[name] = []
    for place, w in zip(places(shape), tensors[name][2]):
        group = place[0] // (shape[0] // groups)
        scores[name].append(abs(w) * norms[name][2][group * shape[1] + place[1]])
for sparsity in (0.3, 0.5, 1):
    run(f"tmo-prune --criterion wanda --input-norms norms -s {sparsity} <in >out")
    after = load("out")
    for name, w in tensors.items():
        assert after[name] == by_rows(w, 0, scores[name], sparsity), (name, sparsity)
run("tmo-prune --criterion wanda --input-norms norms -p 2:4 <in >out")
after = load("out")
for name, w in tensors.items():
    assert after[name] == in_groups(w, 1, 2, 4, scores[name]), name
END
}

@test "prune: norms that are missing, of another length or no norms are named" {
	mkstream w:f4:4x6:normal >in
	mkstream v:f4:6:ones >other
	mkstream w:f4:7:ones >longer
	mkstream w:f4:12:ones >twice
	mkstream w:f4:6:normal >negative
	mkstream w:f4:6:nan >nan
	mkstream w:f4:0:ones >empty
	local how='--criterion wanda --input-norms'
	# shellcheck disable=SC2086
	{
		fails 1 'tensors/w: other has no tensor of that name; ' tmo-prune $how other in
		fails 1 'tensors/w: 7 norms in longer, but the input axis has 6' tmo-prune $how longer in
		fails 1 'tensors/w: 0 norms in empty' tmo-prune $how empty in
		fails 1 'tensors/w: norm [0-5] in negative is -' tmo-prune $how negative in
		fails 1 'tensors/w: norm 0 in nan is ' tmo-prune $how nan in
		fails 1 'nothing' tmo-prune $how nothing in
		tmo-prune $how twice in >two	# groups
		head -c 900 other >cut
		fails 1 'cut' tmo-prune $how cut in
	}
	[ "$(nonzero two w)" -eq 12 ]
}

@test "prune: random keeps the exact number, zeros last, and depends on seed and name only" {
	mkstream w:f4:40x50:normal v:f4:40x50:sparse >in
	tmo-prune -s 0.4 --criterion random <in >out
	[ "$(nonzero out w)" -eq 1200 ]
	[ "$(nonzero out v)" -eq "$(nonzero in v)" ]
	tmo-prune -s 0.4 --criterion random --seed 1 <in >other
	[ "$(nonzero other w)" -eq 1200 ]
	run ! cmp -s <(member out tensors/w.npy) <(member other tensors/w.npy)
	tmo-prune -s 0.4 --criterion random --only w <in | cmp - <(tmo-prune -s 0.4 --criterion random --only w in)
	mkstream v:f4:40x50:sparse w:f4:40x50:normal --seed 9 >turned
	tmo-prune -s 0.4 --criterion random <turned >also
	cmp <(values also tensors/w.npy | awk '{ print $1 != 0 }') <(values out tensors/w.npy | awk '{ print $1 != 0 }')
	tmo-prune -s 0.4 --criterion random --scope global <in >out
	[ $(($(nonzero out w) + $(nonzero out v))) -eq 2400 ]
	tmo-prune -p 3:8 --criterion random <in >out
	patterns <<'END'
before, after = load("in"), load("out")
for name in "wv":
    for row in range(40):
        for start in range(0, 50, 8):
            group = range(50 * row + start, 50 * row + min(start + 8, 50))
            left = sum(before[name][i] != 0 for i in group)
            assert sum(after[name][i] != 0 for i in group) == min(3, left)
# Each weight stays as often as any other: 200 tensors, half of 20; 5 deviations.
write("in", {f"w{i}": ("f4", (4, 5), [1.0] * 19 + [100.0]) for i in range(200)})
run("tmo-prune --criterion random <in >out")
stays = [sum(w[i] != 0 for w in load("out").values()) for i in range(20)]
assert sum(stays) == 2000 and all(65 <= n <= 135 for n in stays), stays
END
}

@test "prune: channel:bn goes by the gamma that follows in the network, wherever its data are" {
	mkonnx 'ir 8' 'opset 13' 'input x' 'init c1 f32 8x3x3x3 raw' 'init g1 f32 8 typed' \
		'init c2 f32 300x8x1x1 raw' 'init g2 f32 300 raw' 'init c2b f32 300 raw' 'init g3 f32 5 raw' \
		'init mm f32 300x5 raw' 'init mmb f32 5 raw' 'init fc f32 7x5 raw' 'const g4 f32 4 raw' \
		'init ct f32 5x4x2x2 raw' 'node Conv n1 x,c1 a' 'node BatchNormalization b1 a,g1,g1,g1,g1 a1' \
		'node Relu r a1 a2' 'node Conv n2 a2,c2,c2b b' 'node BatchNormalization b2 b,g2,g2,g2,g2 b1' \
		'node MatMul n3 b1,mm c' 'node Add n4 mmb,c d' 'node Unsqueeze n5 d d1' \
		'node BatchNormalization b3 d1,g3,g3,g3,g3 e' 'node ConvTranspose n6 e,ct f' \
		'node BatchNormalization b4 f,g4,g4,g4,g4 g' 'node Gemm n7 e,fc y transB 1' \
		'output y' | tmo-from-onnx >in
	members in >names
	grep -qx tensors/g2.npy names	# long enough to stand in the stream, behind its layer
	run ! grep -qx tensors/g1.npy names
	patterns <<'END'
before = load("in")
layers = {"c1": (8, (8, 27), 0), "c2": (300, (300, 8), 0), "mm": (5, (300, 5), 1), "ct": (4, (5, 4, 4), 1)}
gamma = lambda n: [(7 * i + 3) % 101 / 4 for i in range(n)]
for sparsity in (0.25, 0.6, 1):
    pooled = sum((gamma(n) for n, _, _ in layers.values()), [])
    everywhere = largest(pooled, kept(len(pooled), sparsity))
    for scope in ("tensor", "global"):
        run(f"tmo-prune -p channel:bn -s {sparsity} --scope {scope} <in >out")
        run(f"cat in | tmo-prune -p channel:bn -s {sparsity} --scope {scope} | cmp - out")
        after, first = load("out"), 0
        for name, (n, shape, axis) in layers.items():
            stay = largest(gamma(n), kept(n, sparsity))
            if scope == "global":
                stay = {i - first for i in everywhere}
            first += n
            want = cut(before[name], [p[axis] in stay for p in places(shape)])
            assert after[name] == want, (name, sparsity, scope)
        assert after["fc"] == before["fc"]
END
	tmo-prune -v -p channel:bn in >out 2>err
	grep -q 'fc: left as it is: no BatchNormalization follows it' err
	fails 1 'no BatchNormalization follows any' tmo-prune -p channel:bn --only fc in
	mkstream w:f4:4x6:normal >plain
	fails 1 'no graph.onnx' tmo-prune -p channel:bn plain
	# Layers may share a scale, in the graph (8 channels) or in the stream (300).
	local n
	for n in 8 300; do
		mkonnx 'input x' "init c f32 ${n}x3x3x3 raw" "init d f32 ${n}x${n}x1x1 raw" "init g f32 $n raw" \
			'node Conv n x,c a' 'node BatchNormalization m a,g,g,g,g b' 'node Conv o b,d e' \
			'node BatchNormalization p e,g,g,g,g y' 'output y' | tmo-from-onnx >shared
		tmo-prune -v -p channel:bn shared 2>&1 >out | grep -c " $((n / 2)) of $n channels stay" >count
		[ "$(cat count)" -eq 2 ]
	done
	mkonnx 'init c f32 8x3x3x3 raw' 'init g f32 7 raw' 'node Conv n x,c a' \
		'node BatchNormalization b a,g,g,g,g y' 'input x' 'output y' | tmo-from-onnx >wrong
	fails 1 'tensors/c: 8 output channels, but the scale of its BatchNormalization, g, has 7' \
		tmo-prune -p channel:bn wrong
}

@test "prune: what is wrong with a pattern, or does not go with it, is wrong usage" {
	mkstream w:f4:4x6:normal >in
	local pattern
	for pattern in '' 2: :4 2:4: 2:4x a:b 0:4 4:4 5:4 -1:4 1:1025 2:99999999999999999999 block block:2 \
		block:2x block:0x4 block:4x0 block:2x2:min block:2x2x2 block:2x2: channels channel: channel:l3 \
		unstructured: Unstructured; do
		fails 2 'the pattern is "' tmo-prune --pattern "$pattern" in
	done
	fails 2 'drop --sparsity' tmo-prune -p 2:4 -s 0.7 in
	fails 2 'drop --scope' tmo-prune -p 2:4 --scope global in
	fails 2 'drop --ties' tmo-prune -p 2:4 --ties keep in
	fails 2 'give --input-norms' tmo-prune --criterion wanda in
	fails 2 'wanda' tmo-prune --input-norms in in
	fails 2 'wanda' tmo-prune --criterion wanda --input-norms in --scope global in
	fails 2 'wanda' tmo-prune --criterion wanda --input-norms in -p channel in
	fails 2 'wanda' tmo-prune --criterion wanda --input-norms in -p block:2x2 in
	fails 2 'drop --criterion' tmo-prune --criterion random -p channel:bn in
	fails 2 '--ties keep' tmo-prune --criterion random --ties keep in
	fails 2 '--scope global' tmo-prune --normalize in
	fails 2 '--normalize' tmo-prune --normalize --scope global --criterion random in
	fails 2 'criterion' tmo-prune --criterion size in
}

@test "prune: a map gives each tensor its pattern, whatever the command line said for the others" {
	mkstream a:f4:8x16:normal b:f4:8x16:normal c:f4:8x16:normal d:f4:8x16:normal >in
	mkstream a:f4:16:ones b:f4:16:ones c:f4:16:ramp d:f4:16:ones >norms
	printf '%s\n' 'a: {pattern: "2:4", criterion: magnitude}' 'b: {pattern: channel, criterion: magnitude}' \
		'd: {criterion: random, seed: 3}' >m.yaml
	tmo-prune -s 0.75 --ties keep --criterion wanda --input-norms norms --map m.yaml in >out
	tmo-prune -p 2:4 in >a
	tmo-prune -s 0.75 -p channel in >b
	tmo-prune -s 0.75 --criterion wanda --input-norms norms in >c
	tmo-prune -s 0.75 --criterion random --seed 3 in >d
	local name
	for name in a b c d; do
		cmp <(member out tensors/$name.npy) <(member $name tensors/$name.npy)
	done
}

@test "prune: NaN, infinity, zeros and encoded tensors in patterns as without" {
	local how
	mkstream w:f4:6x8:inf v:f8:6x8:inf >inf
	mkstream a:f4:3x4:normal w:f4:3x4:nan >nan
	mkstream w:f4:6x8:zeros v:f8:8x6:zeros >zeros
	mkstream w:f4:8x8:normal | tmo-quant >encoded
	tmo-decode <encoded >decoded
	for how in '-p 1:4' '-p block:2x2' '-p block:3x3:max' '-p channel' '-p channel:l2' '--criterion random' \
		'--scope global --normalize' '-p channel:l2 --scope global --normalize'; do
		# shellcheck disable=SC2086
		{
			fails 1 'tensors/w: NaN at index 0; ' tmo-prune -q $how nan
			tmo-prune $how inf >out
			tmo-prune $how zeros >same
			tmo-prune $how encoded >one
			tmo-prune $how decoded >other
		}
		cmp <(member zeros tensors/w.npy) <(member same tensors/w.npy)
		cmp <(member one tensors/w.npy) <(member other tensors/w.npy)
		[ "$how" = '--criterion random' ] && continue
		[ "$(values out tensors/w.npy | head -n 1)" = inf ]
		[ "$(values out tensors/v.npy | head -n 1)" = inf ]
	done
	patterns <<'END'
w = [0.0, -0.0, -0.0, 1.0, -2.0, -0.0, 0.0, 3.0]
write("in", {"w": ("f4", (2, 4), w), "v": ("f8", (2, 4), [x * 1e308 / 3 for x in w]),
             "tiny": ("f8", (2, 4), [x * 1e-310 for x in w])})
for how in ("-p 1:2", "-p 3:4", "-p block:1x2", "-p channel:l2", "--criterion random", "-p block:2x4",
            "--scope global --normalize", "-p channel:l2 --scope global --normalize"):
    run(f"tmo-prune {how} <in >out")
    after = load("out")
    for name in ("w", "v", "tiny"):
        for i, (x, y) in enumerate(zip(load("in")[name], after[name])):
            assert x == y and str(x) == str(y) or x != 0 and str(y) == "0.0", (how, name, i, x, y)
    if how == "-p channel:l2":		# squares of doubles that neither overflow nor vanish
        assert [x != 0 for x in after["v"]] == [x != 0 for x in after["tiny"]] == [x != 0 for x in after["w"]]
        assert [x != 0 for x in after["v"]] == [False] * 4 + [True, False, False, True], after["v"]
END
}

@test "prune: tensors without an axis, or without elements, are left or taken as one row" {
	mkstream s:f4:-:ones v:f4:9:normal e:f4:0x4:normal f:f4:3x0:normal >in
	tmo-prune -v -p 2:4 --only '*' in 2>err >out
	[ "$(grep -c 'left as it is' err)" -eq 4 ]
	tmo-prune -p block:2x2 --only '*' in >out
	tmo-prune -p channel --only '*' --scope global in >out
	[ $(($(nonzero out v) + $(nonzero out s))) -eq 5 ]
	tmo-prune --criterion random --only '*' --scope global in >out
}

@test "prune: patterns, too, give the same bytes from any number of threads" {
	local how
	mkstream a:f4:300x1000:normal b:f4:400x50x3x3:sparse c:f8:1000x30:normal d:f4:2x2:ones >in
	patterns <<'END'
n = {"a": 1000, "b": 50, "c": 30, "d": 2}
write("norms", {k: ("f4", (v,), [i % 7 + 0.5 for i in range(v)]) for k, v in n.items()})
END
	for how in '-p 2:4' '-p block:4x4' '-p channel:l2 --scope global --normalize' '--criterion random' \
		'--scope global --normalize' '--criterion wanda --input-norms norms' '-p 4:8 --axis 1'; do
		# shellcheck disable=SC2086
		tmo-prune -j 1 $how <in >one
		# shellcheck disable=SC2086
		tmo-prune -j 2 $how <in | cmp one
		# shellcheck disable=SC2086
		tmo-prune -j 7 $how <in | cmp one
	done
}
