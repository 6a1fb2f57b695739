// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <tinydl/onnx/header_node.hpp>
#include <tinydl/onnx/header_walk.hpp>

// Operators on each number, for a generated header (see export_header.hpp).

namespace tinydl::onnx::detail {

struct HeaderOperator {
  const char* name;
  void (*write)(HeaderNode&);
};

/// y[i] = formula of x[i], and of an attribute.
struct HeaderMap {
  const char *operation, *function, *formula, *needs = "";
  const char* attribute = nullptr;
  float otherwise = 0;
};

inline constexpr HeaderMap header_maps[] = {
    {"Abs", "absolute", "x[i] < 0 ? -x[i] : x[i]"},
    {"Elu", "elu", "x[i] > 0 ? x[i] : alpha * expm1(x[i])", "expm1", "alpha", 1},
    {"Erf", "erf", "erf(x[i])", "erf"},
    {"Exp", "exp", "exp(x[i])", "exp"},
    {"LeakyRelu", "leaky_relu", "x[i] > 0 ? x[i] : alpha * x[i]", "", "alpha", 0.01f},
    {"Log", "log", "log(x[i])", "log"},
    {"Neg", "negate", "-x[i]"},
    {"Reciprocal", "reciprocal", "1 / x[i]"},
    {"Relu", "relu", "x[i] < 0 ? 0 : x[i]"},
    {"Sigmoid", "sigmoid", "sigmoid(x[i])", "sigmoid"},
    {"Softplus", "softplus", "softplus(x[i])", "softplus"},
    {"Sqrt", "sqrt", "sqrt(x[i])", "sqrt"},
    {"Tanh", "tanh", "tanh(x[i])", "tanh"},
};

/// Adds y[i] = formula of x[i] and the parameters, and calls it.
inline void call_map(HeaderNode& node, const HeaderMap& map,
                     const std::vector<std::string>& names = {},
                     const std::vector<float>& values = {}) {
  const HeaderPlace x = node.in(0), y = node.out();
  std::string parameters;
  std::vector<HeaderProgram::Argument> arguments{std::to_string(node.out_size())};
  for (std::size_t i = 0; i < names.size(); ++i) {
    parameters += "float " + names[i] + ", ";
    arguments.emplace_back(number_text(values[i]));
  }
  arguments.insert(arguments.end(), {x, y});
  if (*map.needs) node.needs(map.needs);
  node.define(map.function, text("\n/// y may be x.\ninline void ", map.function, "(Index n, ",
                                 parameters, "const float* x, float* y) noexcept {\n",
                                 "  for (Index i = 0; i < n; ++i) y[i] = ", map.formula, ";\n}\n"));
  node.call(map.function, std::move(arguments));
  node.may_overwrite(x, y);
}

inline void write_map(HeaderNode& node) {
  for (const HeaderMap& map : header_maps) {
    if (node.node().op_type != map.operation) continue;
    if (!map.attribute) return call_map(node, map);
    return call_map(node, map, {map.attribute}, {node.settings.real(map.attribute, map.otherwise)});
  }
}

inline void write_clip(HeaderNode& node) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float low = node.x.has(1) ? node.constants(1).at(0) : -infinity;
  const float high = node.x.has(2) ? node.constants(2).at(0) : infinity;
  constexpr HeaderMap map{"Clip", "clip", "x[i] < low ? low : x[i] > high ? high : x[i]"};
  call_map(node, map, {"low", "high"}, {low, high});
}

/// y = formula of a, b and c, which are repeated as ONNX broadcasts.
struct HeaderZip {
  const char *operation, *function, *formula;
  std::size_t operands = 2;
};

inline constexpr HeaderZip header_zips[] = {
    {"Add", "add", "A + B"},
    {"Div", "divide", "A / B"},
    {"Max", "maximum", "A < B ? B : A"},
    {"Min", "minimum", "A > B ? B : A"},
    {"Mul", "multiply", "A * B"},
    {"Sub", "subtract", "A - B"},
    {"Where", "where", "A != 0 ? B : C", 3},
};

