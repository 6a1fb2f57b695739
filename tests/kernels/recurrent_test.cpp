// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/recurrent.hpp>

#include <restored_threads.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

// What single cells compute is in recurrent_cell_test.cpp, that the ways back are the derivatives
// of the ways forward in the tests of functions/. Here: the order of steps, and the cut of the
// batch.

namespace {

using SequenceRows = std::vector<double>;

SequenceRows sequence_rows(Index n, double seed) {
  SequenceRows x(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(seed + 1.3 * double(i));
  return x;
}

PackedMatrix<double> sequence_weight(const SequenceRows& w, Index gates, Index hidden, bool back) {
  const auto view = matrix_view(w.data(), gates * hidden, hidden);
  return PackedMatrix<double>(back ? view : view.transposed());
}

/// All that the kernels compute from the examples [from, to) of a fixed batch.
struct SequenceResults {
  SequenceRows rnn, lstm, gru, cells, gates, gru_gates;                  // forward
  SequenceRows rnn_ga, lstm_ga, lstm_gc, gru_gp, gru_gq, gh1, gh2, gh3;  // backward
};

constexpr Index sequence_batch = 19, sequence_steps = 5, sequence_hidden = 6;

SequenceResults run_sequences(Index from, Index to) {
  const Index n = to - from, steps = sequence_steps, hidden = sequence_hidden;
  const SequenceSizes s{n, steps, hidden};
  const auto input = [&](Index width, double seed) {
    const auto all = sequence_rows(sequence_batch * width, seed);
    return SequenceRows(all.begin() + from * width, all.begin() + to * width);
  };
  const auto p1 = input(steps * hidden, 1), p3 = input(steps * 3 * hidden, 2),
             p4 = input(steps * 4 * hidden, 3), h0 = input(hidden, 4), c0 = input(hidden, 5),
             gy = input(steps * hidden, 6);
  const auto w1 = sequence_rows(hidden * hidden, 7), w3 = sequence_rows(3 * hidden * hidden, 8),
             w4 = sequence_rows(4 * hidden * hidden, 9), bias = sequence_rows(3 * hidden, 10);

  SequenceResults r;
  const auto rows = [&](Index width) { return SequenceRows(static_cast<std::size_t>(n * width)); };
  r.rnn = r.lstm = r.gru = r.cells = r.rnn_ga = rows(steps * hidden);
  r.gates = r.gru_gates = r.lstm_ga = rows(steps * 4 * hidden);
  r.gru_gp = r.gru_gq = rows(steps * 3 * hidden);
  r.gh1 = r.gh2 = r.gh3 = rows(hidden);
  r.lstm_gc = input(hidden, 11);
  rnn_forward(s, false, sequence_weight(w1, 1, hidden, false), p1.data(), h0.data(), r.rnn.data());
  rnn_backward(s, false, sequence_weight(w1, 1, hidden, true), r.rnn.data(), gy.data(),
               r.rnn_ga.data(), r.gh1.data());
  lstm_forward(s, sequence_weight(w4, 4, hidden, false), p4.data(), h0.data(), c0.data(),
               r.gates.data(), r.cells.data(), r.lstm.data());
  lstm_backward(s, sequence_weight(w4, 4, hidden, true), r.gates.data(), r.cells.data(), c0.data(),
                gy.data(), r.lstm_ga.data(), r.gh2.data(), r.lstm_gc.data());
  gru_forward(s, sequence_weight(w3, 3, hidden, false), p3.data(), bias.data(), h0.data(),
              r.gru_gates.data(), r.gru.data());
  gru_backward(s, sequence_weight(w3, 3, hidden, true), r.gru_gates.data(), r.gru.data(), h0.data(),
               gy.data(), r.gru_gp.data(), r.gru_gq.data(), r.gh3.data());
  return r;
}

constexpr SequenceRows SequenceResults::*sequence_members[] = {
    &SequenceResults::rnn,    &SequenceResults::lstm,    &SequenceResults::gru,
    &SequenceResults::cells,  &SequenceResults::gates,   &SequenceResults::gru_gates,
    &SequenceResults::rnn_ga, &SequenceResults::lstm_ga, &SequenceResults::lstm_gc,
    &SequenceResults::gru_gp, &SequenceResults::gru_gq,  &SequenceResults::gh1,
    &SequenceResults::gh2,    &SequenceResults::gh3};

}  // namespace

TEST_CASE("recurrent: a step's arguments are its own and those of the state before") {
  // p and weight of an RNN with relu, chosen so that states are whole numbers.
  const SequenceRows p{1, 2, 3, 4, 5, 6}, h0{1, 1}, w{1, 0, 2, -1};  // weight_hh: h2' = 2 h1 - h2
  SequenceRows h(6);
  rnn_forward({1, 3, 2}, true, sequence_weight(w, 1, 2, false), p.data(), h0.data(), h.data());
  CHECK(h == SequenceRows{2, 3, 5, 5, 10, 11});
  // Back: ga_t = gy_t + weight_hh^T ga_(t+1), as all states are positive.
  const SequenceRows gy{0, 0, 1, 0, 0, 1};
  SequenceRows ga(6), gh(2);
  rnn_backward({1, 3, 2}, true, sequence_weight(w, 1, 2, true), h.data(), gy.data(), ga.data(),
               gh.data());
  CHECK(ga == SequenceRows{1, 1, 3, -1, 0, 1});
  CHECK(gh == SequenceRows{3, -1});
}

TEST_CASE("recurrent: an example's numbers do not depend on the rest of the batch") {
  const SequenceResults all = run_sequences(0, sequence_batch);
  for (Index i : {0, 7, 8, 18}) {
    const SequenceResults one = run_sequences(i, i + 1);
    for (const auto member : sequence_members) {
      const SequenceRows& of_all = all.*member;
      const std::size_t width = of_all.size() / sequence_batch, at = width * std::size_t(i);
      CHECK(one.*member == SequenceRows(of_all.begin() + std::ptrdiff_t(at),
                                        of_all.begin() + std::ptrdiff_t(at + width)));
    }
  }
}

TEST_CASE("recurrent: the same bits for 1, 2 and 4 threads") {
  const RestoredThreads restored;
  set_num_threads(1);
  const SequenceResults expected = run_sequences(0, sequence_batch);
  for (int threads : {2, 4}) {
    set_num_threads(threads);
    const SequenceResults again = run_sequences(0, sequence_batch);
    for (const auto member : sequence_members) CHECK(again.*member == expected.*member);
  }
}
