#ifndef COMMUNIQUE_SERVICE_JOURNAL_ROCKSDB_UTIL_H_
#define COMMUNIQUE_SERVICE_JOURNAL_ROCKSDB_UTIL_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"
#include "service/journal/errors.h"

// RocksDB's types and ours.
namespace communique::journal {

inline rocksdb::Slice ToSlice(absl::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline absl::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

inline absl::Status FromRocks(const rocksdb::Status& status, absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsCorruption()) return DataCorrupt(what, status.ToString());
  return StorageFailed(what, status.ToString());
}

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_ROCKSDB_UTIL_H_
