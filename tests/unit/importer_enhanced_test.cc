// OFAC's ENHANCED_XML. Entities are made up.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "importers/ofac_enhanced.h"
#include "importers/ofac_enhanced_values.h"
#include "tests/unit/zip_archive.h"

namespace communique::importers {
namespace {

constexpr char kHead[] = R"(<?xml version="1.0" encoding="utf-8"?>
<sanctionsData xmlns="https://example.org/ENHANCED_XML">
 <publicationInfo><dataAsOf>2025-01-10T00:00:00</dataAsOf><filters>
  <sanctionsLists><sanctionsList refId="1">Consolidated List</sanctionsList></sanctionsLists>
 </filters></publicationInfo>
 <referenceValues>
  <referenceValue refId="5"><type>COUNTRY</type><value>Narnia</value><isoCode>NR</isoCode></referenceValue>
  <referenceValue refId="6"><type>SCRIPT</type><value>Latin</value></referenceValue>
 </referenceValues>
 <featureTypes><featureType featureTypeId="8"><type>Birthdate</type></featureType></featureTypes>
 <entities>)";

constexpr char kPerson[] = R"(
  <entity id="901">
   <generalInfo><identityId>77</identityId><entityType refId="600">Individual</entityType>
    <remarks>A free remark.</remarks><title>Mullah; Minister of Tea</title><isUsPerson>true</isUsPerson></generalInfo>
   <sanctionsLists>
    <sanctionsList refId="1" id="11" datePublished="2015-12-22">Consolidated List</sanctionsList>
    <sanctionsList refId="2" id="12" datePublished="2014-01-02">Sample Sub-list</sanctionsList>
   </sanctionsLists>
   <sanctionsPrograms><sanctionsProgram refId="3" id="21">UKRAINE-EO13662</sanctionsProgram></sanctionsPrograms>
   <sanctionsTypes><sanctionsType refId="4" id="31">Block</sanctionsType><sanctionsType refId="4" id="32">13662 Sectoral Directive 1</sanctionsType></sanctionsTypes>
   <legalAuthorities><legalAuthority refId="5" id="41">Executive Order 13662 (Ukraine)</legalAuthority></legalAuthorities>
   <names>
    <name id="51"><isPrimary>false</isPrimary><aliasType refId="1400">F.K.A.</aliasType><isLowQuality>true</isLowQuality>
     <translations><translation id="61"><isPrimary>true</isPrimary><script refId="6">Latin</script><formattedLastName>OLD</formattedLastName><formattedFullName>OLD</formattedFullName>
      <nameParts><namePart id="71"><type refId="1">Nickname</type><value>OLD</value></namePart></nameParts></translation></translations></name>
    <name id="52"><isPrimary>true</isPrimary><isLowQuality>false</isLowQuality>
     <translations>
      <translation id="62"><isPrimary>true</isPrimary><script refId="6">Latin</script><formattedFirstName>Ada</formattedFirstName><formattedLastName>SAMPLE</formattedLastName><formattedFullName>SAMPLE, Ada</formattedFullName>
       <nameParts><namePart id="72"><type refId="1">Last Name</type><value>SAMPLE</value></namePart><namePart id="73"><type refId="1">First Name</type><value>Ada</value></namePart></nameParts></translation>
      <translation id="63"><isPrimary>false</isPrimary><script refId="7">Cyrillic</script><formattedLastName>АДА</formattedLastName><formattedFullName>АДА</formattedFullName>
       <nameParts><namePart id="74"><type refId="1">Entity Name</type><value>АДА</value></namePart></nameParts></translation>
     </translations></name>
   </names>
   <addresses><address id="81"><country refId="5">Narnia</country><translations>
     <translation id="91"><isPrimary>true</isPrimary><script refId="6">Latin</script><addressParts>
      <addressPart id="1"><type refId="1">ADDRESS1</type><value>1 High St</value></addressPart>
      <addressPart id="2"><type refId="1">CITY</type><value>Cair</value></addressPart>
      <addressPart id="3"><type refId="1">POSTAL CODE</type><value>123</value></addressPart></addressParts></translation></translations></address>
    <address id="82"><country refId="5">Narnia</country></address></addresses>
   <features>
    <feature id="101"><type featureTypeId="8">Birthdate</type><versionId>1</versionId><value>circa 1961</value>
     <valueDate id="1"><fromDateBegin>1961-01-01</fromDateBegin><fromDateEnd>1961-01-01</fromDateEnd><toDateBegin>1961-12-31</toDateBegin><toDateEnd>1961-12-31</toDateEnd><isApproximate>true</isApproximate><isDateRange>false</isDateRange></valueDate>
     <isPrimary>true</isPrimary><reliability refId="1">Reported</reliability></feature>
    <feature id="102"><type featureTypeId="14">Website</type><versionId>2</versionId><value>www.example.org</value><isPrimary>true</isPrimary><comments>in Narnian</comments></feature>
    <feature id="103"><type featureTypeId="15">Listing Date (CMIC)</type><versionId>3</versionId><value>03 Jun 2021</value><isPrimary>true</isPrimary></feature>
   </features>
   <identityDocuments><identityDocument id="111"><type refId="1">Tax ID No.</type><name nameId="51" nameTranslationId="61">OLD</name><documentNumber>77500</documentNumber><isValid>false</isValid>
     <issuingAuthority>INN</issuingAuthority><issuingCountry refId="5">Narnia</issuingCountry>
     <issueDate id="2"><fromDateBegin>2001-02-03</fromDateBegin><fromDateEnd>2001-02-03</fromDateEnd><toDateBegin>2001-02-03</toDateBegin><toDateEnd>2001-02-03</toDateEnd><isApproximate>false</isApproximate><isDateRange>false</isDateRange></issueDate>
    </identityDocument></identityDocuments>
   <relationships>
    <relationship id="121"><type refId="1">Owned or Controlled By</type><relatedEntity entityId="902">EXAMPLE BANK</relatedEntity><quality refId="1">High</quality><comments>since long</comments></relationship>
    <relationship id="122"><type refId="1">Owns, controls, or operates</type><relatedEntity entityId="999">ELSEWHERE</relatedEntity></relationship>
   </relationships>
  </entity>)";

