#include "importers/own_values.h"

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "communique/v1/time.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "importers/times.h"

namespace communique::importers {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Calls `visit` on a message and on every one within it.
template <typename Visit>
void ForEach(Message* message, const Visit& visit) {
  visit(message);
  const Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int size = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
    for (int i = 0; i < size; ++i) {
      ForEach(field->is_repeated() ? reflection->MutableRepeatedMessage(message, field, i)
                                   : reflection->MutableMessage(message, field),
              visit);
    }
  }
}

// What evidence says beside its source and the entry's locator.
std::string Beside(v1::Evidence evidence) {
  evidence.clear_id();
  evidence.clear_source();
  if (evidence.selectors_size() > 0) evidence.mutable_selectors()->DeleteSubrange(0, 1);
  return Deterministic(evidence);
}

}  // namespace

ListSource::ListSource(absl::string_view list_id, absl::string_view source)
    : prefix_(absl::StrCat("sources/", list_id, "-")), source_(source) {}

bool ListSource::IsOwn(const v1::Evidence& evidence) const {
  // A date follows: the versions of "ofac-sdn" are none of a list "ofac".
  absl::string_view rest = evidence.source().target();
  return absl::ConsumePrefix(&rest, prefix_) && IsIsoDate(rest.substr(0, 10));
}

bool ListSource::HasOwn(const Evidences& evidences) const {
  return std::any_of(evidences.begin(), evidences.end(),
                     [this](const v1::Evidence& evidence) { return IsOwn(evidence); });
}

v1::Evidence ListSource::Make(absl::string_view locator, const v1::Evidence* given) const {
  v1::Evidence evidence;
  evidence.mutable_source()->set_target(source_);
  evidence.add_selectors()->set_locator(std::string(locator));
  if (given == nullptr) return evidence;
  evidence.mutable_selectors()->MergeFrom(given->selectors());
  *evidence.mutable_provisions() = given->provisions();
  evidence.set_modality(given->modality());
  evidence.set_note(given->note());
  return evidence;
}

void ListSource::Renew(absl::string_view locator, const v1::Evidence* given,
                       Evidences* evidences) const {
  v1::Evidence renewed = Make(locator, given);
  for (v1::Evidence& evidence : *evidences) {
    if (!IsOwn(evidence)) continue;
    if (Beside(evidence) != Beside(renewed)) {
      renewed.set_id(evidence.id());
      evidence = std::move(renewed);
    }
    return;
  }
  *evidences->Add() = std::move(renewed);
}

bool ListSource::Withdraw(Evidences* evidences) const {
  for (int i = evidences->size() - 1; i >= 0; --i) {
    if (IsOwn(evidences->Get(i))) evidences->DeleteSubrange(i, 1);
  }
  return !evidences->empty();
}

IdPool::IdPool(const v1::Record& record) {
  AddIdsOf(record);
  for (const std::string& retired : record.retired_ids()) Add(retired);
}

void IdPool::AddIdsOf(const Message& message) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      if (field->name() == "id") Add(reflection->GetString(message, field));
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (!field->is_repeated()) {
      AddIdsOf(reflection->GetMessage(message, field));
    } else {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        AddIdsOf(reflection->GetRepeatedMessage(message, field, i));
      }
    }
  }
}

void IdPool::Add(absl::string_view used_id) {
  if (!used_id.empty()) used_.emplace(used_id);
}

std::string IdPool::New(absl::string_view prefix) {
  // From the highest that is used on, so that it does not depend on the order in
  // which gaps came to be.
  int& last = last_[prefix];
  if (last == 0) {
    for (const std::string& used : used_) {
      int number = 0;
      if (absl::StartsWith(used, prefix) &&
          absl::SimpleAtoi(absl::string_view(used).substr(prefix.size()), &number)) {
        last = std::max(last, number);
      }
    }
  }
  std::string id = absl::StrCat(prefix, ++last);
  used_.insert(id);
  return id;
}

void ClearCorners(Message* message) {
  ForEach(message, [](Message* part) {
    if (part->GetDescriptor() != v1::FuzzyTime::descriptor()) return;
    auto* time = static_cast<v1::FuzzyTime*>(part);
    time->clear_earliest_begin_time();
    time->clear_latest_begin_time();
    time->clear_earliest_end_time();
    time->clear_latest_end_time();
  });
}

std::string ValueKey(const Message& message) {
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  for (const absl::string_view name : {"id", "evidences"}) {
    const FieldDescriptor* field = copy->GetDescriptor()->FindFieldByName(std::string(name));
    if (field != nullptr) copy->GetReflection()->ClearField(copy.get(), field);
  }
  ClearCorners(copy.get());
  return Deterministic(*copy);
}

std::string Deterministic(const Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace communique::importers
