// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of the losses are run.

namespace reference {
namespace {

/// Options of a loss of class labels.
template <class Options>
Options label_options(Case& c, Options options = {}) {
  if (c.has_attribute("ignore_index"))
    options.ignore_index = c.attribute<std::int64_t>("ignore_index");
  return options;
}

template <class T>
void run_cross_entropy(Case& c) {
  const auto x = c.input<T, 2>("x");
  auto options = label_options<tinydl::CrossEntropyOptions>(c);
  options.label_smoothing = c.attribute("label_smoothing", 0.0);
  with_reduction(c, [&]<Reduction r>(As<r>) {
    if (c.has("target"))
      finish<T>(c, tinydl::softmax_cross_entropy<r>(x, c.get<T, 2>("target"), options), {x});
    else
      finish<T>(
          c, tinydl::softmax_cross_entropy<r>(x, c.get_exactly<std::int64_t, 1>("in.t"), options),
          {x});
  });
}

/// The inputs are logits.
template <class T>
void run_nll(Case& c) {
  const auto x = c.input<T, 2>("x");
  const auto labels = c.get_exactly<std::int64_t, 1>("in.t");
  const auto options = label_options<tinydl::LikelihoodOptions>(c);
  with_reduction(c, [&]<Reduction r>(As<r>) {
    finish<T>(c, tinydl::negative_log_likelihood<r>(tinydl::log_softmax(x, 1), labels, options),
              {x});
  });
}

/// f(case, reduction, x, y) for predictions and targets of one shape. Losses of elements look at no
/// axis, hence vectors will do.
template <class T, class F>
void run_pair_loss(Case& c, F f) {
  const Variable<T, 1> x(c.get_flat<T>("in.x"), {.requires_grad = true});
  const Variable<T, 1> y(c.get_flat<T>("in.y"), {.requires_grad = true});
  with_reduction(c, [&](auto reduction) {
    const auto loss = f(c, reduction, x, y);
    c.check_values("out", loss.data().span());
    const auto gy = c.has("gy") ? c.get_flat<T>("gy") : tinydl::ones<T>({1});
    loss.backward(gy.with_shape(loss.shape()));
  });
  c.check_values("grad.x", x.grad().span());
  c.check_values("grad.y", y.grad().span());
}

template <class F>
Runner pair_loss(const char* name, F) {
  return runner(name, [](Case& c, auto t) { run_pair_loss<decltype(t)>(c, F{}); });
}

/// The inputs are logits along axis 1, or along the only one; the axes after it are seen as one.
/// Our losses are those of samples: our mean is PyTorch's batchmean, and PyTorch's mean is over
/// elements. Its losses of elements are ours of samples of one element.
template <class T>
void run_kl_divergence(Case& c) {
  const std::vector<Index>& sizes = c.shape("in.x");
  const auto logits = [&](const char* part) {
    const auto values = c.get_flat<T>(part);
    const bool single = sizes.size() == 1;
    const Index n = single ? 1 : sizes.at(0), classes = single ? sizes.at(0) : sizes.at(1);
    const auto rows = tinydl::reshape(values, {n, classes, values.size() / (n * classes)});
    return Variable<T, 3>(rows, {.requires_grad = true});
  };
  const auto x = logits("in.x"), y = logits("in.y");
  const auto log_q = tinydl::log_softmax(x, 1), p = tinydl::softmax(y, 1);
  const auto reduction = c.attribute<std::string>("reduction", "mean");
  if (reduction == "none") {
    const Shape<3> elements(x.size(), 1, 1);
    const auto losses = tinydl::kl_divergence<Reduction::none>(tinydl::reshape(log_q, elements),
                                                               tinydl::reshape(p, elements));
    c.check_values("out", losses.data().span());
    losses.backward(c.get_flat<T>("gy"));
  } else {
    if (reduction != "batchmean" && reduction != "sum" && reduction != "mean")
      throw tinydl::ValueError("reduction " + reduction + " is unknown");
    const Index count = reduction == "batchmean" ? sizes.at(0) : reduction == "sum" ? 1 : x.size();
    const auto loss = tinydl::sum(tinydl::kl_divergence<Reduction::none>(log_q, p)) / count;
    c.check("out", loss.data());
    loss.backward();
  }
  c.check_values("grad.x", x.grad().span());
  c.check_values("grad.y", y.grad().span());
}

/// Targets are constants to the library: it gives no gradient by them.
template <class T>
void run_hinge(Case& c) {
  const Variable<T, 1> x(c.get_flat<T>("in.x"), {.requires_grad = true, .name = "x"});
  const tinydl::MarginOptions options{.margin = c.attribute("margin", 1.0)};
  c.pass_over("grad.y");
  with_reduction(c, [&]<Reduction r>(As<r>) {
    const auto loss = tinydl::hinge_loss<r>(x, c.get_flat<T>("in.y"), options);
    c.check_values("out", loss.data().span());
    const auto gy = c.has("gy") ? c.get_flat<T>("gy") : tinydl::ones<T>({1});
    loss.backward(gy.with_shape(loss.shape()));
  });
  c.check_values("grad.x", x.grad().span());
}

}  // namespace

std::vector<Runner> loss_runners() {
  using namespace tinydl;
  return {
      runner("cross_entropy", [](Case& c, auto t) { run_cross_entropy<decltype(t)>(c); }),
      runner("nll", [](Case& c, auto t) { run_nll<decltype(t)>(c); }),
      further_runner("hinge*", [](Case& c, auto t) { run_hinge<decltype(t)>(c); }),
      runner("kl_div", [](Case& c, auto t) { run_kl_divergence<decltype(t)>(c); }),
      pair_loss("mse", []<Reduction r>(Case&, As<r>, const auto& x,
                                       const auto& y) { return mean_squared_error<r>(x, y); }),
      pair_loss("bce_with_logits",
                []<Reduction r>(Case&, As<r>, const auto& x, const auto& y) {
                  return binary_cross_entropy_with_logits<r>(x, y);
                }),
      pair_loss("l1", []<Reduction r>(Case&, As<r>, const auto& x,
                                      const auto& y) { return l1_loss<r>(x, y); }),
      pair_loss("smooth_l1",
                []<Reduction r>(Case& c, As<r>, const auto& x, const auto& y) {
                  return smooth_l1_loss<r>(x, y, {.beta = c.attribute("beta", 1.0)});
                }),
      pair_loss("huber",
                []<Reduction r>(Case& c, As<r>, const auto& x, const auto& y) {
                  return huber_loss<r>(x, y, {.delta = c.attribute("delta", 1.0)});
                }),
  };
}

}  // namespace reference
