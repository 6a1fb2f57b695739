// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <numbers>
#include <span>
#include <utility>

#include <tinydl/core/create.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/random.hpp>
#include <tinydl/core/threads.hpp>
#include <tinydl/data/dataset.hpp>

namespace tinydl {

namespace detail {

struct Point {
  float x, y;
};

/// One movement of the pen: through the points in straight lines, or in a smooth curve.
struct Stroke {
  bool curved = false;
  int size = 0;
  std::array<Point, 12> points = {};  // from (0, 0) to (1, 1)
};

/// Ways to write each digit, in their order: the digit, then its strokes, - for straight lines and
/// ~ for a curve, with their points as xxyy in a box from 0000 at the top left to 9999.
inline constexpr const char* handwriting[] = {
    "0 ~ 5200 2516 1652 2688 5099 7686 8548 7414 4800",
    "0 ~ 6003 3610 2245 3090 5598 7868 7825 5600 4206",
    "1 - 5000 5099",
    "1 - 5600 4499",
    "1 - 3224 5400 5499",
    "1 - 3222 5300 5399 - 3099 7699",
    "2 ~ 2024 3802 7006 7632 5466 1897 - 1897 8695",
    "2 ~ 2018 5000 7620 6258 3495 1690 3076 5688 8896",
    "3 ~ 2012 4800 7418 6240 4047 ~ 4047 7054 8077 5699 1890",
    "3 - 2004 7604 4642 ~ 4642 7452 7880 5099 2090",
    "4 - 3000 1855 8653 - 7010 6699",
    "4 - 6899 6800 1466 9066",
    "4 ~ 2202 2038 4452 7242 - 7600 7099",
    "5 - 8002 3203 2743 ~ 2743 5636 8058 7088 4499 1690",
    "5 ~ 3004 2826 3646 6858 7284 4899 2094 - 3004 8400",
    "6 ~ 7002 4022 2260 3292 5699 7882 6658 4258 2580",
    "6 ~ 4600 2636 2276 4699 7488 7264 4856 2472",
    "7 - 1606 8204 4299",
    "7 - 1606 8204 4499 - 3654 8050",
    "7 ~ 1416 3206 6210 8402 ~ 8402 6044 5099",
    "8 ~ 7414 5000 2718 4243 7064 7288 4899 2584 3858 6636 7414",
    "8 ~ 5046 3030 3606 6204 7028 5046 2668 3696 6696 7468 5046",
    "9 ~ 7424 5400 2812 2438 4850 7230 - 7516 6699",
    "9 ~ 7616 5000 2620 3446 6242 7616 7860 5894 2696",
};

/// One of the ways to write a digit, without the digit.
inline const char* way_to_write(Index digit, Generator& random) {
  const char* ways[std::size(handwriting)];
  Index count = 0;
  for (const char* way : handwriting)
    if (way[0] - '0' == digit) ways[count++] = way + 2;
  return ways[random.integer(count)];
}

/// Reads the next stroke, if there is one, and goes on behind it.
inline bool read_stroke(const char*& way, Stroke& stroke) {
  if (*way == '\0') return false;
  stroke = {.curved = *way++ == '~'};
  const auto two_digits = [&](int at) {
    return static_cast<float>(10 * (way[at] - '0') + (way[at + 1] - '0')) / 99;
  };
  for (; way[0] == ' ' && way[1] >= '0' && way[1] <= '9'; way += 5)
    stroke.points[stroke.size++] = {two_digits(1), two_digits(3)};
  if (*way == ' ') ++way;
  return true;
}

/// The squared distances of a picture's pixels from what was drawn, up to `reach`.
class Canvas {
 public:
  static constexpr int side = 28;
  static constexpr float reach = 3;

  Canvas() { squared_.fill(reach * reach); }

  void line(Point a, Point b) {
    const float dx = b.x - a.x, dy = b.y - a.y;
    const float scale = 1 / std::max(dx * dx + dy * dy, 1e-6f);
    const auto [left, right] = covered(a.x, b.x);
    const auto [top, bottom] = covered(a.y, b.y);
    for (int y = top; y <= bottom; ++y)
      for (int x = left; x <= right; ++x) {
        const float px = static_cast<float>(x) - a.x, py = static_cast<float>(y) - a.y;
        const float along = std::clamp((px * dx + py * dy) * scale, 0.f, 1.f);
        const float ex = px - along * dx, ey = py - along * dy;
        float& nearest = squared_[y * side + x];
        nearest = std::min(nearest, ex * ex + ey * ey);
      }
  }

  float distance(int pixel) const { return std::sqrt(squared_[pixel]); }

 private:
  static std::pair<int, int> covered(float a, float b) {
    return {static_cast<int>(std::clamp(std::min(a, b) - reach, 0.f, side - 1.f)),
            static_cast<int>(std::clamp(std::max(a, b) + reach, 0.f, side - 1.f))};
  }

