// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/optim/clip.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "check.hpp"

using optim_check::gradient;
using optim_check::near;
using optim_check::parameter;
using optim_check::Parameters;
using optim_check::Values;

TEST_CASE("clip_grad_norm: gradients beyond the limit are scaled together to it") {
  const auto a = parameter({1, 1}, {3, 0}), b = parameter({1}, {4});
  CHECK(tinydl::clip_grad_norm(Parameters{a, b}, 0.5) == doctest::Approx(5));
  CHECK(near(gradient(a), {0.3, 0}, 1e-6));
  CHECK(near(gradient(b), {0.4}, 1e-6));
  const double after = std::hypot(gradient(a)[0], gradient(b)[0]);
  CHECK(after <= 0.5);
  CHECK(after > 0.4999);
  CHECK(near(optim_check::values(a), {1, 1}));
}

TEST_CASE("clip_grad_norm: gradients within the limit stay as they are, to the last bit") {
  const auto a = parameter({1, 1}, {0.1, 0.2}), b = parameter({1}, {0.3});
  CHECK(tinydl::clip_grad_norm(Parameters{a, b}, 1) == doctest::Approx(std::sqrt(0.14)));
  CHECK(gradient(a) == Values{0.1, 0.2});
  CHECK(gradient(b) == Values{0.3});
}

TEST_CASE("clip_grad_norm: parameters without a gradient count for nothing") {
  const auto a = parameter({1}, {2}), none = parameter({9});
  CHECK(tinydl::clip_grad_norm(Parameters{none, a}, 1) == doctest::Approx(2));
  CHECK_FALSE(none.has_grad());
  CHECK(tinydl::clip_grad_norm(Parameters{none}, 1) == 0);
  CHECK(tinydl::clip_grad_norm(Parameters{}, 1) == 0);
}

TEST_CASE("clip_grad_norm: a parameter that is listed twice counts and is scaled once") {
  const auto a = parameter({1}, {3}), b = parameter({1}, {4});
  CHECK(tinydl::clip_grad_norm(Parameters{a, b, a}, 2.5) == doctest::Approx(5));
  CHECK(near(gradient(a), {1.5}, 1e-6));
  CHECK(near(gradient(b), {2}, 1e-6));
}

TEST_CASE("clip_grad_norm: an undefined parameter is refused before anything is scaled") {
  const auto a = parameter({1}, {3});
  CHECK_THROWS_WITH_AS(tinydl::clip_grad_norm(Parameters{a, {}}, 1),
                       "clip_grad_norm: a parameter is undefined", tinydl::ValueError);
  CHECK(gradient(a) == Values{3});
}

TEST_CASE("clip_grad_norm: a norm that is not finite is returned and changes nothing") {
  const auto a = parameter({1, 1}, {100, INFINITY}), b = parameter({1}, {200});
  CHECK(tinydl::clip_grad_norm(Parameters{a, b}, 1) == INFINITY);
  CHECK(gradient(a) == Values{100, INFINITY});
  CHECK(gradient(b) == Values{200});
  a.set_grad(optim_check::vector({std::nan(""), 5}));
  CHECK(std::isnan(tinydl::clip_grad_norm(Parameters{a, b}, 1)));
  CHECK(gradient(a)[1] == 5);
  CHECK(gradient(b) == Values{200});
}

TEST_CASE("clip_grad_norm: a gradient that shares its memory leaves the other alone") {
  const auto a = parameter({1}, {10});
  const auto before = a.grad();
  tinydl::clip_grad_norm(Parameters{a}, 1);
  CHECK(before(0) == 10);
}

TEST_CASE("clip_grad_norm: in float a norm whose square overflows is still one") {
  const tinydl::Variable<float, 1> p(tinydl::from_values({1.0f}), {.requires_grad = true});
  p.set_grad(tinydl::from_values({1e30f}));
  CHECK(tinydl::clip_grad_norm(std::vector<tinydl::AnyVariable<float>>{p}, 1) ==
        doctest::Approx(1e30));
  CHECK(p.grad()(0) == doctest::Approx(1));
}

TEST_CASE("clip_grad_norm: a limit that is not positive is refused") {
  const auto a = parameter({1}, {10});
  CHECK_THROWS_WITH_AS(tinydl::clip_grad_norm(Parameters{a}, 0),
                       "clip_grad_norm: 0 is not positive", tinydl::ValueError);
  CHECK_THROWS_AS(tinydl::clip_grad_norm(Parameters{a}, -1), tinydl::ValueError);
  CHECK_THROWS_AS(tinydl::clip_grad_norm(Parameters{a}, std::nan("")), tinydl::ValueError);
  CHECK(gradient(a) == Values{10});
}

TEST_CASE("clip_grad_value: every element is brought to the limit, of either sign") {
  const auto a = parameter({1, 1, 1}, {-3, 0.25, 7}), none = parameter({9});
  tinydl::clip_grad_value(Parameters{a, none}, 0.5);
  CHECK(gradient(a) == Values{-0.5, 0.25, 0.5});
  CHECK_FALSE(none.has_grad());
}

TEST_CASE("clip_grad_value: a limit that is not positive is refused") {
  const auto a = parameter({1}, {10});
  CHECK_THROWS_WITH_AS(tinydl::clip_grad_value(Parameters{a}, -2),
                       "clip_grad_value: -2 is not positive", tinydl::ValueError);
  CHECK_THROWS_AS(tinydl::clip_grad_value(Parameters{a}, 0), tinydl::ValueError);
  CHECK(gradient(a) == Values{10});
}
