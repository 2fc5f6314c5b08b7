// The program `communique`, run as whoever types it: what it prints, on which
// stream, and how it exits.

#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/support/records.h"

namespace communique {
namespace {

using testing::CliTest;
using testing::Delete;
using testing::Ended;
using testing::Harms;
using testing::kConflict;
using testing::kFailure;
using testing::kInterrupted;
using testing::kNotFound;
using testing::kOk;
using testing::kUnavailable;
using testing::kUsage;
using testing::LinesOf;
using testing::MakeActor;
using testing::MakeSummit;
using testing::ParseLines;
using testing::Program;
using testing::Put;

TEST_F(CliTest, Get) {
  Commit(Put({MakeActor("a", "Actor A"), MakeActor("b", "Actor B"), MakeSummit("s", "Summit S")}));
  Commit(Put(MakeActor("a", "Actor A, later")));
  Commit(testing::Merge("actors/b", "actors/a"));
  Commit(Delete("summits/s"));

  const Ended card = Run({"get", "actors/a"});
  EXPECT_EQ(card.exit_code, kOk) << card.error;
  EXPECT_EQ(LinesOf(card.output)[0], "actors/a  Actor A, later");
  EXPECT_EQ(card.error, "");

  const Ended old = Run({"get", "actors/a", "--known_at=1", "-o", "jsonl"});
  EXPECT_EQ(old.exit_code, kOk) << old.error;
  const auto records = ParseLines<v1::Record>(old.output);
  ASSERT_EQ(records.size(), 1u);
  const auto expected = client_->Get("actors/a", {.scope = [] {
                                       v1::ReadScope scope;
                                       scope.set_known_revision(1);
                                       return scope;
                                     }()});
  ASSERT_TRUE(expected.ok());
  EXPECT_EQ(records[0].SerializeAsString(), expected->SerializeAsString());

  const Ended merged = Run({"get", "actors/b"});
  EXPECT_EQ(merged.exit_code, kOk);
  EXPECT_TRUE(absl::StrContains(merged.error, "actors/b was merged into actors/a")) << merged.error;

  const Ended deleted = Run({"get", "summits/s"});
  EXPECT_EQ(deleted.exit_code, kNotFound);
  EXPECT_EQ(deleted.output, "");
  EXPECT_TRUE(absl::StrContains(deleted.error, "RECORD_DELETED")) << deleted.error;
  EXPECT_TRUE(absl::StrContains(deleted.error, "revision 4")) << deleted.error;

  const Ended never = Run({"get", "actors/never"});
  EXPECT_EQ(never.exit_code, kNotFound);
  EXPECT_EQ(never.output, "");
  EXPECT_EQ(Run({"get", "actors/A"}).exit_code, kFailure);  // the server refuses it
  const Ended beyond = Run({"get", "actors/a", "--known_at=99"});
  EXPECT_EQ(beyond.exit_code, kFailure);
  EXPECT_TRUE(absl::StrContains(beyond.error, "REVISION_IN_FUTURE")) << beyond.error;
}

TEST_F(CliTest, List) {
  v1::CommitRequest many;
  for (int i = 0; i < 130; ++i) {
    *many.add_mutations()->mutable_put() =
        MakeActor(absl::StrCat("n", 1000 + i), absl::StrCat("Actor ", i));
  }
  *many.add_mutations()->mutable_put() = MakeSummit("s", "Summit");
  Commit(many);

  const Ended table = Run({"list", "actors"});
  EXPECT_EQ(table.exit_code, kOk) << table.error;
  const auto lines = LinesOf(table.output);
  ASSERT_EQ(lines.size(), 131u);
  EXPECT_TRUE(absl::StartsWith(lines[0], "NAME")) << lines[0];
  EXPECT_TRUE(absl::StartsWith(lines[1], "actors/n1000  person")) << lines[1];
  EXPECT_TRUE(absl::EndsWith(lines[130], "Actor 129")) << lines[130];

  const Ended jsonl = Run({"list", "actors", "--limit=101", "--page_size=25", "-o", "jsonl"});
  EXPECT_EQ(jsonl.exit_code, kOk) << jsonl.error;
  const auto records = ParseLines<v1::Record>(jsonl.output);
  ASSERT_EQ(records.size(), 101u);
  EXPECT_EQ(records[100].name(), "actors/n1100");

  const Ended filtered = Run({"list", "actors", "--filter=name = \"actors/n1129\"", "-o", "jsonl"});
  EXPECT_EQ(ParseLines<v1::Record>(filtered.output).size(), 1u) << filtered.error;

  // One document, which an array of JSON is.
  const Ended json = Run({"list", "actors", "--limit=2", "-o", "json"});
  v1::ListActorsResponse array;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(
                  absl::StrCat("{\"actors\":", json.output, "}"), &array)
                  .ok())
      << json.output;
  EXPECT_EQ(array.actors_size(), 2);
  EXPECT_EQ(Run({"list", "sources", "-o", "json"}).output, "[]\n");

