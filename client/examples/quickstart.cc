// Writes a record, reads it back, lists. Usage: example_quickstart HOST:PORT
#include <iostream>

#include "communique/client.h"

int main(int argc, char** argv) {
  const std::string endpoint = argc > 1 ? argv[1] : "127.0.0.1:7400";
  const communique::Client client(
      communique::MakeConnection({.endpoint = endpoint, .principal = "quickstart"}));

  communique::v1::Actor actor;
  actor.set_type(communique::v1::ACTOR_TYPE_PERSON);
  actor.set_display_name("Ban Ki-moon");
  const auto committed = client.Commit(
      communique::CommitBuilder().Because("a first record").PutActor("ban-ki-moon", actor).Build());
  if (!committed.ok()) {
    std::cerr << committed.status() << "\n";
    return 1;
  }

  const auto record = client.Get("actors/ban-ki-moon");
  if (!record.ok()) {
    std::cerr << record.status() << "\n";
    return 1;
  }
  std::cout << record->actor().display_name() << " stands since revision " << record->revision()
            << "\n";

  for (const auto& found : client.List(communique::v1::RECORD_KIND_ACTOR)) {
    if (!found.ok()) {
      std::cerr << found.status() << "\n";
      return 1;
    }
    std::cout << found->name() << "\n";
  }
}
