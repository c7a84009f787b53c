/* files_unpack.c - gzip and zstd: whole, joined, cut and damaged. */
#include "files_world.h"

static void unpacks_by_content(void)
{
  char *expected = malloc(2000);
  struct packed gzip = pack_sample_gzip(), zstd = pack_sample_zstd();
  files_save("sample.log", &gzip);
  snprintf(expected, 2000, "[sample.log]%s|", pack_sample_text());
  files_expect("sample.log", expected);
  files_save("sample.log", &zstd);
  files_expect("sample.log", expected);
  free(expected);
  files_save_text("short.gz", "\x1f");
  files_expect("short.gz", "[short.gz]\x1f|");
  files_save_text("short.zst", "(\xb5");
  files_expect("short.zst", "[short.zst](\xb5|");
  files_save_text("not.zst", "P*M.");
  files_expect("not.zst", "[not.zst]P*M.|");
}

/* What begins like a packed file, and cannot be a text, is none. */
static void tells_of_bad_beginnings(void)
{
  static const struct {
    const char *text, *why;
  } cases[] = {
    {"\x1f\x8b", "gzip data is bad before byte 2: it ends too early"},
    {"\x1f\x8bXX and so on",
     "gzip data is bad before byte 4: expected method 08, deflate, and flags, "
     "found 58 58"},
    {"\x1f\x8b\x08\xff and so on",
     "gzip data is bad before byte 4: expected method 08 and flags below 20, "
     "found 08 ff"},
    {"(\xb5/", "zstd data is bad from byte 3: it ends too early"},
    {"(\xb5/X and so on",
     "zstd data is bad from byte 0: expected another frame (28 b5 2f fd) or "
     "the end"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char message[200];
    snprintf(message, sizeof message, "cannot unpack 'bad': the %s",
             cases[i].why);
    files_save_text("bad", cases[i].text);
    files_expect_of((const char *[]){"bad"}, 1, "", message);
  }
}

static void unpacks_several_members(void)
{
  struct packed one = pack_gzip("one\n", 4, 2), two = pack_gzip("two\n", 4, 9);
  struct packed none = pack_gzip("", 0, 9), zeros = {calloc(1, 700), 700};
  struct packed all = pack_join(4, &one, &none, &two, &one);
  files_save("all.gz", &all);
  files_expect("all.gz", "[all.gz]one\ntwo\none\n|");
  struct packed padded = pack_join(4, &one, &zeros, &two, &zeros);
  files_save("padded.gz", &padded);
  files_expect("padded.gz", "[padded.gz]one\ntwo\n|");
  struct packed words = {"words", 5}, garbage = pack_join(2, &one, &words);
  files_save("garbage.gz", &garbage);
  files_expect_of(
    (const char *[]){"garbage.gz"}, 1, "[garbage.gz]one\n",
    "cannot unpack 'garbage.gz': the gzip data is bad before byte 34: "
    "expected another member (1f 8b) or the end, found 77 6f");
  struct packed skip = {memcpy(malloc(12), "\x5A*M\x18\x04\0\0\0skip", 12), 12};
  struct packed frame = pack_zstd('x', 300000), text = pack_sample_zstd();
  struct packed frames = pack_join(3, &skip, &frame, &text);
  files_save("frames.zst", &frames);
  char *expected = malloc(302000);
  int at = sprintf(expected, "[frames.zst]");
  memset(expected + at, 'x', 300000);
  sprintf(expected + at + 300000, "%s|", pack_sample_text());
  files_expect("frames.zst", expected);
  char *owned[] = {expected,  one.at,     two.at,  none.at,  zeros.at, all.at,
                   padded.at, garbage.at, skip.at, frame.at, frames.at};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
    free(owned[i]);
  }
}

/* Whatever is cut off, what comes before it is given first. */
static void tells_of_truncated_files(void)
{
  struct packed samples[] = {pack_sample_gzip(), pack_sample_zstd()};
  for (int i = 0; i < 2; i++) {
    for (size_t len = 4; len < samples[i].len; len++) {
      struct packed cut = {samples[i].at, len};
      files_save("cut", &cut);
      peri_str path = files_str("cut");
      struct source_params params = {&path, 1};
      struct mock mock;
      mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file", &params, -1,
                   &files_faulty);
      struct seen seen = files_read_all(&mock, 50);
      char expected[200];
      snprintf(expected, sizeof expected,
               "cannot unpack 'cut': the %s data is bad %s byte %zu: it ends "
               "too early",
               i ? "zstd" : "gzip", i ? "from" : "before", len);
      MOCK_SAME(mock.message, expected);
      MOCK_CHECK(seen.end == PERI_EDATA, "ends with %d", seen.end);
      MOCK_CHECK(seen.len == 0 || strncmp(pack_sample_text(), seen.text + 5,
                                          seen.len - 5) == 0,
                 "other bytes than were packed");
      if (len >= samples[i].len - 8 && i == 0) {
        MOCK_CHECK(seen.len == strlen(pack_sample_text()) + 5,
                   "%zu bytes came before the error", seen.len);
      }
      free(seen.text);
      mock_fini(&mock);
    }
  }
}

static void survives_damaged_files(void)
{
  struct packed samples[] = {pack_sample_gzip(), pack_sample_zstd()};
  int refused = 0;
  for (int i = 0; i < 2; i++) {
    for (size_t at = 4; at < samples[i].len; at++) {
      struct packed bad = pack_join(1, &samples[i]);
      bad.at[at] ^= 0x41;
      files_save("bad", &bad);
      free(bad.at);
      peri_str path = files_str("bad");
      struct source_params params = {&path, 1};
      struct mock mock;
      mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file", &params, -1,
                   &files_faulty);
      struct seen seen = files_read_all(&mock, 50);
      refused += seen.end == PERI_EDATA;
      MOCK_CHECK(seen.end == PERI_EDATA || seen.end == PERI_END, "ends with %d",
                 seen.end);
      free(seen.text);
      mock_fini(&mock);
    }
  }
  MOCK_CHECK(refused > 180, "only %d damaged files were refused", refused);
}

static void fails_politely_without_memory(void)
{
  const char *paths[] = {"a.txt", "sample.log", "all.gz", "logs/[0-9]*"};
  for (int i = 0; i < 4; i++) {
    peri_str path = files_str(paths[i]);
    struct source_params params = {&path, 1};
    for (int64_t n = 0;; n++) {
      struct mock mock;
      peri_status status = mock_init_io(&mock, files_plugin, PERI_K_SOURCE,
                                        "file", &params, n, &files_faulty);
      if (status == PERI_OK) {
        struct seen seen = files_read_all(&mock, 100);
        status = seen.end;
        free(seen.text);
      }
      MOCK_CHECK(status == PERI_END || status == PERI_ENOMEM, "gave %d",
                 status);
      if (status == PERI_ENOMEM) {
        MOCK_SAME(mock.message, "no memory for files");
      }
      mock_fini(&mock);
      files_no_faults();
      if (status == PERI_END) {
        MOCK_CHECK(n >= 2, "only %lld allocations", (long long)n);
        break;
      }
    }
  }
}

void files_unpack_tests(void)
{
  unpacks_by_content();
  tells_of_bad_beginnings();
  unpacks_several_members();
  tells_of_truncated_files();
  survives_damaged_files();
  fails_politely_without_memory();
}
