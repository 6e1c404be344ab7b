# SPDX-License-Identifier: Apache-2.0
"""Protobuf's wire format, as far as the tests need it. https://protobuf.dev/programming-guides/encoding"""


def get_varint(data, at):
    """The number at data[at], and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def get_fields(data):
    """(number, its start, its value) of each field: an integer, or bytes."""
    at = 0
    while at < len(data):
        start = at
        tag, at = get_varint(data, at)
        if tag & 7 == 0:
            value, at = get_varint(data, at)
        else:
            size, at = get_varint(data, at) if tag & 7 == 2 else ({1: 8, 5: 4}[tag & 7], at)
            value, at = data[at:at + size], at + size
        yield tag >> 3, start, value


def put_varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def put_field(number, value):
    """An integer, text, or bytes."""
    if isinstance(value, int):
        return put_varint(number << 3) + put_varint(value)
    value = value.encode() if isinstance(value, str) else value
    return put_varint(number << 3 | 2) + put_varint(len(value)) + value
