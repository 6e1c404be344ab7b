# SPDX-License-Identifier: Apache-2.0
# fuzz.bats: every parser against its seeds (tests/fuzz/seeds.py), against inputs that once made it
# fail (tests/fuzz/corpus/NAME/, each named for its bug), and against thousands of mutations of both,
# the same ones on every run. .ci/run lets a real fuzzer go on from there.
load helper

setup_file() {
	PATH=$BATS_TEST_DIRNAME/../build/bin:$BATS_TEST_DIRNAME/../build/tests:$PATH \
		python3 "$BATS_TEST_DIRNAME/fuzz/seeds.py" "$BATS_FILE_TMPDIR/seeds"
}

# fuzz NAME MUTATIONS: of each seed
fuzz() {
	local seeds
	seeds=$(find "$BATS_FILE_TMPDIR/seeds/$1" "$root/tests/fuzz/corpus/$1" -type f 2>/dev/null | sort) || true
	[ -n "$seeds" ]
	# shellcheck disable=SC2086  # no name has a space
	"fuzz-$1" "-mutations=$2" $seeds || {
		local status=$?
		# the same once more, leaving the input there: dumping each is slow
		"fuzz-$1" "-mutations=$2" "-dump=$root/build/fuzz-$1.crash" $seeds || true
		echo "fuzz-$1: status $status; the input is in build/fuzz-$1.crash"
		return 1
	}
}

@test "fuzz: npy headers" { fuzz npy 3000; }

@test "fuzz: tar archives" { fuzz tar 4000; }

@test "fuzz: YAML" { fuzz yaml 1500; }

@test "fuzz: the packed form's index and sums" { fuzz packed 1500; }

@test "fuzz: ONNX models" { fuzz onnx 1500; }

@test "fuzz: graphs that take encoded weights" { fuzz onnx_write 1500; }

@test "fuzz: networks that are planned and run" { fuzz plan 300; }

@test "fuzz: .npz archives" { fuzz npz 1500; }

@test "fuzz: safetensors headers and indices" { fuzz safetensors 1500; }

@test "fuzz: streams" { fuzz stream 600; }

@test "fuzz: tensor.yaml and model.yaml" { fuzz manifest 1500; }

@test "fuzz: packed codes" { fuzz codes 300; }

@test "fuzz: pipelines and descriptions" { fuzz pipeline 600; }

# The same 50 every time; .ci/run draws thousands of others, with sanitizers.
@test "fuzz: whole random streams through chains of programs with random options" {
	python3 "$root/tests/fuzz/pipes.py" 1 50 >told || { cat told; return 1; }
	grep '^50 passed, 0 failed$' told
}

@test "fuzz: plugins that describe themselves oddly, and pipelines that use them" {
	python3 "$root/tests/fuzz/plugins.py" 1 15 >told || { cat told; return 1; }
	grep '^15 passed, 0 failed$' told
}

@test "fuzz: every target is run here, every corpus is small" {
	local source
	for source in "$root"/tests/fuzz/*.c; do
		case $source in */driver.c) continue ;; esac
		grep -q "fuzz $(basename "$source" .c) [0-9]" "$root/tests/fuzz.bats"
	done
	[ "$(find "$root/tests/fuzz/corpus" -type f | wc -l)" -le 100 ]
	[ -z "$(find "$root/tests/fuzz/corpus" -type f -size +4k)" ]
}
