// The filter language: what matches, and where a mistake is.
#include "service/query/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "service/base/error.h"
#include "service/base/limits.h"

namespace communique::query {
namespace {

// Which of four records match: "s a A p" for summits/s, actors/a, actors/ab,
// sources/p; or the error, with its position.
std::string Matching(absl::string_view text) {
  const auto filter = Filter::Parse(text);
  if (!filter.ok()) {
    EXPECT_EQ(filter.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(base::ReasonOf(filter.status()), v1::ERROR_REASON_INVALID_FILTER);
    return absl::StrCat(base::MetadataOf(filter.status(), "position"), ": ",
                        filter.status().message());
  }
  std::string out;
  for (const char* name : {"summits/s", "actors/a", "actors/ab", "sources/p"}) {
    if (filter->MatchesName(name)) {
      absl::StrAppend(&out, out.empty() ? "" : " ",
                      std::vector<std::string>(absl::StrSplit(name, '/'))[1]);
    }
  }
  return out;
}

struct Case {
  std::string text;
  std::string wanted;
};

TEST(FilterTest, Terms) {
  const Case cases[] = {
      {"", "s a ab p"},
      {"  \t\n", "s a ab p"},
      {"kind = actor", "a ab"},
      {"kind=actor", "a ab"},
      {"kind = \"actor\"", "a ab"},
      {"kind = 'actor'", "a ab"},
      {"kind = ACTOR", "a ab"},
      {"kind = RECORD_KIND_ACTOR", "a ab"},
      {"kind != actor", "s p"},
      {"name = \"actors/a\"", "a"},
      {"name = actors/a", "a"},
      {"name != \"actors/a\"", "s ab p"},
      {"name = \"actors/*\"", "a ab"},
      {"name = \"actors/a*\"", "a ab"},
      {"name = \"actors/ab*\"", "ab"},
      {"name = \"*\"", "s a ab p"},
      {"name = \"actors\\/a\"", "a"},
      {"NOT kind = actor", "s p"},
      {"-kind = actor", "s p"},
      {"NOT kind != actor", "a ab"},
      {"(kind = actor)", "a ab"},
      {"((kind = actor))", "a ab"},
      {"-(kind = actor)", "s p"},
  };
  for (const Case& test : cases) EXPECT_EQ(Matching(test.text), test.wanted) << test.text;
}

TEST(FilterTest, OrBindsTighterThanAnd) {
  const Case cases[] = {
      // (a AND s) OR p would be p.
      {"kind = actor AND kind = summit OR kind = source", ""},
      {"kind = source OR kind = actor AND name = \"actors/a\"", "a"},
      {"kind = source OR (kind = actor AND name = \"actors/a\")", "a p"},
      {"kind = summit OR kind = source OR kind = actor", "s a ab p"},
      {"kind = actor AND name = \"actors/ab\"", "ab"},
      {"kind = actor name = \"actors/ab\"", "ab"},  // a sequence is AND
      {"kind = actor -name = \"actors/ab\"", "a"},
      {"NOT kind = actor OR name = \"actors/a\"", "s a p"},  // NOT binds tightest
      {"kind = actor AND NOT (name = \"actors/a\" OR name = \"actors/ab\")", ""},
  };
  for (const Case& test : cases) EXPECT_EQ(Matching(test.text), test.wanted) << test.text;
}

TEST(FilterTest, MistakesAreToldWithTheirPlace) {
  const Case cases[] = {
      {"colour = red", "0: filter: at character 0: unknown field \"colour\"; known are kind, name"},
      {"kind = actor AND colour = red",
       "17: filter: at character 17: unknown field \"colour\"; known are kind, name"},
      {"kind", "4: filter: at character 4: \"=\" or \"!=\" was expected"},
      {"kind > actor", "5: filter: at character 5: \"=\" or \"!=\" was expected"},
      {"kind = ", "7: filter: at character 7: a value was expected"},
      {"kind = )", "7: filter: at character 7: a value was expected"},
      {"kind = robot",
       "7: filter: at character 7: \"robot\" is no kind; kinds are summit, sanction, statement, "
       "actor, source"},
      {"kind = unspecified",
       "7: filter: at character 7: \"unspecified\" is no kind; kinds are summit, sanction, "
       "statement, actor, source"},
      {"name = \"actors/a", "7: filter: at character 7: the quotation is not closed"},
      {"name = actors", "7: filter: at character 7: \"actors\" must have the form {collection}/{id}"},
      {"(kind = actor", "13: filter: at character 13: \")\" was expected"},
      {"kind = actor)", "12: filter: at character 12: AND, OR or the end was expected"},
      {"kind = actor AND", "16: filter: at character 16: a field was expected: kind, name"},
      {"OR kind = actor", "0: filter: at character 0: unknown field \"OR\"; known are kind, name"},
      {"kind = actor OR OR kind = summit",
       "16: filter: at character 16: unknown field \"OR\"; known are kind, name"},
      {"()", "1: filter: at character 1: a field was expected: kind, name"},
      {"NOT", "3: filter: at character 3: a field was expected: kind, name"},
  };
  for (const Case& test : cases) EXPECT_EQ(Matching(test.text), test.wanted) << test.text;
}

std::string Repeat(const std::string& text, int times) {
  return absl::StrJoin(std::vector<std::string>(static_cast<size_t>(times), text), "");
}

TEST(FilterTest, NestingHasALimit) {
  const auto nested = [](int depth) {
    return Repeat("(", depth) + "kind = actor" + Repeat(")", depth);
  };
  EXPECT_EQ(Matching(nested(base::kMaxFilterDepth)), "a ab");
  EXPECT_THAT(Matching(nested(base::kMaxFilterDepth + 1)), ::testing::HasSubstr("nested too deep"));
  EXPECT_THAT(Matching(nested(3000)), ::testing::HasSubstr("nested too deep"));
}

TEST(FilterTest, TermsHaveALimit) {
  EXPECT_EQ(Matching(Repeat("kind=actor ", base::kMaxFilterTerms)), "a ab");
  EXPECT_THAT(Matching(Repeat("kind=actor ", base::kMaxFilterTerms + 1)),
              ::testing::HasSubstr("too many terms"));
}

TEST(FilterTest, LengthHasALimit) {
  const std::string prefix = "name = \"actors/", suffix = "*\"";
  const auto sized = [&](size_t size) {
    return prefix + std::string(size - prefix.size() - suffix.size(), 'x') + suffix;
  };
  EXPECT_EQ(Matching(sized(base::kMaxFilterBytes)), "");
  EXPECT_THAT(Matching(sized(base::kMaxFilterBytes + 1)), ::testing::HasSubstr("longer than 8192"));
}

TEST(FilterTest, FiltersOfOneTextAreOneQuery) {
  const auto print = [](absl::string_view text) { return Filter::Parse(text)->fingerprint(); };
  EXPECT_EQ(print("kind = actor"), print(" kind = actor "));
  EXPECT_NE(print("kind = actor"), print("kind = source"));
  EXPECT_EQ(print(""), Filter().fingerprint());
  EXPECT_TRUE(Filter::Parse("")->matches_all());
  EXPECT_FALSE(Filter::Parse("kind = actor")->matches_all());
}

TEST(FilterTest, ThePlaceIsInTheTextAsSent) {
  EXPECT_EQ(base::MetadataOf(Filter::Parse("   colour = red").status(), "position"), "3");
}

}  // namespace
}  // namespace communique::query
