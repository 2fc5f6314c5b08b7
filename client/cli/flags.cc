#include "cli/flags.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/terminal.h"

namespace communique::cli {

const std::vector<Flag>& AllFlags() {
  static const auto& flags = *new std::vector<Flag>{
      {"endpoint", "HOST:PORT", "the service; else $COMMUNIQUE_ENDPOINT, else 127.0.0.1:7400"},
      {"admin_endpoint", "HOST:PORT",
       "the operator's listener; else $COMMUNIQUE_ADMIN_ENDPOINT, else 127.0.0.1:7401"},
      {"principal", "NAME", "who calls; commits are recorded under this name"},
      {"timeout", "DURATION",
       "the longest a call may take, its retries included (\"10s\"); default 30s"},
      {"output", "FORMAT", "-o: table (default), json or jsonl (one record or change a line)"},
      {"verbose", "", "say every attempt and retry on stderr"},
      {"help", "", "show help"},
      {"version", "", "show the version"},
      {"known_at", "REV|TIME",
       "as known at a revision (\"42\"), a time (\"2023-09-12T08:00:00Z\"), the end of\n"
       "a date in UTC, or a version of a list (\"sources/...\")"},
      {"valid_at", "DATE", "add what holds at a date in the world (\"2023-09-12\")"},
      {"filter", "FILTER", "only what matches, such as 'name = \"summits/kim-putin-2023\"'"},
      {"order_by", "FIELDS", "the order, such as 'update_time desc'; default: by name"},
      {"limit", "N", "at most this many; default: all (search: 20, screen: 5)"},
      {"page_size", "N", "records fetched at a time, 1 to 1000"},
      {"snapshot", "", "begin with the state as it is, then the changes"},
      {"read_mask", "FIELDS", "only these fields, such as summit.title,update_time"},
      {"referenced", "", "also what the records that these refer to are called"},
      {"kind", "KINDS", "only these kinds, such as actors,summits"},
      {"from", "TOKEN|REV", "go on after a resume token; of diff: the older revision"},
      {"to", "REV", "the newer revision; default: as it is now"},
      {"speaker", "NAME", "only what this actor said, such as actors/wi-sung-lac"},
      {"target", "NAME", "who is said to be under sanctions, such as actors/north-korea"},
      {"authority", "NAME", "whose sanctions, such as actors/un-security-council; of screen\nseveral with commas"},
      {"regime", "NAME", "only those under this regime, such as sanctions/un-1718; of screen\nseveral with commas"},
      {"claim", "NAME#ID", "a claim in a stored statement, such as statements/x#c1"},
      {"as_of", "DATE",
       "at which date in the world (\"2023-09-12\"); of import: the date of a list that\n"
       "does not say its own"},
      {"resolved", "", "only what came out one way or the other"},
      {"brier", "TABLE", "score with a table of numbers: a shipped one's name, or a file"},
      {"revision", "N",
       "begin after a revision; 0 is the beginning; of trim: the oldest to hold"},
      {"until", "N|head", "end after a revision, or at the head as it is now"},
      {"shard", "I/N", "only the I-th of N shares of the records, I from 0"},
      {"max_changes", "N", "end after this many changes"},
      {"token_file", "FILE", "keep the resume token here; if it is there, go on from it"},
      {"checkpoint_interval", "DURATION", "the longest silence of the server; default 10s"},
      {"file", "FILE|-", "names to screen, as CSV with a header"},
      {"type", "TYPE", "what is asked about: person, organization, vessel, aircraft, ..."},
      {"birth_date", "DATE", "when it was born, as EDTF (\"1984-01-08\", \"1984\", \"1984~\")"},
      {"country", "CODES", "its countries (ISO 3166-1 alpha-2), such as KP,RU"},
      {"gender", "GENDER", "male or female"},
      {"identifier", "IDS", "its identifiers, such as the number of a passport"},
      {"threshold", "SCORE", "the least score of a match, above 0; default: the server's"},
      {"possible_threshold", "SCORE", "the least score that is shown; default: the server's"},
      {"changed_since", "REV", "only what changed after a revision"},
      {"exclude", "NAMES", "without these actors"},
      {"include_delisted", "", "also what is no longer listed"},
      {"load_id", "ID", "names the load; the same id goes on where it broke off"},
      {"reason", "TEXT", "why, for the history"},
      {"validate_only", "", "check everything, apply nothing"},
      {"dry_run", "", "show what an import would change, and change nothing"},
      {"allow_shrink", "", "import a list that shrank by more than a tenth"},
  };
  return flags;
}

const Flag* FindFlag(absl::string_view name) {
  for (const Flag& flag : AllFlags()) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

absl::StatusOr<CommandLine> CommandLine::Parse(const std::vector<std::string>& arguments) {
  CommandLine line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      line.words_.insert(line.words_.end(), arguments.begin() + i + 1, arguments.end());
      break;
    }
    if (argument.size() < 2 || argument[0] != '-') {  // "-" is stdin.
      line.words_.push_back(argument);
      continue;
    }
    std::string name;
    std::string value;
    bool has_value = false;
    if (argument[1] == '-') {
      const std::size_t equals = argument.find('=');
      name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
      has_value = equals != std::string::npos;
      if (has_value) value = argument.substr(equals + 1);
    } else if (argument[1] == 'o') {
      name = "output";
      has_value = argument.size() > 2;
      if (has_value) value = argument.substr(argument[2] == '=' ? 3 : 2);
    } else if (argument == "-h") {
      name = "help";
    } else if (argument == "-v") {
      name = "verbose";
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown flag \"", Escape(argument),
                       "\"; flags begin with two dashes, only -o, -v and -h with one"));
    }
    for (char& c : name) c = c == '-' ? '_' : c;  // --known-at is --known_at.
    const Flag* flag = FindFlag(name);
    if (flag == nullptr) {
      std::vector<std::string> names;
      for (const Flag& f : AllFlags()) names.emplace_back(f.name);
      const std::string nearest = Nearest(name, names);
      return absl::InvalidArgumentError(
          absl::StrCat("unknown flag \"--", Escape(name), "\"",
                       nearest.empty() ? "" : absl::StrCat("; did you mean --", nearest, "?")));
    }
    if (flag->value.empty()) {
      if (has_value && value != "true" && value != "false") {
        return absl::InvalidArgumentError(absl::StrCat("--", name, " takes no value"));
      }
      if (value == "false") continue;
    } else if (!has_value) {
      if (i + 1 == arguments.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, " needs a value: --", name, "=", flag->value));
      }
      value = arguments[++i];
      if (absl::StartsWith(value, "--")) {
        return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value, and \"",
                                                       Escape(value), "\" is a flag; write --",
                                                       name, "=", flag->value));
      }
    }
    line.flags_[name] = std::move(value);
  }
  return line;
}

