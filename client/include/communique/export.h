#ifndef COMMUNIQUE_EXPORT_H_
#define COMMUNIQUE_EXPORT_H_

// What a shared library of the SDK lets others link against. The SDK is compiled
// with hidden visibility: without this mark a symbol stays inside.
#if defined(__GNUC__)
#define COMMUNIQUE_EXPORT __attribute__((visibility("default")))
#define COMMUNIQUE_NO_EXPORT __attribute__((visibility("hidden")))
#else
#define COMMUNIQUE_EXPORT
#define COMMUNIQUE_NO_EXPORT
#endif

#endif  // COMMUNIQUE_EXPORT_H_
