// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// Functions of one number for a generated header (see export_header.hpp), as the text of plain
// C++17, since <cmath> is not among the freestanding headers. Errors were measured on every 97th
// float.

namespace tinydl::onnx::detail {

/// What it needs are names of functions before it, each with a space after.
struct HeaderFunction {
  const char *name, *needs, *text;
};

inline constexpr HeaderFunction header_functions[] = {
    {"bits", "", R"(
/// The bits of a number as an integer, and back.
inline std::uint32_t bits_of(float x) noexcept {
  std::uint32_t bits = 0;
  for (int i = 0; i < 4; ++i)
    reinterpret_cast<unsigned char*>(&bits)[i] = reinterpret_cast<const unsigned char*>(&x)[i];
  return bits;
}
inline float from_bits(std::uint32_t bits) noexcept {
  float x = 0;
  for (int i = 0; i < 4; ++i)
    reinterpret_cast<unsigned char*>(&x)[i] = reinterpret_cast<const unsigned char*>(&bits)[i];
  return x;
}
/// 2^n for n in [-126, 127]
inline float power_of_two(int n) noexcept {
  return from_bits(static_cast<std::uint32_t>(n + 127) << 23);
}
)"},
    {"exp", "bits ", R"(
/// exp(x) = 2^n (1 + p), where p = exp(r) - 1 for r = x - n ln 2 in [-0.35, 0.35], for |x| < 105.
inline float split_exp(float x, int& n) noexcept {
  n = static_cast<int>(x * 1.44269504f + (x < 0 ? -0.5f : 0.5f));
  const float k = static_cast<float>(n), r = (x - k * 0x1.62e4p-1f) - k * 0x1.7f7d1cp-20f;
  const float series = 1.f / 6 + r * (1.f / 24 + r * (1.f / 120 + r * (1.f / 720 + r / 5040)));
  return r + r * r * (0.5f + r * series);
}
/// to 2 units of the last digit
inline float exp(float x) noexcept {
  if (!(x > -104)) return x < 0 ? 0 : x;
  if (x > 89) return std::numeric_limits<float>::infinity();
  int n = 0;
  const float p = split_exp(x, n);
  return (1 + p) * power_of_two(n / 2) * power_of_two(n - n / 2);
}
)"},
    {"expm1", "exp ", R"(
/// exp(x) - 1 to 3 units of the last digit
inline float expm1(float x) noexcept {
  if (!(x > -20)) return x < 0 ? -1 : x;
  if (x > 88) return exp(x);
  int n = 0;
  const float p = split_exp(x, n), scale = power_of_two(n);
  return scale * p + (scale - 1);
}
)"},
    {"sigmoid", "exp ", R"(
/// 1 / (1 + exp(-x)) to 3 units of the last digit
inline float sigmoid(float x) noexcept {
  const float e = exp(x < 0 ? x : -x);
  return (x < 0 ? e : 1) / (1 + e);
}
)"},
    {"tanh", "expm1 ", R"(
/// to 3 units of the last digit
inline float tanh(float x) noexcept {
  const float e = expm1(-2 * (x < 0 ? -x : x)), y = e / (e + 2);
  return x < 0 ? y : -y;
}
)"},
    {"log", "bits ", R"(
/// log(1 + f) for f in [-0.3, 0.42], by the series of 2 atanh(f / (2 + f)).
inline float log_near_1(float f) noexcept {
  const float s = f / (2 + f), z = s * s;
  const float series = 2.f / 3 + z * (2.f / 5 + z * (2.f / 7 + z * (2.f / 9 + z * (2.f / 11))));
  return f - s * (f - z * series);
}
/// to 2 units of the last digit
inline float log(float x) noexcept {
  using Limits = std::numeric_limits<float>;
  if (!(x > 0)) return x == 0 ? -Limits::infinity() : Limits::quiet_NaN();
  if (x > Limits::max()) return x;
  const bool tiny = x < Limits::min();
  const std::uint32_t root = 0x3f3504f3;  // of sqrt(1/2): x = 2^e m, m in [sqrt(1/2), sqrt(2))
  const std::uint32_t bits = bits_of(tiny ? x * 0x1p23f : x) - root;
  const float e = static_cast<float>(static_cast<int>(bits + (127u << 23)) >> 23) - 127;
  const float k = tiny ? e - 23 : e, m = from_bits((bits & 0x7fffff) + root);
  return (log_near_1(m - 1) + k * 0x1.7f7d1cp-20f) + k * 0x1.62e4p-1f;
}
)"},
    {"softplus", "exp log ", R"(
/// log(1 + exp(x)) to 3 units of the last digit
inline float softplus(float x) noexcept {
  const float e = exp(x < 0 ? x : -x);
  const float more = e < 0.41421f ? log_near_1(e) : log_near_1((e - 1) / 2) + 0.693147181f;
  return (x < 0 ? 0 : x) + more;
}
)"},
    {"erf", "exp ", R"(
/// to 3 units of the last digit: by its power series, and above 0.9 by a polynomial next to
/// log(1 - erf(x)), fitted there
inline float erf(float x) noexcept {
  const float a = x < 0 ? -x : x, z = x * x;
  if (a > 4) return x < 0 ? -1 : 1;
  if (!(a > 0.9f)) {
    float sum = 0;
    for (float k = 9; k > 0; --k) sum = (1 / (2 * k + 1) - sum) * (z / k);
    return 1.12837917f * (x - x * sum);
  }
  constexpr float c[] = {0.000166034879f, -0.00277437968f, 0.0212455913f,   -0.102068536f,
                         -0.639124274f,   -1.12662065f,    -0.000429304841f};
  float p = 0;
  for (const float factor : c) p = p * a + factor;
  return x < 0 ? exp(p) - 1 : 1 - exp(p);
}
)"},
    {"sqrt", "bits ", R"(
/// to 1 unit of the last digit: half the exponent, then Newton's steps
inline float sqrt(float x) noexcept {
  using Limits = std::numeric_limits<float>;
  if (!(x > 0)) return x < 0 ? Limits::quiet_NaN() : x;
  if (x > Limits::max()) return x;
  if (x < Limits::min()) return sqrt(x * 0x1p24f) * 0x1p-12f;
  float y = from_bits((bits_of(x) >> 1) + 0x1fbd1df5);
  for (int i = 0; i < 3; ++i) y = 0.5f * (y + x / y);
  return y;
}
)"},
};

}  // namespace tinydl::onnx::detail
