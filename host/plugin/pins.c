/* pins.c - reads "plugins.pins", which must be as safe as a plugin. */
#include "plugin/pins.h"

#include "plugin/file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define SUM_LEN 64

/* One line: [sum, sum + SUM_LEN), [name, end). */
struct pin {
  const char *sum, *name, *end;
};

/* False: it is none.  Between sum and name: two spaces, or a space and a star
 * (sha256sum --binary). */
static bool read_line(const char *at, const char *end, struct pin *pin)
{
  size_t len = (size_t)(end - at);
  if (len < SUM_LEN + 3 || at[SUM_LEN] != ' ' ||
      (at[SUM_LEN + 1] != ' ' && at[SUM_LEN + 1] != '*')) {
    return false;
  }
  for (int i = 0; i < SUM_LEN; i++) {
    if (!strchr("0123456789abcdefABCDEF", at[i]) || at[i] == '\0') {
      return false;
    }
  }
  *pin = (struct pin){at, at + SUM_LEN + 2, end};
  return true;
}

static bool is_name(const struct pin *pin, const char *name)
{
  size_t len = strlen(name);
  return (size_t)(pin->end - pin->name) == len &&
         memcmp(pin->name, name, len) == 0;
}

static enum pg_status check_all(const struct pg_file *file, const char *name,
                                const char *sha256, struct pg_error *err)
{
  const char *at = file->bytes, *end = at + file->size;
  bool found = false;
  for (int line = 1; at < end; line++) {
    struct pin pin;
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    stop = stop ? stop : end;
    bool says_nothing = stop == at || *at == '#';
    if (!says_nothing && !read_line(at, stop, &pin)) {
      return pg_fail(err, PG_REFUSED,
                     "'%s', line %d: expected a sha256, two spaces and the "
                     "name of a file",
                     file->path, line);
    }
    if (!says_nothing && is_name(&pin, name)) {
      found = true;
      if (strncasecmp(pin.sum, sha256, SUM_LEN) != 0) {
        return pg_fail(err, PG_REFUSED,
                       "expected sha256 %.64s ('%s', line %d), found %s",
                       pin.sum, file->path, line, sha256);
      }
    }
    at = stop + (stop < end);
  }
  return found ? PG_OK
               : pg_fail(err, PG_REFUSED,
                         "'%s' does not list '%.100s', whose sha256 is %s",
                         file->path, name, sha256);
}

enum pg_status pg_pins_check(const char *path, const char *sha256,
                             struct pg_error *err)
{
  char pins[PATH_MAX];
  struct stat st;
  struct pg_file file = {0};
  const char *name = strrchr(path, '/') + 1;
  size_t len = (size_t)(name - path);
  if (len + sizeof PG_PINS_NAME > sizeof pins) {
    return pg_fail(err, PG_REFUSED, "its path is too long");
  }
  memcpy(pins, path, len);
  memcpy(pins + len, PG_PINS_NAME, sizeof PG_PINS_NAME);
  if (lstat(pins, &st) < 0 && errno == ENOENT) {
    return PG_OK;
  }
  enum pg_status status = pg_file_read(pins, NULL, &file, err);
  if (status != PG_OK) {
    struct pg_error why;
    if (err) {
      why = *err;
      pg_fail(err, status, "its pins '%.300s': %.600s", pins, why.text);
    }
    return status;
  }
  status = check_all(&file, name, sha256, err);
  pg_file_fini(&file);
  return status;
}
