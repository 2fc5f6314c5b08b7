#include "service/query/filter_functions.h"

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "communique/v1/evidence.pb.h"
#include "communique/v1/reference.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "service/domain/names.h"
#include "service/domain/time_corners.h"

namespace communique::query {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Assertions = google::protobuf::RepeatedPtrField<v1::Assertion>;

// --- Times ------------------------------------------------------------------

// The outer corners; one that is not there is unbounded.
struct Hull {
  int64_t begin = std::numeric_limits<int64_t>::min();
  int64_t end = std::numeric_limits<int64_t>::max();

  bool Overlaps(const TimeRange& range) const { return begin <= range.to && end >= range.from; }
};

Hull HullOf(const v1::FuzzyTime& time) {
  Hull hull;
  if (time.has_earliest_begin_time()) hull.begin = time.earliest_begin_time().seconds();
  if (time.has_latest_end_time()) hull.end = time.latest_end_time().seconds();
  return hull;
}

bool IsSet(const v1::FuzzyTime& time) {
  return absl::StartsWith(time.edtf(), "[") || absl::StartsWith(time.edtf(), "{");
}

// The enums are the same; a part that this one does not know is refused where it
// is used.
static_assert(static_cast<int>(domain::PartOfDay::kMidnight) == v1::PART_OF_DAY_MIDNIGHT);

domain::CornerInput CornerInputOf(const v1::FuzzyTime& time) {
  domain::CornerInput input;
  input.edtf = time.edtf();
  input.part_of_day = static_cast<domain::PartOfDay>(time.part_of_day());
  input.time_zones.assign(time.time_zones().begin(), time.time_zones().end());
  input.tolerance =
      absl::Seconds(time.tolerance().seconds()) + absl::Nanoseconds(time.tolerance().nanos());
  return input;
}

bool AnyMemberOverlaps(const v1::FuzzyTime& time, const TimeRange& range) {
  const auto members = domain::DeriveMembers(CornerInputOf(time));
  // Its whole does overlap. What cannot be told apart any more may lie anywhere
  // in it.
  if (!members.ok()) return true;
  for (const domain::Corners& member : *members) {
    Hull hull;
    hull.begin = member.earliest_begin.value_or(hull.begin);
    hull.end = member.latest_end.value_or(hull.end);
    if (hull.Overlaps(range)) return true;
  }
  return false;
}

// --- Assertions ---------------------------------------------------------------

const Assertions* AssertionsOf(const v1::Record& record) {
  switch (record.kind_case()) {
    case v1::Record::kSummit:
      return &record.summit().assertions();
    case v1::Record::kSanction:
      return &record.sanction().assertions();
    case v1::Record::kStatement:
      return &record.statement().assertions();
    case v1::Record::kActor:
      return &record.actor().assertions();
    case v1::Record::kSource:
      return &record.source().assertions();
    case v1::Record::KIND_NOT_SET:
      break;
  }
  return nullptr;
}

// Whether "itineraries[kim].legs[leg-1].departure" is, without its brackets,
// "itineraries.legs.departure".
bool EqualsWithoutIds(absl::string_view asserted, absl::string_view path) {
  while (true) {
    const size_t open = asserted.find('[');
    if (!absl::ConsumePrefix(&path, asserted.substr(0, open))) return false;
    if (open == absl::string_view::npos) return path.empty();
    const size_t close = asserted.find(']', open);
    if (close == absl::string_view::npos) return false;
    asserted.remove_prefix(close + 1);
  }
}

bool HasValue(const v1::Assertion& assertion) {
  return (assertion.state() == v1::VALUE_STATE_UNSPECIFIED ||
          assertion.state() == v1::VALUE_STATE_KNOWN) &&
         assertion.value().kind_case() != v1::Value::KIND_NOT_SET;
}

bool Stands(const v1::Assertion& assertion) { return assertion.rank() != v1::RANK_DEPRECATED; }

bool IsDenied(const v1::Assertion& assertion) {
  return assertion.modality() == v1::MODALITY_DENIED;
}

bool SameCorner(bool has_a, const google::protobuf::Timestamp& a, bool has_b,
                const google::protobuf::Timestamp& b) {
  return has_a == has_b && a.seconds() == b.seconds() && a.nanos() == b.nanos();
}

bool SameTime(const v1::FuzzyTime& a, const v1::FuzzyTime& b) {
  if (a.edtf().empty() && b.edtf().empty()) return a.text() == b.text();
  return a.edtf().empty() == b.edtf().empty() &&
         SameCorner(a.has_earliest_begin_time(), a.earliest_begin_time(),
                    b.has_earliest_begin_time(), b.earliest_begin_time()) &&
         SameCorner(a.has_latest_begin_time(), a.latest_begin_time(), b.has_latest_begin_time(),
                    b.latest_begin_time()) &&
         SameCorner(a.has_earliest_end_time(), a.earliest_end_time(), b.has_earliest_end_time(),
                    b.earliest_end_time()) &&
         SameCorner(a.has_latest_end_time(), a.latest_end_time(), b.has_latest_end_time(),
                    b.latest_end_time());
}

bool SameValue(const v1::Value& a, const v1::Value& b) {
  if (a.kind_case() != b.kind_case()) return false;
  switch (a.kind_case()) {
    case v1::Value::kStringValue:
      return a.string_value() == b.string_value();
    case v1::Value::kEnumValue:
      return a.enum_value() == b.enum_value();
    case v1::Value::kTimeValue:
      return SameTime(a.time_value(), b.time_value());
    case v1::Value::kPlaceValue:
      return a.place_value().path() == b.place_value().path() &&
             (!a.place_value().path().empty() ||
              a.place_value().display_name() == b.place_value().display_name());
    case v1::Value::kReferenceValue:
      return a.reference_value().target() == b.reference_value().target() &&
             (!a.reference_value().target().empty() ||
              a.reference_value().text() == b.reference_value().text());
    default:
      // No maps in it: equal messages have equal bytes.
      return a.SerializeAsString() == b.SerializeAsString();
  }
}

// --- References -----------------------------------------------------------------

// The fields of a type of message through which references are reached, so that
// nothing else of a record is looked at.
struct ReferenceRoute {
  struct Step {
    const FieldDescriptor* field;
    const ReferenceRoute* route;
  };
  bool is_reference = false;
  bool is_evidence = false;
  bool leads_somewhere = false;
  std::vector<Step> steps;
};

using Routes = std::map<const Descriptor*, std::unique_ptr<ReferenceRoute>>;

void AddRoutes(const Descriptor& type, Routes& routes) {
  auto& slot = routes[&type];
  if (slot != nullptr) return;
  slot = std::make_unique<ReferenceRoute>();
  ReferenceRoute* route = slot.get();
  route->is_reference = &type == v1::Reference::descriptor();
  route->is_evidence = &type == v1::Evidence::descriptor();
  route->leads_somewhere = route->is_reference;
  for (int i = 0; i < type.field_count(); ++i) {
    const Descriptor* inner = type.field(i)->message_type();
    if (inner == nullptr) continue;
    AddRoutes(*inner, routes);
    route->steps.push_back({type.field(i), routes[inner].get()});
  }
}

// Types refer to each other in circles, so what leads somewhere is found by going
// round until nothing is new.
void Prune(Routes& routes) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (const auto& [type, route] : routes) {
      for (const ReferenceRoute::Step& step : route->steps) {
        if (route->leads_somewhere || !step.route->leads_somewhere) continue;
        route->leads_somewhere = changed = true;
      }
    }
  }
  for (const auto& [type, route] : routes) {
    std::erase_if(route->steps,
                  [](const ReferenceRoute::Step& step) { return !step.route->leads_somewhere; });
  }
}

