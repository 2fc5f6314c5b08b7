// OFAC's CSV: how its files are told apart, joined and read. People and firms are
// made up.

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "importers/ofac_csv.h"
#include "importers/ofac_facts.h"
#include "importers/ofac_remarks.h"

namespace communique::importers {
namespace {

constexpr char kEnd[] = "\x1a";

std::string SdnRow(const std::string& number, const std::string& name, const std::string& type,
                   const std::string& program, const std::string& title,
                   const std::string& remarks) {
  return absl::StrCat(number, ",\"", name, "\",", type, ",\"", program, "\",", title,
                      ",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,", remarks, "\r\n");
}

// A list of OFAC's in four files; what a test changes it changes here.
struct Files {
  std::string sdn =
      SdnRow("101", "SAMPLE, Ada Berta", "\"individual\"", "SDGT] [IFSR", "\"Haji\"",
             "\"DOB 10 Dec 1948; alt. DOB circa 1950; POB Springfield, Pakistan; nationality "
             "Afghanistan; citizen Korea, North; Passport A0020375 (Germany) issued 09 Sep 2000 "
             "expires 08 Sep 2010; Gender Female; a.k.a. 'THE 'QUIET' ONE'; f.k.a. 'OLD ADA'; "
             "Linked To: EXAMPLE TRADING S.A.; wife of Carl Sample; likes tea.\"") +
      SdnRow("102", "EXAMPLE TRADING S.A.", "-0- ", "IRAN-EO13902", "-0- ",
             "\"Website www.example.org; Tax ID No. 55-1 (Narnia); Organization Established Date "
             "1999.\"") +
      "103,\"MV PRETEND\",\"vessel\",\"CUBA\",-0- ,\"XYZ1\",\"Tug\",\"640\",\"1,200\",\"Panama\","
      "\"EXAMPLE TRADING S.A.\",\"Vessel Registration Identification IMO 1234567; MMSI 123456789; "
      "Former Vessel Flag Malta; Vessel Year of Build 1981.\"\r\n" +
      SdnRow("104", "EP-XYZ", "\"aircraft\"", "CUBA", "-0- ",
             "\"Aircraft Model B737; Aircraft Operator Example Air; Aircraft Manufacture Date Sep "
             "1984.\"") +
      kEnd;
  std::string alt = absl::StrCat(
      "101,11,\"aka\",\"SAMPLE, Adda\",-0- \r\n102,12,\"fka\",\"OLD EXAMPLE\",-0- \r\n", kEnd);
  std::string add = absl::StrCat("102,21,\"1 High Street\",\"Tehran 10\",\"Iran\",-0- \r\n",
                                 "103,22,-0- ,-0- ,-0- ,-0- \r\n", kEnd);
  std::string comments = absl::StrCat("999,\"of another version\"\r\n", kEnd);
  std::string date = "2021-07-15";

  absl::StatusOr<ParsedList> Parse(ParseOptions options = {}) const {
    return ParseOfacCsv({{absl::StrCat("comments_", date, ".csv"), comments, ""},
                         {absl::StrCat("a_", date, ".csv"), add, ""},
                         {absl::StrCat("b_", date, ".csv"), sdn, ""},
                         {absl::StrCat("c_", date, ".csv"), alt, ""}},
                        options);
  }
};

const ListEntry& Entry(const ParsedList& list, absl::string_view key) {
  for (const ListEntry& entry : list.entries) {
    if (entry.key == key) return entry;
  }
  ADD_FAILURE() << "no entry " << key;
  return list.entries.front();
}

const v1::Identifier* Find(const v1::Actor& actor, absl::string_view type) {
  for (const v1::Identifier& identifier : actor.identifiers()) {
    if (identifier.type() == type) return &identifier;
  }
  return nullptr;
}

TEST(OfacCsvTest, JoinsFourFilesInAnyOrder) {
  const auto list = Files().Parse();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->list_id, "ofac-sdn");
  EXPECT_EQ(list->prefix, "ofac");
  EXPECT_EQ(list->authority, "actors/ofac");
  EXPECT_EQ(list->as_of_date, "2021-07-15");
  ASSERT_EQ(list->entries.size(), 4u);
  // CUBA is the programme of two entries, and one regime.
  ASSERT_EQ(list->regimes.size(), 4u);

