// SPDX-FileCopyrightText: 2026 the tinydl authors
// SPDX-License-Identifier: MIT
#include <tinydl/io/checkpoint.hpp>
#include <tinydl/io/safetensors.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <tinydl/core/create.hpp>
#include <tinydl/data/data_loader.hpp>
#include <tinydl/functions/activation.hpp>
#include <tinydl/functions/arithmetic.hpp>
#include <tinydl/functions/cross_entropy.hpp>
#include <tinydl/layers/batch_norm.hpp>
#include <tinydl/layers/dropout.hpp>
#include <tinydl/layers/linear.hpp>
#include <tinydl/optim/adam.hpp>
#include <tinydl/optim/clip.hpp>
#include <tinydl/optim/ema.hpp>
#include <tinydl/optim/reduce_on_plateau.hpp>
#include <tinydl/optim/schedule.hpp>
#include <tinydl/optim/sgd.hpp>

#include "io/files.hpp"
#include "restored_threads.hpp"

using tinydl::Checkpoint;
using tinydl::Index;
using tinydl_test::safetensors_says;
using tinydl_test::SafetensorsFolder;

namespace {

struct CheckpointNet : tinydl::Layer<CheckpointNet> {
  explicit CheckpointNet(Index hidden)
      : l1(register_layer("l1", tinydl::Linear<>(8, hidden))),
        norm(register_layer("norm", tinydl::BatchNorm1D<>(hidden))),
        l2(register_layer("l2", tinydl::Linear<>(hidden, 3))) {}

  tinydl::Variable<float, 2> forward(const tinydl::Variable<float, 2>& x) const {
    return l2(drop(relu(norm(l1(x)))));
  }

  tinydl::Linear<> l1;
  tinydl::BatchNorm1D<> norm;
  tinydl::Dropout drop = register_layer("drop", tinydl::Dropout(0.3));
  tinydl::Linear<> l2;
};

using CheckpointData = tinydl::TensorDataset<tinydl::Tensor<float, 2>, tinydl::Labels<1>>;

/// 150 examples of three classes.
CheckpointData checkpoint_data() {
  tinydl::Generator generator(7);
  tinydl::Tensor<float, 2> x(tinydl::Shape(150, 8));
  tinydl::Labels<1> t(tinydl::Shape(150));
  generator.fill_normal(x.mutable_span());
  for (Index i = 0; i < t.size(); ++i) t.mutable_span()[i] = generator.integer(3);
  return CheckpointData(x, t);
}

struct CheckpointRunOptions {
  Index hidden = 4;
  std::uint64_t seed = 1;
};

/// All that a run can have: batch norm, dropout, noise from a generator of its own, shuffled
/// batches, an optimiser with a schedule and clipping, averaged weights, a rate that falls, and
/// figures that are summed up within an epoch.
template <class O>
struct CheckpointRun {
  explicit CheckpointRun(const CheckpointRunOptions& options = {})
      : model((tinydl::manual_seed(options.seed), options.hidden)),
        noise(options.seed + 5),
        loader(data, {.batch_size = 64, .shuffle = true, .seed = options.seed}) {}

  /// All but one.
  Checkpoint parts(std::string_view without = "") {
    Checkpoint run;
    const auto add = [&](const char* name, auto& part) {
      if (name != without) run.add(name, part);
    };
    add("model", model);
    add("optimizer", optimizer);
    add("average", average);
    add("plateau", plateau);
    add("generator", tinydl::default_generator());
    add("noise", noise);
    add("loader", loader);
    add("epoch", epoch);
    add("step", step);
    add("sum", sum);
    add("losses", losses);
    add("log", log);
    return run;
  }

