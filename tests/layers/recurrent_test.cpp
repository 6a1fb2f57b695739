// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/layers/recurrent.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "check.hpp"

namespace {

using tinydl::Index;
using tinydl::Shape;
using tinydl::Tensor;
using RNND = tinydl::RNN<double>;
using LSTMD = tinydl::LSTM<double>;
using GRUD = tinydl::GRU<double>;

/// Values of a layer's states, one vector for each example.
using RecurrentRows = std::vector<std::vector<double>>;

double recurrent_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// weight x + bias; the bias may be undefined.
std::vector<double> recurrent_affine(const tinydl::Variable<double, 2>& weight,
                                     const tinydl::Variable<double, 1>& bias,
                                     const std::vector<double>& x) {
  const auto& w = weight.data();
  std::vector<double> y;
  for (Index i = 0; i < w.shape()[0]; ++i) {
    double sum = bias.defined() ? bias.data()(i) : 0;
    for (Index j = 0; j < w.shape()[1]; ++j) sum += w(i, j) * x[static_cast<std::size_t>(j)];
    y.push_back(sum);
  }
  return y;
}

// One step of one layer by PyTorch's documentation: from a = weight_ih x + bias_ih and
// b = weight_hh h + bias_hh to the new h, and for an LSTM c.
using RecurrentStep = void (*)(const std::vector<double>& a, const std::vector<double>& b,
                               std::vector<double>& h, std::vector<double>& c);

void rnn_step(const std::vector<double>& a, const std::vector<double>& b, std::vector<double>& h,
              std::vector<double>&) {
  for (std::size_t j = 0; j < h.size(); ++j) h[j] = std::tanh(a[j] + b[j]);
}
void rnn_relu_step(const std::vector<double>& a, const std::vector<double>& b,
                   std::vector<double>& h, std::vector<double>&) {
  for (std::size_t j = 0; j < h.size(); ++j) h[j] = std::max(a[j] + b[j], 0.0);
}
void lstm_step(const std::vector<double>& a, const std::vector<double>& b, std::vector<double>& h,
               std::vector<double>& c) {
  const std::size_t n = h.size();
  for (std::size_t j = 0; j < n; ++j) {
    const auto sum = [&](std::size_t gate) { return a[gate * n + j] + b[gate * n + j]; };
    c[j] = recurrent_sigmoid(sum(1)) * c[j] + recurrent_sigmoid(sum(0)) * std::tanh(sum(2));
    h[j] = recurrent_sigmoid(sum(3)) * std::tanh(c[j]);
  }
}
void gru_step(const std::vector<double>& a, const std::vector<double>& b, std::vector<double>& h,
              std::vector<double>&) {
  const std::size_t n = h.size();
  for (std::size_t j = 0; j < n; ++j) {
    const double r = recurrent_sigmoid(a[j] + b[j]), z = recurrent_sigmoid(a[n + j] + b[n + j]);
    h[j] = (1 - z) * std::tanh(a[2 * n + j] + r * b[2 * n + j]) + z * h[j];
  }
}

/// Whether run() agrees with plain steps; state is (layers, N, hidden), zeros if undefined.
template <class Layer>
void check_steps(const Layer& layer, RecurrentStep step, const Tensor<double, 3>& x,
                 const Tensor<double, 3>& h0 = {}, const Tensor<double, 3>& c0 = {}) {
  const auto& weights = layer.weights();
  const Index hidden = weights[0].weight_hh.shape()[1];
  const auto result = [&] {
    const auto h = h0.defined() ? tinydl::as_variable(h0) : tinydl::Variable<double, 3>();
    if constexpr (std::is_same_v<Layer, LSTMD>)
      return layer.run(x, h,
                       c0.defined() ? tinydl::as_variable(c0) : tinydl::Variable<double, 3>());
    else
      return layer.run(x, h);
  }();
  const auto near = [](double a, double b) { CHECK(std::abs(a - b) < 1e-12); };
  REQUIRE(result.output.shape() == Shape(x.shape()[0], x.shape()[1], hidden));
  for (Index n = 0; n < x.shape()[0]; ++n) {
    RecurrentRows h, c;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      h.emplace_back(static_cast<std::size_t>(hidden));
      c.push_back(h.back());
      for (Index j = 0; j < hidden; ++j) {
        if (h0.defined()) h[k][static_cast<std::size_t>(j)] = h0(k, n, j);
        if (c0.defined()) c[k][static_cast<std::size_t>(j)] = c0(k, n, j);
      }
    }
    for (Index t = 0; t < x.shape()[1]; ++t) {
      std::vector<double> in;
      for (Index j = 0; j < x.shape()[2]; ++j) in.push_back(x(n, t, j));
      for (std::size_t k = 0; k < weights.size(); ++k) {
        const auto& w = weights[k];
        step(recurrent_affine(w.weight_ih, w.bias_ih, in),
             recurrent_affine(w.weight_hh, w.bias_hh, h[k]), h[k], c[k]);
        in = h[k];
      }
      for (Index j = 0; j < hidden; ++j)
        near(result.output.data()(n, t, j), in[static_cast<std::size_t>(j)]);
    }
    for (std::size_t k = 0; k < weights.size(); ++k)
      for (Index j = 0; j < hidden; ++j) {
        near(result.h.data()(k, n, j), h[k][static_cast<std::size_t>(j)]);
        if constexpr (std::is_same_v<Layer, LSTMD>)
          near(result.c.data()(k, n, j), c[k][static_cast<std::size_t>(j)]);
      }
  }
}

