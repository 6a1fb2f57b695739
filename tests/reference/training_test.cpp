// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include "reference.hpp"

// How the cases of optimisers, whole training runs and derivatives of derivatives are run.

namespace reference {
namespace {

// --- optimisers ---

template <class T>
tinydl::SGD<T> make_sgd(Case& c, const std::vector<AnyVariable<T>>& parameters) {
  tinydl::SGDOptions o;
  o.lr = c.attribute("lr", o.lr);
  o.momentum = c.attribute("momentum", o.momentum);
  o.dampening = c.attribute("dampening", o.dampening);
  o.nesterov = c.attribute("nesterov", o.nesterov);
  o.weight_decay = c.attribute("weight_decay", o.weight_decay);
  return tinydl::SGD<T>(parameters, o);
}

template <class T, template <class> class Adam, class Options>
Adam<T> make_adam(Case& c, const std::vector<AnyVariable<T>>& parameters) {
  Options o;
  o.lr = c.attribute("lr", o.lr);
  const auto betas = c.attribute("betas", std::vector<double>{o.betas.first, o.betas.second});
  o.betas = {betas.at(0), betas.at(1)};
  o.eps = c.attribute("eps", o.eps);
  o.weight_decay = c.attribute("weight_decay", o.weight_decay);
  o.amsgrad = c.attribute("amsgrad", o.amsgrad);
  return Adam<T>(parameters, o);
}

template <class T>
tinydl::RMSprop<T> make_rmsprop(Case& c, const std::vector<AnyVariable<T>>& parameters) {
  tinydl::RMSpropOptions o;
  o.lr = c.attribute("lr", o.lr);
  o.alpha = c.attribute("alpha", o.alpha);
  o.eps = c.attribute("eps", o.eps);
  o.weight_decay = c.attribute("weight_decay", o.weight_decay);
  o.momentum = c.attribute("momentum", o.momentum);
  o.centered = c.attribute("centered", o.centered);
  return tinydl::RMSprop<T>(parameters, o);
}

template <class T>
tinydl::Adagrad<T> make_adagrad(Case& c, const std::vector<AnyVariable<T>>& parameters) {
  tinydl::AdagradOptions o;
  o.lr = c.attribute("lr", o.lr);
  o.lr_decay = c.attribute("lr_decay", o.lr_decay);
  o.weight_decay = c.attribute("weight_decay", o.weight_decay);
  o.initial_accumulator_value =
      c.attribute("initial_accumulator_value", o.initial_accumulator_value);
  o.eps = c.attribute("eps", o.eps);
  return tinydl::Adagrad<T>(parameters, o);
}

/// f(optimizer) with the one that the name begins with.
template <class T, class F>
void with_optimizer(Case& c, const std::string& name, const std::vector<AnyVariable<T>>& parameters,
                    F f) {
  if (name.starts_with("adamw"))
    f(make_adam<T, tinydl::AdamW, tinydl::AdamWOptions>(c, parameters));
  else if (name.starts_with("adam"))
    f(make_adam<T, tinydl::Adam, tinydl::AdamOptions>(c, parameters));
  else if (name.starts_with("sgd"))
    f(make_sgd<T>(c, parameters));
  else if (name.starts_with("rmsprop"))
    f(make_rmsprop<T>(c, parameters));
  else if (name.starts_with("adagrad"))
    f(make_adagrad<T>(c, parameters));
  else
    throw tinydl::ValueError("optimiser " + name + " is unknown");
}

/// The parameter after each step, given the gradient of each. Shapes do not matter to optimisers.
template <class T>
void run_optimizer(Case& c) {
  const Variable<T, 1> p(c.get_flat<T>("start"), {.requires_grad = true});
  const auto gradients = c.get_flat<T>("grads");
  std::vector<T> seen;
  with_optimizer<T>(c, c.function(), {p}, [&](auto optimizer) {
    for (Index at = 0; at < gradients.size(); at += p.size()) {
      p.set_grad(tinydl::slice(gradients, 0, at, at + p.size()));
      optimizer.step();
      seen.insert(seen.end(), p.data().span().begin(), p.data().span().end());
    }
  });
  c.check_values("params", std::span<const T>(seen));
}

template <class T>
void run_clip_grad_norm(Case& c) {
  std::vector<AnyVariable<T>> parameters;
  for (const std::string& part : c.parts("before")) {
    const auto gradient = c.get_flat<T>(part);
    const Variable<T, 1> p(tinydl::zeros<T>(gradient.shape()), {.requires_grad = true});
    p.set_grad(gradient);
    parameters.push_back(p);
  }
  const T norm[] = {
      static_cast<T>(tinydl::clip_grad_norm(parameters, c.attribute<double>("max_norm")))};
  c.check_values("norm", std::span<const T>(norm));
  std::size_t i = 0;
  for (const std::string& part : c.parts("after"))
    c.check_values(part, parameters.at(i++).grad_span());
}

/// The rate before each of the case's metrics.
tinydl::Schedule plateau_schedule(Case& c, double lr) {
  tinydl::ReduceOnPlateauOptions o;
  if (c.attribute<std::string>("mode", "min") == "max") o.mode = tinydl::PlateauMode::max;
  o.factor = c.attribute("factor", o.factor);
  o.patience = c.attribute("patience", o.patience);
  o.threshold = c.attribute("threshold", o.threshold);
  if (c.attribute<std::string>("threshold_mode", "rel") == "abs")
    o.threshold_mode = tinydl::ThresholdMode::absolute;
  o.cooldown = c.attribute("cooldown", o.cooldown);
  o.min_lr = c.attribute("min_lr", o.min_lr);
  o.eps = c.attribute("eps", o.eps);
  tinydl::ReduceOnPlateau reduced(lr, o);
  std::vector<double> rates{lr};
  for (const double metric : c.get_flat<double>("metrics").span()) rates.push_back(reduced(metric));
  return [=](Index step) { return rates.at(static_cast<std::size_t>(step)); };
}

/// The one of the case's name, schedule.NAME; otherwise its attributes tell.
tinydl::Schedule make_schedule(Case& c) {
  namespace schedule = tinydl::schedule;
  const double lr = c.attribute<double>("lr");
  const auto is = [&](const char* name, const char* attribute) {
    return c.name().find(name) != std::string::npos || c.has_attribute(attribute);
  };
  const auto gamma = [&] { return c.attribute("gamma", 0.1); };
  const auto t = [&](const char* small, const char* large) {  // in PyTorch it is a capital
    return c.attribute<Index>(c.has_attribute(large) ? large : small, 1);
  };
  if (is("plateau", "patience")) return plateau_schedule(c, lr);
  if (is("restarts", "t_0"))
    return schedule::cosine_with_restarts(lr, {.t_0 = t("t_0", "T_0"),
                                               .t_mult = t("t_mult", "T_mult"),
                                               .min_lr = c.attribute("eta_min", 0.0)});
  if (is("one_cycle", "max_lr")) {
    schedule::OneCycleOptions o{.steps = c.attribute<Index>("total_steps")};
    o.warm_up = c.attribute("pct_start", o.warm_up);
    o.start_divisor = c.attribute("div_factor", o.start_divisor);
    o.end_divisor = o.start_divisor * c.attribute("final_div_factor", 1e4);
    return schedule::one_cycle(c.attribute<double>("max_lr"), o);
  }
  if (is("multistep", "milestones"))
    return schedule::multi_step(
        lr, {.milestones = c.attribute<std::vector<Index>>("milestones"), .gamma = gamma()});
  if (is("step", "step_size"))
    return schedule::step(lr, {.step_size = c.attribute<Index>("step_size"), .gamma = gamma()});
  if (is("cosine", "t_max"))
    return schedule::cosine(lr,
                            {.steps = t("t_max", "T_max"), .min_lr = c.attribute("eta_min", 0.0)});
  if (is("linear", "start_factor")) {
    schedule::LinearOptions o;
    o.start_factor = c.attribute("start_factor", o.start_factor);
    o.end_factor = c.attribute("end_factor", o.end_factor);
    o.steps = c.attribute("total_iters", o.steps);
    return schedule::linear(lr, o);
  }
  if (c.has_attribute("factor")) {  // PyTorch's ConstantLR: smaller until total_iters
    const double factor = c.attribute<double>("factor");
    return schedule::multi_step(
        lr * factor, {.milestones = {c.attribute<Index>("total_iters", 5)}, .gamma = 1 / factor});
  }
  if (is("constant", "constant")) return schedule::constant(lr);
  if (is("exponential", "gamma")) return schedule::exponential(lr, c.attribute<double>("gamma"));
  throw tinydl::ValueError("the schedule is unknown");
}

void run_schedule(Case& c) {
  const tinydl::Schedule schedule = make_schedule(c);
  std::vector<double> rates;
  for (Index step = 0; step < c.shape("lrs").at(0); ++step) rates.push_back(schedule(step));
  c.check_values("lrs", std::span<const double>(rates));
}

// --- training ---

/// Trains a model from the parameters of the case, `start.NAME`, on its batches.
template <class T, int R, class Model>
void run_training(Case& c, const Model& model) {
  const auto x = c.get<T, R>("x");
  const auto labels = c.get_exactly<std::int64_t, 1>("t");
  for (const auto& [name, parameter] : model.named_parameters()) {
    const auto values = c.get_flat<T>("start." + name);
    std::ranges::copy(values.span(), parameter.mutable_data_span().begin());
  }

  const Index steps = c.attribute<Index>("steps"), size = c.attribute<Index>("batch_size");
  c.attribute<std::string>("batches");  // in words: rows i size + q, modulo the rows of x
  std::string name = c.attribute<std::string>("optimiser");
  std::ranges::transform(name, name.begin(), [](char letter) { return std::tolower(letter); });
  const Index row = x.size() / x.shape()[0];
  Shape<R> batch = x.shape();
  batch[0] = size;
  std::vector<T> losses;
  with_optimizer<T>(c, name, model.parameters(), [&](auto optimizer) {
    for (Index i = 0; i < steps; ++i) {
      Tensor<T, R> rows(batch);
      tinydl::Labels<1> row_labels{Shape<1>(size)};
      for (Index q = 0; q < size; ++q) {
        const Index from = (i * size + q) % x.shape()[0];
        std::copy_n(x.data() + from * row, row, rows.mutable_data() + q * row);
        row_labels.mutable_data()[q] = labels(from);
      }
      const auto loss = tinydl::softmax_cross_entropy(model(rows), row_labels);
      optimizer.clear_grads();
      loss.backward();
      optimizer.step();
      losses.push_back(loss.item());
    }
  });
  c.check_values("losses", std::span<const T>(losses));
  for (const auto& [parameter_name, parameter] : model.named_parameters())
    c.check("final." + parameter_name, parameter.sizes(), parameter.data_span());
}

/// An MLP whose sizes are those of the parameters that it starts from.
template <class T>
void run_mlp(Case& c) {
  std::vector<Index> sizes;
  for (int i = 1; c.has(tinydl::text("start.l", i, ".weight")); ++i)
    sizes.push_back(c.shape(tinydl::text("start.l", i, ".weight")).at(0));
  const Index out = sizes.back();
  sizes.pop_back();
  run_training<T, 2>(c, tinydl::MLP<T>(c.shape("x").at(1), sizes, out));
}

/// conv - relu - conv - relu - max pool of 2 - linear, whose sizes are those of the parameters.
template <class T>
struct Cnn : tinydl::Layer<Cnn<T>, T> {
  static tinydl::Conv2D<T> conv(const Case& c, const std::string& name) {
    const auto& shape = c.shape("start." + name + ".weight");
    return {shape.at(1), shape.at(0), {shape.at(2), shape.at(3)}};
  }
  static tinydl::Linear<T> linear(const Case& c) {
    const auto& shape = c.shape("start.l.weight");
    return {shape.at(1), shape.at(0)};
  }

