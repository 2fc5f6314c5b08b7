#include "service/screening/references.h"

#include <utility>

#include "service/base/error.h"
#include "service/domain/names.h"

namespace communique::screening {

absl::StatusOr<const v1::Record*> References::Follow(const v1::Reference& reference) {
  const auto target = domain::ParseReferenceTarget(reference.target());
  if (!target) return nullptr;
  const std::string name(target->name);
  if (const auto known = records_.find(name); known != records_.end()) return known->second.get();
  const auto found = view_.Get(name);
  if (!found.ok()) {
    const v1::ErrorReason reason = base::ReasonOf(found.status());
    if (reason == v1::ERROR_REASON_RECORD_NOT_FOUND || reason == v1::ERROR_REASON_RECORD_DELETED) {
      records_.emplace(name, nullptr);
      return nullptr;
    }
    return found.status();  // is asked again
  }
  auto parsed = found->Parse();
  if (!parsed.ok()) return parsed.status();
  return records_.emplace(name, std::make_unique<const v1::Record>(*std::move(parsed)))
      .first->second.get();
}

absl::StatusOr<std::string> References::NameOf(const v1::Reference& reference) {
  const auto record = Follow(reference);
  if (!record.ok()) return record.status();
  return *record == nullptr ? std::string() : (*record)->name();
}

}  // namespace communique::screening
