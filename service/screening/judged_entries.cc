#include "service/screening/judged_entries.h"

#include <deque>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "service/screening/limits.h"
#include "service/screening/matches.h"
#include "service/screening/references.h"
#include "service/store/errors.h"

namespace communique::screening {
namespace {

// What is judged of one pair, whoever wrote it down.
struct Verdicts {
  bool same = false;
  bool unsure = false;
  bool different = false;
  std::string judged_by;  // of those that say the same

  void Add(const v1::IdentityJudgement& judgement) {
    same |= judgement.verdict() == v1::IDENTITY_VERDICT_SAME;
    unsure |= judgement.verdict() == v1::IDENTITY_VERDICT_UNSURE;
    different |= judgement.verdict() == v1::IDENTITY_VERDICT_DIFFERENT;
    if (judgement.verdict() == v1::IDENTITY_VERDICT_SAME && judged_by.empty()) {
      judged_by = judgement.judged_by();
    }
  }
};

// By the name of the other, after merges.
using Pairs = absl::btree_map<std::string, Verdicts>;

class Gatherer {
 public:
  Gatherer(const store::ReadView& view, const store::Merges& merges)
      : view_(view), merges_(merges), references_(view) {}

  absl::StatusOr<std::vector<Entry>> Run(const std::string& name) {
    if (absl::Status status = Take({name, true, ""}); !status.ok()) return status;
    // What is certain first, so that no entry is taken for less than it is.
    while (!certain_.empty() || !possible_.empty()) {
      std::deque<Step>& steps = certain_.empty() ? possible_ : certain_;
      const Step step = std::move(steps.front());
      steps.pop_front();
      if (absl::Status status = Take(step); !status.ok()) return status;
    }
    return std::move(entries_);
  }

 private:
  // An entry that is to be looked at.
  struct Step {
    std::string name;
    bool certain = true;
    std::string judged;
  };

  absl::Status Take(const Step& step) {
    if (taken_.contains(step.name)) return absl::OkStatus();
    const auto found = view_.Get(step.name);
    if (!found.ok()) return found.status();
    if (!taken_.insert(found->name).second) return absl::OkStatus();
    if (entries_.size() == kMaxJudgedEntries) {
      return store::SizeLimit(entries_[0].name, "entries that are judged the same",
                              kMaxJudgedEntries + 1, kMaxJudgedEntries);
    }
    const auto record = found->Parse();
    if (!record.ok()) return record.status();
    std::vector<std::string> names = merges_.NamesOf(found->name);
    const auto pairs = PairsOf(*record, names);
    if (!pairs.ok()) return pairs.status();
    if (entries_.empty()) of_first_ = *pairs;
    entries_.push_back({record->name(), record->actor().display_name(), record->actor().type(),
                        record->revision(), std::move(names), step.certain, step.judged});
    for (const auto& [other, verdicts] : *pairs) Follow(record->name(), step, other, verdicts);
    return absl::OkStatus();
  }

  void Follow(const std::string& from, const Step& step, const std::string& other,
              const Verdicts& verdicts) {
    if (!verdicts.same && !verdicts.unsure) return;
    const auto first = of_first_.find(other);
    const bool disputed = verdicts.unsure || verdicts.different ||
                          (first != of_first_.end() && first->second.different);
    const bool certain = step.certain && !disputed;
    const std::string judged =
        absl::StrCat(disputed ? "not surely " : "", "judged the same as ", from,
                     verdicts.judged_by.empty() ? "" : absl::StrCat(" by ", verdicts.judged_by));
    (certain ? certain_ : possible_).push_back({other, certain, judged});
  }

  // What the record judges, and what others judge of it.
  absl::StatusOr<Pairs> PairsOf(const v1::Record& record, const std::vector<std::string>& names) {
    Pairs pairs;
    for (const auto& judgement : record.actor().identity_judgements()) {
      const auto other = references_.NameOf(judgement.other());
      if (!other.ok()) return other.status();
      if (!other->empty() && *other != record.name()) pairs[*other].Add(judgement);
    }
    const absl::Status status =
        ForEachOf(view_, v1::RECORD_KIND_ACTOR, {"identity_judgements.other.target"}, names,
                  [&](const v1::Record& judging) {
                    for (const auto& judgement : judging.actor().identity_judgements()) {
                      if (judging.name() != record.name() &&
                          absl::c_linear_search(names, judgement.other().target())) {
                        pairs[judging.name()].Add(judgement);
                      }
                    }
                    return absl::OkStatus();
                  });
    if (!status.ok()) return status;
    return pairs;
  }

  const store::ReadView& view_;
  const store::Merges& merges_;
  References references_;
  std::vector<Entry> entries_;
  absl::flat_hash_set<std::string> taken_;
  std::deque<Step> certain_, possible_;
  Pairs of_first_;
};

}  // namespace

absl::StatusOr<std::vector<Entry>> JudgedEntries(const store::ReadView& view,
                                                 const store::Merges& merges,
                                                 const std::string& name) {
  return Gatherer(view, merges).Run(name);
}

}  // namespace communique::screening
