#include "service/query/filter_syntax.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "service/base/error.h"
#include "service/base/limits.h"

namespace communique::query {
namespace {

using Type = FilterSyntax::Type;

struct Sign {
  Comparator comparator;
  absl::string_view text;
};

// Those of two characters first: they are looked for in this order.
constexpr Sign kSigns[] = {
    {Comparator::kNotEquals, "!="},    {Comparator::kLessEqual, "<="},
    {Comparator::kGreaterEqual, ">="}, {Comparator::kEquals, "="},
    {Comparator::kLess, "<"},          {Comparator::kGreater, ">"},
    {Comparator::kHas, ":"},
};

// What ends a word wherever it stands. A field also ends before a comparator; a
// value does not: times and addresses have colons.
constexpr absl::string_view kEndsValue = "(),\"'";
constexpr absl::string_view kEndsField = "(),\"'=!<>:";

bool Contains(absl::string_view characters, char c) {
  return characters.find(c) != absl::string_view::npos;
}

FilterSyntax Combine(Type type, size_t position, std::vector<FilterSyntax> children) {
  if (children.size() == 1 && type != Type::kNot) return std::move(children[0]);
  FilterSyntax node;
  node.type = type;
  node.position = position;
  node.children = std::move(children);
  return node;
}

// Recursive descent:
//   expression = sequence {"AND" sequence}    sequence = factor {factor}
//   factor = term {"OR" term}                 term = {"NOT" | "-"} simple
//   simple = "(" expression ")" | call | path comparator value | bare
//   call = word "(" [expression {"," expression}] ")"
// Each level of nesting, and each NOT of a chain, is one of depth.
class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<FilterSyntax> Run() {
    auto node = ParseExpression(0);
    if (!node.ok()) return node;
    if (!AtEnd()) return FilterError(position_, "AND, OR or the end was expected");
    return node;
  }

 private:
  absl::StatusOr<FilterSyntax> ParseExpression(int depth) {
    std::vector<FilterSyntax> factors;
    SkipSpace();
    const size_t start = position_;
    do {
      auto factor = ParseFactor(depth);
      if (!factor.ok()) return factor;
      factors.push_back(*std::move(factor));
    } while (TakeWord("AND") || (!AtEnd() && text_[position_] != ')' && text_[position_] != ','));
    return Combine(Type::kAnd, start, std::move(factors));
  }

  absl::StatusOr<FilterSyntax> ParseFactor(int depth) {
    std::vector<FilterSyntax> terms;
    SkipSpace();
    const size_t start = position_;
    do {
      auto term = ParseTerm(depth);
      if (!term.ok()) return term;
      terms.push_back(*std::move(term));
    } while (TakeWord("OR"));
    return Combine(Type::kOr, start, std::move(terms));
  }

  absl::StatusOr<FilterSyntax> ParseTerm(int depth) {
    SkipSpace();
    const size_t start = position_;
    bool negated = false;
    while (TakeWord("NOT") || Take('-')) {
      negated = !negated;
      if (absl::Status status = CheckDepth(++depth); !status.ok()) return status;
      SkipSpace();
    }
    auto node = ParseSimple(depth);
    if (!node.ok() || !negated) return node;
    std::vector<FilterSyntax> only;
    only.push_back(*std::move(node));
    return Combine(Type::kNot, start, std::move(only));
  }

  absl::StatusOr<FilterSyntax> ParseSimple(int depth) {
    if (!Take('(')) return ParseRestriction(depth);
    if (absl::Status status = CheckDepth(depth + 1); !status.ok()) return status;
    auto node = ParseExpression(depth + 1);
    if (!node.ok()) return node;
    if (!Take(')')) return FilterError(position_, "AND, OR or \")\" was expected");
    return node;
  }

  absl::StatusOr<FilterSyntax> ParseRestriction(int depth) {
    if (AtEnd() || Contains("),=<>:!", text_[position_]) || AtWord("AND") || AtWord("OR")) {
      return FilterError(position_, "a field, a function, NOT or \"(\" was expected");
    }
    FilterSyntax node;
    node.position = position_;
    if (absl::Status status = TakeLiteral(kEndsField, node.literal); !status.ok()) return status;
    if (node.literal.quoted) return node;
    if (Take('(')) return ParseCall(depth, std::move(node));
    SkipSpace();
    node.comparator_position = position_;
    if (TakeComparator(node.comparator)) return ParseComparison(std::move(node));
    if (!AtEnd() && text_[position_] == '!') return FilterError(position_, "!= was expected");
    return node;
  }

  absl::StatusOr<FilterSyntax> ParseComparison(FilterSyntax node) {
    node.type = Type::kCompare;
    if (absl::Status status = CountTerm(node.position); !status.ok()) return status;
    auto path = ParseFilterPath(node.literal.written, node.position);
    if (!path.ok()) return path.status();
    node.path = *std::move(path);
    if (AtEnd() || Contains("(),=!<>:", text_[position_])) {
      return FilterError(position_,
                         absl::StrCat("a value was expected after ", SignOf(node.comparator)));
    }
    node.literal = {};
    if (absl::Status status = TakeLiteral(kEndsValue, node.literal); !status.ok()) return status;
    return node;
  }