// Of a record's bodies. Made once: descriptors never change.
const ReferenceRoute& RecordRoute() {
  static const Routes* const kRoutes = [] {
    auto* routes = new Routes;
    AddRoutes(*v1::Record::descriptor(), *routes);
    Prune(*routes);
    return routes;
  }();
  return *kRoutes->at(v1::Record::descriptor());
}

// Whether `leads` answers true for a reference or an evidence in the message; none
// after that is looked at.
template <typename Leads>
bool AnyReference(const Message& message, const ReferenceRoute& route, const Leads& leads) {
  if (route.is_reference) return leads(static_cast<const v1::Reference&>(message));
  if (route.is_evidence && leads(static_cast<const v1::Evidence&>(message))) return true;
  const Reflection* reflection = message.GetReflection();
  for (const ReferenceRoute::Step& step : route.steps) {
    if (!step.field->is_repeated()) {
      if (reflection->HasField(message, step.field) &&
          AnyReference(reflection->GetMessage(message, step.field), *step.route, leads)) {
        return true;
      }
      continue;
    }
    for (int i = 0, size = reflection->FieldSize(message, step.field); i < size; ++i) {
      if (AnyReference(reflection->GetRepeatedMessage(message, step.field, i), *step.route,
                       leads)) {
        return true;
      }
    }
  }
  return false;
}

