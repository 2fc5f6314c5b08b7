#include "service/screening/sanction_rows.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/base/error.h"
#include "service/domain/day_span.h"
#include "service/domain/fuzzy_time.h"
#include "service/domain/names.h"
#include "service/domain/valid_states.h"
#include "service/screening/matches.h"

namespace communique::screening {
namespace {

// The less sure of two: YES, POSSIBLY, NO.
v1::Holds Least(v1::Holds a, v1::Holds b) { return std::max(a, b); }

v1::Holds SurenessOf(const Entry& entry) {
  return entry.certain ? v1::HOLDS_YES : v1::HOLDS_POSSIBLY;
}

const Entry* EntryOf(const std::vector<Entry>& entries, const std::string& name) {
  const auto found = absl::c_find_if(
      entries, [&](const Entry& entry) { return absl::c_linear_search(entry.names, name); });
  return found == entries.end() ? nullptr : &*found;
}

// How far something speaks for the claim, and what has to be said of it.
struct Bearing {
  v1::Holds holds = v1::HOLDS_YES;
  std::vector<std::string> remarks;

  void Weaken(v1::Holds at_most, std::string remark) {
    holds = Least(holds, at_most);
    remarks.push_back(std::move(remark));
  }
};

class Finder {
 public:
  Finder(const store::ReadView& view, References& references, const SanctionQuestion& question)
      : view_(view), references_(references), question_(question) {}

  absl::StatusOr<SanctionRows> Run() {
    std::vector<std::string> names;
    for (const Entry& target : question_.targets) {
      names.insert(names.end(), target.names.begin(), target.names.end());
    }
    const absl::Status status = ForEachOf(
        view_, v1::RECORD_KIND_SANCTION, {"designation.actor.target", "measure.targets.target"},
        names, [this](const v1::Record& record) {
          return record.sanction().has_measure() ? AddMeasure(record) : AddDesignation(record);
        });
    if (!status.ok()) return status;
    absl::c_sort(found_.rows, [](const v1::VerificationRow& a, const v1::VerificationRow& b) {
      return std::tuple(a.holds(), a.reference().target()) <
             std::tuple(b.holds(), b.reference().target());
    });
    return std::move(found_);
  }

 private:
  absl::Status AddDesignation(const v1::Record& record) {
    const v1::Designation& designation = record.sanction().designation();
    Bearing bearing;
    BearTarget(designation.actor().target(), bearing);
    if (absl::Status status = BearAuthority(designation.authority(), designation.regime(), bearing);
        !status.ok()) {
      return status;
    }
    if (absl::Status status = BearRegime(designation.regime(), bearing); !status.ok()) {
      return status;
    }
    if (bearing.holds == v1::HOLDS_NO) return absl::OkStatus();
    for (const v1::ListingInterval& interval : designation.intervals()) {
      Bearing of_interval = bearing;
      of_interval.holds = Least(bearing.holds, domain::ListedOn(interval, question_.date));
      if (interval.suspended() && of_interval.holds != v1::HOLDS_NO) {
        of_interval.remarks.push_back("the listing is suspended");
      }
      Add(v1::VERIFICATION_ROW_KIND_DESIGNATION, record, interval.id(), TimeOf(interval),
          ListingWords(designation, interval), of_interval);
    }
    if (designation.intervals().empty()) {
      bearing.Weaken(v1::HOLDS_POSSIBLY, "it does not say when");
      Add(v1::VERIFICATION_ROW_KIND_DESIGNATION, record, "", {}, EntryWords(designation), bearing);
    }
    return absl::OkStatus();
  }

  absl::Status AddMeasure(const v1::Record& record) {
    const v1::Measure& measure = record.sanction().measure();
    const auto bearing = BearingOf(measure);
    if (!bearing.ok()) return bearing.status();
    if (bearing->holds == v1::HOLDS_NO) return absl::OkStatus();
    Bearing at_date = *bearing;
    const domain::DaySpan span = domain::DaySpanOf(measure.in_force_time());
    at_date.holds = Least(bearing->holds, domain::HoldsOn(question_.date, span));
    const auto regime = references_.Follow(measure.regime());
    if (!regime.ok()) return regime.status();
    if (*regime != nullptr && (*regime)->sanction().regime().has_in_force_time()) {
      const v1::FuzzyTime& time = (*regime)->sanction().regime().in_force_time();
      const v1::Holds holds = domain::HoldsOn(question_.date, domain::DaySpanOf(time));
      if (holds != v1::HOLDS_YES) {
        at_date.Weaken(holds, absl::StrCat("its regime is in force ", TimeWords(time)));
      }
    }
    Add(v1::VERIFICATION_ROW_KIND_MEASURE, record, "", measure.in_force_time(),
        absl::StrCat("in force ", TimeWords(measure.in_force_time())), at_date);
    return absl::OkStatus();
  }

  absl::StatusOr<Bearing> BearingOf(const v1::Measure& measure) {
    // Of several of its targets that are the one asked about, the surest counts.
    Bearing best;
    best.holds = v1::HOLDS_NO;
    for (const v1::Reference& target : measure.targets()) {
      Bearing bearing;
      BearTarget(target.target(), bearing);
      if (bearing.holds < best.holds) best = std::move(bearing);
    }
    if (absl::Status status = BearAuthority({}, measure.regime(), best); !status.ok()) {
      return status;
    }
    if (absl::Status status = BearRegime(measure.regime(), best); !status.ok()) return status;
    return best;
  }

