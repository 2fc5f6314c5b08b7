#include "service/screening/claim_coverage.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/domain/day_span.h"
#include "service/domain/names.h"
#include "service/screening/matches.h"
#include "service/screening/sanction_rows.h"

namespace communique::screening {
namespace {

const char* SubjectWords(v1::CoverageSubject subject) {
  switch (subject) {
    case v1::COVERAGE_SUBJECT_DESIGNATIONS:
      return "designations";
    case v1::COVERAGE_SUBJECT_STATE_MEASURES:
      return "measures on states";
    default:
      return "what it does not say";
  }
}

// A coverage as it bears on the question.
struct Seen {
  std::string reference;  // `sources/y#coverage`
  std::string title;
  v1::FuzzyTime time;
  domain::DaySpan span;
  v1::CoverageSubject subject = v1::COVERAGE_SUBJECT_UNSPECIFIED;

  bool before(absl::CivilDay date) const { return span.latest_begin <= date; }
  bool after(absl::CivilDay date) const { return span.earliest_end >= date; }
};

// Coverages of one list, or one source that is of none, that serve alike: of one
// subject, and for one reason not at all. Only the nearest are kept.
struct Group {
  std::optional<Seen> before;   // certainly at or before the date, the last of them
  std::optional<Seen> after;    // certainly at or after it, the first of them
  std::optional<Seen> neither;  // not certain to lie on either side

  bool covers() const { return before && after; }

  void Add(Seen seen, absl::CivilDay date) {
    const bool is_before = seen.before(date);
    const bool is_after = seen.after(date);
    if (!is_before && !is_after) neither = seen;
    if (is_before &&
        (!before || Nearer(seen.span.latest_begin, seen, before->span.latest_begin, *before))) {
      before = seen;
    }
    if (is_after &&
        (!after || Nearer(after->span.earliest_end, seen, seen.span.earliest_end, *after))) {
      after = std::move(seen);
    }
  }

 private:
  // Ties go by name, so that answers do not hang on the order of reading.
  static bool Nearer(absl::CivilDay a, const Seen& seen, absl::CivilDay b, const Seen& kept) {
    return a > b || (a == b && seen.reference < kept.reference);
  }
};

// Which list, which subject, and why it cannot serve (empty: it can).
using GroupKey = std::tuple<std::string, v1::CoverageSubject, std::string>;

class Finder {
 public:
  Finder(const store::ReadView& view, References& references, const CoverageQuestion& question)
      : view_(view), references_(references), question_(question) {}

  absl::StatusOr<ClaimCoverage> Run() {
    std::vector<std::string> names;
    for (const Entry& authority : question_.authorities) {
      if (authority.certain) {
        names.insert(names.end(), authority.names.begin(), authority.names.end());
      }
    }
    const absl::Status status =
        ForEachOf(view_, v1::RECORD_KIND_SOURCE, {"coverages.authority.target"}, names,
                  [&](const v1::Record& record) { return AddSource(record, names); });
    if (!status.ok()) return status;
    ClaimCoverage result;
    result.covered = absl::c_all_of(question_.subjects, [this](v1::CoverageSubject subject) {
      return absl::c_any_of(groups_, [subject](const auto& group) {
        const auto& [list, of, why_not] = group.first;
        return of == subject && why_not.empty() && group.second.covers();
      });
    });
    for (const bool covering : {true, false}) {
      for (const auto& [key, group] : groups_) {
        const std::string& why_not = std::get<2>(key);
        if ((why_not.empty() && group.covers()) == covering) AddRows(group, why_not, result.rows);
      }
    }
    return result;
  }

 private:
  absl::Status AddSource(const v1::Record& record, const std::vector<std::string>& names) {
    const v1::Source& source = record.source();
    // Versions of a list stand together, everything else by itself.
    const std::string list = source.has_list_version()
                                 ? absl::StrCat("list ", source.list_version().list_id())
                                 : record.name();
    for (const v1::Coverage& coverage : source.coverages()) {
      if (!absl::c_linear_search(names, coverage.authority().target())) continue;
      auto why_not = WhyNot(coverage);
      if (!why_not.ok()) return why_not.status();
      Seen seen;
      seen.reference = domain::MakeReferenceTarget(record.name(), coverage.id());
      seen.title = source.title();
      seen.subject = coverage.subject();
      seen.time =
          coverage.has_as_of_time() ? coverage.as_of_time() : source.list_version().as_of_time();
      seen.span = domain::DaySpanOf(seen.time);
      if (seen.span.earliest_end == domain::kAfterAllDays) {
        seen.span.earliest_end = question_.known_until;
      }
      groups_[{list, coverage.subject(), *std::move(why_not)}].Add(std::move(seen), question_.date);
    }
    return absl::OkStatus();
  }

