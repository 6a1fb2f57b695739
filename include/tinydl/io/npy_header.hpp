// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <tinydl/core/dtype.hpp>
#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/io/little_endian.hpp>

// What stands before the elements of a .npy file:
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

namespace tinydl::detail {

struct NpyHeader {
  std::string dtype;  ///< F64, F32, F16, I64 ... I8, U64 ... U8 or BOOL
  bool big_endian = false, fortran_order = false;
  std::vector<Index> shape;
  std::size_t element = 0;  ///< bytes of one
  std::size_t begin = 0;    ///< the byte of the file at which the elements begin
  std::size_t bytes = 0;    ///< of all elements
};

/// A version, a length, and a Python dict of three entries, as in
/// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
class NpyHeaderReader {
 public:
  /// The longest header that is read. More than that only structures need.
  static constexpr std::size_t longest = 0xFFFF;
  /// Bytes of a file that surely contain its header.
  static constexpr std::size_t enough = 12 + longest;

  /// @param file the bytes of a .npy file, from its beginning.
  /// @param where what messages begin with.
  NpyHeaderReader(std::string_view file, const std::string& where) : file_(file), where_(where) {}

  /// @throws FileError if this is no .npy file, one of a version or element type that is not read,
  /// or damaged.
  NpyHeader read() {
    read_frame();
    expect('{');
    std::set<std::string> keys;
    while (next() != '}') {
      const std::string key = read_string();
      if (!keys.insert(key).second) throw fail("its header has '", key, "' twice");
      expect(':');
      read_value(key);
      if (next() != '}') expect(',');
    }
    expect('}');
    next();
    if (at_ < end_) throw damaged("something after the }");
    for (const char* key : {"descr", "fortran_order", "shape"})
      if (!keys.contains(key)) throw fail("its header has no '", key, "'");
    count_bytes();
    return std::move(result_);
  }

 private:
  template <class... Args>
  FileError fail(const Args&... args) const {
    return FileError(text(where_, ": ", args...));
  }
  FileError damaged(const char* found) const {
    return fail("its header is damaged: ", found, " at byte ", at_);
  }

  /// Everything but the dict.
  void read_frame() {
    if (file_.starts_with("PK\x03\x04"))
      throw fail("a zip archive, not a .npy file: see NpzFile in <tinydl/io/npz.hpp>");
    if (!file_.starts_with("\x93NUMPY"))
      throw fail("not a .npy file: it does not begin with \\x93NUMPY");
    need(8);
    const int major = static_cast<unsigned char>(file_[6]);
    const int minor = static_cast<unsigned char>(file_[7]);
    if (major < 1 || major > 3 || minor != 0)
      throw fail("of version ", major, '.', minor, " of its format; 1.0, 2.0 and 3.0 are read");
    at_ = major == 1 ? 10 : 12;
    need(at_);
    const std::size_t length = major == 1 ? little_endian<std::uint16_t>(file_, 8)
                                          : little_endian<std::uint32_t>(file_, 8);
    if (length > longest)
      throw fail("its header is said to have ", length, " bytes; ", longest, " are read");
    need(at_ + length);
    end_ = result_.begin = at_ + length;
  }
  void need(std::size_t size) const {
    if (file_.size() < size)
      throw fail("truncated: ", size - file_.size(), " of the first ", size, " bytes are missing");
  }

  /// The next character that is no space; \0 at the end.
  char next() {
    while (at_ < end_ && (file_[at_] == ' ' || file_[at_] == '\n')) ++at_;
    return at_ < end_ ? file_[at_] : '\0';
  }
  void expect(char wanted) {
    if (at_ >= end_ || next() != wanted) {
      const char words[] = {'n', 'o', ' ', wanted, '\0'};
      throw damaged(words);
    }
    ++at_;
  }

  std::string read_string() {
    const char quote = next();
    if (quote != '\'' && quote != '"') throw damaged("no text in quotes");
    const std::size_t begin = at_ + 1, end = file_.substr(0, end_).find(quote, begin);
    if (end == std::string_view::npos) throw damaged("a text without an end");
    at_ = end + 1;
    return std::string(file_.substr(begin, end - begin));
  }