template <class Layer>
void check_kind(RecurrentStep step) {
  const auto x = layer_check::normal(Shape(2, 4, 3));
  check_steps(Layer(3, 5), step, x);
  check_steps(Layer(3, 5, {.layers = 3}), step, x);
  check_steps(Layer(3, 5, {.layers = 2, .bias = false}), step, x);
  check_steps(Layer(3, 1), step, layer_check::normal(Shape(1, 1, 3)));
  const auto h0 = layer_check::normal(Shape(2, 2, 5));
  check_steps(Layer(3, 5, {.layers = 2}), step, x, h0, h0 * 0.5);
}

/// Sequences cut in two, and step by step, from state to state, give the same bits.
template <class Layer, class Next>
void check_pieces(const Layer& layer, Next next) {
  const auto x = layer_check::normal(Shape(2, 5, 3));
  const auto whole = layer.run(x);
  auto piece = layer.run(tinydl::slice(x, 1, 0, 2));
  CHECK(layer_check::same(piece.output.data(), tinydl::slice(whole.output.data(), 1, 0, 2)));
  for (Index t = 2; t < 5; ++t) {
    piece = next(tinydl::slice(x, 1, t, t + 1), piece);
    CHECK(layer_check::same(piece.output.data(), tinydl::slice(whole.output.data(), 1, t, t + 1)));
  }
  CHECK(layer_check::same(piece.h.data(), whole.h.data()));
}

