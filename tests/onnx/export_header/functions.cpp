// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
// The functions of generated headers against those of <cmath> in double, in units of the last digit
// of a float. The errors that are allowed are those that the header states.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "operators.hpp"

namespace {

int failures = 0;

void check(const char* name, double allowed, float (*f)(float) noexcept, double (*exact)(double)) {
  double worst = 0, at = 0;
  for (std::uint64_t i = 0; i < std::uint64_t(1) << 32; i += 4999) {
    const auto bits = static_cast<std::uint32_t>(i);
    float x;
    std::memcpy(&x, &bits, 4);
    const float found = f(x);
    const double expected = exact(static_cast<double>(x));
    const auto rounded = static_cast<float>(expected);
    double error;
    if (std::isnan(rounded) || std::isinf(rounded)) {
      error = found == rounded || (std::isnan(rounded) && std::isnan(found)) ? 0 : 1e9;
    } else {
      int exponent;
      std::frexp(expected, &exponent);
      error = std::abs(found - expected) / std::ldexp(1.0, std::max(exponent - 24, -149));
    }
    if (!(error <= worst)) worst = error, at = static_cast<double>(x);
  }
  std::printf("%-9s %.2f units, at %.9g\n", name, worst, at);
  if (!(worst <= allowed)) ++failures;
}

}  // namespace

int main() {
  using namespace operators::detail;
  check("exp", 2, exp, [](double x) { return std::exp(x); });
  check("expm1", 3, expm1, [](double x) { return std::expm1(x); });
  check("sigmoid", 3, sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); });
  check("tanh", 3, tanh, [](double x) { return std::tanh(x); });
  check("log", 2, log, [](double x) { return std::log(x); });
  check("softplus", 3, softplus, [](double x) { return x > 40 ? x : std::log1p(std::exp(x)); });
  check("erf", 3, erf, [](double x) { return std::erf(x); });
  check("sqrt", 1, sqrt, [](double x) { return std::sqrt(x); });
  return failures;
}