  explicit Cnn(const Case& c)
      : c1(this->register_layer("c1", conv(c, "c1"))),
        c2(this->register_layer("c2", conv(c, "c2"))),
        l(this->register_layer("l", linear(c))) {}

  Variable<T, 2> forward(const Variable<T, 4>& x) const {
    const auto features = tinydl::relu(c2(tinydl::relu(c1(x))));
    return l(tinydl::flatten<1>(tinydl::max_pool2d(features, 2)));
  }

  tinydl::Conv2D<T> c1, c2;
  tinydl::Linear<T> l;
};

template <class T>
void run_cnn(Case& c) {
  c.attribute<std::string>("model");  // in words
  run_training<T, 4>(c, Cnn<T>(c));
}

// --- derivatives of derivatives ---

template <class T>
void run_tanh_cubed(Case& c) {
  Variable<T, 1> x(c.get_flat<T>("x"), {.requires_grad = true});
  const auto y = tinydl::sum(tinydl::pow(tinydl::tanh(x), 3));
  const auto g = tinydl::grad(y, x, {.create_graph = true});
  c.check_values("grad", g.data().span());
  c.check_values("grad_of_grad_sum", tinydl::grad(tinydl::sum(g), x).data().span());
}

template <class T>
void run_mlp_gradient_penalty(Case& c) {
  const auto x = c.get<T, 2>("x");
  auto w = c.input<T, 2>("w"), v = c.input<T, 2>("v");
  auto b = c.input<T, 1>("b");
  const auto hidden = tinydl::tanh(tinydl::matmul(tinydl::as_variable(x), w) + b);
  const auto loss =
      tinydl::softmax_cross_entropy(tinydl::matmul(hidden, v), c.get_exactly<std::int64_t, 1>("t"));
  c.check("loss", loss.data());
  const auto [gw, gb, gv] = tinydl::grad(loss, std::tie(w, b, v), {.create_graph = true});
  const auto penalty = tinydl::sum(tinydl::square(gw)) + tinydl::sum(tinydl::square(gb)) +
                       tinydl::sum(tinydl::square(gv));
  c.check("penalty", penalty.data());
  penalty.backward();
  c.check("grad.w", w.grad());
  c.check("grad.b", b.grad());
  c.check("grad.v", v.grad());
}

template <class T>
void run_conv_gradient_penalty(Case& c) {
  using tinydl::square, tinydl::sum;
  auto x = c.input<T, 4>("x"), w = c.input<T, 4>("w");
  const auto y = sum(tinydl::sigmoid(tinydl::conv2d(x, w, {.padding = 1})));
  const auto [gx, gw] = tinydl::grad(y, std::tie(x, w), {.create_graph = true});
  const auto penalty = sum(square(gx)) + sum(square(gw));
  c.check("penalty", penalty.data());
  penalty.backward();
  c.check("grad.x", x.grad());
  c.check("grad.w", w.grad());
}

template <class T>
void run_rosenbrock_hessian(Case& c) {
  using tinydl::slice, tinydl::square, tinydl::sum;
  const auto rosenbrock = [](const auto& p) {
    const Index n = p.size();
    const auto head = slice(p, 0, 0, n - 1), tail = slice(p, 0, 1, n);
    return sum(100 * square(tail - square(head)) + square(1 - head));
  };
  c.check("hessian", tinydl::hessian(rosenbrock, c.get<T, 1>("p")));
}

}  // namespace

std::vector<Runner> training_runners() {
  return {
      runner("sgd*", [](Case& c, auto t) { run_optimizer<decltype(t)>(c); }),
      runner("adam*", [](Case& c, auto t) { run_optimizer<decltype(t)>(c); }),
      runner("rmsprop*", [](Case& c, auto t) { run_optimizer<decltype(t)>(c); }),
      runner("adagrad*", [](Case& c, auto t) { run_optimizer<decltype(t)>(c); }),
      runner("clip_grad_norm", [](Case& c, auto t) { run_clip_grad_norm<decltype(t)>(c); }),
      {"schedule", run_schedule, nullptr},
      runner("mlp_*", [](Case& c, auto t) { run_mlp<decltype(t)>(c); }),
      runner("cnn_*", [](Case& c, auto t) { run_cnn<decltype(t)>(c); }),
      runner("tanh_cubed", [](Case& c, auto t) { run_tanh_cubed<decltype(t)>(c); }),
      runner("mlp_gradient_penalty",
             [](Case& c, auto t) { run_mlp_gradient_penalty<decltype(t)>(c); }),
      runner("conv_gradient_penalty",
             [](Case& c, auto t) { run_conv_gradient_penalty<decltype(t)>(c); }),
      runner("rosenbrock_hessian", [](Case& c, auto t) { run_rosenbrock_hessian<decltype(t)>(c); }),
  };
}

}  // namespace reference
