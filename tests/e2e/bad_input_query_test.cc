// Questions that must be refused: filters, orders, masks, searches, scopes, and
// page tokens of other questions; see bad_input.h.

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/bad_input.h"

namespace communique {
namespace {

using testing::MakeActor;
using testing::MakeSource;
using testing::Put;
using testing::ServerKind;

class BadQueryTest : public BadInputTest {
 protected:
  using Catalog = v1::CatalogService::Stub;

  std::function<absl::Status()> List(const std::function<void(v1::ListSummitsRequest&)>& fill) {
    return [this, fill] {
      v1::ListSummitsRequest request;
      fill(request);
      return Call(raw_.catalog(), &Catalog::ListSummits, request);
    };
  }
  std::function<absl::Status()> Search(const std::function<void(v1::SearchRequest&)>& fill) {
    return [this, fill] {
      v1::SearchRequest request;
      request.set_query("kim");
      fill(request);
      return Call(raw_.catalog(), &Catalog::Search, request);
    };
  }
  std::function<absl::Status()> Scoped(const std::function<void(v1::ReadScope&)>& fill) {
    return List([fill](auto& request) { fill(*request.mutable_scope()); });
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, BadQueryTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

TEST_P(BadQueryTest, Filters) {
  struct Case {
    const char* filter;
    const char* told;  // stands in the message
  };
  const Case cases[] = {
      {"stat = HELD", "unknown field"},
      {"state = HELT", "HELT"},
      {"state", "state"},
      {"state > HELD", "state"},
      {"state =", "expected"},
      {"participants.role.name = HOST", "role"},
      {"time = \"2023-09-12\"", "definitely"},
      {"time > \"2023-09-12\"", "definitely"},
      {"place = \"RU\"", "within"},
      {"participants.actor = \"actors/kim\"", "mentions"},
      {"series.number = two", "two"},
      {"series.number = 99999999999999999999", "99999999999999999999"},
      {"update_time > yesterday", "yesterday"},
      {"update_time = \"2023-02-30\"", "2023-02-30"},
      {"definitely(time)", "definitely"},
      {"definitely(time, \"2023-09-14\", \"2023-09-12\")", "begins after its end"},
      {"definitely(title, \"2023-09-12\", \"2023-09-14\")", "title"},
      {"definitely(time, \"12 September\", \"2023-09-14\")", "a date"},
      {"possibly(nothing, \"2023-09-12\", \"2023-09-14\")", "nothing"},
      {"within(time, \"RU\")", "time"},
      {"within(place)", "within"},
      {"mentions(\"nobody\")", "a name was expected"},
      {"mentions()", "mentions"},
      {"text(\"\")", "no word"},
      {"text(\"...\")", "no word"},
      {"any(title, text = \"x\")", "title"},
      {"any(participants, role = HOST", "expected"},
      {"any(participants, state = HELD)", "state"},
      {"has_conflict(nothing)", "nothing"},
      {"certainly(time, \"2023-09-12\", \"2023-09-14\")", "certainly"},
      {"Pyongyang", "text("},
      {"title = \"unclosed", "closed"},
      {"NOT", "expected"},
      {"pin.revision = 1", "pin"},
      {"computed_states.state = listed", "computed_states"},
  };
  std::vector<Row> rows;
  for (const Case& test : cases) {
    const std::string filter = test.filter;
    rows.push_back({absl::StrCat("list with ", filter),
                    List([filter](auto& r) { r.set_filter(filter); }), kInvalid, "INVALID_FILTER",
                    "filter", test.told});
  }
  std::string deep = "state = HELD";
  for (int i = 0; i < 200; ++i) deep = absl::StrCat("NOT (", deep, ")");
  std::string nested = "id = x";
  for (int i = 0; i < 100; ++i) nested = absl::StrCat("any(itineraries, ", nested, ")");
  std::string many = "state = HELD";
  for (int i = 0; i < 400; ++i) many += " OR state = HELD";
  for (const std::string& filter : {deep, nested, many, std::string(9000, '('), std::string(9000, '-')}) {
    rows.push_back({absl::StrCat("list with ", filter.size(), " bytes of ", filter.substr(0, 12)),
                    List([filter](auto& r) { r.set_filter(filter); }), kInvalid, "INVALID_FILTER",
                    "filter"});
    rows.push_back({absl::StrCat("watch with ", filter.size(), " bytes of ", filter.substr(0, 12)),
                    [this, filter] {
                      v1::WatchRequest request;
                      request.set_filter(filter);
                      return Watch(request);
                    },
                    kInvalid, "INVALID_FILTER", "filter"});
  }
  Check(rows);
}

TEST_P(BadQueryTest, Orders) {
  struct Case {
    const char* order;
    const char* told;
  };
  const Case cases[] = {
      {"no_field", "no_field"},
      {"participants", "participants"},
      {"participants.role", "participants"},
      {"place", "place"},
      {"time down", "down"},
      {"time DESC", "DESC"},
      {"time,", ""},
      {",", ""},
      {"time desc desc", ""},
      {"time, time desc", "time"},
      {"name, time", "name"},
      {"title, state, type, format, time", ""},
      {"statement.time", "statement"},
  };
  std::vector<Row> rows;
  for (const Case& test : cases) {
    const std::string order = test.order;
    rows.push_back({absl::StrCat("order by ", order),
                    List([order](auto& r) { r.set_order_by(order); }), kInvalid, "INVALID_FIELD",
                    "order_by", test.told});
  }
  Check(rows);
}

TEST_P(BadQueryTest, Masks) {
  const auto mask = [](auto& request, const std::string& path) {
    request.mutable_read_mask()->add_paths(path);
  };
  std::vector<Row> rows;
  for (const std::string path : {"no_field", "summit.no_field", "title.text", "", "summit.",
                                 ".title", "participants[p].actor", "Title"}) {
    rows.push_back({absl::StrCat("list with mask ", path),
                    List([=](auto& r) { mask(r, path); }), kInvalid, "INVALID_FIELD",
                    "read_mask"});
    rows.push_back({absl::StrCat("get with mask ", path),
                    [=, this] {
                      v1::GetActorRequest request;
                      request.set_name("actors/a");
                      mask(request, path);
                      return Call(raw_.catalog(), &Catalog::GetActor, request);
                    },
                    kInvalid, "INVALID_FIELD", "read_mask"});
  }
  rows.push_back({"a batch with the mask of one body",
                  [=, this] {
                    v1::BatchGetRequest request;
                    request.add_names("actors/a");
                    mask(request, "display_name");
                    return Call(raw_.catalog(), &Catalog::BatchGet, request);
                  },
                  kInvalid, "INVALID_FIELD", "read_mask"});
  rows.push_back({"everything and a field", List([=](auto& r) {
                    mask(r, "*");
                    mask(r, "title");
                  }),
                  kInvalid, "INVALID_FIELD", "read_mask"});
  rows.push_back({"129 paths", List([=](auto& r) {
                    for (int i = 0; i < 129; ++i) mask(r, "title");
                  }),
                  kInvalid, "INVALID_FIELD", "read_mask"});
  Check(rows);
}

TEST_P(BadQueryTest, Scopes) {
  std::vector<Row> rows;
  for (const std::string date : {"2023-9-12", "2023-02-30", "12 September 2023", "2023", "2023-09",
                                 "2023-09-12T00:00:00Z", "0000-01-01", "10000-01-01", " "}) {
    rows.push_back({absl::StrCat("a valid date of ", date),
                    Scoped([date](auto& s) { s.set_valid_date(date); }), kInvalid, "INVALID_FIELD",
                    "scope.valid_date"});
  }
  rows.insert(rows.end(),
              {{"a list's version that is no name",
                Scoped([](auto& s) { s.set_known_list_version("2018-10-29"); }), kInvalid,
                "INVALID_FIELD", "scope.known_list_version"},
               {"a list's version that is an actor",
                Scoped([](auto& s) { s.set_known_list_version("actors/a"); }), kInvalid,
                "INVALID_FIELD", "scope.known_list_version"},
               {"a list's version that is not there",
                Scoped([](auto& s) { s.set_known_list_version("sources/nothing"); }), kNotFound,
                "RECORD_NOT_FOUND", kAnySubject, "sources/nothing"}});
  Check(rows);
}

TEST_P(BadQueryTest, Searches) {
  std::string many;
  for (int i = 0; i < 33; ++i) absl::StrAppend(&many, "w", i, " ");
  std::vector<Row> rows;
  for (const std::string& query :
       {std::string(), std::string("   "), std::string("... !"), many, std::string(1025, 'a')}) {
    rows.push_back({absl::StrCat("search for ", query.size(), " bytes"),
                    Search([query](auto& r) { r.set_query(query); }), kInvalid, "INVALID_FIELD",
                    "query"});
  }
  rows.insert(rows.end(), {{"search in no kind",
                            Search([](auto& r) { r.add_kinds(v1::RECORD_KIND_UNSPECIFIED); }),
                            kInvalid, "INVALID_FIELD", "kinds[0]"},
                           {"search in a kind that is none",
                            Search([](auto& r) { r.add_kinds(static_cast<v1::RecordKind>(99)); }),
                            kInvalid, "INVALID_FIELD", "kinds[0]"},
                           {"a negative page", Search([](auto& r) { r.set_page_size(-1); }),
                            kInvalid, "INVALID_FIELD", "page_size"},
                           {"a mask of one body",
                            Search([](auto& r) { r.mutable_read_mask()->add_paths("title"); }),
                            kInvalid, "INVALID_FIELD", "read_mask"},
                           {"no page token", Search([](auto& r) { r.set_page_token("next"); }),
                            kInvalid, "INVALID_PAGE_TOKEN", "page_token"}});
  Check(rows);
}

TEST_P(BadQueryTest, Claims) {
  const auto with = [this](const std::function<void(v1::VerifyClaimRequest&)>& change) {
    return [this, change] {
      v1::VerifyClaimRequest request;
      request.set_target("actors/a");
      request.set_authority("actors/b");
      change(request);
      return Call(raw_.screening(), &v1::ScreeningService::Stub::VerifyClaim, request);
    };
  };
  const auto claim = [with](const std::string& name) {
    return with([name](auto& r) {
      r.clear_target();
      r.clear_authority();
      r.set_claim(name);
    });
  };
  const std::string reason = "INVALID_FIELD";
  Check({
      {"no target", with([](auto& r) { r.clear_target(); }), kInvalid, reason, "target"},
      {"no authority", with([](auto& r) { r.clear_authority(); }), kInvalid, reason, "authority"},
      {"a target that is no actor", with([](auto& r) { r.set_target("summits/s"); }), kInvalid,
       reason, "target"},
      {"a target in words", with([](auto& r) { r.set_target("Ann"); }), kInvalid, reason, "target"},
      {"an element as an authority", with([](auto& r) { r.set_authority("actors/b#x"); }),
       kInvalid, reason, "authority"},
      {"a regime that is no sanction", with([](auto& r) { r.set_regime("actors/a"); }), kInvalid,
       reason, "regime"},
      {"a date that is none", with([](auto& r) { r.set_as_of_date("2023-02-30"); }), kInvalid,
       reason, "as_of_date"},
      {"a month", with([](auto& r) { r.set_as_of_date("2023-02"); }), kInvalid, reason,
       "as_of_date"},
      {"a date of another kind",
       with([](auto& r) { r.mutable_scope()->set_valid_date("2023-09-12"); }), kInvalid, reason,
       "scope.valid_date"},
      {"a claim beside a target", with([](auto& r) { r.set_claim("statements/said#claim-1"); }),
       kInvalid, reason, "target"},
      {"a claim that is a statement", claim("statements/said"), kInvalid, reason, "claim"},
      {"a claim of an actor", claim("actors/a#x"), kInvalid, reason, "claim"},
      {"a claim of no name", claim("?#?"), kInvalid, reason, "claim"},
      {"a claim of something else", claim("statements/said#claim-1"), kInvalid, reason, "claim",
       "is no claim of sanctions"},
      {"a claim that was removed", claim("statements/said#claim-2"), kNotFound,
       "RECORD_NOT_FOUND"},
      {"a claim of no statement", claim("statements/none#c1"), kNotFound, "RECORD_NOT_FOUND"},
      {"a target that is not there", with([](auto& r) { r.set_target("actors/none"); }), kNotFound,
       "RECORD_NOT_FOUND"},
      {"a target that is gone", with([](auto& r) { r.set_target("actors/gone"); }), kNotFound,
       "RECORD_DELETED"},
      {"an authority that is not there", with([](auto& r) { r.set_authority("actors/none"); }),
       kNotFound, "RECORD_NOT_FOUND"},
      {"a regime that is not there", with([](auto& r) { r.set_regime("sanctions/none"); }),
       kNotFound, "RECORD_NOT_FOUND"},
      {"a revision beyond the head",
       with([](auto& r) { r.mutable_scope()->set_known_revision(1000); }), kInvalid,
       "REVISION_IN_FUTURE"},
  });
  // That the question itself is right.
  EXPECT_TRUE(with([](auto&) {})().ok());
}

// A token is of one question: each of its parts counts.
TEST_P(BadQueryTest, TokensOfOtherQuestions) {
  v1::ListActorsRequest asked;
  asked.set_filter("name = \"actors/*\"");
  asked.set_order_by("display_name desc");
  asked.set_page_size(1);
  v1::ListActorsResponse answer;
  auto context = testing::RawClient::Context("");
  ASSERT_TRUE(raw_.catalog().ListActors(context.get(), asked, &answer).ok());
  ASSERT_FALSE(answer.next_page_token().empty());
  asked.set_page_token(answer.next_page_token());
  const auto with = [&, asked](const std::function<void(v1::ListActorsRequest&)>& change) {
    return [this, asked, change] {
      v1::ListActorsRequest request = asked;
      change(request);
      return ListActors(request);
    };
  };
  const std::string reason = "INVALID_PAGE_TOKEN";
  Check({
      {"another filter", with([](auto& r) { r.set_filter("name = \"actors/a*\""); }), kInvalid,
       reason, "page_token", "another query"},
      {"another order", with([](auto& r) { r.set_order_by("display_name"); }), kInvalid, reason,
       "page_token", "another query"},
      {"another mask", with([](auto& r) { r.mutable_read_mask()->add_paths("name"); }), kInvalid,
       reason, "page_token", "another query"},
      {"another date", with([](auto& r) { r.mutable_scope()->set_valid_date("2023-09-12"); }),
       kInvalid, reason, "page_token", "another query"},
      {"with referred names", with([](auto& r) { r.set_include_referenced(true); }), kInvalid,
       reason, "page_token", "another query"},
      {"for a search",
       Search([token = answer.next_page_token()](auto& r) { r.set_page_token(token); }), kInvalid,
       reason, "page_token", "another query"},
  });
  // The page size is not part of the question.
  asked.set_page_size(1000);
  EXPECT_TRUE(ListActors(asked).ok());
}

}  // namespace
}  // namespace communique
