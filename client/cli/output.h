#ifndef COMMUNIQUE_CLIENT_CLI_OUTPUT_H_
#define COMMUNIQUE_CLIENT_CLI_OUTPUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "communique/v1/change.pb.h"
#include "communique/v1/record.pb.h"
#include "google/protobuf/message.h"

namespace communique::cli {

// What the program exits with.
enum ExitCode {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kNotFound = 3,
  kConflict = 4,
  kUnavailable = 5,
  kDenied = 6,
  kIntegrity = 7,
  kInterrupted = 130,
};

ExitCode ExitCodeOf(const absl::Status& status);

enum class Format { kTable, kJson, kJsonl };

// Standard output. Errors of writing are kept until Flush answers them.
class Output {
 public:
  Output(Format format, bool color) : format_(format), color_(color) {}

  Format format() const { return format_; }
  // Writes a line; adds the newline. The text is written as it is.
  void Line(absl::string_view text);
  void Message(const google::protobuf::Message& message);
  std::string Bold(absl::string_view text) const;
  std::string Dim(absl::string_view text) const;
  // Hands everything to the system; an error when it did not take it all.
  absl::Status Flush();

 private:
  const Format format_;
  const bool color_;
  bool failed_ = false;
};

// Says something on stderr: a line that begins with the program's name.
void Say(absl::string_view text);

// Says what went wrong: the message, the reason, every violation, and what to do.
// Answers the exit code.
int Explain(const absl::Status& status);

// What a person calls a record; empty when it has no title.
std::string TitleOf(const v1::Record& record);

// "created, listed".
std::string KindsOf(const v1::Change& change);

// What holds of a record at the valid date that was asked for: "listed",
// "possibly in office (ambassador)". What does not hold is told of the record
// itself and left out of its elements.
std::string StatesOf(const v1::Record& record);

// One computed state; "not listed" when it does not hold.
std::string StateText(const v1::ComputedState& state);

// "2023-09-12 10:00:00Z".
std::string TimeOf(const google::protobuf::Timestamp& time);

// "SUMMIT_STATE_HELD" to "held".
std::string EnumWord(const google::protobuf::EnumValueDescriptor& value);
// The same by number; a number that this program does not know as it is.
std::string EnumWord(const google::protobuf::EnumDescriptor& type, int number);
// "SUMMIT_STATE_HELD" to "HELD".
std::string EnumSuffix(const google::protobuf::EnumValueDescriptor& value);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_OUTPUT_H_
