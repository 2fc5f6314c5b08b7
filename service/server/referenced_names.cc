#include "service/server/referenced_names.h"

#include "service/base/error.h"
#include "service/base/limits.h"
#include "service/domain/display_name.h"
#include "service/domain/elements.h"
#include "service/domain/names.h"
#include "service/store/errors.h"

namespace communique::server {

void ReferencedNames::Add(const std::string& record_bytes) {
  v1::Record record;
  record.ParseFromString(record_bytes);
  for (const std::string& target : domain::ReferenceTargets(record)) {
    if (const auto parsed = domain::ParseReferenceTarget(target)) {
      names_.insert(std::string(parsed->name));
    }
  }
}

absl::StatusOr<std::vector<v1::ReferencedName>> ReferencedNames::Resolve() const {
  if (names_.size() > base::kMaxReferencedNames) {
    return store::SizeLimit("include_referenced: ask for smaller pages", "names",
                            static_cast<int64_t>(names_.size()), base::kMaxReferencedNames);
  }
  std::vector<v1::ReferencedName> result;
  for (const std::string& name : names_) {
    const auto found = view_.Get(name);
    if (!found.ok()) {
      const v1::ErrorReason reason = base::ReasonOf(found.status());
      if (reason == v1::ERROR_REASON_RECORD_NOT_FOUND ||
          reason == v1::ERROR_REASON_RECORD_DELETED) {
        continue;
      }
      return found.status();
    }
    const auto record = found->Parse();
    if (!record.ok()) return record.status();
    v1::ReferencedName& referenced = result.emplace_back();
    referenced.set_name(name);
    const std::string called = domain::DisplayNameOf(*record);
    const absl::string_view cut = base::CutText(called, base::kMaxReferencedNameBytes);
    referenced.set_display_name(std::string(cut.data(), cut.size()));
  }
  return result;
}

}  // namespace communique::server
