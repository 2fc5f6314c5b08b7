// Fuzzes ParseEdtf and DeriveCorners. The first byte chooses the part of day,
// the second the zones, the third the tolerance; the rest is the text.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/domain/edtf.h"
#include "service/domain/time_corners.h"
#include "tests/fuzz/require.h"

namespace communique::domain {
namespace {

using fuzz::Require;

// Absent corners are in any order with all others.
template <typename T>
bool Ordered(const std::optional<T>& earlier, const std::optional<T>& later) {
  return !earlier.has_value() || !later.has_value() || *earlier <= *later;
}

void CheckText(absl::string_view text) {
  const absl::StatusOr<Edtf> edtf = ParseEdtf(text);
  if (!edtf.ok()) {
    Require(edtf.status().code() == absl::StatusCode::kInvalidArgument);
    Require(EdtfErrorOf(edtf.status()) != EdtfError::kNone);
    return;
  }
  Require(text.size() <= kMaxEdtfBytes);
  Require(edtf->level >= 0 && edtf->level <= 2);
  Require(!edtf->members.empty());
  Require(edtf->set_kind != EdtfSetKind::kSingle || edtf->members.size() == 1);
  for (const EdtfMember& member : edtf->members) {
    Require(Ordered(member.earliest_begin, member.latest_begin));
    Require(Ordered(member.earliest_end, member.latest_end));
    Require(member.begin != EdtfBoundary::kGiven ||
            member.earliest_begin.has_value());
    Require(member.end != EdtfBoundary::kGiven ||
            member.latest_end.has_value());
    Require(member.has_time_of_day || !member.utc_offset_seconds.has_value());
  }
}

void CheckCorners(const Corners& corners) {
  Require(Ordered(corners.earliest_begin, corners.latest_begin));
  Require(Ordered(corners.earliest_end, corners.latest_end));
  for (const std::optional<int64_t>& corner :
       {corners.earliest_begin, corners.latest_begin, corners.earliest_end,
        corners.latest_end}) {
    Require(!corner.has_value() ||
            (*corner >= kMinCornerSeconds && *corner <= kMaxCornerSeconds));
  }
}

// Whether every corner of `wide` is at or outside that of `narrow`.
bool Contains(const Corners& wide, const Corners& narrow) {
  return Ordered(wide.earliest_begin, narrow.earliest_begin) &&
         Ordered(narrow.latest_begin, wide.latest_begin) &&
         Ordered(wide.earliest_end, narrow.earliest_end) &&
         Ordered(narrow.latest_end, wide.latest_end);
}

void CheckInput(CornerInput input) {
  const absl::StatusOr<Corners> whole = DeriveCorners(input);
  const absl::StatusOr<std::vector<Corners>> members = DeriveMembers(input);
  Require(whole.ok() == members.ok());
  if (!whole.ok()) return;
  CheckCorners(*whole);
  for (const Corners& member : *members) CheckCorners(member);

  // To know less is never to answer more narrowly.
  input.time_zones.clear();
  const absl::StatusOr<Corners> anywhere = DeriveCorners(input);
  Require(anywhere.ok() && Contains(*anywhere, *whole));
}

}  // namespace
}  // namespace communique::domain

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using communique::domain::CornerInput;
  using communique::domain::kPartOfDayBands;
  constexpr size_t kHeaderBytes = 3;
  if (size < kHeaderBytes) return 0;
  const absl::string_view text(
      reinterpret_cast<const char*>(data) + kHeaderBytes, size - kHeaderBytes);
  communique::domain::CheckText(text);

  // None whose local mean time, before standard time began, was outside
  // UTC-12:00 to +14:00 (as Manila's and Alaska's was): CheckInput's last rule
  // does not hold for those.
  static const std::vector<std::string> kZones[] = {
      {},
      {"Z"},
      {"+14:00"},
      {"-12:00"},
      {"Asia/Pyongyang"},
      {"America/New_York", "Pacific/Apia"},
      {"Europe/Moscow", "-03:30", "Asia/Vladivostok"},
  };
  communique::domain::CheckInput(CornerInput{
      .edtf = text,
      .part_of_day = kPartOfDayBands[data[0] % std::size(kPartOfDayBands)].part,
      .time_zones = kZones[data[1] % std::size(kZones)],
      .tolerance = absl::Seconds(3600) * data[2],
  });
  return 0;
}
