# SPDX-License-Identifier: Apache-2.0
# unit.bats: the programs of tests/unit, each on its own: libcommon's modules and filters' kernels,
# against tables and against slow, obvious arithmetic.
load helper

@test "unit: float conversions" { unit minifloat; }

@test "unit: names and globs" { unit member_name; }

@test "unit: YAML" { unit yaml; }

@test "unit: options, help, description, history" { unit options; }

@test "unit: selection and axes" { unit selection; }

@test "unit: every other program of tests/unit" {
	local source name
	for source in "$root"/tests/unit/*.c; do
		name=$(basename "$source" .c)
		grep -qwr --include='*.bats' "unit $name" "$root/tests" && continue # another test runs it
		unit "$name" || { echo "unit-$name failed"; return 1; }
	done
}
