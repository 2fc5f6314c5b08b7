#ifndef COMMUNIQUE_TESTS_E2E_IMPORT_FIXTURE_H_
#define COMMUNIQUE_TESTS_E2E_IMPORT_FIXTURE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "communique/client.h"
#include "tests/e2e/cli_fixture.h"

// Imports of lists by the program, and what they leave in the store.
namespace communique::testing {

inline std::string Fixture(const std::string& file) {
  return absl::StrCat(COMMUNIQUE_SOURCE_DIR "/tests/fixtures/un/", file);
}

inline v1::Source Titled(const std::string& title) {
  v1::Source source;
  source.set_title(title);
  return source;
}

template <typename Evidences>
void AddEvidence(const std::string& source, Evidences* evidences) {
  evidences->Add()->mutable_source()->set_target(source);
}

inline void AddName(const std::string& text, const std::string& source, v1::Actor* actor) {
  v1::ActorName* name = actor->add_names();
  name->set_text(text);
  AddEvidence(source, name->mutable_evidences());
}

inline std::vector<std::string> NamesOf(const v1::Actor& actor) {
  std::vector<std::string> names;
  for (const auto& name : actor.names()) names.push_back(name.text());
  return names;
}

// Every record of a store by its name, without what differs between two stores
// that say the same: revisions and times of commits.
inline std::map<std::string, std::string> Bodies(const Client& client) {
  std::map<std::string, std::string> bodies;
  for (const auto kind :
       {v1::RECORD_KIND_SUMMIT, v1::RECORD_KIND_SANCTION, v1::RECORD_KIND_STATEMENT,
        v1::RECORD_KIND_ACTOR, v1::RECORD_KIND_SOURCE}) {
    for (auto& record : client.List(kind, {.page_size = 500})) {
      EXPECT_TRUE(record.ok()) << record.status();
      if (!record.ok()) break;
      record->clear_revision();
      record->clear_create_revision();
      record->clear_create_time();
      record->clear_update_time();
      record->clear_etag();
      bodies[record->name()] = record->SerializeAsString();
    }
  }
  return bodies;
}

class ImportFixture : public CliTest {
 protected:
  Ended Import(const std::string& file, std::vector<std::string> flags = {}) const {
    std::vector<std::string> arguments = {"import", "un", file};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return Run(std::move(arguments));
  }
  v1::Record Get(const std::string& name) const {
    const auto record = client_->Get(name);
    EXPECT_TRUE(record.ok()) << name << ": " << record.status();
    return record.ok() ? *record : v1::Record();
  }
  // A file in the test's own folder.
  std::string Write(const std::string& name, const std::string& bytes) const {
    const std::string path = files_ / name;
    WriteFile(path, bytes);
    return path;
  }
};

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_E2E_IMPORT_FIXTURE_H_
