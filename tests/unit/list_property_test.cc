// List against the evaluator run over every record: the same records, in the same
// order, at every revision, whatever the index knows of them. Records and filters
// are made at random; COMMUNIQUE_SEED repeats a run, COMMUNIQUE_LONG makes more.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "communique/storage/v1/journal.pb.h"
#include "service/base/wire.h"
#include "service/journal/memory_store.h"
#include "service/query/candidate_index.h"
#include "service/store/indexer.h"
#include "service/store/lister.h"
#include "service/store/reader.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/random_records.h"

namespace communique::testing {
namespace {

// Small, so that a run has sealed segments, an open one, and commits over two.
constexpr uint32_t kSegmentVersions = 64;

// A journal written without the planner, with an index that is as far as it is
// told to be.
class World {
 public:
  explicit World(uint32_t seed) : random_(seed) {}

  void Write(int commits) {
    for (int i = 0; i < commits; ++i) {
      auto commit = std::make_shared<journal::EncodedCommit>();
      commit->revision = ++head_;
      commit->time = absl::FromUnixSeconds(head_);
      storage::v1::CommitHeader header;
      header.set_revision(head_);
      header.set_commit_time_us(head_ * 1'000'000);
      commit->header = header.SerializeAsString();
      commit->hash = std::string(32, static_cast<char>(head_));
      const uint32_t changes = 1 + random_.Below(3);
      for (uint32_t n = 0; n < changes; ++n) AddChange(*commit);
      EXPECT_TRUE(store_.Apply({commit}).ok());
    }
  }

  const journal::MemoryStore& store() const { return store_; }
  RandomRecords& random() { return random_; }
  int64_t head() const { return head_; }

 private:
  void AddChange(journal::EncodedCommit& commit) {
    const v1::RecordKind kind = random_.Kind();
    const std::string name =
        domain::MakeRecordName(kind, absl::StrCat("n", random_.Below(12)));
    for (const auto& change : commit.changes) {
      if (change.name == name) return;
    }
    v1::Change change;
    change.set_revision(commit.revision);
    change.set_name(name);
    change.set_previous_revision(last_[name]);
    last_[name] = commit.revision;
    journal::EncodedChange& encoded = commit.changes.emplace_back();
    encoded.name = name;
    if (random_.OneIn(6)) {
      encoded.state = journal::RecordState::kDeleted;
      change.mutable_tombstone()->set_name(name);
    } else {
      *change.mutable_record() = random_.Record(name);
      change.mutable_record()->set_revision(commit.revision);
    }
    base::AppendBytesField(1, change.SerializeAsString(), encoded.framed);
  }

  RandomRecords random_;
  journal::MemoryStore store_;
  int64_t head_ = 0;
  std::map<std::string, int64_t> last_;
};

struct Question {
  v1::RecordKind kind;
  std::string filter;
  std::string order;
  int64_t revision;
  int page_size;

