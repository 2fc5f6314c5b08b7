#include "service/store/reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "communique/storage/v1/journal.pb.h"
#include "communique/v1/change.pb.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/base/timestamp.h"
#include "service/base/wire.h"
#include "service/domain/names.h"
#include "service/domain/valid_states.h"
#include "service/journal/errors.h"
#include "service/store/errors.h"

namespace communique::store {
namespace {

using journal::RecordState;
using journal::Version;

absl::StatusOr<v1::Tombstone> ParseTombstone(absl::string_view name, absl::string_view framed) {
  const auto bytes = base::FindBytesField(journal::UnframeChange(framed),
                                          v1::Change::kTombstoneFieldNumber);
  v1::Tombstone tombstone;
  if (!bytes || !tombstone.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()))) {
    return journal::DataCorrupt(name, "its tombstone does not parse");
  }
  return tombstone;
}

}  // namespace

absl::string_view FoundRecord::record_bytes() const {
  return base::FindBytesField(journal::UnframeChange(framed), v1::Change::kRecordFieldNumber)
      .value_or(absl::string_view());
}

absl::StatusOr<v1::Record> FoundRecord::Parse() const {
  v1::Record record;
  if (absl::Status status = ParseInto(record); !status.ok()) return status;
  return record;
}

absl::Status FoundRecord::ParseInto(v1::Record& record) const {
  const absl::string_view bytes = record_bytes();
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return journal::DataCorrupt(name, "its record does not parse");
  }
  return absl::OkStatus();
}

absl::Status ReadView::UnlessTrimmed(absl::Status status) const {
  const int64_t oldest = local_->oldest();
  return revision() < oldest ? RevisionExpired(revision(), oldest) : status;
}

absl::StatusOr<std::optional<Version>> ReadView::Find(absl::string_view name) const {
  auto version = local_->Find(name, revision());
  if (absl::Status status = UnlessTrimmed(version.status()); !status.ok()) return status;
  return version;
}

absl::StatusOr<std::string> ReadView::Read(int64_t revision, int32_t ordinal) const {
  auto framed = local_->ReadChange(revision, ordinal);
  if (absl::Status status = UnlessTrimmed(framed.status()); !status.ok()) return status;
  return framed;
}

absl::StatusOr<std::optional<FoundRecord>> ReadView::FindLive(const std::string& name) const {
  const auto version = Find(name);
  if (!version.ok()) return version.status();
  if (!*version || (*version)->state != RecordState::kLive) return std::nullopt;
  auto found = ReadVersion(name, (*version)->revision, (*version)->ordinal);
  if (!found.ok()) return found.status();
  return *std::move(found);
}

absl::StatusOr<std::optional<query::VersionPlace>> ReadView::FindPlace(
    absl::string_view name) const {
  const auto version = Find(name);
  if (!version.ok()) return version.status();
  if (!*version || (*version)->state != RecordState::kLive) return std::nullopt;
  return query::VersionPlace{(*version)->revision, (*version)->ordinal, std::string(name)};
}

absl::StatusOr<FoundRecord> ReadView::ReadVersion(absl::string_view name, int64_t revision,
                                                  int32_t ordinal) const {
  auto framed = Read(revision, ordinal);
  if (!framed.ok()) return framed.status();
  return FoundRecord{std::string(name), "", *std::move(framed)};
}

absl::Status ReadView::ReadVersions(
    const std::vector<query::Candidate>& candidates,
    absl::FunctionRef<bool(size_t, FoundRecord)> visit) const {
  std::vector<Version> versions;
  versions.reserve(candidates.size());
  for (const query::Candidate& candidate : candidates) {
    versions.push_back({candidate.revision(), candidate.ordinal(), RecordState::kLive});
  }
  return UnlessTrimmed(local_->ReadChanges(versions, [&](size_t i, absl::string_view framed) {
    return visit(i, {std::string(candidates[i].name()), "", std::string(framed)});
  }));
}

absl::Status ReadView::ReadVersions(
    const std::vector<query::VersionPlace>& places,
    absl::FunctionRef<bool(size_t, FoundRecord)> visit) const {
  std::vector<Version> versions;
  versions.reserve(places.size());
  for (const query::VersionPlace& place : places) {
    versions.push_back({place.revision, place.ordinal, RecordState::kLive});
  }
  return UnlessTrimmed(local_->ReadChanges(versions, [&](size_t i, absl::string_view framed) {
    return visit(i, {places[i].name, "", std::string(framed)});
  }));
}

