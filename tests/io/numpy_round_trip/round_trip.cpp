// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// The library's half of round_trip.py: reads what that wrote into a folder, and writes it back.

#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include <tinydl/io/npy.hpp>
#include <tinydl/io/npz.hpp>
#include <tinydl/io/safetensors.hpp>
#include <tinydl/tinydl.hpp>

using namespace tinydl;
namespace fs = std::filesystem;

namespace {

/// Calls f(tensor) with the array as it is.
template <class T, class F>
void with_tensor(const NpyArray& array, F f) {
  switch (array.shape().size()) {
    case 0:
      return f(array.get<T, 0>());
    case 1:
      return f(array.get<T, 1>());
    case 2:
      return f(array.get<T, 2>());
    case 3:
      return f(array.get<T, 3>());
    default:
      throw ValueError("round_trip.py makes arrays of ranks 0 to 3");
  }
}

template <class F, class... T>
void with_tensor(const NpyArray& array, F f, detail::DtypeList<T...>) {
  ((array.dtype() == detail::dtype_name<T>() ? with_tensor<T>(array, f) : void()), ...);
}

/// Reads in/*.npy and in/*.npz and writes the same to out/, uncompressed archives compressed and
/// the other way round.
void copy_arrays(const fs::path& in, const fs::path& out) {
  for (const auto& file : fs::directory_iterator(in)) {
    const fs::path target = out / file.path().filename();
    if (file.path().extension() == ".npy") {
      with_tensor(
          NpyArray(file.path()), [&](const auto& tensor) { save_npy(tensor, target); },
          detail::Storable{});
    } else {
      const NpzFile arrays(file.path());
      NpzWriter writer;
      for (const std::string& name : arrays.names())
        with_tensor(
            arrays.array(name), [&](const auto& tensor) { writer.add(name, tensor); },
            detail::Storable{});
      const bool compressed = file.path().stem() == "compressed";
      writer.write(target, {.compressed = !compressed});
    }
  }
}

/// Loads in/torch.* into models, writes what they make of in/x.npy, and writes models back: the
/// loaded ones, and one of its own.
template <int Rank, class Make>
void copy_model(const fs::path& in, const fs::path& out, Make make) {
  const Variable x(read_npy<double, Rank>(in / "x.npy"));
  const auto answer = [&](auto& model, const char* file) {
    model.eval();
    save_npy(model(x).data(), out / file);
  };
  auto from_safetensors = make(), from_npz = make(), own = make();
  load(from_safetensors, in / "torch.safetensors");
  answer(from_safetensors, "y_safetensors.npy");
  save(from_safetensors, out / "loaded.safetensors");
  load_npz(from_npz, in / "torch.npz");
  answer(from_npz, "y_npz.npy");
  save_npz(from_npz, out / "loaded.npz", {.compressed = true});
  answer(own, "y_own.npy");
  save(own, out / "own.safetensors");
  save_npz(own, out / "own.npz");
}

/// The models of round_trip.py, each in a folder of its name.
void copy_models(const fs::path& in, const fs::path& out) {
  copy_model<2>(in / "mlp", out / "mlp", [] { return MLP<double>(5, {7, 6}, 3); });
  copy_model<4>(in / "cnn", out / "cnn", [] {
    return Sequential(Conv2D<double>(2, 4, 3, {.padding = 1}), BatchNorm2D<double>(4), ReLU(),
                      Flatten(), Linear<double>(4 * 6 * 6, 3));
  });
  copy_model<3>(in / "lstm", out / "lstm", [] { return LSTM<double>(4, 6, {.layers = 2}); });
  copy_model<3>(in / "transformer", out / "transformer",
                [] { return TransformerEncoderLayer<double>(8, 2, {.feedforward = 16}); });
  copy_model<2>(in / "batch_norm", out / "batch_norm", [] {
    return Sequential(BatchNorm1D<double>(5), Linear<double>(5, 3), BatchNorm1D<double>(3));
  });
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 4) throw ValueError("numpy_round_trip arrays|models <folder in> <folder out>");
  (std::string_view(arguments[1]) == "models" ? copy_models : copy_arrays)(arguments[2],
                                                                           arguments[3]);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
