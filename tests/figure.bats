# SPDX-License-Identifier: Apache-2.0
# figure.bats: tmo-choosing(7) says what was measured: its figure is that of the tables in bench/README.md.
load helper

setup() { tmo_setup; }

@test "figure: those of tmo-choosing(7) and bench/ are as the tables of bench/README.md" {
	run -0 python3 "$root/bench/figure.py" --check
	[ "${#lines[@]}" -eq 2 ]
}

@test "figure: a number that changes in the tables changes the figure, and the check fails" {
	cp -r "$root/bench" "$root/man" .
	chmod -R u+w bench man
	sed -i '/^### Payload/,/^### SQNR/ s/^\(| `half` | \)[0-9,]* /\1123 /' bench/README.md
	run -1 python3 bench/figure.py --check
	[ "${lines[0]}" = 'tmo-choosing.7: not that of the tables' ]
	python3 bench/figure.py
	run -0 python3 bench/figure.py --check
}

@test "figure: both readers of manual pages show it as it was drawn" {
	local drawn
	drawn=$(sed -n '/^\.Bd -literal/,/^\.Ed/p' "$root/man/tmo-choosing.7" | sed -n '/^ 80 |/,/%$/p' | sed 's/^ *//')
	[ "$(wc -l <<<"$drawn")" -ge 18 ]
	mandoc -Tascii "$root/man/tmo-choosing.7" | sed $'s/.\b//g; s/^ *//' >mandoc
	groff -mdoc -Tascii -P -c "$root/man/tmo-choosing.7" | sed $'s/.\b//g; s/^ *//' >groff
	while read -r line; do
		grep -qxF -- "$line" mandoc || { echo "mandoc: $line"; return 1; }
		grep -qxF -- "$line" groff || { echo "groff: $line"; return 1; }
	done <<<"$drawn"
}

@test "figure: tmo-choosing(7) speaks of every pipeline" {
	local pipeline
	for pipeline in "$root"/pipelines/*.yaml; do
		pipeline=$(basename "$pipeline" .yaml)
		[ "$(grep -cw -- "$pipeline" "$root/man/tmo-choosing.7")" -ge 2 ] || { echo "$pipeline"; return 1; }
	done
}
