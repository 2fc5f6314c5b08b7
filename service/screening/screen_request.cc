#include "service/screening/screen_request.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/domain/edtf.h"
#include "service/domain/names.h"
#include "service/query/actor_names.h"
#include "service/query/name_analysis.h"
#include "service/screening/match_score.h"

namespace communique::screening {
namespace {

static_assert(base::kMaxQueryNameBytes == query::kMaxNameBytes);

class Checker {
 public:
  absl::Status Run(const v1::ScreenRequest& request) {
    CheckCount("queries", request.queries_size(), base::kMaxScreenQueries);
    if (request.queries().empty()) violations_.Add("queries", "is required");
    for (int i = 0; i < std::min(request.queries_size(), base::kMaxScreenQueries); ++i) {
      Check(request.queries(i), absl::StrCat("queries[", i, "]"));
    }
    CheckThresholds(request);
    if (request.max_matches() < 0 || request.max_matches() > base::kMaxMatches) {
      violations_.Add("max_matches",
                      absl::StrCat("is ", request.max_matches(), ", not 1 to ", base::kMaxMatches,
                                   ", or 0 for ", base::kDefaultMatches));
    }
    CheckNames("authorities", request.authorities(), v1::RECORD_KIND_ACTOR,
               base::kMaxScreenFilters);
    CheckNames("regimes", request.regimes(), v1::RECORD_KIND_SANCTION, base::kMaxScreenFilters);
    CheckNames("excluded_actors", request.excluded_actors(), v1::RECORD_KIND_ACTOR,
               base::kMaxExcludedActors);
    if (request.changed_since_revision() < 0) {
      violations_.Add("changed_since_revision", "is negative");
    }
    return violations_.ToStatus();
  }

 private:
  void CheckCount(absl::string_view field, int count, int limit) {
    if (count > limit) violations_.Add(field, absl::StrCat("has ", count, ", at most ", limit));
  }
  void CheckBytes(absl::string_view field, const std::string& text, size_t limit) {
    if (text.size() > limit) {
      violations_.Add(field, absl::StrCat("has ", text.size(), " bytes, at most ", limit));
    }
  }

  void Check(const v1::ScreenQuery& query, const std::string& path) {
    CheckBytes(path + ".query_id", query.query_id(), base::kMaxQueryIdBytes);
    CheckCount(path + ".names", query.names_size(), base::kMaxQueryNames);
    if (query.names().empty()) violations_.Add(path + ".names", "is required");
    for (int i = 0; i < std::min(query.names_size(), base::kMaxQueryNames); ++i) {
      const std::string field = absl::StrCat(path, ".names[", i, "]");
      const std::string& name = query.names(i);
      CheckBytes(field, name, base::kMaxQueryNameBytes);
      // Answered "no match", it would seem to have been screened.
      if (name.size() <= base::kMaxQueryNameBytes && !query::CanBeRead(name)) {
        violations_.Add(field,
                        absl::StrCat(base::Quoted(name), " has nothing that can be compared"));
      }
    }
    if (!query.birth_date().empty()) {
      if (const auto date = domain::ParseEdtf(query.birth_date()); !date.ok()) {
        violations_.Add(path + ".birth_date", date.status().message());
      }
    }
    CheckCount(path + ".region_codes", query.region_codes_size(), base::kMaxQueryRegions);
    for (int i = 0; i < std::min(query.region_codes_size(), base::kMaxQueryRegions); ++i) {
      const std::string& code = query.region_codes(i);
      if (code.size() != 2 || !absl::ascii_isupper(code[0]) || !absl::ascii_isupper(code[1])) {
        violations_.Add(absl::StrCat(path, ".region_codes[", i, "]"),
                        absl::StrCat(base::Quoted(code), " is no ISO 3166-1 alpha-2 code"));
      }
    }
    if (!query.gender().empty() && query.gender() != "male" && query.gender() != "female") {
      violations_.Add(path + ".gender",
                      absl::StrCat(base::Quoted(query.gender()), " is not male or female"));
    }
    CheckIdentifiers(query, path);
    if (!v1::ActorType_IsValid(query.type())) {
      violations_.Add(path + ".type", absl::StrCat(query.type(), " is no type of actor"));
    }
  }

  void CheckIdentifiers(const v1::ScreenQuery& query, const std::string& path) {
    CheckCount(path + ".identifiers", query.identifiers_size(), base::kMaxQueryIdentifiers);
    for (int i = 0; i < std::min(query.identifiers_size(), base::kMaxQueryIdentifiers); ++i) {
      const std::string field = absl::StrCat(path, ".identifiers[", i, "]");
      const v1::ScreenIdentifier& identifier = query.identifiers(i);
      CheckBytes(field + ".type", identifier.type(), base::kMaxQueryIdentifierBytes);
      CheckBytes(field + ".value", identifier.value(), base::kMaxQueryIdentifierBytes);
      if (query::FoldIdentifier(identifier.value()).empty()) {
        violations_.Add(field + ".value", absl::StrCat(base::Quoted(identifier.value()),
                                                       " has nothing that can be compared"));
      }
    }
  }

  void CheckThresholds(const v1::ScreenRequest& request) {
    // Neither holds of what is no number.
    const auto within = [](double value) { return value >= 0 && value <= 1; };
    if (!within(request.threshold())) {
      violations_.Add("threshold", absl::StrCat("is ", request.threshold(), ", not 0 to 1"));
    }
    if (!within(request.possible_threshold())) {
      violations_.Add("possible_threshold",
                      absl::StrCat("is ", request.possible_threshold(), ", not 0 to 1"));
      return;
    }
    const double threshold = request.threshold() == 0 ? kMatchThreshold : request.threshold();
    if (request.possible_threshold() > threshold) {
      violations_.Add("possible_threshold", absl::StrCat("is ", request.possible_threshold(),
                                                         ", above the threshold, ", threshold));
    }
  }

  template <typename Names>
  void CheckNames(absl::string_view field, const Names& names, v1::RecordKind kind, int limit) {
    CheckCount(field, names.size(), limit);
    for (int i = 0; i < std::min(names.size(), limit); ++i) {
      const std::string path = absl::StrCat(field, "[", i, "]");
      if (const std::string problem = domain::DescribeNameProblem(names[i]); !problem.empty()) {
        violations_.Add(path, absl::StrCat(base::Quoted(names[i]), " ", problem));
      } else if (domain::KindOfName(names[i]) != kind) {
        violations_.Add(
            path, absl::StrCat(base::Quoted(names[i]), " is not of ", domain::CollectionOf(kind)));
      }
    }
  }

  base::Violations violations_;
};

}  // namespace

absl::Status CheckScreenRequest(const v1::ScreenRequest& request) { return Checker().Run(request); }

void FillDefaults(v1::ScreenRequest& request) {
  if (request.threshold() == 0) request.set_threshold(kMatchThreshold);
  // Whoever asks for a lower threshold asks for all that reaches it.
  if (request.possible_threshold() == 0) {
    request.set_possible_threshold(std::min(kPossibleThreshold, request.threshold()));
  }
  if (request.max_matches() == 0) request.set_max_matches(base::kDefaultMatches);
}

}  // namespace communique::screening
