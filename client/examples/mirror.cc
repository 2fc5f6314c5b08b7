// Keeps every actor at hand, in memory and in a file, and answers names from there.
// Usage: example_mirror HOST:PORT FILE < names
#include <iostream>
#include <string>

#include "communique/client.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const communique::Client client(
      communique::MakeConnection({.endpoint = argv[1], .principal = "mirror"}));
  communique::Mirror mirror = client.Mirror({.filter = "kind = actor", .file = argv[2]});
  if (const absl::Status synced = mirror.WaitUntilSynced(absl::Seconds(30)); !synced.ok()) {
    std::cerr << synced << "\n";
    return 1;
  }
  std::cout << mirror.stats().record_count << " actors at revision " << mirror.stats().revision
            << "\n";

  for (std::string name; std::getline(std::cin, name);) {
    const communique::MirrorRecord record = mirror.Get(name);  // no call to the server
    std::cout << name << ": " << (record ? record->actor().display_name() : "not there") << "\n";
  }

  const auto people = mirror.List([](const communique::v1::Record& record) {
    return record.actor().type() == communique::v1::ACTOR_TYPE_PERSON;
  });
  std::cout << people.size() << " of them are people\n";

  if (const absl::Status closed = mirror.Close(absl::Seconds(10)); !closed.ok()) {
    std::cerr << closed << "\n";
    return 1;
  }
}