  const Ended none = Run({"list", "sources"});
  EXPECT_EQ(none.exit_code, kOk);
  EXPECT_EQ(none.output, "");
  EXPECT_TRUE(absl::StrContains(none.error, "no sources")) << none.error;

  const Ended bad = Run({"list", "actors", "--filter=nonsense"});
  EXPECT_EQ(bad.exit_code, kFailure);
  EXPECT_TRUE(absl::StrContains(bad.error, "INVALID_FILTER")) << bad.error;
  EXPECT_EQ(Run({"list", "actors", "--order_by=no_such_field"}).exit_code, kFailure);

  EXPECT_TRUE(absl::StrContains(table.error, "130 actors in all")) << table.error;
  const Ended last = Run({"list", "actors", "--order_by=display_name desc", "--limit=1",
                          "--read_mask=actor.region_code", "-o", "jsonl"});
  EXPECT_EQ(last.exit_code, kOk) << last.error;
  const auto masked = ParseLines<v1::Record>(last.output);
  ASSERT_EQ(masked.size(), 1u);
  EXPECT_EQ(masked[0].name(), "actors/n1099");  // "Actor 99"
  EXPECT_EQ(masked[0].actor().display_name(), "");
}

TEST_F(CliTest, PublishAndHistory) {
  const std::string commit = testing::ToJsonLine(Put(MakeActor("a", "Actor A")));
  const Ended first = Run({"publish", "-", "--reason=to begin with"}, commit);
  EXPECT_EQ(first.exit_code, kOk) << first.error;
  EXPECT_EQ(first.output, "1\n");
  EXPECT_EQ(first.error, "");

  const Ended unchanged = Run({"publish", "-"}, commit);
  EXPECT_EQ(unchanged.exit_code, kOk);
  EXPECT_EQ(unchanged.output, "1\n");
  EXPECT_TRUE(absl::StrContains(unchanged.error, "nothing changed")) << unchanged.error;

  const std::string file = files_ / "commit.json";
  v1::CommitRequest named = Put(MakeActor("a", "Actor A, later"));
  named.set_request_id("once");
  testing::WriteFile(file, testing::ToJsonLine(named));
  const Ended valid = Run({"publish", file, "--validate_only", "-o", "json"});
  EXPECT_EQ(valid.exit_code, kOk) << valid.error;
  EXPECT_EQ(server_->Head(), 1);
  const Ended applied = Run({"--principal=desk", "publish", file, "-o", "jsonl"});
  EXPECT_EQ(applied.exit_code, kOk) << applied.error;
  const auto answers = ParseLines<v1::CommitResponse>(applied.output);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].revision(), 2);
  const Ended repeated = Run({"--principal=desk", "publish", file});
  EXPECT_EQ(repeated.exit_code, kOk);
  EXPECT_EQ(repeated.output, "2\n");
  EXPECT_TRUE(absl::StrContains(repeated.error, "was committed before")) << repeated.error;
  EXPECT_EQ(server_->Head(), 2);

  v1::CommitRequest create;
  *create.add_mutations()->mutable_create() = MakeActor("a", "Again");
  const Ended taken = Run({"publish", "-"}, testing::ToJsonLine(create));
  EXPECT_EQ(taken.exit_code, kConflict);
  EXPECT_EQ(taken.output, "");
  EXPECT_TRUE(absl::StrContains(taken.error, "RECORD_EXISTS")) << taken.error;
  v1::CommitRequest stale = Put(MakeActor("a", "Stale"));
  stale.mutable_mutations(0)->mutable_put()->set_etag("stale");
  EXPECT_EQ(Run({"publish", "-"}, testing::ToJsonLine(stale)).exit_code, kConflict);
  EXPECT_EQ(Run({"publish", "-"}, testing::ToJsonLine(Delete("actors/no"))).exit_code, kNotFound);
  const Ended invalid = Run({"publish", "-"}, testing::ToJsonLine(Put(MakeActor("b", ""))));
  EXPECT_EQ(invalid.exit_code, kFailure);
  EXPECT_TRUE(absl::StrContains(invalid.error, "display_name: is required")) << invalid.error;
  EXPECT_EQ(Run({"publish", "-"}, "{\"mutations\": [").exit_code, kFailure);
  EXPECT_EQ(Run({"publish", "-"}, "{\"mutation\": []}").exit_code, kFailure);
  EXPECT_EQ(Run({"publish", files_ / "none.json"}).exit_code, kFailure);
  EXPECT_EQ(server_->Head(), 2);

  const Ended history = Run({"history", "actors/a"});
  EXPECT_EQ(history.exit_code, kOk) << history.error;
  EXPECT_TRUE(absl::StrContains(history.output, "by desk")) << history.output;
  EXPECT_TRUE(absl::StrContains(history.output, "(to begin with)")) << history.output;
}

