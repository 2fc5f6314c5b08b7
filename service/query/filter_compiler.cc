#include "service/query/filter_compiler.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "communique/v1/place.pb.h"
#include "communique/v1/time.pb.h"
#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/domain/names.h"
#include "service/query/filter_literal.h"

namespace communique::query {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using NodePtr = std::unique_ptr<const FilterNode>;
using Syntax = FilterSyntax;

constexpr int64_t kSecondsPerDay = 24 * 60 * 60;

NodePtr MakeParent(FilterNode::Type type, std::vector<NodePtr> children) {
  auto node = std::make_unique<FilterNode>();
  node->type = type;
  node->children = std::move(children);
  return node;
}

NodePtr Negate(NodePtr child) {
  std::vector<NodePtr> only;
  only.push_back(std::move(child));
  return MakeParent(FilterNode::Type::kNot, std::move(only));
}

FilterNode MakeLeaf(FilterOp op) {
  FilterNode leaf;
  leaf.op = op;
  return leaf;
}

NodePtr Own(FilterNode leaf) { return std::make_unique<const FilterNode>(std::move(leaf)); }

FilterTarget TargetOf(FieldPath path) {
  FilterTarget target;
  target.path = std::move(path);
  return target;
}

bool IsName(const FieldPath& path) {
  return path.size() == 1 && path[0]->containing_type() == v1::Record::descriptor() &&
         path[0]->number() == v1::Record::kNameFieldNumber;
}

// Whether a path from the record leads into one of the bodies.
bool IsInBody(const FieldPath& path) {
  return path.size() > 1 && path[0]->containing_type() == v1::Record::descriptor() &&
         path[0]->containing_oneof() != nullptr;
}

// As in Assertion.path, the ids of elements left out; empty when no assertion can
// be about it.
std::string AssertionPathOf(const FieldPath& path) {
  if (!IsInBody(path)) return "";
  return absl::StrJoin(
      path.begin() + 1, path.end(), ".",
      [](std::string* out, const FieldDescriptor* field) { out->append(field->name()); });
}

// The text of each problem once, in order; a leaf that fits no kind says what
// each would have taken.
absl::Status ToError(const std::vector<LiteralProblem>& problems) {
  std::vector<std::string> texts;
  for (const LiteralProblem& problem : problems) {
    if (std::find(texts.begin(), texts.end(), problem.text) == texts.end()) {
      texts.push_back(problem.text);
    }
  }
  return FilterError(problems.front().position, absl::StrJoin(texts, "; or "));
}

std::optional<v1::RecordKind> ParseKind(const FilterLiteral& literal) {
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  const std::string upper = absl::AsciiStrToUpper(literal.text);
  v1::RecordKind_Parse(absl::StrCat("RECORD_KIND_", absl::StripPrefix(upper, "RECORD_KIND_")),
                       &kind);
  if (literal.has_star() || kind == v1::RECORD_KIND_UNSPECIFIED) return std::nullopt;
  return kind;
}

class Compiler {
 public:
  explicit Compiler(const FilterScope& scope) : scope_(scope) {}

  absl::StatusOr<NodePtr> Compile(const Syntax& syntax) const {
    switch (syntax.type) {
      case Syntax::Type::kAnd:
        return CompileChildren(FilterNode::Type::kAnd, syntax);
      case Syntax::Type::kOr:
        return CompileChildren(FilterNode::Type::kOr, syntax);
      case Syntax::Type::kNot:
        return CompileChildren(FilterNode::Type::kNot, syntax);
      case Syntax::Type::kCompare:
        return CompileComparison(syntax);
      case Syntax::Type::kCall:
        return CompileCall(syntax);
      case Syntax::Type::kBare:
        break;
    }
    return FilterError(
        syntax.position,
        absl::StrCat("a comparison was expected (field = value); to search for words write text(\"",
                     base::CutText(syntax.literal.text, base::kMaxQuotedBytes), "\")"));
  }

 private:
  // One of the functions: what it is called with, and what makes it a node.
  struct Function {
    absl::string_view name;
    absl::string_view usage;
    size_t arguments;
    bool in_element;  // may stand within any()
    absl::StatusOr<NodePtr> (Compiler::*compile)(const Syntax& call) const;
  };
  static const Function kFunctions[];

  absl::StatusOr<NodePtr> CompileChildren(FilterNode::Type type, const Syntax& syntax) const {
    std::vector<NodePtr> children;
    for (const Syntax& child : syntax.children) {
      auto compiled = Compile(child);
      if (!compiled.ok()) return compiled;
      children.push_back(*std::move(compiled));
    }
    return MakeParent(type, std::move(children));
  }

  // --- Comparisons ----------------------------------------------------------

