// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

// What the reference tests share: one case of a file, and the choice of ranks at run time. The
// files' layout: tensors are named CASE/in.ARG, CASE/out, CASE/gy, CASE/grad.ARG; the attributes of
// a case are JSON under its name in the metadata; what comes before its first dot is the function.

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <tinydl/tinydl.hpp>
#include <tinydl/io/safetensors.hpp>

namespace reference {

using tinydl::AnyVariable;
using tinydl::Index;
using tinydl::Shape;
using tinydl::Tensor;
using tinydl::Variable;

/// max|a - b| / max(max|b|, 1e-3) of the elements a and b: a NaN if one of them is, infinite if
/// their numbers differ.
template <class T>
double relative_error(std::span<const T> actual, std::span<const double> expected) {
  if (actual.size() != expected.size()) return INFINITY;
  double error = 0, scale = 1e-3;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double a = static_cast<double>(actual[i]), b = expected[i];
    if (std::isfinite(b)) scale = std::max(scale, std::abs(b));
    if (a != b && !(std::abs(a - b) <= error)) error = std::abs(a - b);
    if (std::isnan(error)) break;
  }
  return error / scale;
}

/// One case of a file, run in one element type. It notes what was asked of it: an attribute, an
/// operand or a result that a test passes over is a fault, too.
class Case {
 public:
  Case(const tinydl::SafetensorsFile& file, std::string name, const char* type, double tolerance)
      : file_(file), name_(std::move(name)), type_(type), tolerance_(tolerance) {
    attributes_ = nlohmann::json::parse(file.metadata().at(name_));
    for (const auto& entry : file.entries())
      if (entry.name.starts_with(name_ + "/"))
        parts_.push_back(entry.name.substr(name_.size() + 1));
  }

  const std::string& name() const { return name_; }
  std::string function() const { return name_.substr(0, name_.find('.')); }
  const std::vector<std::string>& faults() const { return faults_; }
  const char* type() const { return type_; }
  double worst_error() const { return worst_error_; }
  void fault(const std::string& words) { faults_.push_back(name_ + " in " + type_ + ": " + words); }

  bool has(const std::string& part) const { return file_.contains(name_ + "/" + part); }
  const std::vector<Index>& shape(const std::string& part) const {
    return file_.entry(name_ + "/" + part).shape;
  }
  std::size_t rank(const std::string& part) const { return shape(part).size(); }
  /// The parts whose names begin like this, sorted.
  std::vector<std::string> parts(const std::string& prefix) const {
    std::vector<std::string> found;
    for (const std::string& part : parts_)
      if (part.starts_with(prefix)) found.push_back(part);
    std::sort(found.begin(), found.end());
    return found;
  }

  template <class T, int R>
  Tensor<T, R> get(const std::string& part) const {
    used_.insert(part);
    return file_.get_as<T, R>(name_ + "/" + part);
  }
  template <class T, int R>
  Tensor<T, R> get_exactly(const std::string& part) const {
    used_.insert(part);
    return file_.get<T, R>(name_ + "/" + part);
  }
  /// A tensor of any rank as a vector.
  template <class T>
  Tensor<T, 1> get_flat(const std::string& part) const {
    used_.insert(part);
    Tensor<T, 1> values(Shape<1>(file_.entry(name_ + "/" + part).size()));
    file_.copy_to(name_ + "/" + part, values.mutable_span());
    return values;
  }
  /// in.ARG, to be differentiated.
  template <class T, int R>
  Variable<T, R> input(const std::string& argument) const {
    return Variable<T, R>(get<T, R>("in." + argument), {.requires_grad = true, .name = argument});
  }

  /// Whether it is there and not null, Python's None.
  bool has_attribute(const std::string& key) const {
    return attributes_.contains(key) && !attributes_.at(key).is_null();
  }
  template <class A>
  A attribute(const std::string& key) {
    read_.insert(key);
    return attributes_.at(key).get<A>();
  }
  template <class A>
  A attribute(const std::string& key, A otherwise) {
    return has_attribute(key) ? attribute<A>(key) : otherwise;
  }

