// The checker must reject what it is there to reject.
#include "tests/guarantees/checker.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace communique::guarantees {
namespace {

using ::testing::HasSubstr;

v1::Change MakeChange(int64_t revision, const std::string& name, bool deleted = false) {
  v1::Change change;
  change.set_revision(revision);
  change.set_name(name);
  if (deleted) {
    change.mutable_tombstone()->set_name(name);
  } else {
    change.mutable_record()->set_name(name);
    change.mutable_record()->set_revision(revision);
  }
  return change;
}

// Five commits: two records, an update, a delete, another record.
History Truth() {
  History history;
  history[1] = {MakeChange(1, "actors/a"), MakeChange(1, "actors/b")};
  history[2] = {MakeChange(2, "actors/a")};
  history[3] = {MakeChange(3, "actors/b", /*deleted=*/true)};
  history[4] = {MakeChange(4, "actors/c"), MakeChange(4, "actors/d")};
  history[5] = {MakeChange(5, "actors/a")};
  return history;
}

bool Everything(absl::string_view) { return true; }

// One response a commit, a second apart.
Recording Faithful() {
  Recording recording;
  absl::Time time = absl::UnixEpoch();
  for (const auto& [revision, changes] : Truth()) {
    Received received;
    received.time = time += absl::Seconds(1);
    received.response.set_from_revision(revision - 1);
    received.response.set_through_revision(revision);
    received.response.set_resume_token("token");
    for (const v1::Change& change : changes) *received.response.add_changes() = change;
    recording.push_back(received);
  }
  return recording;
}

std::string Verdict(const Recording& recording, int64_t start = 0) {
  return std::string(CheckAll(recording, Truth(), Everything, start).message());
}

TEST(CheckerTest, AcceptsAFaithfulRecording) { EXPECT_EQ(Verdict(Faithful()), ""); }

TEST(CheckerTest, RejectsAGap) {
  Recording recording = Faithful();
  recording.erase(recording.begin() + 2);
  EXPECT_THAT(Verdict(recording), HasSubstr("Reliable"));
  EXPECT_THAT(CheckProvable(recording, 0).message(), HasSubstr("from 3 follows one through 2"));
}

TEST(CheckerTest, RejectsAGapThatIsPaperedOver) {
  Recording recording = Faithful();
  recording[3].response.set_from_revision(2);
  recording.erase(recording.begin() + 2);
  EXPECT_THAT(Verdict(recording), HasSubstr("Reliable: revision 3"));
}

TEST(CheckerTest, RejectsARepeat) {
  Recording recording = Faithful();
  recording.insert(recording.begin() + 2, recording[1]);
  EXPECT_THAT(Verdict(recording), HasSubstr("Unique"));
}

TEST(CheckerTest, RejectsASplitCommit) {
  Recording recording = Faithful();
  Received second = recording[3];
  recording[3].response.mutable_changes()->RemoveLast();
  second.response.set_from_revision(4);
  second.response.mutable_changes()->DeleteSubrange(0, 1);
  recording.insert(recording.begin() + 4, second);
  EXPECT_THAT(Verdict(recording), HasSubstr("Atomic: revision 4"));
}

TEST(CheckerTest, RejectsHalfACommit) {
  Recording recording = Faithful();
  recording[0].response.mutable_changes()->RemoveLast();
  EXPECT_THAT(Verdict(recording), HasSubstr("Atomic: revision 1"));
}

TEST(CheckerTest, RejectsAWrongOrder) {
  Recording recording = Faithful();
  std::swap(recording[1].response, recording[2].response);
  EXPECT_THAT(Verdict(recording), HasSubstr("Ordered"));
}

TEST(CheckerTest, RejectsALostDelete) {
  Recording recording = Faithful();
  recording[2].response.clear_changes();
  EXPECT_THAT(Verdict(recording), HasSubstr("Reliable: revision 3"));
}

TEST(CheckerTest, RejectsAnotherBody) {
  Recording recording = Faithful();
  recording[1].response.mutable_changes(0)->mutable_record()->mutable_actor()->set_gender("x");
  EXPECT_THAT(Verdict(recording), HasSubstr("Reliable: revision 2"));
}

TEST(CheckerTest, RejectsWhatWasNotAskedFor) {
  EXPECT_THAT(CheckFiltered(Faithful(), [](absl::string_view name) { return name == "actors/a"; })
                  .message(),
              HasSubstr("actors/b"));
}

TEST(CheckerTest, RejectsAStartThatIsNotTheOneAskedFor) {
  EXPECT_THAT(Verdict(Faithful(), /*start=*/1), HasSubstr("Provable"));
}

TEST(CheckerTest, RejectsACheckpointAheadOfItsChanges) {
  Recording recording = Faithful();
  recording[1].response.set_through_revision(3);
  EXPECT_THAT(CheckBookmarkable(recording, absl::Seconds(2), absl::ZeroDuration()).message(),
              HasSubstr("came after 3 was promised"));
}

TEST(CheckerTest, RejectsALongSilence) {
  Recording recording = Faithful();
  recording[4].waited = absl::Seconds(3);
  EXPECT_THAT(CheckBookmarkable(recording, absl::Seconds(2), absl::ZeroDuration()).message(),
              HasSubstr("silence"));
}

TEST(CheckerTest, AcceptsAStallOfTheWatchersOwn) {
  Recording recording = Faithful();
  recording[4].time += absl::Seconds(50);
  EXPECT_TRUE(CheckBookmarkable(recording, absl::Seconds(2), absl::ZeroDuration()).ok());
}

// Records that match are marked by a title. a does from 1, does not at 2, does
// again at 4; b never does; c does from 3 and is deleted at 5.
v1::Change Titled(int64_t revision, const std::string& name, bool matches) {
  v1::Change change = MakeChange(revision, name);
  change.mutable_record()->mutable_actor()->set_display_name(matches ? "yes" : "no");
  change.add_kinds(v1::CHANGE_KIND_UPDATED);
  return change;
}
bool SaysYes(const v1::Record& record) { return record.actor().display_name() == "yes"; }

History Told() {
  History history;
  history[1] = {Titled(1, "actors/a", true), Titled(1, "actors/b", false)};
  history[2] = {Titled(2, "actors/a", false), Titled(2, "actors/b", false)};
  history[3] = {Titled(3, "actors/c", true)};
  history[4] = {Titled(4, "actors/a", true)};
  history[5] = {MakeChange(5, "actors/c", /*deleted=*/true)};
  return history;
}

// What the server is to make of it, one response a commit.
Recording ToldFaithfully() {
  const Selection selection = Select(Told(), SaysYes);
  Recording recording;
  for (const auto& [revision, changes] : selection.sent) {
    v1::WatchResponse& response = recording.emplace_back().response;
    response.set_from_revision(revision - 1);
    response.set_through_revision(revision);
    for (const v1::Change& change : changes) *response.add_changes() = change;
  }
  recording[1].response.add_left_records()->set_revision(2);
  recording[1].response.mutable_left_records(0)->set_name("actors/a");
  recording[1].response.mutable_left_records(0)->add_kinds(v1::CHANGE_KIND_UPDATED);
  recording[3].response.add_entered_records()->set_revision(4);
  recording[3].response.mutable_entered_records(0)->set_name("actors/a");
  return recording;
}

std::string ToldVerdict(const Recording& recording) {
  const Selection selection = Select(Told(), SaysYes);
  const absl::Status all = CheckAll(recording, selection.sent, Everything, 0);
  return std::string((all.ok() ? CheckTold(recording, selection) : all).message());
}

TEST(CheckerTest, SelectsWhatAFilterIsToBeSent) {
  const Selection selection = Select(Told(), SaysYes);
  EXPECT_EQ(selection.sent.at(1).size(), 1u);
  EXPECT_EQ(selection.sent.at(2).size(), 0u);
  EXPECT_EQ(selection.sent.at(3).size(), 1u);
  EXPECT_EQ(selection.sent.at(4).size(), 1u);
  EXPECT_EQ(selection.sent.at(5).size(), 1u) << "the tombstone of what matched";
  EXPECT_EQ(selection.entered.size(), 1u);
  EXPECT_EQ(selection.left.size(), 1u);
  EXPECT_EQ(ToldVerdict(ToldFaithfully()), "");
}

TEST(CheckerTest, RejectsALostEntry) {
  Recording recording = ToldFaithfully();
  recording[3].response.clear_entered_records();
  EXPECT_THAT(ToldVerdict(recording), HasSubstr("at revision 4 1 entered, 0 were told"));
}

TEST(CheckerTest, RejectsALostLeave) {
  Recording recording = ToldFaithfully();
  recording[1].response.clear_left_records();
  EXPECT_THAT(ToldVerdict(recording), HasSubstr("at revision 2 1 left, 0 were told"));
}

TEST(CheckerTest, RejectsALeaveOfAnotherKindOrTwice) {
  Recording recording = ToldFaithfully();
  recording[1].response.mutable_left_records(0)->clear_kinds();
  EXPECT_THAT(ToldVerdict(recording), HasSubstr("at revision 2 1 left"));
  recording = ToldFaithfully();
  *recording[1].response.add_left_records() = recording[1].response.left_records(0);
  EXPECT_THAT(ToldVerdict(recording), HasSubstr("at revision 2 1 left, 2 were told"));
}

TEST(CheckerTest, RejectsAnEntryInAnotherResponse) {
  Recording recording = ToldFaithfully();
  recording[4].response.mutable_entered_records()->Swap(
      recording[3].response.mutable_entered_records());
  EXPECT_THAT(ToldVerdict(recording), HasSubstr("stands in a response from 4 through 5"));
}

TEST(CheckerTest, RejectsABodyThatDoesNotMatch) {
  Recording recording = ToldFaithfully();
  *recording[1].response.add_changes() = Told()[2][0];
  EXPECT_THAT(ToldVerdict(recording), HasSubstr("Atomic"));
}

// The state of revision 4 in two pieces, then what follows.
Recording Snapshot() {
  Recording recording;
  Received piece;
  piece.time = absl::UnixEpoch();
  piece.response.mutable_snapshot()->set_revision(4);
  piece.response.mutable_snapshot()->set_through_name("actors/c");
  *piece.response.add_changes() = MakeChange(2, "actors/a");
  *piece.response.add_changes() = MakeChange(4, "actors/c");
  recording.push_back(piece);
  Received last;
  last.time = absl::UnixEpoch();
  last.response.mutable_snapshot()->set_revision(4);
  last.response.mutable_snapshot()->set_from_name("actors/c");
  last.response.set_through_revision(4);
  *last.response.add_changes() = MakeChange(4, "actors/d");
  recording.push_back(last);
  recording.push_back(Faithful()[4]);
  return recording;
}

TEST(CheckerTest, AcceptsAFaithfulSnapshot) {
  EXPECT_EQ(Verdict(Snapshot()), "");
  EXPECT_TRUE(CheckConsistent(Snapshot(), Truth(), Everything).ok());
}

TEST(CheckerTest, RejectsASnapshotThatLacksARecord) {
  Recording recording = Snapshot();
  recording[1].response.clear_changes();
  EXPECT_THAT(CheckConsistent(recording, Truth(), Everything).message(), HasSubstr("Consistent"));
}

TEST(CheckerTest, RejectsASnapshotWithADeletedRecord) {
  Recording recording = Snapshot();
  *recording[0].response.add_changes() = MakeChange(1, "actors/b");
  EXPECT_THAT(CheckConsistent(recording, Truth(), Everything).message(), HasSubstr("Consistent"));
}

TEST(CheckerTest, RejectsASnapshotOfTwoRevisions) {
  Recording recording = Snapshot();
  recording[1].response.mutable_snapshot()->set_revision(5);
  EXPECT_THAT(CheckConsistent(recording, Truth(), Everything).message(),
              HasSubstr("pieces of revisions 4 and 5"));
}

TEST(CheckerTest, RejectsALostPiece) {
  Recording recording = Snapshot();
  recording.erase(recording.begin());
  EXPECT_THAT(Verdict(recording), HasSubstr("Provable"));
}

TEST(CheckerTest, RejectsAnUnfinishedSnapshot) {
  Recording recording = Snapshot();
  recording.erase(recording.begin() + 1);
  EXPECT_THAT(Verdict(recording), HasSubstr("Provable"));
}

TEST(CheckerTest, RejectsAGapAfterTheSnapshot) {
  Recording recording = Snapshot();
  recording[2].response.set_from_revision(5);
  recording[2].response.set_through_revision(5);
  EXPECT_THAT(CheckConsistent(recording, Truth(), Everything).message(),
              HasSubstr("changes start after 5"));
}

}  // namespace
}  // namespace communique::guarantees
