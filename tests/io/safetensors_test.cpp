// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/safetensors.hpp>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>

#include "io/files.hpp"

using tinydl_test::safetensors_bytes;
using tinydl_test::safetensors_says;
using tinydl_test::SafetensorsFolder;

namespace {

/// Stands in for a layer.
template <class T>
struct SafetensorsModel {
  using Scalar = T;
  tinydl::Variable<T, 2> weight{tinydl::from_values<T>({2, 3}, {1, 2, 3, 4, 5, 6.5})};
  tinydl::Variable<T, 1> bias{tinydl::from_values<T>({2}, {-1, 0.25})};
  tinydl::Variable<T, 1> mean{tinydl::from_values<T>({3}, {7, 8, 9})};

  std::vector<tinydl::Named<T>> named_parameters() const {
    return {{"l1.weight", weight}, {"l1.bias", bias}};
  }
  std::vector<tinydl::Named<T>> named_buffers() const { return {{"norm.running_mean", mean}}; }

  void clear() {
    for (const auto& list : {named_parameters(), named_buffers()})
      for (const auto& named : list) std::ranges::fill(named.variable.mutable_data_span(), T(0));
  }
  bool is_clear() const {
    for (const auto& list : {named_parameters(), named_buffers()})
      for (const auto& named : list)
        for (T value : named.variable.data_span())
          if (value != 0) return false;
    return true;
  }
};

struct SafetensorsNoModel {
  using Scalar = float;
};

static_assert(tinydl::Saveable<SafetensorsModel<float>>);
static_assert(!tinydl::Saveable<SafetensorsNoModel>);

}  // namespace

TEST_CASE("save and load: parameters and buffers come back by their names") {
  const SafetensorsFolder folder;
  SafetensorsModel<float> model;
  tinydl::save(model, folder.file, {{"epoch", "3"}});
  const tinydl::SafetensorsFile file(folder.file);
  CHECK(file.names() == std::vector<std::string>{"l1.weight", "l1.bias", "norm.running_mean"});
  CHECK(file.metadata().at("epoch") == "3");
  model.clear();
  const auto result = tinydl::load(model, folder.file);
  CHECK(result.missing.empty());
  CHECK(result.unexpected.empty());
  CHECK(result.mismatched.empty());
  CHECK(model.weight.data()(1, 2) == 6.5f);
  CHECK(model.bias.data()(1) == 0.25f);
  CHECK(model.mean.data()(0) == 7);
}

TEST_CASE("load: a file of float loads into a model of double, and the other way round") {
  const SafetensorsFolder folder;
  SafetensorsModel<float> single;
  SafetensorsModel<double> twice;
  twice.bias.mutable_data().mutable_span()[1] = 0.1;
  tinydl::save(twice, folder.file);
  tinydl::load(single, folder.file);
  CHECK(single.bias.data()(1) == 0.1f);
  tinydl::save(single, folder.file);
  tinydl::load(twice, folder.file);
  CHECK(twice.bias.data()(1) == static_cast<double>(0.1f));
}

TEST_CASE("load: a model does not share memory with a tensor copied before") {
  const SafetensorsFolder folder;
  SafetensorsModel<float> model;
  tinydl::save(model, folder.file);
  model.clear();
  const tinydl::Tensor<float, 2> before = model.weight.data();
  tinydl::load(model, folder.file);
  CHECK(before(1, 2) == 0);
  CHECK(model.weight.data()(1, 2) == 6.5f);
}

TEST_CASE("load: all that does not fit is named, and the model is left as it was") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter writer;
  writer.add("l1.weight", tinydl::ones({3, 2}));
  writer.add("l1.bias", tinydl::ones({2}));
  writer.add("l2.bias", tinydl::ones({2}));
  writer.add("l2.weight", tinydl::ones({2}));
  writer.write(folder.file);
  SafetensorsModel<double> model;
  model.clear();
  CHECK(safetensors_says(folder, [&] { tinydl::load(model, folder.file); }) ==
        "does not fit the model; missing in the file: norm.running_mean; unknown to the model: "
        "l2.bias, l2.weight; different: l1.weight is F32 (3, 2) in the file and F64 (2, 3) in the "
        "model");
  CHECK(model.is_clear());
}

