#include "service/query/filter.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "service/base/error.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
#include "service/domain/names.h"

namespace communique::query {

struct Filter::Node {
  enum class Type { kAnd, kOr, kNot, kKind, kName, kNamePrefix };
  Type type = Type::kAnd;
  std::vector<std::shared_ptr<const Node>> children;  // of kAnd, kOr, kNot
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;  // of kKind
  std::string text;                                   // of kName, kNamePrefix

  bool Matches(absl::string_view name) const {
    switch (type) {
      case Type::kAnd:
        for (const auto& child : children) {
          if (!child->Matches(name)) return false;
        }
        return true;
      case Type::kOr:
        for (const auto& child : children) {
          if (child->Matches(name)) return true;
        }
        return false;
      case Type::kNot:
        return !children[0]->Matches(name);
      case Type::kKind:
        return domain::KindOfName(name) == kind;
      case Type::kName:
        return name == text;
      case Type::kNamePrefix:
        return absl::StartsWith(name, text);
    }
    return false;
  }
};

namespace {

using Node = Filter::Node;
using NodePtr = std::shared_ptr<const Node>;

absl::Status FilterError(size_t position, absl::string_view what) {
  base::Violations violations;
  violations.Add("filter", absl::StrCat("at character ", position, ": ", what));
  absl::Status status = violations.ToStatus(v1::ERROR_REASON_INVALID_FILTER);
  base::AddMetadata(status, "position", absl::StrCat(position));
  return status;
}

// Recursive descent over the grammar of AIP-160:
//   expression = sequence {"AND" sequence}; sequence = factor {factor};
//   factor = term {"OR" term}; term = ["NOT" | "-"] simple.
class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<NodePtr> Run() {
    auto node = ParseExpression(0);
    if (!node.ok()) return node;
    if (SkipSpace(); position_ != text_.size()) {
      return FilterError(position_, "AND, OR or the end was expected");
    }
    return node;
  }

 private:
  absl::StatusOr<NodePtr> ParseExpression(int depth) {
    std::vector<NodePtr> factors;
    while (true) {
      auto factor = ParseFactor(depth);
      if (!factor.ok()) return factor;
      factors.push_back(*std::move(factor));
      SkipSpace();
      if (TakeWord("AND")) continue;
      if (position_ == text_.size() || text_[position_] == ')') break;
      if (AtWord("OR")) return FilterError(position_, "a term was expected before OR");
    }
    return Combine(Node::Type::kAnd, std::move(factors));
  }

  absl::StatusOr<NodePtr> ParseFactor(int depth) {
    std::vector<NodePtr> terms;
    do {
      auto term = ParseTerm(depth);
      if (!term.ok()) return term;
      terms.push_back(*std::move(term));
    } while (TakeWord("OR"));
    return Combine(Node::Type::kOr, std::move(terms));
  }

  absl::StatusOr<NodePtr> ParseTerm(int depth) {
    if (depth > base::kMaxFilterDepth) return FilterError(position_, "nested too deep");
    if (++terms_ > base::kMaxFilterTerms) return FilterError(position_, "too many terms");
    SkipSpace();
    bool negated = TakeWord("NOT");
    SkipSpace();
    if (!negated && position_ < text_.size() && text_[position_] == '-') {
      ++position_;
      negated = true;
    }
    auto node = ParseSimple(depth);
    if (!node.ok() || !negated) return node;
    return Combine(Node::Type::kNot, {*std::move(node)});
  }

  absl::StatusOr<NodePtr> ParseSimple(int depth) {
    SkipSpace();
    if (position_ < text_.size() && text_[position_] == '(') {
      ++position_;
      auto node = ParseExpression(depth + 1);
      if (!node.ok()) return node;
      SkipSpace();
      if (position_ == text_.size()) return FilterError(position_, "\")\" was expected");
      ++position_;
      return node;
    }
    return ParseRestriction();
  }