  std::array<float, side * side> squared_;
};

/// A place between points i and i + 1 on Catmull and Rom's cubic through all of them, for u in
/// (0, 1].
inline Point on_curve(const Stroke& stroke, int i, float u) {
  const auto& p = stroke.points;
  const Point a = p[std::max(i - 1, 0)], b = p[i], c = p[i + 1];
  const Point d = p[std::min(i + 2, stroke.size - 1)];
  const auto at = [u](float a0, float b0, float c0, float d0) {
    const float square = 2 * a0 - 5 * b0 + 4 * c0 - d0, cube = 3 * (b0 - c0) + d0 - a0;
    return b0 + u / 2 * (c0 - a0 + u * (square + u * cube));
  };
  return {at(a.x, b.x, c.x, d.x), at(a.y, b.y, c.y, d.y)};
}

/// Draws the stroke as a chain of short lines.
inline void draw_stroke(const Stroke& stroke, Canvas& canvas) {
  const int steps = stroke.curved ? 6 : 1;
  Point from = stroke.points[0];
  for (int i = 0; i + 1 < stroke.size; ++i)
    for (int k = 1; k <= steps; ++k) {
      const float u = static_cast<float>(k) / static_cast<float>(steps);
      const Point to = stroke.curved ? on_curve(stroke, i, u) : stroke.points[i + 1];
      canvas.line(from, to);
      from = to;
    }
}

/// Writes one digit into 28*28 bytes.
inline void draw_digit(Index digit, Generator& random, std::uint8_t* out) {
  // A shaky hand, then an affine map of the whole: scale, shear, rotation, shift.
  constexpr float wobble = .06f;
  constexpr float degree = std::numbers::pi_v<float> / 180;
  const float height = random.uniform(14.f, 21.f), width = height * random.uniform(.55f, 1.15f);
  const float angle = random.uniform(-15.f, 15.f) * degree, shear = random.uniform(-.35f, .35f);
  const float cosine = std::cos(angle), sine = std::sin(angle);
  const Point centre{13.5f + random.uniform(-2.f, 2.f), 13.5f + random.uniform(-2.f, 2.f)};
  const auto place = [&](Point p) {
    const float v = height * (p.y - .5f + wobble * random.normal<float>());
    const float u = width * (p.x - .5f + wobble * random.normal<float>()) - shear * v;
    return Point{centre.x + cosine * u - sine * v, centre.y + sine * u + cosine * v};
  };

  Canvas canvas;
  const char* way = way_to_write(digit, random);
  for (Stroke stroke; read_stroke(way, stroke);) {
    for (int i = 0; i < stroke.size; ++i) stroke.points[i] = place(stroke.points[i]);
    draw_stroke(stroke, canvas);
  }

  const float radius = random.uniform(.7f, 1.8f), softness = random.uniform(.8f, 1.6f);
  const float ink = random.uniform(.75f, 1.f), grain = random.uniform(0.f, .35f);
  std::array<float, Canvas::side * Canvas::side> noise;
  random.fill_uniform(std::span<float>(noise), -grain, grain);
  for (int i = 0; i < Canvas::side * Canvas::side; ++i) {
    const float cover = std::clamp((radius - canvas.distance(i)) / softness + .5f, 0.f, 1.f);
    const float value = std::clamp(ink * cover + noise[i] * (.25f + .75f * cover), 0.f, 1.f);
    out[i] = static_cast<std::uint8_t>(255 * value + .5f);
  }
}

}  // namespace detail

/// n pictures of handwritten digits, 28x28, that the library draws itself: each a few strokes of a
/// shaky pen under a random affine map, of random thickness and ink, with noise. Image i depends on
/// the seed and on i alone: more images begin with the same ones, and threads do not matter. For
/// testing, take another seed.
///
///     const auto train = draw_digits(60000, 1), test = draw_digits(10000, 2);
///
/// @throws ValueError if n is negative.
template <int Rank = 2, std::floating_point T = float>
ImageDataset<Rank, T> draw_digits(Index n, std::uint64_t seed = 0, ImageOptions options = {}) {
  if (n < 0) throw ValueError(text("draw_digits: ", n, " images"));
  // Image i has a stream of its own, away from those that start at 0 with the same seed.
  constexpr std::uint64_t first_stream = std::uint64_t{1} << 62;
  constexpr Index side = detail::Canvas::side;
  Tensor<std::uint8_t, 3> images(Shape<3>(n, side, side));
  Labels<1> labels{Shape<1>(n)};
  std::uint8_t* const pixels = images.mutable_data();
  std::int64_t* const digits = labels.mutable_data();
  parallel_ranges(n, 64, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      Generator random(seed, first_stream + static_cast<std::uint64_t>(i));
      digits[i] = random.integer(10);
      detail::draw_digit(digits[i], random, pixels + i * side * side);
    }
  });
  return {std::move(images), std::move(labels), options};
}

}  // namespace tinydl