constexpr char kBank[] = R"(
  <entity id="902"><generalInfo><entityType>Entity</entityType></generalInfo>
   <sanctionsPrograms><sanctionsProgram>UKRAINE-EO13662</sanctionsProgram></sanctionsPrograms>
   <names><name id="53"><isPrimary>true</isPrimary><isLowQuality>false</isLowQuality><translations><translation id="64"><isPrimary>true</isPrimary><script>Latin</script><formattedFullName>EXAMPLE BANK</formattedFullName></translation></translations></name></names>
  </entity>)";

constexpr char kTail[] = "\n </entities>\n</sanctionsData>\n";

std::string Whole() { return absl::StrCat(kHead, kPerson, kBank, kTail); }

absl::StatusOr<ParsedList> Parse(const std::string& xml, const ParseOptions& options = {}) {
  return ParseOfacEnhanced({{"cons.xml", xml, ""}}, options);
}

TEST(OfacEnhancedTest, SaysWhichListItIs) {
  const auto list = Parse(Whole());
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->list_id, "ofac-non-sdn");
  EXPECT_EQ(list->as_of_date, "2025-01-10");
  ASSERT_EQ(list->entries.size(), 2u);
  ASSERT_EQ(list->regimes.size(), 1u);
  EXPECT_EQ(list->regimes[0].id, "ofac-ukraine-eo13662");
  const auto sdn = Parse(absl::StrReplaceAll(Whole(), {{">Consolidated List<", ">SDN List<"}}));
  ASSERT_TRUE(sdn.ok()) << sdn.status();
  EXPECT_EQ(sdn->list_id, "ofac-sdn");
}

TEST(OfacEnhancedTest, Names) {
  const auto list = Parse(Whole());
  ASSERT_TRUE(list.ok()) << list.status();
  const v1::Actor& ada = list->entries[0].actor;
  EXPECT_EQ(ada.display_name(), "Ada SAMPLE");
  ASSERT_EQ(ada.names_size(), 3);
  EXPECT_EQ(ada.names(0).kind(), v1::NAME_KIND_PRIMARY);
  EXPECT_EQ(ada.names(0).titles(0), "Mullah");
  ASSERT_EQ(ada.names(0).parts_size(), 2);
  EXPECT_EQ(ada.names(0).parts(0).kind(), v1::NAME_PART_KIND_FAMILY);
  EXPECT_EQ(ada.names(1).kind(), v1::NAME_KIND_ORIGINAL_SCRIPT);
  EXPECT_EQ(ada.names(1).language_code(), "und-Cyrl");
  EXPECT_EQ(ada.names(2).kind(), v1::NAME_KIND_FORMER);
  EXPECT_EQ(ada.names(2).quality(), v1::NAME_QUALITY_WEAK);
  EXPECT_EQ(ada.names(2).evidences(0).selectors(0).locator(), "name 51, translation 61");
  EXPECT_EQ(ada.positions(0).title(), "Minister of Tea");
}

