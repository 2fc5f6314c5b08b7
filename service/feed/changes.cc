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
    absl::string_view rest = bytes;
    const auto field = base::TakeField(rest);
    if (!field || field->number != v1::WatchResponse::kChangesFieldNumber ||
        field->wire_type != 2) {
      return journal::DataCorrupt("journal", "a change is not framed");
    }
    const auto name = base::FindBytesField(field->bytes, v1::Change::kNameFieldNumber);
    if (!name) return journal::DataCorrupt("journal", "a change has no name");
    const absl::string_view framed = bytes.substr(0, bytes.size() - rest.size());
    if (absl::Status status = visit(*name, framed); !status.ok()) return status;
    bytes = rest;
  }
  return absl::OkStatus();
}

absl::StatusOr<const ChangeWithBefore*> ChangeCache::Get(absl::string_view framed) {
  std::unique_ptr<const ChangeWithBefore>& kept = changes_[framed.data()];
  if (kept != nullptr) return kept.get();
  auto made = std::make_unique<ChangeWithBefore>();
  auto change = ParseChange(framed);
  if (!change.ok()) return change.status();
  made->change = *std::move(change);
  if (made->change.previous_revision() > 0) {
    const auto before =
        reader_.FindVersion(made->change.name(), made->change.previous_revision());
    if (!before.ok() || before->empty()) {
      // It stood when this change was made: it is held for as long as that is.
      if (made->change.revision() <= reader_.oldest()) {
        return absl::NotFoundError("the version before was trimmed");
      }
      return before.ok() ? journal::DataCorrupt("history", "the version before is not there")
                         : before.status();
    }
    auto parsed = ParseChange(*before);
    if (!parsed.ok()) return parsed.status();
    made->before = *std::move(parsed);
    made->before_bytes = before->size();
  }
  kept = std::move(made);
  return kept.get();
}

}  // namespace communique::feed
