# SPDX-License-Identifier: Apache-2.0
# mistakes.bats: what a program that is linked with libtmo can do wrong, and is told. The program is
# tests/helper/mistakes.c; with ./configure --enable-sanitize it is asked under AddressSanitizer.
load helper

# mistake NAME PATTERN [OPTION]: the program that makes this mistake is told, says nothing else, and
# leaves no stream that looks whole.
mistake() {
	mkstream a:f4:2x3:normal b:f2:2x3:normal c:f8:2x3:normal --seed 2 >three.tar
	fails 1 "^tmo-mistakes: $2" mistakes --mistake="$1" ${3+"$3"} three.tar
	[ ! -s out ] || [ "$(tail -c 1024 out | tr -d '\0' | wc -c)" -gt 0 ]
}

# apart NAME PATTERN: a plain tensor whose fields do not belong together.
apart() { mistake "$1" "tensors/a: tmo_put of what does not belong together: $2.*; correct tmo-mistakes"; }
# codes_apart NAME PATTERN: an encoded one.
codes_apart() {
	mistake "$1" "tensors/a: tmo_put of what does not belong together: $2.*; correct tmo-mistakes" --encoded
}

@test "mistakes: none: a tensor that is put, encoded, renamed or passed" {
	mistakes --help >/dev/null
	mkstream a:f4:2x3:normal b:f2:2x3:normal c:f8:2x3:normal --seed 2 >three.tar
	mistakes three.tar >out.tar
	for name in a b c; do
		cmp <(member out.tar "tensors/$name.npy") <(member three.tar "tensors/$name.npy")
	done
	mistakes --mistake=pass three.tar >out.tar
	cmp <(member out.tar tensors/b.npy) <(member three.tar tensors/b.npy)
	mistakes --encoded three.tar | tmo-decode >/dev/null
	python3 - three.tar <<-'P'
		import sys, tarfile
		old = tarfile.open(sys.argv[1])
		with tarfile.open("outside.tar", "w") as new:
		    for m in old:
		        data = old.extractfile(m)
		        m.name = m.name.replace("tensors/", "sub/")
		        new.addfile(m, data)
	P
	mistakes --mistake=name_new --skip '*c' outside.tar >out.tar
	[ "$(members out.tar | tr '\n' ' ')" = 'model.yaml sub/a.npy tensors/new.npy sub/c.npy ' ]
	cmp <(member out.tar tensors/new.npy) <(member three.tar tensors/b.npy)
}