TEST(OfacEnhancedTest, AddressesFeaturesAndDocuments) {
  const auto list = Parse(Whole());
  ASSERT_TRUE(list.ok()) << list.status();
  const v1::Actor& ada = list->entries[0].actor;
  ASSERT_EQ(ada.addresses_size(), 2);
  EXPECT_EQ(ada.addresses(0).text(), "1 High St, Cair, 123, Narnia");
  EXPECT_EQ(ada.addresses(0).city(), "Cair");
  EXPECT_EQ(ada.addresses(0).region_code(), "NR");
  EXPECT_EQ(ada.addresses(1).text(), "Narnia");
  ASSERT_EQ(ada.births_size(), 1);
  EXPECT_EQ(ada.births(0).time().edtf(), "1961~");
  EXPECT_EQ(ada.births(0).evidences(0).modality(), v1::MODALITY_REPORTED);
  ASSERT_EQ(ada.identifiers_size(), 4);
  EXPECT_EQ(ada.identifiers(2).type(), "website");
  EXPECT_EQ(ada.identifiers(2).note(), "in Narnian");
  const v1::Identifier& tax = ada.identifiers(3);
  EXPECT_EQ(tax.type(), "tax-id");
  EXPECT_EQ(tax.issuer().text(), "INN");
  EXPECT_EQ(tax.region_code(), "NR");
  EXPECT_EQ(tax.state(), v1::IDENTIFIER_STATE_FALSE);
  EXPECT_EQ(tax.time().edtf(), "2001-02-03/");
  EXPECT_EQ(tax.note(), "in the name of OLD");
}

TEST(OfacEnhancedTest, DesignationAndWhatIsKeptVerbatim) {
  const auto list = Parse(Whole());
  ASSERT_TRUE(list.ok()) << list.status();
  const EntryDesignation& listed = list->entries[0].designations[0];
  EXPECT_EQ(listed.suffix, "non-sdn-ukraine-eo13662");
  EXPECT_EQ(listed.stated_listed_time.edtf(), "2015-12-22");
  EXPECT_EQ(listed.designation.remarks(), "A free remark.");
  ASSERT_EQ(listed.designation.measure_types_size(), 2);
  EXPECT_EQ(listed.designation.measure_types(0), v1::MEASURE_TYPE_BLOCKING);
  EXPECT_EQ(listed.designation.measure_types(1), v1::MEASURE_TYPE_SECTORAL);
  EXPECT_EQ(listed.designation.provisions(0).source().text(), "Executive Order 13662 (Ukraine)");
  std::string kept;
  for (const v1::VerbatimField& field : listed.designation.verbatim_fields()) {
    absl::StrAppend(&kept, field.field(), "=", field.text(), "\n");
  }
  EXPECT_EQ(kept,
            "features/Listing Date (CMIC)=03 Jun 2021\n"
            "sanctionsLists/sanctionsList=Sample Sub-list, published 2014-01-02\n"
            "sanctionsTypes/sanctionsType=13662 Sectoral Directive 1\n"
            "entity/generalInfo/isUsPerson=true\n");
}

TEST(OfacEnhancedTest, RelationsAreByIdWithinTheList) {
  const auto list = Parse(Whole());
  ASSERT_TRUE(list.ok()) << list.status();
  const ListEntry& ada = list->entries[0];
  ASSERT_EQ(ada.relations.size(), 2u);
  EXPECT_EQ(ada.relations[0].other_key, "902");
  EXPECT_EQ(ada.relations[0].relation.quality(), "High");
  EXPECT_EQ(ada.relations[0].relation.note(), "since long");
  EXPECT_EQ(ada.relations[1].relation.actor().text(), "ELSEWHERE");
  EXPECT_EQ(ada.relations[1].relation.type_text(), "Owns, controls, or operates");
}

v1::FuzzyTime Period(const std::string& a, const std::string& b, const std::string& c,
                     const std::string& d, const std::string& approximate, bool one_of) {
  XmlElement period;
  const auto add = [&period](const std::string& name, const std::string& text) {
    XmlElement& child = period.children.emplace_back();
    child.name = name;
    child.text = text;
  };
  add("fromDateBegin", a), add("fromDateEnd", b), add("toDateBegin", c), add("toDateEnd", d);
  add("isApproximate", approximate);
  return OfacPeriod(period, one_of);
}

