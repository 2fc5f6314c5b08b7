#include "service/domain/time_corners.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "service/domain/edtf.h"

namespace communique::domain {
namespace {

constexpr absl::CivilSecond kEpoch(1970, 1, 1, 0, 0, 0);

// Civil times are cut to these before they become instants: far enough outside
// the corners' limits that no zone and no tolerance brings them back in.
constexpr absl::CivilSecond kMinCivil(-100, 1, 1, 0, 0, 0);
constexpr absl::CivilSecond kMaxCivil(10100, 1, 1, 0, 0, 0);

// What turns local time into instants: a named zone, or else the offsets to
// use, in seconds east of UTC, for an earliest and for a latest corner (the
// same for a fixed offset).
struct LocalClock {
  std::optional<absl::TimeZone> zone;
  int earliest_offset_seconds = 0;
  int latest_offset_seconds = 0;
};

LocalClock FixedClock(int offset_seconds) {
  return {std::nullopt, offset_seconds, offset_seconds};
}

// Parses Z, +hh:mm and -hh:mm; nullopt for everything else.
std::optional<int> ParseFixedOffset(absl::string_view text) {
  if (text == "Z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') ||
      text[3] != ':') {
    return std::nullopt;
  }
  for (size_t i : {1, 2, 4, 5}) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) {
      return std::nullopt;
    }
  }
  const int hours = (text[1] - '0') * 10 + (text[2] - '0');
  const int minutes = (text[4] - '0') * 10 + (text[5] - '0');
  const int seconds = (hours * 60 + minutes) * 60;
  // As in EDTF: less than a day, and zero has no minus.
  if (hours > 23 || minutes > 59 || (text[0] == '-' && seconds == 0)) {
    return std::nullopt;
  }
  return text[0] == '-' ? -seconds : seconds;
}

// Whether `name` may be handed to absl::LoadTimeZone, which also opens
// absolute paths, answers with this machine's own zone for "localtime", and
// remembers every name it was ever asked for, so that names from outside have
// to be known to exist first.
bool IsInstalledZone(const std::string& name) {
  if (name == "UTC") return true;
  if (name.empty() || name.size() > kMaxTimeZoneBytes) return false;
  if (!absl::ascii_isalpha(static_cast<unsigned char>(name[0]))) return false;
  for (char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '/' &&
        c != '_' && c != '-' && c != '+') {
      return false;
    }
  }
  // Not zones but the machine's choice, a placeholder, and copies of the
  // database (with leap seconds, in "right").
  for (absl::string_view other : {"localtime", "posixrules", "Factory"}) {
    if (name == other) return false;
  }
  for (absl::string_view folder : {"posix/", "right/"}) {
    if (absl::StartsWith(name, folder)) return false;
  }
  // Where absl::LoadTimeZone looks, too.
  const char* folder = std::getenv("TZDIR");
  if (folder == nullptr || *folder == '\0') folder = "/usr/share/zoneinfo";
  std::error_code error;
  return std::filesystem::is_regular_file(
      std::filesystem::path(folder) / name, error);
}

// A zone by its name; nullopt when there is none. What was loaded is kept, for
// looking at the file system costs more than all else about a time; there are no
// more of them than zones are installed.
std::optional<absl::TimeZone> FindZone(const std::string& name) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* const loaded =
      new absl::flat_hash_map<std::string, absl::TimeZone>;
  {
    absl::ReaderMutexLock lock(&mutex);
    const auto found = loaded->find(name);
    if (found != loaded->end()) return found->second;
  }
  absl::TimeZone zone;
  if (!IsInstalledZone(name) || !absl::LoadTimeZone(name, &zone)) {
    return std::nullopt;
  }
  absl::MutexLock lock(&mutex);
  loaded->emplace(name, zone);
  return zone;
}

absl::StatusOr<LocalClock> MakeClock(const std::string& name) {
  if (std::optional<int> offset = ParseFixedOffset(name); offset.has_value()) {
    return FixedClock(*offset);
  }
  LocalClock clock;
  clock.zone = FindZone(name);
  if (!clock.zone.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown time zone '",
        absl::CHexEscape(absl::string_view(name).substr(0, kMaxTimeZoneBytes)),
        "': expected an IANA name, an offset such as +09:00, or Z"));
  }
  return clock;
}

