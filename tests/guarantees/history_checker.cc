#include "tests/guarantees/history_checker.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace communique::guarantees {
namespace {

using Outcome = CommitOperation::Outcome;

template <typename... Parts>
absl::Status Broken(const Parts&... parts) {
  return absl::FailedPreconditionError(absl::StrCat(parts...));
}

std::vector<RecordEffect> ByName(std::vector<RecordEffect> effects) {
  std::sort(effects.begin(), effects.end(),
            [](const RecordEffect& a, const RecordEffect& b) { return a.name < b.name; });
  return effects;
}

bool HasPayload(const JournalCommit& commit, const CommitOperation& operation) {
  return ByName(commit.effects) == ByName(operation.effects);
}

// Revisions by the time at which they were known to somebody; asked for times
// that rise.
class Floor {
 public:
  void Add(absl::Time time, int64_t revision) { known_.emplace_back(time, revision); }
  void Sort() { std::sort(known_.begin(), known_.end()); }
  // The greatest revision that was known before `time`.
  int64_t Before(absl::Time time) {
    for (; next_ < known_.size() && known_[next_].first < time; ++next_) {
      floor_ = std::max(floor_, known_[next_].second);
    }
    return floor_;
  }

 private:
  std::vector<std::pair<absl::Time, int64_t>> known_;
  size_t next_ = 0;
  int64_t floor_ = 0;
};

template <typename Operation>
std::vector<const Operation*> ByBegin(const std::vector<Operation>& operations) {
  std::vector<const Operation*> sorted;
  for (const Operation& operation : operations) sorted.push_back(&operation);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->begin < b->begin; });
  return sorted;
}

// The revisions that a trim may have taken, both exclusive.
struct Span {
  int64_t after = 0;
  int64_t before = std::numeric_limits<int64_t>::max();
};

std::vector<Span> SpansOf(const std::vector<TrimOperation>& trims,
                          const std::vector<CommitOperation>& commits) {
  std::vector<Span> spans;
  for (const TrimOperation& trim : trims) {
    Span span;
    span.after = trim.oldest;  // at most the head at that time
    for (const CommitOperation& commit : commits) {
      if (commit.outcome != Outcome::kAcknowledged) continue;
      if (commit.end < trim.begin) span.after = std::max(span.after, commit.revision);
      if (commit.begin > trim.end) span.before = std::min(span.before, commit.revision);
    }
    spans.push_back(span);
  }
  return spans;
}

}  // namespace

absl::Status CheckDense(const Journal& journal, const std::vector<CommitOperation>& commits,
                        const std::vector<TrimOperation>& trims) {
  std::vector<Span> spans = SpansOf(trims, commits);
  int64_t expected = 0;
  size_t empty = 0;
  for (const JournalCommit& commit : journal.commits) {
    if (commit.revision != ++expected) {
      return Broken("revision ", commit.revision, " stands where ", expected, " belongs");
    }
    if (!commit.effects.empty()) continue;
    ++empty;
    // Of the trims that may stand here, the one that ends first.
    auto best = spans.end();
    for (auto span = spans.begin(); span != spans.end(); ++span) {
      if (span->after >= commit.revision || span->before <= commit.revision) continue;
      if (best == spans.end() || span->before < best->before) best = span;
    }
    if (best == spans.end()) {
      return Broken("revision ", commit.revision, " has no changes and is no trim");
    }
    spans.erase(best);
  }
  const auto answered =
      static_cast<size_t>(std::count_if(trims.begin(), trims.end(), [](const TrimOperation& trim) {
        return trim.end != absl::InfiniteFuture();
      }));
  if (empty < answered) {
    return Broken(answered, " trims were answered, ", empty, " are in the journal");
  }
  return absl::OkStatus();
}

