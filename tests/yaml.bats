# SPDX-License-Identifier: Apache-2.0
# yaml.bats: YAML as people and their editors write it: marks, other encodings, tabs, "*" without quotes.
load helper

# encoded ENCODING: what comes as UTF-8, in that one.
encoded() {
	python3 -c 'import sys; sys.stdout.buffer.write(sys.stdin.read().encode(sys.argv[1]))' "$1"
}

@test "yaml: pipelines and maps with a byte order mark, and in UTF-16 with one, mean the same" {
	mkstream w:f4:8x8:normal v:f4:8x8:normal >in.tar
	printf 'summary: four bits\nstages:\n  - quant: {bits: 4}\n' >p.yaml
	printf '"w": {bits: 3}\n"v": skip\n' >m.yaml
	tmo run -q p.yaml -i in.tar -o want-p.tar
	cp m.yaml map.yaml
	tmo-quant -q --map map.yaml in.tar >want-m.tar
	local encoding
	for encoding in utf-8-sig utf-16; do
		encoded $encoding <p.yaml >other.yaml
		tmo run -q other.yaml -i in.tar -o out.tar
		cmp want-p.tar out.tar
		encoded $encoding <m.yaml >map.yaml
		tmo-quant -q --map map.yaml in.tar | cmp - want-m.tar
	done
	# the manifest too
	mkdir s
	tar xf in.tar -C s
	printf '\357\273\277tmo: 1\nname: marked\n' >s/model.yaml
	tar --sort=name -cf marked.tar -C s model.yaml tensors
	tmo-quant -q marked.tar >out.tar
	member out.tar model.yaml | grep -x 'name: marked'
}

@test "yaml: what is no UTF-8 is said with line and column, and is a mistake of the command" {
	encoded utf-16-le <<<'a: skip' >m.yaml
	fails 2 'tmo-quant: m.yaml: line 1, column 2: a control byte; drop it, or save the text as UTF-8' \
		tmo-quant --map m.yaml /dev/null
	printf 'summary: x\nstages:\n  - sh: "caf\351"\n' >p.yaml
	fails 2 'tmo: p.yaml: line 3, column 14: no UTF-8; save the text as UTF-8' tmo run p.yaml -i /dev/null
}

@test "yaml: tabs and patterns without quotes are told in our words" {
	printf 'stages:\n\t- quant: {bits: 4}\n' >p.yaml
	fails 2 'tmo: p.yaml: line 2, column 1: a tab; indent with spaces' tmo run p.yaml -i /dev/null
	printf 'stages:\n  - quant: {only: *.weight}\n' >p.yaml
	fails 2 'tmo: p.yaml: line 2, column 19: \* begins an alias of YAML.s; put the text in quotes' \
		tmo run p.yaml -i /dev/null
	printf 'stages:\n  - quant: {only: *weight}\n' >p.yaml
	fails 2 'tmo: p.yaml: line 2, column 19: \* begins an alias' tmo run p.yaml -i /dev/null
	printf 'stages:\n  - eval: {reference: @input}\n' >p.yaml
	fails 2 'tmo: p.yaml: line 2, column 23: @ cannot begin a text; put it in quotes' tmo run p.yaml -i /dev/null
	printf 'stages:\n  - quant: {bits: 4\n  - pack: {}\n' >p.yaml
	fails 2 'tmo: p.yaml: line 2, column 12: { without its }' tmo run p.yaml -i /dev/null
	printf '"w": skip\n*.b: skip\n' >m.yaml
	fails 2 'tmo-quant: m.yaml: line 2, column 1: \* begins an alias' tmo-quant --map m.yaml /dev/null
}
