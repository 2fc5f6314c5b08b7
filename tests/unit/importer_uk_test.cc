// OFSI's list: rows that are one group, and what its cells hold in words. People
// are made up.

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "importers/uk.h"
#include "importers/uk_text.h"

namespace communique::importers {
namespace {

constexpr char kHeader[] =
    "Last Updated,13/04/2018,,,\r\n"
    "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,DOB,Town of Birth,Country of "
    "Birth,Nationality,Passport Details,NI Number,Position,Address 1,Address 2,Address 3,Address "
    "4,Address 5,Address 6,Post/Zip Code,Country,Other Information,Group Type,Alias "
    "Type,Regime,Listed On,Last Updated,Group ID\r\n";

// A row of group 7 but for what is given.
std::string Row(const std::string& name, const std::string& dob, const std::string& address,
                const std::string& alias, const std::string& regime = "Sample regime",
                const std::string& group = "7") {
  return absl::StrCat(
      name, ",Maulavi/Mullah,", dob,
      ",(1) Tiaret (2) Mahdia,(1)-(2) Algeria,\"a) Afghan, b) Qatari\",\"(1) G827238 (Tunisian). "
      "Issued on 1 June 1996. Expired on 31 May 2001 (2) Lost passport\",Ration card no. "
      "0094195,(1) Clerk (2) Minister,",
      address,
      ",,,,,,W12,Pakistan (previous address),\"UN REF:QE.A.146.14. IMO: 8937675. MMSI: "
      "445539000. Caf\xe9\",Individual,",
      alias, ",", regime, ",01/04/2016,05/04/2017,", group, "\r\n");
}

std::string Whole() {
  // Two names, two dates, two addresses: every combination is a row.
  std::string file = kHeader;
  for (const char* dob : {"00/00/1980", "03/02/1981"}) {
    for (const char* address : {"1 High Street", "2 Low Street"}) {
      absl::StrAppend(&file, Row("OTHER,Ada,,,,", dob, address, "AKA"));
      absl::StrAppend(&file, Row("SAMPLE,Ada,Berta,,,", dob, address, "Prime Alias"));
    }
  }
  return file;
}

absl::StatusOr<ParsedList> Parse(const std::string& bytes, const ParseOptions& options = {}) {
  return ParseUkList({{"uk.csv", bytes, ""}}, options);
}

TEST(UkListTest, RowsOfAGroupAreOneEntry) {
  const auto list = Parse(Whole());
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->list_id, "uk-ofsi-consolidated");
  EXPECT_EQ(list->as_of_date, "2018-04-13");
  ASSERT_EQ(list->entries.size(), 1u);
  const ListEntry& entry = list->entries[0];
  EXPECT_EQ(entry.key, "7");
  const v1::Actor& ada = entry.actor;
  EXPECT_EQ(ada.type(), v1::ACTOR_TYPE_PERSON);
  EXPECT_EQ(ada.display_name(), "Ada Berta SAMPLE");
  ASSERT_EQ(ada.names_size(), 2);
  EXPECT_EQ(ada.names(0).kind(), v1::NAME_KIND_PRIMARY);
  ASSERT_EQ(ada.names(0).parts_size(), 3);
  EXPECT_EQ(ada.names(0).parts(2).kind(), v1::NAME_PART_KIND_FAMILY);
  ASSERT_EQ(ada.names(0).titles_size(), 2);
  EXPECT_EQ(ada.names(0).titles(1), "Mullah");
  EXPECT_EQ(ada.names(1).text(), "Ada OTHER");
  // Two dates and two places, which go together nobody says.
  ASSERT_EQ(ada.births_size(), 4);
  EXPECT_EQ(ada.births(0).time().edtf(), "1980");
  EXPECT_EQ(ada.births(0).time().text(), "00/00/1980");
  EXPECT_EQ(ada.births(1).time().edtf(), "1981-02-03");
  EXPECT_EQ(ada.births(2).place().display_name(), "Tiaret, Algeria");
  EXPECT_EQ(ada.births(2).place().path(), "DZ");
  EXPECT_EQ(ada.births(3).place().path(), "DZ");
  ASSERT_EQ(ada.nationalities_size(), 2);
  EXPECT_EQ(ada.nationalities(1).region_code(), "QA");
  ASSERT_EQ(ada.positions_size(), 2);
  EXPECT_EQ(ada.positions(1).title(), "Minister");
  ASSERT_EQ(ada.addresses_size(), 2);
  EXPECT_EQ(ada.addresses(0).text(), "1 High Street, W12, Pakistan");
  EXPECT_EQ(ada.addresses(0).note(), "previous address");
  EXPECT_EQ(ada.addresses(0).region_code(), "PK");
}

TEST(UkListTest, IdentifiersAndRemarks) {
  const auto list = Parse(Whole());
  ASSERT_TRUE(list.ok()) << list.status();
  std::string found;
  for (const v1::Identifier& id : list->entries[0].actor.identifiers()) {
    absl::StrAppend(&found, id.type(), "=", id.value(), " ", id.region_code(), " ",
                    id.time().edtf(), "\n");
  }
  EXPECT_EQ(found,
            "passport=G827238 TN 1996-06-01/2001-05-31\n"
            "ration-card=0094195  \n"
            "un-reference=QE.A.146.14  \n"
            "imo=8937675  \n"
            "mmsi=445539000  \n"
            "uk-group-id=7  \n");
  ASSERT_EQ(list->entries[0].designations.size(), 1u);
  const EntryDesignation& listed = list->entries[0].designations[0];
  EXPECT_EQ(listed.suffix, "sample-regime");
  EXPECT_EQ(listed.regime_id, "uk-sample-regime");
  EXPECT_EQ(listed.stated_listed_time.edtf(), "2016-04-01");
  ASSERT_EQ(listed.amended_times.size(), 1u);
  EXPECT_EQ(listed.amended_times[0].edtf(), "2017-04-05");
  // Windows-1252 became UTF-8.
  EXPECT_TRUE(absl::StrContains(listed.designation.remarks(), "Café"));
  // What is no document is kept as it is.
  ASSERT_EQ(listed.designation.verbatim_fields_size(), 1);
  EXPECT_EQ(listed.designation.verbatim_fields(0).field(), "Passport Details");
  EXPECT_EQ(listed.designation.verbatim_fields(0).text(), "Lost passport");
}

TEST(UkListTest, EachRegimeIsADesignation) {
  std::string file = Whole();
  absl::StrAppend(&file, Row("SAMPLE,Ada,Berta,,,", "", "", "Prime Alias", "Another"));
  const auto list = Parse(file);
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->entries[0].designations.size(), 2u);
  EXPECT_EQ(list->entries[0].designations[1].suffix, "another");
  EXPECT_EQ(list->regimes.size(), 2u);
  // One that only differs in case is the same one.
  absl::StrAppend(&file, Row("SAMPLE,Ada,Berta,,,", "", "", "Prime Alias", "ANOTHER"));
  const auto same = Parse(file);
  ASSERT_TRUE(same.ok()) << same.status();
  ASSERT_EQ(same->entries[0].designations.size(), 2u);
  EXPECT_EQ(same->entries[0].designations[1].designation.programs_size(), 2);
}

