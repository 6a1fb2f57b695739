// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/kernels/activation.hpp>

#include <lanes.hpp>

#include <doctest/doctest.h>

using namespace tinydl;
using namespace tinydl::kernels;
using lanes_test::fault_at;
using lanes_test::fault_of;

namespace {

long double sigmoid_exactly(long double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}
long double cdf_exactly(long double x) { return std::erfc(-x / std::sqrt(2.0L)) / 2; }

/// A slope with a gradient of 1.
template <class Slope>
struct AtGradientOne {
  Slope slope = {};
  template <class V>
  [[gnu::always_inline]] void operator()(V& gx, const V& x) const {
    slope(gx, V{} + Lane<V>(1), x);
  }
};

/// alpha is 0.5 in either type.
template <template <class> class F>
struct OfHalf {
  template <class V>
  [[gnu::always_inline]] void operator()(V& y, const V& x) const {
    F<Lane<V>>{Lane<V>(0.5)}(y, x);
  }
};
template <template <class> class Slope>
struct SlopeOfHalf {
  template <class V>
  [[gnu::always_inline]] void operator()(V& gx, const V& gy, const V& x) const {
    Slope<Lane<V>>{Lane<V>(0.5)}(gx, gy, x);
  }
};

}  // namespace

TEST_CASE("activations: softplus, silu and elu within 4 units of the last digit") {
  const auto softplus = [](long double x) {
    return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x)));
  };
  const auto elu = [](long double x) { return x > 0 ? x : std::expm1(x) / 2; };
  CHECK(fault_of(Softplus{}, softplus, 3) == "");
  CHECK(fault_of(
            Silu{}, [](long double x) { return x * sigmoid_exactly(x); }, 4, -80) == "");
  CHECK(fault_of(OfHalf<Elu>{}, elu, 3) == "");
}

TEST_CASE("activations: gelu within 8 units of the last digit, by tanh where it is not tiny") {
  CHECK(fault_of(
            Gelu{}, [](long double x) { return x * cdf_exactly(x); }, 8, -12) == "");
  const auto by_tanh = [](long double x) {
    const long double u =
        std::sqrt(2 / std::numbers::pi_v<long double>) * (x + 0.044715L * x * x * x);
    return x * sigmoid_exactly(2 * u);
  };
  CHECK(fault_of(GeluByTanh{}, by_tanh, 12, -2) == "");
}

TEST_CASE("activations: slopes") {
  const auto slope_of_gelu = [](long double x) {
    return cdf_exactly(x) +
           x * std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi_v<long double>);
  };
  const auto slope_of_silu = [](long double x) {
    const long double s = sigmoid_exactly(x);
    return s * (1 + x * (1 - s));
  };
  const auto slope_of_elu = [](long double x) { return x > 0 ? 1 : std::exp(x) / 2; };
  CHECK(fault_of(AtGradientOne<SoftplusSlope>{}, sigmoid_exactly, 3) == "");
  CHECK(fault_of(AtGradientOne<SlopeOfHalf<EluSlope>>{}, slope_of_elu, 2) == "");
  // Where terms cancel, around the zero on the left for one, only the absolute error is small.
  CHECK(fault_of(AtGradientOne<SiluSlope>{}, slope_of_silu, 20, -1) == "");
  CHECK(fault_of(AtGradientOne<GeluSlope>{}, slope_of_gelu, 16, -0.6) == "");
  CHECK(fault_of(
            AtGradientOne<SigmoidSlope>{}, [](long double y) { return y * (1 - y); }, 2, 0, 0.9) ==
        "");
  CHECK(fault_of(
            AtGradientOne<TanhSlope>{}, [](long double y) { return 1 - y * y; }, 2, -0.7, 0.7) ==
        "");
}

TEST_CASE("activations: what is not a number stays so, and limits are reached") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK(fault_at(Softplus{}, {nan, inf, -inf, 1000, -1000}, {nan, inf, 0, 1000, 0}) == "");
  CHECK(fault_at(Silu{}, {nan, inf, 1000, -1000, 0}, {nan, inf, 1000, 0, 0}) == "");
  CHECK(fault_at(OfHalf<Elu>{}, {nan, inf, -inf, 1000, 0}, {nan, inf, -0.5, 1000, 0}) == "");
  CHECK(fault_at(Gelu{}, {nan, inf, 1000, -1000, 0}, {nan, inf, 1000, 0, 0}) == "");
  CHECK(fault_at(GeluByTanh{}, {nan, inf, 1000, -1000, 0}, {nan, inf, 1000, 0, 0}) == "");
  const std::vector<double> x = {nan, 1000, -1000}, y = {nan, 1, 0};
  CHECK(fault_at(AtGradientOne<SoftplusSlope>{}, x, y) == "");
  CHECK(fault_at(AtGradientOne<SiluSlope>{}, x, y) == "");
  CHECK(fault_at(AtGradientOne<SlopeOfHalf<EluSlope>>{}, x, y) == "");
  CHECK(fault_at(AtGradientOne<GeluSlope>{}, x, y) == "");
  CHECK(fault_at(AtGradientOne<GeluByTanhSlope>{}, x, y) == "");
}
