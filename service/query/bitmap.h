#ifndef COMMUNIQUE_SERVICE_QUERY_BITMAP_H_
#define COMMUNIQUE_SERVICE_QUERY_BITMAP_H_

#include "roaring/roaring.hh"

// CRoaring's bitmap: at the top in Debian 12's version (0.2), in a namespace of
// its own since 2.0.
namespace roaring {}

namespace communique::query {
namespace bitmap_internal {
using namespace ::roaring;
using Bitmap = Roaring;
}  // namespace bitmap_internal

using Bitmap = bitmap_internal::Bitmap;

}  // namespace communique::query

#endif  // COMMUNIQUE_SERVICE_QUERY_BITMAP_H_
