#include "tests/support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace communique::testing {
namespace {

// In the child, between fork and exec: system calls only.
[[noreturn]] void Become(char* const* arguments, char* const* environment, int in, int out,
                         int error) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(error, STDERR_FILENO);
  // A test may have blocked signals that the program waits for.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> result;
  for (const auto& [name, value] : added) result.push_back(absl::StrCat(name, "=", value));
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    bool replaced = false;
    for (const auto& [name, value] : added) replaced |= text.rfind(name + "=", 0) == 0;
    if (!replaced) result.push_back(text);
  }
  return result;
}

}  // namespace

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void WriteFile(const std::string& path, absl::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string BuiltProgram(absl::string_view name) {
  return absl::StrCat(COMMUNIQUE_BIN_DIR, "/", name);
}

void SleepBriefly() { absl::SleepFor(absl::Milliseconds(5)); }

absl::StatusOr<std::unique_ptr<Program>> Program::Start(Options options) {
  std::unique_ptr<Program> program(new Program());
  program->error_file_ =
      options.error_file.empty() ? program->directory_ / "err" : options.error_file;
  WriteFile(program->directory_ / "in", options.input);
  const int in = open((program->directory_ / "in").c_str(), O_RDONLY | O_CLOEXEC);
  const int out =
      open((program->directory_ / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int error =
      open(program->error_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  auto environment = Environment(options.environment);
  const auto argument_pointers = Pointers(options.arguments);
  const auto environment_pointers = Pointers(environment);
  const pid_t pid = fork();
  if (pid == 0) {
    Become(argument_pointers.data(), environment_pointers.data(), in, out, error);
  }
  const int failure = errno;
  for (const int file : {in, out, error}) close(file);
  if (pid < 0) return absl::InternalError(absl::StrCat("fork: ", strerror(failure)));
  program->pid_ = pid;
  return program;
}

Program::~Program() {
  if (pid_ != 0 && running()) {
    Signal(SIGKILL);
    Wait(absl::Seconds(10));
  }
}

void Program::Signal(int signal) {
  // Once it was waited for, its number may be another's.
  if (!exit_code_) kill(pid_, signal);
}

std::optional<int> Program::Wait(absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  while (!exit_code_) {
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (absl::Now() >= end) {
      return std::nullopt;
    } else {
      SleepBriefly();
    }
  }
  return exit_code_;
}

Ended RunProgram(Program::Options options, absl::Duration timeout) {
  Ended result;
  auto program = Program::Start(std::move(options));
  if (!program.ok()) return result;
  result.exit_code = (*program)->Wait(timeout).value_or(-1);
  result.output = (*program)->output();
  result.error = (*program)->error();
  return result;
}

}  // namespace communique::testing
