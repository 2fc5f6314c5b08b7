#ifndef COMMUNIQUE_SERVICE_SERVER_VERSION_H_
#define COMMUNIQUE_SERVICE_SERVER_VERSION_H_

namespace communique::server {

// Of the server, as GetStatus and --version tell it.
inline constexpr char kServerVersion[] = COMMUNIQUE_VERSION;

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_VERSION_H_
