// tsan_self_check mutex|condition|notification|queue|slice [race]: hands a value from one thread to
// another by that means; with `race` the first thread writes it once more beside the hand-over, so
// that ThreadSanitizer has something to tell.
#include <grpc/slice.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"

namespace {

// Apart from each other: the tool remembers four accesses to eight bytes.
alignas(64) int value = 0;
// An order that the tool does not see (relaxed): races happen in the same way in each run.
alignas(64) std::atomic<bool> handed_over{false};
alignas(64) std::atomic<bool> taken{false};

void Await(const std::atomic<bool>& flag) {
  while (!flag.load(std::memory_order_relaxed)) std::this_thread::yield();
}

// Runs `give` on one thread and `take` on another, each around its use of the value.
int Run(bool race, const std::function<void()>& give, const std::function<void()>& take) {
  std::thread giver([&] {
    value = 1;
    give();
    handed_over.store(true, std::memory_order_relaxed);
    if (race) {
      Await(taken);
      value = 2;
    }
  });
  int seen = 0;
  std::thread taker([&] {
    Await(handed_over);
    take();
    seen = value;
    taken.store(true, std::memory_order_relaxed);
  });
  giver.join();
  taker.join();
  return seen == 1 ? 0 : 1;
}

int ByMutex(bool race) {
  absl::Mutex mutex;
  return Run(
      race, [&] { absl::MutexLock lock(&mutex); }, [&] { absl::MutexLock lock(&mutex); });
}

int ByCondition(bool race) {
  absl::Mutex mutex;
  bool ready = false;
  return Run(
      race,
      [&] {
        absl::MutexLock lock(&mutex);
        ready = true;
      },
      [&] {
        absl::MutexLock lock(&mutex);
        mutex.Await(absl::Condition(&ready));
      });
}

int ByNotification(bool race) {
  absl::Notification notification;
  return Run(
      race, [&] { notification.Notify(); }, [&] { notification.WaitForNotification(); });
}

int ByQueue(bool race) {
  grpc::CompletionQueue queue;
  grpc::Alarm alarm;
  const int result = Run(
      race, [&] { alarm.Set(&queue, gpr_inf_past(GPR_CLOCK_MONOTONIC), &alarm); },
      [&] {
        void* tag = nullptr;
        bool ok = false;
        queue.Next(&tag, &ok);
      });
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) continue;
  return result;
}

// The slice itself is handed over by nothing: only what it owns is of interest.
[[gnu::no_sanitize_thread, gnu::noinline]] void LetGo(const grpc_slice& slice) {
  grpc_slice_unref(slice);
}

int BySlice(bool race) {
  static std::string owner(1000, 'x');
  static int let_go_of = 0;
  grpc_slice slice;
  const int result = Run(
      race,
      [&] {
        slice = grpc_slice_new_with_user_data(
            owner.data(), owner.size(), [](void*) { let_go_of = value; }, &owner);
      },
      [&] { LetGo(slice); });
  return result == 0 && let_go_of == 1 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string by = argc > 1 ? argv[1] : "";
  const bool race = argc > 2 && std::strcmp(argv[2], "race") == 0;
  if (by == "mutex") return ByMutex(race);
  if (by == "condition") return ByCondition(race);
  if (by == "notification") return ByNotification(race);
  if (by == "queue") return ByQueue(race);
  if (by == "slice") return BySlice(race);
  std::fputs("tsan_self_check mutex|condition|notification|queue|slice [race]\n", stderr);
  return 2;
}
