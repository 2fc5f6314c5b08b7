#include "service/domain/names.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/base/limits.h"

namespace communique::domain {
namespace {

struct KindNames {
  v1::RecordKind kind;
  absl::string_view collection;
  absl::string_view singular;
  int body_field;
};

constexpr std::array<KindNames, 5> kKinds = {{
    {v1::RECORD_KIND_SUMMIT, "summits", "summit", v1::Record::kSummitFieldNumber},
    {v1::RECORD_KIND_SANCTION, "sanctions", "sanction", v1::Record::kSanctionFieldNumber},
    {v1::RECORD_KIND_STATEMENT, "statements", "statement", v1::Record::kStatementFieldNumber},
    {v1::RECORD_KIND_ACTOR, "actors", "actor", v1::Record::kActorFieldNumber},
    {v1::RECORD_KIND_SOURCE, "sources", "source", v1::Record::kSourceFieldNumber},
}};

bool IsIdEdge(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }

}  // namespace

bool IsValidId(absl::string_view id) {
  if (id.empty() || id.size() > base::kMaxIdBytes) return false;
  if (!IsIdEdge(id.front()) || !IsIdEdge(id.back())) return false;
  for (const char c : id) {
    if (!IsIdEdge(c) && c != '-' && c != '.' && c != '_') return false;
  }
  return true;
}

std::optional<RecordName> ParseRecordName(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) return std::nullopt;
  const v1::RecordKind kind = KindOfCollection(text.substr(0, slash));
  const absl::string_view id = text.substr(slash + 1);
  if (kind == v1::RECORD_KIND_UNSPECIFIED || !IsValidId(id)) return std::nullopt;
  return RecordName{kind, id};
}

std::string MakeRecordName(v1::RecordKind kind, absl::string_view id) {
  return absl::StrCat(CollectionOf(kind), "/", id);
}

std::string DescribeNameProblem(absl::string_view text) {
  if (ParseRecordName(text)) return "";
  if (text.empty()) return "is required";
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) return "must have the form {collection}/{id}";
  if (KindOfCollection(text.substr(0, slash)) == v1::RECORD_KIND_UNSPECIFIED) {
    return absl::StrCat(
        "names an unknown kind; collections are ",
        absl::StrJoin(kKinds, ", ", [](std::string* out, const KindNames& kind) {
          absl::StrAppend(out, kind.collection);
        }));
  }
  return absl::StrCat("has a malformed id: 1 to ", base::kMaxIdBytes,
                      " of a-z, 0-9, '-', '.', '_', first and last a letter or digit");
}

std::optional<ReferenceTarget> ParseReferenceTarget(absl::string_view text) {
  ReferenceTarget target;
  const size_t hash = text.find('#');
  target.name = text.substr(0, hash);
  if (!ParseRecordName(target.name)) return std::nullopt;
  if (hash != absl::string_view::npos) {
    target.element = text.substr(hash + 1);
    if (!IsValidId(target.element)) return std::nullopt;
  }
  return target;
}

std::string MakeReferenceTarget(absl::string_view name, absl::string_view element) {
  return element.empty() ? std::string(name) : absl::StrCat(name, "#", element);
}

absl::string_view CollectionOf(v1::RecordKind kind) {
  for (const KindNames& names : kKinds) {
    if (names.kind == kind) return names.collection;
  }
  return "";
}

absl::string_view SingularOf(v1::RecordKind kind) {
  for (const KindNames& names : kKinds) {
    if (names.kind == kind) return names.singular;
  }
  return "";
}

v1::RecordKind KindOfCollection(absl::string_view collection) {
  for (const KindNames& names : kKinds) {
    if (names.collection == collection) return names.kind;
  }
  return v1::RECORD_KIND_UNSPECIFIED;
}

v1::RecordKind KindOfName(absl::string_view name) {
  return KindOfCollection(name.substr(0, name.find('/')));
}

v1::RecordKind KindOfBody(const v1::Record& record) {
  for (const KindNames& names : kKinds) {
    if (static_cast<int>(record.kind_case()) == names.body_field) return names.kind;
  }
  return v1::RECORD_KIND_UNSPECIFIED;
}

const google::protobuf::Message* BodyOf(const v1::Record& record) {
  if (record.kind_case() == v1::Record::KIND_NOT_SET) return nullptr;
  const auto* field = v1::Record::descriptor()->FindFieldByNumber(record.kind_case());
  return &v1::Record::GetReflection()->GetMessage(record, field);
}

google::protobuf::Message* MutableBodyOf(v1::Record& record) {
  if (record.kind_case() == v1::Record::KIND_NOT_SET) return nullptr;
  const auto* field = v1::Record::descriptor()->FindFieldByNumber(record.kind_case());
  return v1::Record::GetReflection()->MutableMessage(&record, field);
}

}  // namespace communique::domain
