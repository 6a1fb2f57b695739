// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/train/gnuplot.hpp>

#include <doctest/doctest.h>

#include <train/pictures.hpp>

using namespace tinydl;
using namespace tinydl_test;

TEST_CASE("gnuplot: text is put between single quotes, with its own ones doubled, on one line") {
  CHECK(gnuplot_quoted("") == "''");
  CHECK(gnuplot_quoted("T-shirt/top") == "'T-shirt/top'");
  CHECK(gnuplot_quoted("it's \"a\" `b` \\n") == "'it''s \"a\" `b` \\n'");
  CHECK(gnuplot_quoted("a\nb\tc") == "'a b c'");
}

TEST_CASE("gnuplot: a script runs in its own folder, whatever that is called") {
  if (!gnuplot_is_here()) return;
  const PictureFolder folder;
  for (const char* name : {"plain", "a b", "it's", "quoted \"so\"", "$(touch x)", "`touch y`"}) {
    CAPTURE(name);
    const auto inner = folder / name;
    std::filesystem::create_directories(inner);
    write_picture(inner / "~s'cript.gnuplot", "set print './printed'\nprint 'here'\n");
    const GnuplotRun run = run_gnuplot(inner / "~s'cript.gnuplot");
    CHECK(run.found);
    CHECK(run.succeeded);
    CHECK(run.words == "");
    CHECK(picture_bytes(inner / "printed") == "here\n");
  }
}

TEST_CASE("gnuplot: text is never run, not even between backquotes") {
  if (!gnuplot_is_here()) return;
  const PictureFolder folder;
  const std::string text = "it's `touch a` \"`touch b`\" $(touch c) @d %d \\";
  write_picture(folder / "s", "set print './printed'\nprint " + gnuplot_quoted(text) + "\n");
  CHECK(run_gnuplot(folder / "s").succeeded);
  CHECK(picture_bytes(folder / "printed") == text + "\n");
  for (const char* file : {"a", "b", "c"}) CHECK_FALSE(std::filesystem::exists(folder / file));
}

TEST_CASE("gnuplot: its objections are handed on, also many of them") {
  if (!gnuplot_is_here()) return;
  const PictureFolder folder;
  write_picture(folder / "s", "plot no_such_thing\n");
  const GnuplotRun run = run_gnuplot(folder / "s");
  CHECK(run.found);
  CHECK_FALSE(run.succeeded);
  CHECK(has_text(run.words, "line 1: undefined variable: no_such_thing"));

  // More than a pipe holds.
  write_picture(folder / "t",
                "do for [i=1:3000] { print 'a line of fifty letters or somewhat more' }");
  CHECK(run_gnuplot(folder / "t").words.size() > 100000);

  CHECK_FALSE(run_gnuplot(folder / "missing").succeeded);
}

TEST_CASE("gnuplot: a crash is no success, and named") {
  const PictureFolder folder;
  write_picture(folder / "gnuplot", "#!/bin/sh\nkill -SEGV $$\n");
  std::filesystem::permissions(folder / "gnuplot", std::filesystem::perms::owner_all);
  write_picture(folder / "s", "");
  const PathScope path(folder.path);
  const GnuplotRun run = run_gnuplot(folder / "s");
  CHECK(run.found);
  CHECK_FALSE(run.succeeded);
  CHECK(has_text(run.words, "it was ended by signal 11"));
}

TEST_CASE("gnuplot: one that is not installed is not an error") {
  const PictureFolder folder;
  write_picture(folder / "s", "");
  const PathScope nowhere(folder.path);
  const GnuplotRun run = run_gnuplot(folder / "s");
  CHECK_FALSE(run.found);
  CHECK_FALSE(run.succeeded);
}

TEST_CASE("gnuplot: the user's own settings are not read") {
  if (!gnuplot_is_here()) return;
  const PictureFolder folder;
  write_picture(folder / ".gnuplot", "from_settings = 1\n");
  write_picture(folder / "s", "print exists('from_settings')\n");
  const char* const home = std::getenv("HOME");
  const std::string before = home ? home : "";
  ::setenv("HOME", folder.path.c_str(), 1);
  CHECK(run_gnuplot(folder / "s").words == "0\n");
  if (home)
    ::setenv("HOME", before.c_str(), 1);
  else
    ::unsetenv("HOME");
}
