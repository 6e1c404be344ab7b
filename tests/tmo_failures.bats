# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016  # what stands in single quotes is for another shell
# tmo run when something goes wrong: who is named, what is left, signals.
load helper
load helper/tmo

# only_files NAME...: nothing but these files is here, also no temporary one.
only_files() {
	[ "$(ls -A)" = "$(printf '%s\n' "$@" | sort)" ] || { ls -A; return 1; }
}

# dead PID: it has ended (a zombie that nobody has reaped yet has, too).
dead() {
	local state
	[ -n "$1" ] || return 0 # it was stopped before it could write its number
	state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 0
	[ "$state" = Z ]
}

@test "failure: the first culprit is named, no file and no process is left" {
	while IFS='#' read -r stages message; do
		rm -f ./*.pid out err
		eval "pipeline $stages"
		got=0
		tmo run p.yaml -i in.tar -o x 2>err || got=$?
		[ "$got" -eq 1 ] || { cat p.yaml err; return 1; }
		tail -n 1 err | grep -qx "tmo: $message" || { cat p.yaml err; return 1; }
		for f in ./*.pid; do
			[ ! -e "$f" ] || dead "$(cat "$f")" || { cat p.yaml; return 1; }
		done
		rm -f ./*.pid err p.yaml
		only_files in.tar
	done <<-'E'
		'sh: exit 4' 'prune:'#stage 1 (sh): exit 4
		'prune:' 'sh: exit 5' 'quant:'#stage 2 (sh): exit 5
		'prune:' 'quant:' 'sh: cat >/dev/null; exit 6'#stage 3 (sh): exit 6
		'prune:' 'sh: kill -SEGV $$' 'quant:'#stage 2 (sh): killed by SIGSEGV
		'prune:' 'sh: head -c 700' 'quant:'#stage 3 (quant): its input ends too early; stage 2 (sh) wrote no whole stream
		'sh: echo $$ >1.pid; yes' 'sh: exit 3'#stage 2 (sh): exit 3
		'sh: echo $$ >1.pid; exec sleep 99' 'sh: sleep 0.1; exit 3' 'sh: echo $$ >2.pid; cat'#stage 2 (sh): exit 3
		'sh: sleep 98 & echo $! >1.pid; cat; wait' 'sh: sleep 0.1; exit 3'#stage 2 (sh): exit 3
		'sh: yes | { sleep 97 & echo $! >1.pid; cat; }' 'sh: sleep 0.1; exit 9'#stage 2 (sh): exit 9
	E
}

@test "failure: a stage that does not heed SIGTERM is killed after two seconds" {
	pipeline "sh: \"trap '' TERM; echo \$\$ >1.pid; while :; do sleep 0.1; done\"" \
		'sh: while [ ! -s 1.pid ]; do sleep 0.01; done; exit 3'
	SECONDS=0
	fails 1 'tmo: stage 2 (sh): exit 3' tmo run p.yaml -i in.tar -o x
	[ "$SECONDS" -ge 1 ]
	[ "$SECONDS" -le 6 ]
	dead "$(cat 1.pid)"
}

@test "failure: who died first is told, twenty times over" {
	pipeline 'sh: cat; exit 4' 'prune:' 'quant:'
	for _ in {1..10}; do
		fails 1 'tmo: stage 1 (sh): exit 4' tmo run -q p.yaml -i in.tar -o x
	done
	head -c 2000 in.tar >cut.tar
	pipeline 'sh: cat; exit 4' 'prune:' 'quant:'
	for _ in {1..10}; do
		got=0
		tmo run p.yaml -i cut.tar -o x 2>err || got=$?
		[ "$got" -eq 1 ]
		tail -n 1 err | grep -q 'tmo: stage 1 (sh): exit 4\|tmo: stage 2 (prune): exit 1'
	done
	[ ! -e x ]
}

@test "failure: one message of what failed, none of those that it cut off, each time" {
	mkstream w:f4:20x30:normal >in.tar
	pipeline 'prune:' 'quant: {bits: 4}' "eval: {require: 'bits_per_weight<=1'}" 'pack: {zstd: 3}' 'unpack:'
	for _ in {1..25}; do
		got=0
		tmo run -q p.yaml -i in.tar -o x 2>err || got=$?
		[ "$got" -eq 1 ]
		[ "$(sed 's/ is .*//' err | xargs)" = "tmo-eval: bits_per_weight tmo: stage 3 (eval): exit 1" ] || { cat err; return 1; }
	done
	# Whoever reads a file, a reference among them, tells what is wrong with it.
	head -c 700 in.tar >cut.tar
	pipeline 'prune:' 'eval: {reference: cut.tar}'
	got=0
	tmo run -q p.yaml -i in.tar -o x 2>err || got=$?
	[ "$got" -eq 1 ]
	grep -q 'tmo-eval: .*truncated' err
	[ ! -e x ]
}

