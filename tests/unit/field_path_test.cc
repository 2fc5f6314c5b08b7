// Paths of fields: where they lead, and what is wrong with the others.
#include "service/domain/field_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "communique/v1/record.pb.h"
#include "tests/unit/text_proto.h"

namespace communique::domain {
namespace {

using testing::Text;

const char kSummit[] = R"pb(
  title: 'T'
  type: SUMMIT_TYPE_VISIT
  series { number: 3 }
  place { path: 'RU' borders: 'KP' borders: 'CN' coordinates { latitude_degrees: 1.5 } }
  itineraries {
    id: 'kim'
    legs { id: 'leg-1' mode: TRANSPORT_MODE_TRAIN departure { text: 'Sunday' } }
    legs { id: 'leg.2' }
  }
  transactions { id: 't' secret: true }
  evidences { note: 'first' }
  evidences { id: 'e2' note: 'second' })pb";

// The value at a path as text; "unset", "message", or the error's words.
std::string At(const std::string& path) {
  const auto summit = Text<v1::Summit>(kSummit);
  const auto ref = ResolvePath(summit, path);
  if (!ref.ok()) {
    EXPECT_EQ(ref.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(ref.status().message());
  }
  if (!ref->IsSet()) return "unset";
  if (ref->field->is_repeated() && ref->index < 0) return "list";
  return ref->IsMessage() ? "message " + ref->message().GetDescriptor()->name()
                          : ref->ScalarText();
}

TEST(FieldPathTest, PathsLeadToValues) {
  const std::pair<std::string, std::string> kCases[] = {
      {"title", "T"},
      {"type", "SUMMIT_TYPE_VISIT"},
      {"format", "unset"},
      {"series.number", "3"},
      {"series", "message Series"},
      {"place.coordinates.latitude_degrees", "1.5"},
      {"place.borders", "list"},
      {"place.borders[1]", "CN"},
      {"itineraries[kim].legs[leg-1].mode", "TRANSPORT_MODE_TRAIN"},
      {"itineraries[kim].legs[leg-1].departure.text", "Sunday"},
      {"itineraries[kim].legs[leg.2]", "message Leg"},
      {"itineraries[0].legs[1].id", "leg.2"},
      {"itineraries[kim].legs[leg-1].arrival", "unset"},
      {"itineraries[kim].legs[leg-1].arrival.text", "unset"},
      {"transactions[t].secret", "true"},
      {"evidences[0].note", "first"},
      {"evidences[e2].note", "second"},
      {"time.edtf", "unset"},
      {"agenda", "unset"},
  };
  for (const auto& [path, wanted] : kCases) EXPECT_EQ(At(path), wanted) << path;
}

TEST(FieldPathTest, PathsThatLeadNowhere) {
  const std::pair<std::string, std::string> kCases[] = {
      {"", "Summit has no field \"\""},
      {"titel", "Summit has no field \"titel\""},
      {"title.text", "\"title\" has no fields"},
      {"title[0]", "\"title\" is not repeated"},
      {"itineraries.legs", "\"itineraries\" is repeated: name the element in brackets"},
      {"itineraries[putin]", "\"itineraries\" has no element \"putin\""},
      {"itineraries[1]", "\"itineraries\" has no element \"1\""},
      {"itineraries[-1]", "\"itineraries\" has no element \"-1\""},
      {"place.borders[2]", "\"borders\" has no element \"2\""},
      {"itineraries[kim", "\"[\" is not closed"},
      {"itineraries[kim]legs", "\".\" expected after \"]\""},
      {"itineraries[kim].", "Itinerary has no field \"\""},
      {"series..number", "Series has no field \"\""},
      {"place.coordinates.", "Coordinates has no field \"\""},
  };
  for (const auto& [path, problem] : kCases) {
    EXPECT_EQ(At(path), "path \"" + path + "\": " + problem);
  }
}

TEST(FieldPathTest, OnlyTextIdsAreIds) {
  EXPECT_NE(IdFieldOf(*v1::Leg::descriptor()), nullptr);
  EXPECT_EQ(IdFieldOf(*v1::Place::descriptor()), nullptr);
}

}  // namespace
}  // namespace communique::domain
