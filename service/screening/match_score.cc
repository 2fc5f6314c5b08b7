#include "service/screening/match_score.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "service/domain/edtf.h"
#include "service/query/actor_names.h"

namespace communique::screening {
namespace {

// ---- What a qualifier moves. One that speaks for the match takes a share of what
// is missing to 1, one that speaks against it takes away.

constexpr double kWeakName = -0.04;
constexpr double kSameBirthDay = 0.3;
constexpr double kBirthMayAgree = 0.1;
// By how far apart the nearest accounts are.
constexpr double kOtherDayOfYear = -0.06;
constexpr double kOtherYear = -0.12;
constexpr double kOtherAge = -0.25;
constexpr double kOtherGeneration = -0.4;
constexpr double kDaysOfYear = 366;
constexpr double kDaysOfAge = 3 * kDaysOfYear;
constexpr double kDaysOfGeneration = 10 * kDaysOfYear;
constexpr double kSameRegion = 0.08;
constexpr double kOtherRegion = -0.1;
constexpr double kOtherGender = -0.15;
constexpr double kOtherType = -0.3;
// What a shared identifier brings a score to, if the names agree at all.
constexpr double kSameIdentifier = 0.97;
constexpr double kLeastNameForIdentifier = 0.3;
constexpr size_t kMinIdentifierCharacters = 5;

int64_t DayOf(const absl::CivilSecond& second) {
  return absl::CivilDay(second) - absl::CivilDay(1970, 1, 1);
}

void AddBirths(absl::string_view text, std::vector<BirthSpan>& births) {
  const absl::StatusOr<domain::Edtf> edtf = domain::ParseEdtf(text);
  if (!edtf.ok()) return;
  for (const domain::EdtfMember& member : edtf->members) {
    BirthSpan span;
    if (member.earliest_begin.has_value()) span.first_day = DayOf(*member.earliest_begin);
    if (member.latest_end.has_value()) span.last_day = DayOf(*member.latest_end);
    births.push_back(span);
  }
}

void AddRegion(absl::string_view code, Qualifiers& to) {
  if (code.empty()) return;
  std::string capitals = absl::AsciiStrToUpper(code);
  if (std::find(to.region_codes.begin(), to.region_codes.end(), capitals) ==
      to.region_codes.end()) {
    to.region_codes.push_back(std::move(capitals));
  }
}

std::string Gender(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  return lower == "male" || lower == "female" ? lower : std::string();
}

// Days between two spans; 0 when they may be one. Unbounded sides always may.
int64_t DaysApart(const BirthSpan& a, const BirthSpan& b) {
  if (a.last_day.has_value() && b.first_day.has_value() && *a.last_day < *b.first_day) {
    return *b.first_day - *a.last_day;
  }
  if (b.last_day.has_value() && a.first_day.has_value() && *b.last_day < *a.first_day) {
    return *a.first_day - *b.last_day;
  }
  return 0;
}

bool IsDay(const BirthSpan& span) {
  return span.first_day.has_value() && span.first_day == span.last_day;
}

// Gathers the features.
class Sum {
 public:
  Sum(double score, std::vector<v1::ScoreFeature>& features) : score_(score), features_(features) {}

  // Positive: a share of what is missing to 1.
  void Move(absl::string_view feature, double by, std::string why) {
    const double moved = std::clamp(by > 0 ? score_ + by * (1 - score_) : score_ + by, 0.0, 1.0);
    Note(feature, moved - score_, std::move(why));
    score_ = moved;
  }

  void RaiseTo(absl::string_view feature, double score, std::string why) {
    const double raised = std::max(score_, score);
    Note(feature, raised - score_, std::move(why));
    score_ = raised;
  }

  void Note(absl::string_view feature, double contribution, std::string why) {
    v1::ScoreFeature& added = features_.emplace_back();
    added.set_feature(std::string(feature));
    added.set_contribution(contribution);
    added.set_explanation(std::move(why));
  }

  double score() const { return score_; }