  const ListEntry& ada = Entry(*list, "101");
  EXPECT_EQ(ada.actor.display_name(), "Ada Berta SAMPLE");
  EXPECT_EQ(ada.actor.type(), v1::ACTOR_TYPE_PERSON);
  ASSERT_EQ(ada.actor.names_size(), 4);
  EXPECT_EQ(ada.actor.names(0).text(), "SAMPLE, Ada Berta");
  EXPECT_EQ(ada.actor.names(0).family_name(), "SAMPLE");
  EXPECT_EQ(ada.actor.names(0).given_name(), "Ada Berta");
  EXPECT_EQ(ada.actor.names(0).titles(0), "Haji");
  EXPECT_EQ(ada.actor.names(1).quality(), v1::NAME_QUALITY_STRONG);
  EXPECT_EQ(ada.actor.names(1).evidences(0).selectors(0).locator(), "alt_num 11");
  const ListEntry& firm = Entry(*list, "102");
  EXPECT_EQ(firm.actor.names(1).kind(), v1::NAME_KIND_FORMER);
  ASSERT_EQ(firm.actor.addresses_size(), 1);
  EXPECT_EQ(firm.actor.addresses(0).text(), "1 High Street, Tehran 10, Iran");
  EXPECT_EQ(firm.actor.addresses(0).region_code(), "IR");
}

TEST(OfacCsvTest, OneDesignationForEachProgramme) {
  const auto list = Files().Parse();
  ASSERT_TRUE(list.ok()) << list.status();
  const ListEntry& ada = Entry(*list, "101");
  ASSERT_EQ(ada.designations.size(), 2u);
  EXPECT_EQ(ada.designations[0].suffix, "sdn-ifsr");
  EXPECT_EQ(ada.designations[0].regime_id, "ofac-ifsr");
  EXPECT_EQ(ada.designations[1].suffix, "sdn-sdgt");
  EXPECT_EQ(ada.designations[1].designation.programs(0), "SDGT");
  // Both have the remarks; what has no field is kept once.
  EXPECT_TRUE(absl::StrContains(ada.designations[1].designation.remarks(), "likes tea"));
  ASSERT_EQ(ada.designations[0].designation.verbatim_fields_size(), 1);
  EXPECT_EQ(ada.designations[0].designation.verbatim_fields(0).text(), "likes tea");
  EXPECT_EQ(ada.designations[1].designation.verbatim_fields_size(), 0);
}

TEST(OfacCsvTest, RemarksGoToTheirFields) {
  const auto list = Files().Parse();
  ASSERT_TRUE(list.ok()) << list.status();
  const v1::Actor& ada = Entry(*list, "101").actor;
  EXPECT_EQ(ada.names(2).text(), "THE 'QUIET' ONE");
  EXPECT_EQ(ada.names(2).quality(), v1::NAME_QUALITY_WEAK);
  EXPECT_EQ(ada.names(3).kind(), v1::NAME_KIND_FORMER);
  EXPECT_EQ(ada.names(3).quality(), v1::NAME_QUALITY_WEAK);
  // The main date and place are one account, the other date is another.
  ASSERT_EQ(ada.births_size(), 2);
  EXPECT_EQ(ada.births(0).time().edtf(), "1948-12-10");
  EXPECT_EQ(ada.births(0).place().path(), "PK");
  EXPECT_EQ(ada.births(1).time().edtf(), "1950~");
  ASSERT_EQ(ada.nationalities_size(), 2);
  EXPECT_EQ(ada.nationalities(0).region_code(), "AF");
  EXPECT_EQ(ada.nationalities(1).region_code(), "KP");
  EXPECT_EQ(ada.nationalities(1).kind(), v1::NATIONALITY_KIND_CITIZENSHIP);
  EXPECT_EQ(ada.gender(), "female");
  const v1::Identifier* passport = Find(ada, "passport");
  ASSERT_NE(passport, nullptr);
  EXPECT_EQ(passport->value(), "A0020375");
  EXPECT_EQ(passport->region_code(), "DE");
  EXPECT_EQ(passport->time().edtf(), "2000-09-09/2010-09-08");
  const v1::Identifier* tax = Find(Entry(*list, "102").actor, "tax-id");
  ASSERT_NE(tax, nullptr);
  EXPECT_EQ(tax->value(), "55-1");
  EXPECT_EQ(tax->issue_place().display_name(), "Narnia");
}

TEST(OfacCsvTest, RelationsAreResolvedByNameWithinTheList) {
  const auto list = Files().Parse();
  ASSERT_TRUE(list.ok()) << list.status();
  const ListEntry& ada = Entry(*list, "101");
  ASSERT_EQ(ada.relations.size(), 2u);
  EXPECT_EQ(ada.relations[0].other_key, "102");
  EXPECT_EQ(ada.relations[0].relation.actor().text(), "EXAMPLE TRADING S.A.");
  // Whoever is not in the list keeps the name.
  EXPECT_EQ(ada.relations[1].other_key, "");
  EXPECT_EQ(ada.relations[1].relation.type(), v1::ACTOR_RELATION_TYPE_FAMILY_OF);
  EXPECT_EQ(ada.relations[1].relation.actor().text(), "Carl Sample");
}

TEST(OfacCsvTest, ANameOfTwoEntriesIsNotResolved) {
  OfacNames names;
  names.AddPrimary("EXAMPLE", "1");
  names.AddPrimary("Example", "2");
  names.AddAlias("SOLE", "3");
  EXPECT_EQ(names.Find("EXAMPLE"), "");
  EXPECT_EQ(names.Find("sole"), "3");
  EXPECT_EQ(names.Find("nobody"), "");
}

TEST(OfacCsvTest, VesselsAndAircraft) {
  const auto list = Files().Parse();
  ASSERT_TRUE(list.ok()) << list.status();
  const ListEntry& ship = Entry(*list, "103");
  EXPECT_EQ(ship.actor.type(), v1::ACTOR_TYPE_VESSEL);
  EXPECT_EQ(ship.actor.vessel().vessel_type(), "Tug");
  EXPECT_EQ(ship.actor.vessel().tonnage(), "640");
  EXPECT_EQ(ship.actor.vessel().gross_tonnage(), "1,200");
  ASSERT_EQ(ship.actor.nationalities_size(), 2);
  EXPECT_EQ(ship.actor.nationalities(0).kind(), v1::NATIONALITY_KIND_FLAG);
  EXPECT_EQ(ship.actor.nationalities(1).kind(), v1::NATIONALITY_KIND_FORMER_FLAG);
  EXPECT_EQ(ship.actor.nationalities(1).region_code(), "MT");
  EXPECT_EQ(Find(ship.actor, "imo")->value(), "1234567");
  EXPECT_EQ(Find(ship.actor, "mmsi")->value(), "123456789");
  EXPECT_EQ(Find(ship.actor, "call-sign")->value(), "XYZ1");
  EXPECT_EQ(ship.actor.births(0).time().edtf(), "1981");
  ASSERT_EQ(ship.relations.size(), 1u);
  EXPECT_EQ(ship.relations[0].relation.type(), v1::ACTOR_RELATION_TYPE_OWNED_BY);
  const v1::Actor& plane = Entry(*list, "104").actor;
  EXPECT_EQ(plane.aircraft().model(), "B737");
  EXPECT_EQ(plane.births(0).time().edtf(), "1984-09");
  EXPECT_EQ(Entry(*list, "104").relations[0].relation.actor().text(), "Example Air");
}

TEST(OfacCsvTest, CutRemarksGoOnInTheComments) {
  Files files;
  // 1,000 characters that end within "alt. Passport X1234567".
  std::string remarks = "Passport B7654321; alt. Pass";
  remarks.insert(0, std::string(1000 - remarks.size() - 2, 'x') + "; ");
  ASSERT_EQ(remarks.size(), 1000u);
  files.sdn = SdnRow("101", "SAMPLE, Ada", "\"individual\"", "SDGT", "-0- ",
                     absl::StrCat("\"", remarks, "\"")) +
              kEnd;
  files.alt = absl::StrCat("101,11,\"aka\",\"SAMPLE, Adda\",-0- \r\n", kEnd);
  files.add = absl::StrCat("101,21,-0- ,\"Rome\",\"Italy\",-0- \r\n", kEnd);
  files.comments = "101,\"port X1234567.\"\r\n";
  const auto list = files.Parse();
  ASSERT_TRUE(list.ok()) << list.status();
  const v1::Actor& ada = list->entries[0].actor;
  ASSERT_EQ(ada.identifiers_size(), 3);
  EXPECT_EQ(ada.identifiers(2).value(), "X1234567");

  // Without their rest they are refused, for the last clause is a part of one.
  files.comments = "999,\"of another version\"\r\n";
  EXPECT_TRUE(absl::StrContains(files.Parse().status().message(), "cut after 1000"));
}

TEST(OfacCsvTest, CommentsOfAnotherVersionAreKeptApart) {
  Files files;
  files.comments = "101,\"; a.k.a. 'LATER'.\"\r\n999,\"nobody's\"\r\n";
  const auto list = files.Parse();
  ASSERT_TRUE(list.ok()) << list.status();
  const ListEntry& ada = Entry(*list, "101");
  EXPECT_EQ(ada.actor.names_size(), 4);
  ASSERT_EQ(ada.designations[0].designation.verbatim_fields_size(), 2);
  EXPECT_EQ(ada.designations[0].designation.verbatim_fields(1).field(), "sdn_comments");
}

TEST(OfacCsvTest, TheDateIsOfTheNamesOrGiven) {
  Files files;
  files.date = "2021-07";
  EXPECT_EQ(files.Parse()->as_of_date, "2021-07-01");
  EXPECT_EQ(files.Parse()->version, "2021-07");
  ParseOptions options;
  options.as_of_date = "2021-07-20";
  EXPECT_EQ(files.Parse(options)->as_of_date, "2021-07-20");
  for (const char* name : {"latest", "2021-13", "2021-7", "20210715"}) {
    files.date = name;
    EXPECT_TRUE(absl::StrContains(files.Parse().status().message(), "--as_of")) << name;
  }
}

TEST(OfacCsvTest, TheConsolidatedListIsToldByItsName) {
  const Files files;
  const auto list = ParseOfacCsv({{"cons_prim_2021-07-15.csv", files.sdn, ""},
                                  {"cons_alt_2021-07-15.csv", files.alt, ""},
                                  {"cons_add_2021-07-15.csv", files.add, ""}},
                                 {});
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->list_id, "ofac-non-sdn");
  EXPECT_EQ(list->entries[0].designations[0].suffix, "non-sdn-ifsr");
}

