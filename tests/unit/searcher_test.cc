// What a search finds over many records, and how much of it.
#include "service/store/searcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "communique/storage/v1/journal.pb.h"
#include "communique/v1/change.pb.h"
#include "service/base/limits.h"
#include "service/base/wire.h"
#include "service/journal/memory_store.h"
#include "service/query/candidate_index.h"
#include "service/query/index_terms.h"

namespace communique::store {
namespace {

// A journal of sources with one title, and an index that lags behind it.
class SearcherTest : public ::testing::Test {
 protected:
  // One commit of `count` sources "sources/PREFIX0" and so on.
  void Write(const std::string& prefix, int count, bool indexed) {
    auto commit = std::make_shared<journal::EncodedCommit>();
    commit->revision = ++head_;
    commit->time = absl::FromUnixSeconds(head_);
    storage::v1::CommitHeader header;
    header.set_revision(head_);
    header.set_commit_time_us(head_ * 1'000'000);
    commit->header = header.SerializeAsString();
    commit->hash = std::string(32, 'h');
    for (int i = 0; i < count; ++i) {
      v1::Change change;
      change.set_revision(head_);
      change.set_name(absl::StrCat("sources/", prefix, i));
      change.mutable_record()->set_name(change.name());
      change.mutable_record()->mutable_source()->set_title("A summit");
      journal::EncodedChange& encoded = commit->changes.emplace_back();
      encoded.name = change.name();
      base::AppendBytesField(1, change.SerializeAsString(), encoded.framed);
      index_.Number({head_, i + 1}, encoded.framed);
      if (indexed) index_.AddTerms(query::TermsOf(change.record(), index_.hasher()));
    }
    ASSERT_TRUE(store_.Apply({commit}).ok());
    index_.SetHead(head_);
  }

  journal::MemoryStore store_;
  query::CandidateIndex index_{"s", "e"};
  const Reader reader_{store_, index_};
  int64_t head_ = 0;
};

// Those that have no terms yet come on top of what the index finds; together they
// are no more than may be answered, and the best of them.
TEST_F(SearcherTest, NoMoreThanTheMostAreAnswered) {
  constexpr int kLagging = 60;
  Write("old", base::kMaxSearchHits - kLagging / 2, /*indexed=*/true);
  Write("new", kLagging, /*indexed=*/false);
  const auto query = query::TextQuery::ForSearch("summit");
  ASSERT_TRUE(query.ok()) << query.status();
  const auto view = reader_.OpenAt(head_);
  ASSERT_TRUE(view.ok()) << view.status();
  const auto hits = SearchRecords(*view, *query, {});
  ASSERT_TRUE(hits.ok()) << hits.status();
  EXPECT_EQ(hits->size(), static_cast<size_t>(base::kMaxSearchHits));
  EXPECT_TRUE(std::is_sorted(hits->begin(), hits->end(), [](const auto& a, const auto& b) {
    return a.rank > b.rank;
  }));
  EXPECT_EQ(std::count_if(hits->begin(), hits->end(),
                          [](const SearchHit& hit) {
                            return absl::StartsWith(hit.name, "sources/new");
                          }),
            kLagging);
}

}  // namespace
}  // namespace communique::store
