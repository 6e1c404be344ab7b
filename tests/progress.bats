# SPDX-License-Identifier: Apache-2.0
# progress.bats: what is on the terminal while something takes long, and that it is gone at the end.
load helper

# A stream that takes a filter more than a second, however fast the machine is: it comes slowly.
slow() {
	mkstream a:f4:300x300:normal b:f4:300x300:normal c:f4:300x300:normal d:f4:300x300:normal >in.tar
	cat >slow <<-'E'
	#!/bin/sh
	# a stage that passes its input on in pieces
	for i in 1 2 3 4 5 6 7 8; do head -c 180000; sleep 0.2; done
	cat
	E
	chmod +x slow
}

terminal() {
	python3 "$root/tests/helper/terminal.py" "$@"
}

@test "progress: a filter shows a bar with bytes, rate and tensors, and erases it" {
	slow
	terminal sh -c './slow <in.tar | tmo-quant -o out.tar' >shown
	grep -qE '^quant: .* MB, [0-9]+ MB/s, [0-9]+ tensors' shown
	[ "$(tail -n 1 shown)" = '^[[K' ]
	tmo-quant in.tar | cmp - out.tar
	# Nothing under -q, on a dumb terminal, or where stderr is no terminal.
	terminal sh -c './slow <in.tar | tmo-quant -q -o out.tar' >shown
	[ ! -s shown ]
	terminal sh -c './slow <in.tar | TERM=dumb tmo-quant -o out.tar' >shown
	[ ! -s shown ]
	./slow <in.tar | tmo-quant -o out.tar 2>shown
	[ ! -s shown ]
}

@test "progress: tmo run has a line a stage, with what each has done, gone at the end" {
	slow
	printf 'stages:\n  - sh: ./slow\n  - prune: {sparsity: 0.5}\n  - quant:\n' >p.yaml
	terminal tmo run p.yaml -i in.tar -o out.tar >shown
	grep -qE '^stage 1 \(sh\) +running$' shown
	grep -qE '^stage 2 \(prune\) +([ 0-9]+% \[.*\] )?[0-9.]+ MB, [0-9]+ MB/s, [0-9]+ tensors' shown
	grep -qE '^stage 3 \(quant\) +([ 0-9]+% \[.*\] )?[0-9.]+ MB, [0-9]+ MB/s, [0-9]+ tensors' shown
	[[ $(grep -oE '\^\[\[[0-9]*[A-Z]' shown | tail -n 1) = '^[[J' ]]
	tmo-prune --sparsity 0.5 in.tar | tmo-quant | cmp - out.tar
}

@test "progress: the time left, on 80 columns too; no more lines or columns than there are" {
	slow
	tmo-to-npz in.tar >in.npz
	printf 'stages:\n  - sh: ./slow\n  - prune: {sparsity: 0.5}\n  - quant:\n' >p.yaml
	terminal tmo run p.yaml -i in.npz -o out.tar >shown
	grep -qE '^stage 2 \(prune\) +[0-9]+% (\[[# ]+\] )?[0-9.]+ MB, [0-9]+ MB/s, [1-3] of 4 tensors, [0-9]+ s left$' shown
	[ -z "$(grep -E '^.{80}' shown)" ]
	terminal --size 40 5 tmo run p.yaml -i in.npz -o out.tar >shown
	grep -qE '^stage 2 \(prune\) +[0-9]+% [0-9.]+ MB' shown
	[ -z "$(sed 's/\^\[\[[0-9]*[A-Z]//g' shown | grep -v '^tmo: ' | grep -E '^.{40}')" ]
	[ "$(grep -oE '\^\[\[[0-9]+A' shown | sort -u)" = '^[[3A' ]
	terminal --size 30 24 sh -c './slow <in.tar | tmo-quant -o out.tar' >shown
	grep -qE '^quant: [0-9.]+ MB, [0-9]+ MB/s' shown
	[ -z "$(sed 's/\^\[\[[0-9]*[A-Z]//g' shown | grep -E '^.{30}')" ]
}