  void BearTarget(const std::string& target, Bearing& bearing) const {
    const Entry* entry = EntryOf(question_.targets, target);
    if (entry == nullptr) {
      bearing.holds = v1::HOLDS_NO;
    } else if (!entry->judged.empty()) {
      bearing.Weaken(SurenessOf(*entry),
                     absl::StrCat("it names ", entry->name, ", ", entry->judged));
    }
  }

  // `own` is what the designation itself says; measures say nothing.
  absl::Status BearAuthority(const v1::Reference& own, const v1::Reference& regime_reference,
                             Bearing& bearing) {
    const auto name = references_.NameOf(own);
    if (!name.ok()) return name.status();
    const auto regime = references_.Follow(regime_reference);
    if (!regime.ok()) return regime.status();
    std::string of_regime;
    if (*regime != nullptr) {
      auto resolved = references_.NameOf((*regime)->sanction().regime().authority());
      if (!resolved.ok()) return resolved.status();
      of_regime = *std::move(resolved);
    }
    const std::string& whose = name->empty() ? of_regime : *name;
    if (whose.empty()) {
      const std::string words =
          own.text().empty() ? "" : absl::StrCat(": ", base::Quoted(own.text()));
      bearing.Weaken(v1::HOLDS_POSSIBLY, absl::StrCat("whose it is, is not resolved", words));
      return absl::OkStatus();
    }
    if (const Entry* authority = EntryOf(question_.authorities, whose)) {
      if (!authority->judged.empty()) {
        bearing.Weaken(SurenessOf(*authority),
                       absl::StrCat("it is of ", authority->name, ", ", authority->judged));
      }
    } else if (!of_regime.empty() && EntryOf(question_.authorities, of_regime) != nullptr) {
      bearing.Weaken(v1::HOLDS_POSSIBLY,
                     absl::StrCat(whose, " made it, under a regime of ", of_regime));
    } else {
      bearing.holds = v1::HOLDS_NO;
    }
    return absl::OkStatus();
  }

  absl::Status BearRegime(const v1::Reference& reference, Bearing& bearing) {
    if (question_.regime.empty()) return absl::OkStatus();
    const auto name = references_.NameOf(reference);
    if (!name.ok()) return name.status();
    if (name->empty()) {
      bearing.Weaken(v1::HOLDS_POSSIBLY, "its regime is not resolved");
    } else if (*name != question_.regime) {
      bearing.holds = v1::HOLDS_NO;
    }
    return absl::OkStatus();
  }

  // From its listing to its delisting where that can be written as one interval,
  // else its listing.
  static v1::FuzzyTime TimeOf(const v1::ListingInterval& interval) {
    const v1::FuzzyTime& from = interval.listed_time();
    const v1::FuzzyTime& to = interval.delisted_time();
    v1::FuzzyTime whole;
    *whole.mutable_time_zones() = from.time_zones();
    whole.set_edtf(absl::StrCat(from.edtf(), "/", interval.has_delisted_time() ? to.edtf() : ".."));
    base::Violations violations;
    domain::NormalizeFuzzyTime(whole, "", violations);
    const bool plain = !from.has_tolerance() && !to.has_tolerance();
    return plain && violations.empty() && !from.edtf().empty() ? whole : from;
  }

  // "listed as IRi.001 on un-sc-consolidated".
  static std::string EntryWords(const v1::Designation& designation) {
    return absl::StrCat("listed", designation.list_entry_id().empty() ? "" : " as ",
                        designation.list_entry_id(), designation.list_id().empty() ? "" : " on ",
                        designation.list_id());
  }
  static std::string ListingWords(const v1::Designation& designation,
                                  const v1::ListingInterval& interval) {
    return absl::StrCat(EntryWords(designation), " since ", TimeWords(interval.listed_time()),
                        interval.has_delisted_time()
                            ? absl::StrCat(", until ", TimeWords(interval.delisted_time()))
                            : "");
  }

  void Add(v1::VerificationRowKind kind, const v1::Record& record, const std::string& element,
           const v1::FuzzyTime& time, const std::string& words, const Bearing& bearing) {
    if (bearing.holds == v1::HOLDS_NO) {
      ++found_.not_holding;
      return;
    }
    ++(bearing.holds == v1::HOLDS_YES ? found_.holding : found_.possible);
    v1::VerificationRow& row = found_.rows.emplace_back();
    row.mutable_reference()->set_target(domain::MakeReferenceTarget(record.name(), element));
    row.mutable_reference()->set_text(
        std::string(base::CutText(record.sanction().title(), base::kMaxReferencedNameBytes)));
    row.set_explanation(absl::StrCat(words, bearing.remarks.empty() ? "" : "; ",
                                     absl::StrJoin(bearing.remarks, "; ")));
    row.set_holds(bearing.holds);
    row.set_kind(kind);
    if (!time.edtf().empty() || !time.text().empty()) *row.mutable_time() = time;
  }

  const store::ReadView& view_;
  References& references_;
  const SanctionQuestion& question_;
  SanctionRows found_;
};

}  // namespace

std::string TimeWords(const v1::FuzzyTime& time) {
  if (!time.edtf().empty()) return time.edtf();
  return time.text().empty() ? "at a time that is not stated" : base::Quoted(time.text());
}

absl::StatusOr<SanctionRows> FindSanctions(const store::ReadView& view, References& references,
                                           const SanctionQuestion& question) {
  return Finder(view, references, question).Run();
}

}  // namespace communique::screening
