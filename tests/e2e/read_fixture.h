#ifndef COMMUNIQUE_TESTS_E2E_READ_FIXTURE_H_
#define COMMUNIQUE_TESTS_E2E_READ_FIXTURE_H_

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/client.h"
#include "gtest/gtest.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"

// A server with a history, and what its lists say at a revision.
namespace communique {

inline v1::ReadScope AtRevision(int64_t revision) {
  v1::ReadScope scope;
  scope.set_known_revision(revision);
  return scope;
}

// The state after a revision, told by the stream alone: name to the record's
// bytes, without what is gone.
using State = std::map<std::string, std::string>;
inline State StateAfter(const std::vector<v1::Change>& changes, int64_t revision) {
  State state;
  for (const v1::Change& change : changes) {
    if (change.revision() > revision) break;
    if (change.has_record()) {
      state[change.name()] = change.record().SerializeAsString();
    } else {
      state.erase(change.name());
    }
  }
  return state;
}

class ReadTest : public ::testing::TestWithParam<testing::ServerKind> {
 protected:
  int64_t Commit(const v1::CommitRequest& request) {
    const auto answer = client_.Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }

  // Some hundred commits of every kind over a few names.
  void WriteHistory() {
    std::mt19937 random(20230912);
    std::set<std::string> merged;
    const auto name = [&] { return absl::StrCat("actors/n", random() % 12); };
    for (int i = 0; i < 200; ++i) {
      const std::string first = name();
      const std::string second = name();
      if (merged.contains(first) || merged.contains(second)) continue;
      v1::CommitRequest request;
      switch (random() % 6) {
        case 0:
          request = testing::Delete(first);
          break;
        case 1:
          if (merged.size() < 4) request = testing::Merge(first, second);
          break;
        case 2:
          request = testing::Put({testing::MakeRecord(first, absl::StrCat("Both ", i)),
                         testing::MakeSummit("s", absl::StrCat("Summit ", i))});
          break;
        default:
          request = testing::Put(testing::MakeRecord(first, absl::StrCat("Title ", i)));
      }
      if (request.mutations().empty()) continue;
      request.set_reason(absl::StrCat("step ", i));
      const auto answer = client_.Commit(request);  // refused where nothing stands
      if (answer.ok() && request.mutations(0).has_merge()) merged.insert(first);
    }
  }

  State ListAll(const v1::ReadScope& scope) {
    State state;
    for (const v1::RecordKind kind : {v1::RECORD_KIND_SUMMIT, v1::RECORD_KIND_ACTOR}) {
      for (const auto& record : client_.List(kind, {.page_size = 5, .scope = scope})) {
        EXPECT_TRUE(record.ok()) << record.status();
        if (!record.ok()) return state;
        EXPECT_TRUE(state.emplace(record->name(), record->SerializeAsString()).second)
            << record->name() << " came twice";
      }
    }
    return state;
  }

  std::unique_ptr<testing::TestServer> server_ = testing::StartServer(GetParam());
  Client client_ = server_->MakeClient();
};

}  // namespace communique

#endif  // COMMUNIQUE_TESTS_E2E_READ_FIXTURE_H_
