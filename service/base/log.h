#ifndef COMMUNIQUE_SERVICE_BASE_LOG_H_
#define COMMUNIQUE_SERVICE_BASE_LOG_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

// Structured logs: one JSON object a line on standard error, `time`, `level`,
// `event` first, every other value a string. Control characters and what is not
// UTF-8 are escaped, so that nothing a caller sends can forge a line or move a
// terminal's cursor.
namespace communique::base {

enum class LogLevel { kInfo, kWarning, kError };

using LogField = std::pair<absl::string_view, std::string>;

void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields);

// The line without its newline, as Log writes it; for tests.
std::string FormatLogLine(absl::string_view time, LogLevel level, absl::string_view event,
                          std::initializer_list<LogField> fields);

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_LOG_H_
