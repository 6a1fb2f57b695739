# SPDX-FileCopyrightText: 2026 the tinydl authors
# SPDX-License-Identifier: MIT
"""import.py PROGRAM: the library gives PyTorch's outputs for models that PyTorch's exporter writes."""

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

program = sys.argv[1]
tolerance = 1e-5  # times the largest output, or 1


class Recurrent(nn.Module):
    """All steps of a recurrent layer, or a classifier of the last one."""

    def __init__(self, layer, classes=0):
        super().__init__()
        self.layer = layer
        self.head = nn.Linear(layer.hidden_size, classes) if classes else None

    def forward(self, x):
        steps = self.layer(x)[0]
        return self.head(steps[:, -1]) if self.head else steps


def mlp():
    return nn.Sequential(
        nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 5), nn.Softmax(1)
    )


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )


def batch_norm():
    model = nn.Sequential(
        nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3, padding=1, stride=2), nn.BatchNorm2d(4), nn.ReLU()
    )
    for _ in range(3):  # statistics that are not those of a new model
        model(1 + 2 * torch.randn(8, 3, 9, 7))
    return model


def autoencoder():
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, stride=2, padding=1),
        nn.GroupNorm(2, 4),
        nn.SiLU(),
        nn.AvgPool2d(2),
        nn.Upsample(scale_factor=2),
        nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1),
        nn.LeakyReLU(),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def transformer(**options):
    return nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, **options)


# name: model, sizes of an example
models = {
    "mlp": (mlp, (12,)),
    "cnn": (cnn, (1, 28, 28)),
    "lstm": (lambda: Recurrent(nn.LSTM(6, 8, batch_first=True)), (5, 6)),
    "lstm_classifier": (lambda: Recurrent(nn.LSTM(6, 8, 2, batch_first=True), 3), (5, 6)),
    "gru": (lambda: Recurrent(nn.GRU(6, 8, 2, batch_first=True)), (5, 6)),
    "rnn": (lambda: Recurrent(nn.RNN(6, 8, batch_first=True, nonlinearity="relu"), 3), (5, 6)),
    "transformer": (transformer, (5, 16)),
    "transformer_gelu": (lambda: transformer(norm_first=True, activation="gelu"), (5, 16)),
    "batch_norm": (batch_norm, (3, 9, 7)),
    "autoencoder": (autoencoder, (2, 8, 8)),
}

# name: options of the exporter, sizes of batches
ways = {
    "fixed": (dict(), [4]),
    "any": (dict(dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}), [1, 7]),
    "unfolded": (
        dict(dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, do_constant_folding=False),
        [3],
    ),
}

with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
    warnings.simplefilter("ignore")
    folder = Path(name)
    files, expected = [], {}
    for model_name, (make, sizes) in models.items():
        torch.manual_seed(1)
        model = make().eval()
        for way, (options, batches) in ways.items():
            net = folder / f"{model_name}.{way}.onnx"
            # With gradients: without, an encoder layer would be one node that is none of ONNX's.
            torch.onnx.export(
                model,
                torch.randn(4, *sizes),
                str(net),
                opset_version=17,
                input_names=["x"],
                output_names=["y"],
                **options,
            )
            for batch in batches:
                x, y = (folder / f"{net.stem}.{batch}.{end}.npy" for end in "xy")
                input = torch.randn(batch, *sizes)
                np.save(x, input.numpy())
                files += map(str, [net, x, y])
                expected[y] = model(input).detach().numpy()
    subprocess.run([program, *files], check=True)
    for file, right in expected.items():
        found = np.load(file)
        assert found.shape == right.shape, (file.name, found.shape, right.shape)
        error = np.abs(found - right).max() / max(1, np.abs(right).max())
        assert error <= tolerance, (file.name, error)
    print(f"{len(expected)} answers of {len(models)} models are PyTorch's")