template <class F>
std::string recurrent_error(F f) {
  try {
    f();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("recurrent: RNN agrees with plain steps, layers, states and all") {
  check_kind<RNND>(rnn_step);
  check_steps(RNND(3, 4, {.layers = 2, .relu = true}), rnn_relu_step,
              layer_check::normal(Shape(2, 4, 3)));
}

TEST_CASE("recurrent: LSTM agrees with plain steps, layers, states and all") {
  check_kind<LSTMD>(lstm_step);
}

TEST_CASE("recurrent: GRU agrees with plain steps, layers, states and all") {
  check_kind<GRUD>(gru_step);
}

TEST_CASE("recurrent: a sequence can be run in pieces, down to single steps") {
  const RNND rnn(3, 4, {.layers = 2});
  check_pieces(rnn, [&](const auto& x, const auto& last) { return rnn.run(x, last.h); });
  const LSTMD lstm(3, 4, {.layers = 2});
  check_pieces(lstm, [&](const auto& x, const auto& last) { return lstm.run(x, last.h, last.c); });
  const GRUD gru(3, 4, {.layers = 2});
  check_pieces(gru, [&](const auto& x, const auto& last) { return gru.run(x, last.h); });
}

TEST_CASE("recurrent: gradients of inputs and parameters, down to sizes of 1") {
  const auto check = [](const auto& layer) {
    layer_check::check_gradients(layer, layer_check::normal(Shape(2, 3, 2)));
    layer_check::check_gradients(layer, layer_check::normal(Shape(1, 1, 2)));
  };
  check(RNND(2, 3, {.layers = 2}));
  check(LSTMD(2, 3, {.layers = 2}));
  check(GRUD(2, 3, {.layers = 2}));
  check(RNND(2, 1, {.bias = false}));
  check(LSTMD(2, 1, {.bias = false}));
  check(GRUD(2, 1, {.bias = false}));
}

TEST_CASE("recurrent: gradients reach the initial states, also from the last ones") {
  const LSTMD lstm(2, 3, {.layers = 2});
  const auto x = layer_check::normal(Shape(2, 3, 2)), state = layer_check::normal(Shape(2, 2, 3));
  CHECK(tinydl::gradient_check(
      [&](const auto& h, const auto& c) {
        const auto [output, last_h, last_c] = lstm.run(x, h, c);
        return sum(square(output)) + sum(tinydl::exp(last_h)) + sum(square(last_c));
      },
      state, state * 0.5));
  const GRUD gru(2, 3, {.layers = 2});
  CHECK(
      tinydl::gradient_check([&](const auto& h) { return gru(tinydl::as_variable(x), h); }, state));
}

TEST_CASE("recurrent: parameters have PyTorch's names, shapes and first values") {
  const std::vector<std::string> names{"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0",
                                       "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1"};
  const auto check = [&](const auto& layer, Index rows) {
    const auto list = layer.named_parameters();
    CHECK(layer_check::names_of(list) == names);
    const std::vector<std::vector<Index>> shapes{{rows, 3},  {rows, 16}, {rows}, {rows},
                                                 {rows, 16}, {rows, 16}, {rows}, {rows}};
    for (std::size_t i = 0; i < list.size(); ++i) {
      CHECK(std::ranges::equal(list[i].variable.sizes(), shapes[i]));
      const auto values = list[i].variable.data_span();
      const auto [low, high] = std::ranges::minmax(values);
      CHECK(low >= -0.25);  // 1 / sqrt(16)
      CHECK(low < -0.1);
      CHECK(high < 0.25);
      CHECK(high > 0.1);
    }
  };
  check(RNND(3, 16, {.layers = 2}), 16);
  check(LSTMD(3, 16, {.layers = 2}), 64);
  check(GRUD(3, 16, {.layers = 2}), 48);
  CHECK(layer_check::names_of(GRUD(3, 2, {.bias = false}).named_parameters()) ==
        std::vector<std::string>{"weight_ih_l0", "weight_hh_l0"});
}

TEST_CASE("recurrent: dropout between layers, in training alone, and not after the last") {
  const auto x = layer_check::normal(Shape(2, 3, 2));
  const GRUD one(2, 4, {.dropout = 0.5});
  CHECK(layer_check::same(one(x).data(), one(x).data()));
  const GRUD two(2, 4, {.layers = 2, .dropout = 0.5});
  CHECK_FALSE(layer_check::same(two(x).data(), two(x).data()));
  // The first layer's own state is not dropped out.
  CHECK(layer_check::same(tinydl::select(two.run(x).h.data(), 0, 0),
                          tinydl::select(two.run(x).h.data(), 0, 0)));
  two.eval();
  check_steps(two, gru_step, x);
}

TEST_CASE("recurrent: clones have the same options and values, and are independent") {
  const auto x = layer_check::normal(Shape(2, 3, 2));
  const auto check = [&](const auto& layer) {
    const auto copy = layer.clone();
    CHECK(layer_check::same(copy(x).data(), layer(x).data()));
    const auto before = layer(x).data();
    copy.parameters()[0].mutable_data_span()[0] += 1;
    CHECK(layer_check::same(layer(x).data(), before));
    CHECK_FALSE(layer_check::same(copy(x).data(), before));
  };
  check(RNND(2, 3, {.layers = 2, .bias = false, .relu = true}));
  check(LSTMD(2, 3, {.layers = 2}));
  check(GRUD(2, 3));
}

TEST_CASE("recurrent: bad sizes, inputs and states are refused by name") {
  CHECK(recurrent_error([] { RNND(0, 3); }) == "RNN: 0 features to 3 in 1 layers");
  CHECK(recurrent_error([] { LSTMD(2, -1); }) == "LSTM: 2 features to -1 in 1 layers");
  CHECK(recurrent_error([] { GRUD(2, 3, {.layers = 0}); }) == "GRU: 2 features to 3 in 0 layers");
  CHECK(recurrent_error([] { GRUD(2, 3, {.dropout = 1}); }) == "GRU: dropout = 1 is not in [0, 1)");
  const LSTMD lstm(2, 3, {.layers = 2});
  CHECK(recurrent_error([&] { lstm(layer_check::normal(Shape(4, 5, 3))); }) ==
        "LSTM: an input of shape (4, 5, 3) for a layer of 2 features; it must be (N, L, 2)");
  CHECK(recurrent_error([&] {
          lstm(tinydl::zeros<double>({4, 0, 2}));
        }) == "LSTM: an empty sequence: an input of shape (4, 0, 2)");
  const auto x = layer_check::normal(Shape(4, 5, 2));
  const auto good = tinydl::zeros<double>({2, 4, 3}), bad = tinydl::zeros<double>({1, 4, 3});
  CHECK(recurrent_error([&] { lstm(x, bad, good); }) ==
        "LSTM: an initial state of shape (1, 4, 3) for a batch of 4; it must be (2, 4, 3)");
  CHECK(recurrent_error([&] { lstm(x, good, bad); }) ==
        "LSTM: an initial cell of shape (1, 4, 3) for a batch of 4; it must be (2, 4, 3)");
  CHECK(recurrent_error([&] {
          GRUD(2, 3)(x, good);
        }) == "GRU: an initial state of shape (2, 4, 3) for a batch of 4; it must be (1, 4, 3)");
  CHECK(recurrent_error([&] {
          RNND(2, 3)(x, good);
        }) == "RNN: an initial state of shape (2, 4, 3) for a batch of 4; it must be (1, 4, 3)");
}
