#ifndef COMMUNIQUE_CLIENT_SRC_RECORD_TABLE_H_
#define COMMUNIQUE_CLIENT_SRC_RECORD_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"

namespace communique::internal {

// A record as its bytes, a fifth of what the message takes in memory.
class StoredRecord {
 public:
  explicit StoredRecord(std::string bytes) : bytes_(std::move(bytes)) {}

  const std::string& bytes() const { return bytes_; }
  // Read off the bytes: the name is the message's first field.
  absl::string_view name() const;

 private:
  std::string bytes_;
};
using RecordPtr = std::shared_ptr<const StoredRecord>;

RecordPtr Store(const v1::Record& record);
// Null when there is none.
std::shared_ptr<const v1::Record> Parse(const RecordPtr& stored);

// Records in the order of their names. Buckets of up to 256 are shared between
// a table and its copies and cloned when one of them is written to, so that a copy
// costs a pointer for each bucket and then stands still.
//
// Performance: Find is two binary searches; Put and Erase move at most a bucket.
// Thread safety: that of a value. Copies may be used in threads of their own.
class RecordTable {
 public:
  RecordTable() = default;
  RecordTable(RecordTable&&) = default;
  RecordTable& operator=(RecordTable&&) = default;

  // A copy that shares the buckets. Not const: both clone before they write.
  RecordTable Share();

  // Null when there is none.
  RecordPtr Find(absl::string_view name) const;
  // Puts a record under its name; answers the one that stood there, or null.
  RecordPtr Put(RecordPtr record);
  // Answers the one that stood there, or null.
  RecordPtr Erase(absl::string_view name);

  std::size_t size() const { return size_; }
  void ForEach(absl::FunctionRef<void(const RecordPtr&)> visit) const;

  // Tells, in the order of names, each name whose record is not the same one in
  // both: what `before` and `after` have, or null. The same one is the same object.
  static void Compare(
      const RecordTable& before, const RecordTable& after,
      absl::FunctionRef<void(const RecordPtr& before, const RecordPtr& after)> differs);

 private:
  struct Bucket {
    // The table's generation when the bucket was made: while they are equal, no
    // copy has it.
    std::uint64_t generation;
    std::vector<RecordPtr> records;  // by name; never empty
  };
  struct Position {
    std::size_t bucket;
    std::size_t record;
    bool found;
  };
  class Cursor;

  Position Locate(absl::string_view name) const;
  // The bucket, cloned first when a copy may have it.
  Bucket& Writable(std::size_t index);

  std::vector<std::shared_ptr<Bucket>> buckets_;
  std::size_t size_ = 0;
  std::uint64_t generation_ = 0;
};

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_RECORD_TABLE_H_
