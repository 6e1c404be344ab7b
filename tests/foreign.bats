# SPDX-License-Identifier: Apache-2.0
# foreign.bats: what other systems put into archives: macOS's files about files, names with backslashes.
load helper

# about SIZE: what macOS keeps about a file (AppleDouble), in so many bytes.
about() {
	printf '\0\5\26\7\0\2\0\0Mac OS X        '
	head -c $(($1 - 24)) /dev/zero
}

# as_macos FOLDER: the files about files that its tar and its Finder add to those in FOLDER.
as_macos() {
	local file
	find "$1" -type f ! -name '._*' | sort >files
	while read -r file; do about 163 >"${file%/*}/._${file##*/}"; done <files
	mkdir -p "$1/__MACOSX/tensors"
	about 200 >"$1/__MACOSX/tensors/._w.npy"
	printf 'no magic number' >"$1/__MACOSX/notes.npy"
}

@test "foreign: a stream that macOS's tar wrote is read past what it adds, and -v says so" {
	mkstream w:f4:8x8:normal v:f2:4x4:ramp --seed 1 | tmo-quant --only w >in.tar
	mkdir s
	tar xf in.tar -C s
	tar --sort=name -cf plain.tar -C s .
	tmo-quant -t f16 --only v plain.tar >want.tar
	as_macos s
	tar --sort=name -cf mac.tar -C s .
	members mac.tar | grep -q '\._codes.npy'
	tmo-quant -t f16 --only v mac.tar 2>err | cmp - want.tar
	[ ! -s err ]
	tmo-quant -v -t f16 --only v mac.tar 2>err | cmp - want.tar
	grep -x 'tmo-quant: tensors/._v.npy: skipped: what macOS keeps about a file' err
	grep -x 'tmo-quant: tensors/w/._codes.npy: skipped: .*' err
	grep -x 'tmo-quant: __MACOSX/notes.npy: skipped: .*' err
	[ "$(grep -c skipped err)" -eq "$(members mac.tar | grep -c '/\._[^/]*$\|MACOSX/[^/]*[^/]$')" ]
	# as it is, where a program passes it on
	tmo-eval -q mac.tar 2>/dev/null >passed.tar
	cmp mac.tar passed.tar
	zstd -q <mac.tar | tmo-quant -q -t f16 --only v | cmp - want.tar
}

@test "foreign: a packed stream that macOS's tar wrote anew is read" {
	mkstream w:f4:8x8:normal v:f2:4x4:ramp --seed 1 >in.tar
	tmo-pack in.tar >packed.tar
	mkdir p
	tar xf packed.tar -C p
	as_macos p
	# its order: each file behind the one about it
	tar tf packed.tar | sed 's|.*|._&\n&|' >order
	(cd p && tar -cf ../mac.tar -T ../order __MACOSX)
	tmo-unpack mac.tar | cmp - <(tmo-unpack packed.tar)
}

@test "foreign: a tensor that is called ._w is one" {
	mkstream ._w:f4:8x8:normal w:f4:8x8:normal >in.tar
	members in.tar | grep -x 'tensors/%2E_w.npy'
	tmo-quant in.tar >out.tar
	members out.tar | grep -x 'tensors/%2E_w/codes.npy'
	mkdir s
	member in.tar tensors/%2E_w.npy >s/._w.npy
	tar cf other.tar -C s ._w.npy
	tmo-quant -v other.tar 2>err >out.tar
	members out.tar | grep -x 'tensors/%2E_w/codes.npy'
	run -1 grep skipped err
}

@test "foreign: a .npz that macOS zipped is read past what it adds, and -v says so" {
	mkstream w:f4:8x8:normal v:f2:4x4:ramp | tmo-to-npz >in.npz
	about 120 >about
	python3 - <<-'P'
		import zipfile
		about = open("about", "rb").read()
		with zipfile.ZipFile("in.npz") as old, zipfile.ZipFile("mac.npz", "w") as z:
		    for name in old.namelist():
		        z.writestr("__MACOSX/._" + name, about)
		        z.writestr("._" + name, about)
		        z.writestr(name, old.read(name))
		    z.writestr("__MACOSX/", b"")
		    z.writestr("._notes.txt", about)
		    z.writestr("notes.txt", b"mine")
	P
	tmo-from-npz -v mac.npz 2>err >out.tar
	[ "$(grep -c 'skipped: what macOS keeps about a file' err)" -eq 5 ]
	[ "$(members out.tar | tr '\n' ' ')" = 'model.yaml tensors/w.npy tensors/v.npy notes.txt ' ]
	tmo-from-npz in.npz >want.tar
	for name in w v; do cmp <(member out.tar tensors/$name.npy) <(member want.tar tensors/$name.npy); done
	tmo-from-npz mac.npz 2>err >out.tar
	[ ! -s err ]
}

@test "foreign: backslashes in the names of a .npz are the names', whatever libarchive makes of them" {
	local form
	mkstream w:f4:8x8:normal >s.tar
	member s.tar tensors/w.npy >w.npy
	for form in stored deflated zip64; do
		python3 - $form <<-'P'
			import sys, zipfile
			names = ["layer\\kernel", "layer/kernel", "a\\b\\c", "a\\b/c", "\\", "plain", "\u00e4\\b", "folder/x\\y"]
			form = zipfile.ZIP_DEFLATED if sys.argv[1] == "deflated" else zipfile.ZIP_STORED
			data = open("w.npy", "rb").read()
			with zipfile.ZipFile("in.npz", "w", form) as z:
			    z.writestr("folder/", b"")
			    for n in names:
			        with z.open(n + ".npy", "w", force_zip64=sys.argv[1] == "zip64") as m:
			            m.write(data)
			open("names", "w").write("".join(n + "\n" for n in names))
		P
		tmo-from-npz in.npz >out.tar
		python3 - <<-'P'
			import tarfile, urllib.parse
			found = [urllib.parse.unquote(m[8:-4]) for m in tarfile.open("out.tar").getnames() if m.startswith("tensors/")]
			assert found == open("names").read().splitlines(), found
		P
		tmo-to-npz out.tar >back.npz
		python3 -c 'import zipfile; print(*[n[:-4] for n in zipfile.ZipFile("back.npz").namelist()], sep="\n")' | cmp - names
		tmo-from-npz back.npz | cmp - out.tar
		# anything before the archive, and a comment behind it
		{ echo front; cat in.npz; } >shifted.npz
		fails 1 'neither .npz nor .npy\|a text\|not a .npz' tmo-from-npz shifted.npz
		python3 -c 'import zipfile; z = zipfile.ZipFile("in.npz", "a"); z.comment = b"a comment" * 20; z.close()'
		tmo-from-npz in.npz | cmp - out.tar
	done
}
