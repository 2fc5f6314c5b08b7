// What a caller must not be able to do: each row is sent raw, is refused with
// its own status, reason and place, stores nothing, and leaves a healthy server.

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "communique/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/feed/resume_token.h"
#include "tests/e2e/edtf_vectors.h"
#include "tests/support/raw_client.h"
#include "tests/support/raw_http2.h"
#include "tests/support/records.h"
#include "tests/support/test_server.h"

namespace communique {
namespace {

using testing::Delete;
using testing::MakeActor;
using testing::MakeRecord;
using testing::MakeSanction;
using testing::MakeStatement;
using testing::MakeSummit;
using testing::Merge;
using testing::Put;
using testing::RawClient;
using testing::ServerKind;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kExists = absl::StatusCode::kAlreadyExists;
constexpr absl::StatusCode kAborted = absl::StatusCode::kAborted;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr absl::StatusCode kExhausted = absl::StatusCode::kResourceExhausted;
constexpr absl::StatusCode kUnimplemented = absl::StatusCode::kUnimplemented;

// No field is broken, or it does not matter which.
constexpr char kAnySubject[] = "*";

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

template <typename Answer>
absl::Status StatusOf(const absl::StatusOr<Answer>& answer) {
  return answer.status();
}

// Bytes that no schema of today writes.
template <typename Message>
Message WithUnknownField(Message message) {
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(9999, 1);
  return message;
}

v1::FuzzyTime Edtf(const std::string& edtf) {
  v1::FuzzyTime time;
  time.set_edtf(edtf);
  return time;
}

v1::Record StatementAt(const v1::FuzzyTime& time) {
  v1::Record record = MakeStatement("bad", "Timed");
  *record.mutable_statement()->mutable_time() = time;
  return record;
}

v1::Record StatementAbout(const std::string& target) {
  v1::Record record = MakeStatement("bad", "Refers");
  record.mutable_statement()->add_subjects()->set_target(target);
  return record;
}

v1::Record Designation(const std::vector<std::pair<std::string, std::string>>& intervals) {
  v1::Record record = MakeSanction("bad", "Designation");
  v1::Designation& designation = *record.mutable_sanction()->mutable_designation();
  designation.mutable_regime()->set_text("the regime");
  designation.mutable_actor()->set_text("the actor");
  for (const auto& [listed, delisted] : intervals) {
    v1::ListingInterval& interval = *designation.add_intervals();
    interval.set_id(absl::StrCat("i", designation.intervals_size()));
    *interval.mutable_listed_time() = Edtf(listed);
    if (!delisted.empty()) *interval.mutable_delisted_time() = Edtf(delisted);
  }
  return record;
}

v1::Record Journey(const std::string& departure, const std::string& arrival) {
  v1::Record record = MakeSummit("bad", "Journey");
  v1::Itinerary& itinerary = *record.mutable_summit()->add_itineraries();
  itinerary.set_id("trip");
  v1::Leg& leg = *itinerary.add_legs();
  leg.set_id("leg-1");
  *leg.mutable_departure() = Edtf(departure);
  *leg.mutable_arrival() = Edtf(arrival);
  return record;
}

class BadInputTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  // What stands before the first row: a, b and gone, a merged name, and a
  // statement with an element and with one that was removed.
  void SetUp() override {
    v1::Record statement = MakeStatement("said", "Said");
    for (const char* id : {"claim-1", "claim-2"}) {
      v1::Claim& claim = *statement.mutable_statement()->add_claims();
      claim.set_id(id);
      claim.mutable_proposition()->set_text("It is so.");
    }
    Stand(Put({MakeActor("a", "A"), MakeActor("b", "B"), MakeActor("gone", "Gone"),
               MakeActor("loser", "Loser"), statement}));
    Stand(Merge("actors/loser", "actors/b"));
    Stand(Delete("actors/gone"));
    statement.mutable_statement()->mutable_claims()->RemoveLast();
    Stand(Put(statement));
    v1::CommitRequest once = Put(MakeActor("once", "Once"));
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
  absl::Status PutOf(const v1::Record& record) { return Commit(Put(record)); }
  absl::Status Watch(const v1::WatchRequest& request) { return raw_.FirstOf(request).status(); }

  // Calls a method of a stub.
  template <typename Stub, typename Request, typename Response>
  absl::Status Call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request) {
    Response response;
    return testing::FromGrpc((stub.*method)(RawClient::Context().get(), request, &response));
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
  static std::string PageToken(RawClient& raw, const std::string& filter) {
    v1::ListActorsRequest request;
    request.set_page_size(1);
    request.set_filter(filter);
    v1::ListActorsResponse response;
    EXPECT_TRUE(raw.catalog().ListActors(RawClient::Context().get(), request, &response).ok());
    EXPECT_FALSE(response.next_page_token().empty());
    return response.next_page_token();
  }
  static std::string ResumeToken(RawClient& raw, const std::string& filter) {
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
  RawClient raw_{server_->endpoint()};
  RawClient admin_{server_->admin_endpoint()};
  int64_t head_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Servers, BadInputTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

TEST_P(BadInputTest, Names) {
  std::vector<Row> rows;
  for (const std::string& name :
       {std::string(), std::string("a"), std::string("actors"), std::string("actors/"),
        std::string("/a"), std::string("actors/A"), std::string("actors/-a"),
        std::string("actors/a-"), std::string("actors/a/b"), std::string("actors/a b"),
        std::string("actors/a#b"), std::string("actors/ü"), std::string("actors/a\0b", 10),
        std::string("actors/../a"), std::string("Actors/a"), std::string("planets/mars"),
        "actors/" + std::string(129, 'a')}) {
    const auto as_put = [this, name] {
      v1::Record record = MakeActor("x", "X");
      record.set_name(name);
      return PutOf(record);
    };
    rows.push_back({"put of " + name, as_put, kInvalid, "INVALID_FIELD", "mutations[0].put.name"});
    rows.push_back({"delete of " + name, [this, name] { return Commit(Delete(name)); }, kInvalid,
                    "INVALID_FIELD", "mutations[0].delete.name"});
    rows.push_back({"get of " + name, [this, name] { return GetActor(name); }, kInvalid,
                    "INVALID_FIELD", "name"});
    const auto as_history = [this, name] {
      v1::ListRevisionsRequest request;
      request.set_name(name);
      return ListRevisions(request);
    };
    rows.push_back({"history of " + name, as_history, kInvalid, "INVALID_FIELD", "name"});
    const auto in_batch = [this, name] {
      v1::BatchGetRequest request;
      request.add_names("actors/a");
      request.add_names(name);
      return Call(raw_.catalog(), &v1::CatalogService::Stub::BatchGet, request);
    };
    rows.push_back({"batch with " + name, in_batch, kInvalid, "INVALID_FIELD", "names[1]"});
  }
  rows.push_back({"a name of another kind", [this] { return GetActor("summits/a"); }, kInvalid,
                  "INVALID_FIELD", "name"});
  Check(rows);
}

TEST_P(BadInputTest, Bodies) {
  const auto no_body = [this] {
    v1::Record record;
    record.set_name("actors/x");
    return PutOf(record);
  };
  const auto other_body = [this] {
    v1::Record record = MakeActor("x", "X");
    record.set_name("summits/x");
    return PutOf(record);
  };
  const auto unknown_enum = [this] {
    v1::Record record = MakeActor("x", "X");
    record.mutable_actor()->set_type(static_cast<v1::ActorType>(99));
    return PutOf(record);
  };
  const auto unknown_in_list = [this] {
    v1::Record record = Designation({});
    record.mutable_sanction()->mutable_designation()->add_measure_types(
        static_cast<v1::MeasureType>(-1));
    return PutOf(record);
  };
  const auto unknown_cause = [this] {
    v1::CommitRequest request = Delete("actors/a");
    request.mutable_mutations(0)->mutable_delete_()->set_cause(static_cast<v1::TombstoneCause>(77));
    return Commit(request);
  };
  const auto unknown_in_body = [this] {
    v1::Record record = MakeActor("x", "X");
    *record.mutable_actor() = WithUnknownField(record.actor());
    return PutOf(record);
  };
  const auto unknown_in_element = [this] {
    v1::Record record = MakeActor("x", "X");
    v1::ActorName name;
    name.set_id("n");
    name.set_text("X");
    *record.mutable_actor()->add_names() = WithUnknownField(name);
    return PutOf(record);
  };
  const auto no_title = [this] { return PutOf(MakeActor("x", "")); };
  const auto repeated_id = [this] {
    v1::Record record = MakeStatement("x", "X");
    for (int i = 0; i < 2; ++i) {
      v1::Claim& claim = *record.mutable_statement()->add_claims();
      claim.set_id("same");
      claim.mutable_proposition()->set_text("So.");
    }
    return PutOf(record);
  };
  const auto no_id = [this] {
    v1::Record record = MakeStatement("x", "X");
    record.mutable_statement()->add_claims()->mutable_proposition()->set_text("So.");
    return PutOf(record);
  };
  const auto retired_id = [this] {
    v1::Record record = MakeStatement("said", "Said");
    v1::Claim& claim = *record.mutable_statement()->add_claims();
    claim.set_id("claim-2");
    claim.mutable_proposition()->set_text("Again.");
    return PutOf(record);
  };
  const auto nul = [this] { return PutOf(MakeActor("x", absl::string_view("a\0b", 3))); };
  const auto not_finite = [this] {
    v1::Record record = MakeSummit("x", "X");
    v1::Itinerary& itinerary = *record.mutable_summit()->add_itineraries();
    itinerary.set_id("trip");
    itinerary.mutable_distance()->set_value(std::numeric_limits<double>::quiet_NaN());
    return PutOf(record);
  };
  const auto contradicted = [this] {
    v1::Record record = MakeActor("x", "X");
    v1::Assertion& assertion = *record.mutable_actor()->add_assertions();
    assertion.set_id("as-1");
    assertion.set_path("display_name");
    assertion.set_rank(v1::RANK_PREFERRED);
    assertion.mutable_value()->set_string_value("Y");
    return PutOf(record);
  };
  const auto bad_code = [this] {
    v1::Record record = MakeActor("x", "X");
    record.mutable_actor()->set_region_code("Korea");
    return PutOf(record);
  };
  Check({
      {"no body", no_body, kInvalid, "INVALID_FIELD", "mutations[0].put"},
      {"a body of another kind", other_body, kInvalid, "INVALID_FIELD", "mutations[0].put.name"},
      {"an unknown enum value", unknown_enum, kInvalid, "INVALID_FIELD",
       "mutations[0].put.actor.type"},
      {"an unknown enum value in a list", unknown_in_list, kInvalid, "INVALID_FIELD",
       "mutations[0].put.sanction.designation.measure_types[0]"},
      {"an unknown cause of a delete", unknown_cause, kInvalid, "INVALID_FIELD",
       "mutations[0].delete.cause"},
      {"an unknown field in a body", unknown_in_body, kInvalid, "INVALID_FIELD",
       "mutations[0].put.actor", "9999"},
      {"an unknown field in an element", unknown_in_element, kInvalid, "INVALID_FIELD",
       "mutations[0].put.actor.names[n]", "9999"},
      {"an unknown field in the envelope",
       [this] { return PutOf(WithUnknownField(MakeActor("x", "X"))); }, kInvalid, "INVALID_FIELD",
       "mutations[0].put", "9999"},
      {"an unknown field in the commit",
       [this] { return Commit(WithUnknownField(Put(MakeActor("x", "X")))); }, kInvalid,
       "INVALID_FIELD", ""},
      {"no title", no_title, kInvalid, "INVALID_FIELD", "mutations[0].put.actor.display_name"},
      {"an id twice", repeated_id, kInvalid, "INVALID_FIELD",
       "mutations[0].put.statement.claims[same].id"},
      {"no id", no_id, kInvalid, "INVALID_FIELD", "mutations[0].put.statement.claims[0].id"},
      {"an id that was removed", retired_id, kInvalid, "INVALID_FIELD",
       "statements/said#claim-2"},
      {"a NUL", nul, kInvalid, "INVALID_FIELD", "mutations[0].put.actor.display_name"},
      {"no number", not_finite, kInvalid, "INVALID_FIELD",
       "mutations[0].put.summit.itineraries[trip].distance.value"},
      {"a field that its assertion denies", contradicted, kInvalid, "INVALID_FIELD"},
      {"a country that is no code", bad_code, kInvalid, "INVALID_FIELD",
       "mutations[0].put.actor.region_code"},
  });
}

TEST_P(BadInputTest, Sizes) {
  const auto large = [](const std::string& id, size_t bytes) {
    v1::Record record = MakeActor(id, "Large");
    record.mutable_actor()->set_description(std::string(bytes, 'x'));
    return record;
  };
  const auto many_mutations = [this] {
    v1::CommitRequest request;
    for (int i = 0; i <= 1000; ++i) {
      *request.add_mutations()->mutable_put() = MakeActor(absl::StrCat("m", i), "M");
    }
    return Commit(request);
  };
  const auto many_preconditions = [this] {
    v1::CommitRequest request = Put(MakeActor("x", "X"));
    for (int i = 0; i <= 1000; ++i) {
      v1::Precondition& precondition = *request.add_preconditions();
      precondition.set_name(absl::StrCat("actors/p", i));
      precondition.set_must_not_exist(true);
    }
    return Commit(request);
  };
  const auto grown = [this, large] {
    // Each alone is small enough; the record that an update leaves is not.
    v1::CommitRequest request;
    v1::Record& record = *request.add_mutations()->mutable_update()->mutable_record();
    record = large("a", 512 * 1024 - 10);
    return Commit(request);
  };
  const auto long_reason = [this] {
    v1::CommitRequest request = Put(MakeActor("x", "X"));
    request.set_reason(std::string(1025, 'r'));
    return Commit(request);
  };
  const auto large_batch = [this] {
    v1::BatchGetRequest request;
    for (int i = 0; i <= 1000; ++i) request.add_names(absl::StrCat("actors/n", i));
    return Call(raw_.catalog(), &v1::CatalogService::Stub::BatchGet, request);
  };
  Check({
      {"a record over 512 KiB", [=, this] { return PutOf(large("x", 512 * 1024)); }, kExhausted,
       "SIZE_LIMIT", "actors/x"},
      {"a record that an update makes too large", grown, kExhausted, "SIZE_LIMIT", "actors/a"},
      {"a commit over 1 MiB",
       [=, this] {
         return Commit(
             Put({large("x", 400'000), large("y", 400'000), large("z", 400'000)}));
       },
       kExhausted, "SIZE_LIMIT", "the commit"},
      // The transport refuses it, before the service sees it.
      {"a message over 4 MiB", [=, this] { return PutOf(large("x", 5 << 20)); }, kExhausted, ""},
      {"1,001 mutations", many_mutations, kExhausted, "SIZE_LIMIT", "the commit"},
      {"1,001 preconditions", many_preconditions, kExhausted, "SIZE_LIMIT", "the commit"},
      {"a reason over 1 KiB", long_reason, kInvalid, "INVALID_FIELD", "reason"},
      {"1,001 names in a batch", large_batch, kInvalid, "INVALID_FIELD", "names"},
  });
}

TEST_P(BadInputTest, Bytes) {
  const std::string good = Put(MakeActor("x", "X")).SerializeAsString();
  const auto send = [this](const std::string& rpc, const std::string& bytes) {
    return [this, rpc, bytes] { return raw_.SendBytes("/communique.v1." + rpc, bytes); };
  };
  std::string not_utf8 = good;
  not_utf8[not_utf8.find("actors/x") + 7] = '\xff';
  std::string title_not_utf8 = Put(MakeActor("x", "QQ")).SerializeAsString();
  title_not_utf8.replace(title_not_utf8.find("QQ"), 2, "\xc3\x28");
  const std::string garbage = "\xde\xad\xbe\xef\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
  const std::string groups(100'000, '\x0b');  // nested, and never ended
  const std::string huge_length = "\x0a\xff\xff\xff\xff\x7f";
  std::vector<Row> rows = {
      {"a name that is not UTF-8", send("PublishService/Commit", not_utf8), kInvalid,
       "INVALID_FIELD", "", "UTF-8"},
      {"a title that is not UTF-8", send("PublishService/Commit", title_not_utf8), kInvalid,
       "INVALID_FIELD", "", "UTF-8"},
      {"a commit cut short", send("PublishService/Commit", good.substr(0, good.size() - 1)),
       kInvalid, "INVALID_FIELD", ""},
      {"no bytes", send("PublishService/Commit", ""), kInvalid, "INVALID_FIELD", "mutations"},
      {"a filter that is not UTF-8", send("FeedService/Watch", "\x3a\x02\xc3\x28"), kInvalid,
       "INVALID_FIELD", "", "UTF-8"},
      {"a load that is not UTF-8", send("PublishService/Load", "\x0a\x04\x0a\x02\xc3\x28"),
       kInvalid, "INVALID_FIELD", "", "UTF-8"},
  };
  for (const char* rpc :
       {"CatalogService/GetActor", "CatalogService/ListActors", "CatalogService/BatchGet",
        "CatalogService/ListRevisions", "PublishService/Commit", "PublishService/Load",
        "FeedService/Watch"}) {
    rows.push_back({absl::StrCat("garbage to ", rpc), send(rpc, garbage), kInvalid,
                    "INVALID_FIELD", "", "does not parse"});
    rows.push_back({absl::StrCat("nested groups to ", rpc), send(rpc, groups), kInvalid,
                    "INVALID_FIELD", "", "does not parse"});
    rows.push_back({absl::StrCat("a length beyond the message to ", rpc), send(rpc, huge_length),
                    kInvalid, "INVALID_FIELD", "", "does not parse"});
  }
  Check(rows);
}

TEST_P(BadInputTest, Times) {
  const std::string path = "mutations[0].put.statement.time";
  const auto at = [this](const v1::FuzzyTime& time) {
    return [this, time] { return PutOf(StatementAt(time)); };
  };
  v1::FuzzyTime wrong_corner = Edtf("2023-09-12");
  wrong_corner.add_time_zones("+09:00");
  wrong_corner.mutable_earliest_begin_time()->set_seconds(1);
  v1::FuzzyTime bare_corner;
  bare_corner.set_text("soon");
  bare_corner.mutable_latest_end_time()->set_seconds(1'694'500'000);
  v1::FuzzyTime crossed_corners = Edtf("2023-09-12");
  crossed_corners.mutable_earliest_begin_time()->set_seconds(2'000'000'000);
  crossed_corners.mutable_latest_end_time()->set_seconds(1'000'000'000);
  v1::FuzzyTime negative = Edtf("2023-09-12");
  negative.mutable_tolerance()->set_seconds(-5);
  v1::FuzzyTime no_zone = Edtf("2023-09-12");
  no_zone.add_time_zones("Mars/Olympus_Mons");
  v1::FuzzyTime bare_part;
  bare_part.set_text("at night");
  bare_part.set_part_of_day(v1::PART_OF_DAY_NIGHT);
  v1::FuzzyTime bad_anchor = Edtf("2023-09-12");
  bad_anchor.set_anchor_date("Tuesday");
  v1::FuzzyTime long_text;
  long_text.set_text(std::string(1025, 't'));
  Check({
      {"a time without words and date", at(v1::FuzzyTime()), kInvalid, "INVALID_FIELD", path},
      {"an EDTF that does not parse", at(Edtf("12 September 2023")), kInvalid, "INVALID_FIELD",
       path + ".edtf"},
      {"a day that is not there", at(Edtf("2023-02-29")), kInvalid, "INVALID_FIELD",
       path + ".edtf"},
      {"an EDTF interval reversed", at(Edtf("2023-09-12/2023-09-01")), kInvalid, "INVALID_FIELD",
       path + ".edtf"},
      {"a corner that disagrees", at(wrong_corner), kInvalid, "INVALID_FIELD",
       path + ".earliest_begin_time"},
      {"a corner of a time without a date", at(bare_corner), kInvalid, "INVALID_FIELD", path},
      {"corners that cross", at(crossed_corners), kInvalid, "INVALID_FIELD", path},
      {"a negative tolerance", at(negative), kInvalid, "INVALID_FIELD"},
      {"a zone that is not there", at(no_zone), kInvalid, "INVALID_FIELD"},
      {"a part of no day", at(bare_part), kInvalid, "INVALID_FIELD", path + ".part_of_day"},
      {"an anchor that is no date", at(bad_anchor), kInvalid, "INVALID_FIELD",
       path + ".anchor_date"},
      {"words over 1 KiB", at(long_text), kInvalid, "INVALID_FIELD", path + ".text"},
      {"a leg that arrives before it departs",
       [this] { return PutOf(Journey("2023-09-20", "2023-09-12")); }, kInvalid, "INVALID_FIELD",
       "mutations[0].put.summit.itineraries[trip].legs[leg-1]"},
      {"a delisting before the listing",
       [this] { return PutOf(Designation({{"2020", "2017"}})); }, kInvalid, "INVALID_FIELD",
       "mutations[0].put.sanction.designation.intervals[i1]"},
      {"a listing within the one before",
       [this] { return PutOf(Designation({{"2010", "2015"}, {"2012", ""}})); }, kInvalid,
       "INVALID_FIELD", "mutations[0].put.sanction.designation.intervals[i2]"},
      {"a listing after one that is open",
       [this] { return PutOf(Designation({{"2010", ""}, {"2012", ""}})); }, kInvalid,
       "INVALID_FIELD", "mutations[0].put.sanction.designation.intervals[i2]"},
  });
}

TEST_P(BadInputTest, EdtfVectors) {
  const auto vectors = testing::ReadEdtfVectors();
  if (vectors.empty()) {
    GTEST_SKIP() << "the folder of shared data is not on this machine; "
                    "COMMUNIQUE_SHARED_DATA names it";
  }
  EXPECT_EQ(vectors.size(), 261u);
  int number = 0;
  for (const testing::EdtfVector& vector : vectors) {
    SCOPED_TRACE(absl::StrCat("\"", vector.text, "\""));
    v1::Record record = MakeStatement(absl::StrCat("edtf-", ++number), "Timed");
    record.mutable_statement()->mutable_time()->set_edtf(vector.text);
    const absl::Status status = PutOf(record);
    if (!vector.valid) {
      EXPECT_EQ(status.code(), kInvalid) << status;
      EXPECT_EQ(ErrorReason(status), "INVALID_FIELD");
      const auto violations = ErrorViolations(status);
      ASSERT_EQ(violations.size(), 1u);
      EXPECT_EQ(violations[0].subject,
                vector.text.empty() ? "mutations[0].put.statement.time"
                                    : "mutations[0].put.statement.time.edtf");
      EXPECT_EQ(server_->Head(), head_);
      continue;
    }
    ASSERT_TRUE(status.ok()) << status;
    ++head_;
    const auto stored = server_->MakeClient().Get(record.name());
    ASSERT_TRUE(stored.ok()) << stored.status();
    EXPECT_EQ(stored->statement().time().edtf(), vector.text);
  }
  CheckUnharmed();
}

TEST_P(BadInputTest, References) {
  const auto rekeyed = [this] {
    v1::CommitRequest request = Delete("actors/a");
    v1::DeleteMutation& deletion = *request.mutable_mutations(0)->mutable_delete_();
    deletion.set_cause(v1::TOMBSTONE_CAUSE_REKEYED);
    deletion.set_successor("actors/nobody");
    return Commit(request);
  };
  const auto self_rekeyed = [this] {
    v1::CommitRequest request = Delete("actors/a");
    v1::DeleteMutation& deletion = *request.mutable_mutations(0)->mutable_delete_();
    deletion.set_cause(v1::TOMBSTONE_CAUSE_REKEYED);
    deletion.set_successor("actors/a");
    return Commit(request);
  };
  const auto cycle = [this] {
    v1::CommitRequest request = Merge("actors/a", "actors/b");
    request.MergeFrom(Merge("actors/b", "actors/a"));
    return Commit(request);
  };
  const auto long_cycle = [this] {
    v1::CommitRequest request = Merge("actors/a", "actors/b");
    request.MergeFrom(Merge("actors/b", "actors/once"));
    request.MergeFrom(Merge("actors/once", "actors/a"));
    return Commit(request);
  };
  const auto empty_reference = [this] {
    v1::Record record = MakeStatement("bad", "Refers");
    record.mutable_statement()->add_subjects();
    return PutOf(record);
  };
  const auto to = [this](const std::string& target) {
    return [this, target] { return PutOf(StatementAbout(target)); };
  };
  const std::string subject = "mutations[0].put.statement.subjects[0]";
  Check({
      {"a reference to nothing", to("actors/nobody"), kPrecondition, "REFERENCE_NOT_FOUND",
       "actors/nobody"},
      {"a reference to a deleted record", to("actors/gone"), kPrecondition,
       "REFERENCE_NOT_FOUND", "actors/gone"},
      {"a reference to a missing element", to("statements/said#nothing"), kPrecondition,
       "REFERENCE_NOT_FOUND", "statements/said#nothing"},
      {"a reference to a removed element", to("statements/said#claim-2"), kPrecondition,
       "REFERENCE_NOT_FOUND", "statements/said#claim-2"},
      {"a reference that is no name", to("somebody"), kInvalid, "INVALID_FIELD",
       subject + ".target"},
      {"a reference with two elements", to("statements/said#a#b"), kInvalid, "INVALID_FIELD",
       subject + ".target"},
      {"a reference to nothing at all", empty_reference, kInvalid, "INVALID_FIELD", subject},
      {"a new name that is not there", rekeyed, kPrecondition, "REFERENCE_NOT_FOUND",
       "actors/nobody"},
      {"a new name that is the old one", self_rekeyed, kPrecondition, "REFERENCE_NOT_FOUND",
       "actors/a"},
      {"a merge into itself", [this] { return Commit(Merge("actors/a", "actors/a")); },
       kPrecondition, "MERGE_CYCLE", "actors/a"},
      {"a cycle of two merges", cycle, kPrecondition, "MERGE_CYCLE", "actors/b"},
      {"a cycle of three merges", long_cycle, kPrecondition, "MERGE_CYCLE", "actors/once"},
      {"a merge of one that leads here",
       [this] { return Commit(Merge("actors/b", "actors/loser")); }, kPrecondition, "MERGE_CYCLE",
       "actors/b"},
      {"a merge into nothing", [this] { return Commit(Merge("actors/a", "actors/nobody")); },
       kNotFound, "RECORD_NOT_FOUND"},
      {"a merge of nothing", [this] { return Commit(Merge("actors/nobody", "actors/a")); },
       kNotFound, "RECORD_NOT_FOUND"},
      {"a merge into a deleted one", [this] { return Commit(Merge("actors/a", "actors/gone")); },
       kNotFound, "RECORD_DELETED"},
      {"a merge into a merged one", [this] { return Commit(Merge("actors/a", "actors/loser")); },
       kPrecondition, "NAME_MERGED", "actors/loser"},
      {"a merge into another kind",
       [this] { return Commit(Merge("actors/a", "statements/said")); }, kInvalid, "INVALID_FIELD",
       "mutations[0].merge.into"},
      {"a merged name used again", [this] { return PutOf(MakeActor("loser", "Again")); },
       kPrecondition, "NAME_MERGED", "actors/loser"},
  });
}

TEST_P(BadInputTest, CommitsAndPreconditions) {
  const auto unmerge = [this] {
    v1::CommitRequest request;
    request.add_mutations()->mutable_unmerge()->set_name("actors/a");
    return Commit(request);
  };
  const auto create = [this] {
    v1::CommitRequest request;
    *request.add_mutations()->mutable_create() = MakeActor("a", "A again");
    return Commit(request);
  };
  const auto update_missing = [this] {
    v1::CommitRequest request;
    *request.add_mutations()->mutable_update()->mutable_record() = MakeActor("nobody", "X");
    return Commit(request);
  };
  const auto bad_mask = [this] {
    v1::CommitRequest request;
    v1::UpdateMutation& update = *request.add_mutations()->mutable_update();
    *update.mutable_record() = MakeActor("a", "X");
    update.mutable_update_mask()->add_paths("no_such_field");
    return Commit(request);
  };
  const auto stale_etag = [this] {
    v1::Record record = MakeActor("a", "X");
    record.set_etag("stale");
    return PutOf(record);
  };
  const auto merged_cause = [this] {
    v1::CommitRequest request = Delete("actors/a");
    request.mutable_mutations(0)->mutable_delete_()->set_cause(v1::TOMBSTONE_CAUSE_MERGED);
    return Commit(request);
  };
  const auto successor_of_delete = [this] {
    v1::CommitRequest request = Delete("actors/a");
    request.mutable_mutations(0)->mutable_delete_()->set_successor("actors/b");
    return Commit(request);
  };
  // A commit that would do something, if what it demands were so.
  const auto demand = [this](const std::function<void(v1::Precondition&)>& fill) {
    return [this, fill] {
      v1::CommitRequest request = Put(MakeActor("x", "X"));
      v1::Precondition& precondition = *request.add_preconditions();
      precondition.set_name("actors/a");
      fill(precondition);
      return Commit(request);
    };
  };
  const auto with_id = [this](const std::string& id) {
    return [this, id] {
      v1::CommitRequest request = Put(MakeActor("x", "X"));
      request.set_request_id(id);
      return Commit(request);
    };
  };
  const auto half_refused = [this] {
    return Commit(Put({MakeActor("good", "Good"), MakeActor("bad", "")}));
  };
  Check({
      {"no mutation", [this] { return Commit(v1::CommitRequest()); }, kInvalid, "INVALID_FIELD",
       "mutations"},
      {"a mutation that does nothing",
       [this] {
         v1::CommitRequest request;
         request.add_mutations();
         return Commit(request);
       },
       kInvalid, "INVALID_FIELD", "mutations[0]"},
      {"two mutations of one name",
       [this] { return Commit(Put({MakeActor("x", "X"), MakeActor("x", "Y")})); }, kInvalid,
       "INVALID_FIELD", "mutations[1]"},
      {"one good and one bad", half_refused, kInvalid, "INVALID_FIELD",
       "mutations[1].put.actor.display_name"},
      {"an unmerge of what was not merged", unmerge, kPrecondition, "NOT_MERGED", "actors/a"},
      {"a create of what is there", create, kExists, "RECORD_EXISTS"},
      {"an update of nothing", update_missing, kNotFound, "RECORD_NOT_FOUND"},
      {"an update of a field that is not there", bad_mask, kInvalid, "INVALID_FIELD"},
      {"a delete of nothing", [this] { return Commit(Delete("actors/nobody")); }, kNotFound,
       "RECORD_NOT_FOUND"},
      {"a delete of what was deleted", [this] { return Commit(Delete("actors/gone")); }, kNotFound,
       "RECORD_DELETED"},
      {"a delete that says merged", merged_cause, kInvalid, "INVALID_FIELD",
       "mutations[0].delete.cause"},
      {"a delete with a successor", successor_of_delete, kInvalid, "INVALID_FIELD",
       "mutations[0].delete.successor"},
      {"a stale etag", stale_etag, kAborted, "ETAG_MISMATCH", "actors/a"},
      {"a stale etag demanded", demand([](auto& p) { p.set_etag("stale"); }), kAborted,
       "ETAG_MISMATCH", "actors/a"},
      {"another revision demanded", demand([](auto& p) { p.set_revision(4); }), kAborted,
       "REVISION_MISMATCH", "actors/a"},
      {"its absence demanded", demand([](auto& p) { p.set_must_not_exist(true); }), kExists,
       "RECORD_EXISTS"},
      {"another's presence demanded",
       demand([](auto& p) {
         p.set_name("actors/nobody");
         p.set_must_exist(true);
       }),
       kNotFound, "RECORD_NOT_FOUND"},
      {"nothing demanded", demand([](auto&) {}), kInvalid, "INVALID_FIELD", "preconditions[0]"},
      {"revision 0 demanded", demand([](auto& p) { p.set_revision(0); }), kInvalid,
       "INVALID_FIELD", "preconditions[0].revision"},
      {"presence demanded with false", demand([](auto& p) { p.set_must_exist(false); }), kInvalid,
       "INVALID_FIELD", "preconditions[0].must_exist"},
      {"something demanded of no name",
       demand([](auto& p) {
         p.set_name("nobody");
         p.set_must_exist(true);
       }),
       kInvalid, "INVALID_FIELD", "preconditions[0].name"},
      {"a request id with a space", with_id("a b"), kInvalid, "INVALID_FIELD", "request_id"},
      {"a request id with a slash", with_id("a/b"), kInvalid, "INVALID_FIELD", "request_id"},
      {"a request id of 65 characters", with_id(std::string(65, 'i')), kInvalid, "INVALID_FIELD",
       "request_id"},
      {"a request id with another payload", with_id("used"), kInvalid, "REQUEST_ID_REUSED",
       "request_id"},
  });
}

TEST_P(BadInputTest, Pages) {
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
      {"a page token over 1 KiB", with_token(std::string(5000, 'A')), kInvalid, reason,
       "page_token"},
      {"a resume token for a page", with_token(resume), kInvalid, reason, "page_token"},
      {"a page token of another filter", with_token(filtered), kInvalid, reason, "page_token",
       "another query"},
      {"a page token of another kind", of_other_kind, kInvalid, reason, "page_token",
       "another query"},
      {"a page token of another scope", of_other_scope, kInvalid, reason, "page_token",
       "another query"},
      {"a page token of another rpc", for_history, kInvalid, reason, "page_token",
       "another query"},
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

TEST_P(BadInputTest, ScopesAndFilters) {
  const auto scoped = [this](const std::function<void(v1::ReadScope&)>& fill) {
    return [this, fill] {
      v1::ReadScope scope;
      fill(scope);
      return GetActor("actors/a", scope);
    };
  };
  std::vector<Row> rows = {
      {"a revision beyond the head", scoped([](auto& s) { s.set_known_revision(1000); }), kInvalid,
       "REVISION_IN_FUTURE"},
      {"a negative revision", scoped([](auto& s) { s.set_known_revision(-1); }), kInvalid,
       "INVALID_FIELD", "scope.known_revision"},
      {"a negative revision to wait for", scoped([](auto& s) { s.set_min_revision(-1); }),
       kInvalid, "INVALID_FIELD", "scope.min_revision"},
  };
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "(";
  std::string terms = "kind = actor";
  for (int i = 0; i < 300; ++i) terms += " AND kind = actor";
  for (const std::string& filter :
       {std::string("kind"), std::string("kind ="), std::string("kind = planet"),
        std::string("kind = actor AND"), std::string("kind = actor OR"), std::string("OR kind = actor"),
        std::string("(kind = actor"), std::string("kind = actor)"), std::string("no_field = 1"),
        std::string("name = \"actors/A\""), std::string("name = \"actors/a"), std::string("kind > actor"),
        std::string("= actor"), std::string("NOT"), std::string("kind = actor \xe2\x80\xae"),
        deep + "kind = actor", terms, "name = \"" + std::string(9000, 'a') + "\""}) {
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
    rows.push_back(
        {"list with filter " + shown, in_list, kInvalid, "INVALID_FILTER", "filter"});
    rows.push_back(
        {"watch with filter " + shown, in_watch, kInvalid, "INVALID_FILTER", "filter"});
  }
  Check(rows);
}

TEST_P(BadInputTest, Watches) {
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
      {"a damaged token", resume(Damaged(token)), kInvalid, "INVALID_RESUME_TOKEN",
       "resume_token"},
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
      {"a negative end", with([](auto& r) { r.set_until_revision(-1); }), kInvalid,
       "INVALID_FIELD", "until_revision"},
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
      {"an interval over 1 h", interval(3601, 0), kInvalid, "INVALID_FIELD",
       "checkpoint_interval"},
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

TEST_P(BadInputTest, Loads) {
  v1::LoadRequest header;
  header.mutable_header()->set_load_id("bad-load");
  const auto header_with = [](const std::function<void(v1::LoadHeader&)>& fill) {
    v1::LoadRequest request;
    request.mutable_header()->set_load_id("bad-load");
    fill(*request.mutable_header());
    return request;
  };
  const auto line = [](int64_t number, const v1::CommitRequest& commit) {
    v1::LoadRequest request;
    request.mutable_line()->set_number(number);
    *request.mutable_line()->mutable_commit() = commit;
    return request;
  };
  v1::CommitRequest with_id = Put(MakeActor("x", "X"));
  with_id.set_request_id("mine");
  v1::CommitRequest validated = Put(MakeActor("x", "X"));
  validated.set_validate_only(true);
  const auto load = [this](const std::vector<v1::LoadRequest>& requests) {
    return [this, requests] { return raw_.Load(requests); };
  };
  const std::string reason = "INVALID_FIELD";
  Check({
      {"a load without a header", load({line(1, Put(MakeActor("x", "X")))}), kInvalid, reason,
       "header"},
      {"a load of an empty message", load({v1::LoadRequest()}), kInvalid, reason, "header"},
      {"a load without an id", load({header_with([](auto& h) { h.set_load_id(""); })}), kInvalid,
       reason, "header.load_id"},
      {"a load id with a slash", load({header_with([](auto& h) { h.set_load_id("a/b"); })}),
       kInvalid, reason, "header.load_id"},
      {"a load's reason over 1 KiB",
       load({header_with([](auto& h) { h.set_reason(std::string(1025, 'r')); })}), kInvalid,
       reason, "header.reason"},
      {"a second header", load({header, header}), kInvalid, reason, "line"},
      {"line 0", load({header, line(0, Put(MakeActor("x", "X")))}), kInvalid, reason,
       "line.number"},
      {"a line with a request id", load({header, line(1, with_id)}), kInvalid, reason,
       "line.commit"},
      {"a line that only validates", load({header, line(1, validated)}), kInvalid, reason,
       "line.commit"},
      {"a line without mutations", load({header, line(1, v1::CommitRequest())}), kInvalid, reason,
       "mutations", "line 1"},
      {"a line that is refused", load({header, line(3, Put(MakeActor("x", "")))}), kInvalid, reason,
       "mutations[0].put.actor.display_name", "line 3"},
      {"a line that refers to nothing", load({header, line(7, Put(StatementAbout("actors/nobody")))}),
       kPrecondition, "REFERENCE_NOT_FOUND", "actors/nobody", "line 7"},
  });
}

TEST_P(BadInputTest, WhatIsNotThereYet) {
  const auto list_with = [this](const std::function<void(v1::ListActorsRequest&)>& fill) {
    return [this, fill] {
      v1::ListActorsRequest request;
      fill(request);
      return ListActors(request);
    };
  };
  const auto scoped = [this](const std::function<void(v1::ReadScope&)>& fill) {
    return [this, fill] {
      v1::ReadScope scope;
      fill(scope);
      return GetActor("actors/a", scope);
    };
  };
  const auto masked_get = [this] {
    v1::GetActorRequest request;
    request.set_name("actors/a");
    request.mutable_read_mask()->add_paths("actor.display_name");
    return Call(raw_.catalog(), &v1::CatalogService::Stub::GetActor, request);
  };
  const auto masked_batch = [this] {
    v1::BatchGetRequest request;
    request.add_names("actors/a");
    request.mutable_read_mask()->add_paths("actor.display_name");
    return Call(raw_.catalog(), &v1::CatalogService::Stub::BatchGet, request);
  };
  const auto values = [this] {
    v1::ListRevisionsRequest request;
    request.set_name("actors/a");
    request.set_include_values(true);
    return ListRevisions(request);
  };
  const std::string reason = "NOT_IMPLEMENTED";
  using Catalog = v1::CatalogService::Stub;
  using Screening = v1::ScreeningService::Stub;
  using Admin = v1::AdminService::Stub;
  Check({
      {"Search",
       [this] { return Call(raw_.catalog(), &Catalog::Search, v1::SearchRequest()); },
       kUnimplemented, reason, kAnySubject, "Search"},
      {"Screen",
       [this] { return Call(raw_.screening(), &Screening::Screen, v1::ScreenRequest()); },
       kUnimplemented, reason, kAnySubject, "Screen"},
      {"VerifyClaim",
       [this] { return Call(raw_.screening(), &Screening::VerifyClaim, v1::VerifyClaimRequest()); },
       kUnimplemented, reason, kAnySubject, "VerifyClaim"},
      {"CreateBackup",
       [this] { return Call(admin_.admin(), &Admin::CreateBackup, v1::CreateBackupRequest()); },
       kUnimplemented, reason, kAnySubject, "CreateBackup"},
      {"ListBackups",
       [this] { return Call(admin_.admin(), &Admin::ListBackups, v1::ListBackupsRequest()); },
       kUnimplemented, reason, kAnySubject, "ListBackups"},
      {"VerifyBackup",
       [this] { return Call(admin_.admin(), &Admin::VerifyBackup, v1::VerifyBackupRequest()); },
       kUnimplemented, reason, kAnySubject, "VerifyBackup"},
      {"TrimJournal",
       [this] { return Call(admin_.admin(), &Admin::TrimJournal, v1::TrimJournalRequest()); },
       kUnimplemented, reason, kAnySubject, "TrimJournal"},
      {"read_mask of a get", masked_get, kUnimplemented, reason, kAnySubject, "read_mask"},
      {"read_mask of a batch", masked_batch, kUnimplemented, reason, kAnySubject, "read_mask"},
      {"read_mask of a list",
       list_with([](auto& r) { r.mutable_read_mask()->add_paths("actor.display_name"); }),
       kUnimplemented, reason, kAnySubject, "read_mask"},
      {"order_by", list_with([](auto& r) { r.set_order_by("display_name desc"); }), kUnimplemented,
       reason, kAnySubject, "order_by"},
      {"include_referenced", list_with([](auto& r) { r.set_include_referenced(true); }),
       kUnimplemented, reason, kAnySubject, "include_referenced"},
      {"include_values", values, kUnimplemented, reason, kAnySubject, "include_values"},
      {"valid_date", scoped([](auto& s) { s.set_valid_date("2023-09-12"); }), kUnimplemented,
       reason, kAnySubject, "valid_date"},
      {"known_list_version",
       scoped([](auto& s) { s.set_known_list_version("sources/list-1"); }), kUnimplemented, reason,
       kAnySubject, "known_list_version"},
      // gRPC's own answers.
      {"an rpc that no schema has",
       [this] { return raw_.SendBytes("/communique.v1.CatalogService/Guess", ""); },
       kUnimplemented, ""},
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

TEST_P(BadInputTest, Principals) {
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