TEST(UkListTest, LaterColumns) {
  const std::string file =
      "Last Updated,01/03/2023\r\nName 6,Name 1,Name Non-Latin Script,Non-Latin Script "
      "Type,Non-Latin Script Language,Passport Number,Passport Details,Group Type,Alias Type,Alias "
      "Quality,Regime,Listed On,UK Sanctions List Date Designated,Group ID\r\n"
      "SAMPLE,Ada,\xd0\x90\xd0\xb4\xd0\xb0,Cyrillic,Russian,(1) AB1234 (2) CD5678,(2) Russian "
      "passport,Individual,Primary name,,Sample,01/02/2022,02/02/2022,9\r\n"
      "PRETEND,,,,,,,Individual,AKA,Low quality,Sample,01/02/2022,02/02/2022,9\r\n";
  const auto list = Parse(file);
  ASSERT_TRUE(list.ok()) << list.status();
  const v1::Actor& ada = list->entries[0].actor;
  ASSERT_EQ(ada.names_size(), 3);
  EXPECT_EQ(ada.names(1).quality(), v1::NAME_QUALITY_WEAK);
  EXPECT_EQ(ada.names(2).kind(), v1::NAME_KIND_ORIGINAL_SCRIPT);
  EXPECT_EQ(ada.names(2).language_code(), "und-Cyrl");
  ASSERT_EQ(ada.identifiers_size(), 3);
  EXPECT_EQ(ada.identifiers(0).value(), "AB1234");
  EXPECT_EQ(ada.identifiers(1).value(), "CD5678");
  EXPECT_EQ(ada.identifiers(1).region_code(), "RU");
  const v1::Designation& listed = list->entries[0].designations[0].designation;
  ASSERT_EQ(listed.verbatim_fields_size(), 1);
  EXPECT_EQ(listed.verbatim_fields(0).field(), "UK Sanctions List Date Designated");
}

TEST(UkListTest, BadFilesAreRefused) {
  const std::string whole = Whole();
  const auto with = [&whole](const char* from, const char* to) {
    return absl::StrReplaceAll(whole, {{from, to}});
  };
  struct Bad {
    const char* what;
    std::string bytes;
    const char* message;
  };
  for (const Bad& bad : std::vector<Bad>{
           {"empty", "", "of another kind"},
           {"another kind", "36,\"EXAMPLE\",-0- \r\n", "of another kind"},
           {"no header", "Last Updated,13/04/2018\r\n", "no header"},
           {"no date", with("13/04/2018", "soon"), "does not say of when"},
           {"other columns", with("Alias Type", "Kind"), "no column \"Alias Type\""},
           {"a column twice", with("Name 2", "Name 1"), "without a name of its own"},
           {"a row too short", with("OTHER,Ada,,,,", "OTHER,Ada,,,"), "a row of 28 columns"},
           {"cut in a row", whole.substr(0, whole.size() - 20), "a row of"},
           {"cut in the last cell", whole.substr(0, whole.size() - 2), "ends early"},
           {"cut in a quote", whole.substr(0, whole.rfind("Caf")), "ends early"},
           {"no group", with(",7\r\n", ",x\r\n"), "Group ID"},
           {"no primary name", with("Prime Alias", "AKA"), "without a primary name"},
           {"no entries", kHeader, "has no entries"},
       }) {
    const absl::Status status = Parse(bad.bytes).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.what;
    EXPECT_TRUE(absl::StrContains(status.message(), bad.message)) << bad.what << ": " << status;
  }
  ParseOptions options;
  options.limits.max_entry_elements = 3;
  EXPECT_EQ(Parse(whole, options).status().code(), absl::StatusCode::kResourceExhausted);
}

