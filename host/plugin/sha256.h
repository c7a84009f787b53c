/* sha256.h - names content. */
#ifndef PG_PLUGIN_SHA256_H
#define PG_PLUGIN_SHA256_H
#include <stddef.h>

/* The SHA-256 of bytes[0..size) in hexadecimal, with a NUL. */
void pg_sha256(const void *bytes, size_t size, char hex[65]);

/* The same on any processor; for the test that compares the two. */
void pg_sha256_portable(const void *bytes, size_t size, char hex[65]);

#endif
