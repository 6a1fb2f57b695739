// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// oneDNN has threads from OpenMP.
#include <dnnl.hpp>
#include <omp.h>

#include "library.hpp"

namespace {

using namespace benchmarks;
using Pass = Convolution::Pass;

void multiply(const Product& p) {
  dnnl_sgemm(p.a_transposed ? 'T' : 'N', p.b_transposed ? 'T' : 'N', p.m, p.n, p.k, 1, p.a,
             p.a_transposed ? p.m : p.k, p.b, p.b_transposed ? p.k : p.n, 0, p.c, p.n);
}

std::function<void()> convolution(const Convolution& c) {
  using dnnl::memory, dnnl::prop_kind;
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const auto any = [](memory::dims sizes) {
    return memory::desc(sizes, memory::data_type::f32, memory::format_tag::any);
  };
  const auto x = any({c.images, c.channels, c.size, c.size});
  const auto w = any({c.filters, c.channels, 3, 3});
  const auto y = any({c.images, c.filters, c.size - 2, c.size - 2});
  const auto direct = dnnl::algorithm::convolution_direct;
  const memory::dims one{1, 1}, zero{0, 0};
  const dnnl::convolution_forward::primitive_desc forward(
      {prop_kind::forward_training, direct, x, w, y, one, zero, zero}, engine);
  const auto ready = [&](const dnnl::primitive& primitive, int from1, const memory::desc& desc1,
                         int from2, const memory::desc& desc2, int to, const memory::desc& desc3) {
    const auto filled = [&](const memory::desc& desc) {
      memory m(desc, engine);
      auto* numbers = static_cast<float*>(m.get_data_handle());
      std::fill_n(numbers, desc.get_size() / sizeof(float), 0.5f);
      return m;
    };
    const std::unordered_map<int, memory> arguments{
        {from1, filled(desc1)}, {from2, filled(desc2)}, {to, filled(desc3)}};
    return [=]() mutable {
      primitive.execute(stream, arguments);
      stream.wait();
    };
  };
  if (c.pass == Pass::forward)
    return ready(dnnl::convolution_forward(forward), DNNL_ARG_SRC, forward.src_desc(),
                 DNNL_ARG_WEIGHTS, forward.weights_desc(), DNNL_ARG_DST, forward.dst_desc());
  if (c.pass == Pass::images) {
    const dnnl::convolution_backward_data::primitive_desc back({direct, x, w, y, one, zero, zero},
                                                               engine, forward);
    return ready(dnnl::convolution_backward_data(back), DNNL_ARG_DIFF_DST, back.diff_dst_desc(),
                 DNNL_ARG_WEIGHTS, back.weights_desc(), DNNL_ARG_DIFF_SRC, back.diff_src_desc());
  }
  const dnnl::convolution_backward_weights::primitive_desc back({direct, x, w, y, one, zero, zero},
                                                                engine, forward);
  return ready(dnnl::convolution_backward_weights(back), DNNL_ARG_DIFF_DST, back.diff_dst_desc(),
               DNNL_ARG_SRC, back.src_desc(), DNNL_ARG_DIFF_WEIGHTS, back.diff_weights_desc());
}

const Registered registered({"oneDNN", omp_set_num_threads, multiply, convolution});

}  // namespace
