// The EU's list. Entities are made up.

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "importers/eu.h"

namespace communique::importers {
namespace {

constexpr char kWhole[] = R"xml(<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://example.org/fsd" generationDate="2020-04-15T15:29:22.497+02:00" globalFileId="1">
 <sanctionEntity designationDate="2008-07-03" designationDetails="By hand" unitedNationId="QDi.001" euReferenceNumber="EU.1.2" logicalId="51">
  <remark>First.</remark><remark>Second.</remark>
  <regulation regulationType="amendment" organisationType="council" publicationDate="2019-04-08" entryIntoForceDate="2019-04-09" numberTitle="2019/555 (OJ L97)" programme="TAQA" logicalId="9">
   <publicationUrl>https://example.org/a</publicationUrl></regulation>
  <subjectType code="person" classificationCode="P"/>
  <nameAlias firstName="Ada" middleName="B." lastName="SAMPLE" wholeName="Ada B. SAMPLE" function="Clerk" gender="F" title="Dr" nameLanguage="" strong="true" regulationLanguage="en" logicalId="61">
   <regulationSummary regulationType="amendment" publicationDate="2012-07-06" numberTitle="598/2012 (OJ L176)" publicationUrl="https://example.org/b"/></nameAlias>
  <nameAlias wholeName="Адa" function="" gender="M" title="" nameLanguage="RU" strong="false" regulationLanguage="fr" logicalId="62"><remark>Seldom.</remark></nameAlias>
  <citizenship region="" countryIso2Code="DZ" countryDescription="ALGERIA" regulationLanguage="en" logicalId="63"/>
  <birthdate circa="true" calendarType="GREGORIAN" city="-" zipCode="" year="1958" region="" place="Village" countryIso2Code="DZ" countryDescription="ALGERIA" regulationLanguage="en" logicalId="64"/>
  <birthdate circa="false" calendarType="GREGORIAN" dayOfMonth="3" monthOfYear="2" year="1959" countryIso2Code="00" countryDescription="UNKNOWN" logicalId="65"/>
  <birthdate circa="false" calendarType="GREGORIAN" yearRangeFrom="1960" yearRangeTo="1962" countryIso2Code="00" countryDescription="UNKNOWN" logicalId="66"/>
  <birthdate circa="false" calendarType="SOLAR_HIJRI" year="1340" countryIso2Code="00" countryDescription="UNKNOWN" logicalId="67"/>
  <address city="Tunis" street="23 50th Street" poBox="7" zipCode="1000" region="" place="" asAtListingTime="true" countryIso2Code="TN" countryDescription="TUNISIA" regulationLanguage="en" logicalId="68">
   <remark>Old.</remark><contactInfo key="EMAIL" value="ada@example.org"/></address>
  <identification diplomatic="true" knownExpired="true" knownFalse="false" reportedLost="true" revokedByIssuer="false" issuedBy="Office" issuedDate="2001-02-03" validTo="2011-02-03" latinNumber="" nameOnDocument="A. S." number="L191609" region="" identificationTypeCode="passport" identificationTypeDescription="National passport" countryIso2Code="TN" countryDescription="TUNISIA" regulationLanguage="en" logicalId="69"/>
  <identification number="" identificationTypeCode="id" countryIso2Code="TN" countryDescription="TUNISIA" logicalId="70"/>
 </sanctionEntity>
 <sanctionEntity designationDetails="" unitedNationId="" euReferenceNumber="EU.3.4" logicalId="52">
  <regulation regulationType="amendment" numberTitle="2016/1" programme="PRK" logicalId="1"/>
  <regulation regulationType="amendment" numberTitle="2017/2" programme="UKR" logicalId="2"/>
  <regulation regulationType="amendment" numberTitle="2018/3" programme="PRK" logicalId="3"/>
  <subjectType code="enterprise" classificationCode="E"/>
  <nameAlias firstName="" middleName="" lastName="" wholeName="Example Ltd" strong="true" logicalId="71"/>
 </sanctionEntity>
</export>
)xml";

absl::StatusOr<ParsedList> Parse(const std::string& xml, const ParseOptions& options = {}) {
  return ParseEuList({{"eu.xml", xml, ""}}, options);
}

TEST(EuListTest, NamesWithTheirActs) {
  const auto list = Parse(kWhole);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->list_id, "eu-fsf");
  EXPECT_EQ(list->as_of_date, "2020-04-15");
  ASSERT_EQ(list->entries.size(), 2u);
  const ListEntry& entry = list->entries[0];
  EXPECT_EQ(entry.key, "51");
  EXPECT_EQ(entry.reference, "EU.1.2");
  const v1::Actor& ada = entry.actor;
  EXPECT_EQ(ada.type(), v1::ACTOR_TYPE_PERSON);
  ASSERT_EQ(ada.names_size(), 2);
  EXPECT_EQ(ada.names(0).kind(), v1::NAME_KIND_PRIMARY);
  EXPECT_EQ(ada.names(0).given_name(), "Ada B.");
  EXPECT_EQ(ada.names(0).parts(1).kind(), v1::NAME_PART_KIND_MIDDLE);
  EXPECT_EQ(ada.names(0).titles(0), "Dr");
  ASSERT_EQ(ada.names(0).evidences_size(), 1);
  const v1::Evidence& evidence = ada.names(0).evidences(0);
  EXPECT_EQ(evidence.selectors(0).locator(), "nameAlias 61");
  EXPECT_EQ(evidence.provisions(0).source().text(), "598/2012 (OJ L176), amendment of 2012-07-06");
  EXPECT_EQ(evidence.provisions(0).locator(), "https://example.org/b");
  EXPECT_EQ(ada.names(1).quality(), v1::NAME_QUALITY_WEAK);
  EXPECT_EQ(ada.names(1).language_code(), "ru");
  EXPECT_EQ(ada.names(1).note(), "gender: male; Seldom.");
  EXPECT_EQ(ada.names(1).evidences(0).note(), "regulation in language fr");
  EXPECT_EQ(ada.gender(), "female");
  ASSERT_EQ(ada.positions_size(), 1);
  EXPECT_EQ(ada.positions(0).title(), "Clerk");
  EXPECT_EQ(ada.positions(0).evidences(0).provisions_size(), 1);
}

