// Predictions, joined with what they refer to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/predictions.h"
#include "communique/mocks/mock_connection.h"
#include "tests/unit/text_proto.h"

namespace communique::cli {
namespace {

using testing::Text;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::NiceMock;
using ::testing::Return;

class PredictionsTest : public ::testing::Test {
 protected:
  // The service holds these statements, and those that BatchGet asks for.
  void Hold(const std::vector<std::string>& statements, const std::vector<std::string>& referred) {
    RecordPage page;
    for (const std::string& s : statements) page.records.push_back(Text<v1::Record>(s));
    page.pin.set_revision(7);
    EXPECT_CALL(*mock_, ListPage(v1::RECORD_KIND_STATEMENT, _))
        .WillOnce([this, page](v1::RecordKind, const ListOptions& options) {
          filter_ = options.filter;
          return page;
        });
    ON_CALL(*mock_, BatchGet)
        .WillByDefault([this, referred](const v1::BatchGetRequest& request, const CallOptions&) {
          asked_.insert(asked_.end(), request.names().begin(), request.names().end());
          batches_.push_back(request.names_size());
          EXPECT_EQ(request.scope().known_revision(), 7);
          v1::BatchGetResponse answer;
          for (const std::string& r : referred) *answer.add_records() = Text<v1::Record>(r);
          return answer;
        });
  }
  std::vector<PredictionRow> Read(PredictionOptions options = {}) {
    auto rows = ReadPredictions(client_, options);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? *std::move(rows) : std::vector<PredictionRow>();
  }

  std::string filter_;
  std::vector<std::string> asked_;
  std::vector<int> batches_;
  std::shared_ptr<NiceMock<MockConnection>> mock_ = std::make_shared<NiceMock<MockConnection>>();
  const Client client_{mock_};
};

constexpr char kOwn[] = R"pb(
  name: "statements/own"
  statement {
    speaker { actor { target: "actors/wi" text: "Wi" } role: "former ambassador" }
    predictions {
      id: "p1"
      proposition { text: "They sell weapons." }
      polarity: POLARITY_NEGATIVE
      likelihood_text: "high"
      likelihood: LIKELIHOOD_LIKELY
      condition { text: "The meeting is held." }
      horizon { text: "soon" }
      resolution {
        outcome: RESOLUTION_OUTCOME_TRUE
        occurred_time { edtf: "2023-09-13" }
        known_time { edtf: "2023-09-14" }
      }
    }
    predictions { id: "p2" proposition { text: "Open." } }
  })pb";
constexpr char kShared[] = R"pb(
  name: "statements/shared"
  statement {
    speaker { actor { text: "experts" } position { target: "actors/uni#prof" } }
    predictions { id: "p" question { target: "statements/asks#q1" text: "words" } }
    predictions { id: "lost" question { target: "statements/asks#q9" text: "some deal" } }
  })pb";
constexpr char kAsks[] = R"pb(
  name: "statements/asks"
  statement { questions {
    id: "q1"
    proposition { text: "A deal is struck." }
    horizon { edtf: "2023" }
    resolution { outcome: RESOLUTION_OUTCOME_FALSE }
  } })pb";
constexpr char kWi[] = R"pb(name: "actors/wi" actor { display_name: "Wi Sung-lac" })pb";
constexpr char kUni[] = R"pb(
  name: "actors/uni"
  actor {
    positions { id: "x" title: "no" }
    positions { id: "prof" title: "professor" }
  })pb";

TEST_F(PredictionsTest, HaveTheirOwnProposition) {
  Hold({kOwn}, {kWi});
  const std::vector<PredictionRow> rows = Read();
  EXPECT_EQ(filter_, "predictions:*");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(PredictionJson(rows[0]),
            R"({"statement":"statements/own","prediction":"p1","speaker":"actors/wi",)"
            R"("speaker_name":"Wi Sung-lac","role":"former ambassador",)"
            R"("question":"They sell weapons.","question_target":"","polarity":"NEGATIVE",)"
            R"("words":"high","scale":"LIKELY","condition":"The meeting is held.",)"
            R"("horizon":{"text":"soon","edtf":""},"outcome":"TRUE",)"
            R"("occurred":{"text":"","edtf":"2023-09-13"},)"
            R"("known":{"text":"","edtf":"2023-09-14"}})");
  EXPECT_EQ(rows[1].prediction, "p2");
  EXPECT_EQ(rows[1].outcome, v1::RESOLUTION_OUTCOME_UNSPECIFIED);
  EXPECT_THAT(asked_, ElementsAre("actors/wi"));
}

TEST_F(PredictionsTest, ShareAQuestionAndItsResolution) {
  Hold({kShared}, {kAsks, kUni});
  const std::vector<PredictionRow> rows = Read();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].question, "A deal is struck.");
  EXPECT_EQ(rows[0].question_target, "statements/asks#q1");
  EXPECT_EQ(rows[0].outcome, v1::RESOLUTION_OUTCOME_FALSE);
  EXPECT_EQ(rows[0].horizon.edtf(), "2023");
  EXPECT_EQ(rows[0].speaker, "");
  EXPECT_EQ(rows[0].speaker_name, "experts");
  EXPECT_EQ(rows[0].role, "professor");
  // Where nothing is found, the words stand.
  EXPECT_EQ(rows[1].question, "some deal");
  EXPECT_THAT(asked_, ElementsAre("actors/uni", "statements/asks"));
}

TEST_F(PredictionsTest, ReadThroughAMerge) {
  Hold({kOwn}, {R"pb(name: "actors/survivor" redirected_from: "actors/wi"
                     actor { display_name: "The survivor" })pb"});
  EXPECT_EQ(Read()[0].speaker_name, "The survivor");
}

TEST_F(PredictionsTest, CanBeOfOneSpeakerAndResolvedOnly) {
  Hold({kOwn, kShared}, {kWi, kAsks, kUni});
  const auto rows = Read({.speaker = "actors/wi", .resolved = true});
  EXPECT_EQ(filter_, "predictions:* AND speaker.actor.target = \"actors/wi\"");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].prediction, "p1");
  EXPECT_EQ(rows[1].prediction, "p");
}

TEST_F(PredictionsTest, AreReadInBatchesThatFitAnAnswer) {
  std::string statement = "name: 'statements/many' statement { ";
  for (int i = 0; i < 2500; ++i) {
    absl::StrAppend(&statement, "predictions { id: 'p", i, "' question { target: 'statements/s", i,
                    "#q' } } ");
  }
  Hold({statement + "}"}, {});
  EXPECT_EQ(Read().size(), 2500u);
  EXPECT_EQ(batches_, std::vector<int>(25, 100));
}

TEST_F(PredictionsTest, AnErrorIsAnswered) {
  EXPECT_CALL(*mock_, ListPage).WillOnce(Return(absl::OutOfRangeError("trimmed")));
  EXPECT_TRUE(absl::IsOutOfRange(ReadPredictions(client_, {}).status()));
  Hold({kOwn}, {});
  EXPECT_CALL(*mock_, BatchGet).WillOnce(Return(absl::UnavailableError("draining")));
  EXPECT_TRUE(absl::IsUnavailable(ReadPredictions(client_, {}).status()));
}

}  // namespace
}  // namespace communique::cli
