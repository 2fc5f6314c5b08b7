#ifndef COMMUNIQUE_SERVICE_SERVER_RECORD_ANSWER_H_
#define COMMUNIQUE_SERVICE_SERVER_RECORD_ANSWER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "communique/v1/record.pb.h"
#include "service/query/read_mask.h"
#include "service/store/reader.h"

namespace communique::server {

// How an rpc answers records: the stored bytes, and what only an answer has. They
// are parsed only where a mask or a valid date asks for it.
class RecordAnswer {
 public:
  RecordAnswer(const query::ReadMask& mask, const store::ReadView& view);

  // The bytes of the Record; with the view's pin when `with_pin`.
  absl::StatusOr<std::string> Bytes(const store::FoundRecord& found, bool with_pin) const;

 private:
  const query::ReadMask& mask_;
  const v1::Pin& pin_;
  std::optional<absl::CivilDay> date_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_RECORD_ANSWER_H_
