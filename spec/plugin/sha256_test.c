/* sha256_test.c - the examples of FIPS 180-2 and its sizes around a block, with
 * the instructions that the processor may have for it and without. */
#include "plugin/sha256.h"

#include "check/check.h"

#include <string.h>

static void is(const char *bytes, size_t size, const char *expected)
{
  char hex[65];
  pg_sha256(bytes, size, hex);
  CHECK(strcmp(hex, expected) == 0, "of %zu bytes: expected %s, found %s", size,
        expected, hex);
  pg_sha256_portable(bytes, size, hex);
  CHECK(strcmp(hex, expected) == 0, "portable, of %zu bytes: found %s", size,
        hex);
}

int main(void)
{
  static char many[1000000];
  memset(many, 'a', sizeof many);
  is("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  is("abc", 3,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  is(many, sizeof many,
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  /* One block or two for the end: sha256sum says so. */
  is(many, 55,
     "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  is(many, 56,
     "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  is(many, 63,
     "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
  is(many, 64,
     "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  return 0;
}
