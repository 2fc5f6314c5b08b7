#include "service/query/filter.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
#include "service/query/filter_compiler.h"
#include "service/query/filter_evaluator.h"
#include "service/query/filter_path.h"
#include "service/query/filter_syntax.h"

namespace communique::query {

Filter::Filter() : fingerprint_(base::Fnv1a64("")) {}

absl::StatusOr<Filter> Filter::Parse(absl::string_view text, v1::RecordKind kind) {
  Filter filter;
  if (text.size() > base::kMaxFilterBytes) {
    return FilterError(base::kMaxFilterBytes,
                       absl::StrCat("longer than ", base::kMaxFilterBytes, " bytes"));
  }
  const absl::string_view stripped = absl::StripAsciiWhitespace(text);
  if (stripped.empty()) return filter;
  const auto syntax = ParseFilterSyntax(text);
  if (!syntax.ok()) return syntax.status();
  auto root = CompileFilter(*syntax, FilterScope::OfRecord(kind));
  if (!root.ok()) return root.status();
  filter.root_ = *std::move(root);
  filter.needs_record_ = NeedsRecord(*filter.root_);
  filter.fingerprint_ = base::Fnv1a64(stripped);
  return filter;
}

bool Filter::Matches(const v1::Record& record) const {
  return root_ == nullptr || Evaluate(*root_, record);
}

bool Filter::MatchesName(absl::string_view name) const {
  return root_ == nullptr || EvaluateName(*root_, name);
}

}  // namespace communique::query
