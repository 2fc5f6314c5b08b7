#include "src/watch_chain.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace communique::internal {

WatchChain::WatchChain(const v1::WatchRequest& request) {
  switch (request.start_case()) {
    case v1::WatchRequest::kStartRevision:
      through_revision_ = request.start_revision();
      break;
    case v1::WatchRequest::kSnapshot:
      in_snapshot_ = request.snapshot();
      through_name_ = "";
      break;
    case v1::WatchRequest::kResumeToken:
      maybe_snapshot_ = true;  // The token may stand within one.
      break;
    case v1::WatchRequest::kNow:
    case v1::WatchRequest::START_NOT_SET:
      break;
  }
}

WatchChain::Verdict WatchChain::Take(const WatchBatch& response) {
  if (response.has_snapshot()) return TakePiece(response);
  if (in_snapshot_ && response.from_revision() == 0 && response.through_revision() == 0 &&
      response.changes().empty() && response.left_records().empty()) {
    moved_ = false;  // A sign of life between two pieces.
    return Verdict::kNext;
  }
  if (in_snapshot_) return Broken("changes came before the snapshot's end");
  return TakeChanges(response);
}

WatchChain::Verdict WatchChain::TakePiece(const WatchBatch& response) {
  const v1::SnapshotPiece& piece = response.snapshot();
  if (!in_snapshot_ && !maybe_snapshot_) return Broken("a piece of a snapshot came among changes");
  if (snapshot_revision_.has_value() && piece.revision() != *snapshot_revision_) {
    return Broken(absl::StrCat("a snapshot at revision ", *snapshot_revision_,
                               " went on at revision ", piece.revision()));
  }
  if (through_name_.has_value() && piece.from_name() != *through_name_) {
    if (!piece.through_name().empty() && piece.through_name() <= *through_name_) {
      return Verdict::kRepeat;
    }
    return Broken(absl::StrCat("a snapshot that stood at \"", *through_name_, "\" went on at \"",
                               piece.from_name(), "\""));
  }
  for (const WatchedChange& change : response.changes()) {
    if (change.revision() > piece.revision()) {
      return Broken(absl::StrCat(change.name(), " of revision ", change.revision(),
                                 " in a snapshot at revision ", piece.revision()));
    }
  }
  const bool last = response.Has(v1::WATCH_MARK_SNAPSHOT_END);
  if (last && response.through_revision() != piece.revision()) {
    return Broken(absl::StrCat("a snapshot at revision ", piece.revision(), " ended at revision ",
                               response.through_revision()));
  }
  maybe_snapshot_ = false;
  in_snapshot_ = !last;
  if (last) {
    through_revision_ = piece.revision();
    snapshot_revision_.reset();
    through_name_.reset();
  } else {
    snapshot_revision_ = piece.revision();
    through_name_ = piece.through_name();
  }
  moved_ = true;
  return Verdict::kNext;
}

WatchChain::Verdict WatchChain::TakeChanges(const WatchBatch& response) {
  const std::int64_t from = response.from_revision();
  const std::int64_t through = response.through_revision();
  if (through < from) {
    return Broken(absl::StrCat("a response from revision ", from, " through ", through));
  }
  if (through_revision_.has_value() && from != *through_revision_) {
    if (from < *through_revision_ && through <= *through_revision_) return Verdict::kRepeat;
    return Broken(absl::StrCat("a watch that stood at revision ", *through_revision_,
                               " went on at revision ", from));
  }
  std::int64_t previous = from + 1;
  for (const WatchedChange& change : response.changes()) {
    if (change.revision() < previous || change.revision() > through) {
      return Broken(absl::StrCat("revision ", change.revision(), " out of its place in a response ",
                                 "from revision ", from, " through ", through));
    }
    previous = change.revision();
  }
  maybe_snapshot_ = false;
  moved_ = !through_revision_.has_value() || through > *through_revision_;
  through_revision_ = through;
  return Verdict::kNext;
}

WatchChain::Verdict WatchChain::Broken(std::string problem) {
  problem_ = std::move(problem);
  return Verdict::kBroken;
}

}  // namespace communique::internal
