// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <stdexcept>
#include <type_traits>

#include <tinydl/onnx/translate_elementwise.hpp>
#include <tinydl/onnx/translate_image.hpp>
#include <tinydl/onnx/translate_matrix.hpp>
#include <tinydl/onnx/translate_norm.hpp>
#include <tinydl/onnx/translate_recurrent.hpp>
#include <tinydl/onnx/translate_shape.hpp>
#include <tinydl/onnx/write.hpp>

namespace tinydl {

namespace onnx {

namespace detail {

/// A batch with one example more, of other values where these are not integers: what differs
/// between the two passes is what depends on the input.
template <class T, int Rank>
Tensor<T, Rank> larger_batch(const Tensor<T, Rank>& sample) {
  Shape<Rank> shape = sample.shape();
  ++shape[0];
  Tensor<T, Rank> larger(shape);
  T* out = larger.mutable_data();
  for (Index i = 0; i < larger.size(); ++i) {
    out[i] = sample.data()[(2 * sample.size() - 1 - i) % sample.size()];
    if constexpr (std::is_floating_point_v<T>) out[i] = out[i] / 2 + T(0.25);
  }
  return larger;
}

/// A model that takes the sample may refuse this; a message of shapes that nobody gave would
/// puzzle.
template <class Model, class T, int Rank>
Trace trace_larger(const Model& model, const Tensor<T, Rank>& larger) {
  try {
    return trace(model, larger);
  } catch (const std::invalid_argument& error) {
    throw ValueError(
        text("export_onnx: a batch with one example more than the sample's: ", error.what()));
  }
}

inline bool translate(Translator& t, const Step& step) {
  return translate_elementwise(t, step) || translate_shape(t, step) || translate_matrix(t, step) ||
         translate_image(t, step) || translate_norm(t, step) || translate_recurrent(t, step);
}

inline Graph graph_of_traces(const tinydl::detail::LayerState& model, const Trace& small,
                             const Trace& large) {
  Translator::Names names = model.all(&tinydl::detail::LayerState::parameters);
  for (auto& buffer : model.all(&tinydl::detail::LayerState::buffers))
    names.push_back(std::move(buffer));
  return Translator(small, large, std::move(names)).graph(translate);
}

}  // namespace detail

/// What a model does, as a graph of ONNX's operators, version 17. See export_onnx().
template <class Model, class T, int Rank>
Graph graph_of(const Model& model, const Tensor<T, Rank>& sample) {
  using Scalar = typename Model::Scalar;
  constexpr bool model_fits = std::is_same_v<Scalar, float> || std::is_void_v<Scalar>;
  constexpr bool sample_fits = std::is_same_v<T, float> || std::is_same_v<T, std::int64_t>;
  static_assert(model_fits, "export_onnx takes a model of float");
  static_assert(sample_fits, "export_onnx: the sample holds float, or int64 for an Embedding");
  static_assert(Rank >= 1, "export_onnx: the first axis of the sample is that of the batch");
  if constexpr (model_fits && sample_fits && Rank >= 1) {
    if (sample.size() == 0) throw ShapeError("export_onnx: the sample is undefined, or empty");
    const Trace small = trace(model, sample);
    const Trace large = detail::trace_larger(model, detail::larger_batch(sample));
    return detail::graph_of_traces(*model.state(), small, large);
  } else {
    return {};  // refused above
  }
}

}  // namespace onnx

/// Writes what a model does in eval mode as an .onnx file (version 17 of the operators, float32),
/// for batches of any size: its input is called "input", its output "output", their first axis
/// "batch", and constants have the names of the model's parameters.
///
///     export_onnx(model, "net.onnx", zeros({1, 1, 28, 28}));
///
/// The model is run twice, on the sample and on a batch with one example more: what it then does is
/// what is written, and sizes that differ between both are those of the batch. Other sizes, as the
/// length of a sequence, stay those of the sample. So do choices that the model makes in C++.
/// @throws ValueError naming a function that ONNX has no operator for, or an operand that depends
/// on the input but not through functions of Variables, or if the model refuses the larger batch;
/// what the model throws for the sample; FileError if the file cannot be written.
template <class Model, class T, int Rank>
void export_onnx(const Model& model, const std::filesystem::path& path,
                 const Tensor<T, Rank>& sample) {
  onnx::write_graph(onnx::graph_of(model, sample), path);
}

}  // namespace tinydl
