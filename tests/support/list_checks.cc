#include "tests/support/list_checks.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "importers/text.h"
#include "importers/times.h"
#include "service/domain/edtf.h"

namespace communique::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Calls `visit` with every message within one, itself too.
void VisitMessages(const Message& message, const std::function<void(const Message&)>& visit) {
  visit(message);
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      VisitMessages(reflection->GetMessage(message, field), visit);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      VisitMessages(reflection->GetRepeatedMessage(message, field, i), visit);
    }
  }
}

// A text of the message itself that is no UTF-8.
bool HasBadText(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const std::string text = field->is_repeated()
                                   ? reflection->GetRepeatedString(message, field, i)
                                   : reflection->GetString(message, field);
      if (!importers::IsUtf8(text)) return true;
    }
  }
  return false;
}

void VisitAll(const importers::ParsedList& list, const std::function<void(const Message&)>& visit) {
  for (const importers::ListRegime& regime : list.regimes) VisitMessages(regime.regime, visit);
  for (const importers::ListEntry& entry : list.entries) {
    VisitMessages(entry.actor, visit);
    for (const importers::EntryRelation& of : entry.relations) VisitMessages(of.relation, visit);
    for (const importers::EntryDesignation& of : entry.designations) {
      VisitMessages(of.designation, visit);
      VisitMessages(of.stated_listed_time, visit);
      VisitMessages(of.stated_delisted_time, visit);
      for (const v1::FuzzyTime& time : of.amended_times) VisitMessages(time, visit);
    }
  }
}

std::string DescribeEntry(const importers::ListEntry& entry, const std::set<std::string>& regimes) {
  const std::string who = absl::StrCat("entry ", entry.key);
  if (!importers::IsKey(entry.key)) return who + " has no key";
  if (entry.actor.display_name().empty()) return who + " has no display name";
  if (entry.actor.names_size() == 0) return who + " has no name";
  std::set<std::string> names;
  for (const v1::ActorName& name : entry.actor.names()) {
    if (name.text().empty()) return who + " has an empty name";
    names.insert(name.id());
  }
  for (const v1::Birth& birth : entry.actor.births()) {
    if (!birth.name_id().empty() && names.count(birth.name_id()) == 0) {
      return who + " has a birth of no name";
    }
  }
  for (const v1::Identifier& identifier : entry.actor.identifiers()) {
    if (identifier.value().empty()) return who + " has an empty identifier";
  }
  // Relations are beside the actor, whether or not their other side is in the list.
  if (entry.actor.relations_size() > 0) return who + " has relations in its actor";
  if (entry.designations.empty()) return who + " has no designation";
  std::set<std::string> suffixes;
  for (const importers::EntryDesignation& of : entry.designations) {
    if (!suffixes.insert(of.suffix).second) return who + " has two designations of one name";
    if (of.suffix != importers::ToSlug(of.suffix)) return who + " has a suffix that is no name";
    if (regimes.count(of.regime_id) == 0) return who + " is of a regime that is not there";
  }
  return std::string();
}

}  // namespace

void VisitTimes(const Message& message, const std::function<void(const v1::FuzzyTime&)>& visit) {
  VisitMessages(message, [&visit](const Message& within) {
    if (within.GetDescriptor() == v1::FuzzyTime::descriptor()) {
      visit(static_cast<const v1::FuzzyTime&>(within));
    }
  });
}

void VisitTimes(const importers::ParsedList& list,
                const std::function<void(const v1::FuzzyTime&)>& visit) {
  VisitAll(list, [&visit](const Message& within) {
    if (within.GetDescriptor() == v1::FuzzyTime::descriptor()) {
      visit(static_cast<const v1::FuzzyTime&>(within));
    }
  });
}

std::string DescribeListProblem(const importers::ParsedList& list) {
  if (list.list_id.empty() || list.prefix.empty() || list.authority.empty()) {
    return "the list does not say whose it is";
  }
  if (!importers::IsIsoDate(list.as_of_date)) return "the list has no date";
  std::set<std::string> regimes;
  for (const importers::ListRegime& regime : list.regimes) {
    if (regime.id.empty() || regime.title.empty()) return "a regime has no id or title";
    if (!regimes.insert(regime.id).second) return "a regime is there twice: " + regime.id;
  }
  std::set<std::string> keys;
  for (const importers::ListEntry& entry : list.entries) {
    if (!keys.insert(entry.key).second) return "a key is there twice: " + entry.key;
    if (std::string problem = DescribeEntry(entry, regimes); !problem.empty()) return problem;
  }
  std::string problem;
  VisitAll(list, [&problem](const Message& within) {
    if (HasBadText(within)) problem = "a text is no UTF-8";
    if (within.GetDescriptor() != v1::FuzzyTime::descriptor()) return;
    const auto& time = static_cast<const v1::FuzzyTime&>(within);
    if (!time.edtf().empty() && !domain::ParseEdtf(time.edtf()).ok()) {
      problem = "a time is no EDTF: " + time.edtf();
    }
  });
  return problem;
}

}  // namespace communique::testing
