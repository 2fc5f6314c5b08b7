// Reads, watches and callers that must be refused; see bad_input.h.

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/feed/resume_token.h"
#include "tests/e2e/bad_input.h"
#include "tests/support/raw_http2.h"

namespace communique {
namespace {

using testing::MakeActor;
using testing::Put;
using testing::RawClient;
using testing::ServerKind;

class BadReadTest : public BadInputTest {};

INSTANTIATE_TEST_SUITE_P(Servers, BadReadTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

TEST_P(BadReadTest, Pages) {
  const auto other = testing::StartServer(ServerKind::kInProcess);
  RawClient other_raw(other->endpoint());
  ASSERT_TRUE(other_raw.Commit(Put({MakeActor("a", "A"), MakeActor("b", "B")})).ok());
  const std::string token = PageToken(raw_, "");
  const std::string filtered = PageToken(raw_, "name = \"actors/*\"");
  const std::string foreign = PageToken(other_raw, "");
  const std::string resume = ResumeToken(raw_, "");
  const auto with_token = [this](const std::string& page_token) {
    return [this, page_token] {
      v1::ListActorsRequest request;
      request.set_page_token(page_token);
      return ListActors(request);
    };
  };
  const auto of_other_kind = [this, token] {
    v1::ListSummitsRequest request;
    request.set_page_token(token);
    return Call(raw_.catalog(), &v1::CatalogService::Stub::ListSummits, request);
  };
  const auto of_other_scope = [this, token] {
    v1::ListActorsRequest request;
    request.set_page_token(token);
    request.mutable_scope()->set_known_revision(1);
    return ListActors(request);
  };
  const auto for_history = [this, token] {
    v1::ListRevisionsRequest request;
    request.set_name("actors/a");
    request.set_page_token(token);
    return ListRevisions(request);
  };
  const auto negative = [this] {
    v1::ListActorsRequest request;
    request.set_page_size(-1);
    return ListActors(request);
  };
  const auto negative_history = [this] {
    v1::ListRevisionsRequest request;
    request.set_name("actors/a");
    request.set_page_size(-1);
    return ListRevisions(request);
  };
  const auto twice = [this] {
    v1::BatchGetRequest request;
    request.add_names("actors/a");
    request.add_names("actors/a");
    return Call(raw_.catalog(), &v1::CatalogService::Stub::BatchGet, request);
  };
  const std::string reason = "INVALID_PAGE_TOKEN";
  Check({
      {"a damaged page token", with_token(Damaged(token)), kInvalid, reason, "page_token"},
      {"a page token cut short", with_token(token.substr(0, token.size() - 4)), kInvalid, reason,
       "page_token"},
      {"no page token", with_token("next"), kInvalid, reason, "page_token"},
      {"a page token over 2 KiB", with_token(std::string(5000, 'A')), kInvalid, reason,
       "page_token"},
      {"a resume token for a page", with_token(resume), kInvalid, reason, "page_token"},
      {"a page token of another filter", with_token(filtered), kInvalid, reason, "page_token",
       "another query"},
      {"a page token of another kind", of_other_kind, kInvalid, reason, "page_token",
       "another query"},
      {"a page token of another scope", of_other_scope, kInvalid, reason, "page_token",
       "another query"},
      {"a page token of another rpc", for_history, kInvalid, reason, "page_token", "another query"},
      {"a page token of another server", with_token(foreign), kInvalid, reason, "page_token",
       "another store"},
      {"a negative page size", negative, kInvalid, "INVALID_FIELD", "page_size"},
      {"a negative page size of a history", negative_history, kInvalid, "INVALID_FIELD",
       "page_size"},
      {"a name twice in a batch", twice, kInvalid, "INVALID_FIELD", "names[1]"},
      {"an empty batch",
       [this] {
         return Call(raw_.catalog(), &v1::CatalogService::Stub::BatchGet, v1::BatchGetRequest());
       },
       kInvalid, "INVALID_FIELD", "names"},
  });
}

TEST_P(BadReadTest, ScopesAndFilters) {
  const auto scoped = [this](const std::function<void(v1::ReadScope&)>& fill) {
    return [this, fill] {
      v1::ReadScope scope;
      fill(scope);
      return GetActor("actors/a", scope);
    };
  };
  std::vector<Row> rows = {
      {"a time that is no Timestamp", scoped([](auto& s) {
         s.mutable_known_time()->set_seconds(std::numeric_limits<int64_t>::max());
         s.mutable_known_time()->set_nanos(-5);
       }),
       kInvalid, "INVALID_FIELD", "scope.known_time"},
      {"a revision beyond the head", scoped([](auto& s) { s.set_known_revision(1000); }), kInvalid,
       "REVISION_IN_FUTURE"},
      {"a negative revision", scoped([](auto& s) { s.set_known_revision(-1); }), kInvalid,
       "INVALID_FIELD", "scope.known_revision"},
      {"a negative revision to wait for", scoped([](auto& s) { s.set_min_revision(-1); }), kInvalid,
       "INVALID_FIELD", "scope.min_revision"},
  };
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "(";
  std::string terms = "kind = actor";
  for (int i = 0; i < 300; ++i) terms += " AND kind = actor";
  for (const std::string& filter :
       {std::string("kind"), std::string("kind ="), std::string("kind = planet"),
        std::string("kind = actor AND"), std::string("kind = actor OR"),
        std::string("OR kind = actor"), std::string("(kind = actor"), std::string("kind = actor)"),
        std::string("no_field = 1"), std::string("name = \"actors/A\""),
        std::string("name = \"actors/a"), std::string("kind > actor"), std::string("= actor"),
        std::string("NOT"), std::string("kind = actor \xe2\x80\xae"), deep + "kind = actor", terms,
        "name = \"" + std::string(9000, 'a') + "\""}) {
    const std::string shown = filter.substr(0, 40);
    const auto in_list = [this, filter] {
      v1::ListActorsRequest request;
      request.set_filter(filter);
      return ListActors(request);
    };
    const auto in_watch = [this, filter] {
      v1::WatchRequest request;
      request.set_filter(filter);
      return Watch(request);
    };
    rows.push_back({"list with filter " + shown, in_list, kInvalid, "INVALID_FILTER", "filter"});
    rows.push_back({"watch with filter " + shown, in_watch, kInvalid, "INVALID_FILTER", "filter"});
  }
  Check(rows);
}

TEST_P(BadReadTest, Watches) {
  const auto other = testing::StartServer(ServerKind::kInProcess);
  RawClient other_raw(other->endpoint());
  ASSERT_TRUE(other_raw.Commit(Put(MakeActor("a", "A"))).ok());
  const std::string token = ResumeToken(raw_, "");
  const auto parsed = feed::ParseResumeToken(token);
  ASSERT_TRUE(parsed.ok());
  feed::ResumeToken future = *parsed;
  future.revision = head_ + 1000;
  feed::ResumeToken future_snapshot = *parsed;
  future_snapshot.revision = 0;
  future_snapshot.snapshot_revision = head_ + 1000;
  feed::ResumeToken restored = *parsed;
  restored.epoch = "before-the-restore";
  const auto with = [this](const std::function<void(v1::WatchRequest&)>& fill) {
    return [this, fill] {
      v1::WatchRequest request;
      request.set_start_revision(0);
      fill(request);
      return Watch(request);
    };
  };
  const auto resume = [&with](const std::string& text) {
    return with([text](auto& r) { r.set_resume_token(text); });
  };
  const auto shard = [&with](int index, int count) {
    return with([=](auto& r) {
      r.mutable_shard()->set_index(index);
      r.mutable_shard()->set_count(count);
    });
  };
  const auto interval = [&with](int64_t seconds, int nanos) {
    return with([=](auto& r) {
      r.mutable_checkpoint_interval()->set_seconds(seconds);
      r.mutable_checkpoint_interval()->set_nanos(nanos);
    });
  };
  const std::string mismatch = "RESUME_TOKEN_MISMATCH";
  Check({
      {"a negative revision to wait for",
       with([](auto& r) { r.mutable_scope()->set_min_revision(-5); }), kInvalid, "INVALID_FIELD",
       "scope.min_revision"},
      {"a valid date", with([](auto& r) {
         r.set_snapshot(true);
         r.mutable_scope()->set_valid_date("2023-09-12");
       }),
       kInvalid, "INVALID_FIELD", "scope.valid_date"},
      {"a valid date without a snapshot",
       with([](auto& r) { r.mutable_scope()->set_valid_date("2023-09-12"); }), kInvalid,
       "INVALID_FIELD", "scope.valid_date"},
      {"a damaged token", resume(Damaged(token)), kInvalid, "INVALID_RESUME_TOKEN", "resume_token"},
      {"a token cut short", resume(token.substr(0, 8)), kInvalid, "INVALID_RESUME_TOKEN",
       "resume_token"},
      {"an empty token", resume(""), kInvalid, "INVALID_RESUME_TOKEN", "resume_token"},
      {"a page token to resume", resume(PageToken(raw_, "")), kInvalid, "INVALID_RESUME_TOKEN",
       "resume_token"},
      {"a token from the future", resume(feed::MakeResumeToken(future)), kInvalid,
       "REVISION_IN_FUTURE"},
      {"a token of a snapshot from the future", resume(feed::MakeResumeToken(future_snapshot)),
       kInvalid, "REVISION_IN_FUTURE"},
      {"a token of another store", resume(ResumeToken(other_raw, "")), kInvalid, mismatch,
       "resume_token", "another store"},
      {"a token of another epoch", resume(feed::MakeResumeToken(restored)), kPrecondition,
       "RESUME_TOKEN_EPOCH", "resume_token"},
      {"a token of another filter", resume(ResumeToken(raw_, "kind = actor")), kInvalid, mismatch,
       "resume_token", "another filter"},
      {"a token for another shard", with([token](auto& r) {
         r.set_resume_token(token);
         r.mutable_shard()->set_count(2);
       }),
       kInvalid, mismatch, "resume_token", "shard"},
      {"a start beyond the head", with([](auto& r) { r.set_start_revision(1000); }), kInvalid,
       "REVISION_IN_FUTURE"},
      {"a negative start", with([](auto& r) { r.set_start_revision(-1); }), kInvalid,
       "INVALID_FIELD", "start_revision"},
      {"a snapshot that is false", with([](auto& r) { r.set_snapshot(false); }), kInvalid,
       "INVALID_FIELD", "snapshot"},
      {"a now that is false", with([](auto& r) { r.set_now(false); }), kInvalid, "INVALID_FIELD",
       "now"},
      {"an end at a head that is false", with([](auto& r) { r.set_until_head(false); }), kInvalid,
       "INVALID_FIELD", "until_head"},
      {"a negative end", with([](auto& r) { r.set_until_revision(-1); }), kInvalid, "INVALID_FIELD",
       "until_revision"},
      {"an end before the start", with([](auto& r) {
         r.set_start_revision(3);
         r.set_until_revision(2);
       }),
       kInvalid, "INVALID_FIELD", "until_revision"},
      {"a shard of none", shard(0, 0), kInvalid, "INVALID_FIELD", "shard.count"},
      {"a shard of a negative number", shard(0, -1), kInvalid, "INVALID_FIELD", "shard.count"},
      {"a shard of 1,025", shard(0, 1025), kInvalid, "INVALID_FIELD", "shard.count"},
      {"a shard beyond the last", shard(2, 2), kInvalid, "INVALID_FIELD", "shard.index"},
      {"a shard before the first", shard(-1, 2), kInvalid, "INVALID_FIELD", "shard.index"},
      {"an interval below 1 s", interval(0, 999'999'999), kInvalid, "INVALID_FIELD",
       "checkpoint_interval"},
      {"no interval", interval(0, 0), kInvalid, "INVALID_FIELD", "checkpoint_interval"},
      {"a negative interval", interval(-10, 0), kInvalid, "INVALID_FIELD", "checkpoint_interval"},
      {"an interval over 1 h", interval(3601, 0), kInvalid, "INVALID_FIELD", "checkpoint_interval"},
      {"an interval beyond all", interval(std::numeric_limits<int64_t>::max(), 0), kInvalid,
       "INVALID_FIELD", "checkpoint_interval"},
      {"a known revision without a snapshot",
       with([](auto& r) { r.mutable_scope()->set_known_revision(1); }), kInvalid, "INVALID_FIELD",
       "scope.known_at"},
      {"a snapshot beyond the head", with([](auto& r) {
         r.set_snapshot(true);
         r.mutable_scope()->set_known_revision(1000);
       }),
       kInvalid, "REVISION_IN_FUTURE"},
  });
}

TEST_P(BadReadTest, WhatIsNotThereYet) {
  const std::string reason = "NOT_IMPLEMENTED";
  using Admin = v1::AdminService::Stub;
  Check({
      {"CreateBackup",
       [this] { return Call(admin_.admin(), &Admin::CreateBackup, v1::CreateBackupRequest()); },
       kUnimplemented, reason, kAnySubject, "CreateBackup"},
      {"ListBackups",
       [this] { return Call(admin_.admin(), &Admin::ListBackups, v1::ListBackupsRequest()); },
       kUnimplemented, reason, kAnySubject, "ListBackups"},
      {"VerifyBackup",
       [this] { return Call(admin_.admin(), &Admin::VerifyBackup, v1::VerifyBackupRequest()); },
       kUnimplemented, reason, kAnySubject, "VerifyBackup"},
      // gRPC's own answers.
      {"an rpc that no schema has",
       [this] { return raw_.SendBytes("/communique.v1.CatalogService/Guess", ""); }, kUnimplemented,
       ""},
      {"the operator's rpc on the public listener",
       [this] { return Call(raw_.admin(), &Admin::GetStatus, v1::GetStatusRequest()); },
       kUnimplemented, ""},
      {"a public rpc on the operator's listener",
       [this] {
         return Call(admin_.publish(), &v1::PublishService::Stub::Commit, Put(MakeActor("x", "X")));
       },
       kUnimplemented, ""},
  });
}

TEST_P(BadReadTest, Principals) {
  const auto as = [this](const std::string& principal) {
    return [this, principal] {
      auto context = RawClient::Context("");
      context->AddMetadata("communique-principal", principal);
      v1::CommitResponse response;
      return testing::FromGrpc(
          raw_.publish().Commit(context.get(), Put(MakeActor("x", "X")), &response));
    };
  };
  Check({
      {"an empty principal", as(""), kInvalid, "INVALID_FIELD", "communique-principal"},
      {"a principal of 257 characters", as(std::string(257, 'p')), kInvalid, "INVALID_FIELD",
       "communique-principal"},
  });
  // Clients of gRPC cannot send these; whoever writes HTTP/2 by hand can.
  for (const std::string& principal :
       {std::string("desk\x01"), std::string("desk\tnews"), std::string("d\xc3\xbcsk"),
        std::string("desk\x7f"), std::string("a\0b", 3)}) {
    const std::string answer = testing::SendRawHttp2(
        server_->endpoint(), "/communique.v1.PublishService/Commit",
        {{"communique-principal", principal}}, Put(MakeActor("x", "X")).SerializeAsString());
    // Trailers are not compressed by this server: the message stands in them.
    EXPECT_TRUE(absl::StrContains(answer, "communique-principal: is 1 to 256")) << answer;
    CheckUnharmed();
  }
  // That the same bytes with a good one are a commit shows that the rest of them
  // is right.
  const std::string answer = testing::SendRawHttp2(
      server_->endpoint(), "/communique.v1.PublishService/Commit",
      {{"communique-principal", "desk"}}, Put(MakeActor("x", "X")).SerializeAsString());
  EXPECT_EQ(server_->Head(), head_ + 1) << answer.size() << " bytes of answer";
}

}  // namespace
}  // namespace communique
