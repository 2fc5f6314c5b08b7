// Follows every change, over restarts of itself and of the server: the token is
// stored after what it stands for was dealt with, so nothing is lost; what was
// dealt with just before a crash comes again.
// Usage: example_follow HOST:PORT TOKEN_FILE [CHANGES_TO_STOP_AFTER]
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "communique/client.h"

namespace {

std::string ReadToken(const std::string& file) {
  std::string token;
  std::ifstream(file) >> token;
  return token;
}

void StoreToken(const std::string& file, const std::string& token) {
  std::ofstream(file + ".new") << token << std::flush;
  std::filesystem::rename(file + ".new", file);  // whole or not at all
}

communique::WatchOptions FromToken(const std::string& token) {
  communique::WatchOptions options;
  if (token.empty()) {
    options.request.set_snapshot(true);  // the state first, then changes
  } else {
    options.request.set_resume_token(token);
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string token_file = argv[2];
  long left = argc > 3 ? std::atol(argv[3]) : -1;
  const communique::Client client(
      communique::MakeConnection({.endpoint = argv[1], .principal = "follower"}));

  communique::Watch watch = client.Watch(FromToken(ReadToken(token_file)));
  while (left != 0) {
    const auto batch = watch.Next();
    if (watch.end() == communique::WatchEnd::kTokenExpired ||
        watch.end() == communique::WatchEnd::kTokenRefused) {
      std::cerr << "starting over: " << batch.status() << "\n";
      watch = client.Watch(FromToken(""));
      continue;
    }
    if (!batch.ok()) {
      std::cerr << batch.status() << "\n";
      return 1;
    }
    if (!batch->has_value()) break;
    for (const communique::WatchedChange& change : (*batch)->changes()) {
      std::cout << change.revision() << " " << change.name()
                << (change.has_tombstone() ? " is gone" : "") << "\n";
      if (left > 0) --left;
    }
    std::cout << std::flush;
    StoreToken(token_file, (*batch)->resume_token());
  }
}