// Whether one leads to a target.
class MentionFinder {
 public:
  explicit MentionFinder(absl::string_view target)
      : target_(target), of_record_(!absl::StrContains(target, '#')) {}

  bool operator()(const v1::Reference& reference) const { return Leads(reference); }
  bool operator()(const v1::Evidence& evidence) const { return Leads(evidence); }

 private:
  bool Leads(const v1::Reference& reference) const {
    absl::string_view rest = reference.target();
    if (!absl::ConsumePrefix(&rest, target_)) return false;
    // Of an element's target nothing goes on: no target has two '#'.
    return rest.empty() || rest[0] == '#';
  }

  // To a revision of its source; to the source itself its reference leads.
  bool Leads(const v1::Evidence& evidence) const {
    absl::string_view rest = target_;
    return !of_record_ && !evidence.source_revision().empty() &&
           absl::ConsumePrefix(&rest, evidence.source().target()) &&
           absl::ConsumePrefix(&rest, "#") && rest == evidence.source_revision();
  }

  const absl::string_view target_;
  const bool of_record_;
};

// Tells what each of them leads to, as MentionFinder sees it.
class MentionLister {
 public:
  explicit MentionLister(absl::FunctionRef<void(absl::string_view)> visit) : visit_(visit) {}

  bool operator()(const v1::Reference& reference) const {
    const absl::string_view target = reference.target();
    visit_(target);
    const size_t element = target.find('#');
    if (element != absl::string_view::npos) visit_(target.substr(0, element));
    return false;
  }
  bool operator()(const v1::Evidence& evidence) const {
    if (!evidence.source_revision().empty()) {
      visit_(absl::StrCat(evidence.source().target(), "#", evidence.source_revision()));
    }
    return false;
  }

 private:
  const absl::FunctionRef<void(absl::string_view)> visit_;
};

}  // namespace

bool LiesDefinitely(const v1::FuzzyTime& time, const TimeRange& range) {
  if (time.edtf().empty()) return false;
  const Hull hull = HullOf(time);
  return hull.begin >= range.from && hull.end <= range.to;
}

bool LiesPossibly(const v1::FuzzyTime& time, const TimeRange& range) {
  if (time.edtf().empty()) return !time.text().empty();
  return HullOf(time).Overlaps(range) && (!IsSet(time) || AnyMemberOverlaps(time, range));
}

bool IsPossiblyAsserted(const v1::Record& record, absl::string_view path, const TimeRange& range) {
  const Assertions* assertions = AssertionsOf(record);
  if (assertions == nullptr) return false;
  for (const v1::Assertion& assertion : *assertions) {
    if (assertion.value().kind_case() == v1::Value::kTimeValue && HasValue(assertion) &&
        Stands(assertion) && !IsDenied(assertion) && EqualsWithoutIds(assertion.path(), path) &&
        LiesPossibly(assertion.value().time_value(), range)) {
      return true;
    }
  }
  return false;
}

bool LiesWithin(const v1::Place& place, absl::string_view path) {
  absl::string_view rest = place.path();
  return absl::ConsumePrefix(&rest, path) && (rest.empty() || rest[0] == '/');
}

bool Mentions(const v1::Record& record, absl::string_view target) {
  return AnyReference(record, RecordRoute(), MentionFinder(target));
}

void ForEachMentioned(const v1::Record& record, absl::FunctionRef<void(absl::string_view)> visit) {
  AnyReference(record, RecordRoute(), MentionLister(visit));
}

bool HasConflict(const v1::Record& record, absl::string_view path) {
  const Assertions* assertions = AssertionsOf(record);
  if (assertions == nullptr) return false;
  // To be the same is transitive: one held value of each field stands for all.
  absl::flat_hash_map<absl::string_view, const v1::Value*> held;
  for (const v1::Assertion& assertion : *assertions) {
    if (!Stands(assertion) || IsDenied(assertion) || !HasValue(assertion) ||
        !EqualsWithoutIds(assertion.path(), path)) {
      continue;
    }
    const auto [first, added] = held.try_emplace(assertion.path(), &assertion.value());
    if (!added && !SameValue(*first->second, assertion.value())) return true;
  }
  if (held.empty()) return false;
  for (const v1::Assertion& assertion : *assertions) {
    const auto found = held.find(assertion.path());
    if (found == held.end() || !Stands(assertion)) continue;
    // To deny one value is not to assert another.
    if (IsDenied(assertion) && HasValue(assertion) &&
        SameValue(*found->second, assertion.value())) {
      return true;
    }
    if (!IsDenied(assertion) && assertion.state() == v1::VALUE_STATE_NONE) return true;
  }
  return false;
}

}  // namespace communique::query