  absl::StatusOr<NodePtr> CompileComparison(const Syntax& syntax) const {
    const bool is_kind = !scope_.in_element() && syntax.path.text == "kind";
    const bool presence = syntax.comparator == Comparator::kHas && syntax.literal.is_star();
    if (is_kind && !presence) return CompileKind(syntax);
    // Every record has a kind, as it has a name.
    static constexpr absl::string_view kName = "name";
    const FilterPathText name{syntax.path.position, kName, {{syntax.path.position, kName}}};
    auto paths = scope_.Resolve(is_kind ? name : syntax.path);
    if (!paths.ok()) return paths.status();
    if (presence) return CompilePresence(*std::move(paths));
    return CompileValues(syntax, *std::move(paths));
  }

  static absl::StatusOr<NodePtr> CompileKind(const Syntax& syntax) {
    switch (syntax.comparator) {
      case Comparator::kEquals:
      case Comparator::kNotEquals:
      case Comparator::kHas:
        break;
      default:
        return FilterError(
            syntax.comparator_position,
            absl::StrCat("=, != or : was expected after kind, not ", SignOf(syntax.comparator)));
    }
    const auto kind = ParseKind(syntax.literal);
    if (!kind) {
      return FilterError(syntax.literal.position,
                         absl::StrCat(base::Quoted(syntax.literal.written),
                                      " is no kind; kinds are summit, sanction, statement, actor, "
                                      "source"));
    }
    FilterNode leaf = MakeLeaf(FilterOp::kKind);
    leaf.kind = *kind;
    NodePtr node = Own(std::move(leaf));
    return syntax.comparator == Comparator::kNotEquals ? Negate(std::move(node)) : std::move(node);
  }

  static NodePtr CompilePresence(std::vector<FieldPath> paths) {
    FilterNode leaf = MakeLeaf(FilterOp::kPresent);
    for (FieldPath& path : paths) leaf.targets.push_back(TargetOf(std::move(path)));
    return Own(std::move(leaf));
  }

  // One leaf, or one for each operation when the path types differently in
  // several kinds (`f:v` of a text and of an enum).
  absl::StatusOr<NodePtr> CompileValues(const Syntax& syntax, std::vector<FieldPath> paths) const {
    std::vector<FilterNode> leaves;
    std::vector<LiteralProblem> problems;
    for (FieldPath& path : paths) {
      LiteralProblem& problem = problems.emplace_back();
      auto typed = TypeComparison(syntax, *path.back(), problem);
      if (!typed) continue;
      if (typed->op == FilterOp::kEquals && IsName(path)) {
        const std::string malformed = domain::DescribeNameProblem(syntax.literal.text);
        if (!malformed.empty()) {
          return FilterError(syntax.literal.position,
                             absl::StrCat(base::Quoted(syntax.literal.text), " ", malformed));
        }
      }
      auto leaf = std::find_if(leaves.begin(), leaves.end(),
                               [&](const FilterNode& node) { return node.op == typed->op; });
      if (leaf == leaves.end()) {
        leaf = leaves.insert(leaf, MakeLeaf(typed->op));
        leaf->pattern = {syntax.literal.star_before, syntax.literal.star_after};
      }
      FilterTarget target = TargetOf(std::move(path));
      target.operand = std::move(typed->operand);
      leaf->targets.push_back(std::move(target));
    }
    if (leaves.empty()) return ToError(problems);
    std::vector<NodePtr> nodes;
    for (FilterNode& leaf : leaves) nodes.push_back(Own(std::move(leaf)));
    NodePtr node = nodes.size() == 1 ? std::move(nodes[0])
                                     : MakeParent(FilterNode::Type::kOr, std::move(nodes));
    return syntax.comparator == Comparator::kNotEquals ? Negate(std::move(node)) : std::move(node);
  }

  // --- Functions ------------------------------------------------------------

  absl::StatusOr<NodePtr> CompileCall(const Syntax& call) const {
    std::vector<std::string> names;
    for (const Function* f = kFunctions; !f->name.empty(); ++f) {
      if (f->name != call.function) {
        names.emplace_back(f->name);
        continue;
      }
      if (scope_.in_element() && !f->in_element) {
        return FilterError(call.position, absl::StrCat(f->name,
                                                       "() is about the whole record: it "
                                                       "cannot stand within any()"));
      }
      if (call.children.size() != f->arguments) {
        return FilterError(call.position, absl::StrCat(f->name, "() is called so: ", f->usage));
      }
      return (this->*f->compile)(call);
    }
    return FilterError(call.position, absl::StrCat("unknown function ", base::Quoted(call.function),
                                                   SuggestName(call.function, names),
                                                   "; known are ", ListNames(names)));
  }

