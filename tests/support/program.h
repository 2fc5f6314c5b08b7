#ifndef COMMUNIQUE_TESTS_SUPPORT_PROGRAM_H_
#define COMMUNIQUE_TESTS_SUPPORT_PROGRAM_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/support/temp_dir.h"

namespace communique::testing {

// A file that was read whole; empty when there is none.
std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, absl::string_view text);
// Asks `holds` every few milliseconds; false when it did not hold in time.
template <typename Condition>
bool Eventually(Condition holds, absl::Duration timeout = absl::Seconds(15));

// Where the build puts a program ("communique").
std::string BuiltProgram(absl::string_view name);

// A program that this process started. It dies with the thread that started it,
// so that a test that is ended leaves none behind.
class Program {
 public:
  struct Options {
    std::vector<std::string> arguments = {};  // the first is the program's path
    // Added to this process's own.
    std::vector<std::pair<std::string, std::string>> environment = {};
    std::string input = {};
    // Where standard error is appended to; empty: a file of its own.
    std::string error_file = {};
  };

  static absl::StatusOr<std::unique_ptr<Program>> Start(Options options);
  // Kills it, unless it has ended.
  ~Program();

  void Signal(int signal);
  // Waits for its end and answers its exit code, or 128 and the signal that
  // ended it; nullopt when it still runs after `timeout`.
  std::optional<int> Wait(absl::Duration timeout);
  bool running() { return !Wait(absl::ZeroDuration()).has_value(); }

  std::string output() const { return ReadFile(directory_ / "out"); }
  std::string error() const { return ReadFile(error_file_); }

 private:
  Program() = default;

  TempDir directory_;
  std::string error_file_;
  pid_t pid_ = 0;
  std::optional<int> exit_code_;
};

// A program that has ended.
struct Ended {
  int exit_code = -1;  // -1: it did not end in time
  std::string output;
  std::string error;
};
Ended RunProgram(Program::Options options, absl::Duration timeout = absl::Seconds(30));

void SleepBriefly();

template <typename Condition>
bool Eventually(Condition holds, absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  while (!holds()) {
    if (absl::Now() > end) return false;
    SleepBriefly();
  }
  return true;
}

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_PROGRAM_H_
