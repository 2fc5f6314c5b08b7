#include "service/query/narrow.h"

#include <algorithm>
#include <vector>

#include "service/base/limits.h"
#include "service/query/order.h"
#include "service/query/searchable_text.h"

namespace communique::query {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;

Narrowed All() { return {}; }
Narrowed None() { return {false, true, {}}; }

// Days as 32 bits: bounds far off, and open ones, stay beyond every day there is.
int32_t DayOf(int64_t seconds) {
  int64_t day = seconds / kSecondsPerDay;
  if (seconds % kSecondsPerDay < 0) --day;
  return static_cast<int32_t>(std::clamp<int64_t>(day, -kNoDay, kNoDay));
}

class Narrower {
 public:
  Narrower(const TermHasher& hasher, const SegmentTerms& segment)
      : hasher_(hasher), segment_(segment) {}

  Narrowed Run(const FilterNode& node, const FieldPath& prefix) const {
    switch (node.type) {
      case FilterNode::Type::kAnd:
        return And(node, prefix);
      case FilterNode::Type::kOr:
        return Or(node, prefix);
      case FilterNode::Type::kNot:
        return Not(*node.children[0], prefix);
      case FilterNode::Type::kLeaf:
        return Leaf(node, prefix);
    }
    return All();
  }

 private:
  // Terms first: what they leave, the rows are asked about.
  Narrowed And(const FilterNode& node, const FieldPath& prefix) const {
    Narrowed result{true, true, {}};
    for (const bool times : {false, true}) {
      for (const auto& child : node.children) {
        if (ReadsTimes(*child) != times) continue;
        if (times && !result.all) {
          Keep(*child, result.ids);
          result.exact = false;
          continue;
        }
        Narrowed narrowed = Run(*child, prefix);
        result.exact = result.exact && narrowed.exact;
        if (narrowed.all) continue;
        if (result.all) {
          result.ids = std::move(narrowed.ids);
          result.all = false;
        } else {
          result.ids &= narrowed.ids;
        }
      }
    }
    return result;
  }

  Narrowed Or(const FilterNode& node, const FieldPath& prefix) const {
    Narrowed result = None();
    for (const auto& child : node.children) {
      Narrowed narrowed = Run(*child, prefix);
      if (narrowed.all) return All();
      result.exact = result.exact && narrowed.exact;
      result.ids |= narrowed.ids;
    }
    return result;
  }

  // What the index cannot decide, it cannot turn round.
  Narrowed Not(const FilterNode& child, const FieldPath& prefix) const {
    Narrowed result = Run(child, prefix);
    if (!result.exact || !prefix.empty()) return All();
    if (result.all) return None();
    result.ids.flip(0, segment_.indexed);
    return result;
  }

  Narrowed Leaf(const FilterNode& node, const FieldPath& prefix) const {
    switch (node.op) {
      case FilterOp::kKind:
        return Term(hasher_.Kind(node.kind));
      case FilterOp::kMentions:
        return Term(hasher_.Mentions(node.text));
      case FilterOp::kText:
        return Words(node.words);
      case FilterOp::kHasConflict: {
        Narrowed result = Term(hasher_.HasAssertions());
        result.exact = false;
        return result;
      }
      case FilterOp::kEquals:
      case FilterOp::kPresent:
      case FilterOp::kWithin:
      case FilterOp::kAny:
        return Targets(node, prefix);
      case FilterOp::kDefinitely:
      case FilterOp::kPossibly:
        return Times(node);
      default:
        return All();
    }
  }

  Narrowed Term(uint64_t term) const {
    Narrowed result = None();
    segment_.add_term(term, result.ids);
    return result;
  }

  Narrowed Words(const TextQuery& query) const {
    Narrowed result{true, true, {}};
    for (size_t i = 0; i < query.words.size(); ++i) {
      // A prefix may stand for more words than are looked at.
      if (query.prefix && i + 1 == query.words.size()) {
        result.exact = false;
        continue;
      }
      Bitmap found;
      for (int weight = 0; weight < kTextWeights; ++weight) {
        segment_.add_word(static_cast<unsigned char>(weight), query.words[i], found);
      }
      if (result.all) {
        result.ids = std::move(found);
        result.all = false;
      } else {
        result.ids &= found;
      }
    }
    return result;
  }

