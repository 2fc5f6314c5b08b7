#ifndef COMMUNIQUE_TESTS_E2E_BAD_INPUT_H_
#define COMMUNIQUE_TESTS_E2E_BAD_INPUT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "communique/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/raw_client.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"

// What a caller must not be able to do: each row is sent raw, is refused with
// its own status, reason and place, stores nothing, and leaves a healthy server.
namespace communique {

inline constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
inline constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
inline constexpr absl::StatusCode kExists = absl::StatusCode::kAlreadyExists;
inline constexpr absl::StatusCode kAborted = absl::StatusCode::kAborted;
inline constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;
inline constexpr absl::StatusCode kExhausted = absl::StatusCode::kResourceExhausted;
inline constexpr absl::StatusCode kUnimplemented = absl::StatusCode::kUnimplemented;

// No field is broken, or it does not matter which.
inline constexpr char kAnySubject[] = "*";

struct Row {
  std::string what;
  std::function<absl::Status()> send;
  absl::StatusCode code;
  std::string reason;
  // The subject of a violation that must be among those told.
  std::string subject = kAnySubject;
  // Something the message must say.
  std::string says = "";
};

class BadInputTest : public ::testing::TestWithParam<testing::ServerKind> {
 protected:
  // What stands before the first row: a, b and gone, a merged name, and a
  // statement with an element and with one that was removed.
  void SetUp() override {
    v1::Record statement = testing::MakeStatement("said", "Said");
    for (const char* id : {"claim-1", "claim-2"}) {
      v1::Claim& claim = *statement.mutable_statement()->add_claims();
      claim.set_id(id);
      claim.mutable_proposition()->set_text("It is so.");
    }
    Stand(testing::Put({testing::MakeActor("a", "A"), testing::MakeActor("b", "B"),
                        testing::MakeActor("gone", "Gone"), testing::MakeActor("loser", "Loser"),
                        statement}));
    Stand(testing::Merge("actors/loser", "actors/b"));
    Stand(testing::Delete("actors/gone"));
    statement.mutable_statement()->mutable_claims()->RemoveLast();
    Stand(testing::Put(statement));
    v1::CommitRequest once = testing::Put(testing::MakeActor("once", "Once"));
    once.set_request_id("used");
    Stand(once);
    head_ = server_->Head();
    ASSERT_EQ(head_, 5);
  }

  void Stand(const v1::CommitRequest& request) {
    const auto answer = raw_.Commit(request);
    ASSERT_TRUE(answer.ok()) << answer.status();
  }

  absl::Status Commit(const v1::CommitRequest& request) { return raw_.Commit(request).status(); }
  absl::Status PutOf(const v1::Record& record) { return Commit(testing::Put(record)); }
  absl::Status Watch(const v1::WatchRequest& request) { return raw_.FirstOf(request).status(); }

  // Calls a method of a stub.
  template <typename Stub, typename Request, typename Response>
  absl::Status Call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request) {
    Response response;
    return testing::FromGrpc(
        (stub.*method)(testing::RawClient::Context().get(), request, &response));
  }
  absl::Status GetActor(const std::string& name, const v1::ReadScope& scope = {}) {
    v1::GetActorRequest request;
    request.set_name(name);
    *request.mutable_scope() = scope;
    return Call(raw_.catalog(), &v1::CatalogService::Stub::GetActor, request);
  }
  absl::Status ListActors(const v1::ListActorsRequest& request) {
    return Call(raw_.catalog(), &v1::CatalogService::Stub::ListActors, request);
  }
  absl::Status ListRevisions(const v1::ListRevisionsRequest& request) {
    return Call(raw_.catalog(), &v1::CatalogService::Stub::ListRevisions, request);
  }

  // The token of a page of actors that has another after it.
  static std::string PageToken(testing::RawClient& raw, const std::string& filter) {
    v1::ListActorsRequest request;
    request.set_page_size(1);
    request.set_filter(filter);
    v1::ListActorsResponse response;
    EXPECT_TRUE(
        raw.catalog().ListActors(testing::RawClient::Context().get(), request, &response).ok());
    EXPECT_FALSE(response.next_page_token().empty());
    return response.next_page_token();
  }
  static std::string ResumeToken(testing::RawClient& raw, const std::string& filter) {
    v1::WatchRequest request;
    request.set_start_revision(0);
    request.set_filter(filter);
    const auto response = raw.FirstOf(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->resume_token() : "";
  }
  static std::string Damaged(std::string token) {
    char& middle = token[token.size() / 2];
    middle = middle == 'A' ? 'B' : 'A';
    return token;
  }

  void Check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.what);
      const absl::Status status = row.send();
      EXPECT_EQ(status.code(), row.code) << status;
      EXPECT_EQ(ErrorReason(status), row.reason) << status;
      // gRPC itself says nothing to an rpc that it does not know.
      EXPECT_TRUE(!status.message().empty() || row.reason.empty());
      EXPECT_TRUE(absl::StrContains(status.message(), row.says)) << status;
      if (row.subject != kAnySubject) {
        std::vector<std::string> subjects;
        for (const ErrorViolation& violation : ErrorViolations(status)) {
          EXPECT_FALSE(violation.description.empty()) << status;
          subjects.push_back(violation.subject);
        }
        EXPECT_THAT(subjects, ::testing::Contains(row.subject)) << status;
      }
      CheckUnharmed();
      if (HasFatalFailure()) return;
    }
  }

  // Nothing was stored, health says SERVING, a read works.
  void CheckUnharmed() {
    ASSERT_EQ(server_->Head(), head_);
    const auto health = raw_.Health("communique.v1.PublishService");
    ASSERT_TRUE(health.ok()) << health.status();
    EXPECT_EQ(*health, 1);
    ASSERT_TRUE(GetActor("actors/a").ok());
  }

  std::unique_ptr<testing::TestServer> server_ = testing::StartServer(GetParam());
  testing::RawClient raw_{server_->endpoint()};
  testing::RawClient admin_{server_->admin_endpoint()};
  int64_t head_ = 0;
};

}  // namespace communique

#endif  // COMMUNIQUE_TESTS_E2E_BAD_INPUT_H_
