# SPDX-License-Identifier: Apache-2.0
# faults.bats: what the machine does to a run: calls that fail (tests/faults/shim.c), kills, flipped
# bits. Here at some points; .ci/run does all of them.
load helper

# The last line counts; nothing may have failed, and something must have been tried.
all_held() {
	tail -n 1 log | grep -qE '^[1-9][0-9]* passed, 0 failed$' || { cat log; return 1; }
}

# AddressSanitizer wants to be loaded before any other library.
not_with_sanitizer() {
	grep -q 'fsanitize' "$root/config.mk" && skip 'the shim cannot stand before AddressSanitizer'
	return 0
}

@test "faults: each kind of call fails in each program: status, message, nothing left" {
	not_with_sanitizer
	mkdir here && cd here
	python3 "$root/tests/faults/faults.py" "$root/build/tests/faults.so" \
		"$root/examples/digits.onnx" 2 >../log || { cat ../log; return 1; }
	cd .. && all_held
}

# fault PROGRAM:FUNCTION:N:HOW TEXT CMD...: with that fault CMD works, if it never came to that
# call, or says TEXT. NULL and -1 are also what is returned for a file that is no model.
fault() {
	local got=0
	LD_PRELOAD=$root/build/tests/faults.so TMO_FAULT=$1 "${@:3}" >out 2>err || got=$?
	if [ "$got" -gt 1 ] || { [ "$got" -eq 1 ] && ! grep -q -- "$2" err; }; then
		echo "$1: status $got"
		cat err
		return 1
	fi
}

@test "faults: a model that cannot be read is not said to be of no known format" {
	local n
	not_with_sanitizer
	printf 'stages:\n  - quant:\n' >p.yaml
	for n in {1..15}; do
		fault "tmo:read:$n:EIO" 'Input/output error' tmo run p.yaml -i "$root/examples/digits.onnx" --dry-run
	done
}

@test "faults: a model for which there is no memory is not called damaged" {
	local n
	not_with_sanitizer
	tmo-from-onnx "$root/examples/digits.onnx" >in.tar
	for n in {1..480..24}; do
		fault "tmo-from-onnx:malloc:$n:ENOMEM" 'out of memory' tmo-from-onnx "$root/examples/digits.onnx"
		fault "tmo-quant:malloc:$((2 * n)):ENOMEM" 'out of memory' tmo-quant in.tar
	done
}

@test "faults: a signal while a temporary file is made leaves none" {
	not_with_sanitizer
	mkdir folder
	tmo-from-onnx "$root/examples/digits.onnx" >in.tar
	export TMPDIR=$PWD/folder TMO_FAULT_HIT=$PWD/hit
	for program in tmo-pack 'tmo-to-safetensors -o out'; do
		# shellcheck disable=SC2086  # a program and its options
		LD_PRELOAD=$root/build/tests/faults.so TMO_FAULT=${program%% *}:mkstemp:1:SIGTERM run -143 $program in.tar
		rm hit
		run -0 ls -A folder
		[ -z "$output" ]
	done
}

# What the C library opens, reads, writes, maps, starts and allocates with, under all of its names.
@test "faults: no program calls what the shim does not stand before" {
	local program calls
	calls='p?(read|write)v?[0-9]*|(open|openat|creat|fopen|freopen|mmap|tmpfile|ftruncate|lseek)(64)?'
	calls+='|mko?s?temps?(64)?|(fd)?opendir|f(data)?sync|rename(at2?)?|v?fork|posix_spawnp?|system|popen'
	calls+='|pipe2?|splice|vmsplice|tee|sendfile(64)?|copy_file_range|(m|c|re|reallocarr)alloc'
	calls+='|aligned_alloc|posix_memalign|strn?dup|v?asprintf|pthread_create|syscall'
	nm -D --defined-only "$root/build/tests/faults.so" | awk '{ print $3 }' | sort >shim
	for program in "$root"/build/bin/*; do
		nm -D --undefined-only "$program" | awk '{ print $2 }'
	done | sed 's/@.*//; s/^__//; s/_chk$//' | sort -u | grep -xE "$calls" >called
	for program in read write open64 fsync rename posix_spawn calloc; do
		grep -qx $program called
	done
	run -1 grep -xE 'mmap(64)?|v?fork' called # so faults.py has none that could fail
	run -0 comm -23 called shim
	[ -z "$output" ]
}

@test "faults: SIGKILL of any stage leaves the old output or none" {
	mkdir here && cd here
	python3 "$root/tests/faults/kills.py" "$root/examples/digits.onnx" 35 >../log || { cat ../log; return 1; }
	cd .. && all_held
}

@test "faults: every flipped bit and every cut of a small payload is found" {
	mkstream w:f4:6x5:normal b:f4:3:ramp | tmo-quant | tmo-pack >small.tar
	zstd -q small.tar
	for file in small.tar small.tar.zst; do
		flips $file all >log || { cat log; return 1; }
		all_held
	done
}

@test "faults: flipped bits and cuts of a real payload are found" {
	tmo run "$root/pipelines/ota-int8.yaml" -q -i "$root/examples/digits.onnx" -o real.tar.zst
	zstd -dq real.tar.zst
	for file in real.tar real.tar.zst; do
		flips $file 500 >log || { cat log; return 1; }
		all_held
	done
}