absl::StatusOr<FoundRecord> ReadView::Get(const std::string& name) const {
  std::string at = name;
  for (int i = 0; i < base::kMaxRedirects; ++i) {
    const auto version = Find(at);
    if (!version.ok()) return version.status();
    if (!*version) return RecordNotFound(at);
    auto framed = Read((*version)->revision, (*version)->ordinal);
    if (!framed.ok()) return framed.status();
    if ((*version)->state == RecordState::kLive) {
      return FoundRecord{at, at == name ? "" : name, *std::move(framed)};
    }
    auto tombstone = ParseTombstone(at, *framed);
    if (!tombstone.ok()) return tombstone.status();
    if ((*version)->state != RecordState::kMerged) return RecordDeleted(*tombstone, name);
    at = tombstone->successor();
  }
  return TooManyRedirects(name, at, base::kMaxRedirects);
}

absl::Status ReadView::Snapshot(
    absl::string_view after, absl::FunctionRef<bool(absl::string_view)> wanted,
    absl::FunctionRef<bool(absl::string_view, std::string)> visit) const {
  absl::Status result;
  const absl::Status scanned =
      local_->ScanNames("", after, revision(), [&](absl::string_view name, const Version& version) {
        if (version.state != RecordState::kLive || !wanted(name)) return true;
        auto framed = Read(version.revision, version.ordinal);
        if (!framed.ok()) {
          result = framed.status();
          return false;
        }
        return visit(name, *std::move(framed));
      });
  return UnlessTrimmed(result.ok() ? scanned : result);
}

absl::Status ReadView::List(v1::RecordKind kind, absl::string_view after,
                            absl::FunctionRef<bool(absl::string_view)> wanted,
                            absl::FunctionRef<bool(FoundRecord)> visit) const {
  const std::string prefix = absl::StrCat(domain::CollectionOf(kind), "/");
  absl::Status result;
  const absl::Status scanned = local_->ScanNames(
      prefix, after, revision(), [&](absl::string_view name, const Version& version) {
        if (version.state != RecordState::kLive || !wanted(name)) return true;
        auto framed = Read(version.revision, version.ordinal);
        if (!framed.ok()) {
          result = framed.status();
          return false;
        }
        return visit(FoundRecord{std::string(name), "", *std::move(framed)});
      });
  return UnlessTrimmed(result.ok() ? scanned : result);
}

absl::Status ReadView::History(const std::string& name, int64_t before_revision,
                               absl::FunctionRef<bool(int64_t, std::string)> visit) const {
  absl::Status result;
  // The one that was visited last, or that a page before ended with.
  int64_t newer = before_revision <= revision() ? before_revision : 0;
  // What it superseded may be gone, and is not told of where it is not yet.
  const auto is_last = [&] { return newer > 0 && newer <= local_->oldest(); };
  if (is_last()) return UnlessTrimmed(absl::OkStatus());
  const absl::Status scanned = local_->ScanHistory(
      name, std::min(revision(), before_revision - 1), [&](const Version& version) {
        auto framed = local_->ReadChange(version.revision, version.ordinal);
        if (is_last()) return false;
        if (!framed.ok()) {
          result = framed.status();
          return false;
        }
        newer = version.revision;
        return visit(version.revision, *std::move(framed));
      });
  return UnlessTrimmed(result.ok() ? scanned : result);
}

absl::StatusOr<ReadView> Reader::Open(const v1::ReadScope& scope) const {
  base::Violations violations;
  if (scope.min_revision() < 0) violations.Add("scope.min_revision", "is negative");
  if (scope.known_at_case() == v1::ReadScope::kKnownRevision && scope.known_revision() < 0) {
    violations.Add("scope.known_revision", "is negative");
  }
  // The range of google.protobuf.Timestamp.
  if (scope.has_known_time() &&
      (scope.known_time().seconds() < -62'135'596'800 ||
       scope.known_time().seconds() > 253'402'300'799 || scope.known_time().nanos() < 0 ||
       scope.known_time().nanos() > 999'999'999)) {
    violations.Add("scope.known_time", "is no valid Timestamp: 0001 to 9999, nanos 0 to 999999999");
  }
  if (scope.known_at_case() == v1::ReadScope::kKnownListVersion) {
    const std::string& source = scope.known_list_version();
    if (const std::string problem = domain::DescribeNameProblem(source); !problem.empty()) {
      violations.Add("scope.known_list_version", absl::StrCat(base::Quoted(source), " ", problem));
    } else if (domain::KindOfName(source) != v1::RECORD_KIND_SOURCE) {
      violations.Add("scope.known_list_version", "is not of sources");
    }
  }
  if (!violations.empty()) return violations.ToStatus();
  if (!scope.valid_date().empty()) {
    if (const auto date = domain::ParseValidDate(scope.valid_date()); !date.ok()) {
      return date.status();
    }
  }
  const int64_t head = index_.head();
  if (scope.min_revision() > head) return ReplicaBehind(scope.min_revision(), head);
  absl::StatusOr<int64_t> revision = head;
  switch (scope.known_at_case()) {
    case v1::ReadScope::kKnownRevision:
      revision = scope.known_revision();
      break;
    case v1::ReadScope::kKnownTime:
      revision = FindRevisionAt(absl::FromUnixSeconds(scope.known_time().seconds()) +
                                absl::Nanoseconds(scope.known_time().nanos()));
      break;
    case v1::ReadScope::kKnownListVersion:
      revision = FindListRevision(scope.known_list_version());
      break;
    default:
      break;
  }
  if (!revision.ok()) return revision.status();
  return OpenAt(*revision, scope.valid_date());
}