  template <class T>
  void check_values(const std::string& part, std::span<const T> values) {
    checked_.insert(part);
    const auto expected = get_flat<double>(part);
    const double error = relative_error(values, expected.span());
    if (!(error <= worst_error_)) worst_error_ = error;
    if (!(error <= tolerance_))
      fault(tinydl::text(part, ": error ", error, ", tolerance ", tolerance_));
  }
  template <class T>
  void check(const std::string& part, std::span<const Index> sizes, std::span<const T> values) {
    if (!std::ranges::equal(sizes, shape(part)))
      fault(tinydl::text(part, ": shape ", tinydl::shape_text(sizes), ", not ",
                         tinydl::shape_text(shape(part))));
    check_values(part, values);
  }
  template <class T, int R>
  void check(const std::string& part, const Tensor<T, R>& actual) {
    check(part, std::span<const Index>(actual.shape()), actual.span());
  }
  /// A gradient that never arrived is zero.
  template <class T>
  void check_gradient(const std::string& part, const AnyVariable<T>& x) {
    const std::vector<T> none(static_cast<std::size_t>(x.size()));
    check(part, x.sizes(), x.has_grad() ? x.grad_span() : std::span<const T>(none));
  }

  /// Lets a result pass that the library does not give.
  void pass_over(const std::string& part) { checked_.insert(part); }

  /// Notes what was passed over.
  void close() {
    for (const auto& [key, value] : attributes_.items())
      if (key != "note" && key != "what" && !value.is_null() && !read_.contains(key))
        fault("attribute " + key + " is not understood");
    for (const std::string& part : parts_)
      if (part.starts_with("out") || part.starts_with("grad.")) {
        if (!checked_.contains(part)) fault(part + " was not compared");
      } else if (!used_.contains(part)) {
        fault(part + " was not used");
      }
    if (checked_.empty()) fault("nothing was compared");
  }

 private:
  const tinydl::SafetensorsFile& file_;
  std::string name_;
  const char* type_;
  double tolerance_, worst_error_ = 0;
  nlohmann::json attributes_;
  std::vector<std::string> parts_, faults_;
  std::set<std::string> read_, checked_;
  mutable std::set<std::string> used_;
};

/// How a function's cases are run. A name that ends in a star stands for all that begin so.
struct Runner {
  std::string name;
  void (*in_double)(Case&);
  void (*in_float)(Case&);  // null where there is nothing but double
  bool further = false;     // the files beside this one have no case of it; others may
};

/// F is a lambda without captures, called as f(c, T()).
template <class F>
Runner runner(const char* name, F) {
  return {name, [](Case& c) { F{}(c, double()); }, [](Case& c) { F{}(c, float()); }};
}

/// The same for a function that only files from elsewhere have cases of.
template <class F>
Runner further_runner(const char* name, F f) {
  Runner made = runner(name, f);
  made.further = true;
  return made;
}

std::vector<Runner> convolution_runners();
std::vector<Runner> function_runners();
std::vector<Runner> indexing_runners();
std::vector<Runner> loss_runners();
std::vector<Runner> normalisation_runners();
std::vector<Runner> recurrent_runners();
std::vector<Runner> training_runners();

template <int R>
struct Rank {};

/// f(Rank<rank>()) for a rank known at run time.
template <int Low, int High, class F>
void with_rank(std::size_t rank, F f) {
  const auto choose = [&]<int... I>(std::integer_sequence<int, I...>) {
    return ((rank == Low + I && (f(Rank<Low + I>()), true)) || ...);
  };
  if (!choose(std::make_integer_sequence<int, High - Low + 1>()))
    throw tinydl::ShapeError(tinydl::text("rank ", rank, " is not in [", Low, ", ", High, "]"));
}

using tinydl::Reduction;

template <Reduction value>
struct As {};

/// f(As<reduction>()) for the one that the attribute names, the mean if there is none.
template <class F>
void with_reduction(Case& c, F f) {
  const auto name = c.attribute<std::string>("reduction", "mean");
  if (name == "mean")
    f(As<Reduction::mean>());
  else if (name == "sum")
    f(As<Reduction::sum>());
  else if (name == "none")
    f(As<Reduction::none>());
  else
    throw tinydl::ValueError("reduction " + name + " is unknown");
}

/// Compares the output, and the gradients that the file's gy brings to the inputs.
template <class T, int R>
void finish(Case& c, const Variable<T, R>& y, const std::vector<AnyVariable<T>>& inputs) {
  c.check("out", y.data());
  y.backward(c.has("gy") ? c.get<T, R>("gy") : tinydl::ones<T>(y.shape()));
  for (const auto& x : inputs) c.check_gradient("grad." + x.name(), x);
}

}  // namespace reference
