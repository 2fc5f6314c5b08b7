#ifndef COMMUNIQUE_SERVICE_STORE_COMMIT_LISTENER_H_
#define COMMUNIQUE_SERVICE_STORE_COMMIT_LISTENER_H_

#include "service/journal/commit.h"

namespace communique::store {

// Is told of every group once it is durable and applied, in order, before any of
// its commits is answered. Called on the writer's thread: must not block,
// but for the Indexer, which makes the writer wait when too much is not indexed.
class CommitListener {
 public:
  virtual ~CommitListener() = default;
  virtual void OnCommits(const journal::CommitGroup& group) = 0;
};

}  // namespace communique::store

#endif  // COMMUNIQUE_SERVICE_STORE_COMMIT_LISTENER_H_
