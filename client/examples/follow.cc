// Follows every change, over restarts of itself and of the server: the token is
// stored after what it stands for was dealt with, so nothing is lost; what was
// dealt with just before a crash comes again.
// Usage: example_follow HOST:PORT TOKEN_FILE [CHANGES_TO_STOP_AFTER]
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>

#include "communique/client.h"

namespace {

std::string ReadToken(const std::string& file) {
  std::string token;
  std::ifstream(file) >> token;
  return token;
}

bool StoreToken(const std::string& file, const std::string& token) {
  std::ofstream out(file + ".new");
  if (!(out << token << std::flush)) return false;  // a full disk keeps the old one
  std::error_code error;
  std::filesystem::rename(file + ".new", file, error);  // whole or not at all
  return !error;
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
      // What was deleted meanwhile is not told: a copy must drop what the snapshot
      // lacks. A Mirror does.
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
    if (!StoreToken(token_file, (*batch)->resume_token())) {
      std::cerr << "cannot write " << token_file << "\n";
      return 1;
    }
  }
}
