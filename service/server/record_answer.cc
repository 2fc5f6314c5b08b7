#include "service/server/record_answer.h"

#include "service/base/wire.h"
#include "service/domain/valid_states.h"

namespace communique::server {

RecordAnswer::RecordAnswer(const query::ReadMask& mask, const store::ReadView& view)
    : mask_(mask), pin_(view.pin()) {
  if (pin_.valid_date().empty()) return;
  // Checked when the view was opened.
  if (const auto date = domain::ParseValidDate(pin_.valid_date()); date.ok()) date_ = *date;
}

absl::StatusOr<std::string> RecordAnswer::Bytes(const store::FoundRecord& found,
                                                bool with_pin) const {
  std::string bytes;
  if (mask_.all() && !date_) {
    const absl::string_view stored = found.record_bytes();
    bytes.assign(stored.data(), stored.size());
  } else {
    auto record = found.Parse();
    if (!record.ok()) return record.status();
    if (date_) {
      for (v1::ComputedState& state : domain::StatesAt(*record, *date_)) {
        *record->add_computed_states() = std::move(state);
      }
    }
    mask_.Apply(*record);
    bytes = record->SerializeAsString();
  }
  if (!found.redirected_from.empty()) {
    base::AppendBytesField(v1::Record::kRedirectedFromFieldNumber, found.redirected_from, bytes);
  }
  if (with_pin) {
    base::AppendBytesField(v1::Record::kPinFieldNumber, pin_.SerializeAsString(), bytes);
  }
  return bytes;
}

}  // namespace communique::server