absl::Status CheckAcknowledged(const Journal& journal,
                               const std::vector<CommitOperation>& commits) {
  std::map<int64_t, const CommitOperation*> answered;
  for (const CommitOperation& operation : commits) {
    if (operation.outcome != Outcome::kAcknowledged) continue;
    const auto [other, first] = answered.emplace(operation.revision, &operation);
    if (!first) {
      return Broken("commits ", other->second->id, " and ", operation.id,
                    " were both acknowledged at revision ", operation.revision);
    }
    const JournalCommit* commit = journal.At(operation.revision);
    if (commit == nullptr) {
      return Broken("commit ", operation.id, " was acknowledged at revision ", operation.revision,
                    ", which is not there");
    }
    if (commit->operation != operation.id) {
      return Broken("commit ", operation.id, " was acknowledged at revision ", operation.revision,
                    ", where \"", commit->operation, "\" stands");
    }
    if (!HasPayload(*commit, operation)) {
      return Broken("commit ", operation.id, " at revision ", operation.revision,
                    " stands with another payload");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOnlyOnce(const Journal& journal, const std::vector<CommitOperation>& commits) {
  std::unordered_map<std::string, const CommitOperation*> known;
  for (const CommitOperation& operation : commits) known[operation.id] = &operation;
  std::unordered_map<std::string, int64_t> stands;
  for (const JournalCommit& commit : journal.commits) {
    if (commit.effects.empty()) continue;
    const auto operation = known.find(commit.operation);
    if (operation == known.end()) {
      return Broken("revision ", commit.revision, " was written by nobody");
    }
    const auto [first, is_first] = stands.emplace(commit.operation, commit.revision);
    if (!is_first) {
      return Broken("commit ", commit.operation, " stands twice, at revisions ", first->second,
                    " and ", commit.revision);
    }
    if (operation->second->outcome == Outcome::kRefused) {
      return Broken("commit ", commit.operation, " was refused and stands at revision ",
                    commit.revision);
    }
    if (!HasPayload(commit, *operation->second)) {
      return Broken("commit ", commit.operation, " at revision ", commit.revision,
                    " stands with another payload");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRealTime(const std::vector<CommitOperation>& commits) {
  Floor returned;
  for (const CommitOperation& operation : commits) {
    if (operation.outcome == Outcome::kAcknowledged) {
      returned.Add(operation.end, operation.revision);
    }
  }
  returned.Sort();
  for (const CommitOperation* operation : ByBegin(commits)) {
    const int64_t floor = returned.Before(operation->begin);
    if (operation->outcome == Outcome::kAcknowledged && operation->revision <= floor) {
      return Broken("commit ", operation->id, " took revision ", operation->revision,
                    " and began after revision ", floor, " was acknowledged");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckConditions(const Journal& journal, const std::vector<CommitOperation>& commits) {
  std::unordered_map<std::string, const CommitOperation*> conditional;
  for (const CommitOperation& operation : commits) {
    if (!operation.conditions.empty()) conditional[operation.id] = &operation;
  }
  std::unordered_map<std::string, int64_t> alive;  // the revision that wrote what stands
  for (const JournalCommit& commit : journal.commits) {
    const auto operation = conditional.find(commit.operation);
    if (operation != conditional.end()) {
      for (const Condition& condition : operation->second->conditions) {
        const auto found = alive.find(condition.name);
        const bool holds = condition.kind == Condition::Kind::kExists ? found != alive.end()
                           : condition.kind == Condition::Kind::kAbsent
                               ? found == alive.end()
                               : found != alive.end() && found->second == condition.revision;
        if (!holds) {
          return Broken("a condition of commit ", commit.operation,
                        " did not hold before revision ", commit.revision);
        }
      }
    }
    for (const RecordEffect& effect : commit.effects) {
      if (effect.alive) {
        alive[effect.name] = commit.revision;
      } else {
        alive.erase(effect.name);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckReads(const Journal& journal, const std::vector<CommitOperation>& commits,
                        const std::vector<ReadOperation>& reads) {
  // Of each name: which revisions wrote it, and whether it was there afterwards.
  std::unordered_map<std::string, std::map<int64_t, bool>> versions;
  for (const JournalCommit& commit : journal.commits) {
    for (const RecordEffect& effect : commit.effects) {
      versions[effect.name][commit.revision] = effect.alive;
    }
  }
  Floor completed;
  for (const CommitOperation& operation : commits) {
    if (operation.outcome == Outcome::kAcknowledged) {
      completed.Add(operation.end, operation.revision);
    }
  }
  for (const ReadOperation& read : reads) completed.Add(read.end, read.pin);
  completed.Sort();
  for (const ReadOperation* read : ByBegin(reads)) {
    const int64_t floor = completed.Before(read->begin);
    if (read->pin < floor) {
      return Broken("a read is as of revision ", read->pin, " and began after revision ", floor,
                    " was known");
    }
    if (read->pin > journal.head()) {
      return Broken("a read is as of revision ", read->pin, ", which is not there");
    }
    const std::map<int64_t, bool>& of_name = versions[read->name];
    const auto after = of_name.upper_bound(read->pin);
    int64_t expected = 0;
    if (after != of_name.begin() && std::prev(after)->second) expected = std::prev(after)->first;
    if (read->revision != expected) {
      return Broken("a read of ", read->name, " as of revision ", read->pin, " answered version ",
                    read->revision, ", version ", expected, " stood");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLinearizable(const Journal& journal, const std::vector<CommitOperation>& commits,
                               const std::vector<ReadOperation>& reads,
                               const std::vector<TrimOperation>& trims) {
  for (const absl::Status& status :
       {CheckDense(journal, commits, trims), CheckAcknowledged(journal, commits),
        CheckOnlyOnce(journal, commits), CheckRealTime(commits), CheckConditions(journal, commits),
        CheckReads(journal, commits, reads)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ChainChecker::Take(const journal::StoredCommit& commit) {
  const bool first = revision_ == 0;
  if (!first && commit.revision != revision_ + 1) {
    return Broken("revision ", commit.revision, " follows ", revision_);
  }
  if ((!first || commit.revision == 1) &&
      journal::ChainHash(hash_, commit.header, commit.framed_changes) != commit.hash) {
    return Broken("the hash of revision ", commit.revision, " does not chain");
  }
  revision_ = commit.revision;
  hash_ = std::string(commit.hash);
  return absl::OkStatus();
}

}  // namespace communique::guarantees
