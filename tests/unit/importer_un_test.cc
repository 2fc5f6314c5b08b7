// The UN's list: that nothing of its files is lost on the way into a ParsedList.

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "importers/input.h"
#include "importers/un.h"
#include "importers/xml.h"

namespace communique::importers {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Every text in a message, however deep.
void CollectTexts(const Message& message, std::vector<std::string>* texts) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        texts->push_back(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                              : reflection->GetString(message, field));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        CollectTexts(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                          : reflection->GetMessage(message, field),
                     texts);
      }
    }
  }
}

std::vector<std::string> TextsOf(const ListEntry& entry) {
  std::vector<std::string> texts = {entry.reference};
  CollectTexts(entry.actor, &texts);
  for (const EntryDesignation& designation : entry.designations) {
    CollectTexts(designation.designation, &texts);
    CollectTexts(designation.stated_listed_time, &texts);
    for (const v1::FuzzyTime& time : designation.amended_times) CollectTexts(time, &texts);
  }
  return texts;
}

bool Holds(const std::vector<std::string>& texts, absl::string_view text) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& held) { return absl::StrContains(held, text); });
}

// Fields that become the kind or the quality of something, and no text.
bool BecomesAnEnum(const std::string& path, const std::string& text) {
  return absl::EndsWith(path, "_ALIAS/QUALITY") || absl::EndsWith(path, "/TYPE_OF_DATE") ||
         (absl::EndsWith(path, "/LIST_TYPE/VALUE") && text == "UN List") || text == "null";
}

// What of the leaf is not in the entry; empty: all of it is.
std::string LostOf(const std::string& path, const std::string& text,
                   const std::vector<std::string>& held) {
  if (BecomesAnEnum(path, text)) return "";
  if (absl::EndsWith(path, "/GENDER")) {
    return Holds(held, absl::AsciiStrToLower(text)) ? "" : text;
  }
  // An alias's text may hold several names.
  if (absl::EndsWith(path, "/ALIAS_NAME")) {
    for (absl::string_view part : absl::StrSplit(text, absl::ByAnyChar(";()"))) {
      absl::ConsumePrefix(&part, "original script: ");
      part = absl::StripAsciiWhitespace(part);
      if (!Holds(held, part)) return std::string(part);
    }
    return "";
  }
  return Holds(held, text) ? "" : text;
}

void ExpectNothingLost(const std::string& path) {
  const ParseOptions options;
  const auto files = ReadFiles({path}, options.limits);
  ASSERT_TRUE(files.ok()) << files.status();
  const auto list = ParseUnList(*files, options);
  ASSERT_TRUE(list.ok()) << list.status();
  std::size_t next = 0;
  int leaves = 0;
  int lost = 0;
  const auto read = ReadXml(
      files->front(), options.limits, "CONSOLIDATED_LIST",
      {"INDIVIDUALS/INDIVIDUAL", "ENTITIES/ENTITY"}, [&](const std::string&, XmlElement& xml) {
        if (next >= list->entries.size()) return absl::InternalError("too few entries");
        const std::vector<std::string> held = TextsOf(list->entries[next++]);
        for (const XmlElement::Leftover& leaf : xml.Rest()) {
          ++leaves;
          const std::string missing = LostOf(leaf.path, leaf.text, held);
          if (missing.empty()) continue;
          ++lost;
          ADD_FAILURE() << list->entries[next - 1].locator << " " << leaf.path << ": " << missing;
        }
        return absl::OkStatus();
      });
  EXPECT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(next, list->entries.size());
  EXPECT_GT(leaves, 0);
  ::testing::Test::RecordProperty("leaves", leaves);
  ::testing::Test::RecordProperty("lost", lost);
}

TEST(ImporterUnTest, NothingOfTheFixturesIsLost) {
  for (const char* date : {"2021-01-10", "2022-03-05", "2023-06-01", "2023-07-01"}) {
    SCOPED_TRACE(date);
    ExpectNothingLost(absl::StrCat(COMMUNIQUE_SOURCE_DIR "/tests/fixtures/un/", date, ".xml"));
  }
}

TEST(ImporterUnTest, NothingOfTheRealListsIsLost) {
  const std::string folder = COMMUNIQUE_SHARED_DATA "/un/un_consolidated_";
  if (!std::filesystem::exists(folder + "2018-10-29.xml")) {
    GTEST_SKIP() << "the folder of shared data is not on this machine; COMMUNIQUE_SHARED_DATA "
                    "names it";
  }
  for (const char* date : {"2018-10-29", "2020-11-30", "2024-09-26", "2025-04-19"}) {
    SCOPED_TRACE(date);
    ExpectNothingLost(absl::StrCat(folder, date, ".xml"));
  }
}

TEST(ImporterUnTest, AnUnknownFieldIsKeptVerbatim) {
  InputFile file;
  file.name = "list.xml";
  file.bytes =
      "<CONSOLIDATED_LIST dateGenerated='2024-01-02T00:00:00Z'><ENTITIES><ENTITY>"
      "<DATAID>7</DATAID><FIRST_NAME>X</FIRST_NAME><UN_LIST_TYPE>Moon</UN_LIST_TYPE>"
      "<HUE shade='dark'>blue<DEEP>er</DEEP></HUE></ENTITY></ENTITIES></CONSOLIDATED_LIST>";
  const auto list = ParseUnList({file}, {});
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->regimes[0].id, "un-list-moon");
  std::vector<std::string> fields;
  for (const auto& field : list->entries[0].designations[0].designation.verbatim_fields()) {
    fields.push_back(absl::StrCat(field.field(), "=", field.text()));
  }
  EXPECT_EQ(fields, (std::vector<std::string>{"ENTITY/HUE@shade=dark", "ENTITY/HUE=blue",
                                              "ENTITY/HUE/DEEP=er"}));
}

}  // namespace
}  // namespace communique::importers
