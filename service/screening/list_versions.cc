#include "service/screening/list_versions.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "service/base/error.h"
#include "service/domain/day_span.h"
#include "service/domain/names.h"
#include "service/screening/matches.h"
#include "service/screening/references.h"
#include "service/store/merged_names.h"

namespace communique::screening {
namespace {

// A version, by what says which is the newest.
struct Version {
  absl::CivilDay date = domain::kBeforeAllDays;
  int64_t create_revision = 0;
  v1::Record record;

  bool newer_than(const Version& other) const {
    return std::tuple(date, create_revision) > std::tuple(other.date, other.create_revision);
  }
};

// The versions of one list that count.
struct List {
  Version whole;    // the newest whose import has ended; without a record: none
  Version pending;  // the newest whose import has not
};

// By the list's id, then by whose it is.
using ListKey = std::pair<std::string, std::string>;

v1::ListStatus StatusOf(const ListKey& key, const List& list) {
  v1::ListStatus status;
  status.set_list_id(key.first);
  status.set_authority(key.second);
  if (list.pending.newer_than(list.whole)) status.set_pending_source(list.pending.record.name());
  if (list.whole.record.name().empty()) return status;  // its first import has not ended
  status.set_source(list.whole.record.name());
  const v1::ListVersion& version = list.whole.record.source().list_version();
  if (domain::DaySpanOf(version.as_of_time()).is_one_day()) {
    const absl::CivilDay date = list.whole.date;
    status.set_as_of_date(absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day()));
  }
  status.set_entry_count(version.entry_count());
  return status;
}

// When the import of the version ended. A revision that was trimmed stays unset.
absl::Status AddImport(const store::Reader& reader, v1::ListStatus& status) {
  v1::ReadScope scope;
  scope.set_known_list_version(status.source());
  const auto view = reader.Open(scope);
  if (!view.ok()) {
    return base::ReasonOf(view.status()) == v1::ERROR_REASON_REVISION_EXPIRED ? absl::OkStatus()
                                                                              : view.status();
  }
  status.set_revision(view->revision());
  *status.mutable_import_time() = view->pin().revision_time();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ListVersions::Lists> FindLists(const store::Reader& reader,
                                              const store::ReadView& view) {
  absl::btree_map<ListKey, List> lists;
  References references(view);
  const absl::Status read =
      ForEachMatch(view, v1::RECORD_KIND_SOURCE, "list_version:*", [&](const v1::Record& record) {
        const v1::ListVersion& listed = record.source().list_version();
        const auto authority = references.NameOf(listed.authority());
        if (!authority.ok()) return authority.status();
        List& list = lists[{listed.list_id(), *authority}];
        Version& newest = record.source().coverages().empty() ? list.pending : list.whole;
        Version version{domain::DaySpanOf(listed.as_of_time()).earliest_begin,
                        record.create_revision(), record};
        if (version.newer_than(newest)) newest = std::move(version);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  ListVersions::Lists statuses;
  for (const auto& [key, list] : lists) {
    v1::ListStatus& status = statuses.emplace_back(StatusOf(key, list));
    if (status.source().empty()) continue;
    if (absl::Status added = AddImport(reader, status); !added.ok()) return added;
  }
  return statuses;
}

absl::StatusOr<std::shared_ptr<const ListVersions::Lists>> ListVersions::AtHead() const {
  const auto view = reader_.Open({});
  if (!view.ok()) return view.status();
  const int64_t last_change = last_change_.load(std::memory_order_acquire);
  {
    absl::MutexLock lock(&mutex_);
    if (lists_ != nullptr && revision_ <= view->revision() && last_change <= revision_) {
      return lists_;
    }
  }
  auto found = FindLists(reader_, *view);
  if (!found.ok()) return found.status();
  auto lists = std::make_shared<const Lists>(*std::move(found));
  absl::MutexLock lock(&mutex_);
  if (view->revision() >= revision_) {
    revision_ = view->revision();
    lists_ = lists;
  }
  return lists;
}

void ListVersions::OnCommits(const journal::CommitGroup& group) {
  for (const auto& commit : group) {
    for (const journal::EncodedChange& change : commit->changes) {
      if (domain::KindOfName(change.name) == v1::RECORD_KIND_SOURCE ||
          store::IsMergeOfActor(change)) {
        last_change_.store(commit->revision, std::memory_order_release);
      }
    }
  }
}

std::optional<absl::Duration> AgeOf(const v1::ListStatus& list, absl::Time now) {
  const auto date = domain::ParseDay(list.as_of_date());
  if (!date) return std::nullopt;
  const absl::Time end = absl::FromCivil(*date + 1, absl::UTCTimeZone());
  return std::max(absl::ZeroDuration(), absl::Trunc(now - end, absl::Seconds(1)));
}

}  // namespace communique::screening
