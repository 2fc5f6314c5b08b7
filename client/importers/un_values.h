#ifndef COMMUNIQUE_CLIENT_IMPORTERS_UN_VALUES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_UN_VALUES_H_

#include "communique/v1/actor.pb.h"
#include "importers/xml.h"

namespace communique::importers {

// What an entry of the UN's list says of a person, or of what is none; takes from
// `entry` what it reads. display_name is empty when there is no name.
v1::Actor UnActor(XmlElement& entry, bool individual);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_UN_VALUES_H_
