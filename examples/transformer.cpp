// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// A small Transformer learns to sort: it sees twelve digits and says, at each position, which digit
// stands there in sorted order.
#include <algorithm>
#include <iostream>

#include <tinydl/tinydl.hpp>

using namespace tinydl;

constexpr Index sequence = 12, embed_size = 32;

struct Sorter : Layer<Sorter> {
  using Block = TransformerEncoderLayer<>;
  static constexpr Block::Options options{.feedforward = 64, .dropout = 0, .norm_first = true};

  Embedding<> embed = register_layer("embed", Embedding<>(10, embed_size));
  Block block1 = register_layer("block1", Block(embed_size, 4, options));
  Block block2 = register_layer("block2", Block(embed_size, 4, options));
  LayerNorm<> norm = register_layer("norm", LayerNorm<>(embed_size));
  Linear<> out = register_layer("out", Linear<>(embed_size, 10));

  /// digits: (N, sequence), result: (N * sequence, 10), logits
  Variable<float, 2> forward(const Labels<2>& digits) const {
    const auto x = embed.forward(digits) + positional_encoding<float>(sequence, embed_size);
    const auto y = out(norm(block2(block1(x))));
    return reshape(y, {-1, 10});
  }
};

struct Batch {
  Labels<2> digits, sorted;
};

Batch draw(Index n) {
  Labels<2> digits(Shape<2>(n, sequence));
  for (auto& digit : digits.mutable_span()) digit = default_generator().integer(10);
  Labels<2> sorted = digits;
  for (Index i = 0; i < n; ++i) {
    auto* row = sorted.mutable_data() + i * sequence;
    std::sort(row, row + sequence);
  }
  return {digits, sorted};
}

int main() {
  manual_seed(1);
  const Sorter model;
  constexpr Index steps = 1000;
  AdamW optimizer(model.parameters());
  const Schedule lr = schedule::one_cycle(3e-3, {.steps = steps});
  for (Index step = 0; step < steps; ++step) {
    const auto [digits, sorted] = draw(64);
    const auto logits = model.forward(digits);
    const auto loss = softmax_cross_entropy(logits, flatten(sorted));
    optimizer.clear_grads();
    loss.backward();
    clip_grad_norm(model.parameters(), 1);
    optimizer.set_lr(lr(step));
    optimizer.step();
    if ((step + 1) % 200 == 0)
      std::cout << "step " << step + 1 << ", loss " << loss.item() << ", digits right "
                << accuracy(logits, flatten(sorted)) << '\n';
  }

  const NoGrad no_grad;
  const auto [digits, sorted] = draw(1000);
  const auto guess = argmax(model.forward(digits), 1);
  Index right = 0;
  for (Index i = 0; i < 1000; ++i)
    right += std::equal(guess.data() + i * sequence, guess.data() + (i + 1) * sequence,
                        sorted.data() + i * sequence);
  std::cout << right << " of 1000 new sequences sorted without a fault, such as\n";
  for (Index j = 0; j < sequence; ++j) std::cout << digits(0, j) << ' ';
  std::cout << " ->  ";
  for (Index j = 0; j < sequence; ++j) std::cout << guess(j) << ' ';
  std::cout << '\n';
}
