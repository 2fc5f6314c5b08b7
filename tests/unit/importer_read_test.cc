// What parsers of lists read with: XML, CSV and zip within their limits, dates,
// countries, scripts.

#include <zip.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "importers/countries.h"
#include "importers/csv.h"
#include "importers/input.h"
#include "importers/text.h"
#include "importers/times.h"
#include "importers/xml.h"

namespace communique::importers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

InputFile File(std::string bytes) { return {.name = "f", .bytes = std::move(bytes), .sha256 = {}}; }

absl::Status Xml(const std::string& bytes, const ParseLimits& limits = {}) {
  return ReadXml(File(bytes), limits, "r", {"e"},
                 [](const std::string&, XmlElement&) { return absl::OkStatus(); })
      .status();
}

TEST(ImporterXmlTest, LimitsHold) {
  EXPECT_TRUE(Xml("<r><e><a>1</a></e></r>").ok());
  ParseLimits limits;
  limits.max_depth = 3;
  EXPECT_TRUE(Xml("<r><e><a/></e></r>", limits).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Xml("<r><e><a><b/></a></e></r>", limits)));
  limits = {};
  limits.max_text_bytes = 4;
  EXPECT_TRUE(Xml("<r><e>1234</e></r>", limits).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Xml("<r><e>12345</e></r>", limits)));
  EXPECT_TRUE(absl::IsResourceExhausted(Xml("<r><e a='12345'/></r>", limits)));
  limits = {};
  limits.max_entry_elements = 3;
  EXPECT_TRUE(Xml("<r><e><a/><a/></e><e><a/><a/></e></r>", limits).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Xml("<r><e><a/><a/><a/></e></r>", limits)));
  limits = {};
  limits.max_elements = 4;
  EXPECT_TRUE(absl::IsResourceExhausted(Xml("<r><e/><e/><e/><e/></r>", limits)));
  limits = {};
  limits.max_file_bytes = 8;
  EXPECT_TRUE(absl::IsResourceExhausted(Xml("<r><e/></r>", limits)));
}

TEST(ImporterXmlTest, ErrorsSayWhere) {
  EXPECT_THAT(std::string(Xml("<r>\n<e></r>").message()), HasSubstr("f: line 2, column 6"));
  EXPECT_THAT(std::string(Xml("<r>\n<e>").message()), HasSubstr("ends early"));
  EXPECT_THAT(std::string(Xml("<s/>").message()), HasSubstr("begins with <s>, not with <r>"));
  EXPECT_THAT(std::string(Xml("<!DOCTYPE r><r/>").message()), HasSubstr("DOCTYPE"));
}

std::vector<std::vector<std::string>> Csv(const std::string& bytes, absl::Status* end) {
  const InputFile file = File(bytes);
  CsvReader reader(file, {});
  std::vector<std::vector<std::string>> rows;
  CsvRow row;
  absl::StatusOr<bool> more = reader.Next(&row);
  for (; more.ok() && *more; more = reader.Next(&row)) rows.push_back(row.cells);
  *end = more.status();
  return rows;
}

TEST(ImporterCsvTest, QuotesLineEndsAndTheEndOfOfacsFiles) {
  absl::Status end;
  EXPECT_THAT(Csv("1,\"a, \"\"b\"\"\nc\" ,-0- \r\n\r\n2,,x\"y\r\n\x1a", &end),
              ElementsAre(ElementsAre("1", "a, \"b\"\nc", "-0- "), ElementsAre("2", "", "x\"y")));
  EXPECT_TRUE(end.ok()) << end;
  EXPECT_THAT(Csv("a\xe9\x80,b", &end), ElementsAre(ElementsAre("aé€", "b")));
  Csv("1,2\n3,\"x", &end);
  EXPECT_THAT(std::string(end.message()), HasSubstr("line 2, column 3"));
  Csv("\"x\"y", &end);
  EXPECT_THAT(std::string(end.message()), HasSubstr("behind the closing quote"));
  Csv("1\n\x1a\nmore", &end);
  EXPECT_THAT(std::string(end.message()), HasSubstr("goes on behind a Ctrl-Z"));
  Csv(std::string("a\0b", 3), &end);
  EXPECT_FALSE(end.ok());
}

