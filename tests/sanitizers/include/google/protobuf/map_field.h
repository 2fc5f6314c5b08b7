// Preset tsan only. Protobuf's map fields have two members more in instrumented code. Debian's
// libprotobuf is none, and reads and writes the fields of our messages: they must be as it was
// compiled. (They are there to make races apparent; the accesses themselves are seen anyway.)
#pragma push_macro("__SANITIZE_THREAD__")
#undef __SANITIZE_THREAD__
#include_next <google/protobuf/map_field.h>
#pragma pop_macro("__SANITIZE_THREAD__")
