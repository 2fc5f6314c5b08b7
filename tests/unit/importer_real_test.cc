// The real lists: what the parsers answer has the counts of the files. Skipped where
// the folder of shared data is not; the fixtures of the other tests stand in for it.

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "importers/csv.h"
#include "importers/eu.h"
#include "importers/input.h"
#include "importers/ofac_csv.h"
#include "importers/ofac_enhanced.h"
#include "importers/uk.h"
#include "tests/support/list_checks.h"

namespace communique::importers {
namespace {

constexpr char kShared[] = COMMUNIQUE_SHARED_DATA;

// Files of the shared data, or nothing and a word why.
class RealListTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kShared)) {
      GTEST_SKIP() << "the folder of shared data is not on this machine; "
                      "COMMUNIQUE_SHARED_DATA names it";
    }
  }

  static InputFiles Read(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(absl::StrCat(kShared, "/", name));
    absl::StatusOr<InputFiles> files = ReadFiles(paths, {});
    EXPECT_TRUE(files.ok()) << files.status();
    return files.ok() ? *files : InputFiles();
  }

  static InputFiles ReadOfac(const std::string& month) {
    std::vector<std::string> names;
    for (const char* kind : {"sdn", "alt", "add", "sdn_comments"}) {
      names.push_back(absl::StrCat("ofac/", kind, "_", month, ".csv"));
    }
    return Read(names);
  }
};

// How many of what a list has.
struct Counts {
  int entries = 0;
  int names = 0;
  int strong = 0;
  int weak = 0;
  int original_script = 0;
  int births = 0;
  int addresses = 0;
  int nationalities = 0;
  int identifiers = 0;
  int positions = 0;
  int relations = 0;  // To entries of the list.
  int words = 0;      // Relations that only have a name.
  int designations = 0;
  int verbatim = 0;
  int times = 0;
  int wordy_times = 0;  // Times that stayed words.
  int unread = 0;       // Identifiers whose validity stayed words, in their note.
  int legal = 0;        // Values with the legal act that they rest on.
};

void Print(const Counts& c, const ParsedList& list) {
  std::map<std::string, int> fields;
  for (const ListEntry& entry : list.entries) {
    for (const EntryDesignation& of : entry.designations) {
      for (const v1::VerbatimField& field : of.designation.verbatim_fields()) {
        ++fields[field.field()];
      }
    }
  }
  std::vector<std::pair<int, std::string>> order;
  for (const auto& [field, count] : fields) order.emplace_back(-count, field);
  std::sort(order.begin(), order.end());
  std::cout << list.list_id << " " << list.version << ": entries " << c.entries << ", names "
            << c.names << " (strong " << c.strong << ", weak " << c.weak << ", original script "
            << c.original_script << "), births " << c.births << ", addresses " << c.addresses
            << ", nationalities " << c.nationalities << ", identifiers " << c.identifiers
            << ", positions " << c.positions << ", relations " << c.relations << " + " << c.words
            << " in words, designations " << c.designations << ", verbatim " << c.verbatim
            << ", times " << c.times << " (" << c.wordy_times << " words), validities in words "
            << c.unread << ", legal " << c.legal << ", regimes " << list.regimes.size() << "\n";
  for (std::size_t i = 0; i < order.size() && i < 12; ++i) {
    std::cout << "  verbatim " << -order[i].first << " " << order[i].second << "\n";
  }
}

Counts Count(const ParsedList& list) {
  Counts c;
  std::set<std::string> keys;
  for (const ListEntry& entry : list.entries) keys.insert(entry.key);
  for (const ListEntry& entry : list.entries) {
    ++c.entries;
    const v1::Actor& actor = entry.actor;
    c.names += actor.names_size();
    for (const v1::ActorName& name : actor.names()) {
      c.strong += name.quality() == v1::NAME_QUALITY_STRONG;
      c.weak += name.quality() == v1::NAME_QUALITY_WEAK;
      c.original_script += name.kind() == v1::NAME_KIND_ORIGINAL_SCRIPT;
      c.legal += name.evidences_size() > 0 && name.evidences(0).provisions_size() > 0;
    }
    c.births += actor.births_size();
    c.addresses += actor.addresses_size();
    c.nationalities += actor.nationalities_size();
    c.identifiers += actor.identifiers_size();
    for (const v1::Identifier& identifier : actor.identifiers()) {
      const bool told = absl::StrContains(identifier.note(), "issued") ||
                        absl::StrContains(identifier.note(), "expire");
      c.unread += told && !identifier.has_time();
    }
    c.positions += actor.positions_size();
    for (const EntryRelation& of : entry.relations) {
      ++(keys.count(of.other_key) > 0 ? c.relations : c.words);
    }
    for (const EntryDesignation& of : entry.designations) {
      ++c.designations;
      c.verbatim += of.designation.verbatim_fields_size();
    }
  }
  testing::VisitTimes(list, [&c](const v1::FuzzyTime& time) {
    c.times += !time.edtf().empty() || !time.text().empty();
    c.wordy_times += time.edtf().empty() && !time.text().empty();
  });
  EXPECT_EQ(testing::DescribeListProblem(list), "");
  Print(c, list);
  return c;
}

