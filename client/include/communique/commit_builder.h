#ifndef COMMUNIQUE_COMMIT_BUILDER_H_
#define COMMUNIQUE_COMMIT_BUILDER_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "communique/export.h"
#include "communique/v1/actor.pb.h"
#include "communique/v1/publish.pb.h"
#include "communique/v1/record.pb.h"
#include "communique/v1/sanction.pb.h"
#include "communique/v1/source.pb.h"
#include "communique/v1/statement.pb.h"
#include "communique/v1/summit.pb.h"

namespace communique {

// Puts a commit together in the words of the domain:
//
//   auto response = client.Commit(communique::CommitBuilder()
//                                     .Because("the communique of 13 September")
//                                     .CreateSummit("kim-putin-2023", summit)
//                                     .Retract("statements/rumour")
//                                     .RequireEtag("actors/kim-jong-un", etag)
//                                     .Build());
//
// Mutations stand in the order of the calls. Nothing is checked here: the server
// answers every violation at once. Ids are what follows the collection; names are
// whole ("summits/kim-putin-2023").
//
// Thread safety: one thread at a time. Copy it to begin several from one.
class COMMUNIQUE_EXPORT CommitBuilder {
 public:
  // Creates a record; ALREADY_EXISTS when the name is taken.
  CommitBuilder& CreateSummit(absl::string_view id, v1::Summit summit);
  CommitBuilder& CreateSanction(absl::string_view id, v1::Sanction sanction);
  CommitBuilder& CreateStatement(absl::string_view id, v1::Statement statement);
  CommitBuilder& CreateActor(absl::string_view id, v1::Actor actor);
  CommitBuilder& CreateSource(absl::string_view id, v1::Source source);

  // Creates or replaces a record; revives a deleted name.
  CommitBuilder& PutSummit(absl::string_view id, v1::Summit summit);
  CommitBuilder& PutSanction(absl::string_view id, v1::Sanction sanction);
  CommitBuilder& PutStatement(absl::string_view id, v1::Statement statement);
  CommitBuilder& PutActor(absl::string_view id, v1::Actor actor);
  CommitBuilder& PutSource(absl::string_view id, v1::Source source);

  // The same for a whole record, such as one that was read: its etag, if set, must
  // stand.
  CommitBuilder& Create(v1::Record record);
  CommitBuilder& Put(v1::Record record);

  // Changes the fields at `paths` ("place", "time.text"; of the kind's message) to
  // what they are in `record`; no paths: all that are set.
  CommitBuilder& Update(v1::Record record, std::initializer_list<absl::string_view> paths = {});
  CommitBuilder& Update(v1::Record record, const std::vector<std::string>& paths);

  // Takes a record away: a tombstone stays. Deleted for reasons of the data;
  // retracted by whoever said it; re-keyed to another name, which must be there
  // after the commit. With an etag, that version must stand.
  CommitBuilder& Delete(absl::string_view name, absl::string_view etag = {});
  CommitBuilder& Retract(absl::string_view name);
  CommitBuilder& Rekey(absl::string_view name, absl::string_view successor);

  // Merges a record into another of its kind, and undoes it.
  CommitBuilder& Merge(absl::string_view name, absl::string_view into);
  CommitBuilder& Unmerge(absl::string_view name);

  // Calls the last mutation a correction of what was wrong before. With none before it,
  // the server refuses the commit: a mutation that does nothing.
  CommitBuilder& AsCorrection();

  // What must hold, of any record: else ABORTED (the first two), NOT_FOUND,
  // ALREADY_EXISTS.
  CommitBuilder& RequireEtag(absl::string_view name, absl::string_view etag);
  CommitBuilder& RequireRevision(absl::string_view name, std::int64_t revision);
  CommitBuilder& RequireExists(absl::string_view name);
  CommitBuilder& RequireAbsent(absl::string_view name);

  // Why, for the history.
  CommitBuilder& Because(absl::string_view reason);
  // Makes a repeat safe, also after this process ended; empty: Client::Commit makes
  // one up.
  CommitBuilder& RequestId(absl::string_view request_id);
  // Checks everything and applies nothing.
  CommitBuilder& ValidateOnly();

  v1::CommitRequest Build() const { return request_; }

 private:
  v1::Mutation& Add() { return *request_.add_mutations(); }
  v1::Precondition& Require(absl::string_view name);

  v1::CommitRequest request_;
};

}  // namespace communique

#endif  // COMMUNIQUE_COMMIT_BUILDER_H_
