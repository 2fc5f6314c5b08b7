// The checker of operations must reject what it is there to reject.
#include "tests/guarantees/history_checker.h"

#include <utility>

#include "gtest/gtest.h"

namespace communique::guarantees {
namespace {

using Outcome = CommitOperation::Outcome;

absl::Time At(int seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

RecordEffect Put(const std::string& name, uint64_t content) { return {name, content, true}; }
RecordEffect Gone(const std::string& name) { return {name, 0, false}; }

// A run of five revisions, told by the journal and by those who made it.
struct Recorded {
  Journal journal;
  std::vector<CommitOperation> commits;
  std::vector<ReadOperation> reads;
  std::vector<TrimOperation> trims;

  std::string Verdict() const {
    return std::string(CheckLinearizable(journal, commits, reads, trims).message());
  }
};

CommitOperation Acknowledged(const std::string& id, int begin, int end, int64_t revision,
                             std::vector<RecordEffect> effects) {
  CommitOperation operation;
  operation.id = id;
  operation.begin = At(begin);
  operation.end = At(end);
  operation.outcome = Outcome::kAcknowledged;
  operation.revision = revision;
  operation.effects = std::move(effects);
  return operation;
}

CommitOperation Unanswered(const std::string& id, int begin, Outcome outcome,
                           std::vector<RecordEffect> effects) {
  CommitOperation operation;
  operation.id = id;
  operation.begin = At(begin);
  operation.outcome = outcome;
  operation.effects = std::move(effects);
  return operation;
}

// One writer creates a and b, updates a while another deletes b, and trims; then
// c is written by a commit whose answer was lost. `refused` came to nothing.
Recorded Good() {
  Recorded run;
  run.journal.commits = {{1, "create", {Put("a", 1), Put("b", 2)}},
                         {2, "update", {Put("a", 3)}},
                         {3, "delete", {Gone("b")}},
                         {4, "", {}},
                         {5, "lost", {Put("c", 4), Put("d", 5)}}};
  run.commits = {Acknowledged("create", 0, 10, 1, {Put("b", 2), Put("a", 1)}),
                 Acknowledged("update", 20, 40, 2, {Put("a", 3)}),
                 Acknowledged("delete", 30, 50, 3, {Gone("b")}),
                 Unanswered("lost", 80, Outcome::kUnknown, {Put("c", 4), Put("d", 5)}),
                 Unanswered("refused", 85, Outcome::kRefused, {Put("a", 9)})};
  run.commits[0].conditions = {{Condition::Kind::kAbsent, "a", 0}};
  run.commits[1].conditions = {{Condition::Kind::kRevision, "a", 1},
                               {Condition::Kind::kExists, "b", 0}};
  run.reads = {{At(5), At(6), "a", 0, 0},
               {At(12), At(13), "b", 1, 1},
               {At(42), At(43), "a", 2, 2},
               {At(55), At(56), "b", 0, 3},
               {At(90), At(91), "c", 5, 5}};
  run.trims = {{At(60), At(70), 2}};
  return run;
}

TEST(HistoryCheckerTest, AcceptsAGoodRun) { EXPECT_EQ(Good().Verdict(), ""); }

TEST(HistoryCheckerTest, AcceptsThatAnUnknownOutcomeStandsNowhere) {
  Recorded run = Good();
  run.journal.commits.pop_back();
  run.reads.pop_back();
  EXPECT_EQ(run.Verdict(), "");
}

TEST(HistoryCheckerTest, AcceptsEitherOrderOfWhatOverlaps) {
  Recorded run = Good();
  std::swap(run.journal.commits[1], run.journal.commits[2]);
  run.journal.commits[1].revision = 2;
  run.journal.commits[2].revision = 3;
  run.commits[1].revision = 3;
  run.commits[2].revision = 2;
  run.commits[1].conditions = {{Condition::Kind::kRevision, "a", 1}};
  run.reads = {{At(42), At(43), "a", 3, 3}, {At(55), At(56), "b", 0, 3}};
  EXPECT_EQ(run.Verdict(), "");
}

TEST(HistoryCheckerTest, RejectsAGap) {
  Recorded run = Good();
  run.journal.commits.erase(run.journal.commits.begin() + 1);
  EXPECT_EQ(run.Verdict(), "revision 3 stands where 2 belongs");
}

TEST(HistoryCheckerTest, RejectsARepeatedRevision) {
  Recorded run = Good();
  run.journal.commits.insert(run.journal.commits.begin() + 2, run.journal.commits[1]);
  EXPECT_EQ(run.Verdict(), "revision 2 stands where 3 belongs");
}

TEST(HistoryCheckerTest, RejectsAnEmptyRevisionThatIsNoTrim) {
  Recorded run = Good();
  run.trims.clear();
  EXPECT_EQ(run.Verdict(), "revision 4 has no changes and is no trim");
}

TEST(HistoryCheckerTest, RejectsAnEmptyRevisionFromBeforeItsTrim) {
  Recorded run = Good();
  run.journal.commits.push_back({6, "after", {Put("e", 6)}});
  run.commits.push_back(Acknowledged("after", 92, 93, 6, {Put("e", 6)}));
  run.trims = {{At(95), At(96), 2}};
  EXPECT_EQ(run.Verdict(), "revision 4 has no changes and is no trim");
}

TEST(HistoryCheckerTest, RejectsAnEmptyRevisionFromAfterItsTrim) {
  Recorded run = Good();
  run.trims = {{At(11), At(12), 1}};  // over before `update` began
  EXPECT_EQ(run.Verdict(), "revision 4 has no changes and is no trim");
}

TEST(HistoryCheckerTest, RejectsALostTrim) {
  Recorded run = Good();
  run.trims.push_back({At(71), At(72), 3});
  EXPECT_EQ(run.Verdict(), "2 trims were answered, 1 are in the journal");
}

TEST(HistoryCheckerTest, RejectsAnAcknowledgedCommitThatIsLost) {
  Recorded run = Good();
  run.commits.push_back(Acknowledged("gone", 100, 110, 6, {Put("e", 6)}));
  EXPECT_EQ(run.Verdict(), "commit gone was acknowledged at revision 6, which is not there");
}

TEST(HistoryCheckerTest, RejectsAnAcknowledgedCommitWhoseRevisionIsAnothers) {
  Recorded run = Good();
  run.journal.commits[1] = {2, "other", {Put("a", 7)}};
  EXPECT_EQ(run.Verdict(), "commit update was acknowledged at revision 2, where \"other\" stands");
}

TEST(HistoryCheckerTest, RejectsTwoCommitsAcknowledgedAtOneRevision) {
  Recorded run = Good();
  run.commits.push_back(Acknowledged("again", 41, 49, 2, {Put("a", 3)}));
  EXPECT_EQ(run.Verdict(), "commits update and again were both acknowledged at revision 2");
}

TEST(HistoryCheckerTest, RejectsAnAcknowledgedCommitThatStandsTwice) {
  Recorded run = Good();
  run.journal.commits.push_back({6, "update", {Put("a", 3)}});
  EXPECT_EQ(run.Verdict(), "commit update stands twice, at revisions 2 and 6");
}

TEST(HistoryCheckerTest, RejectsAnUnknownOutcomeThatWasAppliedTwice) {
  Recorded run = Good();
  run.journal.commits.push_back({6, "lost", {Put("c", 4), Put("d", 5)}});
  EXPECT_EQ(run.Verdict(), "commit lost stands twice, at revisions 5 and 6");
}

TEST(HistoryCheckerTest, RejectsAnUnknownOutcomeThatIsSplit) {
  Recorded run = Good();
  run.journal.commits[4].effects.pop_back();
  EXPECT_EQ(run.Verdict(), "commit lost at revision 5 stands with another payload");
}

TEST(HistoryCheckerTest, RejectsASplitCommit) {
  Recorded run = Good();
  run.journal.commits[0].effects.pop_back();
  EXPECT_EQ(run.Verdict(), "commit create at revision 1 stands with another payload");
}

TEST(HistoryCheckerTest, RejectsALostDelete) {
  Recorded run = Good();
  run.journal.commits[2].effects = {Put("b", 2)};
  EXPECT_EQ(run.Verdict(), "commit delete at revision 3 stands with another payload");
}

TEST(HistoryCheckerTest, RejectsARefusedCommitThatStands) {
  Recorded run = Good();
  run.journal.commits.push_back({6, "refused", {Put("a", 9)}});
  EXPECT_EQ(run.Verdict(), "commit refused was refused and stands at revision 6");
}

TEST(HistoryCheckerTest, RejectsWhatNobodyWrote) {
  Recorded run = Good();
  run.journal.commits.push_back({6, "ghost", {Put("a", 9)}});
  EXPECT_EQ(run.Verdict(), "revision 6 was written by nobody");
}

TEST(HistoryCheckerTest, RejectsAWrongOrder) {
  Recorded run = Good();
  // `create` had returned when `update` began, and stands behind it.
  std::swap(run.journal.commits[0], run.journal.commits[1]);
  run.journal.commits[0].revision = 1;
  run.journal.commits[1].revision = 2;
  run.commits[0].revision = 2;
  run.commits[1].revision = 1;
  EXPECT_EQ(run.Verdict(),
            "commit update took revision 1 and began after revision 2 was acknowledged");
}

TEST(HistoryCheckerTest, RejectsAConditionThatDidNotHold) {
  const auto verdict = [](Condition condition) {
    Recorded run = Good();
    run.commits[2].conditions = {std::move(condition)};
    return run.Verdict();
  };
  const std::string broken = "a condition of commit delete did not hold before revision 3";
  EXPECT_EQ(verdict({Condition::Kind::kAbsent, "b", 0}), broken);
  EXPECT_EQ(verdict({Condition::Kind::kExists, "c", 0}), broken);
  EXPECT_EQ(verdict({Condition::Kind::kRevision, "a", 1}), broken);
  EXPECT_EQ(verdict({Condition::Kind::kRevision, "a", 2}), "");
}

TEST(HistoryCheckerTest, RejectsAConditionOfACommitWhoseAnswerWasLost) {
  Recorded run = Good();
  run.commits[3].conditions = {{Condition::Kind::kExists, "b", 0}};
  EXPECT_EQ(run.Verdict(), "a condition of commit lost did not hold before revision 5");
}

TEST(HistoryCheckerTest, RejectsAStaleRead) {
  Recorded run = Good();
  run.reads.push_back({At(51), At(52), "a", 2, 2});  // `delete` had returned
  EXPECT_EQ(run.Verdict(), "a read is as of revision 2 and began after revision 3 was known");
}

TEST(HistoryCheckerTest, RejectsAReadThatGoesBackBehindAnother) {
  Recorded run = Good();
  run.reads.push_back({At(92), At(93), "a", 2, 4});  // one before it saw revision 5
  EXPECT_EQ(run.Verdict(), "a read is as of revision 4 and began after revision 5 was known");
}

TEST(HistoryCheckerTest, RejectsAReadOfAnotherVersion) {
  Recorded run = Good();
  run.reads[2].revision = 1;
  EXPECT_EQ(run.Verdict(), "a read of a as of revision 2 answered version 1, version 2 stood");
}

TEST(HistoryCheckerTest, RejectsAReadOfWhatWasDeleted) {
  Recorded run = Good();
  run.reads[3].revision = 1;
  EXPECT_EQ(run.Verdict(), "a read of b as of revision 3 answered version 1, version 0 stood");
}

TEST(HistoryCheckerTest, RejectsAReadBeyondTheJournal) {
  Recorded run = Good();
  run.reads.push_back({At(95), At(96), "a", 2, 6});
  EXPECT_EQ(run.Verdict(), "a read is as of revision 6, which is not there");
}

// Three stored commits with the hashes they have.
struct Stored {
  std::vector<std::string> headers = {"header 1", "header 2", "header 3"};
  std::vector<std::string> changes = {"change 1", "change 2", "change 3"};
  std::vector<std::string> hashes;

  Stored() {
    std::string previous;
    for (size_t i = 0; i < headers.size(); ++i) {
      hashes.push_back(journal::ChainHash(previous, headers[i], {changes[i]}));
      previous = hashes.back();
    }
  }
  std::string Verdict(const std::vector<int64_t>& revisions) const {
    ChainChecker checker;
    for (const int64_t revision : revisions) {
      const auto at = static_cast<size_t>(revision - 1);
      journal::StoredCommit commit;
      commit.revision = revision;
      commit.header = headers[at];
      commit.hash = hashes[at];
      commit.framed_changes = {changes[at]};
      if (absl::Status status = checker.Take(commit); !status.ok()) {
        return std::string(status.message());
      }
    }
    return "";
  }
};

TEST(ChainCheckerTest, AcceptsAChainAndItsTail) {
  EXPECT_EQ(Stored().Verdict({1, 2, 3}), "");
  EXPECT_EQ(Stored().Verdict({2, 3}), "");
}

TEST(ChainCheckerTest, RejectsAGapAndARepeat) {
  EXPECT_EQ(Stored().Verdict({1, 3}), "revision 3 follows 1");
  EXPECT_EQ(Stored().Verdict({1, 2, 2}), "revision 2 follows 2");
}

TEST(ChainCheckerTest, RejectsAnotherByteOfAChangeOrAHeader) {
  Stored change;
  change.changes[1] = "change x";
  EXPECT_EQ(change.Verdict({1, 2, 3}), "the hash of revision 2 does not chain");
  Stored header;
  header.headers[2] = "header x";
  EXPECT_EQ(header.Verdict({2, 3}), "the hash of revision 3 does not chain");
}

TEST(ChainCheckerTest, RejectsAForgedBeginning) {
  Stored stored;
  stored.hashes[0] = stored.hashes[1];
  EXPECT_EQ(stored.Verdict({1}), "the hash of revision 1 does not chain");
}

}  // namespace
}  // namespace communique::guarantees
