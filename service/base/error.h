#ifndef COMMUNIQUE_SERVICE_BASE_ERROR_H_
#define COMMUNIQUE_SERVICE_BASE_ERROR_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "communique/v1/error.pb.h"

// The parts of a typed error (AIP-193). The functions that name an error stand
// beside its domain (store/errors.h, feed/errors.h, ...) and are made of these.
//
// Details travel as payloads of absl::Status, keyed by type URL; the server
// turns them into google.rpc.Status at one door.
namespace communique::base {

using Metadata = std::vector<std::pair<std::string, std::string>>;

// A status with google.rpc.ErrorInfo. Everything in the message that varies is
// in the metadata too.
absl::Status MakeError(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message,
                       const Metadata& metadata = {});

// The reason of a status; UNSPECIFIED when it carries none.
v1::ErrorReason ReasonOf(const absl::Status& status);

// One metadata value of a status; empty when it has none.
std::string MetadataOf(const absl::Status& status, absl::string_view key);

// Adds to the metadata of the status's ErrorInfo.
void AddMetadata(absl::Status& status, absl::string_view key, absl::string_view value);
void AddResourceInfo(absl::Status& status, absl::string_view name, absl::string_view description);
void AddRetryInfo(absl::Status& status, absl::Duration delay);
void AddPreconditionViolation(absl::Status& status, absl::string_view type,
                              absl::string_view subject, absl::string_view description);
void AddQuotaViolation(absl::Status& status, absl::string_view subject,
                       absl::string_view description);
// Any other message as a detail, by its full name ("communique.v1.Tombstone").
void AddDetail(absl::Status& status, absl::string_view full_name, absl::string_view bytes);
// The bytes of such a detail; empty when there is none.
std::string DetailOf(const absl::Status& status, absl::string_view full_name);

// A caller's text in quotation marks, shortened at a character.
std::string Quoted(absl::string_view text);
// The longest part of UTF-8 text that has at most so many bytes.
absl::string_view CutText(absl::string_view text, size_t max_bytes);

// Collects what is wrong with a request, so that all of it is told at once.
class Violations {
 public:
  void Add(absl::string_view field, absl::string_view description);
  bool empty() const { return count_ == 0; }
  int count() const { return count_; }
  // OK when empty, else INVALID_ARGUMENT with google.rpc.BadRequest.
  absl::Status ToStatus(v1::ErrorReason reason = v1::ERROR_REASON_INVALID_FIELD) const;

 private:
  int count_ = 0;
  std::vector<std::pair<std::string, std::string>> kept_;
};

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_ERROR_H_
