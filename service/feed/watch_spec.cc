#include "service/feed/watch_spec.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/feed/errors.h"
#include "service/feed/resume_token.h"
#include "service/store/errors.h"

namespace communique::feed {
namespace {

void CheckFields(const v1::WatchRequest& request, WatchSpec& spec, WatchQuery& query,
                 base::Violations& violations) {
  if (request.has_shard()) {
    const v1::Shard& shard = request.shard();
    if (shard.count() < 1 || shard.count() > base::kMaxShards) {
      violations.Add("shard.count", absl::StrCat("is 1 to ", base::kMaxShards));
    } else if (shard.index() < 0 || shard.index() >= shard.count()) {
      violations.Add("shard.index", "is 0 to count - 1");
    } else {
      query.shard_index = static_cast<uint64_t>(shard.index());
      query.shard_count = static_cast<uint64_t>(shard.count());
    }
  }
  spec.checkpoint_interval = base::kDefaultCheckpointInterval;
  if (request.has_checkpoint_interval()) {
    spec.checkpoint_interval = absl::Seconds(request.checkpoint_interval().seconds()) +
                               absl::Nanoseconds(request.checkpoint_interval().nanos());
    if (spec.checkpoint_interval < base::kMinCheckpointInterval ||
        spec.checkpoint_interval > base::kMaxCheckpointInterval) {
      violations.Add("checkpoint_interval",
                     absl::StrCat("is ", absl::FormatDuration(base::kMinCheckpointInterval),
                                  " to ", absl::FormatDuration(base::kMaxCheckpointInterval)));
    }
  }
  if (request.start_case() == v1::WatchRequest::kStartRevision && request.start_revision() < 0) {
    violations.Add("start_revision", "is negative");
  }
  if (request.start_case() == v1::WatchRequest::kSnapshot && !request.snapshot()) {
    violations.Add("snapshot", "must be true; for changes only use now");
  }
  if (request.start_case() == v1::WatchRequest::kNow && !request.now()) {
    violations.Add("now", "must be true");
  }
  if (request.until_case() == v1::WatchRequest::kUntilHead && !request.until_head()) {
    violations.Add("until_head", "must be true");
  }
  if (request.until_case() == v1::WatchRequest::kUntilRevision && request.until_revision() < 0) {
    violations.Add("until_revision", "is negative");
  }
  if (!request.scope().valid_date().empty()) {
    violations.Add("scope.valid_date", "is for reads: a watch sends records as they are stored");
  }
  if (request.scope().min_revision() < 0) violations.Add("scope.min_revision", "is negative");
  if (request.start_case() != v1::WatchRequest::kSnapshot &&
      request.scope().known_at_case() != v1::ReadScope::KNOWN_AT_NOT_SET) {
    violations.Add("scope.known_at", "is for snapshots only");
  }
}

absl::Status ApplyToken(const std::string& text, const store::Reader& reader, int64_t head,
                        WatchSpec& spec) {
  const auto token = ParseResumeToken(text);
  if (!token.ok()) return token.status();
  const journal::Identity& identity = reader.identity();
  if (token->store_id != identity.store_id) return ResumeTokenMismatch("another store");
  if (token->epoch != identity.epoch) return ResumeTokenEpoch(token->epoch, identity.epoch);
  if (token->query != spec.hold->filter().query_hash())
    return ResumeTokenMismatch("another filter or shard");
  const int64_t revision =
      token->snapshot_revision > 0 ? token->snapshot_revision : token->revision;
  if (revision > head) return store::RevisionInFuture("resume_token", revision, head);
  if (revision < reader.oldest()) return ResumeTokenExpired(revision, reader.oldest());
  spec.start_revision = revision;
  if (token->snapshot_revision > 0) {
    auto view = reader.OpenAt(token->snapshot_revision);
    if (!view.ok()) return view.status();
    spec.snapshot = std::make_unique<SnapshotStart>(
        SnapshotStart{*std::move(view), token->snapshot_name});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WatchSpec> ResolveWatch(const v1::WatchRequest& request, const store::Reader& reader,
                                       int64_t head, SharedFilters& filters,
                                       const std::string& principal) {
  WatchSpec spec;
  WatchQuery query;
  base::Violations violations;
  CheckFields(request, spec, query, violations);
  if (!violations.empty()) return violations.ToStatus();
  auto filter = query::Filter::Parse(request.filter());
  if (!filter.ok()) return filter.status();
  query.filter = *std::move(filter);
  query.text = request.filter();
  auto hold = filters.Get(std::move(query), principal);
  if (!hold.ok()) return hold.status();
  spec.hold = *std::move(hold);
  switch (request.start_case()) {
    case v1::WatchRequest::kResumeToken:
      if (absl::Status status = ApplyToken(request.resume_token(), reader, head, spec);
          !status.ok()) {
        return status;
      }
      break;
    case v1::WatchRequest::kStartRevision:
      spec.start_revision = request.start_revision();
      if (spec.start_revision > head) {
        return store::RevisionInFuture("start_revision", spec.start_revision, head);
      }
      if (spec.start_revision < reader.oldest()) {
        return ResumeTokenExpired(spec.start_revision, reader.oldest());
      }
      break;
    case v1::WatchRequest::kSnapshot: {
      auto view = request.scope().known_at_case() == v1::ReadScope::KNOWN_AT_NOT_SET
                      ? reader.OpenAt(head)
                      : reader.Open(request.scope());
      if (!view.ok()) return view.status();
      spec.start_revision = view->revision();
      spec.snapshot = std::make_unique<SnapshotStart>(SnapshotStart{*std::move(view), ""});
      break;
    }
    case v1::WatchRequest::kNow:
    case v1::WatchRequest::START_NOT_SET:
      spec.start_revision = head;
      break;
  }
  if (request.until_case() == v1::WatchRequest::kUntilHead) {
    spec.until_revision = std::max(head, spec.start_revision);
  } else if (request.until_case() == v1::WatchRequest::kUntilRevision) {
    spec.until_revision = request.until_revision();
    if (*spec.until_revision < spec.start_revision) {
      violations.Add("until_revision", absl::StrCat("lies before the start, revision ",
                                                    spec.start_revision));
      return violations.ToStatus();
    }
  }
  return spec;
}

}  // namespace communique::feed
