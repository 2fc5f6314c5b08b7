// gRPC is not instrumented, so ThreadSanitizer does not see that what a thread wrote before it
// started an operation is there for the thread that the completion queue tells of its end. These
// functions stand before gRPC's own and say so. They say too that what a server did before it
// answered was before the client, in this same process in a test, was told of an answer: true of
// the answer that it waited for, and said of all, for the tool cannot follow the wire. Between the
// threads of a server, or those of a client, that orders nothing: their races are still seen.
#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <sanitizer/tsan_interface.h>

#include <atomic>
#include <cstdlib>

namespace {

// gRPC's function of that name, behind ours.
template <typename Function>
Function* Next(const char* name) {
  void* symbol = dlsym(RTLD_NEXT, name);
  // Another version of gRPC than that of Debian 12: a run without it would prove nothing.
  if (symbol == nullptr) std::abort();
  return reinterpret_cast<Function*>(symbol);
}

// The queues of servers; all others are of clients. Relaxed, and without a lock, for a lock would
// order whatever threads take it.
std::atomic<grpc_completion_queue*> server_queues[256];

bool IsOfServer(grpc_completion_queue* queue) {
  for (const auto& held : server_queues) {
    if (held.load(std::memory_order_relaxed) == queue) return true;
  }
  return false;
}

void Exchange(grpc_completion_queue* from, grpc_completion_queue* to) {
  for (auto& held : server_queues) {
    grpc_completion_queue* expected = from;
    if (held.compare_exchange_strong(expected, to, std::memory_order_relaxed)) return;
  }
}

// Stands for every answer that a server ever sent.
char answers;

grpc_event Taken(grpc_completion_queue* queue, grpc_event event) {
  if (event.type != GRPC_OP_COMPLETE) return event;
  __tsan_acquire(event.tag);
  if (!IsOfServer(queue)) __tsan_acquire(&answers);
  return event;
}

// What a slice of ours owns is let go of by whichever thread drops the last reference.
struct Owner {
  void (*destroy)(void*);
  void* user_data;
};

void Destroy(void* held) {
  __tsan_acquire(held);
  Owner* owner = static_cast<Owner*>(held);
  owner->destroy(owner->user_data);
  delete owner;
}

}  // namespace

// Not of the public interface, but what every operation of a queue begins with: batches, calls
// that are waited for, alarms, a shutdown.
bool grpc_cq_begin_op(grpc_completion_queue* queue, void* tag) {
  static auto* const next =
      Next<bool(grpc_completion_queue*, void*)>("_Z16grpc_cq_begin_opP21grpc_completion_queuePv");
  __tsan_release(tag);
  return next(queue, tag);
}

// Also not of the public interface.
int grpc_call_is_client(grpc_call* call);

extern "C" {

void grpc_server_register_completion_queue(grpc_server* server, grpc_completion_queue* queue,
                                           void* reserved) {
  static auto* const next = Next<decltype(grpc_server_register_completion_queue)>(
      "grpc_server_register_completion_queue");
  Exchange(nullptr, queue);
  next(server, queue, reserved);
}

void grpc_completion_queue_destroy(grpc_completion_queue* queue) {
  static auto* const next =
      Next<decltype(grpc_completion_queue_destroy)>("grpc_completion_queue_destroy");
  Exchange(queue, nullptr);
  next(queue);
}

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* operations, size_t count,
                                      void* tag, void* reserved) {
  static auto* const next = Next<decltype(grpc_call_start_batch)>("grpc_call_start_batch");
  if (!grpc_call_is_client(call)) __tsan_release(&answers);
  return next(call, operations, count, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static auto* const next =
      Next<decltype(grpc_completion_queue_next)>("grpc_completion_queue_next");
  return Taken(queue, next(queue, deadline, reserved));
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static auto* const next =
      Next<decltype(grpc_completion_queue_pluck)>("grpc_completion_queue_pluck");
  return Taken(queue, next(queue, tag, deadline, reserved));
}

grpc_slice grpc_slice_new_with_user_data(void* bytes, size_t size, void (*destroy)(void*),
                                         void* user_data) {
  static auto* const next =
      Next<decltype(grpc_slice_new_with_user_data)>("grpc_slice_new_with_user_data");
  Owner* owner = new Owner{destroy, user_data};
  __tsan_release(owner);
  return next(bytes, size, Destroy, owner);
}

}  // extern "C"