  /// Trains until `last` steps are done, 3 in an epoch, and saves if there is a path.
  void train_until(Index last, const std::filesystem::path& path = {}) {
    for (;; ++epoch) {
      for (auto [x, t] : loader) {
        tinydl::Tensor<float, 2> shift(x.shape());
        noise.fill_normal(shift.mutable_span(), 0.f, 0.1f);
        optimizer.set_lr(schedule(step) * plateau.lr());
        optimizer.clear_grads();
        const auto loss = tinydl::softmax_cross_entropy(
            model(tinydl::Variable<float, 2>(x) + tinydl::Variable<float, 2>(shift)), t);
        loss.backward();
        tinydl::clip_grad_norm(model.parameters(), 0.5);
        optimizer.step();
        average.update();
        losses.push_back(loss.item());
        sum += loss.item();
        if (++step < last) continue;
        if (!path.empty()) parts().save(path);
        return;
      }
      plateau(sum);
      log += tinydl::text("epoch ", epoch, ": ", sum, '\n');
      sum = 0;
    }
  }

  /// All of the run's state to the bit.
  std::string bytes() const {
    tinydl::State all;
    for (const auto& [name, variable] : tinydl::detail::named_tensors(model))
      all.refer(name, variable.sizes(), variable.data_span());
    all.set("optimizer", optimizer.state());
    all.set("average", average.state());
    all.set("plateau", plateau.state());
    all.set("loader", loader.state());
    all.set("counters",
            std::vector{noise.counter(), noise.seed(), noise.stream(),
                        tinydl::default_generator().counter(), tinydl::default_generator().seed()});
    all.set("steps", std::vector{epoch, step});
    all.set("sum", sum);
    all.set("losses", losses);
    all.set("log", log);
    std::string result;
    for (const auto& [name, entry] : all.entries()) {
      result += name;
      for (std::byte byte : entry.bytes) result += static_cast<char>(byte);
    }
    return result;
  }

