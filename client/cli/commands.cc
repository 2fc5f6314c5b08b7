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
       "  communique get summits/kim-putin-2023 --known_at=2023-09-05T00:00:00Z\n",
       {"known_at", "valid_at"},
       1,
       1,
       &RunGet},
      {"list",
       "summits|sanctions|statements|actors|sources",
       "List the records of one kind.",
       "All pages are of one revision. A filter is an AIP-160 expression over the\n"
       "fields of the kind; quote it from the shell.\n"
       "\n"
       "  communique list summits\n"
       "  communique list actors --limit=20\n"
       "  communique list sanctions -o jsonl > sanctions.jsonl\n",
       {"filter", "order_by", "limit", "page_size", "known_at", "valid_at"},
       1,
       1,
       &RunList},
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
        "checkpoint_interval", "known_at", "valid_at"},
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
      {"history",
       "NAME",
       "Show every change of one record, newest first.",
       "  communique history sanctions/un-1718 --limit=10\n",
       {"limit", "page_size", "known_at"},
       1,
       1,
       &RunHistory},
      {"status",
       "",
       "Show how the server is.",
       "Asks the operator's listener (--admin_endpoint).\n",
       {},
       0,
       0,
       &RunStatus},
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