@test "mistakes: tmo_put in begin" { mistake begin 'tmo_put while no tensor is at hand; call it in'; }
@test "mistakes: tmo_put in finish" { mistake finish 'tmo_put while no tensor is at hand; call it in'; }
@test "mistakes: tmo_put in a scan" { mistake scan_put 'tensors/a: tmo_put in a scan, .*; call it in'; }
@test "mistakes: tmo_pass in a scan" { mistake scan_pass 'tensors/a: tmo_pass in a scan, .*; call it in'; }
@test "mistakes: tmo_put in a sink" { mistake sink 'tensors/a: tmo_put in a sink, .*; make tmo-mistakes a'; }
@test "mistakes: tmo_put of another tensor" { mistake another 'tensors/a: tmo_put of another tensor'; }
@test "mistakes: tmo_put twice" { mistake put_twice 'tensors/a: tmo_put of a tensor that has been'; }
@test "mistakes: tmo_pass twice" { mistake pass_twice 'tensors/a: tmo_pass of a tensor that has been'; }
@test "mistakes: tmo_put, tmo_pass" { mistake put_then_pass 'tensors/a: tmo_pass of a tensor that has been'; }
@test "mistakes: tmo_pass, tmo_put" { mistake pass_then_put 'tensors/a: tmo_put of a tensor that has been'; }
@test "mistakes: a name twice" { mistake name_again 'tensors/b: a tensor called "a" has gone out before'; }
@test "mistakes: no name" { apart name_none 'no name'; }
@test "mistakes: rank" { apart rank 'count is 6, its shape \[2, 3, 0\] makes 0'; }
@test "mistakes: a huge rank" { apart rank_huge 'rank 1000000, 0 to 32'; }
@test "mistakes: a negative rank" { apart rank_negative 'rank -1, 0 to 32'; }
@test "mistakes: count" { apart count 'count is 600, its shape \[2, 3\] makes 6'; }
@test "mistakes: shape" { apart shape 'count is 6, its shape \[200, 3\] makes 600'; }
@test "mistakes: shape and count" { apart shape_and_count 'values of shape \[2, 3\], the tensor.s is \[200, 3\]'; }
@test "mistakes: dtype" { apart dtype 'values are f32, the tensor is f64'; }
@test "mistakes: no dtype" { apart dtype_none 'no dtype'; }
@test "mistakes: a dtype that is none" { apart dtype_number 'no dtype'; }
@test "mistakes: the values' count" { apart values_count 'values has 600 elements'; }
@test "mistakes: the values' type" { apart values_type 'values are i64, the tensor is f32'; }
@test "mistakes: the values' rank" { apart values_rank 'values has rank 40'; }
@test "mistakes: no values" { apart values_gone 'neither values nor codes'; }
@test "mistakes: no values, passed" { mistake pass_values_gone 'tensors/a: tmo_pass of .*: neither values'; }
@test "mistakes: data of its own" { apart data 'data is not that of values'; }
@test "mistakes: no bits" { codes_apart bits 'bits is 0'; }
@test "mistakes: too many bits" { codes_apart bits_many 'bits is 65'; }
@test "mistakes: code" { codes_apart code 'codes are u8, which f32 bit patterns'; }
@test "mistakes: a code that is none" { codes_apart code_number 'code is no float type'; }
@test "mistakes: a code that is decoded" {
	mistake decode_code 'tensors/a: codes are u8, which f64 bit patterns' --encoded
}
@test "mistakes: codes that are floats" { codes_apart codes_type 'codes are f32, not integers'; }
@test "mistakes: codes of no type" { codes_apart codes_none 'codes has no element type'; }
@test "mistakes: the codes' count" { codes_apart codes_count 'codes has 600 elements'; }
@test "mistakes: the codes' shape" { codes_apart codes_shape 'codes have another shape'; }
@test "mistakes: a block of 0" { codes_apart block 'block of 0 along axis 0'; }
@test "mistakes: the scale's rank" { codes_apart scale_rank 'scale has rank 1, the tensor 2'; }
@test "mistakes: the scale's shape" { codes_apart scale_shape 'scale has 3 entries along axis 0 of 2'; }
@test "mistakes: the scale's count" { codes_apart scale_count 'scale has 600 elements'; }
@test "mistakes: the scale's type" { codes_apart scale_type 'scale is bf16, which .npy has no name for'; }
@test "mistakes: the zero point's shape" { codes_apart zero_point_shape 'zero_point has 4 entries along axis 1 of 3'; }
@test "mistakes: the codebook's rank" { codes_apart codebook_rank 'codebook has rank 2, the tensor 2'; }
@test "mistakes: an empty codebook" { codes_apart codebook_empty 'the codebook is empty'; }
@test "mistakes: a codebook of codes that are floats" { codes_apart codebook_code 'a codebook needs integer codes'; }
@test "mistakes: a codebook of 33 axes" { codes_apart codebook_huge 'codebook has rank 33'; }
@test "mistakes: a trait among what it accepts" { mistake accepts '.accepts. has the flag 0x100;'; }
@test "mistakes: what it accepts among the traits" { mistake traits '.traits. has the flag 0x8;'; }
@test "mistakes: not_in_map without that option" { mistake not_in_map '.not_in_map. names --mistook,'; }
@test "mistakes: run and tensor" { mistake run_and_tensor '.run. does everything, and .scans. would'; }
@test "mistakes: a rule without that option" { mistake rule 'a rule names "mistook", which is no option'; }
@test "mistakes: a rule without that word" { mistake rule_word 'a rule names "encoded=yes", which is no'; }
@test "mistakes: a rule that says nothing" { mistake rule_silent 'the rule of "encoded" has no .message.'; }
