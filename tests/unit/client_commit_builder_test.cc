// Each call of the builder is one mutation, precondition or field of the commit.
#include "communique/commit_builder.h"

#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace communique {
namespace {

// That a builder builds what the text format says.
void ExpectBuilds(const CommitBuilder& builder, const std::string& text) {
  v1::CommitRequest expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &expected)) << text;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(builder.Build(), expected))
      << builder.Build().DebugString();
}

v1::Summit Summit() {
  v1::Summit summit;
  summit.set_title("T");
  return summit;
}

TEST(CommitBuilderTest, CreatesAndPutsEachKind) {
  ExpectBuilds(CommitBuilder().CreateSummit("a", Summit()),
               R"(mutations { create { name: "summits/a" summit { title: "T" } } })");
  ExpectBuilds(CommitBuilder().CreateSanction("a", {}),
               R"(mutations { create { name: "sanctions/a" sanction {} } })");
  ExpectBuilds(CommitBuilder().CreateStatement("a", {}),
               R"(mutations { create { name: "statements/a" statement {} } })");
  ExpectBuilds(CommitBuilder().CreateActor("a", {}),
               R"(mutations { create { name: "actors/a" actor {} } })");
  ExpectBuilds(CommitBuilder().CreateSource("a", {}),
               R"(mutations { create { name: "sources/a" source {} } })");
  ExpectBuilds(CommitBuilder().PutSummit("a", Summit()),
               R"(mutations { put { name: "summits/a" summit { title: "T" } } })");
  ExpectBuilds(CommitBuilder().PutSanction("a", {}),
               R"(mutations { put { name: "sanctions/a" sanction {} } })");
  ExpectBuilds(CommitBuilder().PutStatement("a", {}),
               R"(mutations { put { name: "statements/a" statement {} } })");
  ExpectBuilds(CommitBuilder().PutActor("a", {}),
               R"(mutations { put { name: "actors/a" actor {} } })");
  ExpectBuilds(CommitBuilder().PutSource("a", {}),
               R"(mutations { put { name: "sources/a" source {} } })");
}

TEST(CommitBuilderTest, UpdatesFields) {
  v1::Record record;
  record.set_name("summits/a");
  *record.mutable_summit() = Summit();
  ExpectBuilds(CommitBuilder().Update(record),
               R"(mutations { update { record { name: "summits/a" summit { title: "T" } } } })");
  ExpectBuilds(CommitBuilder().Update(record, {"title", "place"}),
               R"(mutations { update { record { name: "summits/a" summit { title: "T" } }
                                       update_mask { paths: "title" paths: "place" } } })");
}

TEST(CommitBuilderTest, TakesAwayForAReason) {
  ExpectBuilds(CommitBuilder().Delete("summits/a").Retract("statements/b").Rekey("actors/c",
                                                                                 "actors/d"),
               R"(mutations { delete { name: "summits/a" } }
                  mutations { delete { name: "statements/b" cause: TOMBSTONE_CAUSE_RETRACTED } }
                  mutations { delete { name: "actors/c" cause: TOMBSTONE_CAUSE_REKEYED
                                       successor: "actors/d" } })");
}

TEST(CommitBuilderTest, MergesAndUnmerges) {
  ExpectBuilds(CommitBuilder().Merge("actors/a", "actors/b").Unmerge("actors/c"),
               R"(mutations { merge { name: "actors/a" into: "actors/b" } }
                  mutations { unmerge { name: "actors/c" } })");
}

TEST(CommitBuilderTest, ACorrectionIsOfTheLastMutation) {
  ExpectBuilds(CommitBuilder().Delete("actors/a").Delete("actors/b").AsCorrection(),
               R"(mutations { delete { name: "actors/a" } }
                  mutations { delete { name: "actors/b" } correction: true })");
}

TEST(CommitBuilderTest, ACorrectionOfNothingIsSent) {
  ExpectBuilds(CommitBuilder().AsCorrection().Delete("actors/a"),
               R"(mutations { correction: true } mutations { delete { name: "actors/a" } })");
}

TEST(CommitBuilderTest, PathsMayBeKnownAtRunTimeAlone) {
  v1::Record record;
  record.set_name("summits/a");
  const std::vector<std::string> paths = {"title", "place"};
  ExpectBuilds(CommitBuilder().Update(record, paths), R"(mutations { update {
      record { name: "summits/a" } update_mask { paths: "title" paths: "place" } } })");
}

TEST(CommitBuilderTest, ADeletionMayNameTheVersionThatStands) {
  ExpectBuilds(CommitBuilder().Delete("summits/a", "e"),
               R"(mutations { delete { name: "summits/a" etag: "e" } })");
}

TEST(CommitBuilderTest, RequiresAndExplains) {
  ExpectBuilds(CommitBuilder()
                   .RequireEtag("actors/a", "e")
                   .RequireRevision("actors/b", 7)
                   .RequireExists("actors/c")
                   .RequireAbsent("actors/d")
                   .Because("why")
                   .RequestId("id")
                   .ValidateOnly(),
               R"(preconditions { name: "actors/a" etag: "e" }
                  preconditions { name: "actors/b" revision: 7 }
                  preconditions { name: "actors/c" must_exist: true }
                  preconditions { name: "actors/d" must_not_exist: true }
                  reason: "why" request_id: "id" validate_only: true)");
}

}  // namespace
}  // namespace communique
