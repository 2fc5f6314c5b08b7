#include "cli/screen_query.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/arguments.h"
#include "cli/scope.h"
#include "cli/terminal.h"

namespace communique::cli {
namespace {

constexpr const char* kColumns[] = {"name", "id", "birth_date", "country", "gender", "type"};

absl::Status Wrong(absl::string_view what, absl::string_view value, absl::string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " is ", wanted, ", not \"", Escape(value), "\""));
}

// "person", "organisation", "vessel" and the like; lists say "individual" and
// "entity", too.
absl::StatusOr<v1::ActorType> TypeOf(absl::string_view what, const std::string& text) {
  std::string word = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(text));
  if (word.empty()) return v1::ACTOR_TYPE_UNSPECIFIED;
  if (word == "INDIVIDUAL") word = "PERSON";
  if (word == "ENTITY" || word == "ORGANISATION" || word == "COMPANY") word = "ORGANIZATION";
  v1::ActorType type;
  if (v1::ActorType_Parse("ACTOR_TYPE_" + word, &type)) return type;
  return Wrong(what, text, "person, organization, state, government, vessel or aircraft");
}

absl::StatusOr<std::string> GenderOf(absl::string_view what, const std::string& text) {
  const std::string word = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  if (word == "m" || word == "male") return std::string("male");
  if (word == "f" || word == "female") return std::string("female");
  if (word.empty()) return word;
  return Wrong(what, text, "male or female");
}

// Codes with commas, semicolons or spaces between them.
absl::Status AddRegions(absl::string_view what, const std::string& text, v1::ScreenQuery& query) {
  for (const absl::string_view part :
       absl::StrSplit(text, absl::ByAnyChar(",; |"), absl::SkipWhitespace())) {
    const std::string code = absl::AsciiStrToUpper(part);
    if (code.size() != 2 || !absl::ascii_isupper(code[0]) || !absl::ascii_isupper(code[1])) {
      return Wrong(what, text, "a country's two letters (ISO 3166-1), such as KP");
    }
    query.add_region_codes(code);
  }
  return absl::OkStatus();
}

absl::StatusOr<double> ShareOf(const CommandLine& line, absl::string_view flag) {
  double share = 0;
  if (!line.Has(flag)) return share;
  if (!absl::SimpleAtod(line.Get(flag), &share) || !(share > 0 && share <= 1)) {
    return Wrong(absl::StrCat("--", flag), line.Get(flag), "a number above 0, up to 1");
  }
  return share;
}

// Names with commas between them.
template <typename Out>
absl::Status AddNames(const CommandLine& line, absl::string_view flag, Out* out) {
  for (const absl::string_view part : absl::StrSplit(line.Get(flag), ',', absl::SkipWhitespace())) {
    const std::string name(absl::StripAsciiWhitespace(part));
    if (absl::Status status = CheckName(name); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--", flag, ": ", status.message()));
    }
    *out->Add() = name;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ScreenRequest> ScreenOptionsOf(const CommandLine& line) {
  v1::ScreenRequest request;
  const auto scope = ScopeOf(line);
  if (!scope.ok()) return scope.status();
  *request.mutable_scope() = *scope;
  const auto threshold = ShareOf(line, "threshold");
  if (!threshold.ok()) return threshold.status();
  request.set_threshold(*threshold);
  const auto possible = ShareOf(line, "possible_threshold");
  if (!possible.ok()) return possible.status();
  request.set_possible_threshold(*possible);
  const auto limit = line.GetInt("limit", 1, 0);
  if (!limit.ok()) return limit.status();
  constexpr std::int64_t kMaxMatches = 100;  // The server refuses more.
  if (*limit > kMaxMatches) return Wrong("--limit", line.Get("limit"), "1 to 100");
  request.set_max_matches(static_cast<std::int32_t>(*limit));
  const auto since = line.GetInt("changed_since", 0, 0);
  if (!since.ok()) return since.status();
  request.set_changed_since_revision(*since);
  request.set_include_delisted(line.Has("include_delisted"));
  for (const absl::Status& status :
       {AddNames(line, "authority", request.mutable_authorities()),
        AddNames(line, "regime", request.mutable_regimes()),
        AddNames(line, "exclude", request.mutable_excluded_actors())}) {
    if (!status.ok()) return status;
  }
  return request;
}

absl::StatusOr<v1::ScreenQuery> ScreenQueryOf(const CommandLine& line) {
  v1::ScreenQuery query;
  const auto type = TypeOf("--type", line.Get("type"));
  if (!type.ok()) return type.status();
  query.set_type(*type);
  query.set_birth_date(line.Get("birth_date"));
  const auto gender = GenderOf("--gender", line.Get("gender"));
  if (!gender.ok()) return gender.status();
  query.set_gender(*gender);
  if (absl::Status status = AddRegions("--country", line.Get("country"), query); !status.ok()) {
    return status;
  }
  for (const absl::string_view value :
       absl::StrSplit(line.Get("identifier"), ',', absl::SkipWhitespace())) {
    query.add_identifiers()->set_value(std::string(absl::StripAsciiWhitespace(value)));
  }
  return query;
}

absl::StatusOr<ScreenColumns> ScreenColumns::Parse(const std::vector<std::string>& header,
                                                   std::vector<std::string>& unknown) {
  ScreenColumns result;
  for (const std::string& title : header) {
    std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(title));
    absl::StrReplaceAll({{" ", "_"}, {"-", "_"}}, &name);
    const auto column = std::find_if(std::begin(kColumns), std::end(kColumns),
                                     [&name](const char* known) { return name == known; });
    if (column == std::end(kColumns)) {
      unknown.push_back(title);
      result.columns_.push_back(nullptr);
      continue;
    }
    if (absl::c_linear_search(result.columns_, *column)) {
      return absl::InvalidArgumentError(absl::StrCat("the header has \"", name, "\" twice"));
    }
    result.columns_.push_back(*column);
  }
  if (!absl::c_linear_search(result.columns_, kColumns[0])) {
    return absl::InvalidArgumentError(
        absl::StrCat("the first line is no header with a column \"name\"; others may be ",
                     absl::StrJoin(std::begin(kColumns) + 1, std::end(kColumns), ", ")));
  }
  return result;
}

absl::StatusOr<v1::ScreenQuery> ScreenColumns::QueryOf(const std::vector<std::string>& row,
                                                       std::int64_t line,
                                                       const v1::ScreenQuery& defaults) const {
  if (row.size() != columns_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", row.size(), " fields, the header ", columns_.size()));
  }
  v1::ScreenQuery query = defaults;
  query.set_query_id(absl::StrCat(line));
  for (std::size_t i = 0; i < row.size(); ++i) {
    const absl::string_view column = columns_[i] == nullptr ? "" : columns_[i];
    const std::string text(absl::StripAsciiWhitespace(row[i]));
    if (text.empty()) continue;
    if (column == "name") {
      query.add_names(text);
    } else if (column == "id") {
      query.set_query_id(text);
    } else if (column == "birth_date") {
      query.set_birth_date(text);
    } else if (column == "country") {
      query.clear_region_codes();
      if (absl::Status status = AddRegions(column, text, query); !status.ok()) return status;
    } else if (column == "gender") {
      const auto gender = GenderOf(column, text);
      if (!gender.ok()) return gender.status();
      query.set_gender(*gender);
    } else if (column == "type") {
      const auto type = TypeOf(column, text);
      if (!type.ok()) return type.status();
      query.set_type(*type);
    }
  }
  if (query.names().empty()) return absl::InvalidArgumentError("has no name");
  return query;
}

}  // namespace communique::cli
