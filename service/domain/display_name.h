#ifndef COMMUNIQUE_SERVICE_DOMAIN_DISPLAY_NAME_H_
#define COMMUNIQUE_SERVICE_DOMAIN_DISPLAY_NAME_H_

#include <string>

#include "communique/v1/record.pb.h"

namespace communique::domain {

// What a person calls a record: the display name of an actor (else its first
// name), the title of the others (else the beginning of a statement's words).
// Empty when it has none of these.
std::string DisplayNameOf(const v1::Record& record);

}  // namespace communique::domain

#endif  // COMMUNIQUE_SERVICE_DOMAIN_DISPLAY_NAME_H_