  void read_value(const std::string& key) {
    if (key == "descr")
      read_type();
    else if (key == "fortran_order")
      result_.fortran_order = read_bool();
    else if (key == "shape")
      read_shape();
    else
      throw fail("its header has '", key, "', which is unknown");
  }

  /// A byte order, a kind, and the bytes of an element: <f4, >i8, |b1 ...
  void read_type() {
    if (next() == '[' || next() == '(')
      throw fail("its elements are structures, which no Tensor holds");
    const std::string type = read_string();
    const std::string_view kind = std::string_view(type).substr(type.empty() ? 0 : 1);
    if (kind == "O") throw fail("its elements are Python objects (a pickle), which are not read");
    constexpr std::pair<const char*, const char*> names[] = {
        {"f8", "F64"}, {"f4", "F32"}, {"f2", "F16"}, {"i8", "I64"}, {"i4", "I32"}, {"i2", "I16"},
        {"i1", "I8"},  {"u8", "U64"}, {"u4", "U32"}, {"u2", "U16"}, {"u1", "U8"},  {"b1", "BOOL"}};
    for (const auto& [numpy, ours] : names)
      if (kind == numpy) result_.dtype = ours;
    result_.element = static_cast<std::size_t>(dtype_bytes(result_.dtype, Storable{}));
    const std::string_view orders = result_.element == 1 ? "|<>" : "<>";
    if (result_.element == 0 || orders.find(type[0]) == std::string_view::npos)
      throw fail("its elements are of NumPy's type '", type, "', which no Tensor holds");
    result_.big_endian = type[0] == '>';
  }

  bool read_bool() {
    next();
    for (const std::string_view word : {"True", "False"})
      if (file_.substr(0, end_).substr(at_).starts_with(word)) {
        at_ += word.size();
        return word == "True";
      }
    throw damaged("neither True nor False");
  }

  void read_shape() {
    expect('(');
    while (next() != ')') {
      Index size = -1;
      const auto [after, error] = std::from_chars(file_.data() + at_, file_.data() + end_, size);
      if (error != std::errc() || size < 0) throw damaged("no size");
      at_ = static_cast<std::size_t>(after - file_.data());
      if (at_ < end_ && file_[at_] == 'L') ++at_;  // as Python 2 wrote it
      result_.shape.push_back(size);
      if (next() != ')') expect(',');
    }
    expect(')');
  }

  void count_bytes() {
    std::size_t limit = static_cast<std::size_t>(std::numeric_limits<Index>::max());
    limit /= result_.element;
    for (const Index size : result_.shape)  // a size of 0 does not excuse the others
      if (size > 0 && (limit /= static_cast<std::size_t>(size)) == 0)
        throw fail("its shape ", shape_text(result_.shape), " overflows");
    result_.bytes = result_.element;
    for (const Index size : result_.shape) result_.bytes *= static_cast<std::size_t>(size);
  }

  std::string_view file_;
  const std::string& where_;
  std::size_t at_ = 0, end_ = 0;  // in the file
  NpyHeader result_;
};

/// The bytes before the elements of an array in this processor's order, row-major.
template <class T>
std::string npy_header(std::span<const Index> shape) {
  const std::string_view name = dtype_name<T>();
  const char kind = name == "BOOL" ? 'b' : name[0] == 'F' ? 'f' : name[0] == 'I' ? 'i' : 'u';
  std::string dict = text("{'descr': '", sizeof(T) == 1 ? '|' : '<', kind, sizeof(T),
                          "', 'fortran_order': False, 'shape': ", shape_text(shape), ", }");
  constexpr std::size_t multiple = 64, before = 10;  // so that the elements may be mapped
  dict.resize((before + dict.size() + multiple) / multiple * multiple - before, ' ');
  dict.back() = '\n';
  std::string result("\x93NUMPY\x01\x00", 8);
  append_little_endian(result, static_cast<std::uint16_t>(dict.size()));
  return result + dict;
}

}  // namespace tinydl::detail
