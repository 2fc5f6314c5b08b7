#ifndef COMMUNIQUE_CLIENT_SRC_STUB_FACTORY_H_
#define COMMUNIQUE_CLIENT_SRC_STUB_FACTORY_H_

#include <memory>

#include "communique/options.h"
#include "src/stub.h"

namespace communique::internal {

// Puts the stack of stubs together.
std::shared_ptr<Stub> MakeStub(const ClientOptions& options);

}  // namespace communique::internal

#endif  // COMMUNIQUE_CLIENT_SRC_STUB_FACTORY_H_
