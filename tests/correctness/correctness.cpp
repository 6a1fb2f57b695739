// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT

// correctness NOTES HEADERS DOCUMENT [--write]
//
// Compares docs/correctness.md with what the tests noted in the folder NOTES (notes.hpp) and with
// the functions and layers declared in HEADERS (include/tinydl), or writes it. Digits are not
// compared: only which rows there are, and which of their cells hold an error.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

/// What has no derivative that could be checked, and why.
const std::map<std::string, const char*> not_differentiable = {
    {"<", "gives a Mask"},
    {"<=", "gives a Mask"},
    {">", "gives a Mask"},
    {">=", "gives a Mask"},
    {"==", "gives a Mask"},
    {"!=", "gives a Mask"},
    {"argmax", "gives positions"},
    {"sign", "takes Tensors alone: a factor in the derivative of abs"},
    {"accuracy", "counts"},
    {"count_correct", "counts"},
    {"positional_encoding", "has no operand"},
    {"same_as_kernel", "is a constant"},
};

Lines lines_of(const fs::path& path) {
  std::ifstream file(path);
  Lines lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// --- what the headers declare ---

std::vector<fs::path> headers_in(const fs::path& folder) {
  std::vector<fs::path> headers;
  for (const auto& entry : fs::directory_iterator(folder)) headers.push_back(entry.path());
  std::sort(headers.begin(), headers.end());
  return headers;
}

/// The first groups of the lines that match, outside of namespace detail.
std::set<std::string> declared(const fs::path& folder, const std::regex& declaration) {
  std::set<std::string> names;
  for (const fs::path& header : headers_in(folder)) {
    bool in_detail = false;
    for (const std::string& line : lines_of(header)) {
      if (line.starts_with("namespace detail")) in_detail = true;
      if (line.starts_with("}  // namespace detail")) in_detail = false;
      std::smatch match;
      if (!in_detail && std::regex_search(line, match, declaration)) names.insert(match[1]);
    }
  }
  return names;
}

/// "auto relu(", "auto operator+(": of functions with a result, at the beginning of a line.
std::set<std::string> declared_functions(const fs::path& headers) {
  const std::regex declaration(R"(^[A-Za-z][\w:<>, ]* (?:operator)?([^\w\s(]+|[a-z]\w*)\()");
  std::set<std::string> names = declared(headers / "functions", declaration);
  for (const auto& [name, why] : not_differentiable) names.erase(name);
  return names;
}

/// "class Linear : public Layer<Linear<T>, T>": a class whose base is told its name.
std::set<std::string> declared_layers(const fs::path& headers) {
  return declared(headers / "layers",
                  std::regex(R"(^(?:class|struct) (\w+) : (?:public )?[\w:]+<\1[<,>])"));
}

// --- what the tests noted ---

struct Row {
  std::map<std::string, std::string> errors;  // by column
  Lines shapes;
};
using Rows = std::map<std::string, Row>;

/// One digit is enough to see what is wrong, and hardly ever changes.
std::string one_digit(const std::string& error) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0e", std::stod(error));
  const std::string digits = text;
  return digits == "0e+00" ? "0" : digits;
}

Rows noted(const fs::path& file) {
  Rows rows;
  for (const std::string& line : lines_of(file)) {
    std::istringstream fields(line);
    std::string name, column, text;
    std::getline(fields, name, '\t');
    std::getline(fields, column, '\t');
    std::getline(fields, text);
    if (column == "shapes")
      rows[name].shapes.push_back(text);
    else
      rows[name].errors[column] = one_digit(text);
  }
  return rows;
}

// --- the document ---

const char* const derivatives[] = {"first", "second", "create_graph"};

std::string cell(const Row& row, const std::string& column, const std::string& otherwise) {
  const auto found = row.errors.find(column);
  return found == row.errors.end() ? otherwise : found->second;
}

std::string shapes_of(const Row& row) {
  const std::size_t shown = std::min<std::size_t>(row.shapes.size(), 6);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += (i ? ", " : "") + row.shapes[i];
  if (shown < row.shapes.size()) text += ", " + std::to_string(row.shapes.size() - shown) + " more";
  return text;
}

struct Notes {
  Rows functions, layers, reference;

  explicit Notes(const fs::path& folder)
      : functions(noted(folder / "functions.txt")),
        layers(noted(folder / "layers.txt")),
        reference(noted(folder / "reference.txt")) {}
};

void add_table(std::ostream& out, const Rows& rows, Rows& reference) {
  out << "| | reference, double | reference, float | first derivatives | second derivatives |"
         " create_graph | shapes |\n|---|---|---|---|---|---|---|\n";
  for (const auto& [name, row] : rows) {
    const Row cases = reference[name];
    reference.erase(name);
    out << "| `" << name << "` | " << cell(cases, "double", "no case") << " | "
        << cell(cases, "float", "no case");
    for (const char* column : derivatives) out << " | " << cell(row, column, "-");
    out << " | " << shapes_of(row) << " |\n";
  }
}

