// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/progress.hpp>

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <doctest/doctest.h>

#if defined(__linux__)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace tinydl_test {

using tinydl::Progress;

namespace {

/// All that was written to a temporary file, and no more.
std::string written_to(std::FILE* file) {
  std::string bytes;
  std::rewind(file);
  for (int c; (c = std::fgetc(file)) != EOF;) bytes += static_cast<char>(c);
  return bytes;
}

}  // namespace

TEST_CASE("progress: where the output is no terminal there is one line, without escape codes") {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file);
  Progress progress("epoch 1/2", 10, {.stream = file});
  for (int i = 1; i <= 10; ++i) progress.update(i, "loss 1");
  CHECK(written_to(file).empty());
  progress.finish("loss 0.5");
  const std::string line = written_to(file);
  CHECK(line.starts_with("epoch 1/2  loss 0.5  "));
  CHECK(line.ends_with("/s\n"));
  CHECK(line.find_first_of("\r\x1b") == line.npos);
  CHECK(line.find('\n') == line.size() - 1);
  std::fclose(file);
}

TEST_CASE("progress: what was done before the loop is not counted in its rate") {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file);
  Progress progress("rest", 10, {.done = 7, .stream = file});
  progress.finish("nothing yet");
  CHECK(written_to(file) == "rest  nothing yet  0.0 s  0.0/s\n");
  std::fclose(file);
}

TEST_CASE("progress: times are said as people say them") {
  using tinydl::duration_text;
  CHECK(duration_text(0.04) == "0.0 s");
  CHECK(duration_text(-1) == "0.0 s");
  CHECK(duration_text(59.94) == "59.9 s");
  CHECK(duration_text(59.96) == "1 min 0 s");
  CHECK(duration_text(125) == "2 min 5 s");
  CHECK(duration_text(3599.4) == "59 min 59 s");
  CHECK(duration_text(3599.6) == "1 h 0 min");
  CHECK(duration_text(100 * 3600 + 59) == "100 h 0 min");
  for (double never : {1e300, std::numeric_limits<double>::infinity(), std::nan("")})
    CHECK(duration_text(never) == "ages");
}

TEST_CASE("progress: numbers have as many digits as asked for, however large they are") {
  CHECK(tinydl::fixed_text(0.125, 4) == "0.1250");
  CHECK(tinydl::fixed_text(-2.5, 0) == "-2");
  CHECK(tinydl::fixed_text(std::numeric_limits<double>::lowest(), 4).size() == 315);
}

#if defined(__linux__)

namespace {

/// A bare chroot, for one, has no pseudo-terminals.
const bool no_terminals = [] {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master >= 0) close(master);
  if (master < 0)
    std::fputs("progress: no pseudo-terminals here: three tests are skipped\n", stdout);
  return master < 0;
}();

/// A terminal of which we hold both ends.
class PseudoTerminal {
 public:
  PseudoTerminal() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    REQUIRE(master_ >= 0);
    REQUIRE(grantpt(master_) == 0);
    REQUIRE(unlockpt(master_) == 0);
    stream_ = std::fopen(ptsname(master_), "w");
    REQUIRE(stream_);
  }
  ~PseudoTerminal() {
    std::fclose(stream_);
    if (master_ >= 0) close(master_);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  std::FILE* stream() const { return stream_; }
  void set_width(unsigned short columns) const {
    const winsize size{24, columns, 0, 0};
    REQUIRE(ioctl(master_, TIOCSWINSZ, &size) == 0);
  }
  /// What came since the last call.
  std::string read() const {
    std::string bytes;
    std::array<char, 4096> buffer;
    for (ssize_t n; (n = ::read(master_, buffer.data(), buffer.size())) > 0;)
      bytes.append(buffer.data(), static_cast<std::size_t>(n));
    return bytes;
  }
  void hang_up() {
    close(master_);
    master_ = -1;
  }

 private:
  int master_;
  std::FILE* stream_;
};

/// The columns that a redrawn line takes; it must have no other line in it.
std::string drawn_line(const PseudoTerminal& terminal) {
  std::string line = terminal.read();
  REQUIRE(line.starts_with("\r"));
  REQUIRE(line.ends_with("\x1b[K"));
  line = line.substr(1, line.size() - 4);
  CHECK(line.find_first_of("\r\n\x1b") == line.npos);
  return line;
}

}  // namespace

TEST_CASE("progress: on a terminal the line is redrawn, as wide as the terminal is by then" *
          doctest::skip(no_terminals)) {
  const PseudoTerminal terminal;
  terminal.set_width(100);
  Progress progress("epoch 1/2", 10, {.stream = terminal.stream()});
  progress.update(5, "loss 0.5");
  std::string line = drawn_line(terminal);
  CHECK(line.starts_with("epoch 1/2 [==========>          ]  loss 0.5  "));
  CHECK(line.ends_with(" s left"));
  progress.update(10, "loss 0.5");
  line = drawn_line(terminal);
  CHECK(line.starts_with("epoch 1/2 [=====================]  loss 0.5  "));
  CHECK(line.ends_with("  0.0 s left"));
  for (unsigned short width = 2; width < 100; ++width) {
    CAPTURE(width);
    terminal.set_width(width);
    progress.update(10, "loss 0.5");
    line = drawn_line(terminal);
    CHECK(line.size() < width);
    CHECK(line.starts_with("epoch 1/2") == (width > 9));
    // Whole words, or none of them; only the status is cut.
    if (width > 19) CHECK(line.find("  loss 0.5") != line.npos);
    const bool has_rate = line.find("/s") != line.npos, has_left = line.find("left") != line.npos;
    CHECK((line.ends_with("loss 0.5") || has_rate || width <= 19));
    if (has_rate) CHECK((line.ends_with("/s") || line.ends_with("  0.0 s left")));
    if (has_left) CHECK(has_rate);
  }
  terminal.set_width(100);
  progress.update(10, "loss 0.5");
  CHECK(drawn_line(terminal).starts_with("epoch 1/2 [=====================]"));
  progress.finish("loss 0.25");
  line = terminal.read();
  CHECK(line.starts_with("\r\x1b[Kepoch 1/2  loss 0.25  "));
  CHECK(line.ends_with("/s\r\n"));
}

TEST_CASE("progress: a line that was just drawn waits for the next" * doctest::skip(no_terminals)) {
  const PseudoTerminal terminal;
  Progress progress("epoch", 1000000, {.stream = terminal.stream()});
  int drawn = 0;
  for (int i = 1; i <= 1000; ++i) {
    progress.update(i, "");
    drawn += !terminal.read().empty();
  }
  CHECK(drawn >= 1);
  CHECK(drawn < 1000);
}

TEST_CASE("progress: a terminal that is gone, or a full disk, does not end the loop" *
          doctest::skip(no_terminals)) {
  PseudoTerminal terminal;
  Progress progress("epoch", 10, {.stream = terminal.stream()});
  terminal.hang_up();
  progress.update(10, "loss 1");
  progress.finish("loss 1");

  std::FILE* const full = std::fopen("/dev/full", "w");
  REQUIRE(full);
  Progress("epoch", 10, {.stream = full}).finish("loss 1");
  CHECK(std::ferror(full) != 0);
  std::fclose(full);
}

#endif

}  // namespace tinydl_test
