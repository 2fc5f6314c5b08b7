#ifndef COMMUNIQUE_TESTS_SUPPORT_RECORDS_H_
#define COMMUNIQUE_TESTS_SUPPORT_RECORDS_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "communique/v1/change.pb.h"
#include "communique/v1/publish.pb.h"
#include "communique/v1/record.pb.h"

// Small valid records, and commits made of them. The title says what a test
// wants to find again.
namespace communique::testing {

// Of the kind that the collection of the name says.
v1::Record MakeRecord(absl::string_view name, absl::string_view title);
v1::Record MakeSummit(absl::string_view id, absl::string_view title);
// A regime.
v1::Record MakeSanction(absl::string_view id, absl::string_view title);
v1::Record MakeStatement(absl::string_view id, absl::string_view title);
v1::Record MakeActor(absl::string_view id, absl::string_view title);
v1::Record MakeSource(absl::string_view id, absl::string_view title);

// What MakeRecord was given as the title.
std::string TitleOf(const v1::Record& record);

v1::CommitRequest Put(std::initializer_list<v1::Record> records);
v1::CommitRequest Put(const v1::Record& record);
v1::CommitRequest Delete(absl::string_view name);
v1::CommitRequest Merge(absl::string_view name, absl::string_view into);

// A commit as a line of a file for `communique load`, with its newline.
std::string ToJsonLine(const google::protobuf::Message& message);

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_RECORDS_H_
