#ifndef COMMUNIQUE_SERVICE_JOURNAL_HIGH_WATER_MARK_H_
#define COMMUNIQUE_SERVICE_JOURNAL_HIGH_WATER_MARK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace communique::journal {

// The newest revision that was acknowledged, in a file beside the database, so
// that a database which comes back shorter is noticed. FORMAT.md has its layout.
//
// A file or folder that was made is durable once the folder it is in is.
absl::Status SyncFolderOf(const std::string& path);

// Thread safety: one thread at a time.
class HighWaterMark {
 public:
  struct Mark {
    int64_t revision = 0;
    std::string hash;
  };

  // Opens or creates the file. DATA_LOSS when it is there and neither slot is
  // whole.
  static absl::StatusOr<std::unique_ptr<HighWaterMark>> Open(const std::string& path);
  ~HighWaterMark();
  HighWaterMark(const HighWaterMark&) = delete;
  HighWaterMark& operator=(const HighWaterMark&) = delete;

  const Mark& mark() const { return mark_; }
  // Whether Open made the file: right for a new store only.
  bool created() const { return created_; }
  // Durable when it returns OK.
  absl::Status Write(int64_t revision, absl::string_view hash);

 private:
  explicit HighWaterMark(int fd) : fd_(fd) {}

  const int fd_;
  bool created_ = false;
  uint64_t sequence_ = 0;
  Mark mark_;
};

}  // namespace communique::journal

#endif  // COMMUNIQUE_SERVICE_JOURNAL_HIGH_WATER_MARK_H_