TEST(EuListTest, EveryFormOfBirthDate) {
  const auto list = Parse(kWhole);
  ASSERT_TRUE(list.ok()) << list.status();
  const v1::Actor& ada = list->entries[0].actor;
  ASSERT_EQ(ada.births_size(), 4);
  EXPECT_EQ(ada.births(0).time().edtf(), "1958~");
  EXPECT_EQ(ada.births(0).place().display_name(), "Village, ALGERIA");
  EXPECT_EQ(ada.births(0).place().path(), "DZ");
  EXPECT_EQ(ada.births(1).time().edtf(), "1959-02-03");
  EXPECT_FALSE(ada.births(1).has_place());
  EXPECT_EQ(ada.births(2).time().edtf(), "[1960..1962]");
  EXPECT_EQ(ada.births(3).time().edtf(), "");
  EXPECT_EQ(ada.births(3).time().text(), "1340");
  EXPECT_EQ(ada.births(3).calendar(), "SOLAR_HIJRI");
}

TEST(EuListTest, AddressesAndDocuments) {
  const auto list = Parse(kWhole);
  ASSERT_TRUE(list.ok()) << list.status();
  const v1::Actor& ada = list->entries[0].actor;
  ASSERT_EQ(ada.addresses_size(), 1);
  EXPECT_EQ(ada.addresses(0).text(), "23 50th Street, PO box 7, Tunis, 1000, TUNISIA");
  EXPECT_EQ(ada.addresses(0).note(), "as at listing time; Old.");
  ASSERT_EQ(ada.identifiers_size(), 4);
  EXPECT_EQ(ada.identifiers(0).type(), "email");
  const v1::Identifier& passport = ada.identifiers(1);
  EXPECT_EQ(passport.value(), "L191609");
  EXPECT_EQ(passport.issuer().text(), "Office");
  EXPECT_EQ(passport.state(), v1::IDENTIFIER_STATE_LOST);
  EXPECT_EQ(passport.note(), "diplomatic; known to have expired; in the name of A. S.");
  EXPECT_EQ(passport.time().edtf(), "2001-02-03/2011-02-03");
  EXPECT_EQ(ada.identifiers(2).type(), "eu-reference");
  EXPECT_EQ(ada.identifiers(3).type(), "un-reference");
}