// One clock at least.
absl::StatusOr<std::vector<LocalClock>> MakeClocks(
    const std::vector<std::string>& names) {
  if (names.size() > kMaxTimeZones) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected at most ", kMaxTimeZones, " time zones, found ",
                     names.size()));
  }
  std::vector<LocalClock> clocks;
  for (const std::string& name : names) {
    absl::StatusOr<LocalClock> clock = MakeClock(name);
    if (!clock.ok()) return clock.status();
    clocks.push_back(*std::move(clock));
  }
  if (clocks.empty()) {
    // The same local time comes first in the easternmost zone.
    clocks.push_back({std::nullopt, kEasternmostOffsetSeconds,
                      kWesternmostOffsetSeconds});
  }
  return clocks;
}

enum class Side { kEarliest, kLatest };

int64_t ToUnixSeconds(absl::CivilSecond local, const LocalClock& clock,
                      Side side) {
  const bool earliest = side == Side::kEarliest;
  if (!clock.zone.has_value()) {
    return (local - kEpoch) - (earliest ? clock.earliest_offset_seconds
                                        : clock.latest_offset_seconds);
  }
  const absl::TimeZone::TimeInfo info = clock.zone->At(local);
  switch (info.kind) {
    case absl::TimeZone::TimeInfo::UNIQUE:
      return absl::ToUnixSeconds(info.pre);
    case absl::TimeZone::TimeInfo::SKIPPED:
      return absl::ToUnixSeconds(info.trans);
    case absl::TimeZone::TimeInfo::REPEATED:
      return absl::ToUnixSeconds(earliest ? info.pre : info.post);
  }
  return 0;  // not reached: the switch is complete
}

// Turns the local corners of one text into instants.
class CornerMaker {
 public:
  CornerMaker(const PartOfDayBand& band, std::vector<LocalClock> clocks,
              int64_t tolerance_seconds)
      : band_(band),
        clocks_(std::move(clocks)),
        tolerance_seconds_(tolerance_seconds) {}

  Corners Make(const EdtfMember& member) const {
    const std::vector<LocalClock> own =
        member.utc_offset_seconds.has_value()
            ? std::vector<LocalClock>{FixedClock(*member.utc_offset_seconds)}
            : std::vector<LocalClock>{};
    const std::vector<LocalClock>& clocks = own.empty() ? clocks_ : own;
    return Corners{
        Resolve(member.earliest_begin, clocks, Side::kEarliest),
        Resolve(member.latest_begin, clocks, Side::kLatest),
        Resolve(member.earliest_end, clocks, Side::kEarliest),
        Resolve(member.latest_end, clocks, Side::kLatest),
    };
  }

 private:
  // Applies the part of day, the zones, the tolerance and the limits, in this
  // order.
  std::optional<int64_t> Resolve(std::optional<absl::CivilSecond> corner,
                                 const std::vector<LocalClock>& clocks,
                                 Side side) const {
    if (!corner.has_value()) return std::nullopt;
    const bool earliest = side == Side::kEarliest;
    absl::CivilSecond local = std::clamp(*corner, kMinCivil, kMaxCivil);
    // An earliest corner is the first second of its day, a latest one the last.
    if (band_.part != PartOfDay::kUnspecified) {
      local += 3600 * (earliest ? band_.from_hour : band_.to_hour - 24);
    }
    int64_t widest = ToUnixSeconds(local, clocks.front(), side);
    for (const LocalClock& clock : clocks) {
      const int64_t instant = ToUnixSeconds(local, clock, side);
      widest = earliest ? std::min(widest, instant) : std::max(widest, instant);
    }
    widest += earliest ? -tolerance_seconds_ : tolerance_seconds_;
    return std::clamp(widest, kMinCornerSeconds, kMaxCornerSeconds);
  }

  const PartOfDayBand& band_;
  const std::vector<LocalClock> clocks_;
  const int64_t tolerance_seconds_;
};