TEST(OfacCsvTest, CommentsMayLackWhenNothingIsCut) {
  const Files files;
  EXPECT_TRUE(ParseOfacCsv({{"sdn_2021-07.csv", files.sdn, ""},
                            {"alt_2021-07.csv", files.alt, ""},
                            {"add_2021-07.csv", files.add, ""}},
                           {})
                  .ok());
  const absl::Status status =
      ParseOfacCsv({{"sdn_2021-07.csv", files.sdn, ""}, {"alt_2021-07.csv", files.alt, ""}}, {})
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), "there is no add.csv")) << status;
}

struct BadCase {
  const char* what;
  void (*spoil)(Files&);
  const char* message;
};

class BadOfacTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadOfacTest, IsRefused) {
  Files files;
  GetParam().spoil(files);
  const absl::Status status = files.Parse().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), GetParam().message)) << status;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadOfacTest,
    ::testing::Values(
        BadCase{"CutWithinAQuote", [](Files& f) { f.sdn.resize(f.sdn.size() - 9); }, "ends early"},
        BadCase{"CutBetweenRows", [](Files& f) { f.sdn.resize(f.sdn.find("103,")); },
                "no Ctrl-Z at its end"},
        BadCase{"CutEverywhere",
                [](Files& f) {
                  f.sdn.resize(f.sdn.find("103,"));
                  f.alt.pop_back(), f.add.pop_back();
                },
                "entry 103 is not in it"},
        BadCase{"RowTooShort",
                [](Files& f) {
                  absl::StrReplaceAll({{"104,\"EP-XYZ\",", "104,"}}, &f.sdn);
                },
                "a row of 11 columns, not of 12"},
        BadCase{"NoNumber",
                [](Files& f) {
                  absl::StrReplaceAll({{"102,\"EXAMPLE", "xx,\"EXAMPLE"}}, &f.sdn);
                },
                "does not begin with a number"},
        BadCase{"AnotherKind", [](Files& f) { f.alt = "<xml/>"; }, "of another kind"},
        BadCase{"Empty", [](Files& f) { f.alt = ""; }, "is empty"},
        BadCase{"TwoOfAKind", [](Files& f) { f.comments = f.add; }, "is a second add.csv"},
        BadCase{"Twice", [](Files& f) { f.sdn = f.sdn.substr(0, f.sdn.find("102,")) + f.sdn; },
                "entry 101 twice"},
        BadCase{"NoName",
                [](Files& f) {
                  absl::StrReplaceAll({{"\"EP-XYZ\"", "-0- "}}, &f.sdn);
                },
                "entry 104 without a name"},
        BadCase{"NoProgramme",
                [](Files& f) {
                  absl::StrReplaceAll({{"\"IRAN-EO13902\"", "-0- "}}, &f.sdn);
                },
                "entry 102 of no programme"},
        BadCase{"UnknownType",
                [](Files& f) {
                  absl::StrReplaceAll({{"\"aircraft\"", "\"submarine\""}}, &f.sdn);
                },
                "SDN_Type that is not known"},
        BadCase{"Nul", [](Files& f) { f.add[5] = '\0'; }, "NUL"}),
    [](const auto& info) { return info.param.what; });

