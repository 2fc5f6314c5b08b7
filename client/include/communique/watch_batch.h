#ifndef COMMUNIQUE_WATCH_BATCH_H_
#define COMMUNIQUE_WATCH_BATCH_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "communique/export.h"
#include "communique/v1/feed.pb.h"

namespace communique {

// One change of a batch. It reads like a v1::Change, but is parsed when somebody
// looks into it: the first group below is read off the bytes, the first call of
// anything else parses. The bytes were checked when they came, so parsing does
// not fail.
//
// Lives as long as its batch; to keep one, copy its message().
// Performance: parsing takes microseconds for each KiB and about four times the
// bytes, which stay until the batch goes.
// Thread safety: const methods may be called from any thread.
class COMMUNIQUE_EXPORT WatchedChange {
 public:
  WatchedChange(const WatchedChange&) = delete;
  WatchedChange& operator=(const WatchedChange&) = delete;

  std::int64_t revision() const { return revision_; }
  absl::string_view name() const { return name_; }
  // Whether this is among what happened.
  bool Is(v1::ChangeKind kind) const;
  // What stands afterwards; neither: nothing that may be told.
  bool has_record() const { return after_ == v1::Change::kRecord; }
  bool has_tombstone() const { return after_ == v1::Change::kTombstone; }
  // A v1::Change, and the v1::Record within, as they came: the same to every reader.
  absl::string_view bytes() const { return bytes_; }
  absl::string_view record_bytes() const { return record_bytes_; }

  // The whole.
  const v1::Change& message() const;
  operator const v1::Change&() const { return message(); }  // NOLINT(google-explicit-constructor)
  // Its fields: see v1::Change.
  const google::protobuf::Timestamp& commit_time() const { return message().commit_time(); }
  const std::string& principal() const { return message().principal(); }
  const std::string& reason() const { return message().reason(); }
  const google::protobuf::RepeatedField<int>& kinds() const { return message().kinds(); }
  const google::protobuf::RepeatedPtrField<std::string>& paths() const { return message().paths(); }
  std::int64_t previous_revision() const { return message().previous_revision(); }
  const v1::Record& record() const { return message().record(); }
  const v1::Tombstone& tombstone() const { return message().tombstone(); }

 private:
  friend class WatchBatch;
  WatchedChange() = default;
  // Reads what is read off the bytes. False: they are not those of a change.
  bool Scan(absl::string_view bytes, google::protobuf::Arena* arena);

  absl::string_view bytes_;
  absl::string_view record_bytes_;
  absl::string_view name_;
  std::int64_t revision_ = 0;
  std::uint64_t kinds_ = 0;  // a bit for each below 64
  v1::Change::AfterCase after_ = v1::Change::AFTER_NOT_SET;
  google::protobuf::Arena* arena_ = nullptr;
  mutable std::atomic<const v1::Change*> parsed_{nullptr};
};

// What Watch::Next hands out: a v1::WatchResponse, with the changes as above.
//
// Performance: a copy shares what it holds. Changes, and the strings and messages
// that accessors answer, live as long as a batch does that holds them.
// Thread safety: const methods may be called from any thread.
class COMMUNIQUE_EXPORT WatchBatch {
 public:
  // Of a message: for tests, and for streams of one's own.
  WatchBatch(const v1::WatchResponse& response);  // NOLINT(google-explicit-constructor)
  // Of the bytes of one; DATA_LOSS when they are none.
  static absl::StatusOr<WatchBatch> Parse(std::string bytes);

  // In order; those of one commit side by side.
  absl::Span<const WatchedChange> changes() const;

  // The other fields: see v1::WatchResponse.
  std::int64_t from_revision() const { return frame().from_revision(); }
  std::int64_t through_revision() const { return frame().through_revision(); }
  const std::string& resume_token() const { return frame().resume_token(); }
  bool has_snapshot() const { return frame().has_snapshot(); }
  const v1::SnapshotPiece& snapshot() const { return frame().snapshot(); }
  const google::protobuf::RepeatedField<int>& marks() const { return frame().marks(); }
  const google::protobuf::RepeatedPtrField<v1::FilterEntry>& entered_records() const {
    return frame().entered_records();
  }
  const google::protobuf::RepeatedPtrField<v1::FilterLeave>& left_records() const {
    return frame().left_records();
  }
  std::int64_t head_revision() const { return frame().head_revision(); }
  const google::protobuf::Timestamp& server_time() const { return frame().server_time(); }
  std::int64_t until_revision() const { return frame().until_revision(); }

  // Whether this is among the marks.
  bool Has(v1::WatchMark mark) const;

  // The response without its changes.
  const v1::WatchResponse& frame() const;
  // The whole response; parses every change.
  v1::WatchResponse message() const;

 private:
  struct COMMUNIQUE_NO_EXPORT Content;
  explicit WatchBatch(std::shared_ptr<const Content> content);
  std::shared_ptr<const Content> content_;
};

}  // namespace communique

#endif  // COMMUNIQUE_WATCH_BATCH_H_
