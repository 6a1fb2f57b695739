// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

namespace reference {

/// The rows of docs/correctness.md that the cases of a function of the files speak about, where
/// they are not of the same name.
inline std::vector<std::string> rows_of(const std::string& function) {
  static const std::map<std::string, std::vector<std::string>> rows = {
      {"add", {"+"}},
      {"sub", {"-"}},
      {"mul", {"*"}},
      {"div", {"/"}},
      {"neg", {"-"}},
      {"gelu_tanh", {"gelu"}},
      {"pow3", {"pow"}},
      {"pow_half", {"pow"}},
      {"amax", {"max"}},
      {"amin", {"min"}},
      {"reshape_infer", {"reshape"}},
      {"bmm", {"matmul"}},
      {"bmm4", {"matmul"}},
      {"global_avg_pool", {"global_avg_pool2d"}},
      {"layer_norm3", {"layer_norm"}},
      {"batch_norm1d", {"batch_norm", "BatchNorm1D"}},
      {"batch_norm2d", {"batch_norm", "BatchNorm2D"}},
      {"cross_entropy", {"softmax_cross_entropy"}},
      {"nll", {"negative_log_likelihood"}},
      {"mse", {"mean_squared_error"}},
      {"l1", {"l1_loss"}},
      {"smooth_l1", {"smooth_l1_loss"}},
      {"huber", {"huber_loss"}},
      {"bce_with_logits", {"binary_cross_entropy_with_logits"}},
      {"kl_div", {"kl_divergence"}},
      {"rnn", {"rnn_sequence", "RNN"}},
      {"lstm", {"lstm_sequence", "LSTM"}},
      {"gru", {"gru_sequence", "GRU"}},
      {"attention", {"scaled_dot_product_attention"}},
      {"multihead_attention", {"scaled_dot_product_attention", "MultiHeadAttention"}},
      {"mlp_sgd", {"MLP", "mlp_sgd"}},
      {"mlp_adamw", {"MLP", "mlp_adamw"}},
      {"cnn_adamw", {"Conv2D", "cnn_adamw"}},
  };
  const auto found = rows.find(function);
  return found == rows.end() ? std::vector{function} : found->second;
}

}  // namespace reference