TEST_F(CliTest, Status) {
  Commit(Put(MakeActor("a", "A")));
  const Ended table = Run({"status"});
  EXPECT_EQ(table.exit_code, kOk) << table.error;
  EXPECT_TRUE(absl::StrContains(table.output, "head revision: 1")) << table.output;
  const auto answers = ParseLines<v1::GetStatusResponse>(Run({"status", "-o", "jsonl"}).output);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].head_revision(), 1);
  EXPECT_EQ(answers[0].record_count(), 1);
  EXPECT_EQ(answers[0].journal_engine(), "rocksdb");
  EXPECT_EQ(answers[0].durability(), v1::DURABILITY_SYNCED);
  EXPECT_EQ(answers[0].state(), v1::SERVER_STATE_SERVING);
  EXPECT_GT(answers[0].disk_bytes(), 0);
}

TEST_F(CliTest, UsageIsExitCode2AndSaysWhatToDo) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"gte", "actors/a"},
      {"get"},
      {"get", "actors/a", "actors/b"},
      {"get", "actor"},
      {"get", "--limit=3", "actors/a"},
      {"list", "actor"},
      {"list", "actors", "--limit=0"},
      {"list", "actors", "--limit=many"},
      {"list", "actors", "--known_at=yesterday"},
      {"list", "actors", "--valid_at=12.9.2023"},
      {"list", "actors", "-o", "xml"},
      {"list", "actors", "--no_such_flag"},
      {"list", "actors", "--timeout=-1s"},
      {"--endpoint=nowhere", "list", "actors"},
      {"watch", "--snapshot", "--revision=1"},
      {"watch", "--revision=-1"},
      {"watch", "--shard=4/4"},
      {"watch", "--until=soon"},
      {"watch", "--from="},
      {"watch", "--max_changes=0"},
      {"load", "-", "--load_id="},
      {"list", "actors", "--referenced", "-o", "json"},
      {"search"},
      {"search", " "},
      {"search", "x", "--kind=person"},
      {"search", "x", "--kind=actors,"},
      {"search", "x", "--limit=0"},
      {"search", "x", "--known_at=yesterday"},
      {"search", "x", "--filter=name:*"},
      {"history", "a"},
      {"history"},
      {"diff", "actors/a"},
      {"diff", "a", "--from=1"},
      {"diff", "actors/a", "--from=first"},
      {"diff", "actors/a", "--from=-1"},
      {"diff", "actors/a", "--from=2", "--to=1"},
      {"diff", "actors/a", "actors/b", "--from=2", "--to=1"},
      {"predictions", "actors/a"},
      {"predictions", "--speaker=wi"},
      {"predictions", "--speaker=summits/s"},
      {"predictions", "--speaker=actors/a\" OR name:\"x"},
      {"predictions", "--brier=no-such-table"},
      {"predictions", "--brier=/"},
      {"status", "now"},
  };
  for (const auto& arguments : wrong) {
    const Ended ended = Run(arguments);
    EXPECT_EQ(ended.exit_code, kUsage) << ::testing::PrintToString(arguments) << ended.error;
    EXPECT_EQ(ended.output, "") << ::testing::PrintToString(arguments);
    EXPECT_FALSE(ended.error.empty()) << ::testing::PrintToString(arguments);
  }
  EXPECT_TRUE(absl::StrContains(Run({"gte", "actors/a"}).error, "did you mean get?"));
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"--help"}, {"help"}, {"help", "watch"}, {"watch", "--help"}, {"version"}}) {
    const Ended ended = Run(arguments);
    EXPECT_EQ(ended.exit_code, kOk) << ::testing::PrintToString(arguments);
    EXPECT_FALSE(ended.output.empty()) << ::testing::PrintToString(arguments);
  }
}

