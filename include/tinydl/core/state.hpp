// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tinydl/core/dtype.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/core/tensor.hpp>

namespace tinydl {

/// Numbers of one type in some shape, as bytes in this processor's order.
struct StateEntry {
  std::string dtype;  ///< F64, F32, I64 ... I8, U64 ... U8 or BOOL
  std::vector<Index> shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;  ///< of the bytes; null if they belong to someone else
};

namespace detail {

template <class X>
inline constexpr bool is_number_vector = false;
template <class T>
inline constexpr bool is_number_vector<std::vector<T>> =
    std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

}  // namespace detail

/// What a State gives back as what it was.
template <class X>
concept StateValue = std::is_arithmetic_v<X> || std::is_same_v<X, std::string> ||
    detail::is_tensor<X> || detail::is_number_vector<X>;

/// What an object remembers, by name: numbers, texts, vectors, Tensors, and the States of what it
/// is made of. A Checkpoint stores it to the bit.
///
///     class Momentum {
///       State state() const {
///         State state;
///         state.set("steps", steps_);
///         state.set("velocity", velocity_);
///         return state;
///       }
///       void set_state(const State& state) {
///         steps_ = state.get<Index>("steps");
///         velocity_ = state.get<Tensor<float, 1>>("velocity");
///       }
///     };
class State {
 public:
  /// A number, a text, a vector of numbers, a Tensor (which is not copied but shared), or the State
  /// of a part. @throws ValueError if the name is taken or a Tensor undefined.
  template <class X>
  void set(const std::string& name, const X& x) {
    if constexpr (std::is_same_v<X, State>) {
      for (const auto& [inner, entry] : x.entries_) add(name + '/' + inner, entry);
    } else if constexpr (std::is_arithmetic_v<X>) {
      keep(name, {}, std::make_shared<const X>(x), [](const X& n) { return std::span(&n, 1); });
    } else if constexpr (detail::is_tensor<X>) {
      if (!x.defined()) throw ValueError("state: '" + name + "' is an undefined Tensor");
      keep(name, {x.shape().begin(), x.shape().end()}, std::make_shared<const X>(x),
           [](const X& tensor) { return tensor.span(); });
    } else if constexpr (std::is_convertible_v<const X&, std::string_view>) {
      const std::string_view words = x;
      set(name, std::vector<unsigned char>(words.begin(), words.end()));
    } else {
      static_assert(StateValue<X>, "a State holds numbers, texts, vectors of numbers and Tensors");
      keep(name, {static_cast<Index>(x.size())}, std::make_shared<const X>(x),
           [](const X& numbers) { return std::span(numbers); });
    }
  }

  /// Values of any shape that stay where they are, for as long as the State is used.
  template <class T>
  void refer(const std::string& name, std::span<const Index> shape, std::span<const T> values) {
    add(name, {std::string(detail::dtype_name<T>()),
               {shape.begin(), shape.end()},
               std::as_bytes(values),
               nullptr});
  }

  void add(const std::string& name, StateEntry entry) {
    if (!entries_.emplace(name, std::move(entry)).second)
      throw ValueError("state: there are two entries '" + name + "'");
  }

  /// What was set under this name: a number, std::string, std::vector or Tensor of just that type.
  /// @throws ValueError if there is none of that type and rank.
  template <StateValue X>
  X get(const std::string& name) const {
    if constexpr (std::is_same_v<X, bool>) {
      return *checked<X>(name, 0).bytes.data() != std::byte{0};
    } else if constexpr (std::is_arithmetic_v<X>) {
      X number;
      std::memcpy(&number, checked<X>(name, 0).bytes.data(), sizeof number);
      return number;
    } else if constexpr (detail::is_tensor<X>) {
      const StateEntry& entry = checked<typename X::Scalar>(name, X::rank);
      Shape<X::rank> shape;
      for (int i = 0; i < X::rank; ++i) shape[i] = entry.shape[i];
      X tensor(shape);
      copy_bytes(entry, tensor.mutable_data());
      return tensor;
    } else {
      using T = typename X::value_type;
      constexpr bool is_text = std::is_same_v<X, std::string>;
      const StateEntry& entry = checked<std::conditional_t<is_text, unsigned char, T>>(name, 1);
      X values(static_cast<std::size_t>(entry.shape[0]), T());
      copy_bytes(entry, values.data());
      return values;
    }
  }

  bool contains(const std::string& name) const { return entries_.contains(name); }
  bool empty() const { return entries_.empty(); }
  const std::map<std::string, StateEntry>& entries() const& { return entries_; }
  std::map<std::string, StateEntry> entries() && { return std::move(entries_); }

  /// The State that was set under this name, empty if there is none.
  State part(const std::string& name) const {
    const std::string prefix = name + '/';
    State result;
    for (auto at = entries_.lower_bound(prefix);
         at != entries_.end() && at->first.starts_with(prefix); ++at)
      result.entries_.emplace(at->first.substr(prefix.size()), at->second);
    return result;
  }

 private:
  template <class X, class View>
  void keep(const std::string& name, std::vector<Index> shape, std::shared_ptr<const X> owner,
            View view) {
    const auto values = view(*owner);
    using T = typename decltype(values)::value_type;
    const auto bytes = std::as_bytes(values);
    add(name, {std::string(detail::dtype_name<T>()), std::move(shape), bytes, std::move(owner)});
  }

  template <class T>
  const StateEntry& checked(const std::string& name, std::size_t rank) const {
    return checked(name, detail::dtype_name<T>(), rank);
  }

  const StateEntry& checked(const std::string& name, std::string_view dtype,
                            std::size_t rank) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) throw ValueError("state: there is no '" + name + "'");
    const StateEntry& entry = found->second;
    if (entry.dtype != dtype || entry.shape.size() != rank)
      throw ValueError(text("state: '", name, "' is ", entry.dtype, ' ',
                            shape_text({entry.shape.data(), entry.shape.size()}), ", not ", dtype,
                            " of rank ", rank));
    return entry;
  }

  static void copy_bytes(const StateEntry& entry, void* to) {
    if (!entry.bytes.empty()) std::memcpy(to, entry.bytes.data(), entry.bytes.size());
  }

  std::map<std::string, StateEntry> entries_;
};

}  // namespace tinydl