TEST(OfacCsvTest, LimitsHold) {
  ParseOptions options;
  options.limits.max_entries = 3;
  EXPECT_EQ(Files().Parse(options).status().code(), absl::StatusCode::kResourceExhausted);
  options = {};
  options.limits.max_text_bytes = 100;
  EXPECT_EQ(Files().Parse(options).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(OfacRemarksTest, Splits) {
  using Clauses = std::vector<std::string>;
  EXPECT_EQ(SplitRemarks("DOB 1948; POB Egypt."), (Clauses{"DOB 1948", "POB Egypt"}));
  EXPECT_EQ(SplitRemarks("nationality possibly A;arrested 2002"),
            (Clauses{"nationality possibly A", "arrested 2002"}));
  // Not within brackets, unless they are never closed.
  EXPECT_EQ(SplitRemarks("(a; b); c"), (Clauses{"(a; b)", "c"}));
  EXPECT_EQ(SplitRemarks("(a; b; c"), (Clauses{"(a", "b", "c"}));
  // The full stop of an abbreviation is not the one of the remarks.
  EXPECT_EQ(SplitRemarks("Linked To: R D I S.A."), (Clauses{"Linked To: R D I S.A."}));
  EXPECT_EQ(SplitRemarks(""), Clauses());
  EXPECT_EQ(SplitRemarks("."), Clauses());
}

TEST(OfacRemarksTest, Identifiers) {
  v1::Identifier id = OfacIdentifier("3848561 (New York) (United States)");
  EXPECT_EQ(id.value(), "3848561");
  EXPECT_EQ(id.region_code(), "US");
  EXPECT_EQ(id.issue_place().display_name(), "New York");
  id = OfacIdentifier("K357514(4) (Hong Kong)");
  EXPECT_EQ(id.value(), "K357514(4)");
  EXPECT_EQ(id.region_code(), "HK");
  id = OfacIdentifier("654781 (Jordan) issued 01 Jan 2008 to 31 Dec 2010");
  EXPECT_EQ(id.value(), "654781");
  EXPECT_FALSE(id.has_time());
  EXPECT_EQ(id.note(), "issued 01 Jan 2008 to 31 Dec 2010");
  id = OfacIdentifier("836110034 expires 01 Jan 2020");
  EXPECT_EQ(id.time().edtf(), "/2020-01-01");
  // Dates in the wrong order stay words.
  id = OfacIdentifier("A1 issued 09 Sep 2800 expires 08 Sep 2010");
  EXPECT_FALSE(id.has_time());
  EXPECT_EQ(id.note(), "issued 09 Sep 2800 expires 08 Sep 2010");
  id = OfacIdentifier("D000000483, Diplomatic (Syria)");
  EXPECT_EQ(id.value(), "D000000483");
  EXPECT_EQ(id.note(), "Diplomatic");
  id = OfacIdentifier("CNIC: 35202-5 (Pakistan)");
  EXPECT_EQ(id.value(), "35202-5");
  EXPECT_EQ(id.note(), "CNIC");
}

TEST(OfacRemarksTest, TimesAreAsWideAsTheirWords) {
  EXPECT_EQ(OfacTime("10 Dec 1948").edtf(), "1948-12-10");
  EXPECT_EQ(OfacTime("Sep 1960").edtf(), "1960-09");
  EXPECT_EQ(OfacTime("1961 to 1963").edtf(), "[1961..1963]");
  EXPECT_EQ(OfacTime("23 Apr 1960 to 02 May 1961").edtf(), "[1960-04-23..1961-05-02]");
  EXPECT_EQ(OfacTime("circa 10 Dec 1948").edtf(), "1948-12-10~");
  const v1::FuzzyTime range = OfacTime("circa 1979-1982");
  EXPECT_EQ(range.edtf(), "[1979..1982]");
  EXPECT_GT(range.tolerance().seconds(), 0);
}

TEST(OfacRemarksTest, WhatDoesNotFitItsLabelIsKeptVerbatim) {
  ListEntry entry;
  entry.key = "1";
  const OfacNames names;
  OfacFacts facts(names, &entry);
  AddRemarks(
      "Passport issued in Sarajevo; Gender Male; Gender Female; a.k.a. UNQUOTED; Secondary "
      "sanctions risk: section 1(b); Minister of Tea; Major",
      {"Major"}, &facts);
  std::vector<std::string> kept;
  for (const v1::VerbatimField& field : facts.verbatim()) {
    kept.push_back(absl::StrCat(field.field(), "=", field.text()));
  }
  EXPECT_EQ(kept, (std::vector<std::string>{
                      "remarks/Passport=Passport issued in Sarajevo",
                      "remarks/Gender=Gender Female", "remarks/a.k.a.=a.k.a. UNQUOTED",
                      "remarks/Secondary sanctions risk=Secondary sanctions risk: section 1(b)",
                      "remarks=Minister of Tea"}));
  EXPECT_EQ(entry.actor.gender(), "male");
}

}  // namespace
}  // namespace communique::importers
