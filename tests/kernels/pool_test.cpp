// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/pool.hpp>

#include <restored_threads.hpp>
#include <small_integers.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace tinydl;
using kernels::adaptive_windows;
using kernels::strided_windows;
using kernels::Window;
using kernels::Windows;

namespace {

using ListOfWindows = kernels::WindowList;

/// Kernels of which some are cut off by the edges, overlap, have gaps, or are 2x2.
std::vector<Windows> pool_cases() {
  const auto strided = [](Index height, Index width, Index kernel, Index stride, Index padding,
                          Index dilation) {
    return Windows{height, width, strided_windows(height, kernel, stride, padding, dilation, true),
                   strided_windows(width, kernel, stride, padding, dilation, true)};
  };
  return {strided(6, 8, 2, 2, 0, 1),
          strided(7, 5, 2, 1, 1, 1),
          strided(9, 7, 4, 2, 2, 1),
          strided(8, 9, 2, 1, 0, 2),
          strided(9, 9, 3, 2, 1, 2),
          strided(1, 1, 1, 1, 0, 1),
          strided(5, 1, 1, 3, 0, 1),
          {7, 5, adaptive_windows(7, 3), adaptive_windows(5, 8)},
          // Two rows or columns of which a dilated window sees only one.
          {3, 6, strided_windows(3, 3, 1, 1, 2, true), strided_windows(6, 2, 2, 0, 1, true)},
          {6, 3, strided_windows(6, 2, 2, 0, 1, true), strided_windows(3, 3, 1, 1, 2, true)}};
}

Index positions_in(const Window& window) {
  Index count = 0;
  for (Index i = window.begin; i < window.end; i += window.step) ++count;
  return count;
}

}  // namespace

TEST_CASE("strided_windows: begin a stride apart and end with the axis") {
  CHECK(strided_windows(7, 3, 2, 0, 1, true) ==
        ListOfWindows{{0, 3, 1, 3}, {2, 5, 1, 3}, {4, 7, 1, 3}});
  CHECK(strided_windows(8, 3, 2, 0, 1, true) == strided_windows(7, 3, 2, 0, 1, true));
  CHECK(strided_windows(4, 1, 3, 0, 1, true) == ListOfWindows{{0, 1, 1, 1}, {3, 4, 1, 1}});
  CHECK(strided_windows(5, 5, 1, 0, 1, true) == ListOfWindows{{0, 5, 1, 5}});
}

TEST_CASE("strided_windows: padding is not seen, and counted or not") {
  CHECK(strided_windows(4, 3, 2, 1, 1, true) == ListOfWindows{{0, 2, 1, 3}, {1, 4, 1, 3}});
  CHECK(strided_windows(4, 3, 2, 1, 1, false) == ListOfWindows{{0, 2, 1, 2}, {1, 4, 1, 3}});
  CHECK(strided_windows(2, 4, 1, 2, 1, false) ==
        ListOfWindows{{0, 2, 1, 2}, {0, 2, 1, 2}, {0, 2, 1, 2}});
}

TEST_CASE("strided_windows: dilated ones keep their step where padding cuts them off") {
  CHECK(strided_windows(6, 3, 1, 1, 2, false) ==
        ListOfWindows{{1, 4, 2, 2}, {0, 5, 2, 3}, {1, 6, 2, 3}, {2, 6, 2, 2}});
  CHECK(strided_windows(4, 2, 1, 1, 3, true) ==
        ListOfWindows{{2, 3, 3, 2}, {0, 4, 3, 2}, {1, 4, 3, 2}});
}

TEST_CASE("strided_windows: a window that sees padding alone is empty") {
  const auto windows = strided_windows(1, 2, 1, 1, 2, true);  // at -1 and 1
  REQUIRE(windows.size() == 1);
  CHECK(windows[0].begin >= windows[0].end);
}

TEST_CASE("adaptive_windows: cover the axis, and overlap where it does not divide") {
  CHECK(adaptive_windows(6, 3) == ListOfWindows{{0, 2, 1, 2}, {2, 4, 1, 2}, {4, 6, 1, 2}});
  CHECK(adaptive_windows(5, 3) == ListOfWindows{{0, 2, 1, 2}, {1, 4, 1, 3}, {3, 5, 1, 2}});
  CHECK(adaptive_windows(2, 3) == ListOfWindows{{0, 1, 1, 1}, {0, 2, 1, 2}, {1, 2, 1, 1}});
  CHECK(adaptive_windows(7, 1) == ListOfWindows{{0, 7, 1, 7}});
}

