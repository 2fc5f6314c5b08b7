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
  std::unique_ptr<const v1::Record>& record = records_[name];
  const auto found = view_.Get(name);
  if (!found.ok()) {
    const v1::ErrorReason reason = base::ReasonOf(found.status());
    if (reason == v1::ERROR_REASON_RECORD_NOT_FOUND || reason == v1::ERROR_REASON_RECORD_DELETED) {
      return nullptr;
    }
    return found.status();
  }
  auto parsed = found->Parse();
  if (!parsed.ok()) return parsed.status();
  record = std::make_unique<const v1::Record>(*std::move(parsed));
  return record.get();
}

absl::StatusOr<std::string> References::NameOf(const v1::Reference& reference) {
  const auto record = Follow(reference);
  if (!record.ok()) return record.status();
  return *record == nullptr ? std::string() : (*record)->name();
}

}  // namespace communique::screening
