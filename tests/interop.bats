# SPDX-License-Identifier: Apache-2.0
# Streams and other people's tools: GNU tar, bsdtar, Python's tarfile, zstd. They read ours, we
# read theirs. (numpy and onnxruntime are asked in .ci/run.)
load helper

long=$(printf 'n%.0s' {1..150})

# A stream with what is hard about names, and every kind of dtype.
sample() {
	mkstream conv1.weight:f4:16x3x3x3:normal fc/bias:0:f4:10:zeros "$long":f2:5:ramp 'größe':f8:-:ones \
		.hidden:i8:4:ramp mask:b1:9:uniform empty:u1:0x3:zeros "$@"
}

# taken OUT IN: what tmo makes of IN when it takes every tensor into memory, unpacked in OUT.
taken() {
	rewrite <"$2" >"$1.tar"
	mkdir "$1"
	tar -C "$1" -xf "$1.tar"
}

# python_tar FORMAT FILE MEMBER...: an archive by Python's tarfile.
python_tar() {
	python3 - "$@" <<-'EOF'
	import sys, tarfile
	form = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
	with tarfile.open(sys.argv[2], "w", format=form[sys.argv[1]]) as tar:
	    for name in sys.argv[3:]:
	        tar.add(name)
	EOF
}

# one_member FILE PYTHON: an archive of one member `m` = TarInfo("w.npy"), changed by PYTHON.
one_member() {
	python3 - "$@" <<-'EOF'
	import io, sys, tarfile
	out = io.BytesIO()
	tar = tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT)
	m = tarfile.TarInfo("w.npy")
	data = b""
	exec(sys.argv[2])
	tar.addfile(m, io.BytesIO(data) if data else None)
	tar.close()
	open(sys.argv[1], "wb").write(out.getvalue())
	EOF
}

@test "ours: GNU tar, bsdtar and Python list the same members and get the same bytes" {
	sample >s
	mkdir gnu bsd python
	tar -C gnu -xf s
	bsdtar -C bsd -xf s
	python3 -c 'import tarfile; tarfile.open("s").extractall("python")'
	diff -r gnu bsd
	diff -r gnu python
	tar tf s --quoting-style=literal >names.gnu
	bsdtar tf s | cat >names.bsd
	python3 -c 'import tarfile; print("\n".join(m.name for m in tarfile.open("s")))' >names.python
	cmp names.gnu names.bsd
	cmp names.gnu names.python
	grep -qx 'tensors/fc%2Fbias%3A0.npy' names.gnu
	grep -qx 'tensors/gr%C3%B6%C3%9Fe.npy' names.gnu
	grep -qx 'tensors/%2Ehidden.npy' names.gnu
}

