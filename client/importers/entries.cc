#include "importers/entries.h"

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "importers/text.h"

namespace communique::importers {

std::vector<HeldEntry> HeldEntries(const ParsedList& list, const HeldList& held) {
  const std::string prefix = absl::StrCat("sanctions/", list.prefix, "-");
  absl::btree_map<std::string, HeldEntry> entries;
  for (const auto& [name, record] : held.designations) {
    absl::string_view rest = name;
    if (!absl::ConsumePrefix(&rest, prefix)) continue;
    const std::string key(rest.substr(0, rest.find('-')));
    if (!IsKey(key)) continue;
    HeldEntry& entry = entries[key];
    entry.key = key;
    entry.reference = record.sanction().designation().list_entry_id();
    entry.designations.push_back(&record);
  }
  std::vector<HeldEntry> result;
  for (auto& [key, entry] : entries) result.push_back(std::move(entry));
  return result;
}

absl::flat_hash_map<std::string, std::string> FindRekeyed(const ParsedList& list,
                                                          const HeldList& held) {
  const std::vector<HeldEntry> held_entries = HeldEntries(list, held);
  absl::flat_hash_set<std::string> held_keys;
  for (const HeldEntry& entry : held_entries) held_keys.insert(entry.key);
  absl::flat_hash_set<std::string> keys;
  for (const ListEntry& entry : list.entries) keys.insert(entry.key);

  // References by the keys that have them; a second key makes one useless.
  absl::flat_hash_map<std::string, std::vector<std::string>> gone;
  for (const HeldEntry& entry : held_entries) {
    if (!keys.contains(entry.key)) gone[entry.reference].push_back(entry.key);
  }
  absl::flat_hash_map<std::string, int> uses;
  for (const ListEntry& entry : list.entries) ++uses[entry.reference];

  absl::flat_hash_map<std::string, std::string> rekeyed;
  for (const ListEntry& entry : list.entries) {
    if (entry.reference.empty() || uses[entry.reference] != 1) continue;
    if (held_keys.contains(entry.key)) continue;
    const auto old = gone.find(entry.reference);
    if (old != gone.end() && old->second.size() == 1) rekeyed[entry.key] = old->second.front();
  }
  return rekeyed;
}

}  // namespace communique::importers