 private:
  double score_;
  std::vector<v1::ScoreFeature>& features_;
};

void JudgeBirth(const Qualifiers& query, const Qualifiers& target, Sum& sum) {
  if (query.births.empty() || target.births.empty()) return;
  int64_t nearest = -1;
  bool same_day = false;
  for (const BirthSpan& asked : query.births) {
    for (const BirthSpan& known : target.births) {
      const int64_t apart = DaysApart(asked, known);
      if (nearest < 0 || apart < nearest) nearest = apart;
      same_day = same_day || (apart == 0 && IsDay(asked) && IsDay(known));
    }
  }
  const double days = static_cast<double>(nearest);
  if (same_day) return sum.Move("birth_date", kSameBirthDay, "born on the same day");
  if (nearest == 0) return sum.Move("birth_date", kBirthMayAgree, "the births may be one");
  if (days < kDaysOfYear) {
    return sum.Move("birth_date", kOtherDayOfYear, absl::StrCat("born ", nearest, " days apart"));
  }
  const double by = days < kDaysOfAge          ? kOtherYear
                    : days < kDaysOfGeneration ? kOtherAge
                                               : kOtherGeneration;
  sum.Move("birth_date", by, absl::StrFormat("born %.0f years apart", days / 365.25));
}

void JudgeRegion(const Qualifiers& query, const Qualifiers& target, Sum& sum) {
  if (query.region_codes.empty() || target.region_codes.empty()) return;
  for (const std::string& code : query.region_codes) {
    if (std::find(target.region_codes.begin(), target.region_codes.end(), code) !=
        target.region_codes.end()) {
      return sum.Move("region", kSameRegion, absl::StrCat("both of ", code));
    }
  }
  sum.Move("region", kOtherRegion,
           absl::StrCat("of ", absl::StrJoin(query.region_codes, ", "), ", the record's of ",
                        absl::StrJoin(target.region_codes, ", ")));
}

// Persons, organisations of any kind, vessels and aircraft are not each other.
int Sort(v1::ActorType type) {
  switch (type) {
    case v1::ACTOR_TYPE_UNSPECIFIED:
      return 0;
    case v1::ACTOR_TYPE_PERSON:
      return 1;
    case v1::ACTOR_TYPE_VESSEL:
      return 3;
    case v1::ACTOR_TYPE_AIRCRAFT:
      return 4;
    default:
      return 2;
  }
}

void JudgeIdentifiers(const Qualifiers& query, const Qualifiers& target, double name, Sum& sum) {
  if (name < kLeastNameForIdentifier) return;
  for (const Qualifiers::Id& asked : query.identifiers) {
    if (asked.value.size() < kMinIdentifierCharacters) continue;
    for (const Qualifiers::Id& known : target.identifiers) {
      if (asked.value != known.value) continue;
      if (!asked.type.empty() && !known.type.empty() &&
          !absl::EqualsIgnoreCase(asked.type, known.type)) {
        continue;
      }
      return sum.RaiseTo("identifier", kSameIdentifier,
                         absl::StrCat("the same ", known.type.empty() ? "identifier" : known.type));
    }
  }
}

}  // namespace

Qualifiers QualifiersOf(const v1::ScreenQuery& query) {
  Qualifiers of;
  of.type = query.type();
  if (!query.birth_date().empty()) AddBirths(query.birth_date(), of.births);
  for (const std::string& code : query.region_codes()) AddRegion(code, of);
  of.gender = Gender(query.gender());
  for (const v1::ScreenIdentifier& identifier : query.identifiers()) {
    of.identifiers.push_back(
        {.type = identifier.type(), .value = query::FoldIdentifier(identifier.value())});
  }
  return of;
}

Qualifiers QualifiersOf(const v1::Actor& actor, absl::string_view name_id) {
  Qualifiers of;
  of.type = actor.type();
  for (const v1::Birth& birth : actor.births()) {
    if (!birth.name_id().empty() && birth.name_id() != name_id) continue;
    AddBirths(birth.time().edtf(), of.births);
  }
  AddRegion(actor.region_code(), of);
  for (const v1::Nationality& nationality : actor.nationalities()) {
    AddRegion(nationality.region_code(), of);
  }
  of.gender = Gender(actor.gender());
  for (const v1::Identifier& identifier : actor.identifiers()) {
    of.identifiers.push_back(
        {.type = identifier.type(), .value = query::FoldIdentifier(identifier.value())});
  }
  return of;
}

MatchScore ScoreMatch(const NameScore& name, v1::NameQuality quality, const Qualifiers& query,
                      const Qualifiers& target) {
  MatchScore match;
  Sum sum(name.score, match.features);
  sum.Note("name", name.score, "the names' tokens");
  if (quality == v1::NAME_QUALITY_WEAK)
    sum.Move("weak_name", kWeakName, "the list calls the name weak");
  JudgeBirth(query, target, sum);
  JudgeRegion(query, target, sum);
  if (!query.gender.empty() && !target.gender.empty() && query.gender != target.gender) {
    sum.Move("gender", kOtherGender, absl::StrCat(query.gender, ", the record's ", target.gender));
  }
  if (Sort(query.type) != 0 && Sort(target.type) != 0 && Sort(query.type) != Sort(target.type)) {
    sum.Move("type", kOtherType, "another kind of actor");
  }
  JudgeIdentifiers(query, target, name.score, sum);
  match.score = sum.score();
  return match;
}

v1::ScreenDecision Decide(double score, double threshold, double possible_threshold) {
  if (score >= threshold) return v1::SCREEN_DECISION_MATCH;
  if (score >= possible_threshold) return v1::SCREEN_DECISION_POSSIBLE;
  return v1::SCREEN_DECISION_NO_MATCH;
}

}  // namespace communique::screening
