#ifndef COMMUNIQUE_CLIENT_CLI_INTERRUPT_H_
#define COMMUNIQUE_CLIENT_CLI_INTERRUPT_H_

#include <functional>

namespace communique::cli {

// Takes SIGINT and SIGTERM over. Call it first in main, before any thread is
// made. Without a handler a signal ends the program with 128 and its number.
void TakeSignals();

// While it lives, the first signal calls `cancel` (in a thread of its own) and
// the second ends the program.
class InterruptHandler {
 public:
  explicit InterruptHandler(std::function<void()> cancel);
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;
  ~InterruptHandler();

  // What to exit with: 128 and the signal's number; 0 when none came.
  static int ExitCode();
};

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_INTERRUPT_H_
