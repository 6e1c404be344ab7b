# SPDX-License-Identifier: Apache-2.0
"""A member of more than 8 GiB goes through two filters and comes out whole, as tarfile reads it.

Its size comes in a pax record; the first filter writes it in base-256, which the second one reads.
"""
import subprocess
import sys
import tarfile
import threading

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402

SIZE = (8 << 30) + 5
BLOCK = b"\x5a" * (1 << 20)


def feed(pipe):
    member = tarfile.TarInfo("blob.bin")
    member.size = SIZE
    pipe.write(member.tobuf(tarfile.PAX_FORMAT))
    left = SIZE
    while left:
        left -= pipe.write(BLOCK[:min(left, len(BLOCK))])
    pipe.write(bytes(-SIZE % 512 + 1024))
    pipe.close()


def main():
    first = subprocess.Popen(["tmo-quant"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    second = subprocess.Popen(["tmo-quant"], stdin=first.stdout, stdout=subprocess.PIPE)
    threading.Thread(target=feed, args=(first.stdin,)).start()
    header = second.stdout.read(512)
    while header[:10] == b"model.yaml":
        second.stdout.read(-(-int(header[124:135], 8) // 512) * 512)
        header = second.stdout.read(512)
    member = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
    got = 0
    while data := second.stdout.read(1 << 20):
        got += len(data)
    check(member.name == "blob.bin" and member.size == SIZE
          and got == -(-SIZE // 512) * 512 + 1024
          and first.wait() == 0 and second.wait() == 0, f"{member.name} of {member.size}: {got} bytes")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
