#include "tests/support/dataset.h"

#include <fstream>

#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace communique::testing {

int64_t LoadArticle(const Client& client) {
  int64_t revision = 0;
  std::ifstream file(COMMUNIQUE_SOURCE_DIR "/deploy/data/hankyoreh-2023-09-12.jsonl");
  EXPECT_TRUE(file.is_open());
  for (std::string line; std::getline(file, line);) {
    v1::CommitRequest request;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &request).ok());
    const auto answer = client.Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (answer.ok()) revision = answer->revision();
  }
  return revision;
}

std::vector<std::string> IdsOf(RecordRange range) {
  std::vector<std::string> ids;
  for (const auto& record : range) {
    EXPECT_TRUE(record.ok()) << record.status();
    if (!record.ok()) break;
    ids.push_back(record->name().substr(record->name().find('/') + 1));
  }
  return ids;
}

}  // namespace communique::testing
