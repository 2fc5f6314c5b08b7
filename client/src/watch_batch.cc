#include "communique/watch_batch.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "google/protobuf/arena.h"
#include "src/wire.h"

namespace communique {
namespace {

using internal::WireCheck;
using internal::WireReader;

constexpr int kKindBits = 64;

const WireCheck& ChangeCheck() {
  static const auto* const check = new WireCheck(v1::Change::descriptor());
  return *check;
}

google::protobuf::ArenaOptions ArenaSizes() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = std::size_t{4} << 10;
  options.max_block_size = std::size_t{1} << 20;
  return options;
}

absl::Status Malformed(const char* what) {
  return absl::DataLossError(std::string("a response of the watch is malformed: ") + what);
}

// The bit of each kind in a change, whether they stand packed or one by one.
bool AddKinds(const WireReader::Field& field, std::uint64_t& kinds) {
  const auto add = [&kinds](std::uint64_t kind) {
    if (kind < kKindBits) kinds |= std::uint64_t{1} << kind;
  };
  if (field.type == WireReader::kVarint) {
    add(field.value);
    return true;
  }
  WireReader packed(field.bytes);
  std::uint64_t kind = 0;
  while (!packed.at_end()) {
    if (!packed.Varint(kind)) return false;
    add(kind);
  }
  return true;
}

}  // namespace

bool WatchedChange::Is(v1::ChangeKind kind) const {
  if (kind >= 0 && kind < kKindBits) return (kinds_ >> kind & 1) != 0;
  return absl::c_linear_search(kinds(), kind);
}

bool WatchedChange::Scan(absl::string_view bytes, google::protobuf::Arena* arena) {
  bytes_ = bytes;
  arena_ = arena;
  WireReader reader(bytes);
  WireReader::Field field;
  while (!reader.at_end()) {
    if (!reader.Next(field)) return false;
    const bool is_varint = field.type == WireReader::kVarint;
    const bool is_bytes = field.type == WireReader::kBytes;
    switch (field.number) {
      case v1::Change::kRevisionFieldNumber:
        if (is_varint) revision_ = static_cast<std::int64_t>(field.value);
        break;
      case v1::Change::kNameFieldNumber:
        if (is_bytes) name_ = field.bytes;
        break;
      case v1::Change::kKindsFieldNumber:
        if ((is_varint || is_bytes) && !AddKinds(field, kinds_)) return false;
        break;
      case v1::Change::kRecordFieldNumber:
      case v1::Change::kTombstoneFieldNumber:
        if (!is_bytes) break;
        // A parser would make one of two; the server writes one.
        if (after_ != v1::Change::AFTER_NOT_SET) return false;
        after_ = static_cast<v1::Change::AfterCase>(field.number);
        if (has_record()) record_bytes_ = field.bytes;
        break;
      default:
        break;
    }
  }
  return true;
}

const v1::Change& WatchedChange::message() const {
  if (const v1::Change* parsed = parsed_.load(std::memory_order_acquire)) return *parsed;
  auto* made = google::protobuf::Arena::CreateMessage<v1::Change>(arena_);
  // Cannot fail: the batch checked the bytes, or made them.
  made->ParsePartialFromArray(bytes_.data(), static_cast<int>(bytes_.size()));
  const v1::Change* other = nullptr;
  // Another thread may have been quicker; then this one stays unused in the arena.
  if (parsed_.compare_exchange_strong(other, made, std::memory_order_acq_rel)) return *made;
  return *other;
}

struct WatchBatch::Content {
  std::string bytes;
  v1::WatchResponse frame;
  // Takes what is parsed of changes; from any thread.
  mutable google::protobuf::Arena arena{ArenaSizes()};
  std::unique_ptr<WatchedChange[]> changes;
  std::size_t change_count = 0;
};

WatchBatch::WatchBatch(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

WatchBatch::WatchBatch(const v1::WatchResponse& response) {
  auto content = std::make_shared<Content>();
  content->frame = response;
  content->frame.clear_changes();
  content->change_count = static_cast<std::size_t>(response.changes_size());
  content->changes.reset(new WatchedChange[content->change_count]);
  std::vector<std::size_t> sizes;
  for (const v1::Change& change : response.changes()) {
    const std::size_t before = content->bytes.size();
    change.AppendToString(&content->bytes);
    sizes.push_back(content->bytes.size() - before);
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < sizes.size(); at += sizes[i++]) {
    WatchedChange& change = content->changes[i];
    change.Scan(absl::string_view(content->bytes).substr(at, sizes[i]), &content->arena);
    auto* copy = google::protobuf::Arena::CreateMessage<v1::Change>(&content->arena);
    *copy = response.changes(static_cast<int>(i));
    change.parsed_.store(copy, std::memory_order_relaxed);
  }
  content_ = std::move(content);
}

absl::StatusOr<WatchBatch> WatchBatch::Parse(std::string bytes) {
  auto content = std::make_shared<Content>();
  content->bytes = std::move(bytes);
  std::vector<absl::string_view> changes;
  std::string frame;
  WireReader reader(content->bytes);
  WireReader::Field field;
  while (!reader.at_end()) {
    if (!reader.Next(field)) return Malformed("its fields");
    if (field.number == v1::WatchResponse::kChangesFieldNumber &&
        field.type == WireReader::kBytes) {
      changes.push_back(field.bytes);
    } else {
      frame.append(field.whole.data(), field.whole.size());
    }
  }
  if (!content->frame.ParseFromString(frame)) return Malformed("what stands beside the changes");
  content->change_count = changes.size();
  content->changes.reset(new WatchedChange[changes.size()]);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!ChangeCheck().Accepts(changes[i]) ||
        !content->changes[i].Scan(changes[i], &content->arena)) {
      return Malformed("a change");
    }
  }
  return WatchBatch(std::move(content));
}

absl::Span<const WatchedChange> WatchBatch::changes() const {
  return absl::MakeConstSpan(content_->changes.get(), content_->change_count);
}

const v1::WatchResponse& WatchBatch::frame() const { return content_->frame; }

bool WatchBatch::Has(v1::WatchMark mark) const { return absl::c_linear_search(marks(), mark); }

v1::WatchResponse WatchBatch::message() const {
  v1::WatchResponse response = frame();
  response.mutable_changes()->Reserve(static_cast<int>(changes().size()));
  for (const WatchedChange& change : changes()) *response.add_changes() = change.message();
  return response;
}

}  // namespace communique