TEST(EuListTest, OneDesignationForEachProgramme) {
  const auto list = Parse(kWhole);
  ASSERT_TRUE(list.ok()) << list.status();
  const EntryDesignation& ada = list->entries[0].designations[0];
  EXPECT_EQ(ada.stated_listed_time.edtf(), "2008-07-03");
  EXPECT_EQ(ada.designation.reason(), "By hand");
  EXPECT_EQ(ada.designation.remarks(), "First.\nSecond.");
  EXPECT_EQ(ada.designation.provisions(0).source().text(),
            "2019/555 (OJ L97), amendment of 2019-04-08 by council, in force from 2019-04-09");
  // A document without a number is none, and not lost.
  std::string kept;
  for (const v1::VerbatimField& field : ada.designation.verbatim_fields()) {
    absl::StrAppend(&kept, field.field(), "=", field.text(), "\n");
  }
  EXPECT_TRUE(absl::StrContains(kept, "sanctionEntity/identification@identificationTypeCode=id\n"));
  const ListEntry& firm = list->entries[1];
  ASSERT_EQ(firm.designations.size(), 2u);
  EXPECT_EQ(firm.designations[0].suffix, "prk");
  EXPECT_EQ(firm.designations[0].designation.provisions_size(), 2);
  EXPECT_EQ(firm.designations[1].regime_id, "eu-ukr");
  EXPECT_EQ(list->regimes.size(), 3u);
}

TEST(EuListTest, ALogicalIdThatTwoHave) {
  const std::string two = absl::StrReplaceAll(kWhole, {{"logicalId=\"52\"", "logicalId=\"51\""}});
  const auto list = Parse(two);
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->entries.size(), 2u);
  EXPECT_EQ(list->entries[1].key, "51x2");
  // The same again is the same entry.
  std::string twice = kWhole;
  const std::size_t begin = twice.rfind(" <sanctionEntity");
  const std::size_t end = twice.find("</export>");
  twice.insert(end, twice.substr(begin, end - begin));
  EXPECT_EQ(Parse(twice)->entries.size(), 2u);
}

TEST(EuListTest, BadFilesAreRefused) {
  const std::string whole = kWhole;
  const auto with = [&whole](const char* from, const char* to) {
    return absl::StrReplaceAll(whole, {{from, to}});
  };
  struct Bad {
    const char* what;
    std::string xml;
    const char* message;
  };
  for (const Bad& bad : std::vector<Bad>{
           {"cut", whole.substr(0, whole.size() - 20), "ends early"},
           {"not well-formed", with("</remark>", "</remerk>"), "not well-formed"},
           {"another kind", "<CONSOLIDATED_LIST/>", "of another kind"},
           {"no date", with("generationDate", "made"), "generationDate"},
           {"DOCTYPE", with("?>\n<", "?>\n<!DOCTYPE export>\n<"), "DOCTYPE"},
           {"no name", with("wholeName=\"Example Ltd\"", ""), "52 without a name"},
           {"no id", with("EU.3.4\" logicalId=\"52\"", "EU.3.4\""), "logicalId"},
           {"no programme", with("programme=\"UKR\"", ""), "without a programme"},
           {"no entities", "<export generationDate=\"2020-04-15\"/>", "has no entities"},
           {"beside the entities", with("</export>", "<more a=\"b\"/></export>"),
            "beside its entities"},
           {"bad encoding", with("Example", "Ex\xff"), "not well-formed"},
       }) {
    const absl::Status status = Parse(bad.xml).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.what;
    EXPECT_TRUE(absl::StrContains(status.message(), bad.message)) << bad.what << ": " << status;
  }
}

}  // namespace
}  // namespace communique::importers
