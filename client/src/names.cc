#include "communique/names.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace communique {
namespace {

struct Collection {
  v1::RecordKind kind;
  absl::string_view name;
};

constexpr Collection kCollections[] = {
    {v1::RECORD_KIND_SUMMIT, "summits"},       {v1::RECORD_KIND_SANCTION, "sanctions"},
    {v1::RECORD_KIND_STATEMENT, "statements"}, {v1::RECORD_KIND_ACTOR, "actors"},
    {v1::RECORD_KIND_SOURCE, "sources"},
};

}  // namespace

absl::StatusOr<v1::RecordKind> RecordKindOf(absl::string_view name) {
  const size_t slash = name.find('/');
  const v1::RecordKind kind = RecordKindOfCollection(name.substr(0, slash));
  if (kind == v1::RECORD_KIND_UNSPECIFIED || slash == name.npos || slash + 1 == name.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", name,
                     "\" is not a record's name: it is one of summits/, sanctions/, "
                     "statements/, actors/, sources/ followed by an id"));
  }
  return kind;
}

v1::RecordKind RecordKindOfCollection(absl::string_view collection) {
  for (const Collection& c : kCollections) {
    if (c.name == collection) return c.kind;
  }
  return v1::RECORD_KIND_UNSPECIFIED;
}

absl::string_view CollectionOf(v1::RecordKind kind) {
  for (const Collection& c : kCollections) {
    if (c.kind == kind) return c.name;
  }
  return {};
}

}  // namespace communique
