// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include <tinydl/core/shape.hpp>

#if __has_include(<unistd.h>) && __has_include(<sys/ioctl.h>)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace tinydl {

/// A number with so many digits after the point.
inline std::string fixed_text(double value, int digits) {
  char buffer[400];
  const int n = std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return std::string(buffer, static_cast<std::size_t>(std::clamp<int>(n, 0, sizeof buffer - 1)));
}

/// A time as people say it: "0.3 s", "2 min 5 s", "3 h 20 min".
inline std::string duration_text(double seconds) {
  if (!(seconds < 1e9)) return "ages";
  if (seconds < 59.95) return fixed_text(std::max(seconds, 0.0), 1) + " s";
  const auto whole = static_cast<Index>(seconds + 0.5);
  if (whole < 3600) return text(whole / 60, " min ", whole % 60, " s");
  return text(whole / 3600, " h ", whole % 3600 / 60, " min");
}

struct ProgressOptions {
  Index done = 0;              ///< of the total when the loop begins: what an earlier run did
  std::FILE* stream = stdout;  ///< where to write
};

/// One line of output for a loop. On a terminal it is redrawn in place while the loop runs, with a
/// bar, as wide as the terminal is at that moment; anywhere else it is printed once, at the end,
/// without escape codes. What cannot be written is dropped: a terminal may close, the loop goes on.
///
///     epoch  3/10 [========>            ]  loss 0.0512  accuracy 0.9842  84000/s  0.3 s left
///     epoch  3/10  loss 0.0498  accuracy 0.9847  test 0.9731  0.7 s  84000/s
class Progress {
 public:
  Progress(std::string title, Index total, ProgressOptions options = {})
      : title_(std::move(title)),
        total_(std::max<Index>(total, 0)),
        first_(options.done),
        done_(options.done),
        stream_(options.stream) {}

  /// `done` of the total are done, and this is how it goes.
  void update(Index done, const std::string& status) {
    done_ = done;
    seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
    if (!on_terminal_ || (seconds_ < next_drawing_ && done < total_)) return;
    next_drawing_ = seconds_ + 0.05;
    const Index room = terminal_width() - 1;  // a full line would begin the next one
    std::string words;
    for (const std::string& word : {status, rate(), left()}) {
      const Index taken = std::ssize(title_) + std::ssize(words) + 2 + std::ssize(word);
      if (word.empty() || (taken > room && !words.empty())) break;
      words += "  " + word;
    }
    const std::string line = title_ + bar(room - std::ssize(title_) - std::ssize(words)) + words;
    write("\r" + line.substr(0, static_cast<std::size_t>(room)) + "\x1b[K");
  }

  /// Puts the last word in the bar's place. The time is that of the last update.
  void finish(const std::string& status) const {
    write((on_terminal_ ? "\r\x1b[K" : "") + title_ + "  " + status + "  " +
          duration_text(seconds_) + "  " + rate() + "\n");
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// At most 24 columns wide, and nothing if there is no room for 8.
  std::string bar(Index room) const {
    const Index width = std::min<Index>(24, room) - 3;
    if (width < 5) return "";
    std::string cells(static_cast<std::size_t>(width), ' ');
    const Index done = std::clamp<Index>(done_, 0, total_);
    const auto filled = static_cast<std::size_t>(total_ == 0 ? width : width * done / total_);
    std::fill_n(cells.begin(), filled, '=');
    if (filled < cells.size()) cells[filled] = '>';
    return " [" + cells + "]";
  }

  /// What is done in a second.
  double speed() const { return static_cast<double>(done_ - first_) / std::max(seconds_, 1e-9); }

  std::string rate() const { return fixed_text(speed(), speed() < 10 ? 1 : 0) + "/s"; }
  std::string left() const {
    if (done_ <= first_) return "";
    return duration_text(static_cast<double>(std::max<Index>(total_ - done_, 0)) / speed()) +
           " left";
  }

  void write(const std::string& line) const {
    std::fwrite(line.data(), 1, line.size(), stream_);
    std::fflush(stream_);
  }

#if defined(TIOCGWINSZ)
  static bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) != 0; }
  Index terminal_width() const {
    if (winsize size{}; ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
      return size.ws_col;
    return usual_width();
  }
#else
  static bool is_terminal(std::FILE*) { return false; }
  Index terminal_width() const { return usual_width(); }
#endif

  /// For a terminal that does not say.
  static Index usual_width() {
    const char* const columns = std::getenv("COLUMNS");
    const int width = columns ? std::atoi(columns) : 0;
    return width > 1 ? width : 80;
  }

  std::string title_;
  Index total_, first_, done_;
  std::FILE* stream_;
  bool on_terminal_ = is_terminal(stream_);
  Clock::time_point start_ = Clock::now();
  double seconds_ = 0, next_drawing_ = 0;
};

}  // namespace tinydl
