#ifndef COMMUNIQUE_TESTS_BENCH_FIELD_COUNTER_H_
#define COMMUNIQUE_TESTS_BENCH_FIELD_COUNTER_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "grpcpp/support/slice.h"

namespace communique::bench {

// Counts the occurrences of one top-level field of messages that come in pieces,
// by the wire format alone and without copying.
class FieldCounter {
 public:
  explicit FieldCounter(int field) : field_(static_cast<uint64_t>(field)) {}

  int64_t Count(const std::vector<grpc::Slice>& message) {
    int64_t found = 0;
    uint64_t value = 0;
    int shift = 0;
    uint64_t skip = 0;  // bytes of a value
    enum { kTag, kLength, kVarint } next = kTag;
    for (const grpc::Slice& slice : message) {
      const uint8_t* at = slice.begin();
      while (at != slice.end()) {
        if (skip > 0) {
          const uint64_t here = std::min<uint64_t>(skip, static_cast<uint64_t>(slice.end() - at));
          at += here;
          skip -= here;
          continue;
        }
        const uint8_t byte = *at++;
        value |= static_cast<uint64_t>(byte & 0x7f) << shift;
        shift += 7;
        if (byte >= 0x80) continue;
        if (next == kTag) {
          found += value >> 3 == field_ ? 1 : 0;
          const uint64_t type = value & 7;
          next = type == 2 ? kLength : type == 0 ? kVarint : kTag;
          skip = type == 1 ? 8 : type == 5 ? 4 : 0;
        } else {
          if (next == kLength) skip = value;
          next = kTag;
        }
        value = 0;
        shift = 0;
      }
    }
    return found;
  }

 private:
  const uint64_t field_;
};

}  // namespace communique::bench

#endif  // COMMUNIQUE_TESTS_BENCH_FIELD_COUNTER_H_