absl::StatusOr<ReadView> Reader::OpenAt(int64_t revision, const std::string& valid_date) const {
  auto pin = PinAt(revision);
  if (!pin.ok()) return pin.status();
  pin->set_valid_date(valid_date);
  return ReadView(local_, index_, *std::move(pin));
}

absl::StatusOr<v1::Pin> Reader::PinAt(int64_t revision) const {
  if (revision > head()) return RevisionInFuture("scope.known_revision", revision, head());
  if (revision < local_.oldest()) return RevisionExpired(revision, local_.oldest());
  {
    absl::MutexLock lock(&mutex_);
    if (revision > 0 && last_pin_.revision() == revision) return last_pin_;
  }
  v1::Pin pin;
  pin.set_store_id(local_.identity().store_id);
  pin.set_revision(revision);
  if (revision == 0) return pin;
  bool parsed = false;
  const absl::Status status =
      local_.ReadHeader(revision, [&](absl::string_view header, absl::string_view hash) {
        const auto micros = static_cast<int64_t>(base::FindVarintField(
            header, storage::v1::CommitHeader::kCommitTimeUsFieldNumber));
        base::SetTimestamp(micros, *pin.mutable_revision_time());
        pin.set_journal_hash(std::string(hash));
        parsed = micros != 0;
      });
  if (!status.ok()) return status;
  if (!parsed) return journal::DataCorrupt(absl::StrCat("commit ", revision), "its header");
  absl::MutexLock lock(&mutex_);
  if (revision > last_pin_.revision()) last_pin_ = pin;
  return pin;
}

absl::StatusOr<std::string> Reader::FindVersion(absl::string_view name, int64_t revision) const {
  const auto version = local_.Find(name, revision);
  if (!version.ok()) return version.status();
  if (!*version) return std::string();
  return local_.ReadChange((*version)->revision, (*version)->ordinal);
}

absl::StatusOr<int64_t> Reader::CommitMicros(int64_t revision) const {
  int64_t micros = 0;
  const absl::Status status =
      local_.ReadHeader(revision, [&](absl::string_view header, absl::string_view) {
        micros = static_cast<int64_t>(base::FindVarintField(
            header, storage::v1::CommitHeader::kCommitTimeUsFieldNumber));
      });
  if (!status.ok()) return status;
  return micros;
}

// Commit times rise with revisions, so they can be searched by halves.
absl::StatusOr<int64_t> Reader::FindRevisionAt(absl::Time time) const {
  int64_t low = local_.oldest();  // at most `time`, as far as is held
  int64_t high = head() + 1;
  while (low + 1 < high) {
    const int64_t middle = low + (high - low) / 2;
    const auto micros = CommitMicros(middle);
    if (!micros.ok()) return micros.status();
    (absl::FromUnixMicros(*micros) <= time ? low : high) = middle;
  }
  if (low > 0 && low == local_.oldest()) {
    // What stood before the oldest revision is not held.
    const auto micros = CommitMicros(low);
    if (!micros.ok()) return micros.status();
    if (absl::FromUnixMicros(*micros) > time) return RevisionExpired(0, low);
  }
  return low;
}

absl::StatusOr<int64_t> Reader::FindListRevision(const std::string& source) const {
  const auto view = OpenAt(head());
  if (!view.ok()) return view.status();
  bool known = false;
  bool is_version = false;
  int64_t first_whole = 0;
  bool expired = false;
  absl::Status parsed;
  const absl::Status read =
      view->History(source, head() + 1, [&](int64_t revision, std::string framed) {
        known = true;
        const FoundRecord found{source, "", std::move(framed)};
        if (found.record_bytes().empty()) return true;  // a tombstone
        const auto record = found.Parse();
        if (!record.ok()) {
          parsed = record.status();
          return false;
        }
        is_version = is_version || record->source().has_list_version();
        if (record->source().has_list_version() && !record->source().coverages().empty()) {
          first_whole = revision;
          // An older version may have been whole, too, and is no longer held.
          expired = revision <= local_.oldest() && record->create_revision() < revision;
        }
        return true;
      });
  if (!parsed.ok()) return parsed;
  if (!read.ok()) return read;
  if (!known) return RecordNotFound(source);
  if (!is_version) {
    base::Violations violations;
    violations.Add("scope.known_list_version",
                   absl::StrCat(source, " is no version of a list: it has no list_version"));
    return violations.ToStatus();
  }
  if (first_whole == 0) return ListVersionIncomplete(source);
  if (expired) return RevisionExpired(first_whole, local_.oldest());
  return first_whole;
}

}  // namespace communique::store
