#ifndef COMMUNIQUE_TESTS_SUPPORT_DATASET_H_
#define COMMUNIQUE_TESTS_SUPPORT_DATASET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "communique/client.h"

namespace communique::testing {

// Commits the data set of the seed article, a line at a time; fails the test when
// one is refused. Answers the newest revision.
int64_t LoadArticle(const Client& client);

// The ids of records, without their collection: "kim-putin-2023".
std::vector<std::string> IdsOf(RecordRange range);

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_SUPPORT_DATASET_H_