@test "ours: ustar where it is enough, mode 0644, no owner, no time" {
	mkstream w:f4:3:ramp >s
	[ "$(python3 -c '
import tarfile
for m in tarfile.open("s"):
    print(m.name, oct(m.mode), m.uid, m.gid, m.uname, m.gname, m.mtime, m.type)')" = \
		"tensors/w.npy 0o644 0 0   0 b'0'" ]
	[ "$(dd if=s bs=1 skip=257 count=5 2>/dev/null)" = ustar ]
	[ "$(tail -c 1024 s | tr -d '\0' | wc -c)" -eq 0 ]
}

@test "theirs: ustar, GNU and pax, by three writers, all read as the same stream" {
	mkstream a:f4:4x3:normal b:f2:5:ramp c:i8:2:ramp >s
	taken want s
	cd want
	tar --format=ustar -cf ../1.tar tensors
	tar --format=gnu -cf ../2.tar tensors
	tar --format=pax -cf ../3.tar tensors
	tar --format=v7 -cf ../4.tar tensors
	bsdtar --format ustar -cf ../5.tar tensors
	bsdtar --format gnutar -cf ../6.tar tensors
	bsdtar --format pax -cf ../7.tar tensors
	bsdtar --format pax --options pax:xattrheader=ALL -cf ../8.tar tensors
	python_tar ustar ../9.tar tensors
	python_tar gnu ../10.tar tensors
	python_tar pax ../11.tar tensors
	cd ..
	for i in 1 2 3 4 5 6 7 8 9 10 11; do
		taken "got$i" "$i.tar"
		diff -r want "got$i"
	done
}

@test "theirs: member names of 150, 255, 256 and 400 bytes, GNU and pax" {
	mkstream a:f4:4x3:normal >s
	mkdir files
	for length in 98 99 100 101 150 255 256 400; do
		path=files/$(printf "$length%.0s/" {1..200})
		path=${path:0:$((length - 6))}
		path=${path%/}
		mkdir -p "$path"
		path=$path/$(printf 'x%.0s' {1..9}) # as many of them as make up the length
		path=${path:0:$((length - 4))}.npy
		[ ${#path} -eq "$length" ]
		member s tensors/a.npy >"$path"
	done
	for make in 'tar --format=gnu -cf' 'tar --format=pax -cf' 'bsdtar --format pax -cf' \
		'bsdtar --format gnutar -cf' 'python_tar gnu' 'python_tar pax'; do
		rm -rf got got.tar
		$make in.tar files
		taken got in.tar
		diff -r files got/files
		fails 1 . tmo-quant <(head -c 1800 in.tar)
	done
}

@test "theirs: what is no file is refused by its name: links, devices, climbing and absolute paths" {
	one_member symbolic 'm.type, m.linkname = tarfile.SYMTYPE, "/etc/passwd"'
	one_member hard 'm.type, m.linkname = tarfile.LNKTYPE, "other.npy"'
	one_member character 'm.type, m.devmajor, m.devminor = tarfile.CHRTYPE, 1, 3'
	one_member block 'm.type = tarfile.BLKTYPE'
	one_member fifo 'm.type = tarfile.FIFOTYPE'
	for kind in symbolic hard character block fifo; do
		fails 1 'w\.npy' tmo-quant "$kind"
		[ ! -s out ] || ! tail -c 1024 out | cmp -s - <(head -c 1024 /dev/zero)
	done
	mkstream w:f4:3:ramp >s
	tar xf s
	for form in USTAR GNU PAX; do
		for path in /w.npy //w.npy ../w.npy a/../../w.npy a/../w.npy a/.. .. /tensors/w.npy; do
			one_member climbs "
m.name, tar.format = '$path', tarfile.${form}_FORMAT
data = open('tensors/w.npy', 'rb').read()
m.size = len(data)"
			fails 1 "^tmo-quant: $path: \(absolute path\|path with \.\.\); " tmo-quant climbs
		done
	done
}

@test "theirs: what to do about links is what helps" {
	mkstream a:f4:4x3:normal >s
	tar xf s
	cp tensors/a.npy a.npy
	ln a.npy b.npy
	tar -cf in.tar a.npy b.npy
	fails 1 'b.npy: a hard link; make the archive with tar --hard-dereference$' tmo-quant in.tar
	tar --hard-dereference -cf in.tar a.npy b.npy
	tmo-quant in.tar >out.tar
	ln -sf a.npy b.npy
	tar -cf in.tar b.npy
	fails 1 'b.npy: a link; make the archive with tar -h$' tmo-quant in.tar
	tar -h -cf in.tar b.npy
	tmo-quant in.tar >out.tar
}

@test "theirs: the times that GNU's incremental archives have in their headers are no path" {
	mkstream a:f4:4x3:normal >s
	tar xf s
	tar -c -G -f in.tar tensors/a.npy
	rewrite <in.tar >out.tar
	[ "$(members out.tar)" = tensors/a.npy ]
}

@test "theirs: a size past 8 GiB in base-256 or pax is read as such, and its lack of data noticed" {
	python3 - <<-'EOF'
	import tarfile
	m = tarfile.TarInfo("blob.bin")
	m.size = (9 << 30) + 5
	for name, form in ("base256", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT):
	    with open(name, "wb") as f:
	        f.write(m.tobuf(form) + b"x" * 2048)
	# A .npy of that size, whose memory nobody should need to see that it is cut off.
	header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2415919104,), }"
	header += b" " * (117 - len(header)) + b"\n"
	npy = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header
	m = tarfile.TarInfo("w.npy")
	m.size = len(npy) + 4 * 2415919104
	with open("npy", "wb") as f:
	    f.write(m.tobuf(tarfile.GNU_FORMAT) + npy + b"x" * 4096)
	EOF
	for file in base256 pax npy; do
		(ulimit -t 20; fails 1 'truncated\|ends\|cut\|short' tmo-quant "$file")
	done
	tar tvf base256 >listed 2>/dev/null || grep -q 9663676421 listed # as GNU tar reads it
}

@test "theirs: sizes that are negative, no number or past 2^63 are errors" {
	mkstream w:f4:3:ramp >s
	for size in '-------------' '\200\377\377\377\377\377\377\377\377\377\377\377' \
		'\377\377\377\377\377\377\377\377\377\377\377\376' '7z777777777\0' \
		'\200\0\0\0\377\377\377\377\377\377\377\377'; do
		python3 - "$size" <<-'EOF'
		import sys
		data = bytearray(open("s", "rb").read())
		size = sys.argv[1].encode().decode("unicode_escape").encode("latin1")[:12].ljust(12, b"\0")
		data[124:136] = size
		data[148:156] = b" " * 8
		data[148:156] = b"%06o\0 " % sum(data[:512])
		open("bad", "wb").write(data)
		EOF
		fails 1 . tmo-quant bad
	done
}

@test "theirs: a wrong checksum and bytes after the end are errors; zeros there are not" {
	mkstream w:f4:3x2:ramp >s
	{ printf 'X'; tail -c +2 s; } >bad
	fails 1 . tmo-quant bad
	cat s s >twice
	fails 1 . tmo-quant twice
	{ cat s; head -c 20000 /dev/zero; } >padded
	rewrite <padded >a
	rewrite <s >b
	cmp a b
}

@test "a stream unpacked and put together again by tar --sort=name is the same stream" {
	sample a:f4:32x16:normal b:f4:8x8:sparse | tmo-quant --bits 4 >s
	mkdir tree
	tar -C tree -xf s
	tar -C tree --sort=name -cf again.tar .
	tmo-decode s >want.tar
	tmo-decode again.tar >got.tar
	mkdir want got
	tar -C want -xf want.tar
	tar -C got -xf got.tar
	diff -r want got
}

@test "tar cf - *.npy | tmo-quant, and a folder of them" {
	mkstream a:f4:8x8:normal b:f4:4x4:ramp >s
	tar xf s
	mkdir -p net/layer1
	cp tensors/a.npy a.npy
	cp tensors/a.npy net/layer1/w.npy
	tar cf - ./*.npy net | tmo-quant >out
	members out | grep -qx tensors/a/codes.npy
	members out | grep -qx tensors/net%2Flayer1%2Fw/codes.npy
	values out tensors/a/codes.npy >a
	values out tensors/net%2Flayer1%2Fw/codes.npy | cmp - a
	tmo-decode out | tar tf - >names
	grep -q 'tensors/a\.npy' names
}

@test "a stream that zstd compressed is read unasked" {
	sample >s
	zstd -q -3 s -o s.zst
	zstd -q -19 --no-check -c s >s2.zst
	rewrite <s >want
	rewrite <s.zst >got
	cmp want got
	rewrite <s2.zst | cmp want -
	head -c 200 s.zst >cut
	fails 1 . tmo-quant cut
}
