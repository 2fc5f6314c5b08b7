// The parts that every floor uses: errors, logs, slices of the wire format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "communique/v1/publish.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/struct.pb.h"
#include "google/rpc/error_details.pb.h"
#include "service/base/error.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
#include "service/base/log.h"
#include "service/base/wire.h"

namespace communique::base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// --- Errors ---------------------------------------------------------------------

TEST(ErrorTest, AnErrorCarriesItsReasonAndMetadata) {
  absl::Status status = MakeError(absl::StatusCode::kNotFound, v1::ERROR_REASON_RECORD_NOT_FOUND,
                                  "no", {{"name", "actors/a"}});
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_RECORD_NOT_FOUND);
  EXPECT_EQ(MetadataOf(status, "name"), "actors/a");
  EXPECT_EQ(MetadataOf(status, "other"), "");
  AddMetadata(status, "line", "7");
  EXPECT_EQ(MetadataOf(status, "line"), "7");
  EXPECT_EQ(MetadataOf(status, "name"), "actors/a");
  google::rpc::ErrorInfo info;
  info.ParseFromString(DetailOf(status, "google.rpc.ErrorInfo"));
  EXPECT_EQ(info.reason(), "RECORD_NOT_FOUND");
  EXPECT_EQ(info.domain(), "communique");
}

TEST(ErrorTest, AnErrorOfOthersHasNoReason) {
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(MetadataOf(absl::OkStatus(), "x"), "");
  EXPECT_EQ(DetailOf(absl::InternalError("x"), "google.rpc.ErrorInfo"), "");
}

TEST(ErrorTest, EveryReasonHasItsNameBothWays) {
  for (int i = v1::ErrorReason_MIN; i <= v1::ErrorReason_MAX; ++i) {
    const auto reason = static_cast<v1::ErrorReason>(i);
    EXPECT_EQ(ReasonOf(MakeError(absl::StatusCode::kInternal, reason, "x")), reason);
  }
}

TEST(ErrorTest, DetailsAddUp) {
  absl::Status status = MakeError(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH, "x");
  AddPreconditionViolation(status, "ETAG", "a", "1");
  AddPreconditionViolation(status, "ETAG", "b", "2");
  AddQuotaViolation(status, "s", "q");
  AddResourceInfo(status, "actors/a", "gone");
  AddRetryInfo(status, absl::Milliseconds(1500));
  google::rpc::PreconditionFailure failure;
  failure.ParseFromString(DetailOf(status, "google.rpc.PreconditionFailure"));
  EXPECT_EQ(failure.violations_size(), 2);
  google::rpc::RetryInfo retry;
  retry.ParseFromString(DetailOf(status, "google.rpc.RetryInfo"));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  google::rpc::ResourceInfo resource;
  resource.ParseFromString(DetailOf(status, "google.rpc.ResourceInfo"));
  EXPECT_EQ(resource.resource_name(), "actors/a");
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_ETAG_MISMATCH);
}

TEST(ViolationsTest, NoneIsOk) { EXPECT_TRUE(Violations().ToStatus().ok()); }

TEST(ViolationsTest, AllAreTold) {
  Violations violations;
  violations.Add("a.b", "is wrong");
  EXPECT_EQ(violations.ToStatus().message(), "a.b: is wrong");
  violations.Add("", "all of it");
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "a.b: is wrong (and 1 more)");
  EXPECT_EQ(MetadataOf(status, "violation_count"), "2");
  EXPECT_EQ(MetadataOf(status, "field"), "a.b");
  google::rpc::BadRequest bad;
  bad.ParseFromString(DetailOf(status, "google.rpc.BadRequest"));
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(1).description(), "all of it");
}