# middle FILE PATTERN: what `terminal --percent` printed says of lines that match, near half of the time,
# that 15 to 85 % are done, and never 100 %.
middle() {
	awk -v pattern="$2" '
		$0 !~ pattern { next }
		$2 >= 100 { print "100 % before the end: " $0; bad = 1 }
		$1 >= 40 && $1 <= 60 { seen++; if ($2 < 15 || $2 > 85) { print "half of the time: " $0; wrong++ } }
		END { if (!seen) print "nothing was shown"; exit bad || !seen || wrong > seen / 2 }' "$1"
}

@test "progress: pack says how much of its time has passed, while it tries and compresses too" {
	# nothing of it can be compressed, so that level 19 takes its time with it
	mkstream a:f4:300x300:normal b:f4:300x300:normal c:f4:300x300:normal d:f4:300x300:normal e:f4:400x400:normal >in.tar
	tmo-quant -b 6 in.tar >quant.tar
	terminal --percent tmo-pack --zstd 19 quant.tar -o out.tar.zst >shown
	middle shown '^'
	grep -qE '% \[.*\] trying layouts, [0-9]+ s left' shown
	grep -qE '% \[.*\] compressing, [0-9]+ s left' shown
	tmo-pack --zstd 19 quant.tar | cmp - out.tar.zst
	# in a pipeline, where the other stages are done long before it
	printf 'stages:\n  - quant: {bits: 6}\n  - pack: {zstd: 19}\n' >p.yaml
	terminal --percent tmo run p.yaml -i in.tar -o out2.tar.zst >shown
	middle shown 'stage 2 \\(pack\\)'
	cmp out.tar.zst out2.tar.zst
}

@test "progress: quant says how much of a tensor it has fitted" {
	mkstream a:f4:1500x1000:normal >in.tar
	terminal --percent tmo-quant -r entropy -g channel in.tar -o out.tar >shown
	middle shown '^'
	tmo-quant -j1 -r entropy -g channel in.tar | cmp - out.tar
}

@test "progress: who has no input says that it waits for it" {
	mkstream a:f4:30x30:normal >in.tar
	terminal sh -c '(head -c 2000 in.tar; sleep 2; tail -c +2001 in.tar) | tmo-quant -o out.tar' >shown
	grep -q 'waiting for input' shown
	printf 'stages:\n  - sh: "sleep 2; cat"\n  - quant:\n' >p.yaml
	terminal tmo run p.yaml -i in.tar -o out.tar >shown
	grep -qE '^stage 2 \(quant\) +waiting for input$' shown
}

@test "progress: a message takes the place of the bar, and does not stand behind it" {
	slow
	terminal sh -c './slow <in.tar | tmo-quant -v -o out.tar' >shown
	grep -q '^quant: .* MB' shown
	[ "$(grep -c '^\^\[\[Ktmo-quant: tensors/[a-d]: 8 bits\|^tmo-quant: tensors/[a-d]: 8 bits' shown)" -eq 4 ]
}

@test "progress: what a stage says stays on the terminal, also the start of a line" {
	slow
	cat >p.yaml <<-'E'
	stages:
	  - sh: "printf one >&2; ./slow; printf ' two\\nthree' >&2"
	E
	terminal tmo run p.yaml -i in.tar -o out.tar >shown
	grep -q 'running$' shown
	sed 's/\^\[\[[0-9]*[A-Z]//g' shown | grep -qx 'one two'
	sed 's/\^\[\[[0-9]*[A-Z]//g' shown | grep -qx 'three'
	sed 's/\^\[\[[0-9]*[A-Z]//g' shown | grep -q '^tmo: out.tar: [0-9]* bytes, '
}

@test "progress: Ctrl-C ends all stages and leaves neither output nor temporary file" {
	slow
	printf 'stages:\n  - sh: ./slow\n  - quant:\n' >p.yaml
	mkdir here tmp
	got=0
	TMPDIR=$PWD/tmp terminal --after 0.7 ctrl-c tmo run p.yaml -i in.tar -o here/out.tar >shown || got=$?
	[ "$got" -eq 130 ]
	[ -z "$(ls -A here tmp | grep -v ':$' | tr -d '\n')" ]
	got=0
	terminal --after 0.7 ctrl-c sh -c './slow <in.tar | tmo-quant -o here/out.tar' >shown || got=$?
	[ "$got" -eq 130 ]
	[ -z "$(ls -A here)" ]
}