TEST_CASE("load: one wrong thing is enough to refuse a file") {
  const SafetensorsFolder folder;
  SafetensorsModel<float> model;
  const auto complaint_without_or_with = [&](const char* left_out, const char* added) {
    tinydl::SafetensorsWriter writer;
    for (const auto& list : {model.named_parameters(), model.named_buffers()})
      for (const auto& [name, variable] : list)
        if (name != left_out) writer.add(name, variable.sizes(), variable.data_span());
    if (added) writer.add(added, tinydl::ones({1}));
    writer.write(folder.file);
    return safetensors_says(folder, [&] { tinydl::load(model, folder.file); });
  };
  CHECK(complaint_without_or_with("", nullptr) == "none");
  CHECK(complaint_without_or_with("l1.bias", nullptr) ==
        "does not fit the model; missing in the file: l1.bias");
  CHECK(complaint_without_or_with("", "l9.bias") ==
        "does not fit the model; unknown to the model: l9.bias");
  CHECK(complaint_without_or_with("l1.bias", "l1.bias") ==
        "does not fit the model; different: l1.bias is F32 (1,) in the file and F32 (2,) in the "
        "model");
}

TEST_CASE("load: weights of 16 bits become those of the model") {
  const SafetensorsFolder folder;
  struct Half {
    using Scalar = float;
    tinydl::Variable<float, 1> x{tinydl::zeros({2})};
    std::vector<tinydl::Named<float>> named_parameters() const { return {{"x", x}}; }
    std::vector<tinydl::Named<float>> named_buffers() const { return {}; }
  } model;
  folder.write(safetensors_bytes(R"({"x":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})") +
               std::string("\0\x3c\0\xc0", 4));
  tinydl::load(model, folder.file);
  CHECK(model.x.data()(0) == 1);
  CHECK(model.x.data()(1) == -2);
}

TEST_CASE("load: not strict, what fits is loaded and the rest is listed and left as it was") {
  const SafetensorsFolder folder;
  tinydl::SafetensorsWriter writer;
  writer.add("l1.weight", tinydl::ones({3, 2}));
  writer.add("l1.bias", tinydl::ones({2}));
  writer.add("l2.bias", tinydl::ones({2}));
  writer.write(folder.file);
  SafetensorsModel<float> model;
  const auto result = tinydl::load(model, folder.file, {.strict = false});
  CHECK(result.missing == std::vector<std::string>{"norm.running_mean"});
  CHECK(result.unexpected == std::vector<std::string>{"l2.bias"});
  CHECK(result.mismatched == std::vector<std::string>{"l1.weight"});
  CHECK(model.bias.data()(0) == 1);
  CHECK(model.weight.data()(0, 1) == 2);
  CHECK(model.mean.data()(0) == 7);
}

TEST_CASE("load: a damaged or missing file leaves the model as it was") {
  const SafetensorsFolder folder;
  SafetensorsModel<float> model;
  tinydl::save(model, folder.file);
  model.clear();
  const std::string bytes = tinydl::read_file(folder.file).bytes;
  folder.write(bytes.substr(0, bytes.size() - 1));
  CHECK(safetensors_says(folder, [&] {
          tinydl::load(model, folder.file);
        }).ends_with("of which there are 43"));
  CHECK(model.is_clear());
  std::filesystem::remove(folder.file);
  CHECK(safetensors_says(folder, [&] { tinydl::load(model, folder.file); }) == "no such file");
}

TEST_CASE("save: a name that the model has twice is refused") {
  struct Twins {
    using Scalar = float;
    tinydl::Variable<float, 1> x{tinydl::zeros({2})};
    std::vector<tinydl::Named<float>> named_parameters() const { return {{"x", x}, {"x", x}}; }
    std::vector<tinydl::Named<float>> named_buffers() const { return {}; }
  };
  const SafetensorsFolder folder;
  CHECK_THROWS_WITH_AS(tinydl::save(Twins(), folder.file), "safetensors: there are two tensors 'x'",
                       tinydl::ValueError);
  CHECK(folder.count() == 0);
}
