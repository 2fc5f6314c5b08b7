#ifndef COMMUNIQUE_CLIENT_CLI_HISTORY_TEXT_H_
#define COMMUNIQUE_CLIENT_CLI_HISTORY_TEXT_H_

#include <string>
#include <vector>

#include "cli/output.h"
#include "communique/client.h"

namespace communique::cli {

// "25  2023-09-14 08:00:00Z  updated  by desk  (it was held)".
std::string RevisionLine(const v1::Change& change, const Output& output);

// "state: "SUMMIT_STATE_ANNOUNCED" -> "SUMMIT_STATE_HELD"". What was not set is
// "(none)"; long values are cut.
std::string DifferenceLine(const v1::FieldDifference& difference);

// The lines of one revision, the first as RevisionLine, the others indented: what
// held at the valid date, if one was asked for, and each difference.
std::vector<std::string> RevisionLines(const Revision& revision, const Output& output);

// The change in protobuf JSON, with "differences" beside its fields.
std::string RevisionJson(const Revision& revision);

// A list of messages in JSON.
std::string DifferencesJson(const std::vector<v1::FieldDifference>& differences);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_HISTORY_TEXT_H_
