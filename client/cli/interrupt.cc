#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <utility>

#include "absl/base/const_init.h"
#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace communique::cli {
namespace {

// Signals belong to the process, so this is the one place with globals.
absl::Mutex mutex(absl::kConstInit);
const std::function<void()>* cancel_function ABSL_GUARDED_BY(mutex) = nullptr;
std::atomic<int> exit_code = 0;

void Wait(sigset_t signals) {
  while (true) {
    int number = 0;
    if (sigwait(&signals, &number) != 0) continue;
    const bool again = exit_code.exchange(128 + number) != 0;
    absl::MutexLock lock(&mutex);
    if (again || cancel_function == nullptr) _exit(128 + number);
    (*cancel_function)();
  }
}

}  // namespace

void TakeSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread(Wait, signals).detach();
}

InterruptHandler::InterruptHandler(std::function<void()> cancel) {
  absl::MutexLock lock(&mutex);
  cancel_function = new std::function<void()>(std::move(cancel));
}

InterruptHandler::~InterruptHandler() {
  absl::MutexLock lock(&mutex);
  delete std::exchange(cancel_function, nullptr);
}

int InterruptHandler::ExitCode() { return exit_code; }

}  // namespace communique::cli
