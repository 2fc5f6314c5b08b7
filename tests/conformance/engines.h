#ifndef COMMUNIQUE_TESTS_CONFORMANCE_ENGINES_H_
#define COMMUNIQUE_TESTS_CONFORMANCE_ENGINES_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "communique/storage/v1/journal.pb.h"
#include "communique/v1/change.pb.h"
#include "gtest/gtest.h"
#include "service/base/wire.h"
#include "service/journal/local_store.h"
#include "service/journal/memory_store.h"
#include "service/journal/rocksdb_store.h"

// The engines under test, commits for them, and what they should answer.
namespace communique::testing {

using journal::CommitGroup;
using journal::EncodedCommit;
using journal::LocalStore;
using journal::RecordState;
using journal::Version;

// A new engine joins here.
inline std::unique_ptr<LocalStore> OpenEngine(const std::string& engine, const std::string& dir) {
  if (engine == "memory") return std::make_unique<journal::MemoryStore>();
  auto store = journal::RocksDbStore::Open({dir});
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

// A field that no Change has: to an engine bodies are any bytes.
inline constexpr int kBodyField = 1000;

// What one commit does to one name.
struct Edit {
  std::string name;
  RecordState state = RecordState::kLive;
  std::string body = "";
};
struct LoadLine {
  std::string key;
  int64_t line = 0;
};

// Makes commits, each after the one before, and answers by brute force what a
// store that holds them answers.
class Model {
 public:
  struct Row {
    std::string name;
    Version version;
  };

  int64_t head() const { return static_cast<int64_t>(commits_.size()); }
  const EncodedCommit& commit(int64_t revision) const { return *commits_[revision - 1]; }
  std::string hash() const { return commits_.empty() ? "" : commits_.back()->hash; }
  int64_t live_count() const { return live_count_; }

  std::shared_ptr<const EncodedCommit> Add(const std::vector<Edit>& edits,
                                           const LoadLine& load = {}) {
    auto commit = std::make_shared<EncodedCommit>();
    commit->revision = head() + 1;
    commit->time = absl::FromUnixSeconds(1'700'000'000 + head());
    for (const Edit& edit : edits) {
      v1::Change change;
      change.set_revision(commit->revision);
      change.set_name(edit.name);
      std::string bytes = change.SerializeAsString();
      base::AppendBytesField(kBodyField, edit.body, bytes);
      auto& encoded = commit->changes.emplace_back();
      encoded.name = edit.name;
      encoded.state = edit.state;
      base::AppendBytesField(1, bytes, encoded.framed);
      const auto before = Find(edit.name, head());
      const bool was_live = before && before->state == RecordState::kLive;
      commit->live_delta += (edit.state == RecordState::kLive) - was_live;
    }
    storage::v1::CommitHeader header;
    header.set_revision(commit->revision);
    header.set_commit_time_us(absl::ToUnixMicros(commit->time));
    header.set_change_count(static_cast<int32_t>(edits.size()));
    commit->header = header.SerializeAsString();
    commit->hash = journal::ChainHash(hash(), *commit);
    commit->load_key = load.key;
    commit->load_line = load.line;
    live_count_ += commit->live_delta;
    for (size_t i = 0; i < edits.size(); ++i) {
      rows_.push_back({edits[i].name,
                       {commit->revision, static_cast<int32_t>(i) + 1, edits[i].state}});
    }
    commits_.push_back(commit);
    return commit;
  }

  // A commit without changes that makes `revision` the oldest.
  std::shared_ptr<const EncodedCommit> AddTrim(int64_t revision) {
    auto commit = std::make_shared<EncodedCommit>();
    commit->revision = head() + 1;
    commit->time = absl::FromUnixSeconds(1'700'000'000 + head());
    commit->trim_revision = revision;
    storage::v1::CommitHeader header;
    header.set_revision(commit->revision);
    header.set_commit_time_us(absl::ToUnixMicros(commit->time));
    header.set_trim_revision(revision);
    commit->header = header.SerializeAsString();
    commit->hash = journal::ChainHash(hash(), *commit);
    commits_.push_back(commit);
    return commit;
  }

  // Every version that was written, in order.
  const std::vector<Row>& rows() const { return rows_; }
  // Whether a trim to `oldest` deletes a version: it was superseded by then, and
  // is not the one that a tombstone in force there buried.
  bool IsTrimmed(const Row& row, int64_t oldest) const {
    std::vector<Row> held = ScanHistory(row.name, oldest);  // newest first
    for (size_t i = 0; i < held.size(); ++i) {
      if (held[i].version.revision != row.version.revision) continue;
      return i > 1 || (i == 1 && held[0].version.state == RecordState::kLive);
    }
    return false;
  }

  // The first commits only.
  Model Prefix(int64_t head) const {
    Model prefix;
    for (const auto& commit : commits_) {
      if (commit->revision > head) break;
      prefix.commits_.push_back(commit);
      prefix.live_count_ += commit->live_delta;
    }
    for (const Row& row : rows_) {
      if (row.version.revision <= head) prefix.rows_.push_back(row);
    }
    return prefix;
  }

  std::optional<Version> Find(const std::string& name, int64_t at) const {
    std::optional<Version> found;
    for (const Row& row : rows_) {
      if (row.name == name && row.version.revision <= at) found = row.version;
    }
    return found;
  }
  std::vector<Row> ScanNames(const std::string& prefix, const std::string& after,
                             int64_t at) const {
    std::map<std::string, Version> names;
    for (const Row& row : rows_) {
      if (row.version.revision <= at) names[row.name] = row.version;
    }
    std::vector<Row> found;
    for (const auto& [name, version] : names) {
      if (absl::StartsWith(name, prefix) && name > after) found.push_back({name, version});
    }
    return found;
  }
  std::vector<Row> ScanHistory(const std::string& name, int64_t at) const {
    std::vector<Row> found;
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
      if (row->name == name && row->version.revision <= at) found.push_back(*row);
    }
    return found;
  }

 private:
  std::vector<std::shared_ptr<const EncodedCommit>> commits_;
  std::vector<Row> rows_;  // in the order in which they were written
  int64_t live_count_ = 0;
};

// "3/1" and the state's letter: live, deleted, merged.
inline std::string Show(const Version& version) {
  return absl::StrCat(version.revision, "/", version.ordinal,
                      version.state == RecordState::kLive      ? "L"
                      : version.state == RecordState::kDeleted ? "D"
                                                               : "M");
}
inline std::string Show(const std::optional<Version>& version) {
  return version ? Show(*version) : "-";
}
inline std::string Show(const std::vector<Model::Row>& rows) {
  std::string out;
  for (const Model::Row& row : rows) absl::StrAppend(&out, row.name, "@", Show(row.version), " ");
  return out;
}

// The same, as a store answers.
inline std::string ShowFind(const LocalStore& store, const std::string& name, int64_t at) {
  const auto found = store.Find(name, at);
  return found.ok() ? Show(*found) : found.status().ToString();
}
inline std::string ShowNames(const LocalStore& store, const std::string& prefix,
                             const std::string& after, int64_t at) {
  std::vector<Model::Row> rows;
  const absl::Status status =
      store.ScanNames(prefix, after, at, [&](absl::string_view name, const Version& version) {
        rows.push_back({std::string(name), version});
        return true;
      });
  return status.ok() ? Show(rows) : status.ToString();
}
inline std::string ShowHistory(const LocalStore& store, const std::string& name, int64_t at) {
  std::vector<Model::Row> rows;
  const absl::Status status = store.ScanHistory(name, at, [&](const Version& version) {
    rows.push_back({name, version});
    return true;
  });
  return status.ok() ? Show(rows) : status.ToString();
}

// Whether a store holds just what the model does, bytes, chain and all, as far as
// the journal and the newest state go; of a trimmed one, from the oldest revision
// on, whose hash the chain is anchored at.
inline void ExpectHolds(const LocalStore& store, const Model& model) {
  ASSERT_EQ(store.head(), model.head());
  EXPECT_EQ(store.head_hash(), model.hash());
  EXPECT_EQ(store.live_count(), model.live_count());
  int64_t revision = store.oldest();
  std::string previous;
  if (revision > 0) {
    const absl::Status anchor = store.ReadHeader(
        revision, [&](absl::string_view, absl::string_view hash) { previous = std::string(hash); });
    EXPECT_TRUE(anchor.ok()) << anchor;
    EXPECT_EQ(previous, model.commit(revision).hash);
  }
  const absl::Status read = store.ReadCommits(revision, [&](const journal::StoredCommit& stored) {
    ++revision;
    EXPECT_EQ(stored.revision, revision);
    const EncodedCommit& wanted = model.commit(revision);
    EXPECT_EQ(stored.header, wanted.header);
    EXPECT_EQ(stored.framed_changes.size(), wanted.changes.size());
    for (size_t i = 0; i < stored.framed_changes.size() && i < wanted.changes.size(); ++i) {
      EXPECT_EQ(stored.framed_changes[i], wanted.changes[i].framed);
    }
    // From the stored bytes alone.
    EXPECT_EQ(journal::ChainHash(previous, stored.header, stored.framed_changes), stored.hash);
    previous = std::string(stored.hash);
    return !::testing::Test::HasFailure();
  });
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_EQ(revision, model.head());
  EXPECT_EQ(ShowNames(store, "", "", model.head()), Show(model.ScanNames("", "", model.head())));
}

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_CONFORMANCE_ENGINES_H_