  // Every way to read a call's first argument as a path.
  absl::StatusOr<std::vector<FieldPath>> ResolveArgument(const Syntax& call) const {
    const Syntax& argument = call.children[0];
    const FilterLiteral& literal = argument.literal;
    if (argument.type != Syntax::Type::kBare || literal.quoted || literal.has_star()) {
      return FilterError(argument.position,
                         absl::StrCat("the path of a field was expected, without "
                                      "quotation marks, in ",
                                      call.function, "()"));
    }
    const auto path = ParseFilterPath(literal.written, literal.position);
    if (!path.ok()) return path.status();
    return scope_.Resolve(*path);
  }

  // Those that lead to a message of one type.
  absl::StatusOr<std::vector<FieldPath>> ResolveTo(const Syntax& call,
                                                   const Descriptor& type) const {
    auto paths = ResolveArgument(call);
    if (!paths.ok()) return paths;
    std::vector<FieldPath> fitting;
    std::vector<LiteralProblem> problems;
    for (FieldPath& path : *paths) {
      if (path.back()->message_type() == &type) {
        fitting.push_back(std::move(path));
        continue;
      }
      problems.push_back(
          {call.children[0].position,
           absl::StrCat(call.function, "() takes a ", type.name(), ", and ",
                        call.children[0].literal.text, " is ", DescribeType(*path.back()))});
    }
    if (fitting.empty()) return ToError(problems);
    return fitting;
  }

  // An argument that is a text, in quotation marks or not.
  static absl::StatusOr<const FilterLiteral*> TextArgument(const Syntax& argument) {
    if (argument.type == Syntax::Type::kBare) return &argument.literal;
    return FilterError(argument.position, "a text in quotation marks was expected");
  }

  // The bound of a range: whole seconds, within it.
  struct Bound {
    TimePoint exact;
    int64_t seconds = 0;
  };

  static absl::StatusOr<Bound> ParseBound(const Syntax& argument, bool is_end) {
    using Limits = std::numeric_limits<int64_t>;
    const bool bare = argument.type == Syntax::Type::kBare;
    const FilterLiteral& literal = argument.literal;
    if (bare && literal.is_star()) {
      const int64_t limit = is_end ? Limits::max() : Limits::min();
      return Bound{{limit, 0}, limit};
    }
    auto instant = bare && !literal.has_star() ? ParseInstant(literal.text) : std::nullopt;
    if (!instant) {
      return FilterError(argument.position,
                         "a date (\"2023-09-12\"), an RFC 3339 timestamp "
                         "(\"2023-09-12T10:00:00Z\") or * was expected");
    }
    // A date is its whole day, in UTC.
    if (is_end && ParseDate(literal.text)) instant->seconds += kSecondsPerDay - 1;
    // Corners are whole seconds: those that lie within.
    return Bound{*instant, instant->seconds + (!is_end && instant->nanos > 0 ? 1 : 0)};
  }

  absl::StatusOr<NodePtr> CompileRange(const Syntax& call, FilterOp op) const {
    auto paths = ResolveTo(call, *v1::FuzzyTime::descriptor());
    if (!paths.ok()) return paths.status();
    const auto from = ParseBound(call.children[1], /*is_end=*/false);
    if (!from.ok()) return from.status();
    const auto to = ParseBound(call.children[2], /*is_end=*/true);
    if (!to.ok()) return to.status();
    if (from->exact > to->exact) {
      return FilterError(call.children[1].position, "the range begins after its end");
    }
    FilterNode leaf = MakeLeaf(op);
    leaf.range = {from->seconds, to->seconds};
    for (FieldPath& path : *paths) {
      FilterTarget target = TargetOf(std::move(path));
      if (op == FilterOp::kPossibly) target.assertion_path = AssertionPathOf(target.path);
      leaf.targets.push_back(std::move(target));
    }
    return Own(std::move(leaf));
  }
  absl::StatusOr<NodePtr> CompileDefinitely(const Syntax& call) const {
    return CompileRange(call, FilterOp::kDefinitely);
  }
  absl::StatusOr<NodePtr> CompilePossibly(const Syntax& call) const {
    return CompileRange(call, FilterOp::kPossibly);
  }

  absl::StatusOr<NodePtr> CompileWithin(const Syntax& call) const {
    auto paths = ResolveTo(call, *v1::Place::descriptor());
    if (!paths.ok()) return paths.status();
    const auto path = TextArgument(call.children[1]);
    if (!path.ok()) return path.status();
    const std::string& text = (*path)->text;
    if (text.empty() || (*path)->has_star() || text.front() == '/' || text.back() == '/') {
      return FilterError((*path)->position,
                         "a containment path was expected, such as \"RU/RU-PRI\"");
    }
    FilterNode leaf = MakeLeaf(FilterOp::kWithin);
    leaf.text = text;
    for (FieldPath& place : *paths) leaf.targets.push_back(TargetOf(std::move(place)));
    return Own(std::move(leaf));
  }

