# SPDX-License-Identifier: Apache-2.0
# tmo-quant --range: what scales are fitted to. (tests/unit: fit, mse and levels; tests/ci: quant_range.)
load helper
load helper/quant

@test "quant: scales of a clustered tensor are fitted to its weights, not to its few values" {
	local how
	mkstream w:f4:16x300:normal d:f8:12x90:normal >in
	for how in tensor channel; do
		tmo-cluster --clusters 20 -g $how <in >clustered
		tmo-decode clustered >plain
		HOW=$how python <<'END'
import os
from weights import load, run
how = os.environ["HOW"]
plain = load("plain")
for options in ("-b 6 --range percentile:97", "-b 6 -a --range percentile:97", "-b 4 --range entropy",
                "-b 3 --range percentile:99.5 --scale pow2", "-t f8e5m2 --range percentile:90"):
    for kind in ("clustered", "plain"):
        run(f"tmo-quant --merge {options} -g {how} <{kind} >{kind}.out")
    got, want = load("clustered.out"), load("plain.out")
    for part in ("scale", "zero_point"):
        for name in "wd":
            key = f"{name}/{part}"
            assert got.get(key) == want.get(key), (options, key, got[key], want[key])
for options in ("-b 3", "-b 4 -a", "-b 5", "-t f8e4m3", "-b 3 --scale pow2"):
    for kind in ("clustered", "plain"):
        run(f"tmo-quant --merge {options} --range mse -g {how} <{kind} | tmo-decode >{kind}.out")
    got, want = load("clustered.out"), load("plain.out")
    for name, row in (("w", 300), ("d", 90)):
        row = row if how == "channel" else len(plain[name])
        for start in range(0, len(plain[name]), row):
            part = slice(start, start + row)
            error = [sum((a - b) ** 2 for a, b in zip(plain[name][part], back[name][part]))
                     for back in (got, want)]
            assert error[0] <= 1.001 * error[1] + 1e-12, (options, name, start, error)
END
	done
}
