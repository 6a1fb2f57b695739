// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// node run.cjs NODE_MODULES FOLDER: ONNX Runtime gives the library's outputs for every case there,
// to 1e-5 of the largest.

const fs = require("node:fs");
const path = require("node:path");

const [modules, folder] = process.argv.slice(2);
const ort = require(path.resolve(modules, "onnxruntime-web"));
ort.env.wasm.numThreads = 1;

function values({ file, type, shape }) {
  const bytes = fs.readFileSync(path.join(folder, file));
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return { shape, type, data: type === "int64" ? new BigInt64Array(copy) : new Float32Array(copy) };
}

async function check({ model, input, output }) {
  const session = await ort.InferenceSession.create(path.join(folder, model));
  const x = values(input);
  const expected = values(output);
  const { output: got } = await session.run({ input: new ort.Tensor(x.type, x.data, x.shape) });
  if (got.dims.join() !== expected.shape.join())
    return `shape (${got.dims}) instead of (${expected.shape})`;
  let largest = 1e-3;
  let error = 0;
  for (let i = 0; i < expected.data.length; ++i) {
    largest = Math.max(largest, Math.abs(expected.data[i]));
    const difference = Math.abs(got.data[i] - expected.data[i]);
    if (!(difference <= error)) error = difference;  // also if it is not a number
  }
  return error <= 1e-5 * largest ? "" : `an error of ${error / largest}`;
}

async function main() {
  const cases = JSON.parse(fs.readFileSync(path.join(folder, "cases.json"), "utf8"));
  let failed = 0;
  for (const one of cases) {
    const wrong = await check(one).catch((error) => error.message);
    if (wrong) {
      ++failed;
      console.log(`${one.model}, input (${one.input.shape}): ${wrong}`);
    }
  }
  console.log(`ONNX Runtime: ${cases.length - failed} of ${cases.length} outputs are the library's`);
  process.exitCode = failed > 0 || cases.length === 0 ? 1 : 0;
}

main();
