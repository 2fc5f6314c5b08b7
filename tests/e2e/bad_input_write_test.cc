// Commits and loads that must be refused; see bad_input.h.

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/bad_input.h"
#include "tests/e2e/edtf_vectors.h"

namespace communique {
namespace {

using testing::Delete;
using testing::MakeActor;
using testing::MakeSanction;
using testing::MakeStatement;
using testing::MakeSummit;
using testing::Merge;
using testing::Put;
using testing::ServerKind;

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

class BadWriteTest : public BadInputTest {};

INSTANTIATE_TEST_SUITE_P(Servers, BadWriteTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

TEST_P(BadWriteTest, Names) {
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

TEST_P(BadWriteTest, Bodies) {
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
  const auto unknown_in = [this](const std::function<void(v1::CommitRequest&)>& fill) {
    return [this, fill] {
      v1::CommitRequest request;
      fill(request);
      return Commit(request);
    };
  };
  Check({
      {"an unknown field in a mutation", unknown_in([](auto& r) {
         r = Put(MakeActor("x", "X"));
         *r.mutable_mutations(0) = WithUnknownField(r.mutations(0));
       }),
       kInvalid, "INVALID_FIELD", "mutations[0]", "9999"},
      {"an unknown field in a delete", unknown_in([](auto& r) {
         r = Delete("actors/a");
         auto& deletion = *r.mutable_mutations(0)->mutable_delete_();
         deletion = WithUnknownField(deletion);
       }),
       kInvalid, "INVALID_FIELD", "mutations[0].delete", "9999"},
      {"an unknown field in a merge", unknown_in([](auto& r) {
         r = Merge("actors/a", "actors/b");
         auto& merge = *r.mutable_mutations(0)->mutable_merge();
         merge = WithUnknownField(merge);
       }),
       kInvalid, "INVALID_FIELD", "mutations[0].merge", "9999"},
      {"an unknown field in an update", unknown_in([](auto& r) {
         auto& update = *r.add_mutations()->mutable_update();
         *update.mutable_record() = MakeActor("a", "A2");
         update = WithUnknownField(update);
       }),
       kInvalid, "INVALID_FIELD", "mutations[0].update", "9999"},
      {"an unknown field in an update's envelope", unknown_in([](auto& r) {
         *r.add_mutations()->mutable_update()->mutable_record() =
             WithUnknownField(MakeActor("a", "A2"));
       }),
       kInvalid, "INVALID_FIELD", "mutations[0].update.record", "9999"},
      {"an unknown field in a precondition", unknown_in([](auto& r) {
         r = Put(MakeActor("x", "X"));
         auto& precondition = *r.add_preconditions();
         precondition.set_name("actors/a");
         precondition.set_must_exist(true);
         precondition = WithUnknownField(precondition);
       }),
       kInvalid, "INVALID_FIELD", "preconditions[0]", "9999"},
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
      {"an id that was removed", retired_id, kInvalid, "INVALID_FIELD", "mutations[0]", "statements/said#claim-2"},
      {"a NUL", nul, kInvalid, "INVALID_FIELD", "mutations[0].put.actor.display_name"},
      {"no number", not_finite, kInvalid, "INVALID_FIELD",
       "mutations[0].put.summit.itineraries[trip].distance.value"},
      {"a field that its assertion denies", contradicted, kInvalid, "INVALID_FIELD"},
      {"a country that is no code", bad_code, kInvalid, "INVALID_FIELD",
       "mutations[0].put.actor.region_code"},
  });
}

TEST_P(BadWriteTest, Sizes) {
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
         return Commit(Put({large("x", 400'000), large("y", 400'000), large("z", 400'000)}));
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

TEST_P(BadWriteTest, Bytes) {
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
  for (const char* rpc : {"CatalogService/GetActor", "CatalogService/ListActors",
                          "CatalogService/BatchGet", "CatalogService/ListRevisions",
                          "PublishService/Commit", "PublishService/Load", "FeedService/Watch"}) {
    rows.push_back({absl::StrCat("garbage to ", rpc), send(rpc, garbage), kInvalid, "INVALID_FIELD",
                    "", "does not parse"});
    rows.push_back({absl::StrCat("nested groups to ", rpc), send(rpc, groups), kInvalid,
                    "INVALID_FIELD", "", "does not parse"});
    rows.push_back({absl::StrCat("a length beyond the message to ", rpc), send(rpc, huge_length),
                    kInvalid, "INVALID_FIELD", "", "does not parse"});
  }
  Check(rows);
}

TEST_P(BadWriteTest, Times) {
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
       [this] {
         return PutOf(Designation({{"2020", "2017"}}));
       },
       kInvalid, "INVALID_FIELD", "mutations[0].put.sanction.designation.intervals[i1]"},
      {"a listing within the one before",
       [this] {
         return PutOf(Designation({{"2010", "2015"}, {"2012", ""}}));
       },
       kInvalid, "INVALID_FIELD", "mutations[0].put.sanction.designation.intervals[i2]"},
      {"a listing after one that is open",
       [this] {
         return PutOf(Designation({{"2010", ""}, {"2012", ""}}));
       },
       kInvalid, "INVALID_FIELD", "mutations[0].put.sanction.designation.intervals[i2]"},
  });
}

TEST_P(BadWriteTest, EdtfVectors) {
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
      EXPECT_EQ(violations[0].subject, vector.text.empty()
                                           ? "mutations[0].put.statement.time"
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

TEST_P(BadWriteTest, References) {
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
      {"a reference to a deleted record", to("actors/gone"), kPrecondition, "REFERENCE_NOT_FOUND",
       "actors/gone"},
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
      {"a merge into another kind", [this] { return Commit(Merge("actors/a", "statements/said")); },
       kInvalid, "INVALID_FIELD", "mutations[0].merge.into"},
      {"a merged name used again", [this] { return PutOf(MakeActor("loser", "Again")); },
       kPrecondition, "NAME_MERGED", "actors/loser"},
  });
}

TEST_P(BadWriteTest, CommitsAndPreconditions) {
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
       [this] {
         return Commit(Put({MakeActor("x", "X"), MakeActor("x", "Y")}));
       },
       kInvalid, "INVALID_FIELD", "mutations[1]"},
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
      {"another's presence demanded", demand([](auto& p) {
         p.set_name("actors/nobody");
         p.set_must_exist(true);
       }),
       kNotFound, "RECORD_NOT_FOUND"},
      {"nothing demanded", demand([](auto&) {}), kInvalid, "INVALID_FIELD", "preconditions[0]"},
      {"revision 0 demanded", demand([](auto& p) { p.set_revision(0); }), kInvalid, "INVALID_FIELD",
       "preconditions[0].revision"},
      {"presence demanded with false", demand([](auto& p) { p.set_must_exist(false); }), kInvalid,
       "INVALID_FIELD", "preconditions[0].must_exist"},
      {"something demanded of no name", demand([](auto& p) {
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

TEST_P(BadWriteTest, LinesBeforeOneThatDoesNotRiseStand) {
  for (int round = 0; round < 20; ++round) {
    std::vector<v1::LoadRequest> requests(3);
    requests[0].mutable_header()->set_load_id(absl::StrCat("falling-", round));
    for (int i : {1, 2}) {
      v1::LoadLine& line = *requests[static_cast<size_t>(i)].mutable_line();
      line.set_number(3 - i);
      *line.mutable_commit() = Put(MakeActor(absl::StrCat("r", round, "-", i), "Line"));
    }
    const absl::Status status = raw_.Load(requests);
    EXPECT_EQ(status.code(), kInvalid) << status;
    EXPECT_EQ(ErrorViolations(status)[0].subject, "line.number");
    EXPECT_EQ(ErrorMetadata(status)["durable_line"], "2");
    ++head_;
    CheckUnharmed();
  }
}

TEST_P(BadWriteTest, Loads) {
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
       load({header_with([](auto& h) { h.set_reason(std::string(1025, 'r')); })}), kInvalid, reason,
       "header.reason"},
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
      {"a line that refers to nothing",
       load({header, line(7, Put(StatementAbout("actors/nobody")))}), kPrecondition,
       "REFERENCE_NOT_FOUND", "actors/nobody", "line 7"},
  });
}

}  // namespace
}  // namespace communique