  absl::StatusOr<FilterSyntax> ParseCall(int depth, FilterSyntax node) {
    node.type = Type::kCall;
    node.function = node.literal.written;
    if (absl::Status status = CountTerm(node.position); !status.ok()) return status;
    if (absl::Status status = CheckDepth(depth + 1); !status.ok()) return status;
    if (Take(')')) return node;
    do {
      auto argument = ParseExpression(depth + 1);
      if (!argument.ok()) return argument;
      node.children.push_back(*std::move(argument));
    } while (Take(','));
    if (!Take(')')) return FilterError(position_, "\",\" or \")\" was expected");
    return node;
  }

  // Comparisons and calls; what is bare is an argument, or refused later.
  absl::Status CountTerm(size_t position) {
    if (++terms_ <= base::kMaxFilterTerms) return absl::OkStatus();
    return FilterError(position, absl::StrCat("more than ", base::kMaxFilterTerms, " terms"));
  }

  absl::Status CheckDepth(int depth) const {
    if (depth <= base::kMaxFilterDepth) return absl::OkStatus();
    return FilterError(position_,
                       absl::StrCat("nested deeper than ", base::kMaxFilterDepth, " levels"));
  }

  void SkipSpace() {
    while (position_ < text_.size() && absl::ascii_isspace(text_[position_])) ++position_;
  }

  bool AtEnd() {
    SkipSpace();
    return position_ == text_.size();
  }

  // Keywords are in capitals and stand by themselves.
  bool AtWord(absl::string_view word) const {
    const absl::string_view rest = text_.substr(position_);
    return absl::StartsWith(rest, word) &&
           (rest.size() == word.size() || absl::ascii_isspace(rest[word.size()]) ||
            Contains(kEndsField, rest[word.size()]) || rest[word.size()] == '-');
  }

  bool TakeWord(absl::string_view word) {
    SkipSpace();
    if (!AtWord(word)) return false;
    position_ += word.size();
    return true;
  }

  bool Take(char c) {
    if (AtEnd() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  bool TakeComparator(Comparator& comparator) {
    for (const Sign& sign : kSigns) {
      if (!absl::StartsWith(text_.substr(position_), sign.text)) continue;
      position_ += sign.text.size();
      comparator = sign.comparator;
      return true;
    }
    return false;
  }

  // A quotation, or a word up to a space or one of `ends`; there is one.
  absl::Status TakeLiteral(absl::string_view ends, FilterLiteral& literal) {
    literal.position = position_;
    literal.quoted = text_[position_] == '"' || text_[position_] == '\'';
    if (absl::Status status = literal.quoted ? TakeQuotation(literal) : TakeBareWord(ends, literal);
        !status.ok()) {
      return status;
    }
    literal.written = text_.substr(literal.position, position_ - literal.position);
    return absl::OkStatus();
  }

  absl::Status TakeBareWord(absl::string_view ends, FilterLiteral& literal) {
    while (position_ < text_.size() && !absl::ascii_isspace(text_[position_]) &&
           !Contains(ends, text_[position_])) {
      ++position_;
    }
    absl::string_view word = text_.substr(literal.position, position_ - literal.position);
    literal.star_before = absl::ConsumePrefix(&word, "*");
    literal.star_after = absl::ConsumeSuffix(&word, "*");
    literal.text = std::string(word);
    return absl::OkStatus();
  }

  absl::Status TakeQuotation(FilterLiteral& literal) {
    const char quote = text_[position_++];
    for (bool first = true;; first = false) {
      if (position_ == text_.size()) {
        return FilterError(literal.position, "the quotation that begins here is not closed");
      }
      char c = text_[position_++];
      if (c == quote) return absl::OkStatus();
      const bool ends = position_ < text_.size() && text_[position_] == quote;
      if (c == '*' && (first || ends)) {
        (first ? literal.star_before : literal.star_after) = true;
        continue;
      }
      if (c == '\\' && position_ < text_.size()) c = text_[position_++];
      literal.text.push_back(c);
    }
  }

  const absl::string_view text_;
  size_t position_ = 0;
  int terms_ = 0;
};

}  // namespace

absl::string_view SignOf(Comparator comparator) {
  for (const Sign& sign : kSigns) {
    if (sign.comparator == comparator) return sign.text;
  }
  return "";
}

absl::StatusOr<FilterSyntax> ParseFilterSyntax(absl::string_view text) {
  return Parser(text).Run();
}

absl::StatusOr<FilterPathText> ParseFilterPath(absl::string_view text, size_t position) {
  FilterPathText path{position, text, {}};
  size_t start = 0;
  while (true) {
    const size_t end = std::min(text.find('.', start), text.size());
    if (end == start) return FilterError(position + start, "the name of a field was expected");
    path.segments.push_back({position + start, text.substr(start, end - start)});
    if (end == text.size()) return path;
    start = end + 1;
  }
}

absl::Status FilterError(size_t position, absl::string_view what) {
  base::Violations violations;
  violations.Add("filter", absl::StrCat("at byte ", position, ": ", what));
  absl::Status status = violations.ToStatus(v1::ERROR_REASON_INVALID_FILTER);
  base::AddMetadata(status, "position", absl::StrCat(position));
  return status;
}

}  // namespace communique::query
