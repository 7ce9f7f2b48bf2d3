"""Makes files with the reference libraries: gguf-py ("gguf") and safetensors.

    python make.py

    ref.gguf          every type of metadata, tensors of several formats
    ref.safetensors   metadata, F32, F16, BF16, a mask of bools

The values are those of the ramp i/8 - 2 in float32, which every format here but
Q8_0 holds exactly; the tests make the same.

    python make.py FILE.gguf DUMP.f32

compares instead: DUMP.f32 holds the float32 values of all tensors of FILE.gguf in
the file's order, as Tensor.Floats gives them.
"""

import sys

import numpy as np


def make():
    import gguf
    import torch
    from safetensors.torch import save_file

    def ramp(*shape):
        return (np.arange(np.prod(shape)) / 8 - 2).astype(np.float32).reshape(shape)

    w = gguf.GGUFWriter("ref.gguf", "llama")
    w.add_uint8("u8", 200)
    w.add_int8("i8", -3)
    w.add_uint16("u16", 60000)
    w.add_int16("i16", -300)
    w.add_uint32("u32", 4000000000)
    w.add_int32("i32", -5)
    w.add_uint64("u64", 1 << 63)
    w.add_int64("i64", -(1 << 62))
    w.add_float32("f32", 1.5)
    w.add_float64("f64", -2.25)
    w.add_bool("yes", True)
    w.add_string("text", "代办")
    w.add_array("texts", ["代", "", "办"])
    w.add_array("ints", [1, -2, 3])
    w.add_array("floats", [0.5, -1.0])
    w.add_array("bools", [True, False])
    w.add_tensor("f32", ramp(3, 5))
    w.add_tensor("f16", ramp(2, 3, 4).astype(np.float16))
    for t in (gguf.GGMLQuantizationType.BF16, gguf.GGMLQuantizationType.Q8_0):
        w.add_tensor(t.name.lower(), gguf.quants.quantize(ramp(2, 64), t), raw_dtype=t)
    w.add_tensor("vector", ramp(7))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()

    r = lambda *s: torch.from_numpy(ramp(*s))
    save_file({"f32": r(3, 5), "f16": r(2, 3, 4).half(), "bf16": r(2, 64).bfloat16(), "vector": r(7),
               "mask": torch.ones(3, dtype=torch.bool)}, "ref.safetensors", metadata={"format": "pt"})


def compare(path, dump):
    from gguf import GGUFReader
    from gguf.quants import dequantize

    f = open(dump, "rb")
    tensors = GGUFReader(path).tensors
    differ = 0
    for t in tensors:
        want = dequantize(t.data, t.tensor_type).astype(np.float32).ravel()
        got = np.frombuffer(f.read(4 * want.size), np.float32)
        if not np.array_equal(want, got):
            differ += 1
            print("differs:", t.name, t.tensor_type.name)
    print(f"{len(tensors)} tensors, {differ} differ, {len(f.read())} bytes too many")


if len(sys.argv) == 3:
    compare(sys.argv[1], sys.argv[2])
else:
    make()
