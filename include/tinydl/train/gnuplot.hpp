// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <tinydl/core/error.hpp>

namespace tinydl {

/// Text as a gnuplot string: between single quotes nothing is run, replaced or escaped.
inline std::string gnuplot_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return out + '\'';
}

/// What came of a run of gnuplot.
struct GnuplotRun {
  bool found = false;      ///< it is installed
  bool succeeded = false;  ///< and had nothing to object
  std::string words = {};  ///< what it wrote to its standard error, and the signal that ended it
};

namespace detail {

/// A pipe that other programs started meanwhile do not inherit.
struct Pipe {
  int ends[2] = {-1, -1};

  Pipe() {
    if (::pipe(ends) != 0) throw std::runtime_error(text("pipe: ", std::strerror(errno)));
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(0);
    close(1);
  }
  void close(int i) {
    if (ends[i] >= 0) ::close(ends[i]);
    ends[i] = -1;
  }

  /// Everything that comes, until the last writer is gone.
  std::string read_all() {
    std::string out;
    char buffer[4096];
    for (;;) {
      const auto n = ::read(ends[0], buffer, sizeof buffer);
      if (n > 0) out.append(buffer, static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno != EINTR)) return out;
    }
  }
};

}  // namespace detail

/// Runs gnuplot on a script, in the script's folder, without a shell and without the user's own
/// gnuplot settings, and waits for it.
inline GnuplotRun run_gnuplot(const std::filesystem::path& script) {
  const std::string folder =
      "cd " + gnuplot_quoted(std::filesystem::absolute(script).parent_path().string());
  std::vector<std::string> words = {"gnuplot", "-d", "-e", folder,
                                    "./" + script.filename().string()};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  detail::Pipe errors;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, errors.ends[1], 2);
  ::pid_t process = 0;
  const int refused =
      ::posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (refused == ENOENT) return {};
  if (refused != 0) return {.found = true, .words = std::strerror(refused)};

  errors.close(1);
  GnuplotRun run{.found = true, .words = errors.read_all()};
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  run.succeeded = status == 0;
  if (WIFSIGNALED(status))
    run.words += text("it was ended by signal ", WTERMSIG(status), " (",
                      ::strsignal(WTERMSIG(status)), ")\n");
  return run;
}

}  // namespace tinydl
