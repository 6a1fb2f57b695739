# SPDX-FileCopyrightText: 2026 the tinydl authors
# SPDX-License-Identifier: MIT
"""round_trip.py PROGRAM: arrays and models go to the library and come back as they were."""

import io
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

program = sys.argv[1]


def run(task, there, back):
    subprocess.run([program, task, str(there), str(back)], check=True)


def arrays():
    """One of each type, byte order, order of axes and shape."""
    generator = np.random.default_rng(1)
    result = {}
    for code in "f8 f4 i8 i4 i2 i1 u8 u4 u2 u1 b1".split():
        for order in "<>":
            dtype = np.dtype(order + code)
            for shape in [(), (5,), (2, 3), (4, 2, 3), (0, 3)]:
                raw = generator.integers(0, 256, shape + (dtype.itemsize,), dtype=np.uint8)
                if code == "b1":
                    raw &= 1
                if code[0] == "f":
                    values = generator.standard_normal(shape).astype(dtype)
                else:
                    values = raw.view(dtype).reshape(shape)
                name = f"{'big' if order == '>' else 'little'}_{code}_{len(shape)}_{values.size}"
                result[name] = np.asarray(values, order="C")
                result[name + "_fortran"] = np.asarray(values, order="F")
    special = [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1.7976931348623157e308, 0.1]
    result["special"] = np.array(special)
    return result


class Stream(io.RawIOBase):
    """What cannot be gone back in, so that zip's sizes follow the data."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)

    def flush(self):
        self.file.flush()


def check_same(name, was, now):
    native = was.dtype.newbyteorder("=")
    assert now.dtype == native, (name, was.dtype, now.dtype)
    assert now.shape == was.shape, (name, was.shape, now.shape)
    assert now.tobytes() == was.astype(native).tobytes(), (name, was, now)


def check_arrays(there, back):
    sent = arrays()
    for i, (name, array) in enumerate(sent.items()):
        version = [(1, 0), (2, 0), (3, 0)][i % 3]
        with open(there / (name + ".npy"), "wb") as file:
            np.lib.format.write_array(file, array, version=version)
    np.savez(there / "stored.npz", **sent)
    np.savez_compressed(there / "compressed.npz", **sent)
    stream = Stream(there / "stream.npz")
    np.savez_compressed(stream, **sent)
    stream.file.close()
    run("arrays", there, back)
    for name, array in sent.items():
        check_same(name, array, np.load(back / (name + ".npy")))
    for archive in ["stored.npz", "compressed.npz", "stream.npz"]:
        with np.load(back / archive) as returned:
            assert list(returned) == list(sent), archive
            for name, array in sent.items():
                check_same(name, array, returned[name])
    print(f"{len(sent)} arrays went to the library and came back, in 4 kinds of files")


def write_safetensors(path, tensors):
    names = {np.dtype("f8"): "F64", np.dtype("i8"): "I64"}
    header, data = {}, b""
    for name, array in tensors.items():
        content = np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": names[array.dtype],
            "shape": array.shape,
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    data = content[8 + length :]
    result = {}
    for name, entry in json.loads(content[8 : 8 + length]).items():
        assert entry["dtype"] == "F64", (name, entry)
        begin, end = entry["data_offsets"]
        result[name] = np.frombuffer(data[begin:end], dtype="<f8").reshape(entry["shape"])
    return result


def torch_models(torch):
    """Names, makers of models, the shapes of their inputs, and what they answer."""
    nn = torch.nn

    class MLP(nn.Module):
        def __init__(self):
            super().__init__()
            self.l1, self.l2, self.l3 = nn.Linear(5, 7), nn.Linear(7, 6), nn.Linear(6, 3)

        def forward(self, x):
            return self.l3(torch.relu(self.l2(torch.relu(self.l1(x)))))

    def cnn():
        return nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(4 * 6 * 6, 3),
        )

    def batch_norm():
        return nn.Sequential(nn.BatchNorm1d(5), nn.Linear(5, 3), nn.BatchNorm1d(3))

    whole, first = lambda y: y, lambda y: y[0]
    return {
        "mlp": (MLP, (5, 5), whole),
        "cnn": (cnn, (5, 2, 6, 6), whole),
        "lstm": (lambda: nn.LSTM(4, 6, num_layers=2, batch_first=True), (5, 3, 4), first),
        "transformer": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
                        (5, 3, 8), whole),
        "batch_norm": (batch_norm, (5, 5), whole),
    }


def check_models(torch, there, back):
    torch.manual_seed(1)
    models = torch_models(torch)
    states, inputs, answers = {}, {}, {}

    def answer(name, model):
        model.eval()
        with torch.no_grad():
            return models[name][2](model(inputs[name])).numpy()

    for name, (make, shape, _) in models.items():
        (there / name).mkdir()
        (back / name).mkdir()
        inputs[name] = torch.randn(shape, dtype=torch.float64)
        model = make().double()
        for _ in range(3):
            model(2 * inputs[name] + 1)  # statistics that are not those of a new model
        answers[name] = answer(name, model)
        state = {key: tensor.numpy() for key, tensor in model.state_dict().items()}
        np.save(there / name / "x.npy", inputs[name].numpy())
        np.savez(there / name / "torch.npz", **state)
        write_safetensors(there / name / "torch.safetensors", state)
        states[name] = state
    run("models", there, back)

    for name, (make, _, _) in models.items():
        folder, state = back / name, states[name]

        def check_answer(file, expected):
            difference = np.abs(np.load(folder / file) - expected).max()
            assert difference < 1e-12, (name, file, difference)

        check_answer("y_safetensors.npy", answers[name])
        check_answer("y_npz.npy", answers[name])
        own = make().double()
        for read, ending in [(read_safetensors, "safetensors"), (np.load, "npz")]:
            loaded = dict(read(folder / ("loaded." + ending)))
            assert loaded.keys() == state.keys(), (name, ending)
            for key, array in state.items():
                assert loaded[key].shape == array.shape, (name, ending, key)
                assert np.array_equal(loaded[key], array), (name, ending, key)
            written = dict(read(folder / ("own." + ending)))
            own.load_state_dict({key: torch.from_numpy(a.copy()) for key, a in written.items()})
            check_answer("y_own.npy", answer(name, own))
    print(f"{len(models)} models of PyTorch's went to the library and back, and its own to PyTorch")


def in_folders(check, *arguments):
    with tempfile.TemporaryDirectory() as there, tempfile.TemporaryDirectory() as back:
        check(*arguments, Path(there), Path(back))


in_folders(check_arrays)
try:
    import torch
except ImportError:
    print("PyTorch is not installed: no model is compared with it")
else:
    in_folders(check_models, torch)