// Rows of a CSV, those that say something behind their first two cells, and how
// often `text` is in their last cells.
struct Rows {
  int count = 0;
  int telling = 0;
  int found = 0;
};
Rows CountRows(const InputFile& file, absl::string_view text = "") {
  Rows rows;
  CsvReader reader(file, {});
  CsvRow row;
  while (true) {
    const absl::StatusOr<bool> more = reader.Next(&row);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return rows;
    ++rows.count;
    rows.telling += std::any_of(row.cells.begin() + 2, row.cells.end(),
                                [](const std::string& c) { return !absl::StartsWith(c, "-0"); });
    const absl::string_view cell = row.cells.back();
    for (std::size_t at = cell.find(text); !text.empty() && at != absl::string_view::npos;
         at = cell.find(text, at + 1)) {
      ++rows.found;
    }
  }
}

TEST_F(RealListTest, Ofac2018) {
  const InputFiles files = ReadOfac("2018-12");
  const auto list = ParseOfacCsv(files, {});
  ASSERT_TRUE(list.ok()) << list.status();
  const Counts counts = Count(*list);
  EXPECT_EQ(counts.entries, 7379);
  EXPECT_EQ(counts.strong, CountRows(files[1]).count);
  EXPECT_EQ(counts.addresses, CountRows(files[2]).telling);
  EXPECT_EQ(counts.wordy_times, 0);
}

TEST_F(RealListTest, Ofac2021) {
  const InputFiles files = ReadOfac("2021-07");
  const auto list = ParseOfacCsv(files, {});
  ASSERT_TRUE(list.ok()) << list.status();
  const Counts counts = Count(*list);
  EXPECT_EQ(counts.entries, 8976);
  EXPECT_EQ(counts.strong, CountRows(files[1]).count);
  EXPECT_EQ(counts.addresses, CountRows(files[2]).telling);
  // Every quoted alias of the remarks, those in their continuations too.
  int weak = 0;
  for (const char* sign : {".k.a. '", "d.b.a. '"}) {
    weak += CountRows(files[0], sign).found + CountRows(files[3], sign).found;
  }
  EXPECT_EQ(counts.weak, weak);
  EXPECT_EQ(counts.wordy_times, 0);
}

TEST_F(RealListTest, OfacEnhanced) {
  const auto list = ParseOfacEnhanced(Read({"ofac/CONS_ENHANCED.ZIP"}), {});
  ASSERT_TRUE(list.ok()) << list.status();
  const Counts counts = Count(*list);
  EXPECT_EQ(counts.entries, 443);
  EXPECT_EQ(list->list_id, "ofac-non-sdn");
  EXPECT_EQ(list->as_of_date, "2025-01-10");
  EXPECT_EQ(counts.names, 1624);     // Translations.
  EXPECT_EQ(counts.addresses, 531);  // Likewise; 52 of them say nothing.
  EXPECT_EQ(counts.designations, 525);
  EXPECT_EQ(counts.relations, 282);
  EXPECT_EQ(counts.words, 1);
  EXPECT_EQ(counts.wordy_times, 0);
}

TEST_F(RealListTest, Uk) {
  const InputFiles files = Read({"uk/ofsi_conlist_2018-04-13.csv"});
  const auto list = ParseUkList(files, {});
  ASSERT_TRUE(list.ok()) << list.status();
  const Counts counts = Count(*list);
  EXPECT_EQ(counts.entries, 2106);
  EXPECT_EQ(CountRows(files[0]).count, 9487 + 2);
  EXPECT_EQ(list->as_of_date, "2018-04-13");
  EXPECT_EQ(counts.wordy_times, 0);
  int partial = 0;
  for (const ListEntry& entry : list->entries) {
    for (const v1::Birth& birth : entry.actor.births()) {
      partial += absl::StartsWith(birth.time().text(), "00/00/");
    }
  }
  EXPECT_GT(partial, 500);
}

TEST_F(RealListTest, Eu) {
  const auto list = ParseEuList(Read({"eu/sample_eu_fsf_1_1.xml"}), {});
  ASSERT_TRUE(list.ok()) << list.status();
  const Counts counts = Count(*list);
  EXPECT_EQ(counts.entries, 7);
  EXPECT_EQ(counts.legal, counts.names);
  EXPECT_EQ(counts.wordy_times, 0);
}

// What belongs to one command is refused by all others, whatever it is.
TEST_F(RealListTest, FilesOfAnotherKindAreRefused) {
  const std::vector<std::string> names = {"ofac/CONS_ENHANCED.ZIP",
                                          "ofac/cons_nonsdn_2024-05-06.xml",
                                          "ofac/sdn_2021-07.csv",
                                          "uk/ofsi_conlist_2018-04-13.csv",
                                          "eu/sample_eu_fsf_1_1.xml",
                                          "eu/eu_fsf_short_2018-07-04.csv",
                                          "un/un_consolidated_2025-04-19.xml"};
  for (const std::string& name : names) {
    const InputFiles file = Read({name});
    EXPECT_EQ(ParseOfacEnhanced(file, {}).ok(), name == names[0]) << name;
    EXPECT_EQ(ParseUkList(file, {}).ok(), name == names[3]) << name;
    EXPECT_EQ(ParseEuList(file, {}).ok(), name == names[4]) << name;
    EXPECT_FALSE(ParseOfacCsv(file, {}).ok()) << name;
  }
}

}  // namespace
}  // namespace communique::importers