  const CheckpointData data = checkpoint_data();
  CheckpointNet model;
  O optimizer{model.parameters(), {.lr = 0.1}};
  tinydl::EMA<float> average{model.parameters()};
  tinydl::ReduceOnPlateau plateau{
      0.1, {.mode = tinydl::PlateauMode::max, .factor = 0.7, .patience = 0}};  // falls soon
  tinydl::Generator noise;
  tinydl::DataLoader<CheckpointData> loader;
  tinydl::Schedule schedule = tinydl::schedule::cosine(1, {.steps = 20});
  Index epoch = 0, step = 0;
  double sum = 0;
  std::vector<float> losses;
  std::string log;
};

struct CheckpointMomentum : tinydl::SGD<float> {
  CheckpointMomentum(const std::vector<tinydl::AnyVariable<float>>& parameters,
                     tinydl::SGDOptions options)
      : SGD(parameters, {.lr = options.lr, .momentum = 0.9}) {}
};

using CheckpointSGD = CheckpointRun<CheckpointMomentum>;
using CheckpointAdamW = CheckpointRun<tinydl::AdamW<float>>;

constexpr Index checkpoint_hidden = 160;  // large enough to be split among threads
constexpr auto checkpoint_variable = "TINYDL_TEST_CHECKPOINT";

/// Starts a test case of this program in a new process that finds `task` in its environment.
pid_t checkpoint_start(const std::string& test, const std::string& task) {
  setenv(checkpoint_variable, task.c_str(), 1);
  std::string program = "/proc/self/exe", filter = "--test-case=" + test, all = "--no-skip",
              quiet = "--minimal";
  char* arguments[] = {program.data(), filter.data(), all.data(), quiet.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ);
  unsetenv(checkpoint_variable);
  REQUIRE(error == 0);
  return child;
}

int checkpoint_status(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

template <class Run>
void checkpoint_resume(const std::filesystem::path& from, const std::filesystem::path& to,
                       Index last) {
  Run resumed({.hidden = checkpoint_hidden, .seed = 1234});
  resumed.parts().load(from);
  resumed.train_until(last, to);
}

}  // namespace

TEST_CASE("checkpoint: the second half of a run, in a process of its own" * doctest::skip()) {
  const char* const task = std::getenv(checkpoint_variable);
  if (!task) return;
  std::istringstream words(task);
  std::string optimizer, from, to;
  int threads = 0;
  Index last = 0;
  words >> optimizer >> threads >> from >> to >> last;
  tinydl::set_num_threads(threads);
  if (optimizer == "sgd")
    checkpoint_resume<CheckpointSGD>(from, to, last);
  else
    checkpoint_resume<CheckpointAdamW>(from, to, last);
}

namespace {

template <class Run>
void checkpoint_goes_on(const std::string& optimizer) {
  const RestoredThreads restored;
  const Index last = 8;
  const SafetensorsFolder folder;
  const auto middle = folder.path / "middle", resumed = folder.path / "resumed";
  tinydl::set_num_threads(1);
  Run straight({.hidden = checkpoint_hidden});
  straight.train_until(last, middle);
  const std::string expected = tinydl::read_file(middle).bytes;

  for (Index stop : {3, 4}) {  // with an epoch's last batch, and in the middle of one
    for (int threads : {1, 2}) {
      tinydl::set_num_threads(threads);
      Run first({.hidden = checkpoint_hidden});
      first.train_until(stop, middle);
      const auto task = tinydl::text(optimizer, ' ', threads, ' ', middle.string(), ' ',
                                     resumed.string(), ' ', last);
      std::filesystem::remove(resumed);
      REQUIRE(checkpoint_status(checkpoint_start("checkpoint: the second half*", task)) == 0);
      CHECK(tinydl::read_file(resumed).bytes == expected);
    }
  }
}

}  // namespace

TEST_CASE("checkpoint: SGD with momentum: N steps, a new process, M steps are N + M, to the bit") {
  checkpoint_goes_on<CheckpointSGD>("sgd");
}

TEST_CASE("checkpoint: AdamW: N steps, a new process, M steps are N + M steps, to the bit") {
  checkpoint_goes_on<CheckpointAdamW>("adamw");
}

TEST_CASE("checkpoint: without any one of its parts a run does not go on as it would have") {
  const auto straight = std::make_unique<CheckpointAdamW>();
  straight->train_until(14);
  const std::string expected = straight->bytes();
  const SafetensorsFolder folder;
  const auto first = std::make_unique<CheckpointAdamW>();
  first->train_until(7, folder.file);
  for (const std::string part : {"", "model", "optimizer", "average", "plateau", "generator",
                                 "noise", "loader", "epoch", "step", "sum", "losses", "log"}) {
    CAPTURE(part);
    const auto resumed = std::make_unique<CheckpointAdamW>(CheckpointRunOptions{.seed = 1234});
    resumed->parts(part).load(folder.file, {.strict = false});
    resumed->train_until(14);
    CHECK((resumed->bytes() == expected) == part.empty());
  }
}

namespace {

/// What loading a file into this run says; the run must stay as it was.
template <class Run>
std::string checkpoint_refused(Run& run, const SafetensorsFolder& folder) {
  const std::string before = run.bytes();
  const std::string said = safetensors_says(folder, [&] { run.parts().load(folder.file); });
  CHECK(said != "none");
  CHECK(run.bytes() == before);
  return said;
}

}  // namespace

TEST_CASE("checkpoint: one of another model is refused, and everything that differs is named") {
  const SafetensorsFolder folder;
  CheckpointSGD wide({.hidden = 5}), run;
  run.train_until(4);
  wide.train_until(2);
  wide.parts().save(folder.file);
  CHECK(checkpoint_refused(run, folder) ==
        "does not fit this run: 'model': it is of another model; different: l1.bias is F32 (5,) in "
        "the file and F32 (4,) in the model, l1.weight is F32 (5, 8) in the file and F32 (4, 8) in "
        "the model, l2.weight is F32 (3, 5) in the file and F32 (3, 4) in the model, norm.bias is "
        "F32 (5,) in the file and F32 (4,) in the model, norm.running_mean is F32 (5,) in the file "
        "and F32 (4,) in the model, norm.running_var is F32 (5,) in the file and F32 (4,) in the "
        "model, norm.weight is F32 (5,) in the file and F32 (4,) in the model");

  const tinydl::Linear<> other(8, 3);
  Checkpoint named = run.parts("model");
  named.add("model", other);
  named.save(folder.file);
  CHECK(checkpoint_refused(run, folder)
            .starts_with("does not fit this run: 'model': it is of another model; missing in the "
                         "file: l1.bias, "));
}

TEST_CASE("checkpoint: one of another optimiser or of other batches is refused") {
  const SafetensorsFolder folder;
  CheckpointSGD run;
  CheckpointAdamW other;
  other.parts().save(folder.file);
  CHECK(checkpoint_refused(run, folder) ==
        "does not fit this run: 'optimizer': optimizer: it is SGD, not AdamW");
  CHECK(checkpoint_refused(other, [&]() -> const SafetensorsFolder& {
          run.parts().save(folder.file);
          return folder;
        }()) == "does not fit this run: 'optimizer': optimizer: it is AdamW, not SGD");

  tinydl::DataLoader<CheckpointData> halves(run.data, {.batch_size = 75, .shuffle = true});
  Checkpoint batches = run.parts("loader");
  batches.add("loader", halves);
  batches.save(folder.file);
  CHECK(checkpoint_refused(run, folder) ==
        "does not fit this run: 'loader': DataLoader: batch_size is 64, not 75");
}

TEST_CASE("checkpoint: one that lacks a part is refused, and unless not strict one with more") {
  const SafetensorsFolder folder;
  CheckpointSGD run, later;
  later.train_until(5);
  for (const char* part : {"model", "optimizer", "generator", "loader", "log"}) {
    later.parts(part).save(folder.file);
    CHECK(checkpoint_refused(run, folder) ==
          tinydl::text("does not fit this run: it has no '", part, "'"));
  }
  later.parts().save(folder.file);
  const std::string before = run.bytes();
  CHECK(safetensors_says(folder, [&] { run.parts("average").load(folder.file); }) ==
        "does not fit this run: it has a 'average' besides, which .strict = false passes over");
  CHECK(run.bytes() == before);
  run.parts("average").load(folder.file, {.strict = false});
  CHECK(run.step == 5);
}

TEST_CASE("checkpoint: a damaged one, one of another version and no checkpoint are refused") {
  const SafetensorsFolder folder;
  CheckpointSGD run, later;
  later.train_until(5);
  later.parts().save(folder.file);
  const std::string bytes = tinydl::read_file(folder.file).bytes;

  for (std::size_t at : {std::size_t{3}, bytes.size() / 4, bytes.size() / 2, bytes.size() - 1}) {
    std::string damaged = bytes;
    damaged[at] ^= 4;
    folder.write(damaged);
    CHECK(checkpoint_refused(run, folder).starts_with("a damaged checkpoint: "));
  }
  std::string version = bytes;
  version[version.find("\"tinydl_checkpoint\":\"1\"") + 21] = '7';
  folder.write(version);
  CHECK(checkpoint_refused(run, folder) ==
        "a checkpoint of version 7; this library reads version 1");
  tinydl::save(later.model, folder.file);
  CHECK(checkpoint_refused(run, folder) == "no checkpoint: its metadata have no tinydl_checkpoint");
  std::filesystem::remove(folder.file);
  CHECK(checkpoint_refused(run, folder) == "no such file");
}

TEST_CASE("checkpoint: whatever its bytes say, with a check sum that fits: all of it or nothing") {
  const SafetensorsFolder folder;
  CheckpointAdamW run, later;
  later.train_until(4, folder.file);
  const std::string bytes = tinydl::read_file(folder.file).bytes;
  std::string now = run.bytes();
  int refused = 0, loaded = 0;
  for (std::size_t at = 0; at + 8 < bytes.size(); at += 5) {
    std::string forged = bytes;
    forged[at] ^= static_cast<char>(1 << at % 8);
    tinydl::Checksum sum;
    sum.add(std::as_bytes(std::span(forged)).first(forged.size() - 8));
    std::ranges::copy(tinydl::detail::bytes_of(sum), forged.end() - 8);
    std::filesystem::remove(folder.file);  // faster than writing over it
    folder.write(forged);
    if (safetensors_says(folder, [&] { run.parts().load(folder.file); }) == "none") {
      now = run.bytes();
      ++loaded;
    } else {
      if (run.bytes() != now) FAIL("byte ", at, ": refused, but the run was changed");
      ++refused;
    }
  }
  CHECK(refused > 100);
  CHECK(loaded > 100);
}

TEST_CASE("checkpoint: where it cannot be written, the old one stays and the reason is told") {
  SafetensorsFolder folder;
  CheckpointSGD run;
  run.parts().save(folder.file);
  const std::string old = tinydl::read_file(folder.file).bytes;
  run.log = std::string(100'000, 'x');
  const auto says = [&] {
    return safetensors_says(folder, [&] { run.parts().save(folder.file); });
  };
  {
    const tinydl_test::FileSizeLimit full(50'000);
    CHECK(says() == "cannot be written: File too large");
  }
  CHECK(tinydl::read_file(folder.file).bytes == old);
  CHECK(folder.count() == 1);
  const auto file = folder.file;
  folder.file = file / "in a file";
  CHECK(says() == "cannot be written: Not a directory");
  folder.file = folder.path / "missing" / "checkpoint";
  CHECK(says() == "cannot be written: No such file or directory");
  CHECK(tinydl::read_file(file).bytes == old);
}

namespace {

/// Something that is of another size, and full of another letter, each time.
struct CheckpointWritten {
  Index count = 0;
  std::string content;

  Checkpoint parts() {
    Checkpoint run;
    run.add("count", count);
    run.add("content", content);
    return run;
  }
  std::string expected() const {
    return std::string(static_cast<std::size_t>(1000 * (count % 300)), static_cast<char>(count));
  }
};

}  // namespace

TEST_CASE("checkpoint: a writer that does not end by itself" * doctest::skip()) {
  const char* const task = std::getenv(checkpoint_variable);
  if (!task) return;
  std::istringstream words(task);
  std::string path;
  int tell = 0;
  words >> path >> tell;
  CheckpointWritten written;
  if (std::filesystem::exists(path)) written.parts().load(path);
  do {
    ++written.count;
    written.content = written.expected();
    written.parts().save(path);
  } while (write(tell, "", 1) == 1);
}

TEST_CASE("checkpoint: a writer killed at any moment leaves one that loads") {
  const SafetensorsFolder folder;
  CheckpointWritten written;
  tinydl::Generator generator(1);
  Index last = 0;
  for (int i = 0; i < 200; ++i) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);  // so that no writer outlives this test
    const pid_t writer = checkpoint_start("checkpoint: a writer that does not*",
                                          tinydl::text(folder.file.string(), ' ', ends[1]));
    close(ends[1]);
    char one = 0;
    const auto told = read(ends[0], &one, 1);  // it has written one at least
    std::this_thread::sleep_for(std::chrono::microseconds(generator.integer(4000)));
    kill(writer, SIGKILL);
    const int status = checkpoint_status(writer);
    close(ends[0]);
    REQUIRE(told == 1);
    REQUIRE(WIFSIGNALED(status));

    written.parts().load(folder.file);
    REQUIRE(written.count > last);
    REQUIRE(written.content == written.expected());
    last = written.count;
  }
  written.parts().save(folder.file);
  CHECK(folder.count() == 1);  // nothing has piled up
}

namespace {

struct CheckpointNothing {
  using Scalar = float;
  std::vector<tinydl::Named<float>> named_parameters() const { return {}; }
  std::vector<tinydl::Named<float>> named_buffers() const { return {}; }
};

/// A part of one's own, in whose state something may be wrong.
struct CheckpointCounter {
  int count = 0;
  tinydl::State state() const {
    tinydl::State state;
    state.set("count", count);
    return state;
  }
  void set_state(const tinydl::State& state) {
    count = state.get<int>("count");
    if (count < 0) throw tinydl::ValueError("counter: it is negative");
  }
};

}  // namespace

TEST_CASE("checkpoint: numbers, texts, vectors, Tensors and classes of one's own are parts") {
  const SafetensorsFolder folder;
  Index index = 3;
  bool flag = true;
  double number = 0.1;
  std::string text("a\0b", 3);
  std::vector<double> numbers = {1, 2.5};
  tinydl::Tensor<std::int64_t, 2> tensor = tinydl::from_values<std::int64_t>({1, 2}, {5, 6});
  CheckpointCounter counter{7};
  Checkpoint run;
  run.add("index", index);
  run.add("flag", flag);
  run.add("number", number);
  run.add("text", text);
  run.add("numbers", numbers);
  run.add("tensor", tensor);
  run.add("counter", counter);
  run.save(folder.file);
  index = 0;
  flag = false;
  number = 0;
  text = "";
  numbers = {};
  tensor = {};
  counter.count = 0;
  run.load(folder.file);
  CHECK(index == 3);
  CHECK(flag);
  CHECK(number == 0.1);
  CHECK(text == std::string("a\0b", 3));
  CHECK(numbers == std::vector<double>{1, 2.5});
  CHECK(tensor.shape() == tinydl::Shape(1, 2));
  CHECK(tensor(0, 1) == 6);
  CHECK(counter.count == 7);
  CHECK(tinydl::read_checkpoint(folder.file).get<Index>("index") == 3);

  float other = 1;
  Checkpoint another;
  another.add("number", other);
  CHECK(safetensors_says(folder, [&] { another.load(folder.file, {.strict = false}); }) ==
        "does not fit this run: 'number': state: 'number' is F64 (), not F32 of rank 0");
  CHECK(other == 1);
}

TEST_CASE("checkpoint: a class of one's own that throws halfway is left as it was") {
  const SafetensorsFolder folder;
  Index index = 1;
  CheckpointCounter counter{-5};
  Checkpoint run;
  run.add("counter", counter);
  run.add("index", index);
  run.save(folder.file);
  counter.count = 2;
  index = 2;
  CHECK(safetensors_says(folder, [&] { run.load(folder.file); }) ==
        "does not fit this run: 'counter': counter: it is negative");
  CHECK(counter.count == 2);
  CHECK(index == 2);
}

TEST_CASE("checkpoint: a model without parameters or buffers may be a part") {
  const SafetensorsFolder folder;
  CheckpointNothing nothing;
  Checkpoint run;
  run.add("model", nothing);
  run.save(folder.file);
  CHECK_NOTHROW(run.load(folder.file));
}

TEST_CASE("checkpoint: what is loaded does not write into Tensors that shared the memory") {
  const SafetensorsFolder folder;
  const tinydl::Linear<> layer(2, 2);
  Checkpoint run;
  run.add("layer", layer);
  run.save(folder.file);
  std::ranges::fill(layer.parameters()[0].mutable_data_span(), 3.f);
  const tinydl::Tensor<float, 2> before = layer.weight.data();
  run.load(folder.file);
  CHECK(before(0, 0) == 3);
  CHECK(layer.weight.data()(0, 0) != 3);
}

TEST_CASE("checkpoint: a name that is empty, taken, or has a slash is refused") {
  Index a = 1;
  Checkpoint run;
  run.add("a", a);
  CHECK_THROWS_WITH_AS(run.add("a", a), "checkpoint: there are two parts 'a'", tinydl::ValueError);
  CHECK_THROWS_WITH_AS(run.add("", a), "checkpoint: '' is no name: it is empty or has a slash",
                       tinydl::ValueError);
  CHECK_THROWS_WITH_AS(run.add("a/b", a),
                       "checkpoint: 'a/b' is no name: it is empty or has a slash",
                       tinydl::ValueError);
}