// An archive of one file.
std::string Zipped(const std::string& name, const std::string& bytes) {
  zip_error_t error;
  zip_source_t* out = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(out);
  zip_t* archive = zip_open_from_source(out, ZIP_TRUNCATE, &error);
  zip_file_add(archive, name.c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
  EXPECT_EQ(zip_close(archive), 0);
  EXPECT_EQ(zip_source_open(out), 0);
  std::string zipped(1 << 20, '\0');
  zipped.resize(static_cast<std::size_t>(zip_source_read(out, zipped.data(), zipped.size())));
  zip_source_close(out);
  zip_source_free(out);
  return zipped;
}

TEST(ImporterZipTest, WhatComesOutIsBounded) {
  const InputFile archive = File(Zipped("a.XML", "<r/>"));
  EXPECT_TRUE(IsZip(archive));
  const auto files = Unzip(archive, {}, ".xml");
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->front().bytes, "<r/>");
  EXPECT_TRUE(absl::IsInvalidArgument(Unzip(archive, {}, ".csv").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Unzip(File("PK\x03\x04 no"), {}, ".xml").status()));

  const InputFile bomb = File(Zipped("a.xml", std::string(40 << 20, 'x')));
  EXPECT_LT(bomb.bytes.size(), 64u << 10);
  EXPECT_TRUE(absl::IsResourceExhausted(Unzip(bomb, {}, ".xml").status()));
  ParseLimits limits;
  limits.max_zip_ratio = 1000;
  EXPECT_TRUE(Unzip(bomb, limits, ".xml").ok());
  limits.max_file_bytes = 1 << 20;
  EXPECT_TRUE(absl::IsResourceExhausted(Unzip(bomb, limits, ".xml").status()));
}

TEST(ImporterTimesTest, WordsAreNeverMadeSharper) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"1980-08-08", "1980-08-08"},
      {"2010-07-28-04:00", "2010-07-28"},
      {"1980", "1980"},
      {"01/02/1980", "1980-02-01"},
      {"00/02/1980", "1980-02"},
      {"00/00/1980", "1980"},
      {"15 Mar 1980", "1980-03-15"},
      {"15 Mar. 1980", "1980-03-15"},
      {"March 15, 1980", "1980-03-15"},
      {"1st March 1980", "1980-03-01"},
      {"Sep. 1980", "1980-09"},
      {"circa 1961", "1961~"},
      {"1961 (approximate)", "1961~"},
      {"1955-1958", "[1955..1958]"},
      {"between 1955 and 1958", "[1955..1958]"},
      {"15 Mar 1980 to 1982", "[1980..1982]"},
      {"late 1950s", "195X"},
      {"30 Feb 1980", ""},
      {"1958 to 1955", ""},
      {"24/06/1402 (Hijri Calendar)", ""},
      {"20. century", ""},
      {"null", ""},
  };
  for (const auto& [words, edtf] : cases) {
    const v1::FuzzyTime time = TimeFromWords(words);
    EXPECT_EQ(time.edtf(), edtf) << words;
    // The words are kept unless the date is all they say.
    EXPECT_EQ(time.text(), words == edtf ? "" : words);
  }
  EXPECT_EQ(TimeFromWords("01/02/1980", DayOrder::kMonthFirst).edtf(), "1980-01-02");
  const auto several = TimesFromWords("a) 1961; b) circa 1962 or 5 May 1963");
  ASSERT_EQ(several.size(), 3u);
  EXPECT_EQ(several[1].edtf(), "1962~");
  EXPECT_EQ(several[2].edtf(), "1963-05-05");
  EXPECT_EQ(AddDays("2020-02-28", 2), "2020-03-01");
}

TEST(ImporterTextTest, CountriesScriptsAndEncodings) {
  EXPECT_EQ(CountryCode("Democratic People's  Republic of Korea"), "KP");
  EXPECT_EQ(CountryCode("Iran (Islamic Republic of)"), "IR");
  EXPECT_EQ(CountryCode("Congo, Democratic Republic of the"), "CD");
  EXPECT_EQ(CountryCode("pakistani"), "PK");
  EXPECT_EQ(CountryCode("USSR (until 1991)"), "");
  EXPECT_EQ(ScriptTag("Орлан (O)"), "und-Cyrl");
  EXPECT_EQ(ScriptTag("김정은"), "ko-Hang");
  EXPECT_EQ(ScriptTag("محمد"), "und-Arab");
  EXPECT_EQ(ScriptTag("123"), "");
  EXPECT_EQ(CollapseSpace(" a\n \xc2\xa0 b "), "a b");
  EXPECT_EQ(FromWindows1252("\x93x\x94\x81"), "“x”\xef\xbf\xbd");
  EXPECT_EQ(ToUtf8("\xef\xbb\xbfé"), "é");
  EXPECT_FALSE(IsUtf8("\xed\xa0\x80"));
  EXPECT_EQ(ToSlug("IRAN-EO 13902]"), "iran-eo-13902");
}

}  // namespace
}  // namespace communique::importers
