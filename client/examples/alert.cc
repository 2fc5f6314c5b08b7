// Says when a record comes to match a filter, and when it does no more.
// Usage: example_alert HOST:PORT FILTER [ALERTS_TO_STOP_AFTER]
#include <cstdlib>
#include <functional>
#include <iostream>
#include <set>
#include <string>

#include "communique/client.h"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  long left = argc > 3 ? std::atol(argv[3]) : -1;
  const communique::Client client(
      communique::MakeConnection({.endpoint = argv[1], .principal = "alert"}));
  communique::WatchOptions options;
  options.request.set_now(true);
  options.request.set_filter(argv[2]);
  communique::Watch watch = client.Watch(std::move(options));

  bool told = false;
  while (left != 0) {
    const auto batch = watch.Next();
    if (!batch.ok()) {
      std::cerr << batch.status() << "\n";
      return 1;
    }
    if (!batch->has_value()) break;
    // The first response says where "now" is.
    if (!std::exchange(told, true)) {
      std::cout << "watching from revision " << (*batch)->through_revision() << std::endl;
    }
    std::set<std::string, std::less<>> entered;
    for (const auto& entry : (*batch)->entered_records()) entered.insert(entry.name());
    for (const communique::WatchedChange& change : (*batch)->changes()) {
      const bool is_new = change.previous_revision() == 0 || entered.count(change.name()) > 0;
      if (change.has_tombstone()) {
        std::cout << change.name() << " is gone" << std::endl;
      } else {
        std::cout << change.name() << (is_new ? " matches now" : " matches still") << std::endl;
      }
      if (left > 0) --left;
    }
    for (const auto& leave : (*batch)->left_records()) {
      std::cout << leave.name() << " matches no more" << std::endl;
      if (left > 0) --left;
    }
  }
}
