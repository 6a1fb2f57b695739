// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/recurrent_cell.hpp>

#include <instruction_sets.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace tinydl;
using namespace tinydl::kernels;

namespace {

using CellRow = std::vector<double>;

/// Numbers in [-1, 1] and one more, which no cell may touch.
CellRow cell_row(Index n, double seed) {
  CellRow row(static_cast<std::size_t>(n) + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = std::sin(seed + 1.7 * double(i));
  row.back() = 99;
  return row;
}

double cell_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

void cell_agree(const CellRow& row, const CellRow& expected) {
  REQUIRE(row.size() == expected.size());
  for (std::size_t i = 0; i < row.size(); ++i) CHECK(std::abs(row[i] - expected[i]) < 1e-13);
}

/// f(set, n) for all instruction sets and rows that are shorter and longer than vectors.
template <class F>
void for_cells(F f) {
  for (auto set : instruction_sets_here())
    for (Index n = 1; n <= 19; ++n) {
      CAPTURE(n);
      f(set, n, static_cast<std::size_t>(n));
    }
}

}  // namespace

TEST_CASE("recurrent_cell: RNN, tanh and relu, both ways") {
  for_cells([](InstructionSet set, Index n, std::size_t size) {
    for (bool relu : {false, true}) {
      const CellRow a = cell_row(n, 1), gy = cell_row(n, 2), carried = cell_row(n, 3);
      CellRow h = a, ga = cell_row(n, 4), expected_h = a, expected_ga = ga;
      for (std::size_t j = 0; j < size; ++j) {
        const double y = expected_h[j] = relu ? std::max(a[j], 0.0) : std::tanh(a[j]);
        expected_ga[j] = (gy[j] + carried[j]) * (relu ? (y > 0 ? 1 : 0) : 1 - y * y);
      }
      run_for<kernels::detail::RnnForward<double>>(set, n, relu, h.data());
      run_for<kernels::detail::RnnBackward<double>>(set, n, relu, h.data(), gy.data(),
                                                    carried.data(), ga.data());
      cell_agree(h, expected_h);
      cell_agree(ga, expected_ga);
    }
  });
}

TEST_CASE("recurrent_cell: LSTM, both ways") {
  for_cells([](InstructionSet set, Index n, std::size_t size) {
    const CellRow a = cell_row(4 * n, 1), before = cell_row(n, 2), gy = cell_row(n, 3),
                  carried = cell_row(n, 4);
    CellRow gates = a, c = cell_row(n, 5), h = cell_row(n, 6), gc = cell_row(n, 7),
            ga = cell_row(4 * n, 8);
    CellRow expected_gates = gates, expected_c = c, expected_h = h, expected_gc = gc,
            expected_ga = ga;
    for (std::size_t j = 0; j < size; ++j) {
      const double i = cell_sigmoid(a[j]), f = cell_sigmoid(a[size + j]),
                   g = std::tanh(a[2 * size + j]), o = cell_sigmoid(a[3 * size + j]);
      const double cell = f * before[j] + i * g, t = std::tanh(cell);
      expected_gates[j] = i, expected_gates[size + j] = f;
      expected_gates[2 * size + j] = g, expected_gates[3 * size + j] = o;
      expected_c[j] = cell, expected_h[j] = o * t;
      const double gh = gy[j] + carried[j], gcell = gc[j] + gh * o * (1 - t * t);
      expected_ga[j] = gcell * g * i * (1 - i);
      expected_ga[size + j] = gcell * before[j] * f * (1 - f);
      expected_ga[2 * size + j] = gcell * i * (1 - g * g);
      expected_ga[3 * size + j] = gh * t * o * (1 - o);
      expected_gc[j] = gcell * f;
    }
    run_for<kernels::detail::LstmForward<double>>(set, n, gates.data(), before.data(), c.data(),
                                                  h.data());
    run_for<kernels::detail::LstmBackward<double>>(set, n, gates.data(), before.data(), c.data(),
                                                   gy.data(), carried.data(), gc.data(), ga.data());
    cell_agree(gates, expected_gates);
    cell_agree(c, expected_c);
    cell_agree(h, expected_h);
    cell_agree(ga, expected_ga);
    cell_agree(gc, expected_gc);
  });
}

TEST_CASE("recurrent_cell: GRU, both ways") {
  for_cells([](InstructionSet set, Index n, std::size_t size) {
    const CellRow p = cell_row(3 * n, 1), q = cell_row(4 * n, 2), before = cell_row(n, 3),
                  gy = cell_row(n, 4);
    CellRow gates = q, h = cell_row(n, 5), carried = cell_row(n, 6), gp = cell_row(3 * n, 7),
            gq = cell_row(3 * n, 8);
    CellRow expected_gates = gates, expected_h = h, expected_carried = carried, expected_gp = gp,
            expected_gq = gq;
    for (std::size_t j = 0; j < size; ++j) {
      const double r = cell_sigmoid(p[j] + q[j]), z = cell_sigmoid(p[size + j] + q[size + j]),
                   hidden = q[2 * size + j], fresh = std::tanh(p[2 * size + j] + r * hidden);
      expected_gates[j] = r, expected_gates[size + j] = z, expected_gates[3 * size + j] = fresh;
      expected_h[j] = (1 - z) * fresh + z * before[j];
      const double gh = gy[j] + carried[j], gn = gh * (1 - z) * (1 - fresh * fresh);
      expected_carried[j] = gh * z;
      expected_gp[j] = expected_gq[j] = gn * hidden * r * (1 - r);
      expected_gp[size + j] = expected_gq[size + j] = gh * (before[j] - fresh) * z * (1 - z);
      expected_gp[2 * size + j] = gn;
      expected_gq[2 * size + j] = gn * r;
    }
    run_for<kernels::detail::GruForward<double>>(set, n, p.data(), gates.data(), before.data(),
                                                 h.data());
    run_for<kernels::detail::GruBackward<double>>(set, n, gates.data(), before.data(), gy.data(),
                                                  carried.data(), gp.data(), gq.data());
    cell_agree(gates, expected_gates);
    cell_agree(h, expected_h);
    cell_agree(carried, expected_carried);
    cell_agree(gp, expected_gp);
    cell_agree(gq, expected_gq);
  });
}
