#include "service/screening/claim_verifier.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/domain/day_span.h"
#include "service/screening/claim_coverage.h"
#include "service/screening/claim_question.h"
#include "service/screening/judged_entries.h"
#include "service/screening/limits.h"
#include "service/screening/references.h"
#include "service/screening/sanction_rows.h"

namespace communique::screening {
namespace {

std::string DateText(absl::CivilDay date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

// The last day that a revision can speak of.
absl::CivilDay DayOf(const v1::Pin& pin) {
  if (!pin.has_revision_time()) return domain::kBeforeAllDays;
  return absl::ToCivilDay(absl::FromUnixSeconds(pin.revision_time().seconds()),
                          absl::UTCTimeZone());
}

// The regime's name after merges; empty for none.
absl::StatusOr<std::string> CheckRegime(const store::ReadView& view, References& references,
                                        const ClaimQuestion& question,
                                        const std::vector<Entry>& authorities) {
  if (question.regime.empty()) return std::string();
  const auto found = view.Get(question.regime);
  if (!found.ok()) return found.status();
  const auto record = found->Parse();
  if (!record.ok()) return record.status();
  const std::string field = question.claim.empty() ? "regime" : "claim";
  base::Violations violations;
  if (!record->sanction().has_regime()) {
    violations.Add(field, absl::StrCat(question.regime, " is no regime"));
    return violations.ToStatus();
  }
  const auto owner = references.NameOf(record->sanction().regime().authority());
  if (!owner.ok()) return owner.status();
  const bool others =
      !owner->empty() && std::none_of(authorities.begin(), authorities.end(),
                                      [&](const Entry& entry) { return entry.name == *owner; });
  if (others) {
    violations.Add(field, absl::StrCat(question.regime, " is a regime of ", *owner, ", not of ",
                                       authorities[0].name));
    return violations.ToStatus();
  }
  return record->name();
}

// What is in words for a person.
class Words {
 public:
  Words(const Entry& target, const Entry& authority, const std::string& regime, absl::CivilDay date)
      : target_(base::CutText(target.display_name, base::kMaxReferencedNameBytes)),
        authority_(base::CutText(authority.display_name, base::kMaxReferencedNameBytes)),
        regime_(regime.empty() ? "" : absl::StrCat(" under ", regime)),
        date_(DateText(date)) {}

  std::string Explain(v1::ClaimVerdict verdict, const SanctionRows& found,
                      const std::vector<v1::CoverageSubject>& subjects) const {
    switch (verdict) {
      case v1::CLAIM_VERDICT_SUPPORTED:
        return absl::StrCat(target_, " is under sanctions of ", authority_, regime_, " on ", date_,
                            ": ", Count(found.holding), " for certain.");
      case v1::CLAIM_VERDICT_CONTRADICTED:
        return absl::StrCat(Nothing(), ", not even possibly, and ", Covered(subjects),
                            " completely covered then.", Others(found));
      default:
        if (found.possible > 0) {
          return absl::StrCat("It is not certain that ", target_, " is under sanctions of ",
                              authority_, regime_, " on ", date_, ": ", Count(found.possible),
                              " possibly, none for certain.");
        }
        return absl::StrCat(Nothing(), " as far as is known, but nothing that is held covers ",
                            subjects.size() > 1 ? "both kinds"
                            : subjects[0] == v1::COVERAGE_SUBJECT_DESIGNATIONS
                                ? "designations"
                                : "measures on states",
                            " completely then.", Others(found));
    }
  }

 private:
  static std::string Count(int rows) {
    return rows == 1 ? "one listing or measure holds"
                     : absl::StrCat(rows, " listings or measures hold");
  }
  std::string Nothing() const {
    return absl::StrCat("No listing and no measure of ", authority_, regime_, " on ", target_,
                        " holds on ", date_);
  }
  static std::string Covered(const std::vector<v1::CoverageSubject>& subjects) {
    if (subjects.size() > 1) return "designations and measures on states are";
    return subjects[0] == v1::COVERAGE_SUBJECT_DESIGNATIONS ? "designations are"
                                                            : "measures on states are";
  }
  static std::string Others(const SanctionRows& found) {
    if (found.not_holding == 0) return "";
    return absl::StrCat(" ", found.not_holding,
                        found.not_holding == 1 ? " listing or measure" : " listings or measures",
                        " ended before or began after.");
  }

  const std::string target_;
  const std::string authority_;
  const std::string regime_;
  const std::string date_;
};

v1::ClaimVerdict Judge(const SanctionRows& found, const ClaimCoverage& coverage) {
  if (found.holding > 0) return v1::CLAIM_VERDICT_SUPPORTED;
  return found.possible == 0 && coverage.covered ? v1::CLAIM_VERDICT_CONTRADICTED
                                                 : v1::CLAIM_VERDICT_NOT_COVERED;
}

// Appends as many rows as are answered at most. Answers how many it left out.
int Append(std::vector<v1::VerificationRow> rows, int at_most, v1::VerifyClaimResponse& response) {
  const int taken = std::min(static_cast<int>(rows.size()), at_most);
  for (int i = 0; i < taken; ++i) *response.add_rows() = std::move(rows[i]);
  return static_cast<int>(rows.size()) - taken;
}

}  // namespace

absl::StatusOr<v1::VerifyClaimResponse> VerifyClaim(const store::ReadView& view,
                                                    const store::MergedNames& merged,
                                                    const v1::VerifyClaimRequest& request,
                                                    absl::CivilDay today) {
  const auto question = Understand(view, request, today);
  if (!question.ok()) return question.status();
  const auto merges = merged.At(view.revision());
  if (!merges.ok()) return merges.status();
  const auto targets = JudgedEntries(view, **merges, question->target);
  if (!targets.ok()) return targets.status();
  const auto authorities = JudgedEntries(view, **merges, question->authority);
  if (!authorities.ok()) return authorities.status();
  References references(view);
  const auto regime = CheckRegime(view, references, *question, *authorities);
  if (!regime.ok()) return regime.status();
  auto found = FindSanctions(view, references, {*targets, *authorities, *regime, question->date});
  if (!found.ok()) return found.status();
  const std::vector<v1::CoverageSubject> subjects = SubjectsOf(*targets);
  auto coverage = FindCoverage(
      view, references, {*authorities, *regime, subjects, question->date, DayOf(view.pin())});
  if (!coverage.ok()) return coverage.status();

  v1::VerifyClaimResponse response;
  response.set_verdict(Judge(*found, *coverage));
  std::string explanation = Words((*targets)[0], (*authorities)[0], *regime, question->date)
                                .Explain(response.verdict(), *found, subjects);
  const int left_out = Append(std::move(found->rows), kMaxSanctionRows, response) +
                       Append(std::move(coverage->rows), kMaxCoverageRows, response);
  if (left_out > 0) absl::StrAppend(&explanation, " ", left_out, " more rows are left out.");
  if (!question->claim.empty()) explanation = absl::StrCat(question->claim, ": ", explanation);
  response.set_explanation(std::move(explanation));
  v1::VerifyClaimRequest& asked = *response.mutable_question();
  asked.set_target((*targets)[0].name);
  asked.set_authority((*authorities)[0].name);
  asked.set_regime(*regime);
  asked.set_as_of_date(DateText(question->date));
  asked.mutable_scope()->set_known_revision(view.revision());
  *response.mutable_pin() = view.pin();
  response.mutable_pin()->set_valid_date(asked.as_of_date());
  return response;
}

}  // namespace communique::screening
