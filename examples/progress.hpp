// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>

#if __has_include(<unistd.h>) && __has_include(<sys/ioctl.h>)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

/// One line of output for a loop. On a terminal it is redrawn in place while the loop runs, with a
/// bar; anywhere else it is printed once, at the end.
///
///     epoch  3/10 [========>            ]  loss 0.0512  accuracy 0.9842  0.3 s  84000/s
class Progress {
 public:
  Progress(std::string title, std::ptrdiff_t total) : title_(std::move(title)), total_(total) {}

  /// `done` of the total are done, and this is how it goes.
  void update(std::ptrdiff_t done, const std::string& status) {
    done_ = done;
    seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
    if (!on_terminal() || (seconds_ < next_drawing_ && done < total_)) return;
    next_drawing_ = seconds_ + 0.05;
    const std::string words = "  " + status + rate();
    const std::ptrdiff_t width = terminal_width();
    const std::string line = title_ + bar(width - std::ssize(title_) - std::ssize(words)) + words;
    std::cout << '\r' << line.substr(0, static_cast<std::size_t>(width - 1)) << "\x1b[K"
              << std::flush;
  }

  /// Puts the last word in the bar's place. The time is that of the last update.
  void finish(const std::string& status) const {
    if (on_terminal()) std::cout << "\r\x1b[K";
    std::cout << title_ << "  " << status << rate() << std::endl;
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// At most 24 columns wide, and nothing if there is no room for 8.
  std::string bar(std::ptrdiff_t room) const {
    const std::ptrdiff_t width = std::min<std::ptrdiff_t>(24, room - 1) - 3;
    if (width < 5) return "";
    std::string cells(static_cast<std::size_t>(width), ' ');
    const auto filled =
        static_cast<std::size_t>(width * done_ / std::max<std::ptrdiff_t>(total_, 1));
    std::fill_n(cells.begin(), filled, '=');
    if (filled < cells.size()) cells[filled] = '>';
    return " [" + cells + "]";
  }

  std::string rate() const {
    std::ostringstream out;
    out.setf(std::ios::fixed);
    out.precision(1);
    out << "  " << seconds_ << " s  ";
    out.precision(0);
    out << static_cast<double>(done_) / std::max(seconds_, 1e-9) << "/s";
    return out.str();
  }

  static bool on_terminal() {
#if defined(TIOCGWINSZ)
    static const bool is = isatty(STDOUT_FILENO) != 0;
    return is;
#else
    return false;
#endif
  }

  static std::ptrdiff_t terminal_width() {
    if (const char* columns = std::getenv("COLUMNS"))
      if (const int width = std::atoi(columns); width > 1) return width;
#if defined(TIOCGWINSZ)
    if (winsize size{}; ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
      return size.ws_col;
#endif
    return 80;
  }

  std::string title_;
  std::ptrdiff_t total_, done_ = 0;
  Clock::time_point start_ = Clock::now();
  double seconds_ = 0, next_drawing_ = 0;
};