TEST(ViolationsTest, BeyondTheLimitTheyAreCounted) {
  Violations violations;
  for (int i = 0; i < kMaxViolations + 7; ++i) violations.Add("f", "x");
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(MetadataOf(status, "violation_count"), absl::StrCat(kMaxViolations + 7));
  google::rpc::BadRequest bad;
  bad.ParseFromString(DetailOf(status, "google.rpc.BadRequest"));
  EXPECT_EQ(bad.field_violations_size(), kMaxViolations);
}

// --- Logs ------------------------------------------------------------------------

// The value of a field as it stands in the line, without its quotes.
std::string Logged(const std::string& value) {
  const std::string line = FormatLogLine("T", LogLevel::kInfo, "e", {{"k", value}});
  const std::string prefix = "{\"time\":\"T\",\"level\":\"info\",\"event\":\"e\",\"k\":\"";
  EXPECT_EQ(line.substr(0, prefix.size()), prefix);
  EXPECT_EQ(line.substr(line.size() - 2), "\"}");
  return line.substr(prefix.size(), line.size() - prefix.size() - 2);
}

TEST(LogTest, ALineIsAnObject) {
  EXPECT_EQ(FormatLogLine("T", LogLevel::kWarning, "e", {{"a", "1"}, {"b", "x y"}}),
            R"({"time":"T","level":"warning","event":"e","a":"1","b":"x y"})");
  EXPECT_EQ(FormatLogLine("T", LogLevel::kError, "e", {}),
            R"({"time":"T","level":"error","event":"e"})");
}

TEST(LogTest, NothingForgesALine) {
  const std::pair<std::string, std::string> kCases[] = {
      {"plain", "plain"},
      {"\"quoted\" \\ slash", R"(\"quoted\" \\ slash)"},
      {"two\nlines\r\t", R"(two\u000alines\u000d\u0009)"},
      {std::string("\0", 1), R"(\u0000)"},
      {"\x1b[2J", R"(\u001b[2J)"},
      {"\x7f", R"(\u007f)"},
      {"\xc2\x80\xc2\x9b\xc2\x9f", R"(\u0080\u009b\u009f)"},       // C1
      {"\xc2\xa0 Communiqu\xc3\xa9 \xe9\x87\x91\xe6\xad\xa3\xe6\x81\xa9 \xf0\x9f\x98\x80",
       "\xc2\xa0 Communiqu\xc3\xa9 \xe9\x87\x91\xe6\xad\xa3\xe6\x81\xa9 \xf0\x9f\x98\x80"},
      {"\x80", R"(\\x80)"},                                        // a lone continuation
      {"\xc3", R"(\\xc3)"},                                        // cut short
      {"\xc3\"", R"(\\xc3\")"},                                    // hides no quote
      {"\xe9\x87", R"(\\xe9\\x87)"},
      {"\xc0\x8a", R"(\\xc0\\x8a)"},                               // overlong newline
      {"\xe0\x80\x8a", R"(\\xe0\\x80\\x8a)"},
      {"\xf0\x80\x80\x8a", R"(\\xf0\\x80\\x80\\x8a)"},
      {"\xed\xa0\x80", R"(\\xed\\xa0\\x80)"},                      // a surrogate
      {"\xf4\x90\x80\x80", R"(\\xf4\\x90\\x80\\x80)"},             // beyond U+10FFFF
      {"\xf5\x80\x80\x80", R"(\\xf5\\x80\\x80\\x80)"},
      {"\xff\xfe", R"(\\xff\\xfe)"},
  };
  for (const auto& [value, wanted] : kCases) EXPECT_EQ(Logged(value), wanted);
}

TEST(LogTest, KeysAndEventsAreEscapedToo) {
  EXPECT_THAT(FormatLogLine("T", LogLevel::kInfo, "e\n", {{"k\"", ""}}),
              HasSubstr(R"("event":"e\u000a","k\"":"")"));
}

TEST(LogTest, EveryByteMakesAJsonObject) {
  for (int first = 0; first < 256; ++first) {
    for (const int second : {0, 0x22, 0x5c, 0x80, 0xbf, 0xff}) {
      const std::string value = {static_cast<char>(first), static_cast<char>(second)};
      google::protobuf::Struct parsed;
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(
                      FormatLogLine("T", LogLevel::kInfo, "e", {{"k", value}}), &parsed)
                      .ok())
          << first << " " << second;
    }
  }
}