TEST_CASE("max_pool: each maximum is the largest of its window and stands where it is said to") {
  for (const Windows& windows : pool_cases()) {
    const Index planes = 3, size = windows.image_size(), count = windows.count();
    std::vector<double> x(static_cast<std::size_t>(planes * size));
    for (std::size_t i = 0; i < x.size(); ++i)  // all different, up and down
      x[i] = static_cast<double>(i * 37 % 1009) - 500;
    std::vector<double> y(static_cast<std::size_t>(planes * count));
    std::vector<std::int32_t> at(y.size());
    kernels::max_pool(planes, windows, x.data(), y.data(), at.data());
    std::size_t out = 0;
    for (Index plane = 0; plane < planes; ++plane)
      for (const Window& rows : windows.rows)
        for (const Window& columns : windows.columns) {
          double top = -1e9;
          for (Index i = rows.begin; i < rows.end; i += rows.step)
            for (Index j = columns.begin; j < columns.end; j += columns.step)
              top = std::max(
                  top,
                  x[static_cast<std::size_t>((plane * windows.height + i) * windows.width + j)]);
          CHECK(y[out] == top);
          CHECK(x[static_cast<std::size_t>(plane * size + at[out])] == top);
          ++out;
        }
  }
}

TEST_CASE("max_pool: of equal elements the first, and NaNs are the largest") {
  const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  const auto position = [](Index height, Index width, const std::vector<double>& x) {
    const Windows whole{height, width, adaptive_windows(height, 1), adaptive_windows(width, 1)};
    double top;
    std::int32_t at;
    kernels::max_pool(1, whole, x.data(), &top, &at);
    const bool picked = top == x[static_cast<std::size_t>(at)] || std::isnan(top);
    CHECK_UNARY(picked);
    return at;
  };
  // 2x2 windows have code of their own.
  CHECK(position(2, 2, {5, 5, 5, 5}) == 0);
  CHECK(position(2, 2, {1, 5, 5, 5}) == 1);
  CHECK(position(2, 2, {1, 0, 5, 5}) == 2);
  CHECK(position(2, 2, {1, 0, 2, 5}) == 3);
  CHECK(position(2, 2, {-inf, -inf, -inf, -inf}) == 0);
  for (std::int32_t i = 0; i < 4; ++i) {
    std::vector<double> x{inf, 1, 2, inf};
    x[static_cast<std::size_t>(i)] = nan;
    CHECK(position(2, 2, x) == i);
  }
  CHECK(position(2, 2, {nan, 1, nan, 1}) == 2);
  CHECK(position(1, 3, {5, 5, 5}) == 0);
  CHECK(position(3, 1, {1, 5, 5}) == 1);
  CHECK(position(1, 3, {-inf, -inf, -inf}) == 0);
  CHECK(position(1, 3, {nan, inf, 1}) == 0);
  CHECK(position(1, 3, {inf, 1, nan}) == 2);
  CHECK(position(1, 4, {nan, 1, nan, 1}) == 2);
}

TEST_CASE("max_pool: floats in windows of 2x2, which are compared by vectors, as doubles are") {
  const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  const std::vector<double> values{0, -0.0, 1, 1, -2, 3, nan, inf, -inf, 3, -7, 2, 3};
  for (Index width = 2; width < 40; ++width)
    for (Index height : {2, 3, 6}) {
      const Windows windows{height, width, strided_windows(height, 2, 2, 0, 1, true),
                            strided_windows(width, 2, 2, 0, 1, true)};
      const Index planes = 5, size = planes * windows.image_size();
      std::vector<double> x;
      for (Index i = 0; i < size; ++i)
        x.push_back(values[static_cast<std::size_t>(i * i + i / 7) % values.size()]);
      const std::vector<float> f(x.begin(), x.end());
      std::vector<double> y(static_cast<std::size_t>(planes * windows.count()));
      std::vector<float> g(y.size());
      std::vector<std::int32_t> at(y.size()), f_at(y.size());
      kernels::max_pool(planes, windows, x.data(), y.data(), at.data());
      kernels::max_pool(planes, windows, f.data(), g.data(), f_at.data());
      CAPTURE(width);
      CAPTURE(height);
      CHECK(f_at == at);
      for (std::size_t i = 0; i < y.size(); ++i)
        CHECK((g[i] == static_cast<float>(y[i]) || (std::isnan(g[i]) && std::isnan(y[i]))));
    }
}