@test "failure: in a pipe of the shell's the first message is that of what failed" {
	mkstream w:f4:20x30:normal >in.tar
	for _ in {1..10}; do
		{ tmo-eval -q --require 'elements<1' in.tar | tmo-pack; } 2>err >out || true
		[ "$(wc -l <err)" -eq 2 ]
		head -n 1 err | grep -q '^tmo-eval: elements is 600, '
	done
}

@test "a truncated or damaged input fails, and -o keeps what was there" {
	pipeline 'prune:' 'quant:'
	echo precious >out.tar
	size=$(stat -c %s in.tar)
	for cut in 512 1000 1536 2047 $((size - 512)); do
		head -c "$cut" in.tar >cut.tar
		got=0
		tmo run p.yaml -i cut.tar -o out.tar 2>err || got=$?
		[ "$got" -eq 1 ]
		grep -q '^tmo: stage 1 (prune): exit 1' err
		[ "$(cat out.tar)" = precious ]
	done
}

@test "a stage whose reader leaves early and well is forgiven" {
	mkstream a:f4:1000x1000:normal >large.tar
	pipeline 'prune:' 'sh: cat' 'sh: head -c 10'
	tmo run p.yaml -i large.tar -o out
	[ "$(stat -c %s out)" -eq 10 ]
	pipeline 'prune:' 'sh: cat'
	tmo run p.yaml -i large.tar 2>err | head -c 10 >out && got=0 || got=${PIPESTATUS[0]}
	[ "$got" -eq 141 ]
	[ ! -s err ]
}

@test "signals end all stages, leave nothing, and kill tmo in turn" {
	pipeline 'sh: echo $$ >1.pid; exec sleep 96' 'sh: sleep 95 & echo $! >2.pid; wait; cat'
	for signal in INT TERM HUP; do
		rm -f ./*.pid
		# A shell has its background jobs ignore SIGINT; Python does not.
		python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' tmo run p.yaml -i in.tar -o x 2>err &
		while [ ! -s 1.pid ] || [ ! -s 2.pid ]; do sleep 0.02; done
		kill -s $signal $!
		got=0
		wait $! || got=$?
		[ "$got" -eq $((128 + $(kill -l $signal))) ]
		dead "$(cat 1.pid)"
		dead "$(cat 2.pid)"
		[ ! -s err ]
		[ -z "$(ls -A | grep '^\.x')" ]
	done
	[ ! -e x ]
}

@test "stages start with default signals, whatever the parent ignores" {
	pipeline 'sh: trap; yes | head -c 1 >/dev/null; grep SigIgn /proc/self/status'
	(trap '' PIPE TERM USR1; tmo run p.yaml -i in.tar -o out)
	grep -qE 'SigIgn:.*0{7}(00|18)0{7}' out	# 32 and 33 are the C library's own
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGPIPE])
os.execvp(sys.argv[1], sys.argv[1:])' tmo run p.yaml -i in.tar -o out
}

@test "a full disk fails" {
	pipeline 'prune:' 'quant:'
	got=0
	tmo run p.yaml -i in.tar -o /dev/full 2>err || got=$?
	[ "$got" -eq 1 ]
	grep -q 'tmo: stage 2 (quant): exit 1' err
}