// --- Wire format -------------------------------------------------------------------

TEST(WireTest, VarintsComeBack) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{300},
                               uint64_t{1} << 35, ~uint64_t{0}}) {
    std::string bytes;
    AppendVarint(value, bytes);
    bytes += "rest";
    absl::string_view in = bytes;
    EXPECT_EQ(TakeVarint(in), value);
    EXPECT_EQ(in, "rest");
  }
}

TEST(WireTest, AVarintThatDoesNotEndIsNone) {
  for (const std::string& bytes : {std::string(), std::string("\x80"), std::string(11, '\x80')}) {
    absl::string_view in = bytes;
    EXPECT_EQ(TakeVarint(in), std::nullopt);
    EXPECT_EQ(in.size(), bytes.size());
  }
}

TEST(WireTest, WhatIsAppendedIsWhatProtobufReads) {
  v1::MutationResult wanted, parsed;
  wanted.set_name(std::string(300, 'n'));
  wanted.set_changed(true);
  std::string bytes;
  AppendBytesField(1, wanted.name(), bytes);
  AppendVarintField(3, 1, bytes);
  EXPECT_EQ(bytes, wanted.SerializeAsString());
  ASSERT_TRUE(parsed.ParseFromString(bytes));
  EXPECT_EQ(FindBytesField(bytes, 1), wanted.name());
  EXPECT_EQ(FindBytesField(bytes, 2), std::nullopt);
  EXPECT_EQ(FindVarintField(bytes, 3), 1u);
  EXPECT_EQ(FindVarintField(bytes, 4), 0u);
}

TEST(WireTest, EveryWireTypeIsStepped) {
  std::string bytes;
  AppendVarintField(1, 5, bytes);
  bytes += std::string("\x11") + "12345678";  // fixed64, field 2
  bytes += std::string("\x1d") + "1234";      // fixed32, field 3
  AppendBytesField(4, "four", bytes);
  absl::string_view in = bytes;
  std::vector<int> numbers;
  while (const auto field = TakeField(in)) numbers.push_back(field->number);
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(in.empty());
  EXPECT_EQ(FindBytesField(bytes, 4), "four");
}

TEST(WireTest, WhatIsNoMessageHasNoFields) {
  for (const std::string& bytes :
       {std::string("\x0a\x05" "abc"), std::string("\x11" "1234"), std::string("\x0b\x0b"),
        std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" "abc")}) {
    absl::string_view in = bytes;
    EXPECT_FALSE(TakeField(in).has_value());
    EXPECT_FALSE(in.empty());
    EXPECT_EQ(FindBytesField(bytes, 1), std::nullopt);
  }
}

// --- Hashes --------------------------------------------------------------------------

TEST(HashTest, Sha256IsOfThePartsPutTogether) {
  EXPECT_EQ(Sha256({"a", "", "bc"}), Sha256({"abc"}));
  EXPECT_EQ(Sha256({"abc"}).substr(0, 4), "\xba\x78\x16\xbf");
  EXPECT_NE(RandomHex(16), RandomHex(16));
  EXPECT_EQ(RandomHex(7).size(), 7u);
}

TEST(WireTest, AFieldThatIsCutLeavesTheRest) {
  for (const std::string& bytes : {std::string("\x08"), std::string("\x11"), std::string("\x0a\x05")}) {
    absl::string_view in = bytes;
    EXPECT_FALSE(TakeField(in).has_value());
    EXPECT_FALSE(in.empty()) << "a cut message looks like a whole one";
  }
}

}  // namespace

}  // namespace communique::base
