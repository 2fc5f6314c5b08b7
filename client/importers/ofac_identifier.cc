// Identifiers out of OFAC's words.

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/duration.pb.h"
#include "importers/countries.h"
#include "importers/ofac_facts.h"
#include "importers/text.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

// Brackets behind a number that are looked at: "(New York) (United States)".
constexpr int kMaxBrackets = 3;
// How far a range of years that is only "circa" may be off: a year, as EDTF's ~
// has it for one year.
constexpr int kCircaSeconds = 366 * 24 * 3600;

void AddNote(absl::string_view words, v1::Identifier* identifier) {
  if (words.empty()) return;
  std::string* note = identifier->mutable_note();
  absl::StrAppend(note, note->empty() ? "" : "; ", words);
}

// Where "issued ..." or "expires ..." begins; npos: nowhere.
std::size_t FindValidity(absl::string_view text) {
  std::size_t first = absl::string_view::npos;
  const std::string lower = absl::AsciiStrToLower(text);
  for (const absl::string_view word : {"issued", "expires", "expired"}) {
    const std::size_t at = lower.find(std::string(word));
    if (at == std::string::npos || at >= first) continue;
    const bool begins = at == 0 || lower[at - 1] == ' ' || lower[at - 1] == ',';
    if (begins) first = at;
  }
  return first;
}

// A date that can stand at an end of an interval; empty: it cannot.
std::string PlainDate(absl::string_view words) {
  const std::string edtf = TimeFromWords(words).edtf();
  const bool plain = edtf.find_first_of("[{/~") == std::string::npos;
  return plain ? edtf : std::string();
}

// "issued 01 Jan 2010 expires 01 Jan 2020"; false when it says something else.
bool AddValidity(absl::string_view text, v1::Identifier* identifier) {
  const std::string words = CollapseSpace(text);
  absl::string_view rest = words;
  std::string issued;
  std::string expires;
  if (absl::ConsumePrefix(&rest, "issued ")) {
    std::size_t end = rest.find(" expires ");
    if (end == absl::string_view::npos) end = rest.find(" expired ");
    issued = PlainDate(rest.substr(0, end));
    if (issued.empty()) return false;
    rest = end == absl::string_view::npos ? absl::string_view() : rest.substr(end + 1);
  }
  if (absl::ConsumePrefix(&rest, "expires ") || absl::ConsumePrefix(&rest, "expired ")) {
    expires = PlainDate(rest);
    if (expires.empty()) return false;
    rest = absl::string_view();
  }
  if (!rest.empty() || (issued.empty() && expires.empty())) return false;
  // One of two dates in the wrong order is wrong; which is not said.
  if (!issued.empty() && !expires.empty() && issued > expires) return false;
  // An end that is not stated is unknown, not open.
  *identifier->mutable_time() = EdtfTime(absl::StrCat(issued, "/", expires), words);
  return true;
}

// Takes "(Country)" and "(Town)" off the end of `head`.
void TakeBrackets(std::string* head, v1::Identifier* identifier) {
  for (int i = 0; i < kMaxBrackets && absl::EndsWith(*head, ")"); ++i) {
    const std::size_t open = head->rfind(" (");
    if (open == std::string::npos || open == 0) return;
    const std::string inner = head->substr(open + 2, head->size() - open - 3);
    head->resize(open);
    const std::string code = CountryCode(inner);
    if (!code.empty() && identifier->region_code().empty()) {
      identifier->set_region_code(code);
    } else if (!identifier->has_issue_place()) {
      identifier->mutable_issue_place()->set_display_name(inner);
    } else {
      AddNote(inner, identifier);
    }
  }
}

}  // namespace

v1::FuzzyTime OfacTime(absl::string_view words) {
  v1::FuzzyTime time = TimeFromWords(words);
  const bool range = absl::StartsWith(time.edtf(), "[");
  if (range && absl::StartsWithIgnoreCase(absl::StripLeadingAsciiWhitespace(words), "circa")) {
    time.mutable_tolerance()->set_seconds(kCircaSeconds);
  }
  return time;
}

v1::Identifier OfacIdentifier(absl::string_view text) {
  v1::Identifier identifier;
  std::string head = CollapseSpace(text);
  const std::size_t validity = FindValidity(head);
  if (validity != std::string::npos) {
    const std::string tail = head.substr(validity);
    head.resize(validity);
    if (!AddValidity(tail, &identifier)) AddNote(tail, &identifier);
  }
  const auto strip = [&head] {
    while (!head.empty() && (head.back() == ' ' || head.back() == ',')) head.pop_back();
  };
  strip();
  TakeBrackets(&head, &identifier);
  strip();
  if (identifier.has_issue_place()) {
    identifier.mutable_issue_place()->set_path(identifier.region_code());
  }
  absl::string_view value = head;
  for (const absl::string_view prefix : {"No.:", "No.", "No:", "#", ":"}) {
    if (absl::ConsumePrefix(&value, prefix)) value = absl::StripLeadingAsciiWhitespace(value);
  }
  if (const std::size_t comma = value.find(", "); comma != absl::string_view::npos) {
    AddNote(value.substr(comma + 2), &identifier);
    value = value.substr(0, comma);
  }
  if (const std::size_t colon = value.find(": "); colon != absl::string_view::npos) {
    AddNote(value.substr(0, colon), &identifier);
    value = value.substr(colon + 2);
  }
  identifier.set_value(std::string(absl::StripAsciiWhitespace(value)));
  return identifier;
}

}  // namespace communique::importers
