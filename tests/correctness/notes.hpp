// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

// What the tests note of the functions and layers that they check, for docs/correctness.md.

namespace correctness {

/// The worst errors and the shapes tried, of one kind of rows. When the program ends they are
/// written to KIND.txt in the folder that the environment variable TINYDL_CORRECTNESS names, lines
/// of "name TAB column TAB text"; without the variable they are dropped.
class Notes {
 public:
  explicit Notes(std::string kind) : kind_(std::move(kind)) {}
  Notes(const Notes&) = delete;
  Notes& operator=(const Notes&) = delete;

  ~Notes() {
    const char* folder = std::getenv("TINYDL_CORRECTNESS");
    if (!folder) return;
    std::ofstream file(std::string(folder) + "/" + kind_ + ".txt");
    for (const Row& row : rows_) {
      for (const auto& [column, error] : row.errors)
        file << row.name << '\t' << column << '\t' << error << '\n';
      for (const std::string& shapes : row.shapes)
        file << row.name << "\tshapes\t" << shapes << '\n';
    }
  }

  void error(const std::string& name, const std::string& column, double error) {
    for (auto& [known, worst] : row(name).errors)
      if (known == column) {
        if (!(error <= worst)) worst = error;  // a NaN is the worst
        return;
      }
    row(name).errors.emplace_back(column, error);
  }

  void shapes(const std::string& name, const std::string& shapes) {
    for (const std::string& known : row(name).shapes)
      if (known == shapes) return;
    row(name).shapes.push_back(shapes);
  }

 private:
  struct Row {
    std::string name;
    std::vector<std::pair<std::string, double>> errors = {};
    std::vector<std::string> shapes = {};
  };

  Row& row(const std::string& name) {
    for (Row& row : rows_)
      if (row.name == name) return row;
    return rows_.emplace_back(Row{.name = name});
  }

  std::string kind_;
  std::vector<Row> rows_;
};

/// "2x3 4x1": a shape of an operand, added to those before.
template <class Sizes>
void append_shape(std::string& shapes, const Sizes& sizes) {
  if (!shapes.empty()) shapes += ' ';
  if (sizes.begin() == sizes.end()) shapes += "number";
  const char* between = "";
  for (const auto size : sizes) {
    shapes += between + std::to_string(size);
    between = "x";
  }
}

}  // namespace correctness
