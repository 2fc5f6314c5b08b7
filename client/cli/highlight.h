#ifndef COMMUNIQUE_CLIENT_CLI_HIGHLIGHT_H_
#define COMMUNIQUE_CLIENT_CLI_HIGHLIGHT_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "communique/v1/catalog.pb.h"

namespace communique::cli {

// The text of a fragment, harmless, with what matched handed through `emphasise`.
// Highlights that overlap, run backwards or end beyond the text are put right.
std::string HighlightedText(const v1::SearchFragment& fragment,
                            const std::function<std::string(absl::string_view)>& emphasise);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_HIGHLIGHT_H_
