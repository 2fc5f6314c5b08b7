#include "tests/guarantees/checker.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "communique/storage/v1/journal.pb.h"

namespace communique::guarantees {
namespace {

template <typename... Parts>
absl::Status Broken(absl::string_view promise, const Parts&... parts) {
  return absl::FailedPreconditionError(absl::StrCat(promise, ": ", parts...));
}

bool IsSnapshot(const v1::WatchResponse& response) { return response.has_snapshot(); }

// The wanted changes of each revision, as they were streamed.
std::map<int64_t, std::vector<v1::Change>> Streamed(const Recording& recording) {
  std::map<int64_t, std::vector<v1::Change>> result;
  for (const Received& received : recording) {
    if (IsSnapshot(received.response)) continue;
    for (const v1::Change& change : received.response.changes()) {
      result[change.revision()].push_back(change);
    }
  }
  return result;
}

std::vector<const v1::Change*> WantedChanges(const std::vector<v1::Change>& changes,
                                             const Wanted& wanted) {
  std::vector<const v1::Change*> result;
  for (const v1::Change& change : changes) {
    if (wanted(change.name())) result.push_back(&change);
  }
  return result;
}

bool SameChanges(const std::vector<v1::Change>& streamed,
                 const std::vector<const v1::Change*>& expected) {
  if (streamed.size() != expected.size()) return false;
  for (size_t i = 0; i < streamed.size(); ++i) {
    if (streamed[i].SerializeAsString() != expected[i]->SerializeAsString()) return false;
  }
  return true;
}

}  // namespace

absl::Status ReadHistory(const journal::LocalStore& store, History& history) {
  history.clear();
  absl::Status result;
  std::string previous_hash;
  int64_t previous_us = 0;
  const absl::Status read = store.ReadCommits(0, [&](const journal::StoredCommit& commit) {
    if (commit.revision != static_cast<int64_t>(history.size()) + 1) {
      result = Broken("Journal", "revision ", commit.revision, " follows ", history.size());
      return false;
    }
    const std::string hash =
        journal::ChainHash(previous_hash, commit.header, commit.framed_changes);
    if (hash != commit.hash) {
      result = Broken("Journal", "the hash of revision ", commit.revision, " does not chain");
      return false;
    }
    previous_hash = hash;
    storage::v1::CommitHeader header;
    header.ParseFromArray(commit.header.data(), static_cast<int>(commit.header.size()));
    if (header.commit_time_us() <= previous_us) {
      result = Broken("Journal", "the time of revision ", commit.revision, " does not rise");
      return false;
    }
    previous_us = header.commit_time_us();
    std::vector<v1::Change>& changes = history[commit.revision];
    for (const absl::string_view framed : commit.framed_changes) {
      const absl::string_view bytes = journal::UnframeChange(framed);
      if (!changes.emplace_back().ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        result = Broken("Journal", "a change of revision ", commit.revision, " does not parse");
        return false;
      }
    }
    return true;
  });
  return result.ok() ? read : result;
}

Selection Select(const History& history, const Matches& matches) {
  Selection selection;
  std::map<std::string, bool> matched;  // of the records that live
  for (const auto& [revision, changes] : history) {
    std::vector<v1::Change>& sent = selection.sent[revision];
    for (const v1::Change& change : changes) {
      const auto before = matched.find(change.name());
      const bool lived = before != matched.end();
      const bool did = lived && before->second;
      const bool does = change.has_record() && matches(change.record());
      if (does || (did && change.has_tombstone())) sent.push_back(change);
      if (does && lived && !did) {
        v1::FilterEntry& entry = selection.entered[revision].emplace_back();
        entry.set_revision(revision);
        entry.set_name(change.name());
      }
      if (did && !does && change.has_record()) {
        v1::FilterLeave& leave = selection.left[revision].emplace_back();
        leave.set_revision(revision);
        leave.set_name(change.name());
        *leave.mutable_kinds() = change.kinds();
      }
      if (change.has_record()) {
        matched[change.name()] = does;
      } else if (lived) {
        matched.erase(before);
      }
    }
  }
  return selection;
}

absl::Status CheckFiltered(const Recording& recording, const Wanted& wanted) {
  for (const Received& received : recording) {
    for (const v1::Change& change : received.response.changes()) {
      if (!wanted(change.name())) {
        return Broken("Filtered", change.name(), " at revision ", change.revision(),
                      " was not asked for");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOrdered(const Recording& recording) {
  int64_t last = 0;
  for (const Received& received : recording) {
    if (IsSnapshot(received.response)) continue;
    for (const v1::Change& change : received.response.changes()) {
      if (change.revision() < last) {
        return Broken("Ordered", "revision ", change.revision(), " came after ", last);
      }
      last = change.revision();
    }
  }
  return absl::OkStatus();
}

absl::Status CheckUnique(const Recording& recording) {
  std::set<std::pair<int64_t, std::string>> seen;
  std::set<std::string> in_snapshot;
  for (const Received& received : recording) {
    for (const v1::Change& change : received.response.changes()) {
      const bool first = IsSnapshot(received.response)
                             ? in_snapshot.insert(change.name()).second
                             : seen.emplace(change.revision(), change.name()).second;
      if (!first) {
        return Broken("Unique", change.name(), " at revision ", change.revision(), " came twice");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAtomic(const Recording& recording, const History& history, const Wanted& wanted) {
  std::set<int64_t> ended;  // revisions of earlier responses
  for (const Received& received : recording) {
    if (IsSnapshot(received.response)) continue;
    std::map<int64_t, size_t> counts;
    for (const v1::Change& change : received.response.changes()) ++counts[change.revision()];
    for (const auto& [revision, count] : counts) {
      if (!ended.insert(revision).second) {
        return Broken("Atomic", "revision ", revision, " is split over responses");
      }
      const auto truth = history.find(revision);
      if (truth == history.end()) return Broken("Atomic", "revision ", revision, " never was");
      const size_t expected = WantedChanges(truth->second, wanted).size();
      if (count != expected) {
        return Broken("Atomic", "revision ", revision, " has ", expected, " wanted changes, ",
                      count, " came");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckReliable(const Recording& recording, const History& history,
                           const Wanted& wanted) {
  int64_t first = -1, last = -1;
  for (const Received& received : recording) {
    const v1::WatchResponse& response = received.response;
    if (IsSnapshot(response) && response.through_revision() == 0) continue;
    if (first < 0) {
      first = IsSnapshot(response) ? response.through_revision() : response.from_revision();
    }
    last = response.through_revision();
  }
  const auto streamed = Streamed(recording);
  for (int64_t revision = first + 1; revision <= last; ++revision) {
    const auto truth = history.find(revision);
    if (truth == history.end()) return Broken("Reliable", "revision ", revision, " never was");
    const auto expected = WantedChanges(truth->second, wanted);
    const auto found = streamed.find(revision);
    if (!SameChanges(found == streamed.end() ? std::vector<v1::Change>() : found->second,
                     expected)) {
      return Broken("Reliable", "revision ", revision, " is not as the journal has it");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckProvable(const Recording& recording, int64_t start) {
  int64_t through = start;
  bool snapshot_open = !recording.empty() && IsSnapshot(recording[0].response);
  std::string name;
  if (snapshot_open) through = 0;
  for (const Received& received : recording) {
    const v1::WatchResponse& response = received.response;
    if (response.from_revision() != through) {
      return Broken("Provable", "a response from ", response.from_revision(),
                    " follows one through ", through);
    }
    if (response.through_revision() < response.from_revision()) {
      return Broken("Provable", "a response goes from ", response.from_revision(), " back to ",
                    response.through_revision());
    }
    if (IsSnapshot(response)) {
      if (!snapshot_open) return Broken("Provable", "a snapshot begins after changes");
      if (response.snapshot().from_name() != name) {
        return Broken("Provable", "a piece from \"", response.snapshot().from_name(),
                      "\" follows one through \"", name, "\"");
      }
      name = response.snapshot().through_name();
      snapshot_open = !name.empty();
    } else if (snapshot_open) {
      return Broken("Provable", "changes come before the snapshot has ended");
    }
    for (const v1::Change& change : response.changes()) {
      if (!IsSnapshot(response) && (change.revision() <= response.from_revision() ||
                                    change.revision() > response.through_revision())) {
        return Broken("Provable", "revision ", change.revision(), " stands in a response from ",
                      response.from_revision(), " through ", response.through_revision());
      }
    }
    through = response.through_revision();
  }
  return absl::OkStatus();
}

absl::Status CheckTold(const Recording& recording, const Selection& selection) {
  std::map<int64_t, std::vector<v1::FilterEntry>> entered;
  std::map<int64_t, std::vector<v1::FilterLeave>> left;
  int64_t first = -1, last = -1;
  for (const Received& received : recording) {
    const v1::WatchResponse& response = received.response;
    const auto take = [&](const auto& told, auto& by_revision) {
      for (const auto& one : told) {
        if (IsSnapshot(response) || one.revision() <= response.from_revision() ||
            one.revision() > response.through_revision()) {
          return false;
        }
        by_revision[one.revision()].push_back(one);
      }
      return true;
    };
    if (!take(response.entered_records(), entered) || !take(response.left_records(), left)) {
      return Broken("Filtered", "who entered or left stands in a response from ",
                    response.from_revision(), " through ", response.through_revision());
    }
    if (IsSnapshot(response)) continue;
    if (first < 0) first = response.from_revision();
    last = response.through_revision();
  }
  for (int64_t revision = first + 1; revision <= last; ++revision) {
    const auto compare = [&](const auto& told, const auto& expected, absl::string_view what) {
      const auto have = told.find(revision);
      const auto want = expected.find(revision);
      const size_t count = have == told.end() ? 0 : have->second.size();
      const size_t wanted = want == expected.end() ? 0 : want->second.size();
      bool same = count == wanted;
      for (size_t i = 0; same && i < count; ++i) {
        same = have->second[i].SerializeAsString() == want->second[i].SerializeAsString();
      }
      return same ? absl::OkStatus()
                  : Broken("Filtered", "at revision ", revision, " ", wanted, " ", what, ", ",
                           count, " were told, or others");
    };
    if (absl::Status status = compare(entered, selection.entered, "entered"); !status.ok()) {
      return status;
    }
    if (absl::Status status = compare(left, selection.left, "left"); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckBookmarkable(const Recording& recording, absl::Duration interval,
                               absl::Duration slack) {
  int64_t promised = 0;
  for (size_t i = 0; i < recording.size(); ++i) {
    const v1::WatchResponse& response = recording[i].response;
    if (recording[i].waited > interval + slack) {
      return Broken("Bookmarkable", "a silence of ", absl::FormatDuration(recording[i].waited),
                    " before revision ", response.through_revision());
    }
    if (response.resume_token().empty()) return Broken("Bookmarkable", "a response has no token");
    if (!IsSnapshot(response)) {
      for (const v1::Change& change : response.changes()) {
        if (change.revision() <= promised) {
          return Broken("Bookmarkable", "revision ", change.revision(), " came after ", promised,
                        " was promised");
        }
      }
    }
    promised = response.through_revision();
  }
  return absl::OkStatus();
}

absl::Status CheckConsistent(const Recording& recording, const History& history,
                             const Wanted& wanted, const Matches& matches) {
  int64_t revision = -1;
  std::map<std::string, std::string> delivered;  // name to change
  for (const Received& received : recording) {
    if (!IsSnapshot(received.response)) continue;
    if (revision >= 0 && received.response.snapshot().revision() != revision) {
      return Broken("Consistent", "pieces of revisions ", revision, " and ",
                    received.response.snapshot().revision());
    }
    revision = received.response.snapshot().revision();
    for (const v1::Change& change : received.response.changes()) {
      delivered[change.name()] = change.SerializeAsString();
    }
  }
  if (revision < 0) return Broken("Consistent", "there is no snapshot");
  std::map<std::string, std::string> state;
  for (const auto& [at, changes] : history) {
    if (at > revision) break;
    for (const v1::Change& change : changes) {
      if (!wanted(change.name())) continue;
      if (change.has_record() && (matches == nullptr || matches(change.record()))) {
        state[change.name()] = change.SerializeAsString();
      } else {
        state.erase(change.name());
      }
    }
  }
  if (delivered != state) {
    return Broken("Consistent", "the snapshot has ", delivered.size(), " records, revision ",
                  revision, " has ", state.size(), ", or they differ");
  }
  bool after = false;
  for (const Received& received : recording) {
    if (IsSnapshot(received.response)) continue;
    if (!after && received.response.from_revision() != revision) {
      return Broken("Consistent", "changes start after ", received.response.from_revision(),
                    ", the snapshot is of ", revision);
    }
    after = true;
  }
  return absl::OkStatus();
}

absl::Status CheckAll(const Recording& recording, const History& history, const Wanted& wanted,
                      int64_t start) {
  for (const absl::Status& status :
       {CheckFiltered(recording, wanted), CheckOrdered(recording), CheckUnique(recording),
        CheckAtomic(recording, history, wanted), CheckReliable(recording, history, wanted),
        CheckProvable(recording, start)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace communique::guarantees