std::string Items(const std::string& cell) {
  std::string out;
  for (const UkItem& item : UkItems(cell)) absl::StrAppend(&out, item.number, ":", item.text, "|");
  return out;
}

TEST(UkTextTest, Items) {
  EXPECT_EQ(Items("Tunis"), "0:Tunis|");
  EXPECT_EQ(Items("(1) Tiaret (2) Maskara, (3) -"), "1:Tiaret|2:Maskara|");
  EXPECT_EQ(Items("a) Syrian b) Palestinian"), "1:Syrian|2:Palestinian|");
  EXPECT_EQ(Items("(1) Germany (b) Algeria"), "1:Germany|2:Algeria|");
  EXPECT_EQ(Items("(1)-(5) Tunisia (6)-(7) Algeria"), "5:Tunisia|7:Algeria|");
  EXPECT_EQ(Items("(1) to (6) Algeria (7) Morocco"), "6:Algeria|7:Morocco|");
  EXPECT_EQ(Items("(1) (2) Egypt"), "2:Egypt|");
  EXPECT_EQ(Items("Kuwaiti passport no. (A)001 (B)002"),
            "1:Kuwaiti passport no. 001|2:Kuwaiti passport no. 002|");
  EXPECT_EQ(Items("00344994 (Yemeni) (b) 973406"), "1:00344994 (Yemeni)|2:973406|");
  // Out of order they are words.
  EXPECT_EQ(Items("Section 4(b)(iii) of the Act"), "0:Section 4(b)(iii) of the Act|");
  EXPECT_EQ(Items("-"), "");
  EXPECT_EQ(Items(""), "");
}

TEST(UkTextTest, Documents) {
  const auto document = [](const char* words) {
    const v1::Identifier id = UkDocument(words, "passport");
    return absl::StrCat(id.type(), " ", id.value(), " ", id.region_code(), " ", id.time().edtf());
  };
  EXPECT_EQ(document("488555"), "passport 488555  ");
  EXPECT_EQ(document("D 000974 (Afghan)"), "passport D 000974 AF ");
  EXPECT_EQ(document("Passport no.A1037434. Issued: 10/8/2001. Expires: 31/12/2014"),
            "passport A1037434  2001-08-10/2014-12-31");
  EXPECT_EQ(document("Saudi Arabian passport no. K142736 issued 14 Jul. 2011 in Al-Khafji"),
            "passport K142736 SA 2011-07-14/");
  EXPECT_EQ(document("Italian Fiscal Code DAOMMD74T11Z352Z"), "tax-id DAOMMD74T11Z352Z IT ");
  EXPECT_EQ(document("Uganda Passport."), "passport  UG ");
  EXPECT_EQ(UkDocument("123456 (revoked)", "passport").state(), v1::IDENTIFIER_STATE_REVOKED);
  EXPECT_EQ(UkDocument("123456 (False)", "passport").state(), v1::IDENTIFIER_STATE_FALSE);
}

TEST(UkTextTest, References) {
  EXPECT_EQ(UkUnReference("UN Ref QDe.004. Emir for the zone."), "QDe.004");
  EXPECT_EQ(UkUnReference("Annex XIII. UN Listing. UN Ref.KPI.067."), "KPi.067");
  EXPECT_EQ(UkUnReference("UN Listing. UN Ref.KPI. 076. Somebody"), "KPi.076");
  EXPECT_EQ(UkUnReference("EU and UN listed. UN Ref: QDi.410.  More"), "QDi.410");
  EXPECT_EQ(UkUnReference("UN Ref E.29.I.11. Owned by somebody."), "E.29.I.11");
  EXPECT_EQ(UkUnReference("UN Ref QDi.123.Mother's name"), "QDi.123");
  EXPECT_EQ(UkUnReference("KPe.058. Registered owner"), "KPe.058");
  EXPECT_EQ(UkUnReference("UN listed. Nothing more."), "");
  EXPECT_EQ(UkUnReference(""), "");
  EXPECT_EQ(UkShipNumber("(IMO number: 7303803). Annex", "IMO", 7), "7303803");
  EXPECT_EQ(UkShipNumber("IMO 12", "IMO", 7), "");
}

}  // namespace
}  // namespace communique::importers
