// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// A recurrent network reads a small text letter by letter, learns which letter comes next, and then
// writes on its own.
#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>

#include <tinydl/tinydl.hpp>

using namespace tinydl;

constexpr std::string_view story =
    "the miller had a mill, and the mill had a wheel, and the wheel turned when the river ran. "
    "in the spring the river ran fast, and the wheel turned fast, and the miller was glad. "
    "in the summer the river ran slow, and the wheel turned slow, and the miller slept. "
    "in the autumn the rain came down, and the river ran fast, and the wheel turned all night. "
    "in the winter the river froze, and the wheel stood still, and the miller told stories. "
    "he told the cat of the river, and he told the river of the sea, and the sea told no one. "
    "the cat slept by the fire, and the fire sang to the cat, and the cat was glad. "
    "when the ice broke, the river ran again, and the wheel turned again, and the mill sang. "
    "so the year went round as the wheel went round, and the miller ground the corn, "
    "and the corn made bread, and the bread made the children strong, and the children ran "
    "down to the river, and threw stones at the water, and the water took them to the sea. ";

/// The letters that occur; a letter's class is its place here.
std::string alphabet_of(std::string_view text) {
  std::string letters(text);
  std::sort(letters.begin(), letters.end());
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  return letters;
}

struct Writer : Layer<Writer> {
  Embedding<> embed;
  LSTM<> lstm;
  Linear<> out;

  explicit Writer(Index letters)
      : embed(register_layer("embed", Embedding<>(letters, 32))),
        lstm(register_layer("lstm", LSTM<>(32, 128))),
        out(register_layer("out", Linear<>(128, letters))) {}

  /// text: (N, L), result: (N * L, letters), logits for what comes next
  Variable<float, 2> forward(const Labels<2>& text) const {
    return reshape(out(lstm(embed.forward(text))), {-1, out.weight.shape()[0]});
  }

  /// Goes on from `text` for n letters, each drawn by its probability; the lower the temperature,
  /// the surer.
  std::string write(const std::string& alphabet, std::string text, Index n,
                    float temperature) const {
    const NoGrad no_grad;
    LSTM<>::Result state;
    std::string_view unread = text;
    std::string written = text;
    for (Index i = 0; i < n; ++i) {
      Labels<2> next(Shape<2>(1, std::ssize(unread)));
      std::transform(unread.begin(), unread.end(), next.mutable_data(),
                     [&](char letter) { return static_cast<std::int64_t>(alphabet.find(letter)); });
      state = lstm.run(embed.forward(next), state.h, state.c);
      const auto logits = out(select(state.output, 1, -1));
      const auto probabilities = softmax(logits / temperature, 1).data();
      float rest = default_generator().uniform<float>();
      Index letter = 0;
      while (letter + 1 < std::ssize(alphabet) && (rest -= probabilities(0, letter)) > 0) ++letter;
      written += alphabet[static_cast<std::size_t>(letter)];
      unread = std::string_view(alphabet).substr(static_cast<std::size_t>(letter), 1);
    }
    return written;
  }
};

int main() {
  manual_seed(1);
  const std::string alphabet = alphabet_of(story);
  const Writer model(std::ssize(alphabet));
  constexpr Index steps = 400, batch = 16, length_read = 48;
  AdamW optimizer(model.parameters());
  const Schedule lr = schedule::one_cycle(0.01, {.steps = steps});
  std::cout << story.size() << " letters, " << alphabet.size() << " different ones; "
            << model.parameter_count() << " parameters\n";

  for (Index step = 0; step < steps; ++step) {
    // Pieces from anywhere in the story, and the same one letter further on.
    Labels<2> x(Shape<2>(batch, length_read)), next(x.shape());
    for (Index i = 0; i < batch; ++i) {
      const Index begin = default_generator().integer(std::ssize(story) - length_read);
      for (Index j = 0; j < length_read; ++j) {
        const auto at = static_cast<std::size_t>(begin + j);
        x.mutable_data()[i * length_read + j] = static_cast<std::int64_t>(alphabet.find(story[at]));
        next.mutable_data()[i * length_read + j] =
            static_cast<std::int64_t>(alphabet.find(story[at + 1]));
      }
    }
    const auto loss = softmax_cross_entropy(model.forward(x), flatten(next));
    optimizer.clear_grads();
    loss.backward();
    clip_grad_norm(model.parameters(), 1);
    optimizer.set_lr(lr(step));
    optimizer.step();
    if ((step + 1) % 100 == 0)
      std::cout << "\nstep " << step + 1 << ", loss " << loss.item() << "\n  "
                << model.write(alphabet, "the ", 150, 0.5f) << '\n';
  }
}
