"""Files of safetensors with nothing but Python's standard library: what gradus is held against.

safetensors.py write FILE          a file of all dtypes that gradus has, larger entries not first, no padding
safetensors.py print FILE          every text and tensor, a line each, in the order of the file
"""

import json
import struct
import sys

FORMATS = {"F32": "f", "F64": "d", "I32": "i", "BOOL": "?"}

WRITTEN = {
    "flags": ("BOOL", [3], [True, False, True]),
    "single": ("F32", [2, 2], [0.1, -0.0, 1e30, 1.5]),
    "twice": ("F64", [], [0.1]),
    "none": ("F64", [0, 4], []),
    "whole": ("I32", [1, 2], [-(2**31), 2**31 - 1]),
    'odd "name" \u00fc\n': ("F32", [1], [7.0]),
}


def write(file):
    header, data = {"__metadata__": {"who": "Python \u00fc"}}, b""
    for name, (dtype, shape, values) in WRITTEN.items():
        entries = struct.pack(f"<{len(values)}{FORMATS[dtype]}", *values)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(entries)]}
        data += entries
    text = json.dumps(header).encode()
    with open(file, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def show(file):
    with open(file, "rb") as source:
        contents = source.read()
    (length,) = struct.unpack("<Q", contents[:8])
    assert length % 8 == 0, "the entries are not aligned"
    header, data = json.loads(contents[8 : 8 + length]), contents[8 + length :]
    for key, text in header.pop("__metadata__", {}).items():
        print(json.dumps(key), json.dumps(text))
    end = 0
    for name, tensor in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, last = tensor["data_offsets"]
        assert begin == end, "the tensors do not follow each other"
        end = last
        dtype = FORMATS[tensor["dtype"]]
        assert begin % struct.calcsize(dtype) == 0, "a tensor is not aligned"
        values = struct.unpack(f"<{(last - begin) // struct.calcsize(dtype)}{dtype}", data[begin:last])
        count = 1
        for size in tensor["shape"]:
            count *= size
        assert count == len(values), "the shape does not fit"
        print(json.dumps(name), tensor["dtype"], tensor["shape"], [repr(value) for value in values])
    assert end == len(data), "bytes behind the last tensor"


{"write": write, "print": show}[sys.argv[1]](*sys.argv[2:])