inline void call_zip(HeaderNode& node, const HeaderZip& zip, const std::vector<HeaderPlace>& from,
                     const std::vector<Sizes>& shapes, HeaderPlace y) {
  std::vector<Sizes> strides;
  for (const Sizes& shape : shapes) strides.push_back(broadcast_strides(shape, node.out_shape()));
  const HeaderWalk walk(node.out_shape(), strides);
  std::string parameters, formula;
  std::vector<HeaderProgram::Argument> arguments{walk.sizes()};
  for (std::size_t i = 0; i < from.size(); ++i) {
    const char letter = static_cast<char>('a' + i);
    parameters.append(text(", const float* ", letter, ", const Axes& s", letter));
    arguments.insert(arguments.end(), {from[i], walk.strides(i)});
  }
  arguments.emplace_back(y);
  for (const char c : std::string_view(zip.formula)) {
    if (c < 'A' || c > 'C') {
      formula += c;
      continue;
    }
    const char letter = static_cast<char>(c - 'A' + 'a');
    formula += text(letter, "[i * s", letter, ".of[0] + j * s", letter, ".of[1] + k * s", letter,
                    ".of[2] + l * s", letter, ".of[3]]");
  }
  node.needs("Axes");
  node.define(zip.function,
              text("\n/// Each operand has its own strides; y may be one that is not repeated.\n",
                   "inline void ", zip.function, "(const Axes& n", parameters,
                   ", float* y) noexcept {\n  for (Index i = 0; i < n.of[0]; ++i)\n",
                   "    for (Index j = 0; j < n.of[1]; ++j)\n",
                   "      for (Index k = 0; k < n.of[2]; ++k)\n",
                   "        for (Index l = 0; l < n.of[3]; ++l)\n", "          *y++ = ", formula,
                   ";\n}\n"));
  node.call(zip.function, std::move(arguments));
}

inline void write_zip(HeaderNode& node) {
  for (const HeaderZip& zip : header_zips) {
    if (node.node().op_type != zip.operation) continue;
    if (node.x.count() != zip.operands)
      node.refuse(text(node.x.count(), " inputs; ", zip.operands, " is what is known"));
    std::vector<HeaderPlace> from;
    std::vector<Sizes> shapes;
    for (std::size_t i = 0; i < zip.operands; ++i) {
      from.push_back(node.in(i));
      shapes.push_back(node.x.shape(i));
    }
    const HeaderPlace y = node.out();
    call_zip(node, zip, from, shapes, y);
    for (std::size_t i = 0; i < zip.operands; ++i)
      if (node.size(i) == node.out_size()) node.may_overwrite(from[i], y);
  }
}

/// By a constant power of those that take no logarithm.
inline void write_pow(HeaderNode& node) {
  const auto powers = node.constants(1);
  const float power = powers.at(0);
  const auto map = [&](const char* function, const char* formula, const char* needs = "") {
    call_map(node, HeaderMap{"Pow", function, formula, needs});
  };
  if (powers.size() != 1) node.refuse("one power for all is what is known");
  if (power == 2) return map("square", "x[i] * x[i]");
  if (power == 3) return map("cube", "x[i] * x[i] * x[i]");
  if (power == 0.5f) return map("sqrt", "sqrt(x[i])", "sqrt");
  if (power == -0.5f) return map("inverse_sqrt", "1 / sqrt(x[i])", "sqrt");
  if (power == -1) return map("reciprocal", "1 / x[i]");
  node.refuse(text("the power ", power, "; 2, 3, 0.5, -0.5 and -1 are those that are known"));
}

inline constexpr HeaderOperator header_elementwise[] = {
    {"Abs", write_map},   {"Add", write_zip},       {"Clip", write_clip},
    {"Div", write_zip},   {"Elu", write_map},       {"Erf", write_map},
    {"Exp", write_map},   {"LeakyRelu", write_map}, {"Log", write_map},
    {"Max", write_zip},   {"Min", write_zip},       {"Mul", write_zip},
    {"Neg", write_map},   {"Pow", write_pow},       {"Reciprocal", write_map},
    {"Relu", write_map},  {"Sigmoid", write_map},   {"Softplus", write_map},
    {"Sqrt", write_map},  {"Sub", write_zip},       {"Tanh", write_map},
    {"Where", write_zip},
};

}  // namespace tinydl::onnx::detail