// The smaller or the larger of two earliest corners, where nullopt is before
// everything.
std::optional<int64_t> MinEarliest(std::optional<int64_t> a,
                                   std::optional<int64_t> b) {
  return std::min(a, b);  // std::optional orders nullopt first
}
std::optional<int64_t> MaxEarliest(std::optional<int64_t> a,
                                   std::optional<int64_t> b) {
  return std::max(a, b);
}

// The same of two latest corners, where nullopt is after everything.
std::optional<int64_t> MinLatest(std::optional<int64_t> a,
                                 std::optional<int64_t> b) {
  if (!a.has_value()) return b;
  if (!b.has_value()) return a;
  return std::min(a, b);
}
std::optional<int64_t> MaxLatest(std::optional<int64_t> a,
                                 std::optional<int64_t> b) {
  if (!a.has_value() || !b.has_value()) return std::nullopt;
  return std::max(a, b);
}

Corners Join(EdtfSetKind kind, const Corners& a, const Corners& b) {
  const bool all = kind == EdtfSetKind::kAllOf;
  return Corners{
      MinEarliest(a.earliest_begin, b.earliest_begin),
      all ? MinLatest(a.latest_begin, b.latest_begin)
          : MaxLatest(a.latest_begin, b.latest_begin),
      all ? MaxEarliest(a.earliest_end, b.earliest_end)
          : MinEarliest(a.earliest_end, b.earliest_end),
      MaxLatest(a.latest_end, b.latest_end),
  };
}

absl::Status CheckPartOfDay(const Edtf& edtf, PartOfDay part) {
  if (part == PartOfDay::kUnspecified) return absl::OkStatus();
  for (const EdtfMember& member : edtf.members) {
    if (member.has_time_of_day) {
      return absl::InvalidArgumentError(
          "a part of day stands beside an EDTF text that has a time of day");
    }
    if (member.precision < EdtfPrecision::kDay) {
      return absl::InvalidArgumentError(
          "a part of day needs EDTF dates as fine as a day");
    }
  }
  return absl::OkStatus();
}

struct Derivation {
  EdtfSetKind set_kind;
  std::vector<Corners> members;
};

absl::StatusOr<Derivation> Derive(const CornerInput& input) {
  if (input.tolerance < absl::ZeroDuration() ||
      input.tolerance > kMaxTolerance) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected a tolerance from 0 to ", absl::FormatDuration(kMaxTolerance),
        ", found ", absl::FormatDuration(input.tolerance)));
  }
  const PartOfDayBand* band = std::find_if(
      std::begin(kPartOfDayBands), std::end(kPartOfDayBands),
      [&](const PartOfDayBand& row) { return row.part == input.part_of_day; });
  if (band == std::end(kPartOfDayBands)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown part of day ", static_cast<int>(input.part_of_day)));
  }
  absl::StatusOr<Edtf> edtf = ParseEdtf(input.edtf);
  if (!edtf.ok()) return edtf.status();
  if (absl::Status s = CheckPartOfDay(*edtf, input.part_of_day); !s.ok()) {
    return s;
  }
  absl::StatusOr<std::vector<LocalClock>> clocks = MakeClocks(input.time_zones);
  if (!clocks.ok()) return clocks.status();

  const CornerMaker maker(
      *band, *std::move(clocks),
      absl::ToInt64Seconds(absl::Ceil(input.tolerance, absl::Seconds(1))));
  Derivation result{edtf->set_kind, {}};
  for (const EdtfMember& member : edtf->members) {
    result.members.push_back(maker.Make(member));
  }
  return result;
}

}  // namespace

absl::StatusOr<Corners> DeriveCorners(const CornerInput& input) {
  absl::StatusOr<Derivation> derivation = Derive(input);
  if (!derivation.ok()) return derivation.status();
  Corners whole = derivation->members.front();
  for (const Corners& member : derivation->members) {
    whole = Join(derivation->set_kind, whole, member);
  }
  return whole;
}

absl::StatusOr<std::vector<Corners>> DeriveMembers(const CornerInput& input) {
  absl::StatusOr<Derivation> derivation = Derive(input);
  if (!derivation.ok()) return derivation.status();
  return std::move(derivation->members);
}

}  // namespace communique::domain
