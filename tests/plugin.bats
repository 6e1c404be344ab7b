# SPDX-License-Identifier: Apache-2.0
# tmo-plugin(7): the three plugins that stand in the page, each whole, in sh, Python and C, are built
# and run from there. conventions.bats asks them what it asks all programs.
load helper

# from_page WHAT FILE: the display of the page that begins with that line, as a reader sees it.
from_page() {
	awk -v first="$1" '/^\.Bd -literal$/ { getline; on = index($0, first) == 1 }
		/^\.Ed/ { on = 0 } on' "$root/man/tmo-plugin.7" |
		sed 's/\\(aq/'\''/g; s/\\(ga/`/g; s/\\(ti/~/g; s/\\(ha/^/g; s/\\-/-/g; s/^\\&//; s/\\e/\\/g' >"$2"
	[ -s "$2" ]
}

# The plugins, from the page, in the folder plugins/.
setup() {
	tmo_setup
	mkdir plugins
	from_page '#!/bin/sh' plugins/tmo-names
	from_page '#!/usr/bin/env python3' plugins/tmo-clip
	from_page '/* SPDX' plugins/round.c
	chmod +x plugins/tmo-*
	build >/dev/null
	export TMO_PATH=$PWD/plugins
	mkstream conv.weight:f4:16x8x3x3:normal fc.weight:f4:20x30:normal fc.bias:f4:20:normal n:i8:3:ramp \
		--seed 4 >in.tar
}

build() {
	local flags
	flags() { sed -n "s/^$1 = //p" "$root/config.mk"; }
	# shellcheck disable=SC2046  # lists of words
	$(flags CC) $(flags CFLAGS) -Werror -I "$root/build/include" plugins/round.c "$root/build/libtmo.a" \
		$(flags LDFLAGS) $(flags BASE_LIBS) -o plugins/tmo-round
}

@test "plugin: what stands in tmo-plugin(7) is what lies in examples/plugins" {
	local file
	for file in tmo-names tmo-clip round.c; do
		cmp plugins/$file "$root/examples/plugins/$file"
	done
}

@test "plugin: tmo finds all three, and they describe themselves" {
	local name
	tmo list >list
	for name in names clip round; do
		grep -q "^$name  " list
		"plugins/tmo-$name" --describe | grep -qx 'tmo: 1'
	done
	[ "$(tmo complete round | head -n 1)" = --bits= ]
	[ "$(tmo complete clip | tr '\n' ' ')" = '--max= --strict --bounds= ' ]
}

@test "plugin: in a pipeline, all three, checked like any stage" {
	cat >p.yaml <<-'P'
		stages:
		  - prune: {sparsity: 0.25}
		  - round: {bits: 3, skip: fc.weight}
		  - clip:  {max: 1.5, strict: true}
		  - quant: {bits: 8, only: fc.weight}
		  - decode:
		  - names:
	P
	tmo run p.yaml -i in.tar -o names
	printf '%s\n' model.yaml tensors/conv.weight.npy tensors/fc.weight.npy tensors/fc.bias.npy \
		tensors/n.npy | cmp - names
	[ "$(tmo run p.yaml -i in.tar --dry-run | sed "s#$PWD/plugins/##g")" = "$(tr '\n' ' ' <<-'E' | sed 's/ $//'
		tmo-prune --sparsity=0.25 <in.tar | tmo-round --bits=3 --skip=fc.weight |
		tmo-clip --max=1.5 --strict | tmo-quant --bits=8 --only=fc.weight | tmo-decode | tmo-names
	E
	)" ]
	sed -i 's/bits: 3/bits: 23/' p.yaml
	fails 2 'line 3, column .*: round: bits is "23"; .*22' tmo run p.yaml -i in.tar -o x
	sed -i 's/bits: 23/bitz: 2/' p.yaml
	fails 2 'unknown option "bitz" of round; did you mean "bits"' tmo run p.yaml -i in.tar -o x
	[ ! -e x ]
}

@test "plugin: the filter in C rounds as another program does, and leaves what it was told to" {
	tmo round --bits 5 in.tar >out.tar
	python3 - <<-'E' <(values in.tar tensors/fc.weight.npy) <(values out.tar tensors/fc.weight.npy)
	import math, sys
	for a, b in zip(*map(open, sys.argv[1:])):
	    m, e = math.frexp(float(a))
	    assert math.isclose(math.ldexp(round(m * 64), e - 6), float(b), rel_tol=1e-8), (a, b)
	E
	for t in fc.bias n; do
		cmp <(member in.tar tensors/$t.npy) <(member out.tar tensors/$t.npy)
	done
	tmo round --bits 5 -j7 <in.tar | cmp - out.tar
	member out.tar model.yaml | grep -q 'round'
	[ "$(zstd -19 <out.tar | wc -c)" -lt "$(($(zstd -19 <in.tar | wc -c) * 2 / 3))" ]
}

@test "plugin: the filter in Python clips; encoded, packed, damaged: one line and status 1" {
	plugins/tmo-clip --max=0.5 <in.tar >out.tar
	values out.tar tensors/conv.weight.npy | sort -g | sed -n '1p;$p' | tr '\n' ' ' | grep -qx -- '-0.5 0.5 '
	cmp <(member in.tar tensors/n.npy) <(member out.tar tensors/n.npy)
	tmo-prune out.tar >/dev/null # a whole stream
	tmo-quant in.tar >q.tar
	fails 1 'tmo-clip: tensors/conv.weight/.*: the tensor is encoded; put tmo-decode' plugins/tmo-clip <q.tar
	tmo-pack in.tar >p.tar
	fails 1 'packed; put tmo-unpack in front' plugins/tmo-clip <p.tar
	for size in 0 600 2000 $(($(wc -c <in.tar) - 700)); do
		head -c "$size" in.tar >cut.tar
		fails 1 '^tmo-clip: stdin: ' plugins/tmo-clip <cut.tar
	done
	fails 2 'tmo-clip: .*--frob.*see tmo-clip --help' plugins/tmo-clip --frob
}

@test "plugin: the commands of the page's last example" {
	cp in.tar model.tar
	awk '/^\.Bd -literal -offset indent/ { on = 1; next } /^\.Ed/ { on = 0 } on' \
		"$root/man/tmo-plugin.7" | grep -v '^cc ' >script
	grep -q 'tmo round' script
	cd plugins
	cp ../model.tar .
	bash -e ../script >shown
	[ "$(wc -l <shown)" -eq 5 ]
}
