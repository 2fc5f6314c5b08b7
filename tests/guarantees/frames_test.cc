// Responses that are lost, repeated or reordered on their way are noticed by the
// chain: by a plain client that checks it, and by the SDK, which heals it.
#include <map>
#include <string>
#include <vector>

#include "communique/client.h"
#include "gtest/gtest.h"
#include "tests/guarantees/checker.h"
#include "tests/guarantees/frame_proxy.h"
#include "tests/guarantees/watch_fixture.h"

namespace communique::guarantees {
namespace {

using Fault = FrameProxy::Fault;

constexpr int kCommits = 300;

class FramesTest : public ::testing::TestWithParam<Fault> {
 protected:
  // What a plain client receives from revision 0 to the last commit, while they
  // are made: so there are many responses.
  Recording Record(WatchFixture& fixture, const FrameProxy& proxy, absl::Status& end) {
    v1::WatchRequest request = fixture.FromRevision(0);
    request.set_until_revision(kCommits);
    RawWatch watch(proxy.endpoint(), request);
    for (int i = 0; i < kCommits; ++i) fixture.PutActor("a", std::to_string(i));
    end = watch.Finish();
    return watch.recording();
  }
};

TEST_P(FramesTest, APlainClientSeesTheBrokenChain) {
  WatchFixture fixture;
  const FrameProxy proxy(fixture.endpoint(), GetParam(), 20);
  absl::Status end;
  const Recording recording = Record(fixture, proxy, end);
  EXPECT_TRUE(end.ok()) << "the stream itself tells nothing: " << end;
  ASSERT_GT(proxy.faults(), 0) << recording.size() << " responses";
  const absl::Status provable = CheckProvable(recording, 0);
  EXPECT_FALSE(provable.ok());
}

INSTANTIATE_TEST_SUITE_P(Frames, FramesTest,
                         ::testing::Values(Fault::kDrop, Fault::kRepeat, Fault::kSwap),
                         [](const auto& info) {
                           switch (info.param) {
                             case Fault::kDrop:
                               return "Dropped";
                             case Fault::kRepeat:
                               return "Repeated";
                             default:
                               return "Reordered";
                           }
                         });

TEST_F(FramesTest, WithoutAFaultTheChainHolds) {
  WatchFixture fixture;
  const FrameProxy proxy(fixture.endpoint(), Fault::kNone, 1);
  absl::Status end;
  const Recording recording = Record(fixture, proxy, end);
  EXPECT_TRUE(end.ok()) << end;
  const absl::Status provable = CheckProvable(recording, 0);
  EXPECT_TRUE(provable.ok()) << provable;
}

TEST_F(FramesTest, TheSdkHealsIt) {
  WatchFixture fixture;
  const FrameProxy proxy(fixture.endpoint(), Fault::kEach, 10);
  const Client client(MakeConnection({.endpoint = proxy.endpoint(),
                                      .retry = {.initial_backoff = absl::Milliseconds(1),
                                                .max_backoff = absl::Milliseconds(10)}}));
  v1::WatchRequest request;
  request.set_start_revision(0);
  request.set_until_revision(kCommits);
  Watch watch = client.Watch({.request = request});
  fixture.StartTraffic(2, kCommits, 21);
  Recording recording;
  for (auto response = watch.Next();; response = watch.Next()) {
    ASSERT_TRUE(response.ok()) << response.status();
    if (!response->has_value()) break;
    recording.push_back({.time = absl::Now(), .response = (*response)->message(), .waited = {}});
  }
  fixture.JoinTraffic();
  EXPECT_GT(watch.stats().broken_chain_count, 0);
  EXPECT_GT(watch.stats().reconnect_count, 0);
  History history = fixture.history();
  const absl::Status kept = CheckAll(
      recording, history, [](absl::string_view) { return true; }, 0);
  EXPECT_TRUE(kept.ok()) << kept;
  EXPECT_EQ(recording.back().response.through_revision(), kCommits);
}

}  // namespace
}  // namespace communique::guarantees