TEST_F(CliTest, UnavailableIsExitCode5) {
  server_->Kill();
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"get", "actors/a", "--timeout=400ms"},
                                             {"list", "actors", "--timeout=400ms"},
                                             {"status", "--timeout=400ms"},
                                             {"watch", "--timeout=400ms"}}) {
    const Ended ended = Run(arguments);
    EXPECT_EQ(ended.exit_code, kUnavailable) << ::testing::PrintToString(arguments) << ended.error;
    EXPECT_EQ(ended.output, "");
    EXPECT_FALSE(ended.error.empty());
  }
}

TEST_F(CliTest, WatchForms) {
  Commit(Put(MakeActor("a", "A")));
  Commit(Put(MakeSummit("s", "S")));
  Commit(Put(MakeActor("a", "A later")));
  Commit(Delete("summits/s"));
  const auto revisions = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-o", "jsonl"});
    const Ended ended = Run(arguments);
    EXPECT_EQ(ended.exit_code, kOk) << ended.error;
    std::vector<int64_t> result;
    for (const v1::Change& change : ParseLines<v1::Change>(ended.output)) {
      result.push_back(change.revision());
    }
    return result;
  };
  using Revisions = std::vector<int64_t>;
  EXPECT_EQ(revisions({"watch", "--revision=0", "--until=head"}), (Revisions{1, 2, 3, 4}));
  EXPECT_EQ(revisions({"watch", "--revision=1", "--until=3"}), (Revisions{2, 3}));
  EXPECT_EQ(revisions({"watch", "--revision=0", "--max_changes=2"}), (Revisions{1, 2}));
  EXPECT_EQ(revisions({"watch", "--snapshot", "--until=head"}), (Revisions{3}));
  EXPECT_EQ(revisions({"watch", "--revision=0", "--until=head", "--filter=kind = summit"}),
            (Revisions{2, 4}));
  EXPECT_EQ(revisions({"watch", "--revision=0", "--until=head", "--shard=0/2"}).size() +
                revisions({"watch", "--revision=0", "--until=head", "--shard=1/2"}).size(),
            4u);
  EXPECT_EQ(revisions({"watch", "--until=head"}), Revisions{});
  const Ended table = Run({"watch", "--revision=0", "--until=head"});
  EXPECT_EQ(LinesOf(table.output).size(), 4u) << table.output;
  EXPECT_TRUE(absl::StrContains(table.output, "deleted")) << table.output;
  EXPECT_EQ(Run({"watch", "--from=rubbish"}).exit_code, kFailure);
  EXPECT_EQ(Run({"watch", "--revision=99"}).exit_code, kFailure);
}

TEST_F(CliTest, InterruptedIsExitCode130) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const int64_t revision = Commit(Put(MakeActor("a", absl::StrCat("Signal ", signal))));
    auto watch =
        Program::Start(Cli({"watch", absl::StrCat("--revision=", revision - 1), "-o", "jsonl"}));
    ASSERT_TRUE(watch.ok());
    ASSERT_TRUE(testing::Eventually([&] { return !(*watch)->output().empty(); }));
    (*watch)->Signal(signal);
    const auto exit_code = (*watch)->Wait(absl::Seconds(5));
    ASSERT_TRUE(exit_code.has_value()) << "it still runs after signal " << signal;
    EXPECT_EQ(*exit_code, signal == SIGINT ? kInterrupted : 128 + SIGTERM);
    // What it printed is whole.
    EXPECT_EQ(ParseLines<v1::Change>((*watch)->output()).size(), 1u);
  }
}

