// gRPC is not instrumented, so ThreadSanitizer does not see that what a thread wrote before it
// started an operation is there for the thread that the completion queue tells of its end. These
// functions stand before gRPC's own and say so, and nothing else: the tool still sees every other
// race of ours around a call.
#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <sanitizer/tsan_interface.h>

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

grpc_event Taken(grpc_event event) {
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
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

extern "C" {

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static auto* const next =
      Next<decltype(grpc_completion_queue_next)>("grpc_completion_queue_next");
  return Taken(next(queue, deadline, reserved));
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static auto* const next =
      Next<decltype(grpc_completion_queue_pluck)>("grpc_completion_queue_pluck");
  return Taken(next(queue, tag, deadline, reserved));
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
