// Runs a fuzz target without libFuzzer: over every file of a folder, then over a
// fixed number of mutations of them, the same ones on every machine.
//
//   fuzz_NAME FOLDER
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kMutations = 20'000;
constexpr size_t kMaxInputBytes = 16 * 1024;

// What is being run, for whoever has to find out what broke.
std::string* const current = new std::string;

void TellInput(int signal) {
  constexpr char kDigits[] = "0123456789abcdef";
  constexpr char kTitle[] = "\nthe input that broke it, in hex: ";
  bool written = write(STDERR_FILENO, kTitle, sizeof(kTitle) - 1) > 0;
  for (const char c : *current) {
    const auto byte = static_cast<unsigned char>(c);
    const char hex[] = {kDigits[byte >> 4], kDigits[byte & 15]};
    written = written && write(STDERR_FILENO, hex, sizeof(hex)) > 0;
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void Run(const std::string& input) {
  *current = input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(current->data()), current->size());
}

std::vector<std::string> ReadCorpus(const char* folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& corpus) : corpus_(corpus) {}

  std::string Next() {
    std::string input = corpus_[Pick(corpus_.size())];
    for (size_t steps = 1 + Pick(4); steps > 0; --steps) Mutate(input);
    if (input.size() > kMaxInputBytes) input.resize(kMaxInputBytes);
    return input;
  }

 private:
  // std::uniform_int_distribution differs between libraries.
  size_t Pick(size_t count) { return count == 0 ? 0 : random_() % count; }

  // A stretch of a text.
  std::string Stretch(const std::string& text) {
    const size_t begin = Pick(text.size());
    return text.substr(begin, 1 + Pick(text.size() - begin));
  }

  void Mutate(std::string& input) {
    const size_t at = Pick(input.size() + 1);
    switch (Pick(7)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(Pick(256));
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << Pick(8)));
        break;
      case 2:
        input.insert(at, 1, static_cast<char>(Pick(256)));
        break;
      case 3:
        input.erase(at, 1 + Pick(8));
        break;
      case 4:
        input.insert(at, Stretch(input));
        break;
      case 5:
        input.insert(at, Stretch(corpus_[Pick(corpus_.size())]));
        break;
      case 6:
        input.resize(at);
        input += Stretch(corpus_[Pick(corpus_.size())]);
        break;
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937 random_{1};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> corpus = ReadCorpus(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s is empty\n", argv[1]);
    return 1;
  }
  std::signal(SIGABRT, TellInput);
  std::signal(SIGSEGV, TellInput);
  Run("");
  for (const std::string& input : corpus) Run(input);
  Mutator mutator(corpus);
  for (int i = 0; i < kMutations; ++i) Run(mutator.Next());
  std::printf("%zu inputs and %d mutations of them\n", corpus.size(), kMutations);
  return 0;
}
