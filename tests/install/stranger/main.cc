// Writes a record, lists, watches, mirrors, and reads what an error says. Usage: stranger HOST:PORT
#include <iostream>

#include "communique/client.h"
#include "google/rpc/error_details.pb.h"

int Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const communique::Client client(communique::MakeConnection({.endpoint = argv[1]}));

  communique::v1::Actor actor;
  actor.set_type(communique::v1::ACTOR_TYPE_PERSON);
  actor.set_display_name("Anna Moreau");
  const auto committed =
      client.Commit(communique::CommitBuilder().CreateActor("anna-moreau", actor).Build());
  if (!committed.ok()) return Fail(committed.status());
  std::cout << "revision " << committed->revision() << "\n";

  for (const auto& record : client.List(communique::v1::RECORD_KIND_ACTOR)) {
    if (!record.ok()) return Fail(record.status());
    std::cout << "listed " << record->name() << "\n";
  }

  communique::v1::WatchRequest request;
  request.set_start_revision(0);
  request.set_until_head(true);
  communique::Watch watch = client.Watch({.request = request});
  while (true) {
    const auto batch = watch.Next();
    if (!batch.ok()) return Fail(batch.status());
    if (!batch->has_value()) break;
    for (const auto& change : (*batch)->changes()) {
      std::cout << "watched " << change.name() << "\n";
    }
  }

  communique::Mirror mirror = client.Mirror({.filter = "kind = actor"});
  if (absl::Status status = mirror.WaitUntilSynced(absl::Seconds(30)); !status.ok()) {
    return Fail(status);
  }
  const communique::MirrorRecord mirrored = mirror.Get("actors/anna-moreau");
  std::cout << "mirrored " << (mirrored ? mirrored->actor().display_name() : "nothing") << "\n";

  const absl::Status missing = client.Get("actors/nobody").status();
  const auto resource = communique::ErrorDetail<google::rpc::ResourceInfo>(missing);
  std::cout << communique::ErrorReason(missing) << " "
            << (resource ? resource->resource_name() : "without details") << "\n";
  return 0;
}