bool CommandLine::Has(absl::string_view flag) const { return flags_.count(std::string(flag)) != 0; }

std::string CommandLine::Get(absl::string_view flag) const {
  const auto it = flags_.find(std::string(flag));
  return it == flags_.end() ? std::string() : it->second;
}

absl::StatusOr<std::int64_t> CommandLine::GetInt(absl::string_view flag, std::int64_t minimum,
                                                 std::int64_t absent) const {
  if (!Has(flag)) return absent;
  std::int64_t value;
  if (!absl::SimpleAtoi(Get(flag), &value) || value < minimum) {
    return absl::InvalidArgumentError(absl::StrCat("--", flag, " is a whole number from ", minimum,
                                                   ", not \"", Escape(Get(flag)), "\""));
  }
  return value;
}

absl::StatusOr<absl::Duration> CommandLine::GetDuration(absl::string_view flag,
                                                        absl::Duration absent) const {
  if (!Has(flag)) return absent;
  absl::Duration value;
  double seconds;
  if (absl::SimpleAtod(Get(flag), &seconds)) {
    value = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(Get(flag), &value)) {
    value = absl::ZeroDuration();
  }
  if (value <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat("--", flag,
                                                   " is a time such as \"500ms\", \"30s\" or "
                                                   "\"2m\", not \"",
                                                   Escape(Get(flag)), "\""));
  }
  return value;
}

}  // namespace communique::cli
