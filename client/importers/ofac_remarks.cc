#include "importers/ofac_remarks.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "importers/ofac_labels.h"
#include "importers/titles.h"

namespace communique::importers {
namespace {

// Where the bracket that opens at `open` is closed; npos: nowhere.
std::size_t FindClose(absl::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return absl::string_view::npos;
}

// "S.A." keeps its full stop: what is before it is one letter behind another stop
// or a space.
bool EndsWithInitial(absl::string_view text) {
  const std::size_t size = text.size();
  return size >= 2 && absl::ascii_isalpha(static_cast<unsigned char>(text[size - 1])) &&
         (text[size - 2] == '.' || text[size - 2] == ' ');
}

void TakeFullStop(std::string* remarks) {
  if (!absl::EndsWith(*remarks, ".")) return;
  remarks->pop_back();
  if (EndsWithInitial(*remarks)) remarks->push_back('.');
}

// Sites and addresses that stand without a label: "www.example.org", "http://...".
bool AddBareContact(absl::string_view clause, OfacFacts* facts) {
  constexpr absl::string_view kWebsite = " (website)";
  constexpr absl::string_view kEmail = " (email)";
  const bool named = absl::EndsWith(clause, kWebsite) || absl::EndsWith(clause, kEmail);
  absl::string_view value = absl::StripSuffix(absl::StripSuffix(clause, "."), kEmail);
  value = absl::StripSuffix(value, kWebsite);
  if (value.empty() || absl::StrContains(value, ' ')) return false;
  const bool site = absl::StartsWith(value, "www.") || absl::StartsWith(value, "http://") ||
                    absl::StartsWith(value, "https://");
  const bool mail = absl::StrContains(value, '@') && absl::StrContains(value, '.');
  if (!site && !mail && !named) return false;
  v1::Identifier* identifier = facts->actor().add_identifiers();
  identifier->set_type(mail ? "email" : "website");
  identifier->set_value(std::string(value));
  return true;
}

bool AddKinship(absl::string_view clause, OfacFacts* facts) {
  if (!ParseKinship(clause).has_value()) return false;
  facts->AddTitle(clause);
  return true;
}

void AddClause(absl::string_view clause, OfacFacts* facts) {
  OfacFact fact;
  absl::string_view rest = clause;
  fact.alternative = absl::ConsumePrefix(&rest, "alt. ") || absl::ConsumePrefix(&rest, "Alt. ");
  fact.label = FindOfacLabel(rest);
  if (fact.label == nullptr) {
    if (AddBareContact(clause, facts) || AddKinship(clause, facts)) return;
    return facts->AddVerbatim("remarks", clause);
  }
  fact.label_text = std::string(fact.label->text);
  rest.remove_prefix(fact.label->text.size());
  while (!rest.empty() && absl::StrContains(":#, ", rest.front())) rest.remove_prefix(1);
  fact.value = std::string(absl::StripAsciiWhitespace(rest));
  if (!facts->Add(fact)) facts->AddVerbatim(absl::StrCat("remarks/", fact.label->text), clause);
}

}  // namespace

std::vector<std::string> SplitRemarks(absl::string_view remarks) {
  std::string text(absl::StripAsciiWhitespace(remarks));
  TakeFullStop(&text);
  std::vector<std::string> clauses;
  const auto add = [&clauses](absl::string_view clause) {
    clause = absl::StripAsciiWhitespace(clause);
    if (!clause.empty()) clauses.emplace_back(clause);
  };
  const absl::string_view all = text;
  std::size_t begin = 0;
  // A bracket that is never closed is looked for once.
  bool closes = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == '(' && closes) {
      const std::size_t close = FindClose(all, i);
      closes = close != absl::string_view::npos;
      if (closes) i = close;
    } else if (all[i] == ';') {
      add(all.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  add(all.substr(std::min(begin, all.size())));
  return clauses;
}

void AddRemarks(absl::string_view remarks, const std::vector<std::string>& titles,
                OfacFacts* facts) {
  for (const std::string& clause : SplitRemarks(remarks)) {
    if (!absl::c_linear_search(titles, clause)) AddClause(clause, facts);
  }
}

}  // namespace communique::importers
