# SPDX-FileCopyrightText: 2026 the tinydl authors
# SPDX-License-Identifier: MIT
"""check.py FOLDER: ONNX's own checker accepts every .onnx file there, shapes and types included."""

import sys
from pathlib import Path

import onnx

files = sorted(Path(sys.argv[1]).glob("*.onnx"))
for file in files:
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    (opset,) = model.opset_import
    assert opset.domain == "" and opset.version == 17, file
    for values, name in [(model.graph.input, "input"), (model.graph.output, "output")]:
        (value,) = values
        assert value.name == name, file
        assert value.type.tensor_type.shape.dim[0].dim_param == "batch", file
assert files, "there are no files"
print(f"ONNX's checker: {len(files)} models are what the standard wants")
