#ifndef COMMUNIQUE_CLIENT_IMPORTERS_INPUT_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_INPUT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "importers/list.h"

namespace communique::importers {

// SHA-256 in lower-case hex.
std::string Sha256(absl::string_view bytes);

// Reads files whole. NOT_FOUND, PERMISSION_DENIED or UNAVAILABLE with the path;
// RESOURCE_EXHAUSTED over ParseLimits.max_file_bytes, before it is read.
absl::StatusOr<InputFiles> ReadFiles(const std::vector<std::string>& paths,
                                     const ParseLimits& limits);

// Whether it begins as a zip archive does.
bool IsZip(const InputFile& file);

// The files in an archive whose names end with `suffix` (".xml", whatever the
// case). INVALID_ARGUMENT for one that is broken, encrypted or has none of them;
// RESOURCE_EXHAUSTED over the limits on bytes, ratio and number of files: what
// comes out is counted, whatever the archive says of itself.
absl::StatusOr<InputFiles> Unzip(const InputFile& archive, const ParseLimits& limits,
                                 absl::string_view suffix);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_INPUT_H_
