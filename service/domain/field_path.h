#ifndef COMMUNIQUE_SERVICE_DOMAIN_FIELD_PATH_H_
#define COMMUNIQUE_SERVICE_DOMAIN_FIELD_PATH_H_

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

// Paths of fields: names joined by dots; an element of a repeated field by its
// id in brackets ("itineraries[kim].legs[leg-1].departure"), or by its index
// where elements have no id ("given[0]").
namespace communique::domain {

// Where a path leads.
struct FieldRef {
  // The message that has the field; null when a message on the way is unset.
  const google::protobuf::Message* parent = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
  // Index of the element; -1: the whole field.
  int index = -1;

  // Whether a value is there.
  bool IsSet() const;
  // The field is a message (or an element of a repeated one).
  bool IsMessage() const;
  // Requires IsSet() and IsMessage().
  const google::protobuf::Message& message() const;
  // A scalar as text: enums by name, bools as true or false. Requires IsSet().
  std::string ScalarText() const;
};

// Finds elements by their id without going through their list each time. For one
// message that does not change meanwhile.
class ElementIndex {
 public:
  // Index of the element of `parent.field` that `key` names; -1: none.
  int Find(const google::protobuf::Message& parent, const google::protobuf::FieldDescriptor& field,
           absl::string_view key);

 private:
  using List = std::pair<const google::protobuf::Message*,
                         const google::protobuf::FieldDescriptor*>;
  absl::flat_hash_map<List, absl::flat_hash_map<std::string, int>> lists_;
};

// INVALID_ARGUMENT when the path does not type, or names an element that is not
// there; the message says which part.
absl::StatusOr<FieldRef> ResolvePath(const google::protobuf::Message& root, absl::string_view path);
absl::StatusOr<FieldRef> ResolvePath(const google::protobuf::Message& root, absl::string_view path,
                                     ElementIndex& index);

// The `id` of an embedded element; null when its message has none.
const google::protobuf::FieldDescriptor* IdFieldOf(const google::protobuf::Descriptor& type);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_FIELD_PATH_H_
