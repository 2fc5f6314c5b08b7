// The lists of OFAC, the UK and the EU, imported by the program into a service: once,
// and again without a revision. What is imported is made up (the corpora of
// tests/fuzz); the real lists follow where the folder of shared data is.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli_fixture.h"
#include "tests/e2e/import_fixture.h"

namespace communique::testing {
namespace {

using ::testing::HasSubstr;

// OFAC's list takes half a minute on a machine that does nothing else; an
// instrumented build is ten times slower.
constexpr absl::Duration kImportTimeout = absl::Minutes(5);

std::string ReadWhole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string Corpus(const std::string& file) {
  return absl::StrCat(COMMUNIQUE_SOURCE_DIR "/tests/fuzz/corpus/", file);
}

class ImportListsTest : public ImportFixture {
 protected:
  Ended ImportAs(const std::string& format, const std::vector<std::string>& files,
                 const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> arguments = {"import", format};
    arguments.insert(arguments.end(), files.begin(), files.end());
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return RunProgram(Cli(std::move(arguments)), kImportTimeout);
  }

  // Imports twice; the second time makes no revision.
  void ImportTwice(const std::string& format, const std::vector<std::string>& files,
                   const std::string& want) {
    const Ended first = ImportAs(format, files, {"--allow_shrink"});
    ASSERT_EQ(first.exit_code, kOk) << format << ": " << first.error;
    EXPECT_THAT(first.output, HasSubstr(want)) << format;
    const std::int64_t head = server_->Head();
    const Ended again = ImportAs(format, files);
    EXPECT_EQ(again.exit_code, kOk) << again.error;
    EXPECT_EQ(server_->Head(), head) << format << ": the same files again made a revision";
  }

  // The four files of a corpus of OFAC's CSV.
  std::vector<std::string> OfacFiles(const std::string& name, const std::string& date) const {
    std::vector<std::string> paths;
    const std::string all = ReadWhole(Corpus(absl::StrCat("import_ofac/", name)));
    for (const absl::string_view bytes : absl::StrSplit(all, "====\n")) {
      paths.push_back(
          Write(absl::StrCat("f", paths.size(), "_", date, ".csv"), std::string(bytes)));
    }
    return paths;
  }
};

TEST_F(ImportListsTest, MadeUpListsOfEachFormat) {
  ImportTwice("eu", {Corpus("import_eu/two-entities")}, "2 entries; 2 added");
  ImportTwice("uk", {Corpus("import_uk/a-group")}, "1 entries; 1 added");
  ImportTwice("ofac", OfacFiles("four-files", "2021-07-15"), "2 entries; 2 added");
  ImportTwice("ofac-enhanced", {Corpus("import_ofac_enhanced/two-entities")}, "2 entries; 2 added");

  // One entry, two programmes, and relations both ways between two entries.
  const v1::Actor ada = Get("actors/ofac-101").actor();
  EXPECT_EQ(ada.display_name(), "Ada SAMPLE");
  EXPECT_EQ(Get("sanctions/ofac-101-sdn-sdgt").sanction().designation().list_id(), "ofac-sdn");
  EXPECT_EQ(Get("sanctions/ofac-101-sdn-ifsr").sanction().designation().regime().target(),
            "sanctions/ofac-ifsr");
  ASSERT_EQ(ada.relations_size(), 2);
  const bool first_is_text = ada.relations(0).actor().target().empty();
  EXPECT_EQ(ada.relations(first_is_text ? 1 : 0).actor().target(), "actors/ofac-102");
  EXPECT_EQ(Get("actors/ofac-102").actor().relations(0).actor().target(), "actors/ofac-101");
  EXPECT_EQ(Get("sanctions/eu-51-taqa").sanction().designation().list_entry_id(), "EU.1.2");
  EXPECT_EQ(Get("sanctions/uk-7-sample").sanction().designation().list_id(),
            "uk-ofsi-consolidated");
  EXPECT_EQ(Get("sanctions/ofac-901-non-sdn-ukraine-eo13662")
                .sanction()
                .designation()
                .intervals(0)
                .stated_listed_time()
                .edtf(),
            "2015-12-22");
}

TEST_F(ImportListsTest, BadFilesLeaveNoTrace) {
  const std::int64_t head = server_->Head();
  for (const auto& [format, file] : std::vector<std::pair<std::string, std::string>>{
           {"eu", "import_eu/cut"},
           {"eu", "import_eu/doctype"},
           {"eu", "import_uk/a-group"},
           {"uk", "import_uk/cut"},
           {"uk", "import_eu/two-entities"},
           {"ofac-enhanced", "import_ofac_enhanced/cut"},
           {"ofac-enhanced", "import_ofac_enhanced/a-part"},
           {"ofac-enhanced", "import_ofac_enhanced/no-archive"},
           {"ofac", "import_uk/a-group"}}) {
    EXPECT_EQ(ImportAs(format, {Corpus(file)}).exit_code, kFailure) << format << " " << file;
  }
  EXPECT_EQ(ImportAs("ofac", OfacFiles("cut", "2021-07-15")).exit_code, kFailure);
  EXPECT_EQ(ImportAs("ofac", OfacFiles("dangling", "2021-07-15")).exit_code, kFailure);
  const Ended undated = ImportAs("ofac", OfacFiles("no-comments", "latest"));
  EXPECT_EQ(undated.exit_code, kFailure);
  EXPECT_THAT(undated.error, HasSubstr("--as_of"));
  for (const bool dry : {false, true}) {
    const Ended early =
        ImportAs("ofac", OfacFiles("no-comments", "latest"),
                 {"--as_of=2999-01-01", dry ? "--dry_run" : "--verbose"});
    EXPECT_EQ(early.exit_code, kFailure);
    EXPECT_THAT(early.error, HasSubstr("2999-01-01, which is yet to come"));
  }
  EXPECT_EQ(server_->Head(), head);
}

class RealListsTest : public ImportListsTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(Shared("ofac"))) {
      GTEST_SKIP() << "the folder of shared data is not on this machine; "
                      "COMMUNIQUE_SHARED_DATA names it";
    }
    ImportListsTest::SetUp();
  }
  static std::string Shared(const std::string& file) {
    return absl::StrCat(COMMUNIQUE_SHARED_DATA "/", file);
  }
  static std::vector<std::string> Ofac(const std::string& month) {
    std::vector<std::string> files;
    for (const char* kind : {"sdn", "alt", "add", "sdn_comments"}) {
      files.push_back(Shared(absl::StrCat("ofac/", kind, "_", month, ".csv")));
    }
    return files;
  }
};

TEST_F(RealListsTest, UkEuAndNonSdn) {
  ImportTwice("eu", {Shared("eu/sample_eu_fsf_1_1.xml")}, "7 entries; 7 added");
  ImportTwice("ofac-enhanced", {Shared("ofac/CONS_ENHANCED.ZIP")}, "443 entries; 443 added");
  ImportTwice("uk", {Shared("uk/ofsi_conlist_2018-04-13.csv")}, "2106 entries; 2106 added");
}

TEST_F(RealListsTest, OfacOfTwoYears) {
  ImportTwice("ofac", Ofac("2018-12"), "7379 entries; 7379 added");
  // ent_nums that only one of the two versions has.
  ImportTwice("ofac", Ofac("2021-07"), "8976 entries; 1858 added, 261 removed");
  const std::int64_t head = server_->Head();
  // The older one again, also under another date, changes nothing.
  ImportAs("ofac", Ofac("2018-12"), {"--as_of=2018-12-02"});
  EXPECT_EQ(server_->Head(), head);
}

}  // namespace
}  // namespace communique::testing
