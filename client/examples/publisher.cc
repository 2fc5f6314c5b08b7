// Publishes lines "ID DISPLAY NAME" as actors, each once, however often it is run
// or broken off: the request id says which line a commit is.
// Usage: example_publisher HOST:PORT BATCH < lines
#include <iostream>
#include <string>

#include "communique/client.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string batch = argv[2];
  const communique::Client client(communique::MakeConnection(
      {.endpoint = argv[1], .principal = "publisher", .observer = [](const auto& event) {
         if (event.kind == communique::CallEvent::Kind::kRetry) {
           std::cerr << event.method << " again in " << event.delay << ": " << event.status << "\n";
         }
       }}));

  int number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    communique::v1::Actor actor;
    actor.set_type(communique::v1::ACTOR_TYPE_PERSON);
    actor.set_display_name(line.substr(space + 1));
    const auto response = client.Commit(communique::CommitBuilder()
                                            .RequestId(batch + ":" + std::to_string(++number))
                                            .Because("batch " + batch)
                                            .CreateActor(line.substr(0, space), std::move(actor))
                                            .Build());
    if (response.ok()) {
      std::cout << line.substr(0, space) << " is revision " << response->revision()
                << (response->replayed() ? ", as before" : "") << "\n";
    } else if (absl::IsAlreadyExists(response.status())) {
      std::cout << line.substr(0, space) << " was there\n";
    } else {
      std::cerr << "line " << number << ": " << response.status() << "\n";
      for (const auto& violation : communique::ErrorViolations(response.status())) {
        std::cerr << "  " << violation.subject << ": " << violation.description << "\n";
      }
      return 1;
    }
  }
}