// Each change once over a restart of the server and two of the program.
TEST_F(CliTest, TokenFileCarriesAWatchOverRestarts) {
  const std::string token = files_ / "desk.token";
  const auto watch = [&] {
    return Program::Start(Cli({"watch", "--revision=0", "--token_file=" + token, "-o", "jsonl"}));
  };
  std::vector<int64_t> revisions;
  int64_t head = 0;
  const auto write = [&](int count) {
    for (int i = 0; i < count; ++i) {
      head = Commit(Put(MakeActor("a", absl::StrCat("Title ", head))));
    }
  };
  // Runs until the head is printed and its token is kept, then ends it.
  const auto follow = [&](Program& program, size_t count) {
    ASSERT_TRUE(testing::Eventually([&] {
      return LinesOf(program.output()).size() >= count && absl::EndsWith(program.output(), "\n");
    })) << program.error();
    const std::string kept = testing::ReadFile(token);
    testing::Eventually([&] { return testing::ReadFile(token) != kept; }, absl::Milliseconds(100));
    program.Signal(SIGINT);
    ASSERT_EQ(program.Wait(absl::Seconds(5)), kInterrupted);
    for (const v1::Change& change : ParseLines<v1::Change>(program.output())) {
      revisions.push_back(change.revision());
    }
  };
  write(10);
  auto first = watch();
  ASSERT_TRUE(first.ok());
  follow(**first, 10);
  if (HasFatalFailure()) return;
  write(5);  // while nobody watches
  auto second = watch();
  ASSERT_TRUE(second.ok());
  ASSERT_TRUE(testing::Eventually([&] { return LinesOf((*second)->output()).size() >= 5; }));
  server_->Kill();
  ASSERT_TRUE(server_->Restart().ok());
  write(5);
  follow(**second, 10);
  if (HasFatalFailure()) return;
  server_->Terminate();
  ASSERT_EQ(server_->Wait(absl::Seconds(10)), 0);
  ASSERT_TRUE(server_->Restart().ok());
  write(5);
  auto third = watch();
  ASSERT_TRUE(third.ok());
  follow(**third, 5);
  if (HasFatalFailure()) return;
  std::vector<int64_t> expected;
  for (int64_t revision = 1; revision <= head; ++revision) expected.push_back(revision);
  EXPECT_EQ(revisions, expected);

  // A damaged token is told, with what to do.
  testing::WriteFile(token, "rubbish\n");
  const Ended damaged = Run({"watch", "--token_file=" + token});
  EXPECT_EQ(damaged.exit_code, kFailure);
  EXPECT_TRUE(absl::StrContains(damaged.error, "INVALID_RESUME_TOKEN")) << damaged.error;
  EXPECT_TRUE(absl::StrContains(damaged.error, "--snapshot")) << damaged.error;
}

// Text of others must not drive the terminal of whoever looks at it.
TEST_F(CliTest, HostileTextStaysText) {
  const std::string hostile =
      "Sum\x1b[2J\x1b]0;owned\x07mit\r\b\n\t\x7f \xc2\x9b"
      "31m \xe2\x80\xae"
      "desrever";
  v1::CommitRequest request = Put(MakeSummit("s", hostile));
  request.set_reason(hostile);
  Commit(request);
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"get", "summits/s"},
                                             {"list", "summits"},
                                             {"history", "summits/s"},
                                             {"diff", "summits/s", "--from=0"},
                                             {"search", "desrever"},
                                             {"watch", "--revision=0", "--until=head"}}) {
    const Ended table = Run(arguments);
    EXPECT_EQ(table.exit_code, kOk) << table.error;
    EXPECT_TRUE(absl::StrContains(table.output, "\\u001b[2J")) << table.output;
    EXPECT_FALSE(Harms(table.output)) << ::testing::PrintToString(arguments);
    EXPECT_FALSE(Harms(table.error));
  }
  // JSON keeps every character, and is as harmless in its C0 controls.
  const Ended jsonl = Run({"get", "summits/s", "-o", "jsonl"});
  const auto records = ParseLines<v1::Record>(jsonl.output);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].summit().title(), hostile);
  EXPECT_FALSE(absl::StrContains(jsonl.output, "\x1b"));
  // Errors too: of the server, with a tombstone's reason, and of the command line.
  v1::CommitRequest deletion = Delete("summits/s");
  deletion.set_reason(hostile);
  Commit(deletion);
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"get", "summits/s"},
                                             {"get", "summits/\x1b[2J"},
                                             {"get", "\x1b[2J"},
                                             {"list", "\x1b[2J"},
                                             {"\x1b[2J"},
                                             {"--\x1b[2J"},
                                             {"list", "actors", "--filter=\x1b[2J"},
                                             {"list", "actors", "-o", "\x1b[2J"},
                                             {"--endpoint=\x1b[2J", "status"},
                                             {"search", "x", "--kind=\x1b[2J"},
                                             {"diff", "\x1b[2J", "--from=1"},
                                             {"diff", "summits/s", "--from=\x1b[2J"},
                                             {"predictions", "--speaker=\x1b[2J"},
                                             {"predictions", "--brier=\x1b[2J"},
                                             {"publish", "/none/\x1b[2J"}}) {
    const Ended ended = Run(arguments);
    EXPECT_NE(ended.exit_code, kOk);
    EXPECT_FALSE(Harms(ended.error)) << ::testing::PrintToString(arguments) << ended.error;
    EXPECT_EQ(ended.output, "");
  }
}

}  // namespace
}  // namespace communique
