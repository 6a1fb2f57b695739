# SPDX-FileCopyrightText: 2026 the tinydl authors
# SPDX-License-Identifier: MIT
"""Some of the workloads in NumPy, as one writes them by hand: see measure.hpp for the arguments."""
import statistics
import sys
import time

import numpy as np

name, batch, width, threads, seconds = sys.argv[1], *map(int, sys.argv[2:5]), float(sys.argv[5])
rng = np.random.default_rng(1)


def normal(*shape):
    return rng.standard_normal(shape, dtype=np.float32)


class SGD:
    def __init__(self, parameters, lr, momentum=0.0):
        self.parameters, self.lr, self.momentum = parameters, lr, momentum
        self.velocities = [np.zeros_like(p) for p in parameters]

    def step(self, gradients):
        for p, v, g in zip(self.parameters, self.velocities, gradients):
            if self.momentum:
                v *= self.momentum
                v += g
                g = v
            p -= self.lr * g


class AdamW:
    def __init__(self, parameters, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, decay=1e-2):
        self.parameters, self.t = parameters, 0
        self.lr, self.beta1, self.beta2, self.eps, self.decay = lr, beta1, beta2, eps, decay
        self.m = [np.zeros_like(p) for p in parameters]
        self.v = [np.zeros_like(p) for p in parameters]

    def step(self, gradients):
        self.t += 1
        scale = self.lr / (1 - self.beta1**self.t)
        correction = np.float32(np.sqrt(1 - self.beta2**self.t))
        for p, m, v, g in zip(self.parameters, self.m, self.v, gradients):
            m *= self.beta1
            m += (1 - self.beta1) * g
            v *= self.beta2
            v += (1 - self.beta2) * g * g
            p *= 1 - self.lr * self.decay
            p -= scale * m / (np.sqrt(v) / correction + self.eps)


class MLP:
    """Linear layers with ReLU and dropout between them, and the cross-entropy of their result."""

    def __init__(self, sizes, dropout=0.0):
        self.dropout, self.parameters = dropout, []
        for m, n in zip(sizes, sizes[1:]):
            self.parameters += [normal(n, m) / np.float32(np.sqrt(m)), np.zeros(n, np.float32)]

    def gradients(self, x, labels):
        layers = len(self.parameters) // 2
        inputs, masks = [], []
        for i in range(layers):
            inputs.append(x)
            x = x @ self.parameters[2 * i].T + self.parameters[2 * i + 1]
            if i + 1 < layers:
                mask = (x > 0).astype(np.float32)
                if self.dropout:
                    kept = rng.random(x.shape, dtype=np.float32) >= self.dropout
                    mask *= kept * np.float32(1 / (1 - self.dropout))
                masks.append(mask)
                x = x * mask
        g = np.exp(x - x.max(axis=1, keepdims=True))
        g /= g.sum(axis=1, keepdims=True)
        g[np.arange(len(g)), labels] -= 1
        g /= np.float32(len(g))
        gradients = []
        for i in reversed(range(layers)):
            gradients = [g.T @ inputs[i], g.sum(axis=0)] + gradients
            if i:
                g = (g @ self.parameters[2 * i]) * masks[i - 1]
        return gradients


def training(model, optimizer, features):
    batches, labels, i = [normal(batch, features) for _ in range(8)], np.arange(batch) % 10, 0

    def step():
        nonlocal i
        optimizer.step(model.gradients(batches[i % 8], labels))
        i += 1

    return step


def step_of(name):
    if name == "A":
        model = MLP([784, width, 10])
        return training(model, SGD(model.parameters, 0.1, 0.9), 784)
    if name == "B":
        model = MLP([784, 256, 128, 10], dropout=0.3)
        return training(model, AdamW(model.parameters), 784)
    if name == "E":
        model = MLP([1024, width, width, 10])
        return training(model, SGD(model.parameters, 0.01), 1024)
    if name in ("I-exp", "I-add", "I-softmax"):
        x, row = normal(batch, width), normal(width)
        if name == "I-exp":
            return lambda: np.exp(x)
        if name == "I-add":
            return lambda: x + row

        def softmax():
            y = np.exp(x - x.max(axis=1, keepdims=True))
            return y / y.sum(axis=1, keepdims=True)

        return softmax
    sys.exit(3)


step, times = step_of(name), []
begin, calls = time.perf_counter(), 0
while calls < 3 or time.perf_counter() - begin < seconds / 4:
    step()
    calls += 1
begin = now = time.perf_counter()
while len(times) < 5 or now - begin < seconds:
    before = now
    step()
    now = time.perf_counter()
    times.append(now - before)
print(f"{1e6 * statistics.median(times):.3f} 0")
