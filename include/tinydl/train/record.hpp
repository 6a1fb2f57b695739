// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinydl/core/error.hpp>
#include <tinydl/core/shape.hpp>
#include <tinydl/data/file.hpp>
#include <tinydl/train/text_file.hpp>

namespace tinydl {

/// Numbers under names, in the order of a record's columns.
using NamedValues = std::vector<std::pair<std::string, double>>;

namespace detail {

/// The shortest text that reads back as the same number; whole numbers as such: 100000, not 1e+05.
inline std::string number_text(double x) {
  char buffer[32];
  const bool whole = std::abs(x) < 1e15 && x == std::trunc(x) && !(x == 0 && std::signbit(x));
  const auto end = whole ? std::to_chars(buffer, std::end(buffer), static_cast<std::int64_t>(x))
                         : std::to_chars(buffer, std::end(buffer), x);
  return std::string(buffer, end.ptr);
}

inline std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  while (true) {
    const auto comma = line.find(',');
    cells.push_back(line.substr(0, comma));
    if (comma == line.npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

}  // namespace detail

/// Rows of numbers under named columns, the first of which counts upwards. With a path they are
/// also written to two files as they come, PATH.csv and PATH.jsonl (a JSON object in each line), so
/// that a program that ends at any moment leaves its rows behind. Every number reads back from the
/// CSV file as the same bits; JSON has no words for infinities and NaNs, which become null there.
///
///     Record record("run/steps");
///     record.add({{"step", 1}, {"loss", 2.3}});
///     record.column("loss");  // {2.3}
class Record {
 public:
  /// In memory alone.
  Record() = default;

  /// Begins both files anew. Their folder must be there.
  /// @throws FileError if they cannot be written.
  explicit Record(std::filesystem::path path) : path_(std::move(path)) {
    open(csv_, ".csv", std::ios::trunc);
    open(jsonl_, ".jsonl", std::ios::trunc);
  }

  /// Goes on after the row that begins with `last`: reads PATH.csv, and cuts what comes later off
  /// both files, half a line at the end included. With last = 0 they begin anew.
  /// @throws FileError if that row is not there, or the file is damaged or cannot be written.
  Record(std::filesystem::path path, Index last) : path_(std::move(path)) {
    if (last == 0) {
      *this = Record(path_);
      return;
    }
    read(static_cast<double>(last));
    write_text_file(file(".csv"), csv_text());
    write_text_file(file(".jsonl"), jsonl_text());
    open(csv_, ".csv", std::ios::app);
    open(jsonl_, ".jsonl", std::ios::app);
  }

  /// The first row names the columns, and all others have the same.
  /// @throws ValueError for other columns, or a name that is empty or has a quote, a comma, a
  /// backslash or a control character, or is there twice; FileError if the row cannot be written.
  void add(const NamedValues& values) {
    const bool first = columns_.empty();
    if (first) {
      check_names(values);
      for (const auto& [name, value] : values) columns_.push_back(name);
    }
    const auto fits = [](const auto& value, const auto& column) { return value.first == column; };
    if (!std::equal(values.begin(), values.end(), columns_.begin(), columns_.end(), fits))
      throw ValueError("record: a row " + listed(values) + " in a record of " + header());
    std::vector<double>& row = rows_.emplace_back();
    for (const auto& [name, value] : values) row.push_back(value);
    if (path_.empty()) return;
    write(csv_, ".csv", (first ? header() + '\n' : "") + csv_line(row));
    write(jsonl_, ".jsonl", jsonl_line(row));
  }

  /// The number of rows.
  Index size() const { return std::ssize(rows_); }
  const std::vector<std::string>& columns() const { return columns_; }
  bool has(std::string_view column) const { return position(column) < std::ssize(columns_); }

  /// The values of a column, one for each row. @throws ValueError if there is none of that name.
  std::vector<double> column(std::string_view name) const {
    const Index at = checked_position(name);
    std::vector<double> values;
    for (const auto& row : rows_) values.push_back(row[static_cast<std::size_t>(at)]);
    return values;
  }

  /// One value. @throws ValueError if there is no such row or column.
  double at(Index row, std::string_view column) const {
    if (row < 0 || row >= size()) throw ValueError(text("record: no row ", row, " among ", size()));
    return rows_[static_cast<std::size_t>(row)][static_cast<std::size_t>(checked_position(column))];
  }

 private:
  static void check_names(const NamedValues& values) {
    const auto odd = [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '"' || c == ',' || c == '\\' ||
             c == '\x7f';
    };
    for (auto it = values.begin(); it != values.end(); ++it) {
      const std::string& name = it->first;
      if (name.empty() || std::any_of(name.begin(), name.end(), odd))
        throw ValueError(text("record: '", name, "' cannot name a column"));
      if (std::any_of(values.begin(), it, [&](const auto& other) { return other.first == name; }))
        throw ValueError(text("record: two columns '", name, "'"));
    }
  }

  static std::string listed(const NamedValues& values) {
    std::string names;
    for (const auto& [name, value] : values) names += (names.empty() ? "" : ",") + name;
    return names;
  }
  std::string header() const {
    std::string line;
    for (const std::string& name : columns_) line += (line.empty() ? "" : ",") + name;
    return line;
  }

  static std::string csv_line(const std::vector<double>& row) {
    std::string line;
    for (double x : row) {
      if (!line.empty()) line += ',';
      line += detail::number_text(x);
    }
    return line + '\n';
  }
  std::string jsonl_line(const std::vector<double>& row) const {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += (i ? ", \"" : "{\"") + columns_[i] +
              "\": " + (std::isfinite(row[i]) ? detail::number_text(row[i]) : "null");
    return line + "}\n";
  }
  std::string csv_text() const {
    std::string all = header() + '\n';
    for (const auto& row : rows_) all += csv_line(row);
    return all;
  }
  std::string jsonl_text() const {
    std::string all;
    for (const auto& row : rows_) all += jsonl_line(row);
    return all;
  }

  Index position(std::string_view column) const {
    return std::find(columns_.begin(), columns_.end(), column) - columns_.begin();
  }
  Index checked_position(std::string_view column) const {
    const Index at = position(column);
    if (at == std::ssize(columns_))
      throw ValueError(text("record: no column '", column, "' among ", header()));
    return at;
  }

  std::filesystem::path file(const char* ending) const {
    return std::filesystem::path(path_) += ending;
  }

  void open(std::ofstream& out, const char* ending, std::ios::openmode mode) {
    out.open(file(ending), std::ios::binary | mode);
    if (!out) throw detail::file_error(file(ending), "cannot be written");
  }

  void write(std::ofstream& out, const char* ending, const std::string& line) const {
    out.write(line.data(), std::ssize(line));
    out.flush();
    if (!out) throw detail::file_error(file(ending), "cannot be written: is the disk full?");
  }

  /// Reads the rows of the CSV file up to the one that begins with `last`.
  void read(double last) {
    const FileContent content = read_file(file(".csv"));
    std::string_view rest = content.bytes;
    const auto next_line = [&rest] {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      return line;
    };
    rest = rest.substr(0, rest.rfind('\n') + 1);  // nothing if there is no line end at all
    if (!rest.empty())
      for (std::string_view name : detail::cells_of(next_line())) columns_.emplace_back(name);
    for (Index line = 2; !rest.empty() && (rows_.empty() || rows_.back()[0] < last); ++line)
      rows_.push_back(parsed(next_line(), line));
    if (rows_.empty() || rows_.back()[0] != last)
      throw detail::file_error(file(".csv"), "has no row for ",
                               columns_.empty() ? "" : columns_[0] + ' ', detail::number_text(last),
                               ", after which it should go on");
  }

  std::vector<double> parsed(std::string_view line, Index number) const {
    std::vector<double> row;
    for (std::string_view cell : detail::cells_of(line)) {
      double x = 0;
      const char* const end = cell.data() + cell.size();
      const auto result = std::from_chars(cell.data(), end, x);
      if (result.ec != std::errc() || result.ptr != end || cell.empty())
        throw detail::file_error(file(".csv"), "line ", number, ": '", cell, "' is no number");
      row.push_back(x);
    }
    if (row.size() != columns_.size())
      throw detail::file_error(file(".csv"), "line ", number, ": ", row.size(), " values for ",
                               columns_.size(), " columns");
    return row;
  }

  std::filesystem::path path_;
  std::vector<std::string> columns_;
  std::vector<std::vector<double>> rows_;
  std::ofstream csv_, jsonl_;
};

}  // namespace tinydl
