#ifndef COMMUNIQUE_TESTS_SUPPORT_LIST_CHECKS_H_
#define COMMUNIQUE_TESTS_SUPPORT_LIST_CHECKS_H_

#include <functional>
#include <string>

#include "communique/v1/time.pb.h"
#include "google/protobuf/message.h"
#include "importers/list.h"

namespace communique::testing {

// Calls `visit` with every time in a message.
void VisitTimes(const google::protobuf::Message& message,
                const std::function<void(const v1::FuzzyTime&)>& visit);

// The same for everything that a list says.
void VisitTimes(const importers::ParsedList& list,
                const std::function<void(const v1::FuzzyTime&)>& visit);

// What is wrong with a list that a parser answered, in a sentence: a key that is
// none or is there twice, an entry without a name or designation, a regime that is
// not in the list, a text that is no UTF-8, a time whose EDTF is none, a birth of a
// name that is not there. Empty: nothing.
std::string DescribeListProblem(const importers::ParsedList& list);

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_LIST_CHECKS_H_
