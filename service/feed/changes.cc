#include "service/feed/changes.h"

#include <utility>

#include "communique/v1/feed.pb.h"
#include "service/base/wire.h"
#include "service/journal/commit.h"
#include "service/journal/errors.h"

namespace communique::feed {

absl::StatusOr<v1::Change> ParseChange(absl::string_view framed) {
  const absl::string_view bytes = journal::UnframeChange(framed);
  v1::Change change;
  if (bytes.empty() || !change.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return journal::DataCorrupt("journal", "a change does not parse");
  }
  return change;
}

absl::Status ForEachChange(
    absl::string_view bytes,
    absl::FunctionRef<absl::Status(absl::string_view, absl::string_view)> visit) {
  while (!bytes.empty()) {
    const auto change = TakeChange(bytes);
    if (!change.ok()) return change.status();
    if (absl::Status status = visit(change->name, change->framed); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<FramedChange> TakeChange(absl::string_view& bytes) {
  absl::string_view rest = bytes;
  const auto field = base::TakeField(rest);
  if (!field || field->number != v1::WatchResponse::kChangesFieldNumber || field->wire_type != 2) {
    return journal::DataCorrupt("journal", "a change is not framed");
  }
  const auto name = base::FindBytesField(field->bytes, v1::Change::kNameFieldNumber);
  if (!name) return journal::DataCorrupt("journal", "a change has no name");
  const FramedChange change{*name, bytes.substr(0, bytes.size() - rest.size())};
  bytes = rest;
  return change;
}

void ChangeCache::Hold(std::shared_ptr<const Chunk> chunk) {
  if (held_.insert(chunk).second) bytes_ += chunk->Bytes();
  chunk_ = std::move(chunk);
}

void ChangeCache::Clear() {
  last_ = nullptr;
  changes_.clear();
  held_.clear();
  chunk_ = nullptr;
  bytes_ = 0;
}

void ChangeCache::Count(ChangeWithBefore& change) {
  const size_t bytes = change.terms.bytes() + change.before_terms.bytes();
  bytes_ += bytes - change.counted_bytes;
  change.counted_bytes = bytes;
}

absl::StatusOr<ChangeWithBefore*> ChangeCache::Get(absl::string_view framed) {
  if (last_ != nullptr) Count(*std::exchange(last_, nullptr));
  if (const auto kept = changes_.find(framed.data()); kept != changes_.end()) {
    return last_ = kept->second.get();
  }
  if (bytes_ > max_bytes_) {
    std::shared_ptr<const Chunk> chunk = std::move(chunk_);
    Clear();
    if (chunk != nullptr) Hold(std::move(chunk));
  }
  auto change = ParseChange(framed);
  if (!change.ok()) return change.status();
  v1::Change before;
  size_t before_bytes = 0;
  if (change->previous_revision() > 0) {
    const auto stored = reader_.FindVersion(change->name(), change->previous_revision());
    if (!stored.ok() || stored->empty()) {
      // It stood when this change was made: it is held for as long as that is.
      if (change->revision() <= reader_.oldest()) {
        return absl::NotFoundError("the version before was trimmed");
      }
      return stored.ok() ? journal::DataCorrupt("history", "the version before is not there")
                         : stored.status();
    }
    auto parsed = ParseChange(*stored);
    if (!parsed.ok()) return parsed.status();
    before = *std::move(parsed);
    before_bytes = stored->size();
  }
  ++parsed_;
  auto& kept = changes_[framed.data()];
  kept = std::make_unique<ChangeWithBefore>(*std::move(change), std::move(before), before_bytes);
  // Parsed, a message takes about three times its bytes.
  bytes_ += sizeof *kept + 3 * (framed.size() + before_bytes);
  return last_ = kept.get();
}

}  // namespace communique::feed
