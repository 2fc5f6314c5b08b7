#include "cli/commands.h"

#include "absl/strings/str_cat.h"

namespace communique::cli {

const std::vector<Command>& AllCommands() {
  static const auto& commands = *new std::vector<Command>{
      {"get",
       "NAME",
       "Show one record.",
       "NAME is the record's collection and id: summits/kim-putin-2023.\n"
       "A merged name shows its survivor. With -o json or jsonl the record is\n"
       "printed as protobuf JSON.\n"
       "\n"
       "  communique get actors/kim-jong-un\n"
       "  communique get summits/kim-putin-2023 --known_at=2023-09-05T00:00:00Z\n"
       "  communique get actors/kim-jong-un --valid_at=2023-09-12\n",
       {"known_at", "valid_at", "read_mask"},
       1,
       1,
       &RunGet},
      {"list",
       "summits|sanctions|statements|actors|sources",
       "List the records of one kind.",
       "All pages are of one revision. A filter is an AIP-160 expression over the\n"
       "fields of the kind; quote it from the shell. How many there are in all is\n"
       "said on stderr where the server counted them.\n"
       "\n"
       "With --valid_at a column tells what held at that date. With --referenced a\n"
       "second table tells what the records that these refer to are called; in jsonl\n"
       "these are lines of {\"referenced_name\": {...}} after the records.\n"
       "\n"
       "  communique list summits --order_by='time desc' --limit=10\n"
       "  communique list sanctions --valid_at=2023-09-12 -o jsonl > sanctions.jsonl\n"
       "  communique list statements --filter='mentions(\"actors/kim-jong-un\")'\n",
       {"filter", "order_by", "limit", "page_size", "known_at", "valid_at", "read_mask",
        "referenced"},
       1,
       1,
       &RunList},
      {"search",
       "TEXT...",
       "Search text over every kind.",
       "Searches titles, names, aliases, quotations and headlines in any script,\n"
       "whatever the accents and the case, best first. The last word may be the\n"
       "beginning of one; words in double quotes stand side by side. With -o json or\n"
       "jsonl a SearchResult is printed, with every fragment.\n"
       "\n"
       "  communique search pyongy\n"
       "  communique search 평양 --kind=actors,sources --limit=5\n"
       "  communique search '\"arms deal\"' -o jsonl\n",
       {"kind", "limit", "page_size", "known_at", "valid_at", "read_mask"},
       1,
       kAnyNumber,
       &RunSearch},
      {"watch",
       "",
       "Print every change as it happens.",
       "Begins now unless --snapshot, --from or --revision says otherwise, and goes\n"
       "on until it is interrupted, --until is reached or --max_changes were printed.\n"
       "A lost connection is taken up again; nothing is printed twice or left out.\n"
       "\n"
       "With --token_file the place is kept in a file, written after the output was\n"
       "flushed. A second run goes on from there, and --snapshot and --revision only\n"
       "count for the first. After a crash the last changes may be printed again.\n"
       "With it, --max_changes ends at the end of the response that reaches the\n"
       "number, so that no change of a response is lost.\n"
       "\n"
       "  communique watch --filter='name = \"summits/kim-putin-2023\"'\n"
       "  communique watch --snapshot --until=head -o jsonl > copy.jsonl\n"
       "  communique watch --snapshot --token_file=desk.token -o jsonl | ./consumer\n",
       {"filter", "snapshot", "from", "revision", "until", "shard", "max_changes", "token_file",
        "checkpoint_interval", "known_at"},
       0,
       0,
       &RunWatch},
      {"publish",
       "FILE|-",
       "Apply one commit.",
       "FILE holds one CommitRequest as protobuf JSON. Its revision is printed. The\n"
       "commit is atomic: a refused one changes nothing. Give it a \"request_id\" to\n"
       "make a second run of the same file safe.\n"
       "\n"
       "  echo '{\"mutations\": [{\"put\": {\"name\": \"actors/kim-jong-un\",\n"
       "        \"actor\": {\"display_name\": \"Kim Jong Un\",\n"
       "        \"type\": \"ACTOR_TYPE_PERSON\"}}}]}' | communique publish -\n",
       {"reason", "validate_only"},
       1,
       1,
       &RunPublish},
      {"load",
       "FILE|-",
       "Apply many commits, one a line.",
       "Each line of FILE is a CommitRequest as protobuf JSON; blank lines are\n"
       "skipped. Lines are committed in order. The first that is refused, or that is\n"
       "not JSON, ends the load; all lines before it are committed.\n"
       "\n"
       "A second run goes on after the last committed line. It knows the load by its\n"
       "id, which is made from where the file is and its first line; a file may be\n"
       "completed or corrected further down in between. Lines that are committed are\n"
       "not looked at again: to load a file anew, give another --load_id. A load from\n"
       "stdin needs --load_id to be continued.\n"
       "\n"
       "  communique load article.jsonl\n"
       "  zcat list.jsonl.gz | communique load - --load_id=list-2023-09\n",
       {"load_id", "reason"},
       1,
       1,
       &RunLoad},
      {"import",
       "un|ofac|ofac-enhanced|uk|eu FILE...",
       "Make the store hold what an official list says.",
       "Reads a version of a list whole, and writes what is not as the list has it: one\n"
       "commit for each entry. Entries that are gone are delisted, never deleted; what\n"
       "others said of an actor stays. Until the import has ended the version does not\n"
       "count as used, and a run that was cut off is continued by the next one.\n"
       "\n"
       "Nothing is written when a file cannot be read, is not well-formed or is of\n"
       "another kind, when a newer version is held, or when the list shrank by more than\n"
       "a tenth: look at --dry_run, and if that is right give --allow_shrink. --as_of\n"
       "gives the date of a list that does not say its own.\n"
       "\n"
       "  communique import un consolidated.xml --dry_run\n"
       "  communique import un consolidated.xml\n"
       "  communique import ofac sdn.csv alt.csv add.csv sdn_comments.csv --as_of=2021-07-15\n",
       {"dry_run", "allow_shrink", "as_of"},
       2,
       kAnyNumber,
       &RunImport},
      {"history",
       "NAME",
       "Show every change of one record, newest first.",
       "Tells who changed what, when and why: under each revision a line for each\n"
       "field, with its old and its new value. Long values are cut in the table. With\n"
       "-o json or jsonl a Change is printed, with \"differences\" beside its fields.\n"
       "\n"
       "  communique history sanctions/un-1718 --limit=10\n",
       {"limit", "page_size", "known_at", "valid_at"},
       1,
       1,
       &RunHistory},
      {"diff",
       "NAME",
       "Show what two revisions of one record tell apart.",
       "Compares the record as it was known at --from with the record at --to, field\n"
       "by field, and lists the changes in between. Where the name had no record yet,\n"
       "or no more, everything was added or removed.\n"
       "\n"
       "  communique diff summits/kim-putin-2023 --from=14\n"
       "  communique diff summits/kim-putin-2023 --from=0 --to=14 -o json\n",
       {"from", "to"},
       1,
       1,
       &RunDiff},
      {"predictions",
       "",
       "Show forecasts, and how they came out.",
       "One row for each prediction of each statement, with its speaker and the role\n"
       "held at the time, what was forecast, how likely in the speaker's words and on\n"
       "the ordinal scale, and what became of it.\n"
       "\n"
       "With --brier it scores them instead, by speaker and in all: the mean of the\n"
       "squared distance between the number for the words and what happened (1 or 0).\n"
       "0 is best. The numbers come from a table, shipped (communique-ordinal) or in a\n"
       "file of yours, which begins with its name and version:\n"
       "\n"
       "  # comment\n"
       "  table: my-desk version: 1\n"
       "  scale LIKELY 0.75\n"
       "  words \"very high\" 0.9\n"
       "\n"
       "Words win over the scale. Forecasts that are open, partly right, ambiguous,\n"
       "void, unresolvable or without a number are left out and counted.\n"
       "\n"
       "  communique predictions --speaker=actors/wi-sung-lac\n"
       "  communique predictions --resolved -o jsonl\n"
       "  communique predictions --brier=communique-ordinal\n",
       {"speaker", "resolved", "brier", "known_at"},
       0,
       0,
       &RunPredictions},
      {"screen",
       "NAME...",
       "Look for a name among sanctioned actors.",
       "Words are one name; where one is in quotation marks, each is a name of its own.\n"
       "Every name of an actor is compared, in every script, weak ones too. A match\n"
       "reaches the threshold; what is possible is for a person to decide.\n"
       "\n"
       "--file reads names from a CSV file with a header (RFC 4180): the column \"name\",\n"
       "and if you have them id, birth_date (EDTF), country, gender, type, which win over\n"
       "the flags. All of it is screened at one revision.\n"
       "\n"
       "With -o jsonl each name is a line: a ScreenResponse with its query, the options,\n"
       "the pin, the version of the algorithm, the versions of the lists, and the matches.\n"
       "Asked again with these, the answer is the same.\n"
       "\n"
       "Exit codes: 0 when everything was screened, whatever matched; 1 when rows of the\n"
       "file could not be (each is told of on stderr) or the file is no CSV; the others as\n"
       "of every command.\n"
       "\n"
       "  communique screen Kim Jong Un --birth_date=1984-01-08 --country=KP\n"
       "  communique screen --file=customers.csv -o jsonl > screened.jsonl\n"
       "  communique screen --file=customers.csv --changed_since=1200 -o jsonl\n",
       {"file", "type", "birth_date", "country", "gender", "identifier", "authority", "regime",
        "threshold", "possible_threshold", "changed_since", "exclude", "include_delisted",
        "known_at", "valid_at", "limit"},
       0,
       kAnyNumber,
       &RunScreen},
      {"verify",
       "",
       "Check a claim that somebody is under sanctions.",
       "Answers whether an actor is under sanctions of an authority at a date, or\n"
       "whether a claim in a stored statement that says so holds: SUPPORTED when a\n"
       "listing or measure holds for certain, CONTRADICTED when complete lists around\n"
       "the date have nothing that even possibly holds, else NOT_COVERED. Below it\n"
       "stand the rows that say so. A claim about a state or government is never\n"
       "contradicted by lists of persons: only by complete measures on states.\n"
       "\n"
       "Entries that are judged the same as the target count as its own. An entry of a\n"
       "list that nobody linked to it does not: link before you conclude.\n"
       "\n"
       "Without --as_of: today, or of a claim the day that it speaks of. Any verdict is\n"
       "an answer and exits with 0; read it, or the field \"verdict\" of -o json.\n"
       "\n"
       "  communique verify --target=actors/north-korea \\\n"
       "        --authority=actors/un-security-council --as_of=2023-09-12\n"
       "  communique verify --claim=statements/hankyoreh-2023-09-12#c-ru-un-sanctions\n",
       {"target", "authority", "regime", "claim", "as_of", "known_at"},
       0,
       0,
       &RunVerify},
      {"status",
       "",
       "Show how the server is, and how current its lists.",
       "Asks the operator's listener (--admin_endpoint). Of each official list the\n"
       "newest version whose import has ended is shown: its date, how long ago that\n"
       "ended (UTC), when and at which revision its import ended, and its entries.\n",
       {},
       0,
       0,
       &RunStatus},
      {"trim",
       "",
       "Give up old revisions, for good.",
       "Makes --revision the oldest one that is held, and prints the oldest. Every\n"
       "record stays as it stands, with its evidence, and so does what stood at that\n"
       "revision. What was superseded by then is lost: older entries of histories, reads\n"
       "of earlier times and list versions, resume tokens from before. Whoever asks for\n"
       "these is told the oldest revision.\n"
       "\n"
       "Nothing is asked before it is done. A backup made before still holds everything.\n"
       "Asks the operator's listener (--admin_endpoint).\n"
       "\n"
       "  communique trim --revision=120000\n",
       {"revision"},
       0,
       0,
       &RunTrim},
  };
  return commands;
}

const Command* FindCommand(absl::string_view name) {
  for (const Command& command : AllCommands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

const std::vector<absl::string_view>& GlobalFlags() {
  static const auto& flags = *new std::vector<absl::string_view>{
      "endpoint", "admin_endpoint", "principal", "timeout", "output", "verbose", "help", "version"};
  return flags;
}

int UsageError(absl::string_view command, absl::string_view message) {
  Say(message);
  Say(absl::StrCat("see: communique help", command.empty() ? "" : " ", command));
  return kUsage;
}

}  // namespace communique::cli