  absl::StatusOr<NodePtr> ParseRestriction() {
    const size_t field_position = position_;
    const absl::string_view field = TakeIdentifier();
    if (field.empty()) return FilterError(position_, "a field was expected: kind, name");
    if (field != "kind" && field != "name") {
      return FilterError(field_position,
                         absl::StrCat("unknown field ", base::Quoted(field), "; known are kind, name"));
    }
    SkipSpace();
    bool negated = false;
    if (absl::StartsWith(text_.substr(position_), "!=")) {
      position_ += 2;
      negated = true;
    } else if (position_ < text_.size() && text_[position_] == '=') {
      ++position_;
    } else {
      return FilterError(position_, "\"=\" or \"!=\" was expected");
    }
    SkipSpace();
    const size_t value_position = position_;
    std::string value;
    if (absl::Status status = TakeValue(value); !status.ok()) return status;
    auto node = std::make_shared<Node>();
    if (field == "kind") {
      node->type = Node::Type::kKind;
      node->kind = ParseKind(value);
      if (node->kind == v1::RECORD_KIND_UNSPECIFIED) {
        return FilterError(value_position,
                           absl::StrCat(base::Quoted(value), " is no kind; kinds are summit, sanction, "
                                        "statement, actor, source"));
      }
    } else if (absl::EndsWith(value, "*")) {
      node->type = Node::Type::kNamePrefix;
      node->text = value.substr(0, value.size() - 1);
    } else {
      if (const std::string problem = domain::DescribeNameProblem(value); !problem.empty()) {
        return FilterError(value_position, absl::StrCat(base::Quoted(value), " ", problem));
      }
      node->type = Node::Type::kName;
      node->text = std::move(value);
    }
    if (!negated) return NodePtr(std::move(node));
    return Combine(Node::Type::kNot, {std::move(node)});
  }

  static v1::RecordKind ParseKind(absl::string_view value) {
    v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
    v1::RecordKind_Parse(
        absl::StrCat("RECORD_KIND_",
                     absl::AsciiStrToUpper(absl::StripPrefix(value, "RECORD_KIND_"))),
        &kind);
    return kind;
  }

  static NodePtr Combine(Node::Type type, std::vector<NodePtr> children) {
    if (children.size() == 1 && type != Node::Type::kNot) return std::move(children[0]);
    auto node = std::make_shared<Node>();
    node->type = type;
    node->children = std::move(children);
    return node;
  }

  void SkipSpace() {
    while (position_ < text_.size() && absl::ascii_isspace(text_[position_])) ++position_;
  }

  static bool IsIdentifier(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.'; }

  // Keywords are in capitals and stand by themselves.
  bool AtWord(absl::string_view word) const {
    const absl::string_view rest = text_.substr(position_);
    return absl::StartsWith(rest, word) &&
           (rest.size() == word.size() || !IsIdentifier(rest[word.size()]));
  }

  bool TakeWord(absl::string_view word) {
    SkipSpace();
    if (!AtWord(word)) return false;
    position_ += word.size();
    return true;
  }

  absl::string_view TakeIdentifier() {
    const size_t start = position_;
    while (position_ < text_.size() && IsIdentifier(text_[position_])) ++position_;
    return text_.substr(start, position_ - start);
  }

  absl::Status TakeValue(std::string& value) {
    if (position_ == text_.size()) return FilterError(position_, "a value was expected");
    const char quote = text_[position_];
    if (quote != '"' && quote != '\'') {
      const size_t start = position_;
      while (position_ < text_.size() && !absl::ascii_isspace(text_[position_]) &&
             text_[position_] != ')' && text_[position_] != '(') {
        ++position_;
      }
      value = std::string(text_.substr(start, position_ - start));
      return value.empty() ? FilterError(position_, "a value was expected") : absl::OkStatus();
    }
    const size_t start = position_++;
    for (; position_ < text_.size() && text_[position_] != quote; ++position_) {
      if (text_[position_] == '\\' && position_ + 1 < text_.size()) ++position_;
      value.push_back(text_[position_]);
    }
    if (position_ == text_.size()) return FilterError(start, "the quotation is not closed");
    ++position_;
    return absl::OkStatus();
  }

  const absl::string_view text_;
  size_t position_ = 0;
  int terms_ = 0;
};

}  // namespace

Filter::Filter() : fingerprint_(base::Fnv1a64("")) {}

absl::StatusOr<Filter> Filter::Parse(absl::string_view text) {
  Filter filter;
  const absl::string_view stripped = absl::StripAsciiWhitespace(text);
  if (stripped.empty()) return filter;
  if (text.size() > base::kMaxFilterBytes) {
    return FilterError(base::kMaxFilterBytes,
                       absl::StrCat("longer than ", base::kMaxFilterBytes, " bytes"));
  }
  auto root = Parser(text).Run();
  if (!root.ok()) return root.status();
  filter.root_ = *std::move(root);
  filter.fingerprint_ = base::Fnv1a64(stripped);
  return filter;
}

bool Filter::MatchesName(absl::string_view name) const {
  return root_ == nullptr || root_->Matches(name);
}

}  // namespace communique::query