  // Empty when it serves.
  absl::StatusOr<std::string> WhyNot(const v1::Coverage& coverage) {
    if (!absl::c_linear_search(question_.subjects, coverage.subject())) {
      switch (coverage.subject()) {
        case v1::COVERAGE_SUBJECT_DESIGNATIONS:
          return std::string("states are bound by measures, and in no list");
        case v1::COVERAGE_SUBJECT_STATE_MEASURES:
          return std::string("who is no state is designated");
        default:
          return std::string("that decides nothing");
      }
    }
    if (!coverage.complete()) return std::string("it is not said to be complete");
    if (coverage.regimes().empty()) return std::string();
    if (question_.regime.empty()) return std::string("it is of some regimes only");
    for (const v1::Reference& regime : coverage.regimes()) {
      const auto name = references_.NameOf(regime);
      if (!name.ok()) return name.status();
      if (*name == question_.regime) return std::string();
    }
    return std::string("it is of other regimes");
  }

  void AddRows(const Group& group, const std::string& why_not,
               std::vector<v1::VerificationRow>& rows) const {
    const bool covers = why_not.empty() && group.covers();
    const bool alone =
        group.before && group.after && group.before->reference == group.after->reference;
    if (group.before) {
      AddRow(*group.before, covers, alone ? "holds the date" : "the last one at or before the date",
             why_not, rows);
    }
    if (group.after && !alone) {
      AddRow(*group.after, covers, "the first one at or after the date", why_not, rows);
    }
    if (group.neither && !covers) {
      AddRow(*group.neither, false, "not sharp enough to lie on one side of the date", why_not,
             rows);
    }
  }

  void AddRow(const Seen& seen, bool covers, absl::string_view place, const std::string& why_not,
              std::vector<v1::VerificationRow>& rows) const {
    v1::VerificationRow& row = rows.emplace_back();
    row.mutable_reference()->set_target(seen.reference);
    row.mutable_reference()->set_text(
        std::string(base::CutText(seen.title, base::kMaxReferencedNameBytes)));
    row.set_kind(v1::VERIFICATION_ROW_KIND_COVERAGE);
    *row.mutable_time() = seen.time;
    const bool possibly =
        why_not.empty() && domain::HoldsOn(question_.date, seen.span) == v1::HOLDS_POSSIBLY;
    row.set_holds(covers ? v1::HOLDS_YES : possibly ? v1::HOLDS_POSSIBLY : v1::HOLDS_NO);
    row.set_explanation(absl::StrCat("covers ", SubjectWords(seen.subject), " as of ",
                                     TimeWords(seen.time), "; ",
                                     why_not.empty() ? place : absl::string_view(why_not)));
  }

  const store::ReadView& view_;
  References& references_;
  const CoverageQuestion& question_;
  absl::btree_map<GroupKey, Group> groups_;
};

}  // namespace

std::vector<v1::CoverageSubject> SubjectsOf(const std::vector<Entry>& targets) {
  const bool known = absl::c_any_of(targets, [](const Entry& target) {
    return target.certain && target.type != v1::ACTOR_TYPE_UNSPECIFIED;
  });
  bool designations = false;
  bool measures = false;
  for (const Entry& target : targets) {
    if (known && target.type == v1::ACTOR_TYPE_UNSPECIFIED) continue;
    switch (target.type) {
      case v1::ACTOR_TYPE_STATE:
      case v1::ACTOR_TYPE_GOVERNMENT:
        measures = true;
        break;
      case v1::ACTOR_TYPE_UNSPECIFIED:
      case v1::ACTOR_TYPE_BLOC:
        measures = designations = true;
        break;
      default:
        designations = true;
    }
  }
  std::vector<v1::CoverageSubject> subjects;
  if (designations) subjects.push_back(v1::COVERAGE_SUBJECT_DESIGNATIONS);
  if (measures) subjects.push_back(v1::COVERAGE_SUBJECT_STATE_MEASURES);
  return subjects;
}

absl::StatusOr<ClaimCoverage> FindCoverage(const store::ReadView& view, References& references,
                                           const CoverageQuestion& question) {
  return Finder(view, references, question).Run();
}

}  // namespace communique::screening