  Narrowed Targets(const FilterNode& node, const FieldPath& prefix) const {
    Narrowed result = None();
    for (const FilterTarget& target : node.targets) {
      Narrowed narrowed = Target(node, target, prefix);
      if (narrowed.all) return All();
      result.exact = result.exact && narrowed.exact;
      result.ids |= narrowed.ids;
    }
    return result;
  }

  Narrowed Target(const FilterNode& node, const FilterTarget& target,
                  const FieldPath& prefix) const {
    FieldPath path = prefix;
    path.insert(path.end(), target.path.begin(), target.path.end());
    Narrowed result = All();
    switch (node.op) {
      case FilterOp::kEquals:
        if (HasEqualsTerm(path, target.operand)) result = Term(EqualsTerm(path, target.operand));
        break;
      case FilterOp::kPresent:
        if (HasPresentTerm(path)) result = Term(hasher_.Present(hasher_.PathOf(path)));
        break;
      case FilterOp::kWithin:
        result = Term(hasher_.Within(hasher_.PathOf(path), node.text));
        break;
      case FilterOp::kAny:
        // Each part of the expression is met somewhere, if not in one element.
        result = Run(*target.element, path);
        break;
      default:
        break;
    }
    if (!prefix.empty() || node.op == FilterOp::kAny) result.exact = false;
    return result;
  }

  uint64_t EqualsTerm(const FieldPath& path, const Operand& operand) const {
    const uint64_t hash = hasher_.PathOf(path);
    if (const auto* text = std::get_if<std::string>(&operand)) return hasher_.Equals(hash, *text);
    if (const auto* truth = std::get_if<bool>(&operand)) {
      return hasher_.Equals(hash, static_cast<int64_t>(*truth));
    }
    return hasher_.Equals(hash, std::get<int64_t>(operand));
  }

  // Whether every target is the primary time of its kind, whose days stand in the rows.
  static bool ReadsTimes(const FilterNode& node) {
    if (node.type != FilterNode::Type::kLeaf ||
        (node.op != FilterOp::kDefinitely && node.op != FilterOp::kPossibly)) {
      return false;
    }
    return std::all_of(node.targets.begin(), node.targets.end(), [](const FilterTarget& target) {
      return target.path.size() == 2 && target.path[1] == PrimaryTimeField(KindOf(*target.path[0]));
    });
  }

  static v1::RecordKind KindOf(const google::protobuf::FieldDescriptor& body) {
    for (const auto kind : {v1::RECORD_KIND_SUMMIT, v1::RECORD_KIND_STATEMENT,
                            v1::RECORD_KIND_SOURCE}) {
      if (PrimaryTimeField(kind)->containing_type() == body.message_type()) return kind;
    }
    return v1::RECORD_KIND_UNSPECIFIED;
  }

  // What lies definitely in a range also lies possibly in it, so one test serves
  // both, besides the exact begin. Kinds without the field have no days.
  bool MayLie(const FilterNode& node, uint32_t id) const {
    const VersionRow& row = (*segment_.versions)[id];
    if (node.op == FilterOp::kDefinitely &&
        (row.time < node.range.from || row.time > node.range.to)) {
      return false;
    }
    return row.first_day <= DayOf(node.range.to) && row.last_day >= DayOf(node.range.from);
  }

  void Keep(const FilterNode& node, Bitmap& ids) const {
    std::vector<uint32_t> kept;
    for (const uint32_t id : ids) {
      if (MayLie(node, id)) kept.push_back(id);
    }
    ids = Bitmap(kept.size(), kept.data());
  }

  Narrowed Times(const FilterNode& node) const {
    if (!ReadsTimes(node)) return All();
    Narrowed result = None();
    result.exact = false;
    for (uint32_t id = 0; id < segment_.indexed; ++id) {
      if (MayLie(node, id)) result.ids.add(id);
    }
    return result;
  }

  const TermHasher& hasher_;
  const SegmentTerms& segment_;
};

}  // namespace

Narrowed Narrow(const FilterNode& node, const TermHasher& hasher, const SegmentTerms& segment) {
  return Narrower(hasher, segment).Run(node, {});
}

Bitmap FindWord(const TextQuery& query, size_t word, unsigned char weight,
                          const SegmentTerms& segment) {
  Bitmap found;
  if (query.prefix && word + 1 == query.words.size()) {
    segment.add_prefix(weight, query.words[word], base::kMaxPrefixWords, found);
    segment.add_word(weight, query.words[word], found);
  } else {
    segment.add_word(weight, query.words[word], found);
  }
  return found;
}

}  // namespace communique::query