  std::string Describe() const {
    return absl::StrCat(v1::RecordKind_Name(kind), " at ", revision, " by ", page_size,
                        " filter: ", filter, " order_by: ", order);
  }
};

std::vector<std::string> OrdersOf(v1::RecordKind kind) {
  std::vector<std::string> orders = {"", "name desc", "create_revision", "revision desc"};
  if (kind == v1::RECORD_KIND_SUMMIT) {
    orders.insert(orders.end(), {"time", "time desc", "time desc, name desc", "state, title desc"});
  } else if (kind == v1::RECORD_KIND_STATEMENT) {
    orders.insert(orders.end(), {"time", "time desc", "speaker.role desc"});
  } else if (kind == v1::RECORD_KIND_SOURCE) {
    orders.insert(orders.end(), {"posted_time desc", "title"});
  }
  return orders;
}

// The answer without any index.
std::string BruteForce(const store::ReadView& view, const Question& question) {
  const auto filter = query::Filter::Parse(question.filter, question.kind);
  const auto order = query::Order::Parse(question.order, question.kind);
  EXPECT_TRUE(filter.ok()) << filter.status() << "\n" << question.Describe();
  EXPECT_TRUE(order.ok()) << order.status();
  if (!filter.ok() || !order.ok()) return "";
  std::vector<std::pair<std::string, std::string>> found;
  EXPECT_TRUE(view.List(question.kind, "", [](absl::string_view) { return true; },
                        [&](store::FoundRecord record) {
                          const auto parsed = record.Parse();
                          if (filter->Matches(*parsed)) {
                            found.emplace_back(order->KeyOf(*parsed), record.name);
                          }
                          return true;
                        })
                  .ok());
  const bool descending = order->name_descending();
  std::sort(found.begin(), found.end(), [descending](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return descending ? b.second < a.second : a.second < b.second;
  });
  std::vector<std::string> names;
  for (const auto& [key, name] : found) names.push_back(name);
  return absl::StrJoin(names, " ");
}

std::string Listed(const store::ReadView& view, const Question& question, int64_t& total,
                   bool& estimated) {
  store::ListQuery query;
  query.kind = question.kind;
  query.filter = *query::Filter::Parse(question.filter, question.kind);
  query.order = *query::Order::Parse(question.order, question.kind);
  query.page_size = question.page_size;
  std::vector<std::string> names;
  for (bool first = true;; first = false) {
    const auto page = store::ListRecords(view, query);
    EXPECT_TRUE(page.ok()) << page.status() << "\n" << question.Describe();
    if (!page.ok()) return "";
    if (first) {
      total = page->total_size;
      estimated = page->total_estimated;
    }
    for (const store::FoundRecord& record : page->records) names.push_back(record.name);
    if (!page->more) break;
    query.after_name = page->last_name;
    query.after_key = page->last_key;
  }
  return absl::StrJoin(names, " ");
}

uint32_t Seed() {
  const char* given = std::getenv("COMMUNIQUE_SEED");
  return given != nullptr ? static_cast<uint32_t>(std::atoi(given)) : 20230912;
}

int Cases() { return std::getenv("COMMUNIQUE_LONG") != nullptr ? 200'000 : 6'000; }

struct Tally {
  int cases = 0;
  int with_matches = 0;
  int exact_totals = 0;
};

// Asks questions of a view of the world at random revisions.
void Ask(World& world, const store::Reader& reader, int cases, Tally& tally) {
  for (int i = 0; i < cases && !::testing::Test::HasFailure(); ++i) {
    Question question;
    question.kind = world.random().Kind();
    question.filter = world.random().Filter(question.kind);
    question.order = world.random().Pick(OrdersOf(question.kind));
    question.revision = world.random().Below(static_cast<uint32_t>(world.head())) + 1;
    question.page_size = 1 + static_cast<int>(world.random().Below(7));
    const auto view = reader.OpenAt(question.revision);
    ASSERT_TRUE(view.ok()) << view.status();
    const std::string wanted = BruteForce(*view, question);
    int64_t total = 0;
    bool estimated = false;
    EXPECT_EQ(Listed(*view, question, total, estimated), wanted) << question.Describe();
    const auto count =
        wanted.empty() ? 0 : static_cast<int64_t>(1 + std::count(wanted.begin(), wanted.end(), ' '));
    if (total > 0 && !estimated) {
      EXPECT_EQ(total, count) << question.Describe();
      ++tally.exact_totals;
    }
    ++tally.cases;
    tally.with_matches += count > 0 ? 1 : 0;
  }
}

TEST(ListPropertyTest, IndexAndEvaluatorAgreeAtEveryRevision) {
  Tally tally;
  const int worlds = 6;
  for (int n = 0; n < worlds && !HasFailure(); ++n) {
    World world(Seed() + static_cast<uint32_t>(n));
    world.Write(200);
    query::CandidateIndex index("s", "e", kSegmentVersions);
    store::Indexer indexer(world.store(), index);
    ASSERT_TRUE(indexer.Start("").ok());
    ASSERT_EQ(index.unindexed_count(), 0);
    const store::Reader reader(world.store(), index);
    Ask(world, reader, Cases() / worlds, tally);
  }
  // The pools are made so that the question is not empty as a rule.
  EXPECT_GT(tally.with_matches, tally.cases / 3);
  EXPECT_GT(tally.exact_totals, tally.cases / 10);
}

// What has no terms yet is a candidate for everything.
TEST(ListPropertyTest, AnIndexThatLagsLeavesNothingOut) {
  Tally tally;
  World world(Seed());
  world.Write(150);
  query::CandidateIndex index("s", "e", kSegmentVersions);
  int numbered = 0;
  ASSERT_TRUE(world.store()
                  .ReadCommits(0,
                               [&](const journal::StoredCommit& commit) {
                                 int32_t ordinal = 0;
                                 for (const absl::string_view framed : commit.framed_changes) {
                                   index.Number({commit.revision, ++ordinal}, framed);
                                   const auto bytes = base::FindBytesField(
                                       journal::UnframeChange(framed),
                                       v1::Change::kRecordFieldNumber);
                                   if (!bytes || ++numbered > 100) continue;
                                   v1::Record record;
                                   record.ParseFromArray(bytes->data(),
                                                         static_cast<int>(bytes->size()));
                                   index.AddTerms(query::TermsOf(record, index.hasher()));
                                 }
                                 return true;
                               })
                  .ok());
  index.SetHead(world.head());
  EXPECT_GT(index.unindexed_count(), 50);
  const store::Reader reader(world.store(), index);
  Ask(world, reader, Cases() / 6, tally);
}

// Segments written by one process and taken over by the next answer the same.
TEST(ListPropertyTest, ReopenedSegmentsAgree) {
  Tally tally;
  const TempDir folder;
  World world(Seed() + 77);
  world.Write(150);
  for (int run = 0; run < 3; ++run) {
    query::CandidateIndex index("s", "e", kSegmentVersions);
    store::Indexer indexer(world.store(), index);
    ASSERT_TRUE(indexer.Start(folder / "index").ok());
    const store::Reader reader(world.store(), index);
    Ask(world, reader, Cases() / 12, tally);
    indexer.Stop();
    world.Write(60);
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "index/00000001.segment"));
}

}  // namespace
}  // namespace communique::testing