TEST(OfacEnhancedTest, Periods) {
  const auto one_of = [](const char* begin, const char* end) {
    return Period(begin, begin, end, end, "false", true).edtf();
  };
  EXPECT_EQ(one_of("1962-01-01", "1962-12-31"), "1962");
  EXPECT_EQ(one_of("1964-02-01", "1964-02-29"), "1964-02");
  EXPECT_EQ(one_of("1963-02-01", "1963-02-27"), "[1963-02-01..1963-02-27]");
  EXPECT_EQ(one_of("1963-02-03", "1963-02-03"), "1963-02-03");
  EXPECT_EQ(one_of("1961-01-01", "1963-12-31"), "[1961-01-01..1963-12-31]");
  EXPECT_EQ(one_of("nonsense", "1963-12-31"), "");
  EXPECT_EQ(Period("1961-01-01", "", "", "1961-12-31", "true", true).edtf(), "1961~");
  EXPECT_EQ(Period("2001-01-01", "2001-12-31", "2004-03-05", "2004-03-05", "false", false).edtf(),
            "2001/2004-03-05");
  EXPECT_EQ(Period("2001-01-01", "2001-01-01", "", "", "false", false).edtf(), "2001-01-01/");
  EXPECT_EQ(Period("2004-01-01", "", "", "2001-01-01", "false", true).edtf(), "");
}

struct BadCase {
  const char* what;
  std::string xml;
  const char* message;
};

TEST(OfacEnhancedTest, BadFilesAreRefused) {
  const std::string whole = Whole();
  const auto with = [&whole](const char* from, const char* to) {
    return absl::StrReplaceAll(whole, {{from, to}});
  };
  for (const BadCase& bad : std::vector<BadCase>{
           {"cut", whole.substr(0, whole.size() / 2), "ends early"},
           {"not well-formed", with("</names>", "</nomes>"), "not well-formed"},
           {"another kind", "<sdnList><sdnEntry/></sdnList>", "of another kind"},
           {"DOCTYPE", with("?>\n<", "?>\n<!DOCTYPE a [<!ENTITY b \"c\">]>\n<"), "DOCTYPE"},
           {"a part of a list", with("Consolidated List</s", "Sample Sub-list</s"),
            "is a part of a list"},
           {"by programme",
            with("</filters>",
                 "<sanctionsPrograms><sanctionsProgram>X</sanctionsProgram></sanctionsPrograms>"
                 "</filters>"),
            "is a part of a list"},
           {"no date", with("2025-01-10T", "soon"), "does not say of when"},
           {"no name", with("EXAMPLE BANK</formattedFullName>", "</formattedFullName>"),
            "902 without a name"},
           {"twice", with("id=\"902\"", "id=\"901\""), "entity 901 twice"},
           {"no programme", with("<sanctionsProgram>UKRAINE-EO13662", "<sanctionsProgram>"),
            "902 of no programme"},
           {"type", with("<entityType>Entity", "<entityType>Submarine"), "entityType"},
           {"no entities", absl::StrCat(kHead, kTail), "has no entities"},
           {"beside the entities", with(" </entities>", " </entities><more>x</more>"),
            "beside its entities"},
           {"bad encoding", with("EXAMPLE BANK", "EX\xff"), "not well-formed"},
       }) {
    const absl::Status status = Parse(bad.xml).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.what;
    EXPECT_TRUE(absl::StrContains(status.message(), bad.message)) << bad.what << ": " << status;
  }
  ParseOptions options;
  options.as_of_date = "2024-01-01";
  EXPECT_TRUE(absl::StrContains(Parse(whole, options).status().message(), "not of 2024-01-01"));
  EXPECT_FALSE(ParseOfacEnhanced({}, {}).ok());
  EXPECT_FALSE(ParseOfacEnhanced({{"a.zip", "PK\x03\x04 no archive", ""}}, {}).ok());
}

TEST(OfacEnhancedTest, AlsoFromItsZip) {
  using communique::testing::Bomb;
  using communique::testing::MakeZip;
  using communique::testing::Stored;
  const auto parse = [](const std::string& zip, const ParseOptions& options = {}) {
    return ParseOfacEnhanced({{"CONS_ENHANCED.ZIP", zip, ""}}, options);
  };
  const std::string zip = MakeZip(Stored("CONS.XML", Whole()));
  const auto list = parse(zip);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->entries.size(), 2u);

  EXPECT_FALSE(parse(zip.substr(0, zip.size() / 2)).ok());
  EXPECT_TRUE(absl::StrContains(parse(MakeZip(Stored("a.txt", "b"))).status().message(),
                                "no file in it that ends with .xml"));
  // A mebibyte out of seven kilobytes.
  ParseOptions options;
  options.limits.max_zip_ratio = 2;
  EXPECT_EQ(parse(MakeZip(Bomb("CONS.XML", 4064)), options).status().code(),
            absl::StatusCode::kResourceExhausted);
  // Wrong bytes are seen by their checksum.
  std::string wrong = zip;
  wrong[wrong.find("SAMPLE, Ada")] = 'T';
  EXPECT_TRUE(absl::StrContains(parse(wrong).status().message(), "cannot be unpacked"));
}

}  // namespace
}  // namespace communique::importers