  absl::StatusOr<NodePtr> CompileMentions(const Syntax& call) const {
    const auto target = TextArgument(call.children[0]);
    if (!target.ok()) return target.status();
    if ((*target)->has_star() || !domain::ParseReferenceTarget((*target)->text)) {
      return FilterError((*target)->position,
                         "a name was expected, such as \"actors/x\", or one of its elements, "
                         "\"actors/x#id\"");
    }
    FilterNode leaf = MakeLeaf(FilterOp::kMentions);
    leaf.text = (*target)->text;
    return Own(std::move(leaf));
  }

  absl::StatusOr<NodePtr> CompileText(const Syntax& call) const {
    const auto literal = TextArgument(call.children[0]);
    if (!literal.ok()) return literal.status();
    // The star at the end makes a prefix of the last word.
    auto words = TextQuery::ForFilter(
        absl::StrCat((*literal)->text, (*literal)->star_after || (*literal)->is_star() ? "*" : ""));
    if (!words.ok()) return FilterError((*literal)->position, words.status().message());
    FilterNode leaf = MakeLeaf(FilterOp::kText);
    leaf.words = *std::move(words);
    return Own(std::move(leaf));
  }

  absl::StatusOr<NodePtr> CompileAny(const Syntax& call) const {
    auto paths = ResolveArgument(call);
    if (!paths.ok()) return paths.status();
    FilterNode leaf = MakeLeaf(FilterOp::kAny);
    std::vector<LiteralProblem> problems;
    absl::Status inner_error;
    for (FieldPath& path : *paths) {
      const bool repeated = std::any_of(path.begin(), path.end(),
                                        [](const auto* field) { return field->is_repeated(); });
      if (!repeated || path.back()->message_type() == nullptr) {
        problems.push_back(
            {call.children[0].position,
             absl::StrCat(
                 "any() takes a list of messages, and ", call.children[0].literal.text, " is ",
                 repeated ? "one of values: compare it by itself" : DescribeType(*path.back()))});
        continue;
      }
      const FilterScope elements = FilterScope::OfElement(*path.back()->message_type());
      auto element = Compiler(elements).Compile(call.children[1]);
      if (!element.ok()) {
        inner_error.Update(element.status());
        continue;
      }
      FilterTarget target = TargetOf(std::move(path));
      target.element = *std::move(element);
      leaf.targets.push_back(std::move(target));
    }
    if (!leaf.targets.empty()) return Own(std::move(leaf));
    return inner_error.ok() ? ToError(problems) : inner_error;
  }

  absl::StatusOr<NodePtr> CompileHasConflict(const Syntax& call) const {
    auto paths = ResolveArgument(call);
    if (!paths.ok()) return paths.status();
    FilterNode leaf = MakeLeaf(FilterOp::kHasConflict);
    for (FieldPath& path : *paths) {
      if (!IsInBody(path)) continue;
      FilterTarget target = TargetOf(std::move(path));
      target.assertion_path = AssertionPathOf(target.path);
      leaf.targets.push_back(std::move(target));
    }
    if (!leaf.targets.empty()) return Own(std::move(leaf));
    return FilterError(call.children[0].position,
                       absl::StrCat("a field that assertions are about was expected: ",
                                    call.children[0].literal.text, " is not in a body"));
  }

  const FilterScope& scope_;
};

// Ends with one that has no name.
const Compiler::Function Compiler::kFunctions[] = {
    {"definitely", "definitely(field, \"2023-09-12\", \"2023-09-14\")", 3, true,
     &Compiler::CompileDefinitely},
    {"possibly", "possibly(field, \"2023-09-12\", \"2023-09-14\")", 3, true,
     &Compiler::CompilePossibly},
    {"within", "within(field, \"RU/RU-PRI\")", 2, true, &Compiler::CompileWithin},
    {"mentions", "mentions(\"actors/x\")", 1, false, &Compiler::CompileMentions},
    {"text", "text(\"words\")", 1, false, &Compiler::CompileText},
    {"any", "any(field, expression)", 2, true, &Compiler::CompileAny},
    {"has_conflict", "has_conflict(field)", 1, false, &Compiler::CompileHasConflict},
    {"", "", 0, false, nullptr},
};

}  // namespace

absl::StatusOr<NodePtr> CompileFilter(const FilterSyntax& syntax, const FilterScope& scope) {
  return Compiler(scope).Compile(syntax);
}

}  // namespace communique::query