TEST_CASE("gather_planes and scatter_planes: pick and put back, adding what meets") {
  const std::vector<std::int32_t> at{2, 0, 2, 1, 1, 1};  // two planes of three
  const std::vector<double> x{10, 20, 30, 40, 50, 60}, y{1, 2, 3, 4, 5, 6};
  std::vector<double> picked(6), put(6, -1);
  kernels::gather_planes<double>(2, 3, 3, at.data(), x.data(), picked.data());
  CHECK(picked == std::vector<double>{30, 10, 30, 50, 50, 50});
  kernels::scatter_planes<double>(2, 3, 3, at.data(), y.data(), put.data());
  CHECK(put == std::vector<double>{2, 0, 4, 0, 15, 0});
}

TEST_CASE("avg_pool: sums of small integers, divided by the sizes of the windows") {
  const Windows windows{3, 4, strided_windows(3, 2, 1, 1, 1, true),
                        strided_windows(4, 2, 2, 0, 1, true)};
  const std::vector<double> x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  std::vector<double> y(8);
  kernels::avg_pool(1, windows, x.data(), y.data());
  CHECK(y == std::vector<double>{0.75, 1.75, 3.5, 5.5, 7.5, 9.5, 4.75, 5.75});
}

TEST_CASE("avg_pool and avg_pool_adjoint: one is the other, transposed") {
  for (Windows windows : pool_cases()) {
    for (Window& window : windows.rows) window.size = 4;  // so that every mean is exact
    for (Window& window : windows.columns) window.size = 2;
    const auto x = small_integers<double>(2 * windows.image_size(), 1);
    const auto y = small_integers<double>(2 * windows.count(), 2);
    std::vector<double> pooled(y.size()), spread(x.size(), -1);
    kernels::avg_pool(2, windows, x.data(), pooled.data());
    kernels::avg_pool_adjoint(2, windows, y.data(), spread.data());
    CHECK(std::inner_product(y.begin(), y.end(), pooled.begin(), 0.0) ==
          std::inner_product(x.begin(), x.end(), spread.begin(), 0.0));
    Index seen = 0;  // and not because both are zero
    for (const Window& rows : windows.rows)
      for (const Window& columns : windows.columns)
        seen += positions_in(rows) * positions_in(columns);
    const std::vector<double> ones(x.size(), 1);
    kernels::avg_pool(2, windows, ones.data(), pooled.data());
    CHECK(std::accumulate(pooled.begin(), pooled.end(), 0.0) == static_cast<double>(seen) / 4);
  }
}

TEST_CASE("pooling kernels: the same bits on 1, 2 and 4 threads") {
  const RestoredThreads restored;
  const Index planes = 41, height = 30, width = 31;
  const Windows windows{height, width, strided_windows(height, 3, 2, 1, 1, true),
                        strided_windows(width, 3, 2, 1, 1, true)};
  std::vector<float> x(static_cast<std::size_t>(planes * height * width));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
  std::vector<std::vector<float>> all;
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    const auto count = static_cast<std::size_t>(planes * windows.count());
    std::vector<float> top(count), mean(count), back(x.size()), spread(x.size()), again(count);
    std::vector<std::int32_t> at(count);
    kernels::max_pool(planes, windows, x.data(), top.data(), at.data());
    kernels::avg_pool(planes, windows, x.data(), mean.data());
    const Index size = windows.image_size();
    kernels::scatter_planes<float>(planes, size, windows.count(), at.data(), mean.data(),
                                   back.data());
    kernels::gather_planes<float>(planes, size, windows.count(), at.data(), back.data(),
                                  again.data());
    kernels::avg_pool_adjoint(planes, windows, top.data(), spread.data());
    for (const auto& part : {mean, back, again, spread})
      top.insert(top.end(), part.begin(), part.end());
    all.push_back(top);
  }
  const bool same = all[0] == all[1] && all[0] == all[2];
  CHECK_UNARY(same);
}
