#ifndef COMMUNIQUE_CLIENT_CLI_CARD_H_
#define COMMUNIQUE_CLIENT_CLI_CARD_H_

#include "cli/output.h"
#include "communique/v1/record.pb.h"
#include "google/protobuf/message.h"

namespace communique::cli {

// Prints a record for people: its name and title, its body, then what the server
// keeps about it.
void PrintCard(const v1::Record& record, Output& output);

// Prints the set fields of any message, one a line, nested ones indented.
void PrintFields(const google::protobuf::Message& message, Output& output);

// A fuzzy time in one line: its words, its EDTF and what else narrows it.
std::string FuzzyTimeText(const v1::FuzzyTime& time);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_CARD_H_