std::string document(Notes notes) {
  std::ostringstream out;
  out << R"(# Correctness

Written by `scripts/correctness.sh` from what the tests measured; the tests compare its rows with
their own. Each number is the worst error of all that was tried:

- **reference**: outputs and gradients against PyTorch's in float64, over the cases in
  `tests/reference/`: max|a - b| / max(max|b|, 1e-3) for each tensor. At most 1e-9 passes in double,
  1e-4 in float.
- **first derivatives** by `backward()`, in double, against central differences: |a - b| / max(1, |b|)
  for each element. At most 1e-6 passes. Those of layers are by the input and all parameters.
- **second derivatives**, in double: the derivatives of the gradient, by a second `backward()`,
  against central differences of the gradient, in the same measure. At most 1e-6 passes. What is
  differentiated is a weighted sum of the results and their squares, so that linear functions and
  layers have second derivatives, too.
- **create_graph**: gradients of a pass that is recorded against those of one that is not, in the
  same measure. At most 1e-12 passes.
- **shapes**: of the operands, or of a layer's input; the first ones, and how many there are more.
  Convolutions and pooling are tried with several strides, paddings, dilations and groups each.

## Functions

)";
  add_table(out, notes.functions, notes.reference);
  out << "\n## Layers\n\n";
  add_table(out, notes.layers, notes.reference);
  out << "\n## Further cases of the reference\n\nOptimisers, schedules, training runs and "
         "derivatives of derivatives.\n\n| | double | float |\n|---|---|---|\n";
  for (const auto& [name, cases] : notes.reference)
    out << "| `" << name << "` | " << cell(cases, "double", "no case") << " | "
        << cell(cases, "float", "no case") << " |\n";
  return out.str();
}

/// The rows of a document, each as its heading, its name and, for each error, a mark. What the
/// reference gave can be left out.
std::set<std::string> rows_of(const Lines& lines, bool with_reference) {
  std::set<std::string> rows;
  std::string heading;
  for (const std::string& line : lines) {
    if (line.starts_with("## ")) heading = line.substr(3);
    if (!line.starts_with("| `")) continue;
    if (!with_reference && heading.ends_with("reference")) continue;
    static const std::regex reference(R"(^(\| `[^`]*`) \|[^|]*\|[^|]*)");
    static const std::regex error(R"(\| (\d(e[-+]\d+)?|inf|nan) (?=\|))");
    static const std::regex shapes(R"(\| [^|]*x[^|]* \|$)");
    std::string row = std::regex_replace(line, shapes, "|");
    if (!with_reference) row = std::regex_replace(row, reference, "$1 ");
    rows.insert(heading + ": " + std::regex_replace(row, error, "| # "));
  }
  return rows;
}

// --- comparing ---

/// What `of` has and `others` has not.
Lines missing(const std::set<std::string>& of, const std::set<std::string>& others) {
  Lines names;
  std::set_difference(of.begin(), of.end(), others.begin(), others.end(),
                      std::back_inserter(names));
  return names;
}

/// Everything declared must have been checked, in all ways, and nothing else.
void check_rows(const std::string& kind, const std::set<std::string>& names, const Rows& rows,
                Lines& faults) {
  std::set<std::string> checked;
  for (const auto& [name, row] : rows) {
    checked.insert(name);
    for (const char* column : derivatives)
      if (!row.errors.contains(column))
        faults.push_back(kind + " " + name + ": nothing was noted for " + column);
  }
  for (const std::string& name : missing(names, checked))
    faults.push_back(kind + " " + name + ": no test has checked its derivatives");
  for (const std::string& name : missing(checked, names))
    faults.push_back(kind + " " + name + ": no header declares what the tests checked");
}

int run(const fs::path& folder, const fs::path& headers, const fs::path& path, bool write) {
  const Notes notes(folder);
  Lines faults;
  check_rows("function", declared_functions(headers), notes.functions, faults);
  check_rows("layer", declared_layers(headers), notes.layers, faults);
  const bool with_reference = !notes.reference.empty();  // it may be built or run elsewhere
  if (write && !with_reference) faults.push_back("the reference tests have noted nothing");

  const std::string text = document(notes);
  if (write && faults.empty()) {
    std::ofstream(path) << text;
  } else if (!write) {
    Lines fresh;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) fresh.push_back(line);
    const auto expected = rows_of(fresh, with_reference),
               found = rows_of(lines_of(path), with_reference);
    for (const std::string& row : missing(expected, found))
      faults.push_back(path.string() + " lacks a row: " + row);
    for (const std::string& row : missing(found, expected))
      faults.push_back(path.string() + " has a row that the tests do not make: " + row);
  }

  for (const std::string& fault : faults) std::cerr << fault << '\n';
  if (!write && !faults.empty()) std::cerr << "scripts/correctness.sh writes the file\n";
  return faults.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> given(arguments + 1, arguments + count);
  const bool write = given.size() == 4 && given[3] == "--write";
  if (given.size() != 3 && !write) {
    std::cerr << "correctness NOTES HEADERS DOCUMENT [--write]\n";
    return 2;
  }
  return run(given[0], given[1], given[2], write);
}
