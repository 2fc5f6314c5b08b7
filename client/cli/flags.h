#ifndef COMMUNIQUE_CLIENT_CLI_FLAGS_H_
#define COMMUNIQUE_CLIENT_CLI_FLAGS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace communique::cli {

// A flag of the command line. One name means the same in every command.
struct Flag {
  absl::string_view name;
  absl::string_view value;  // What stands for its value in the help; empty: none is taken.
  absl::string_view help;
};

// Every flag there is.
const std::vector<Flag>& AllFlags();
const Flag* FindFlag(absl::string_view name);

// A command line taken apart. Errors of this file are INVALID_ARGUMENT, made to
// be shown to whoever typed it.
class CommandLine {
 public:
  static absl::StatusOr<CommandLine> Parse(const std::vector<std::string>& arguments);

  // What is not a flag; the command comes first.
  const std::vector<std::string>& words() const { return words_; }
  const std::map<std::string, std::string>& flags() const { return flags_; }

  bool Has(absl::string_view flag) const;
  // The value; empty when it was not given.
  std::string Get(absl::string_view flag) const;
  absl::StatusOr<std::int64_t> GetInt(absl::string_view flag, std::int64_t minimum,
                                      std::int64_t absent) const;
  // "250ms", "30s", "2m", or a number of seconds; above zero.
  absl::StatusOr<absl::Duration> GetDuration(absl::string_view flag, absl::Duration absent) const;

 private:
  std::vector<std::string> words_;
  std::map<std::string, std::string> flags_;
};

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_FLAGS_H_
