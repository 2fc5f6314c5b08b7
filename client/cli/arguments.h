#ifndef COMMUNIQUE_CLIENT_CLI_ARGUMENTS_H_
#define COMMUNIQUE_CLIENT_CLI_ARGUMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/flags.h"
#include "communique/v1/record.pb.h"

// What the commands that read have in common. Errors are INVALID_ARGUMENT, made
// to be shown to whoever typed it.
namespace communique::cli {

// What is wrong with a record's name, with what was probably meant; OK if nothing.
absl::Status CheckName(const std::string& name);

// The kind of a collection ("actors").
absl::StatusOr<v1::RecordKind> ParseCollection(const std::string& collection);

// What --kind says: collections with commas between them; nothing: none.
absl::StatusOr<std::vector<v1::RecordKind>> KindsOf(const CommandLine& line);

// What --read_mask says: paths with commas between them.
std::vector<std::string> ReadMaskOf(const CommandLine& line);

// What --page_size says; 0 when it was not given.
absl::StatusOr<int> PageSizeOf(const CommandLine& line);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_ARGUMENTS_H_
