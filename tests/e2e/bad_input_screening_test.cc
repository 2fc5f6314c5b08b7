// Screenings that must be refused, with every violation; see bad_input.h.

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/bad_input.h"

namespace communique {
namespace {

using testing::ServerKind;

class BadScreeningTest : public BadInputTest {
 protected:
  static v1::ScreenRequest Good() {
    v1::ScreenRequest request;
    request.add_queries()->add_names("Ostap Vrenzky");
    return request;
  }
  std::function<absl::Status()> Screen(const std::function<void(v1::ScreenRequest&)>& fill) {
    return [this, fill] {
      v1::ScreenRequest request = Good();
      fill(request);
      return Call(raw_.screening(), &v1::ScreeningService::Stub::Screen, request);
    };
  }
  std::function<absl::Status()> Query(const std::function<void(v1::ScreenQuery&)>& fill) {
    return Screen([fill](auto& request) { fill(*request.mutable_queries(0)); });
  }
  static Row Invalid(const std::string& what, std::function<absl::Status()> send,
                     const std::string& subject, const std::string& says = "") {
    return {what, std::move(send), kInvalid, "INVALID_FIELD", subject, says};
  }
};

INSTANTIATE_TEST_SUITE_P(Servers, BadScreeningTest,
                         ::testing::Values(ServerKind::kInProcess, ServerKind::kProcess),
                         [](const auto& info) { return testing::ServerKindName(info.param); });

TEST_P(BadScreeningTest, Queries) {
  ASSERT_TRUE(Screen([](auto&) {})().ok());
  Check({
      Invalid("no query", Screen([](auto& r) { r.clear_queries(); }), "queries"),
      Invalid("101 queries", Screen([](auto& r) {
                for (int i = 0; i < 100; ++i) r.add_queries()->add_names("x y");
              }),
              "queries", "101"),
      Invalid("no name", Query([](auto& q) { q.clear_names(); }), "queries[0].names"),
      Invalid("an empty name", Query([](auto& q) { q.set_names(0, ""); }), "queries[0].names[0]"),
      Invalid("a name of nothing", Query([](auto& q) { q.set_names(0, "?! ..."); }),
              "queries[0].names[0]"),
      Invalid("21 names", Query([](auto& q) {
                for (int i = 0; i < 20; ++i) q.add_names("x y");
              }),
              "queries[0].names", "21"),
      Invalid("a name over 1 KiB", Query([](auto& q) { q.set_names(0, std::string(1025, 'x')); }),
              "queries[0].names[0]", "1024"),
      Invalid("a long id", Query([](auto& q) { q.set_query_id(std::string(257, 'x')); }),
              "queries[0].query_id"),
      Invalid("a birth date in words", Query([](auto& q) { q.set_birth_date("3 May 1980"); }),
              "queries[0].birth_date"),
      Invalid("no such day", Query([](auto& q) { q.set_birth_date("1980-02-30"); }),
              "queries[0].birth_date"),
      Invalid("a country in words", Query([](auto& q) { q.add_region_codes("Norway"); }),
              "queries[0].region_codes[0]", "Norway"),
      Invalid("a country in small letters", Query([](auto& q) { q.add_region_codes("no"); }),
              "queries[0].region_codes[0]"),
      Invalid("21 countries", Query([](auto& q) {
                for (int i = 0; i < 21; ++i) q.add_region_codes("NO");
              }),
              "queries[0].region_codes"),
      Invalid("another gender", Query([](auto& q) { q.set_gender("M"); }), "queries[0].gender"),
      Invalid("an identifier of nothing",
              Query([](auto& q) { q.add_identifiers()->set_value(" - "); }),
              "queries[0].identifiers[0].value"),
      Invalid("a long identifier",
              Query([](auto& q) { q.add_identifiers()->set_value(std::string(257, '1')); }),
              "queries[0].identifiers[0].value"),
      Invalid("21 identifiers", Query([](auto& q) {
                for (int i = 0; i < 21; ++i) q.add_identifiers()->set_value("12345");
              }),
              "queries[0].identifiers"),
      Invalid("no such type", Query([](auto& q) { q.set_type(static_cast<v1::ActorType>(77)); }),
              "queries[0].type"),
      {"bytes that are no text",
       [this] {
         // names: "\xff", within a query, within a request
         return raw_.SendBytes("/communique.v1.ScreeningService/Screen",
                               absl::string_view("\x0a\x03\x12\x01\xff", 5));
       },
       kInvalid, "INVALID_FIELD"},
  });
}

TEST_P(BadScreeningTest, Options) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Check({
      Invalid("a threshold above 1", Screen([](auto& r) { r.set_threshold(1.01); }), "threshold"),
      Invalid("a negative threshold", Screen([](auto& r) { r.set_threshold(-0.1); }), "threshold"),
      Invalid("no number", Screen([nan](auto& r) { r.set_threshold(nan); }), "threshold"),
      Invalid("a possible threshold above 1", Screen([](auto& r) { r.set_possible_threshold(2); }),
              "possible_threshold"),
      Invalid("no number as possible", Screen([nan](auto& r) { r.set_possible_threshold(nan); }),
              "possible_threshold"),
      Invalid("possible above match", Screen([](auto& r) {
                r.set_threshold(0.5);
                r.set_possible_threshold(0.6);
              }),
              "possible_threshold", "0.5"),
      Invalid("possible above the shipped threshold",
              Screen([](auto& r) { r.set_possible_threshold(0.99); }), "possible_threshold"),
      Invalid("-1 matches", Screen([](auto& r) { r.set_max_matches(-1); }), "max_matches"),
      Invalid("101 matches", Screen([](auto& r) { r.set_max_matches(101); }), "max_matches"),
      Invalid("no name of an authority", Screen([](auto& r) { r.add_authorities("the UN"); }),
              "authorities[0]"),
      Invalid("a sanction as an authority",
              Screen([](auto& r) { r.add_authorities("sanctions/a"); }), "authorities[0]"),
      // A slip must not be answered "nobody".
      Invalid("an authority that is not there",
              Screen([](auto& r) { r.add_authorities("actors/nobody"); }), "authorities[0]",
              "actors/nobody"),
      Invalid("an authority that is gone",
              Screen([](auto& r) { r.add_authorities("actors/gone"); }), "authorities[0]"),
      Invalid("101 authorities", Screen([](auto& r) {
                for (int i = 0; i < 101; ++i) r.add_authorities("actors/a");
              }),
              "authorities"),
      Invalid("an actor as a regime", Screen([](auto& r) { r.add_regimes("actors/a"); }),
              "regimes[0]"),
      Invalid("a regime that is not there",
              Screen([](auto& r) { r.add_regimes("sanctions/none"); }), "regimes[0]"),
      Invalid("a source as excluded", Screen([](auto& r) { r.add_excluded_actors("sources/a"); }),
              "excluded_actors[0]"),
      Invalid("1001 excluded", Screen([](auto& r) {
                for (int i = 0; i < 1001; ++i) r.add_excluded_actors("actors/a");
              }),
              "excluded_actors"),
      Invalid("a negative revision", Screen([](auto& r) { r.set_changed_since_revision(-1); }),
              "changed_since_revision"),
      Invalid("a change after what is read", Screen([](auto& r) {
                r.mutable_scope()->set_known_revision(3);
                r.set_changed_since_revision(4);
              }),
              "changed_since_revision"),
      Invalid("no valid date", Screen([](auto& r) { r.mutable_scope()->set_valid_date("May"); }),
              "scope.valid_date"),
      {"beyond the head", Screen([](auto& r) { r.mutable_scope()->set_known_revision(1000); }),
       kInvalid, "REVISION_IN_FUTURE"},
      {"a list version that is not there",
       Screen([](auto& r) { r.mutable_scope()->set_known_list_version("sources/none"); }),
       kNotFound, "RECORD_NOT_FOUND"},
  });
}

TEST_P(BadScreeningTest, EveryViolationIsTold) {
  v1::ScreenRequest request = Good();
  request.mutable_queries(0)->set_birth_date("yesterday");
  request.add_queries()->add_names("...");
  request.set_threshold(3);
  request.add_regimes("?");
  const absl::Status status = Call(raw_.screening(), &v1::ScreeningService::Stub::Screen, request);
  std::vector<std::string> subjects;
  for (const ErrorViolation& violation : ErrorViolations(status)) {
    subjects.push_back(violation.subject);
  }
  EXPECT_THAT(subjects,
              ::testing::UnorderedElementsAre("queries[0].birth_date", "queries[1].names[0]",
                                              "threshold", "regimes[0]"))
      << status;
}

}  // namespace
}  // namespace communique
