#ifndef COMMUNIQUE_TESTS_E2E_SCREENING_FIXTURE_H_
#define COMMUNIQUE_TESTS_E2E_SCREENING_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/client.h"
#include "gtest/gtest.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"

// A server with people that were never born on lists that nobody publishes.
namespace communique::testing {

// An actor with its names; the first is its display name and strong.
inline v1::Record Actor(const std::string& id, const std::vector<std::string>& names,
                        v1::ActorType type = v1::ACTOR_TYPE_PERSON) {
  v1::Record record = MakeActor(id, names.front());
  record.mutable_actor()->set_type(type);
  for (const std::string& text : names) {
    v1::ActorName& name = *record.mutable_actor()->add_names();
    name.set_text(text);
    name.set_quality(v1::NAME_QUALITY_STRONG);
  }
  return record;
}

// The authority and its regime: "actors/{authority}" and "sanctions/{authority}-regime".
inline std::vector<v1::Record> Authority(const std::string& authority) {
  v1::Record regime = MakeSanction(authority + "-regime", authority + " regime");
  regime.mutable_sanction()->mutable_regime()->mutable_authority()->set_target("actors/" +
                                                                               authority);
  v1::Record actor = MakeActor(authority, "Authority of " + authority);
  actor.mutable_actor()->set_type(v1::ACTOR_TYPE_ORGANIZATION);
  return {actor, regime};
}

// Puts an actor on a list from a day on, until another where there is one.
inline v1::Record Designation(const std::string& actor, const std::string& authority = "north",
                              const std::string& listed = "2019-05-06",
                              const std::string& delisted = "") {
  v1::Record record;
  record.set_name(absl::StrCat("sanctions/", authority, "-", actor));
  record.mutable_sanction()->set_title(actor + " on the list of " + authority);
  v1::Designation& designation = *record.mutable_sanction()->mutable_designation();
  designation.mutable_regime()->set_target("sanctions/" + authority + "-regime");
  designation.mutable_authority()->set_target("actors/" + authority);
  designation.mutable_actor()->set_target("actors/" + actor);
  designation.set_list_id(authority + "-list");
  v1::ListingInterval& interval = *designation.add_intervals();
  interval.set_id("i1");
  interval.mutable_listed_time()->set_edtf(listed);
  interval.mutable_listed_time()->add_time_zones("Z");
  if (!delisted.empty()) {
    interval.mutable_delisted_time()->set_edtf(delisted);
    interval.mutable_delisted_time()->add_time_zones("Z");
  }
  return record;
}

class ScreeningTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  void SetUp() override {
    Commit(Authority("north"));
    Commit(Authority("south"));
  }

  int64_t Commit(const v1::CommitRequest& request) {
    const auto answer = client_->Commit(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->revision() : 0;
  }
  int64_t Commit(const std::vector<v1::Record>& records) {
    v1::CommitRequest request;
    for (const v1::Record& record : records) *request.add_mutations()->mutable_put() = record;
    return Commit(request);
  }
  // An actor on the list of the north.
  int64_t CommitTarget(const std::string& id, const std::vector<std::string>& names) {
    return Commit({Actor(id, names), Designation(id)});
  }

  static v1::ScreenRequest Ask(const std::vector<std::string>& names) {
    v1::ScreenRequest request;
    for (const std::string& name : names) request.add_queries()->add_names(name);
    return request;
  }
  v1::ScreenResponse Screen(const v1::ScreenRequest& request) {
    const auto answer = client_->Screen(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : v1::ScreenResponse();
  }
  // "actors/a actors/b" of the first query, members after a plus.
  static std::string Actors(const v1::ScreenResponse& response, int result = 0) {
    std::string actors;
    if (response.results_size() <= result) return "no result";
    for (const v1::ScreenMatch& match : response.results(result).matches()) {
      absl::StrAppend(&actors, actors.empty() ? "" : " ", match.actor());
      for (const v1::ScreenMember& member : match.members()) {
        absl::StrAppend(&actors, "+", member.actor());
      }
    }
    return actors;
  }
  std::string Found(const v1::ScreenRequest& request) { return Actors(Screen(request)); }
  std::string Found(const std::string& name) { return Found(Ask({name})); }
  std::string FoundAt(const std::string& name, int64_t revision) {
    v1::ScreenRequest request = Ask({name});
    request.mutable_scope()->set_known_revision(revision);
    return Found(request);
  }
  std::string FoundOn(const std::string& name, const std::string& date) {
    v1::ScreenRequest request = Ask({name});
    request.mutable_scope()->set_valid_date(date);
    return Found(request);
  }

  std::unique_ptr<TestServer> server_ = StartServer(GetParam());
  std::unique_ptr<Client> client_ = std::make_unique<Client>(server_->MakeClient());
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_E2E_SCREENING_FIXTURE_H_
