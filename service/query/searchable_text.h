#ifndef COMMUNIQUE_SERVICE_QUERY_SEARCHABLE_TEXT_H_
#define COMMUNIQUE_SERVICE_QUERY_SEARCHABLE_TEXT_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "communique/v1/record.pb.h"

namespace communique::query {

// What a text is worth to a search. The values are stored in the index: append
// only.
enum class TextWeight : unsigned char {
  kTitle = 0,  // titles, headlines, display names
  kName = 1,   // other names, aliases, names of places
  kBody = 2,   // quotations, questions, claims, descriptions
};
inline constexpr int kTextWeights = 3;

// One searchable text of a record.
struct SearchableText {
  TextWeight weight = TextWeight::kBody;
  absl::string_view text;
  // As in Assertion.path ("names[n-2].text"), made only when asked for.
  absl::FunctionRef<std::string()> path;  // lasts for the call
};

// Every text that Search and text() look at: titles, then names, then bodies, each
// in a fixed order. Empty ones are left out, and so are what evidence says and
// what was left out of a quotation. A weak alias counts as body.
//
// The text lasts as long as the record, the rest for the call.
void ForEachText(const v1::Record& record, absl::FunctionRef<void(const SearchableText&)> visit);

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_SEARCHABLE_TEXT_H_
