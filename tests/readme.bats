# SPDX-License-Identifier: Apache-2.0
# What README.md shows is what works: its recipes are taken from it and run, one after the other.
load helper

# block LANGUAGE: all fenced blocks of that language, in order.
block() {
	awk -v fence="\`\`\`$1" '$0 == "```" { on = 0 } on { print } $0 == fence { on = 1 }' "$root/README.md"
}

@test "README: the recipes run as they stand there" {
	cp "$root/examples/digits.onnx" .
	block yaml >small.yaml
	block sh >recipes
	[ "$(grep -c tmo recipes)" -gt 8 ]
	# The recipe for plain .npy files needs some: the one above it unpacks them.
	bash -e -o pipefail recipes 2>err || { cat err; return 1; }
	[ "$(wc -c <smaller.tar.zst)" -lt "$(wc -c <small.tar.zst)" ]
	[ "$(wc -c <digits.tar.zst)" -lt "$(($(wc -c <digits.onnx) / 6))" ]
	python3 -m json.tool report.json >/dev/null
	tmo-unpack digits.tar.zst | tmo-eval --reference <(tmo-from-onnx digits.onnx) >/dev/null 2>&1
	[ "$(tar tf four.tar | grep -c '/codes\.npy$')" -eq 5 ]
}

@test "README: it says how the programs are found before it uses them" {
	local line
	line=$(awk '/^## Recipes/ { on = 1 } /^```/ && on { exit } on && /^    / { print }' "$root/README.md")
	cd "$root"
	[ "$(PATH=/usr/bin:/bin sh -c "$line
		command -v tmo-from-onnx")" = "$root/build/bin/tmo-from-onnx" ]
}

@test "README: the rule for make builds a payload, and nothing if a requirement is not met" {
	local size gate
	cp "$root/examples/digits.onnx" .
	block yaml >small.yaml
	block make >Makefile
	env -u MAKEFLAGS -u MAKELEVEL make digits.tar.zst
	tmo-unpack --test digits.tar.zst
	size=$(wc -c <digits.tar.zst)
	cp digits.tar.zst before
	for gate in 's/min_sqnr_db>=[0-9]*/min_sqnr_db>=60/' "s/stream_bytes<=[0-9]*/stream_bytes<=$((size - 1))/"; do
		block make | sed "$gate" >Makefile
		run ! diff Makefile <(block make)
		rm -f digits.tar.zst
		run -2 env -u MAKEFLAGS -u MAKELEVEL make digits.tar.zst
		[ ! -e digits.tar.zst ]
		# One that was there and is out of date stays as it was.
		cp before digits.tar.zst
		touch -d '1 hour ago' digits.tar.zst
		run -2 env -u MAKEFLAGS -u MAKELEVEL make digits.tar.zst
		cmp before digits.tar.zst
	done
	# The limit is no larger than what it is to hold off.
	[ "$(block make | grep -o 'stream_bytes<=[0-9]*' | tr -dc 0-9)" -lt $((size * 3 / 2)) ]
	[ "$(ls -A | sort | xargs)" = "Makefile before digits.onnx digits.tar.zst small.yaml" ]
}

@test "README: the table that it shows is what the demo prints" {
	awk '$0 == "```" { on = !on } on' "$root/README.md" >shown
	tmo run "$root/pipelines/ota-int8.yaml" -i "$root/examples/digits.onnx" -o digits.tar.zst 2>report
	while IFS= read -r line; do
		grep -qxF -- "$line" shown || { echo "README has no: $line"; return 1; }
	done <report
	[ "$(wc -l <report)" -gt 5 ]
	# To a hundredth: the last bytes are those of one version of zstd.
	awk -v size="$(wc -c <digits.tar.zst)" '/^digits.tar.zst/ { d = $2 / size - 1; ok = d * d < 1e-4 }
		END { exit !ok }' shown
	grep -q "| \`digits.onnx\` | $(wc -c <"$root/examples/digits.onnx" | sed 's/...$/,&/') |" "$root/README.md"
}

@test "README: every program is in its table, and every file that it links is there" {
	local name link
	for name in $(tmo list --names); do
		grep -q "^|.*\`tmo-$name\`" "$root/README.md" || { echo "no tmo-$name"; return 1; }
	done
	for link in $(grep -o '](\([^)]*\))' "$root/README.md" | tr -d ']()'); do
		[ -e "$root/$link" ] || { echo "no $link"; return 1; }
	done
}

@test "README: how fast it is stands in bench/README.md, to the digit" {
	local numbers number
	numbers=$(sed -n '/^## How fast/,/^## Recipes/p' "$root/README.md" | grep -oE '[0-9]+\.[0-9]+')
	[ "$(wc -w <<<"$numbers")" -ge 8 ]
	for number in $numbers; do
		grep -q "| $number |" "$root/bench/README.md" || { echo "no $number"; return 1; }
	done
}
