#include "service/query/filter.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
#include "service/query/filter_compiler.h"
#include "service/query/filter_evaluator.h"
#include "service/query/filter_path.h"
#include "service/query/filter_syntax.h"

namespace communique::query {
namespace {

// What the allocator takes beside what was asked for.
constexpr size_t kAllocationBytes = 16;

size_t HeapBytesOf(const std::string& text) {
  return text.capacity() > std::string().capacity() ? text.capacity() + kAllocationBytes : 0;
}

template <typename T>
size_t HeapBytesOf(const std::vector<T>& list) {
  return list.capacity() == 0 ? 0 : list.capacity() * sizeof(T) + kAllocationBytes;
}

// Adds the leaves below a node and the memory of all of it.
void Measure(const FilterNode& node, int64_t& terms, size_t& bytes) {
  if (node.type == FilterNode::Type::kLeaf) ++terms;
  bytes += sizeof node + kAllocationBytes + HeapBytesOf(node.children) + HeapBytesOf(node.targets) +
           HeapBytesOf(node.text) + HeapBytesOf(node.words.words) + HeapBytesOf(node.words.folded);
  for (const std::string& word : node.words.words) bytes += HeapBytesOf(word);
  for (const FilterTarget& target : node.targets) {
    bytes += HeapBytesOf(target.path) + HeapBytesOf(target.assertion_path);
    if (const auto* text = std::get_if<std::string>(&target.operand)) bytes += HeapBytesOf(*text);
    if (target.element != nullptr) Measure(*target.element, terms, bytes);
  }
  for (const auto& child : node.children) Measure(*child, terms, bytes);
}

}  // namespace

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
  Measure(*filter.root_, filter.terms_, filter.bytes_);
  return filter;
}

bool Filter::Matches(const v1::Record& record) const {
  return root_ == nullptr || Evaluate(*root_, record);
}

bool Filter::Matches(const v1::Record& record, RecordTerms& terms) const {
  return root_ == nullptr || Evaluate(*root_, record, terms);
}

bool Filter::MatchesName(absl::string_view name) const {
  return root_ == nullptr || EvaluateName(*root_, name);
}

}  // namespace communique::query
